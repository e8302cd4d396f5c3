/** The wire form of files: what a client sends for an uploaded one, what it is given for one of the server's. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

import { folder, type ServerFile, type ServerFiles } from "./ServerFile.ts"

/** A value of the wire that a component cannot take. */
export class BadInput extends Data.TaggedError("BadInput")<{ readonly message: string }> {}

/** Tells objects from arrays and the rest. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const isMarked = (value: Readonly<Record<string, unknown>>) =>
  isRecord(value["meta"]) && value["meta"]["_type"] === "gradio.FileData"

/** The file that a client means. It must be one of this server's, and the object must carry its mark. */
export const decode = (value: unknown, files: ServerFiles): Effect.Effect<ServerFile, BadInput> => {
  if (!isRecord(value))
    return Effect.fail(new BadInput({ message: "Input should be a valid dictionary or instance of FileData" }))
  const { path } = value
  if (typeof path !== "string") return Effect.fail(new BadInput({ message: "path: Field required" }))
  const file = files.get(path)
  if (file === undefined) {
    const host = /^https?:\/\/([^/:]+)/.exec(path)?.[1]
    const message =
      host !== undefined
        ? `Hostname ${host} failed validation`
        : path.startsWith(`${folder}/`)
          ? `[Errno 2] No such file or directory: '${path}'`
          : `Cannot move ${path} to the gradio cache dir because it was not uploaded by a user.`
    return Effect.fail(new BadInput({ message }))
  }
  if (!isMarked(value)) {
    return Effect.fail(
      new BadInput({
        message:
          "The 'meta' field must be explicitly provided in the input data and be equal to {'_type': 'gradio.FileData'}."
      })
    )
  }
  return Effect.succeed(typeof value["orig_name"] === "string" ? { ...file, name: value["orig_name"] } : file)
}

/** The route of a file below `root`, each segment percent-encoded as Python's `quote` does. */
export const url = (root: string, path: string): string =>
  `${root}/gradio_api/file=${path
    .split("/")
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    )
    .join("/")}`

/** The object that stands for a file in an output. */
export const encode = (file: ServerFile, root: string): Readonly<Record<string, unknown>> => ({
  path: file.path,
  url: url(root, file.path),
  size: file.size,
  orig_name: file.name,
  mime_type: file.mimeType,
  is_stream: false,
  meta: { _type: "gradio.FileData" }
})
