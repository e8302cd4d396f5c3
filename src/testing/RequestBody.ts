/** The JSON bodies that clients post, checked field by field with the words of the validation that FastAPI does. */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import { isRecord } from "./FileData.ts"

type Fields = Readonly<Record<string, unknown>>

interface Problem {
  readonly type: string
  readonly loc: ReadonlyArray<string | number>
  readonly msg: string
  readonly input: unknown
  readonly ctx?: unknown
}

const invalid = (...problems: ReadonlyArray<Problem>) => Effect.fail(Answer.detail(422, problems))

const parse = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** The object that was posted. */
export const fields = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const text = yield* Effect.mapError(request.text, () => Answer.crashed)
  const isJson = /^application\/(?:json|.*\+json)/.test(request.headers["content-type"] ?? "")
  const parsed = isJson ? parse(text) : { value: text }
  if (text === "") return yield* invalid({ type: "missing", loc: ["body"], msg: "Field required", input: null })
  if (parsed === undefined) {
    const isOpen = text.startsWith("{")
    return yield* invalid({
      type: "json_invalid",
      loc: ["body", isOpen ? 1 : 0],
      msg: "JSON decode error",
      input: {},
      ctx: { error: isOpen ? "Expecting property name enclosed in double quotes" : "Expecting value" }
    })
  }
  if (!isRecord(parsed.value)) {
    return yield* invalid({
      type: "model_attributes_type",
      loc: ["body"],
      msg: "Input should be a valid dictionary or object to extract fields from",
      input: parsed.value
    })
  }
  return parsed.value
})

const missing = (body: Fields, name: string): Problem => ({
  type: "missing",
  loc: ["body", name],
  msg: "Field required",
  input: body
})

/** A call: the body of `/queue/join`, `/run` and `/call`. */
export interface CallBody {
  readonly data: ReadonlyArray<unknown>
  readonly fnIndex: number | null
  readonly sessionHash: string | null
  readonly eventData: unknown
  readonly triggerId: number | null
  readonly simpleFormat: boolean
}

const integer = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value)
    ? value
    : typeof value === "string" && /^\s*-?\d+\s*$/.test(value)
      ? Number(value)
      : undefined

/** What is wrong with a field that has to be an integer, or a text, if it is there. */
const problemOf = (body: Fields, name: string, kind: "integer" | "text"): ReadonlyArray<Problem> => {
  const input = body[name]
  const wrong = (type: string, msg: string) => [{ type, loc: ["body", name], msg, input }]
  if (input === undefined || input === null) return []
  if (kind === "text") return typeof input === "string" ? [] : wrong("string_type", "Input should be a valid string")
  if (integer(input) !== undefined) return []
  return typeof input === "number"
    ? wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part")
    : wrong("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
}

const required = (body: Fields, name: string, kind: "integer" | "text") =>
  name in body ? problemOf(body, name, kind) : [missing(body, name)]

const dataProblems = (body: Fields): ReadonlyArray<Problem> => {
  if (!("data" in body)) return [missing(body, "data")]
  return Array.isArray(body["data"])
    ? []
    : [{ type: "list_type", loc: ["body", "data"], msg: "Input should be a valid list", input: body["data"] }]
}

/** What there is of a call, whatever is wrong with it. */
export const read = (body: Fields): CallBody => {
  const { data, event_data: eventData, fn_index: fnIndex, session_hash: sessionHash, trigger_id: triggerId } = body
  return {
    data: Array.isArray(data) ? data : [],
    fnIndex: integer(fnIndex) ?? null,
    sessionHash: typeof sessionHash === "string" ? sessionHash : null,
    eventData: eventData ?? null,
    triggerId: integer(triggerId) ?? null,
    simpleFormat: body["simple_format"] === true
  }
}

/** Reads a call. Numbers may come as text. */
export const call = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  const problems = [
    ...problemOf(body, "session_hash", "text"),
    ...dataProblems(body),
    ...problemOf(body, "fn_index", "integer"),
    ...problemOf(body, "trigger_id", "integer")
  ]
  if (problems.length > 0) return yield* invalid(...problems)
  return read(body)
})

