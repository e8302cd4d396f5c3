/** Conversations: the messages of 6, those of 4.44 and 5, and the pairs of 3 to 5, as messages with parts. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

import type * as GradioFile from "../../GradioFile.ts"
import { type FileOptions, ofTypes } from "./file.ts"
import { absent, type Component, type FileLike, FileInput, FileOutput } from "./payload.ts"

/** A text of a message. */
export interface ChatText {
  readonly type: "text"
  readonly text: string
}

/** A file of a message. */
export interface ChatFile<F = GradioFile.GradioFile> {
  readonly type: "file"
  readonly file: F
  readonly altText?: string | undefined
}

/** A component of Gradio within a message, by its kind and its value. */
export interface ChatComponent {
  readonly type: "component"
  readonly component: string
  readonly value: unknown
  readonly props: Readonly<Record<string, unknown>>
  readonly constructorArgs: Readonly<Record<string, unknown>>
}

/** A part of a message. */
export type ChatPart<F = GradioFile.GradioFile> = ChatText | ChatFile<F> | ChatComponent

/** What is shown around a message: a title makes it a thought. */
export interface ChatMetadata {
  readonly title?: string | undefined
  readonly id?: string | number | undefined
  readonly parentId?: string | number | undefined
  readonly log?: string | undefined
  /** In seconds. */
  readonly duration?: number | undefined
  readonly status?: string | undefined
}

/** An answer that a message offers. */
export interface ChatOption {
  readonly value: string
  readonly label?: string | undefined
}

/** Who says something; Gradio takes any text. */
export type ChatRole = "user" | "assistant" | "system" | (string & {})

/** A message. */
export interface ChatMessage<F = GradioFile.GradioFile> {
  readonly role: ChatRole
  readonly content: ReadonlyArray<ChatPart<F>>
  readonly metadata?: ChatMetadata | undefined
  readonly options?: ReadonlyArray<ChatOption> | undefined
}

/** A message to send: as one that came, or with a text for its only part. */
export interface ChatInput {
  readonly role: ChatRole
  readonly content: string | ReadonlyArray<ChatPart<FileLike>>
  readonly metadata?: ChatMetadata | undefined
  readonly options?: ReadonlyArray<ChatOption> | undefined
}

// ---- on the wire

const Attributes = Schema.Record(Schema.String, Schema.Unknown)
const Id = Schema.Union([Schema.String, Schema.Finite])

const wirePart = <F>(file: Schema.Codec<F>) =>
  Schema.Union([
    Schema.String,
    Schema.Struct({ text: Schema.String, type: Schema.optionalKey(Schema.Literal("text")) }),
    Schema.Struct({ file, alt_text: absent(Schema.String), type: Schema.optionalKey(Schema.Literal("file")) }),
    Schema.Struct({
      component: Schema.String,
      value: Schema.Unknown,
      constructor_args: absent(Attributes),
      props: absent(Attributes),
      type: Schema.optionalKey(Schema.Literal("component"))
    })
  ])

type WirePart<F> =
  | string
  | { readonly text: string; readonly type?: "text" }
  | { readonly file: F; readonly alt_text?: string | null; readonly type?: "file" }
  | {
      readonly component: string
      readonly value: unknown
      readonly constructor_args?: Readonly<Record<string, unknown>> | null
      readonly props?: Readonly<Record<string, unknown>> | null
      readonly type?: "component"
    }

const WireMetadata = Schema.Struct({
  title: absent(Schema.String),
  id: absent(Id),
  parent_id: absent(Id),
  log: absent(Schema.String),
  duration: absent(Schema.Finite),
  status: absent(Schema.String)
})
type WireMetadata = typeof WireMetadata.Type

const WireOption = Schema.Struct({ value: Schema.String, label: absent(Schema.String) })
type WireOption = typeof WireOption.Type

