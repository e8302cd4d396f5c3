/** Files that commands read and write, and what is wrong with them in words. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

import { Refusal } from "./failure.ts"

/** The text of a file. */
export const readText = (path: string): Effect.Effect<string, Refusal, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path)).pipe(
    Effect.mapError(
      (error) =>
        new Refusal({
          ending: "file",
          problem: `File ${JSON.stringify(path)} ${error.reason._tag === "NotFound" ? "does not exist" : "cannot be read"}.`
        })
    )
  )

/** Writes a file anew. */
export const writeText = (path: string, text: string): Effect.Effect<void, Refusal, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(path, text)).pipe(
    Effect.mapError(
      (error) => new Refusal({ ending: "file", problem: `${JSON.stringify(path)} cannot be written: ${error.message}` })
    )
  )
