/** Files that commands read and write, and what is wrong with them in words. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"

import { Refusal } from "./failure.ts"

const refuse = (problem: string): Refusal => new Refusal({ ending: "file", problem })

/** Bytes as the text that they are in UTF-8; other encodings would be damaged without a word. */
export const decodeText = (bytes: Uint8Array, what: string): Result.Result<string, Refusal> =>
  Result.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => refuse(`${what} is no text in UTF-8.`)
  })

/** The text of a file. */
export const readText = (path: string): Effect.Effect<string, Refusal, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFile(path)).pipe(
    Effect.mapError((error) =>
      refuse(`File ${JSON.stringify(path)} ${error.reason._tag === "NotFound" ? "does not exist" : "cannot be read"}.`)
    ),
    Effect.flatMap((bytes) => Effect.fromResult(decodeText(bytes, `File ${JSON.stringify(path)}`)))
  )

/** Why a file or a directory cannot be written, in words. */
export const whyUnwritable = (error: PlatformError.PlatformError): string => {
  switch (error.reason._tag) {
    case "NotFound":
      return "its directory does not exist"
    case "PermissionDenied":
      return "that is not permitted"
    case "AlreadyExists":
    case "BadResource":
      return "a file stands where a directory is wanted, or a directory where a file is"
    default: {
      const { cause } = error.reason
      const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC"
      return isFull ? "no space is left" : "the system refuses it"
    }
  }
}

/** How a file is written anew. */
export interface Overwriting {
  /** Whether a text is one that this program wrote. */
  readonly isOurs: (text: string) => boolean
  /** Whatever the file holds now. */
  readonly force: boolean
}

/** Writes a file anew, but none that somebody else wrote. */
export const writeText = Effect.fn(function* (path: string, text: string, { force, isOurs }: Overwriting) {
  const fs = yield* FileSystem.FileSystem
  const before = yield* Effect.option(fs.stat(path))
  if (!force && before._tag === "Some" && before.value.type === "File" && before.value.size > 0) {
    const there = yield* Effect.option(readText(path))
    if (there._tag === "None" || !isOurs(there.value)) {
      return yield* refuse(
        `File ${JSON.stringify(path)} was not written by effect-gradio: choose another, or overwrite it with --force.`
      )
    }
  }
  return yield* Effect.mapError(fs.writeFileString(path, text), (error) =>
    refuse(`File ${JSON.stringify(path)} cannot be written: ${whyUnwritable(error)}.`)
  )
})
