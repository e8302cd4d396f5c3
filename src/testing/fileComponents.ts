/** Components whose values are files. */
import * as Effect from "effect/Effect"

import { AppFailure } from "./AppFailure.ts"
import { type Component, make, type Options } from "./ComponentKind.ts"
import * as FileData from "./FileData.ts"
import { BadInput } from "./FileData.ts"
import { isOneOf } from "./mimeType.ts"
import { pythonRepr } from "./pythonText.ts"
import type { ServerFile } from "./ServerFile.ts"

const fileProps = {
  path: { title: "Path", type: "string" },
  url: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Url" },
  size: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, title: "Size" },
  orig_name: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Orig Name" },
  mime_type: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Mime Type" },
  is_stream: { default: false, title: "Is Stream", type: "boolean" }
}

const fileSchema = {
  $defs: {
    FileDataMeta: {
      properties: { _type: { const: "gradio.FileData", title: "Type", type: "string" } },
      required: ["_type"],
      title: "FileDataMeta",
      type: "object"
    }
  },
  properties: { ...fileProps, meta: { $ref: "#/$defs/FileDataMeta" } },
  required: ["path"],
  title: "FileData",
  type: "object"
}

const imageSchema = {
  properties: {
    ...fileProps,
    meta: { additionalProperties: true, default: { _type: "gradio.FileData" }, title: "Meta", type: "object" }
  },
  title: "ImageData",
  type: "object",
  additional_description: "A local filepath or publicly available URL."
}

const media =
  (type: string, schema: Readonly<Record<string, unknown>>) =>
  (options: Options<null> = {}) =>
    make<ServerFile | null, ServerFile | null>({
      type,
      options,
      schema,
      pythonType: "filepath",
      example: {
        path: `https://example.com/example.${type}`,
        meta: { _type: "gradio.FileData" },
        orig_name: `example.${type}`
      },
      preprocess: (value, { files }) => (value === null ? Effect.succeed(null) : FileData.decode(value, files)),
      postprocess: (file, { root }) => Effect.succeed(file === null ? null : FileData.encode(file, root))
    })

/** What files have to be: endings with their dot, and kinds such as `image`. Others are refused as Gradio refuses them from 5 on. */
export interface FileTypes {
  readonly types?: ReadonlyArray<string> | undefined
}

/** A file, or none. */
export const file = (options: Options<null> & FileTypes = {}): Component<ServerFile | null, ServerFile | null> => {
  const { types } = options
  const plain = media("file", fileSchema)(options)
  if (types === undefined) return plain
  return {
    ...plain,
    props: { ...plain.props, file_types: types },
    preprocess: (value, conversion) =>
      Effect.flatMap(plain.preprocess(value, conversion), (one) =>
        one === null || isOneOf(one.name, types)
          ? Effect.succeed(one)
          : Effect.fail(
              new AppFailure({
                message: `Invalid file type. Please upload a file that is one of these formats: ${pythonRepr(types)}`
              })
            )
      )
  }
}

/** A picture; passed on as the file that it is. */
export const image: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media(
  "image",
  imageSchema
)

/** A sound; passed on as the file that it is. */
export const audio: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media(
  "audio",
  fileSchema
)

/** A film; passed on as the file that it is. */
export const video: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media(
  "video",
  fileSchema
)

/** Several files. */
export const files = (options: Options<null> = {}): Component<ReadonlyArray<ServerFile>, ReadonlyArray<ServerFile>> =>
  make<ReadonlyArray<ServerFile>, ReadonlyArray<ServerFile>>({
    type: "file",
    options,
    props: { file_count: "multiple" },
    schema: {
      $defs: { ...fileSchema.$defs, FileData: { ...fileSchema, $defs: undefined } },
      items: { $ref: "#/$defs/FileData" },
      title: "ListFiles",
      type: "array"
    },
    pythonType: "list[filepath]",
    example: [],
    preprocess: (value, conversion) =>
      value === null
        ? Effect.succeed([])
        : Array.isArray(value)
          ? Effect.forEach(value, (one: unknown) => FileData.decode(one, conversion.files))
          : Effect.fail(new BadInput({ message: "Input should be a valid list" })),
    postprocess: (list, { root }) => Effect.succeed(list.map((one) => FileData.encode(one, root)))
  })

const streamed =
  (type: "audio" | "video", extension: "aac" | "ts") =>
  (options: Options<null> = {}): Component<null, Uint8Array> => {
    const output = {}
    return make<null, Uint8Array>({
      type,
      options,
      props: { streaming: true },
      schema: fileSchema,
      pythonType: "filepath",
      preprocess: () => Effect.succeed(null),
      postprocess: (bytes, { media, root }) =>
        Effect.sync(() => {
          const path = media?.add(output, extension, bytes)
          if (media?.isMarked === false) return { path, is_stream: true }
          return path === undefined ? null : FileData.encodeStream(path, `${type}-stream.${streamNames[type]}`, root)
        })
    })
  }

const streamNames = { audio: "mp3", video: "mp4" } as const

/** A sound that a generator gives in pieces, each of which is served as soon as it is there. For outputs. */
export const streamedAudio: (options?: Options<null>) => Component<null, Uint8Array> = streamed("audio", "aac")

/** The same of a film. */
export const streamedVideo: (options?: Options<null>) => Component<null, Uint8Array> = streamed("video", "ts")
