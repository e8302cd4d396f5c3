/** The JSON bodies that clients post, checked field by field with the words of the validation that FastAPI does. */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

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
  if (parsed === undefined) {
    return yield* invalid({
      type: "json_invalid",
      loc: ["body", 0],
      msg: "JSON decode error",
      input: {},
      ctx: { error: "Expecting value" }
    })
  }
  if (text === "") return yield* invalid({ type: "missing", loc: ["body"], msg: "Field required", input: null })
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

/** Reads a call. Numbers may come as text. */
export const call = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  const { data, event_data: eventData, fn_index: fnIndex, session_hash: sessionHash, trigger_id: triggerId } = body
  const problems: Array<Problem> = []
  if (!("data" in body)) problems.push(missing(body, "data"))
  else if (!Array.isArray(data)) {
    problems.push({ type: "list_type", loc: ["body", "data"], msg: "Input should be a valid list", input: data })
  }
  for (const [name, value] of [
    ["fn_index", fnIndex],
    ["trigger_id", triggerId]
  ] as const) {
    if (value !== undefined && value !== null && integer(value) === undefined) {
      problems.push({
        type: "int_parsing",
        loc: ["body", name],
        msg: "Input should be a valid integer, unable to parse string as an integer",
        input: value
      })
    }
  }
  if (sessionHash !== undefined && sessionHash !== null && typeof sessionHash !== "string") {
    problems.push({
      type: "string_type",
      loc: ["body", "session_hash"],
      msg: "Input should be a valid string",
      input: sessionHash
    })
  }
  if (problems.length > 0) return yield* invalid(...problems)
  const read: CallBody = {
    data: Array.isArray(data) ? data : [],
    fnIndex: integer(fnIndex) ?? null,
    sessionHash: typeof sessionHash === "string" ? sessionHash : null,
    eventData: eventData ?? null,
    triggerId: integer(triggerId) ?? null,
    simpleFormat: body["simple_format"] === true
  }
  return read
})

/** Reads the body of `/cancel`. */
export const cancel = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  const { event_id: eventId, session_hash: sessionHash } = body
  const fnIndex = integer(body["fn_index"])
  if (typeof sessionHash === "string" && fnIndex !== undefined && typeof eventId === "string")
    return { sessionHash, fnIndex, eventId }
  return yield* invalid(
    ...["session_hash", "fn_index", "event_id"].filter((name) => !(name in body)).map((name) => missing(body, name))
  )
})

/** Checks the body of `/reset`, which does nothing. */
export const reset = Effect.fnUntraced(function* (request: HttpServerRequest) {
  const body = yield* fields(request)
  if (typeof body["event_id"] !== "string") return yield* invalid(missing(body, "event_id"))
})

/** The problem of a query parameter that has to be there. */
export const missingQuery = (name: string) =>
  Answer.detail(422, [{ type: "missing", loc: ["query", name], msg: "Field required", input: null }])
