/**
 * The inputs and outputs of a stand-in app: what the app tells about each in `/config` and `/info`, and how a value of the wire becomes a
 * value for the function and back.
 *
 * A component that several endpoints name is one component of the page, with one id. Components hold no values, except that a
 * {@link state} finds its value in the session of the call.
 */
import * as Effect from "effect/Effect"
import * as FileData from "./FileData.ts"
import { BadInput } from "./FileData.ts"
import { pythonText } from "./pythonText.ts"
import type { ServerFile, ServerFiles } from "./ServerFile.ts"

/** What a component may use while it converts a value: the session, the files, and the address under which the client sees the app. */
export interface Conversion {
  readonly session: object
  readonly files: ServerFiles
  readonly root: string
}

/** A component whose function side takes `In` and gives `Out`. */
export interface Component<In, Out> {
  /** Lower-case kind, such as `textbox`. */
  readonly type: string
  /** The parameter's name in `/info`; `param_<position>` when there is none. */
  readonly name: string | undefined
  /** Whether the function's parameter defaults to `None`, which makes an argument optional even without a value. */
  readonly defaultsToNone: boolean
  readonly props: Readonly<Record<string, unknown>>
  /** Whether the slot is missing in `/info`. It is still there in `data`. */
  readonly skipApi: boolean
  /** Its JSON schema; none for a {@link state}. */
  readonly schema: Readonly<Record<string, unknown>> | undefined
  readonly pythonType: string
  readonly example: unknown
  preprocess(value: unknown, conversion: Conversion): Effect.Effect<In, unknown>
  postprocess(value: Out, conversion: Conversion): Effect.Effect<unknown, unknown>
}

/** Any component, for lists of them. */
export type Any = Component<unknown, unknown>

/** What every component can be given. `label` shows in `/info`; `name` is the function's name for the parameter. */
export interface Options<Value> {
  readonly name?: string | undefined
  readonly label?: string | undefined
  /** The initial value, which is also the default of the argument. */
  readonly value?: Value | undefined
  readonly visible?: boolean | undefined
}

const common = { show_label: true, container: true, min_width: 160, elem_classes: [], preserved_by_key: ["value"] }

/** A component of any kind, for those that are not here. */
export const make = <In, Out>(description: {
  readonly type: string
  readonly options: Options<unknown>
  readonly props?: Readonly<Record<string, unknown>> | undefined
  readonly skipApi?: boolean | undefined
  readonly schema?: Readonly<Record<string, unknown>> | undefined
  readonly pythonType?: string | undefined
  readonly example?: unknown
  readonly preprocess: (value: unknown, conversion: Conversion) => Effect.Effect<In, unknown>
  readonly postprocess: (value: Out, conversion: Conversion) => Effect.Effect<unknown, unknown>
}): Component<In, Out> => {
  const { label, name, value, visible } = description.options
  return {
    type: description.type,
    name,
    defaultsToNone: false,
    skipApi: description.skipApi ?? false,
    props: {
      ...description.props,
      ...(value === undefined ? {} : { value }),
      ...(label === undefined ? {} : { label }),
      ...common,
      visible: visible ?? true,
      name: description.type,
      _selectable: false
    },
    schema: description.schema,
    pythonType: description.pythonType ?? "Any",
    example: description.example ?? null,
    preprocess: description.preprocess,
    postprocess: description.postprocess
  }
}

const asIs = <A>(value: A): Effect.Effect<A> => Effect.succeed(value)

const none = new BadInput({ message: "unsupported operand type(s): 'NoneType'" })

const text =
  (type: string, schema: Readonly<Record<string, unknown>>, example: unknown) =>
  (options: Options<string> = {}): Component<string, string | null> =>
    make<string, string | null>({
      type,
      options,
      schema,
      pythonType: "str",
      example,
      preprocess: (value) => (value === null ? Effect.fail(none) : Effect.succeed(pythonText(value))),
      postprocess: asIs
    })

/** A text. Anything else than a text arrives as Python's `str` of it. */
export const textbox: (options?: Options<string>) => Component<string, string | null> = text("textbox", { type: "string" }, "Hello!!")

/** A text that is shown as Markdown. */
export const markdown: (options?: Options<string>) => Component<string, string | null> = text("markdown", { type: "string" }, "# Hello!")

/** Limits of a number; a call that breaks them fails as Gradio's does. */
export interface Limits {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly step?: number | undefined
}

const bounded = (value: unknown, { maximum, minimum }: Limits): Effect.Effect<number, BadInput> => {
  if (value === null) return Effect.fail(none)
  if (typeof value !== "number") return Effect.fail(new BadInput({ message: `could not convert to a number: ${pythonText(value)}` }))
  if (minimum !== undefined && value < minimum) {
    return Effect.fail(new BadInput({ message: `Value ${value} is less than minimum value ${minimum}.` }))
  }
  return maximum !== undefined && value > maximum
    ? Effect.fail(new BadInput({ message: `Value ${value} is greater than maximum value ${maximum}.` }))
    : Effect.succeed(value)
}