interface WireMessage<F> {
  readonly role: string
  readonly content: WirePart<F> | ReadonlyArray<WirePart<F>>
  readonly metadata?: WireMetadata | null
  readonly options?: ReadonlyArray<WireOption> | null
}

type WirePair<F> = readonly [WirePart<F> | null, WirePart<F> | null]

type WireChat<F> = ReadonlyArray<WireMessage<F> | WirePair<F>> | null

const wireChat = <F>(file: Schema.Codec<F>): Schema.Codec<WireChat<F>, unknown> => {
  const part: Schema.Codec<WirePart<F>, unknown> = wirePart(file)
  const said = Schema.NullOr(part)
  return Schema.NullOr(
    Schema.Array(
      Schema.Union([
        Schema.Tuple([said, said]),
        Schema.Struct({
          role: Schema.String,
          content: Schema.Union([part, Schema.Array(part)]),
          metadata: absent(WireMetadata),
          options: absent(Schema.Array(WireOption))
        })
      ])
    )
  )
}

// ---- from the wire

const isList = <A>(u: A | ReadonlyArray<A>): u is ReadonlyArray<A> => Array.isArray(u)

const isPair = <F>(u: WireMessage<F> | WirePair<F>): u is WirePair<F> => Array.isArray(u)

const partOf = <F>(part: WirePart<F>): ChatPart<F> => {
  if (typeof part === "string") return { type: "text", text: part }
  if ("text" in part) return { type: "text", text: part.text }
  if ("file" in part) {
    const altText = part.alt_text ?? undefined
    return { type: "file", file: part.file, ...(altText === undefined ? {} : { altText }) }
  }
  const { component, constructor_args, props, value } = part
  return { type: "component", component, value, props: props ?? {}, constructorArgs: constructor_args ?? {} }
}

/** Without the fields that say nothing. */
const present = <A extends object>(record: { readonly [K in keyof A]: A[K] | null | undefined }):
  | Partial<A>
  | undefined => {
  const entries = Object.entries(record).filter(([, value]) => value !== null && value !== undefined)
  return entries.length === 0 ? undefined : Object.assign({}, ...entries.map(([key, value]) => ({ [key]: value })))
}

const metadataOf = (wire: WireMetadata | null | undefined): ChatMetadata | undefined =>
  wire === null || wire === undefined
    ? undefined
    : present<ChatMetadata>({
        title: wire.title,
        id: wire.id,
        parentId: wire.parent_id,
        log: wire.log,
        duration: wire.duration,
        status: wire.status
      })

const optionOf = ({ label, value }: WireOption): ChatOption =>
  label === null || label === undefined ? { value } : { value, label }

const messageOf = <F>({ content, metadata, options, role }: WireMessage<F>): ChatMessage<F> => {
  const around = metadataOf(metadata)
  return {
    role,
    content: (isList(content) ? content : [content]).map(partOf),
    ...(around === undefined ? {} : { metadata: around }),
    ...(options === null || options === undefined ? {} : { options: options.map(optionOf) })
  }
}

/** What was said in a pair, the user first. */
const saidIn = <F>([user, bot]: WirePair<F>): ReadonlyArray<ChatMessage<F>> => [
  ...(user === null ? [] : [{ role: "user", content: [partOf(user)] }]),
  ...(bot === null ? [] : [{ role: "assistant", content: [partOf(bot)] }])
]

const fromWire = <F>(chat: WireChat<F>): ReadonlyArray<ChatMessage<F>> =>
  (chat ?? []).flatMap((one) => (isPair(one) ? saidIn(one) : [messageOf(one)]))

// ---- to the wire

const partsOf = ({ content }: ChatInput): ReadonlyArray<ChatPart<FileLike>> =>
  typeof content === "string" ? [{ type: "text", text: content }] : content