/** Reads the data that a call was asked for: the event, and what it is called with. */
export const answer = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  const problems = dataProblems(body)
  if (problems.length > 0) return yield* invalid(...problems)
  return { eventId: String(body["event_id"]), body: read(body) }
})

/** Reads the body of `/cancel`. */
export const cancel = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  const problems = [
    ...required(body, "session_hash", "text"),
    ...required(body, "fn_index", "integer"),
    ...required(body, "event_id", "text")
  ]
  if (problems.length > 0) return yield* invalid(...problems)
  return {
    sessionHash: String(body["session_hash"]),
    fnIndex: integer(body["fn_index"]) ?? -1,
    eventId: String(body["event_id"])
  }
})

/** Reads the body of `/reset`, which names an event, or the function and the session of one; gives the event. */
export const reset = Effect.fnUntraced(function* (request: HttpServerRequest, names: "event" | "function") {
  const body = yield* fields(request)
  const problems =
    names === "event"
      ? required(body, "event_id", "text")
      : [...required(body, "session_hash", "text"), ...required(body, "fn_index", "integer")]
  if (problems.length > 0) return yield* invalid(...problems)
  return names === "event" ? String(body["event_id"]) : undefined
})

/** Reads a call of a component's function: JSON, or a form whose texts and files are its data. */
export const componentCall = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const isForm = /^multipart\/form-data/i.test(request.headers["content-type"] ?? "")
  const read = isForm ? Effect.mapError(form(request), () => Answer.crashed) : Effect.map(fields(request), jsonCall)
  return yield* read
})

const jsonCall = (body: Fields) => ({ target: body, data: body["data"] })

const form = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const data: Record<string, string> = {}
  const files: Array<readonly [string, Uint8Array]> = []
  yield* Stream.runForEach(request.multipartStream, (part) => {
    if (part._tag === "Field") return Effect.sync(() => void (data[part.key] = part.value))
    return Effect.map(part.contentEffect, (bytes) => void files.push([part.name, bytes]))
  })
  return { target: data, data: { data, files } }
})

/** The component, the function and the session that a call of a component's function names. */
export const componentOf = (target: Fields) => ({
  component: integer(target["component_id"]) ?? -1,
  name: String(target["fn_name"]),
  sessionHash: String(target["session_hash"])
})

const integers = (query: Readonly<Record<string, string>>, name: string): ReadonlyArray<Problem> => {
  const input = query[name]
  if (input === undefined) return [{ type: "missing", loc: ["query", name], msg: "Field required", input: null }]
  return integer(input) === undefined
    ? [
        {
          type: "int_parsing",
          loc: ["query", name],
          msg: "Input should be a valid integer, unable to parse string as an integer",
          input
        }
      ]
    : []
}

/** Reads a call that is all in the query: the function, the session, and perhaps the data. */
export const query = Effect.fnUntraced(function* (given: Readonly<Record<string, string>>) {
  const { data, session_hash: sessionHash } = given
  const problems: ReadonlyArray<Problem> = [
    ...integers(given, "fn_index"),
    ...(sessionHash === undefined
      ? [{ type: "missing", loc: ["query", "session_hash"], msg: "Field required", input: null }]
      : [])
  ]
  if (problems.length > 0) return yield* invalid(...problems)
  const values = data === undefined ? undefined : parse(data)
  if (data !== undefined && values === undefined) return yield* Effect.fail(Answer.crashed)
  const call = read({ fn_index: given["fn_index"], session_hash: sessionHash, data: values?.value })
  return { call, hasData: data !== undefined }
})

/** The problem of a query parameter that has to be there. */
export const missingQuery = (name: string) =>
  Answer.detail(422, [{ type: "missing", loc: ["query", name], msg: "Field required", input: null }])
