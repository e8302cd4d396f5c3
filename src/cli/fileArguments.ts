/** Reads the files that the words of a command name, and puts them where their marks are. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"

import type { GradioFileError } from "../GradioError.ts"
import * as GradioFile from "../GradioFile.ts"
import { nested, replaced } from "../internal/files/nested.ts"
import { type FileMark, isFileMark } from "./arguments.ts"
import { InputProblem, Refusal } from "./failure.ts"
import { decodeText } from "./textFile.ts"

const isWeb = (at: string): boolean => /^https?:\/\//i.test(at)

const standardInput = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])

/** A file of this machine. What is no regular file, such as a pipe, can be read once only and has no size: it is read whole. */
const open = Effect.fn(function* (at: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const info = yield* Effect.option(fs.stat(at))
  if (Option.isNone(info) || info.value.type === "File" || info.value.type === "Directory") {
    return yield* GradioFile.fromPath(at)
  }
  // A socket that is the standard input cannot be opened by a name.
  const { stdin } = yield* Stdio.Stdio
  const reading = standardInput.has(at) ? Stream.mkUint8Array(stdin) : fs.readFile(at)
  const bytes = yield* Effect.mapError(
    reading,
    () => new Refusal({ ending: "file", problem: `File ${JSON.stringify(at)} cannot be read.` })
  )
  return GradioFile.fromBytes(bytes, { name: paths.basename(at) })
})

const load = (
  mark: FileMark
): Effect.Effect<
  unknown,
  GradioFileError | InputProblem | Refusal,
  FileSystem.FileSystem | Path.Path | Stdio.Stdio
> => {
  const { at, read } = mark
  if (read === "file") return isWeb(at) ? Effect.succeed(GradioFile.fromUrl(at)) : open(at)
  return Effect.gen(function* () {
    // The same words for a file that is missing, whatever it was to be.
    const { bytes } = yield* open(at)
    const all = yield* Effect.catchIf(bytes, (error) => error._tag !== "GradioFileError", Effect.die)
    const text = yield* Effect.fromResult(decodeText(all, `File ${JSON.stringify(at)}`))
    const value = read(text)
    return Result.isSuccess(value) ? value.success : yield* new InputProblem({ problems: [value.failure] })
  })
}

/** The input with each mark replaced by its file, or by what is made of its text. */
export const loadFiles = Effect.fn(function* (input: Readonly<Record<string, unknown>> | ReadonlyArray<unknown>) {
  const values = new Map<unknown, unknown>()
  for (const mark of nested(input, isFileMark)) values.set(mark, yield* load(mark))
  const loaded = replaced(input, (part) => values.get(part))
  return typeof loaded === "object" && loaded !== null ? loaded : {}
})