/** What is not there is left out: not every version takes `null` for it. */
const around = ({ metadata, options, role }: Pick<ChatInput, "role" | "metadata" | "options">) => {
  const wire =
    metadata === undefined
      ? undefined
      : present<WireMetadata>({
          title: metadata.title,
          id: metadata.id,
          parent_id: metadata.parentId,
          log: metadata.log,
          duration: metadata.duration,
          status: metadata.status
        })
  return {
    role,
    ...(wire === undefined ? {} : { metadata: wire }),
    ...(options === undefined
      ? {}
      : { options: options.map(({ label, value }) => (label === undefined ? { value } : { value, label })) })
  }
}

/** A part with its type, as 6 wants it. */
const typedPart = <F>(part: ChatPart<F>): WirePart<F> => {
  switch (part.type) {
    case "text":
      return part
    case "file":
      return { type: "file", file: part.file, alt_text: part.altText ?? null }
    case "component":
      return {
        type: "component",
        component: part.component,
        value: part.value,
        constructor_args: part.constructorArgs,
        props: part.props
      }
  }
}

/** A part alone, as those before 6 want it. */
const barePart = <F>(part: ChatPart<F>): WirePart<F> => {
  switch (part.type) {
    case "text":
      return part.text
    case "file":
      return { file: part.file, alt_text: part.altText ?? null }
    case "component":
      return {
        component: part.component,
        value: part.value,
        constructor_args: part.constructorArgs,
        props: part.props
      }
  }
}

type Encode = (chat: ReadonlyArray<ChatInput>) => Effect.Effect<WireChat<FileLike>, SchemaIssue.Issue>

/** Messages with lists of parts. */
const toLists: Encode = (chat) =>
  Effect.succeed(chat.map((message) => ({ ...around(message), content: partsOf(message).map(typedPart) })))

/** Messages of one part: one of several is sent as several. */
const toMessages: Encode = (chat) =>
  Effect.succeed(
    chat.flatMap((message) => partsOf(message).map((part) => ({ ...around(message), content: barePart(part) })))
  )

/** Pairs: what the assistant says goes beside what the user said last, if that has no answer yet. */
const toPairs: Encode = (chat) => {
  const stranger = chat.find(({ role }) => role !== "user" && role !== "assistant")
  if (stranger !== undefined) {
    return Effect.fail(
      new SchemaIssue.InvalidValue(
        { expected: "messages of the user and the assistant alone, which is all that pairs can hold" },
        chat,
        {}
      )
    )
  }
  const pairs: Array<WirePair<FileLike>> = []
  for (const message of chat) {
    for (const part of partsOf(message)) {
      const said = barePart(part)
      const last = pairs.at(-1)
      if (message.role === "user") pairs.push([said, null])
      else if (last !== undefined && last[1] === null) pairs[pairs.length - 1] = [last[0], said]
      else pairs.push([null, said])
    }
  }
  return Effect.succeed(pairs)
}

// ---- as it is held

const heldPart = <F>(file: Schema.Codec<F>) =>
  Schema.Union([
    Schema.Struct({ type: Schema.Literal("text"), text: Schema.String }),
    Schema.Struct({ type: Schema.Literal("file"), file, altText: Schema.optional(Schema.String) }),
    Schema.Struct({
      type: Schema.Literal("component"),
      component: Schema.String,
      value: Schema.Unknown,
      props: Attributes,
      constructorArgs: Attributes
    })
  ])

const heldAround = {
  role: Schema.String,
  metadata: Schema.optional(
    Schema.Struct({
      title: Schema.optional(Schema.String),
      id: Schema.optional(Id),
      parentId: Schema.optional(Id),
      log: Schema.optional(Schema.String),
      duration: Schema.optional(Schema.Finite),
      status: Schema.optional(Schema.String)
    })
  ),
  options: Schema.optional(Schema.Array(Schema.Struct({ value: Schema.String, label: Schema.optional(Schema.String) })))
}

