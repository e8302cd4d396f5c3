/** Components whose values are objects and lists, in the forms that Gradio 6 gives them on the wire. */
import * as Effect from "effect/Effect"

import { asIs, type Component, make, type Options } from "./ComponentKind.ts"
import * as FileData from "./FileData.ts"
import { BadInput } from "./FileData.ts"
import { pythonRepr, pythonType } from "./pythonText.ts"

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
      anyOf: [
        { additionalProperties: { anyOf: [{ items: {}, type: "array" }, { type: "null" }] }, type: "object" },
        { type: "null" }
      ],
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

const badChat = (place: string, problem: string, kind: string, value: unknown) =>
  new BadInput({
    message: `1 validation error for ChatbotDataMessages\n${place}  ${problem} [type=${kind}, input_value=${pythonRepr(value)}, input_type=${pythonType(value)}]`
  })

/** A part of a message: a text, a file or a component. */
const chatPart = (part: unknown, place: string): Effect.Effect<unknown, BadInput> => {
  if (FileData.isRecord(part)) {
    if (typeof part["text"] === "string") return Effect.succeed({ text: part["text"], type: "text" })
    if (FileData.isRecord(part["file"])) return Effect.succeed({ alt_text: null, ...part, type: "file" })
    if (typeof part["component"] === "string") return Effect.succeed({ ...part, type: "component" })
  }
  return Effect.fail(
    badChat(`${place}\n`, "Input should be a valid dictionary or instance of TextMessage", "model_type", part)
  )
}

const chatMessage = (message: unknown, i: number): Effect.Effect<unknown, BadInput> => {
  if (!FileData.isRecord(message)) {
    return Effect.fail(
      badChat(`${i}\n`, "Input should be a valid dictionary or instance of Message", "model_type", message)
    )
  }
  const missing = ["role", "content"].find((name) => !Object.hasOwn(message, name))
  if (missing !== undefined) return Effect.fail(badChat(`${i}.${missing}\n`, "Field required", "missing", message))
  const { content, metadata = null, options = null, role } = message
  if (typeof role !== "string")
    return Effect.fail(badChat(`${i}.role\n`, "Input should be a valid string", "string_type", role))
  return Array.isArray(content)
    ? Effect.map(
        Effect.forEach(content, (part: unknown, j) => chatPart(part, `${i}.content.${j}.TextMessage`)),
        (parts) => ({ role, metadata, content: parts, options })
      )
    : Effect.fail(badChat(`${i}.content\n`, "Input should be a valid list", "list_type", content))
}

/**
 * A chat. Functions get the messages that came in as Gradio 6 has them on the wire, whatever the version, and none for `null`; what is no list of
 * messages is refused. They give texts. Its initial value is no messages.
 */
export const chatbot = (
  options: Options<ReadonlyArray<ChatMessage>> = {}
): Component<unknown, ReadonlyArray<ChatMessage>> =>
  make<unknown, ReadonlyArray<ChatMessage>>({
    type: "chatbot",
    options: { ...options, value: options.value ?? [] },
    schema: { type: "array", items: {}, title: "ChatbotDataMessages" },
    pythonType: "list[dict]",
    example: [
      { role: "user", metadata: null, content: [{ text: "Hello!", type: "text" }], options: null },
      { role: "assistant", metadata: null, content: [{ text: "How can I help you?", type: "text" }], options: null }
    ],
    preprocess: (value) => {
      if (value === null) return Effect.succeed([])
      return Array.isArray(value)
        ? Effect.forEach(value, chatMessage)
        : Effect.fail(badChat("", "Input should be a valid list", "list_type", value))
    },
    postprocess: (messages) =>
      Effect.succeed(
        messages.map(({ content, role }) => ({
          role,
          metadata: null,
          content: [{ text: content, type: "text" }],
          options: null
        }))
      )
  })

/** A word with its class or its number. */
export type Token = readonly [text: string, classOrConfidence: string | number | null]

const tokensSchema = {
  $defs: {
    HighlightedToken: {
      properties: {
        token: { title: "Token", type: "string" },
        class_or_confidence: {
          anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }],
          default: null,
          title: "Class Or Confidence"
        }
      },
      required: ["token"],
      title: "HighlightedToken",
      type: "object"
    }
  },
  items: { $ref: "#/$defs/HighlightedToken" },
  title: "HighlightedTextData",
  type: "array"
}

/** A text in coloured pieces. */
export const highlightedText = (
  options: Options<ReadonlyArray<Token>> = {}
): Component<unknown, ReadonlyArray<Token>> =>
  make<unknown, ReadonlyArray<Token>>({
    type: "highlightedtext",
    options,
    schema: tokensSchema,
    pythonType: "list[dict(token: str, class_or_confidence: str | float | None)]",
    example: [{ token: "hello", class_or_confidence: null }],
    preprocess: asIs,
    postprocess: (tokens) => Effect.succeed(tokens.map(([token, kind]) => ({ token, class_or_confidence: kind })))
  })
