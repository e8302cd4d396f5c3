/**
 * What came with which version of Gradio, the newest first: each entry says how the versions before it differ from what the newer entries have left.
 *
 * The versions are those of Gradio's tags.
 */
import * as Effect from "effect/Effect"

import * as Cors from "./cors.ts"
import { diff } from "./diff.ts"
import { type Fields, without } from "./fields.ts"
import { isRecord } from "./FileData.ts"
import * as Gradio3 from "./gradio3.ts"
import { pythonJson, pythonRepr } from "./pythonText.ts"
import { pure } from "./recode.ts"
import type { Change, Rewrite } from "./Release.ts"
import * as Root from "./root.ts"
import { folder } from "./ServerFile.ts"

const lacks =
  (...names: ReadonlyArray<string>): Rewrite =>
  (fields) =>
    without(fields, ...names)

/** Changes an object and everything in it. */
const deep = (change: Rewrite): Rewrite => {
  const each = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(each)
      : isRecord(value)
        ? change(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, each(inner)])))
        : value
  return (fields) => change(Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, each(inner)])))
}

/** Changes the properties of objects in a schema. */
const properties = (change: Rewrite): Rewrite =>
  deep((schema) => (isRecord(schema["properties"]) ? { ...schema, properties: change(schema["properties"]) } : schema))

const isUrl = (file: Fields): file is Fields & { readonly url: string } => typeof file["url"] === "string"

const pathOf = (file: Fields): string => String(file["path"])

/** Addresses are not percent-encoded. */
const rawUrl: Rewrite = (file) =>
  isUrl(file) && file.url.includes("/file=")
    ? { ...file, url: file.url.slice(0, file.url.indexOf("/file=")) + "/file=" + pathOf(file) }
    : file

/** Addresses of files as they were before the one of the app was put in front. */
const withoutHost = (value: unknown): unknown =>
  deep((file) =>
    isUrl(file) && file.url.includes("/file=") ? { ...file, url: file.url.slice(file.url.indexOf("/file=")) } : file
  )({ value })["value"]

const isText = (part: unknown): part is { readonly text: string } =>
  isRecord(part) && part["type"] === "text" && typeof part["text"] === "string"

/** Messages had one content, not a list of parts. */
const toOneContent = (message: unknown): unknown => {
  if (!isRecord(message) || !Array.isArray(message["content"])) return message
  const [part] = message["content"]
  const content = isText(part) ? part.text : isRecord(part) ? without(part, "type") : part
  return { ...message, content }
}

/** A part without its mark. */
const fromOneContent = (message: unknown): unknown => {
  if (!isRecord(message) || !("content" in message)) return message
  const { content } = message
  return { ...message, content: [typeof content === "string" ? { text: content, type: "text" } : content] }
}

/** Messages had a title, and nothing to choose from. */
const toOldMessage = (message: unknown): unknown =>
  isRecord(message) ? { ...without(message, "options"), metadata: message["metadata"] ?? { title: null } } : message

/** A film came with its subtitles. */
const toVideo = (value: unknown): unknown =>
  value === null || (isRecord(value) && value["is_stream"] === true) ? value : { video: value, subtitles: null }
const fromVideo = (value: unknown): unknown => (isRecord(value) && "video" in value ? value["video"] : value)

/** Chats were lists of pairs: what the user said, and the answer. */
const toPairs = (chat: unknown): unknown => {
  if (!Array.isArray(chat) || !chat.every(isRecord)) return chat
  const pairs: Array<[user: unknown, answer: unknown]> = []
  for (const message of chat) {
    const last = pairs.at(-1)
    if (message["role"] === "user") pairs.push([message["content"], null])
    else if (last === undefined || last[1] !== null) pairs.push([null, message["content"]])
    else last[1] = message["content"]
  }
  return pairs
}

/** A list in the place of a message is none. */
const fromPairs = (chat: unknown): unknown =>
  Array.isArray(chat)
    ? chat.flatMap((pair: unknown) =>
        Array.isArray(pair) && pair.length === 2
          ? pair.flatMap((content: unknown, i) =>
              content === null ? [] : [{ role: i === 0 ? "user" : "assistant", content }]
            )
          : [[pair]]
      )
    : chat

/** Choices were written without quotes. */
const unquoted: Rewrite = (parameter) => {
  const { python_type: pythonType } = parameter
  return isRecord(pythonType) && typeof pythonType["type"] === "string"
    ? { ...parameter, python_type: { ...pythonType, type: pythonType["type"].replaceAll("'", "") } }
    : parameter
}