const inputOf = (encode: Encode): Schema.Codec<ReadonlyArray<ChatInput>, unknown> =>
  wireChat(FileInput).pipe(
    Schema.decodeTo(
      Schema.Array(
        Schema.Struct({
          ...heldAround,
          content: Schema.Union([Schema.String, Schema.Array(heldPart(FileInput))])
        })
      ),
      SchemaTransformation.transformEffect<ReadonlyArray<ChatInput>, WireChat<FileLike>>({
        decode: (chat) => Effect.succeed(fromWire(chat)),
        encode
      })
    )
  )

const output: Schema.Codec<ReadonlyArray<ChatMessage>, unknown> = wireChat(FileOutput).pipe(
  Schema.decodeTo(
    Schema.Array(Schema.Struct({ ...heldAround, content: Schema.Array(heldPart(FileOutput)) })),
    SchemaTransformation.transform<ReadonlyArray<ChatMessage>, WireChat<GradioFile.GradioFile>>({
      decode: fromWire,
      encode: (chat) => chat.map((message) => ({ ...around(message), content: message.content.map(typedPart) }))
    })
  )
)

/**
 * A conversation. What comes is in this form from all versions, each message with a list of parts; how it is sent depends on the app, and this is
 * for Gradio 6.
 *
 * @example
 * [
 *   { role: "user", content: "What is this?" },
 *   { role: "user", content: [{ type: "file", file: GradioFile.fromBytes(bytes, { name: "photo.png" }) }] },
 *   { role: "assistant", content: [{ type: "text", text: "A cat." }], metadata: { title: "Looking" } }
 * ]
 */
export const Chatbot: Component<ReadonlyArray<ChatInput>, ReadonlyArray<ChatMessage>> = {
  input: inputOf(toLists),
  output
}

/**
 * A conversation for a `Chatbot` of Gradio 4.44 and 5 with `type="messages"`, whose messages have one part each: one of several is sent as
 * several.
 *
 * @example
 * [{ role: "user", content: "hi" }, { role: "assistant", content: "hello" }]
 */
export const ChatbotMessages: Component<ReadonlyArray<ChatInput>, ReadonlyArray<ChatMessage>> = {
  input: inputOf(toMessages),
  output
}

/**
 * A conversation for a `Chatbot` of Gradio 3 to 5 that holds pairs of what the user and the assistant said. A message of anyone else is refused;
 * what is around a message (`metadata`, `options`) has no place there and is left out.
 *
 * @example
 * [{ role: "user", content: "hi" }, { role: "assistant", content: "hello" }]
 */
export const ChatbotTuples: Component<ReadonlyArray<ChatInput>, ReadonlyArray<ChatMessage>> = {
  input: inputOf(toPairs),
  output
}

// ---- text with files

/** A text with files. */
export interface Multimodal<F = GradioFile.GradioFile> {
  readonly text: string
  readonly files: ReadonlyArray<F>
}

const textWith = <F>(file: Schema.Codec<F>) => Schema.Struct({ text: Schema.String, files: Schema.Array(file) })

const wireMultimodal = Schema.Struct({ text: absent(Schema.String), files: absent(Schema.Array(FileOutput)) }).pipe(
  Schema.decodeTo(
    textWith(FileOutput),
    SchemaTransformation.transform({
      decode: ({ files, text }) => ({ text: text ?? "", files: files ?? [] }),
      encode: (value) => value
    })
  )
)

/**
 * A text with files, or `null`. With the types that they may have, {@link multimodal}. Since Gradio 4.22.
 *
 * @example
 * { text: "What is this?", files: [GradioFile.fromBytes(bytes, { name: "photo.png" })] }
 */
export const MultimodalTextbox: Component<Multimodal<FileLike> | null, Multimodal | null> = {
  input: Schema.NullOr(textWith(FileInput)),
  output: Schema.NullOr(wireMultimodal)
}

/** The same with files of some types: `Component.multimodal({ types: [".csv", "image"] })`. Gradio refuses others from 5 on. */
export const multimodal = (options: FileOptions): Schema.Codec<Multimodal<FileLike> | null, unknown> =>
  Schema.NullOr(textWith(ofTypes(options)))
