/** The files of results, written to the directory of `--output`. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

import type { GradioFileError, RequestError } from "../GradioError.ts"
import * as GradioFile from "../GradioFile.ts"
import { Refusal } from "./failure.ts"
import type { Saved } from "./result.ts"
import type { Screen } from "./screen.ts"
import { whyUnwritable } from "./textFile.ts"

const refuse = (problem: string, ending: Refusal["ending"] = "file"): Refusal => new Refusal({ ending, problem })

/** Fails where nothing can be written to a directory, which is made where it is missing: before a call runs whose files could not be kept. */
export const checkDirectory = Effect.fn(function* (directory: string) {
  if (directory === "") return yield* refuse("--output takes a directory, and an empty text names none.", "usage")
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(directory, { recursive: true }).pipe(
    Effect.andThen(fs.makeTempFileScoped({ directory, prefix: ".gradio-", suffix: ".part" })),
    Effect.scoped,
    Effect.mapError((error) =>
      refuse(`--output cannot write to ${JSON.stringify(directory)}: ${whyUnwritable(error)}.`)
    )
  )
})

const problemOf = (name: string, directory: string, error: GradioFileError | RequestError): string => {
  if (error._tag !== "GradioFileError") return `File ${JSON.stringify(name)} cannot be fetched: ${error.message}`
  return error.reason === "unwritable" && PlatformError.isPlatformError(error.cause)
    ? `${JSON.stringify(name)} cannot be written to ${JSON.stringify(directory)}: ${whyUnwritable(error.cause)}.`
    : error.message
}

/** The files of one call. */
export interface Keeping {
  /** Where those are that were written, by file. */
  readonly saved: Saved
  /** Writes files. One that cannot be kept keeps no other from it. */
  readonly keep: (
    files: ReadonlyArray<GradioFile.GradioFile>
  ) => Effect.Effect<void, never, Effect.Services<ReturnType<typeof GradioFile.save>>>
  /** Fails where a file could not be kept. */
  readonly complete: Effect.Effect<void, Refusal>
}

/** Keeps the files of one call in a directory; without one, nothing is kept. */
export const make = (directory: string | undefined, screen: Screen): Keeping => {
  const saved = new Map<GradioFile.GradioFile, string>()
  const problems: Array<string> = []
  const keepIn = (file: GradioFile.GradioFile, place: string) => {
    let received = 0
    const watched: GradioFile.GradioFile = {
      ...file,
      stream: Stream.tap(file.stream, (bytes) => {
        received += bytes.byteLength
        return screen.event({ _tag: "Downloading", file: file.name, received, size: file.size })
      })
    }
    return Effect.map(Effect.result(GradioFile.save(watched, place)), (path) => {
      if (Result.isSuccess(path)) saved.set(file, path.success)
      else problems.push(problemOf(file.name, place, path.failure))
    })
  }
  return {
    saved,
    keep: (files) =>
      directory === undefined
        ? Effect.void
        : Effect.forEach(files, (file) => keepIn(file, directory), { discard: true }),
    complete: Effect.suspend(() => {
      const [problem, ...others] = problems
      if (problem === undefined) return Effect.void
      const more = others.length === 0 ? "" : ` ${others.length} more could not be kept either.`
      return Effect.fail(refuse(problem + more))
    })
  }
}