/** Files need no mark. */
const markFile = (fields: Fields): Effect.Effect<Fields> =>
  Effect.succeed(typeof fields["path"] === "string" ? { ...fields, meta: { _type: "gradio.FileData" } } : fields)

export const changes: ReadonlyArray<Change> = [
  // After 6.25, in whichever of the next.
  { before: "6.31.0", traits: { closesInputs: false } },
  { before: "6.18.0", traits: { pads: false, endedEvent: 500 } },
  { before: "6.14.0", traits: { removesWaiting: false } },
  { before: "6.13.0", without: ["call/v2"] },
  {
    before: "6.12.0",
    traits: { caches: false, endedEvent: 200 },
    message: lacks("used_cache", "cache_duration", "avg_time"),
    output: lacks("used_cache")
  },
  {
    before: "6.0.0",
    traits: { tellsFailures: false },
    config: (config) => ({ ...without(config, "footer_links", "run_history"), show_api: true }),
    dependency: ({ api_visibility: visibility, ...dependency }) => ({
      ...without(dependency, "component_prop_inputs"),
      like_user_message: false,
      api_name: visibility === "private" && dependency["backend_fn"] === true ? false : dependency["api_name"],
      show_api: visibility === "public"
    }),
    endpoint: ({ api_visibility: visibility, ...endpoint }) => ({ ...endpoint, show_api: visibility === "public" }),
    // Only `gr.Error` said whether it is to be seen.
    failure: (output) => ("title" in output ? output : without(output, "visible")),
    file: rawUrl,
    forms: {
      chatbot: {
        toWire: pure((chat) => (Array.isArray(chat) ? chat.map(toOneContent) : chat)),
        fromWire: pure((chat) => (Array.isArray(chat) ? chat.map(fromOneContent) : chat))
      },
      video: { toWire: pure(toVideo), fromWire: pure(fromVideo) }
    }
  },
  { before: "5.46.0", traits: { breaksOnSecondEnd: true } },
  { before: "5.45.0", traits: { validates: false } },
  { before: "5.42.0", dependency: lacks("trigger_only_on_failure") },
  { before: "5.41.0", config: lacks("vibe_mode") },
  {
    before: "5.38.0",
    traits: { unknownSession: "404: Session not found." },
    dependency: lacks("api_description"),
    endpoint: lacks("description"),
    message: lacks("session_not_found")
  },
  { before: "5.36.0", traits: { tellsLoginMessage: false } },
  {
    before: "5.29.1",
    traits: {
      edits: (type, before, after) => {
        const edits = diff(before, after, "old indices")
        return type === "json" && edits.length > 0 ? [["replace", [], after]] : edits
      }
    }
  },
  { before: "5.29.0", traits: { awaitsUploads: false } },
  { before: "5.20.0", dependency: lacks("js_implementation") },
  { before: "5.16.0", dependency: lacks("show_progress_on") },
  { before: "5.15.0", config: lacks("page", "pages"), render: lacks("page") },
  { before: "5.5.0", traits: { readFile: markFile } },
  {
    before: "5.2.0",
    traits: { impliesValues: false },
    message: lacks("title"),
    // A `gr.Error` was told as Python's `repr` of its text.
    failure: ({ title, ...output }) =>
      title === undefined ? output : { ...output, error: pythonRepr(output["error"]) }
  },
  {
    before: "5.0.0",
    traits: {
      prefix: "",
      cors: Cors.withNull,
      listsMedia: false,
      admitsMissing: (path) => path.startsWith(`${folder}/`)
    },
    config: lacks("api_prefix", "pwa", "mcp_server", "i18n_translations"),
    component: ({ rendered_in: renderedIn, ...component }) => ({
      ...without(component, "api_info_as_input", "api_info_as_output"),
      ...(renderedIn === undefined ? {} : { props: { ...Object(component["props"]), rendered_in: renderedIn } })
    }),
    dependency: (dependency) => ({
      ...without(
        dependency,
        "connection",
        "time_limit",
        "stream_every",
        "event_specific_args",
        "render_id",
        "like_user_message"
      ),
      zerogpu: false
    }),
    // A parameter's description was the one of its schema.
    parameter: (parameter) => {
      const { python_type: pythonType, type } = parameter
      return isRecord(pythonType) && isRecord(type)
        ? { ...parameter, python_type: { ...pythonType, description: type["description"] ?? "" } }
        : parameter
    },
    message: lacks("time_limit"),
    forms: { chatbot: { toWire: pure((chat) => (Array.isArray(chat) ? chat.map(toOldMessage) : chat)) } },
    file: (file) => (isUrl(file) ? { ...file, url: file.url.replace("/gradio_api/", "/") } : file),
    schema: deep((schema) =>
      isRecord(schema["$defs"]) && "FileDataMeta" in schema["$defs"]
        ? Object.keys(schema["$defs"]).length === 1
          ? without(schema, "$defs")
          : { ...schema, $defs: without(schema["$defs"], "FileDataMeta") }
        : schema["$ref"] === "#/$defs/FileDataMeta"
          ? { default: { _type: "gradio.FileData" }, title: "Meta", type: "object" }
          : schema
    )
  },
  { before: "4.44.0", traits: { marksStreams: false } },
  { before: "4.41.0", traits: { namesDownloads: false, takesOpenRanges: false } },
  { before: "4.39.0", config: lacks("fill_width") },
  {
    before: "4.38.0",
    config: lacks("username"),
    forms: { chatbot: { toWire: pure(toPairs), fromWire: pure(fromPairs) } }
  },
  { before: "4.37.1", message: lacks("duration", "visible"), failure: lacks("duration", "visible") },
  { before: "4.36.1", config: lacks("theme_hash") },
  {
    before: "4.32.0",
    // Calls name a function by its position.
    dependency: ({ queue, ...dependency }) => ({
      ...without(dependency, "id", "rendered_in"),
      queue: queue === true ? null : queue
    }),
    output: lacks("changed_state_ids")
  },
  { before: "4.31.4", endpoint: lacks("show_api") },
  {
    before: "4.31.3",
    traits: { edits: (_, before, after) => diff(before, after, "old indices"), findsFilesInJson: true }
  },
  {
    before: "4.31.0",
    traits: { cancelsByCall: true },
    without: ["cancel"],
    output: lacks("render_config"),
    dependency: ({ types, ...dependency }) =>
      isRecord(types)
        ? {
            ...dependency,
            types: without(types, "cancel"),
            ...(types["cancel"] === true
              ? { backend_fn: true, api_name: String(dependency["api_name"]).replace("unnamed", "cancel") }
              : {})
          }
        : dependency
  },
  { before: "4.29.0", config: lacks("connect_heartbeat") },
  {
    before: "4.28.0",
    config: lacks("max_file_size"),
    component: lacks("key"),
    dependency: ({ types, ...dependency }) => ({
      ...dependency,
      every: null,
      types: isRecord(types) ? { continuous: false, ...types } : types
    })
  },
  { before: "4.27.0", dependency: lacks("zerogpu") },
  { before: "4.25.0", without: ["heartbeat"] },
  {
    before: "4.24.0",
    traits: {
      cors: Cors.withoutCredentials,
      json: (message) => pythonJson(message),
      hiddenMidway: "None",
      noticesLeaving: false
    },
    message: (message) => (message["event_id"] === null ? without(message, "event_id") : message)
  },
  { before: "4.23.0", parameter: lacks("parameter_name", "parameter_has_default", "parameter_default") },
  { before: "4.22.0", traits: { protocol: "sse_v2.1", saysClose: false } },
  {
    before: "4.21.0",
    traits: { protocol: "sse_v2" },
    file: lacks("meta"),
    schema: properties(lacks("meta")),
    status: lacks("msg", "event_id")
  },
  {
    before: "4.20.0",
    traits: {
      noSession: "No session hash provided.",
      edits: (_, before, after) => diff(withoutHost(before), withoutHost(after), "old indices")
    },
    without: ["call", "logout"]
  },
  { before: "4.19.2", traits: { cors: Cors.open, noticesLeaving: true } },
  {
    before: "4.19.0",
    traits: { root: Root.fromDirectUrl },
    file: (file) => ({ ...file, url: null })
  },
  { before: "4.18.0", file: lacks("is_stream"), schema: properties(lacks("is_stream")) },
  {
    before: "4.17.0",
    traits: { protocol: "sse_v1", edits: undefined, repeatsLast: true, unknownSession: "" },
    config: lacks("fill_height")
  },
  {
    before: "4.12.0",
    dependency: (dependency) => ({
      ...without(dependency, "show_api"),
      api_name: Gradio3.isListener(dependency) ? false : dependency["api_name"]
    })
  },
  {
    before: "4.11.0",
    traits: {
      estimation: Gradio3.earlyEstimation(40)
    }
  },
  {
    before: "4.9.0",
    traits: { protocol: "sse", joins: "stream" },
    parameter: unquoted,
    message: (message) => without(message, "eta", ...(message["msg"] === "send_data" ? [] : ["event_id"]))
  },
  { before: "4.2.0", without: ["upload_progress"] },
  { before: "4.0.0", traits: { findsFilesInJson: false } },
  Gradio3.before
]
