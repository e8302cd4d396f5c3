/**
 * Gradio 3: calls over a WebSocket, components with serializers in place of schemas, pictures as data URLs, other files as `{name, data, is_file}`,
 * and pairs where later versions have objects.
 */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"

import * as Answer from "./Answer.ts"
import type { Conversion } from "./ComponentKind.ts"
import type { Fields } from "./fields.ts"
import { without } from "./fields.ts"
import * as FileData from "./FileData.ts"
import { BadInput, isRecord } from "./FileData.ts"
import { ofFile } from "./mimeType.ts"
import { pythonJson } from "./pythonText.ts"
import { pure } from "./recode.ts"
import type { Change, Recode, Traits } from "./Release.ts"
import { folder } from "./ServerFile.ts"

const fileInfo = {
  oneOf: [
    { type: "string", description: "filepath on your computer (or URL) of file" },
    {
      type: "object",
      properties: {
        name: { type: "string", description: "name of file" },
        data: { type: "string", description: "base64 representation of file" },
        size: { type: "integer", description: "size of image in bytes" },
        is_file: { type: "boolean", description: "true if the file has been uploaded to the server" },
        orig_name: { type: "string", description: "original name of the file" }
      },
      required: ["name", "data"]
    }
  ]
}

const anyJson = { type: {}, description: "any valid json" }

interface Serializer {
  readonly serializer: string
  /** Its schema, when it is not the component's own. */
  readonly info?: Fields
  readonly pythonType: string
  readonly description?: string
  readonly example?: unknown
}

const text: Serializer = {
  serializer: "StringSerializable",
  info: { type: "string" },
  pythonType: "str",
  example: "Howdy!"
}
const choice: Serializer = { serializer: "StringSerializable", info: { type: "string" }, pythonType: "str" }
const number: Serializer = { serializer: "NumberSerializable", pythonType: "int | float" }
const file: Serializer = {
  serializer: "FileSerializable",
  info: fileInfo,
  pythonType: "str",
  description: "filepath on your computer (or URL) of file"
}
const json: Serializer = {
  serializer: "JSONSerializable",
  info: anyJson,
  pythonType: "str",
  description: "filepath to JSON file"
}

const serializers: Readonly<Record<string, Serializer>> = {
  audio: file,
  button: text,
  checkbox: { serializer: "BooleanSerializable", info: { type: "boolean" }, pythonType: "bool" },
  checkboxgroup: {
    serializer: "ListStringSerializable",
    info: { type: "array", items: { type: "string" } },
    pythonType: "List[str]"
  },
  code: text,
  colorpicker: text,
  dropdown: { serializer: "SimpleSerializable", info: { type: "string" }, pythonType: "str" },
  file,
  gallery: {
    serializer: "GallerySerializable",
    info: {
      type: "array",
      items: {
        type: "array",
        items: false,
        maxSize: 2,
        minSize: 2,
        prefixItems: [fileInfo, { oneOf: [{ type: "string" }, { type: "null" }] }]
      }
    },
    pythonType: "str"
  },
  html: text,
  image: {
    serializer: "ImgSerializable",
    info: { type: "string", description: "base64 representation of an image" },
    pythonType: "str",
    description: "filepath on your computer (or URL) of image"
  },
  markdown: text,
  model3d: file,
  number: { ...number, example: 5 },
  radio: choice,
  slider: number,
  state: { serializer: "SimpleSerializable", info: { type: {}, description: "any valid value" }, pythonType: "Any" },
  textbox: text,
  uploadbutton: file,
  video: { serializer: "VideoSerializable", info: fileInfo, pythonType: "str" }
}

/** Everything that has no serializer of its own goes as JSON. */
const serializerOf = (type: string): Serializer => serializers[type] ?? json

const infoOf = (type: string, schema: unknown): unknown => {
  const { info } = serializerOf(type)
  if (info !== fileInfo || !isRecord(schema) || schema["type"] !== "array") return info ?? schema
  return { type: "array", items: fileInfo }
}

const component = (config: Fields): Fields => {
  const type = String(config["type"])
  const { serializer } = serializerOf(type)
  return {
    ...without(config, "skip_api", "component_class_id"),
    serializer,
    api_info: { info: infoOf(type, config["api_info"]), serialized_info: serializer === "JSONSerializable" },
    example_inputs: { raw: config["example_inputs"] ?? null, serialized: config["example_inputs"] ?? null }
  }
}

const parameter = (info: Fields): Fields => {
  const type = String(info["component"]).toLowerCase()
  const { description, example, pythonType, serializer } = serializerOf(type)
  const schema = infoOf(type, info["type"])
  const told = description ?? (isRecord(schema) ? schema["description"] : undefined) ?? ""
  return {
    ...info,
    type: schema,
    python_type: { type: pythonType, description: told },
    // What is returned has none.
    ...(example === undefined || !("example_input" in info) ? {} : { example_input: example }),
    serializer
  }
}

const isDataUrl = (value: unknown): value is string => typeof value === "string" && value.startsWith("data:")

/** Stores what a data URL holds. */
const store = Effect.fnUntraced(function* (url: string, name: string, { files }: Conversion) {
  const bytes = Base64.decode(url.slice(url.indexOf(",") + 1))
  if (bytes._tag === "Failure") return yield* new BadInput({ message: "Incorrect padding" })
  const stored = yield* files.make(name, bytes.success)
  return FileData.reference(stored.path)
})