/** A number. */
export const number = (options: Options<number> & Limits = {}): Component<number, number | null> =>
  make<number, number | null>({
    type: "number",
    options,
    props: { buttons: [], step: options.step ?? 1 },
    schema: { type: "number" },
    pythonType: "float",
    example: options.minimum ?? 3,
    preprocess: (value) => bounded(value, options),
    postprocess: asIs
  })

/** A number between two limits: 0 and 100, step 1, unless told otherwise. Its initial value is the minimum. */
export const slider = (options: Options<number> & Limits = {}): Component<number, number | null> => {
  const limits = { minimum: options.minimum ?? 0, maximum: options.maximum ?? 100, step: options.step ?? 1 }
  return make<number, number | null>({
    type: "slider",
    options: { ...options, value: options.value ?? limits.minimum },
    props: limits,
    schema: { type: "number", description: `numeric value between ${limits.minimum} and ${limits.maximum}` },
    pythonType: "float",
    example: limits.minimum,
    preprocess: (value) => bounded(value, limits),
    postprocess: asIs
  })
}

/** A yes or no. */
export const checkbox = (options: Options<boolean> = {}): Component<boolean, boolean | null> =>
  make<boolean, boolean | null>({
    type: "checkbox",
    options: { ...options, value: options.value ?? false },
    schema: { type: "boolean" },
    pythonType: "bool",
    example: true,
    preprocess: (value) => Effect.succeed(Boolean(value)),
    postprocess: asIs
  })

/** A list to choose from. */
export interface Choices<Value extends string> extends Options<Value> {
  readonly choices: ReadonlyArray<Value>
}

const pairs = (choices: ReadonlyArray<string>) => ({ choices: choices.map((choice) => [choice, choice]) })

const notAChoice = (value: unknown, choices: ReadonlyArray<string>) =>
  new BadInput({ message: `Value: ${pythonText([value]).slice(1, -1)} is not in the list of choices: ${pythonText(choices)}` })

const oneOf = <const Value extends string>(type: string, title: string, options: Choices<Value>): Component<Value, Value | null> =>
  make<Value, Value | null>({
    type,
    options,
    props: { ...pairs(options.choices), type: "value" },
    schema: { enum: options.choices, title, type: "string" },
    pythonType: `Literal[${options.choices.map((choice) => `'${choice}'`).join(", ")}]`,
    example: options.choices[0] ?? null,
    preprocess: (value) => {
      const chosen = options.choices.find((choice) => choice === value)
      return chosen === undefined ? Effect.fail(notAChoice(value, options.choices)) : Effect.succeed(chosen)
    },
    postprocess: asIs
  })

/** One of a few values, all shown. */
export const radio = <const Value extends string>(options: Choices<Value>): Component<Value, Value | null> =>
  oneOf("radio", "Radio", options)

/** One of a few values, from a menu. */
export const dropdown = <const Value extends string>(options: Choices<Value>): Component<Value, Value | null> =>
  oneOf("dropdown", "Dropdown", options)

/** Any JSON value. Generators send each change of it whole. */
export const json = (options: Options<unknown> = {}): Component<unknown, unknown> =>
  make<unknown, unknown>({
    type: "json",
    options,
    schema: { type: {}, description: "any valid json" },
    pythonType: "str | float | bool | list | dict",
    example: { foo: "bar" },
    preprocess: asIs,
    postprocess: asIs
  })

/** A table as the wire has it. */
export interface Table {
  readonly headers: ReadonlyArray<string>
  readonly data: ReadonlyArray<ReadonlyArray<unknown>>
  readonly metadata?: null
}

const tableSchema = {
  properties: {
    headers: { items: {}, title: "Headers", type: "array" },
    data: { items: { items: {}, type: "array" }, title: "Data", type: "array" },
    metadata: {
      anyOf: [{ additionalProperties: { anyOf: [{ items: {}, type: "array" }, { type: "null" }] }, type: "object" }, { type: "null" }],
      default: null,
      title: "Metadata"
    }
  },
  required: ["headers", "data"],
  title: "DataframeData",
  type: "object",
  additional_description: null
}

/** A table. */
export const dataframe = (options: Options<Table> = {}): Component<Table, Table> =>
  make<Table, Table>({
    type: "dataframe",
    options: { value: { headers: ["1", "2", "3"], data: [], metadata: null }, ...options },
    schema: tableSchema,
    pythonType: "dict(headers: list[Any], data: list[list[Any]], metadata: dict(str, list[Any] | None) | None)",
    example: { headers: ["a", "b"], data: [["foo", "bar"]] },
    preprocess: (value) =>
      FileData.isRecord(value) && Array.isArray(value["headers"]) && Array.isArray(value["data"])
        ? Effect.succeed({ headers: value["headers"].map(String), data: value["data"].filter(Array.isArray) })
        : Effect.fail(new BadInput({ message: "headers: Field required" })),
    postprocess: ({ data, headers }) => Effect.succeed({ headers, data, metadata: null })
  })

