/** Reads the files that the words of a command name, and puts them where their marks are. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"

import type { GradioFileError } from "../GradioError.ts"
import * as GradioFile from "../GradioFile.ts"
import { nested, replaced } from "../internal/files/nested.ts"
import { type FileMark, isFileMark } from "./arguments.ts"
import { InputProblem } from "./failure.ts"

const isWeb = (at: string): boolean => /^https?:\/\//i.test(at)

const load = (
  mark: FileMark
): Effect.Effect<unknown, GradioFileError | InputProblem, FileSystem.FileSystem | Path.Path> => {
  const { at, read } = mark
  if (read === "file") return isWeb(at) ? Effect.succeed(GradioFile.fromUrl(at)) : GradioFile.fromPath(at)
  return Effect.gen(function* () {
    // The same words for a file that is missing, whatever it was to be.
    const { bytes } = yield* GradioFile.fromPath(at)
    const text = yield* Effect.map(bytes, (all) => new TextDecoder().decode(all)).pipe(
      Effect.catchIf((error) => error._tag !== "GradioFileError", Effect.die)
    )
    const value = read(text)
    return Result.isSuccess(value) ? value.success : yield* new InputProblem({ problems: [value.failure] })
  })
}

/** The input with each mark replaced by its file, or by what is made of its text. */
export const loadFiles = Effect.fn(function* (input: Readonly<Record<string, unknown>>) {
  const values = new Map<unknown, unknown>()
  for (const mark of nested(input, isFileMark)) values.set(mark, yield* load(mark))
  const loaded = replaced(input, (part) => values.get(part))
  return typeof loaded === "object" && loaded !== null ? loaded : {}
})
