/** The wire form of files: what a client sends for an uploaded one, what it is given for one of the server's. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

import { pythonRepr, pythonType } from "./pythonText.ts"
import { folder, type ServerFile, type ServerFiles } from "./ServerFile.ts"

/** A value of the wire that a component cannot take. */
export class BadInput extends Data.TaggedError("BadInput")<{ readonly message: string }> {}

/** Tells objects from arrays and the rest. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const isMarked = (value: Readonly<Record<string, unknown>>) =>
  isRecord(value["meta"]) && value["meta"]["_type"] === "gradio.FileData"

const unmarked = (value: unknown) =>
  new BadInput({
    message:
      "1 validation error for FileData\n  Value error, The 'meta' field must be explicitly provided in the input data and be equal to " +
      `{'_type': 'gradio.FileData'}. [type=value_error, input_value=${pythonRepr(value)}, input_type=${pythonType(value)}]`
  })

const unknown = (path: string) => {
  const host = /^https?:\/\/([^/:]+)/.exec(path)?.[1]
  if (host !== undefined) return new BadInput({ message: `Hostname ${host} failed validation` })
  return new BadInput({
    message: path.startsWith(`${folder}/`)
      ? `[Errno 2] No such file or directory: '${path}'`
      : `Cannot move ${path} to the gradio cache dir because it was not uploaded by a user.`
  })
}

/** What a client sends for a file of this server. */
export const reference = (path: string): Readonly<Record<string, unknown>> => ({
  path,
  meta: { _type: "gradio.FileData" }
})

/** The file that a client means. The object must carry its mark, and the file must be one of this server's. */
export const decode = (value: unknown, files: ServerFiles): Effect.Effect<ServerFile, BadInput> => {
  if (!isRecord(value) || !isMarked(value)) return Effect.fail(unmarked(value))
  const { path } = value
  if (typeof path !== "string") return Effect.fail(new BadInput({ message: "path: Field required" }))
  const file = files.get(path)
  if (file === undefined) return Effect.fail(unknown(path))
  // Functions get a path, so what they see is the name that was uploaded; `orig_name` is for the page.
  return Effect.succeed(file)
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

/** The object that stands for a stream of sound or pictures, which is no file. */
export const encodeStream = (path: string, name: string, root: string): Readonly<Record<string, unknown>> => ({
  path,
  url: `${root}/gradio_api/stream/${path}`,
  size: null,
  orig_name: name,
  mime_type: null,
  is_stream: true,
  meta: { _type: "gradio.FileData" }
})