/** A row of a chat. */
export interface ChatMessage {
  readonly role: "user" | "assistant" | "system"
  readonly content: string
}

/** A chat: texts in, texts out, in the wire form of Gradio 6. */
export const chatbot = (options: Options<ReadonlyArray<ChatMessage>> = {}): Component<unknown, ReadonlyArray<ChatMessage>> =>
  make<unknown, ReadonlyArray<ChatMessage>>({
    type: "chatbot",
    options,
    schema: { type: "array", items: {}, title: "ChatbotDataMessages" },
    pythonType: "list[dict]",
    example: [{ role: "user", content: "Hello!" }],
    preprocess: asIs,
    postprocess: (messages) =>
      Effect.succeed(
        messages.map(({ content, role }) => ({ role, metadata: null, content: [{ text: content, type: "text" }], options: null }))
      )
  })

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
  properties: { ...fileProps, meta: { additionalProperties: true, default: { _type: "gradio.FileData" }, title: "Meta", type: "object" } },
  title: "ImageData",
  type: "object",
  additional_description: "A local filepath or publicly available URL."
}

const media = (type: string, schema: Readonly<Record<string, unknown>>) => (options: Options<null> = {}) =>
  make<ServerFile | null, ServerFile | null>({
    type,
    options,
    schema,
    pythonType: "filepath",
    example: { path: `https://example.com/example.${type}`, meta: { _type: "gradio.FileData" }, orig_name: `example.${type}` },
    preprocess: (value, { files }) => (value === null ? Effect.succeed(null) : FileData.decode(value, files)),
    postprocess: (file, { root }) => Effect.succeed(file === null ? null : FileData.encode(file, root))
  })

/** A file, or none. */
export const file: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media("file", fileSchema)

/** A picture; passed on as the file that it is. */
export const image: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media("image", imageSchema)

/** A sound; passed on as the file that it is. */
export const audio: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media("audio", fileSchema)

/** A film; passed on as the file that it is. */
export const video: (options?: Options<null>) => Component<ServerFile | null, ServerFile | null> = media("video", fileSchema)

/** Several files. */
export const files = (options: Options<null> = {}): Component<ReadonlyArray<ServerFile>, ReadonlyArray<ServerFile>> =>
  make<ReadonlyArray<ServerFile>, ReadonlyArray<ServerFile>>({
    type: "file",
    options,
    props: { file_count: "multiple" },
    schema: { $defs: { ...fileSchema.$defs, FileData: { ...fileSchema, $defs: undefined } }, items: { $ref: "#/$defs/FileData" }, title: "ListFiles", type: "array" },
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

/** A button. Its slot is in `data` but not in `/info`, and a client has to send its text. */
export const button = (options: Options<string> = {}): Component<string | null, string | null> =>
  make<string | null, string | null>({
    type: "button",
    options: { ...options, value: options.value ?? "Run" },
    props: { variant: "secondary", size: "lg", interactive: true },
    skipApi: true,
    preprocess: (value) => Effect.succeed(value === null ? null : pythonText(value)),
    postprocess: asIs
  })

/** A value that stays on the server, one for each session. */
export interface State<S> extends Component<S, S> {
  /** The value of a session. */
  readonly get: (session: object) => S
  /** Replaces the value of a session. */
  readonly set: (session: object, value: S) => void
}

/**
 * A value per session: whatever a client sends in its slot is ignored, and it is sent `null`. A call without a session hash starts from
 * `initial` each time. The value must not be changed in place, for all sessions start from the same one.
 */
export const state = <S>(initial: S): State<S> => {
  const values = new WeakMap<object, { readonly current: S }>()
  const get = (session: object) => (values.get(session) ?? { current: initial }).current
  const set = (session: object, value: S) => void values.set(session, { current: value })
  const component = make<S, S>({
    type: "state",
    options: {},
    props: { time_to_live: null },
    skipApi: true,
    preprocess: (_, { session }) => Effect.sync(() => get(session)),
    postprocess: (value, { session }) =>
      Effect.sync(() => {
        set(session, value)
        return null
      })
  })
  return { ...component, props: { time_to_live: null, name: "state", _selectable: false }, get, set }
}

/** The same component for a function that also takes `None`. */
export const nullable = <In, Out>(component: Component<In, Out>): Component<In | null, Out | null> => ({
  ...component,
  preprocess: (value, conversion) => (value === null ? Effect.succeed(null) : component.preprocess(value, conversion)),
  postprocess: (value, conversion) => (value === null ? Effect.succeed(null) : component.postprocess(value, conversion))
})

/** The same component for a parameter whose default is `None`: it may be left out and is then `null`. */
export const optional = <In, Out>(component: Component<In, Out>): Component<In | null, Out | null> => ({
  ...nullable(component),
  defaultsToNone: true
})