const readFile = (fields: Fields, conversion: Conversion): Effect.Effect<Fields, unknown> => {
  const { data, is_file: isFile, name } = fields
  if (typeof name !== "string" || !("data" in fields)) return Effect.succeed(fields)
  if (isFile === true) return Effect.succeed(FileData.reference(name))
  return isDataUrl(data) ? store(data, name, conversion) : Effect.succeed(fields)
}

const suffixOf = (url: string) => /^data:[^/;,]*\/([a-z0-9]+)/.exec(url)?.[1] ?? "bin"

const dataUrl: Recode = (value, { files }) => {
  const stored = isRecord(value) && typeof value["path"] === "string" ? files.get(value["path"]) : undefined
  return stored === undefined
    ? Effect.succeed(value)
    : Effect.map(
        stored.bytes,
        (bytes) => `data:${ofFile(stored.name).type.split(";", 1)[0]};base64,${Base64.encode(bytes)}`
      )
}

const picture = (value: unknown, conversion: Conversion): Effect.Effect<unknown, unknown> =>
  value === null
    ? Effect.succeed(null)
    : isDataUrl(value)
      ? store(value, `image.${suffixOf(value)}`, conversion)
      : Effect.fail(new BadInput({ message: "a picture is sent as a data URL" }))

const list =
  (change: (item: unknown) => unknown) =>
  (value: unknown): unknown =>
    Array.isArray(value) ? value.map(change) : value

/** A listener that has no function of the author. */
export const isListener = ({ backend_fn: runs, cancels }: Fields) =>
  runs === false || (Array.isArray(cancels) && cancels.length > 0)

/** Later versions take the name of the Python function. */
const isNamedByGradio = ({ api_name: name }: Fields) => typeof name === "string" && /^lambda(_\d+)?$/.test(name)

/** What was said in a chat: a text, or a file. */
const said = (content: unknown): unknown => {
  if (!isRecord(content) || !isRecord(content["file"])) return content
  const { mime_type: type, path } = content["file"]
  return { name: path, mime_type: type, alt_text: content["alt_text"] ?? null, data: null, is_file: true }
}

/** Before 4.11 all functions were timed together, and that was told. */
export const earlyEstimation =
  (threads: number): Traits["estimation"] =>
  (message, { average, calls }) => {
    const concurrent = calls === 0 ? null : average / Math.min(threads, calls)
    return {
      ...without(message, "rank_eta"),
      msg: message.msg,
      avg_event_process_time: average,
      avg_event_concurrent_process_time: concurrent,
      rank_eta: concurrent === null || message["rank"] === null ? null : Number(message["rank"]) * concurrent + average,
      queue_eta: calls === 0 ? 1 : 0
    }
  }

/** The wire forms of Gradio 3. */
export const before: Change = {
  before: "4.0.0",
  traits: {
    protocol: "ws",
    joins: "socket",
    resets: "function",
    endsAborted: true,
    // It has one thread unless the author wants more.
    estimation: earlyEstimation(1),
    json: (message) => pythonJson(message, { item: ",", key: ":" }),
    skips: ({ type }) => type === "state",
    noForm: Answer.detail(422, [{ type: "missing", loc: ["body", "files"], msg: "Field required", input: null }]),
    // Of files beside the app it says so too.
    admitsMissing: (path) => path.startsWith(`${folder}/`) || !path.startsWith("/"),
    readFile
  },
  config: (config) => without(config, "protocol", "js", "head"),
  component,
  dependency: (dependency) => ({
    ...without(dependency, "trigger_mode"),
    // A listener that the author gave no name has none.
    api_name: isListener(dependency) || isNamedByGradio(dependency) ? null : dependency["api_name"]
  }),
  parameter,
  message: (message) => without(message, "event_id"),
  status: (status) => ({ msg: "estimation", ...status }),
  file: (one) => ({
    orig_name: one["orig_name"],
    name: one["path"],
    size: one["size"],
    data: null,
    is_file: true
  }),
  update: (update) =>
    update["interactive"] === undefined
      ? update
      : { ...without(update, "interactive"), mode: update["interactive"] === true ? "dynamic" : "static" },
  forms: {
    image: { toWire: dataUrl, fromWire: picture },
    video: {
      toWire: pure((value) =>
        isRecord(value) && "video" in value ? [value["video"], value["subtitles"] ?? null] : value
      ),
      fromWire: pure((value) => {
        const [video, subtitles = null] = Array.isArray(value) ? value : [value]
        return video === null ? null : { video, subtitles }
      })
    },
    gallery: {
      toWire: pure(
        list((item) => {
          if (!isRecord(item)) return item
          const content = item["image"] ?? item["video"]
          return item["caption"] === null || item["caption"] === undefined ? content : [content, item["caption"]]
        })
      ),
      fromWire: pure(
        list((item) =>
          Array.isArray(item) ? { image: item[0], caption: item[1] ?? null } : { image: item, caption: null }
        )
      )
    },
    highlightedtext: {
      toWire: pure(list((item) => (isRecord(item) ? [item["token"], item["class_or_confidence"]] : item))),
      fromWire: pure(
        list((item) => (Array.isArray(item) ? { token: item[0], class_or_confidence: item[1] ?? null } : item))
      )
    },
    chatbot: { toWire: pure(list((pair) => (Array.isArray(pair) ? pair.map(said) : pair))) },
    annotatedimage: {
      toWire: pure((value) => {
        if (!isRecord(value) || !Array.isArray(value["annotations"])) return value
        return [value["image"], value["annotations"].map((one) => (isRecord(one) ? [one["image"], one["label"]] : one))]
      })
    }
  }
}
