/** Raw HTTP against a stand-in server, as short as tests want it. */
import { Effect, Stream } from "effect"
import { HttpBody, HttpClient, type HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"

/** An answer that was read to its end: JSON where it is JSON. */
export interface Read {
  readonly status: number
  readonly body: unknown
}

const read = Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse) {
  const text = yield* response.text
  const isJson = (response.headers["content-type"] ?? "").startsWith("application/json")
  const answer: Read = { status: response.status, body: isJson ? JSON.parse(text) : text }
  return answer
})

export const base = "http://gradio.test"

export const get = (path: string) => Effect.flatMap(HttpClient.get(`${base}${path}`), read)

export const post = (path: string, body: unknown) =>
  Effect.flatMap(HttpClient.post(`${base}/gradio_api${path}`, { body: HttpBody.jsonUnsafe(body) }), read)

/** The messages of an event stream. */
export const messages = (session: string) =>
  HttpClient.get(`${base}/gradio_api/queue/data?session_hash=${session}`).pipe(
    Effect.map((response) =>
      response.stream.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line.startsWith("data: ")),
        Stream.map((line): Readonly<Record<string, unknown>> => JSON.parse(line.slice(6)))
      )
    ),
    Stream.unwrap
  )

export const allMessages = (session: string) => Stream.runCollect(messages(session))

/** Joins an event and gives its id. */
export const join = Effect.fnUntraced(function* (
  fnIndex: number,
  data: ReadonlyArray<unknown>,
  session: string,
  more: object = {}
) {
  const { body } = yield* post("/queue/join", { data, fn_index: fnIndex, session_hash: session, ...more })
  return typeof body === "object" && body !== null && "event_id" in body ? String(body.event_id) : ""
})

/** Joins one event and reads all messages. */
export const call = Effect.fnUntraced(function* (
  fnIndex: number,
  data: ReadonlyArray<unknown>,
  session = "s",
  more: object = {}
) {
  const id = yield* join(fnIndex, data, session, more)
  return { id, messages: yield* allMessages(session) }
})

/** The outputs and failures of a call, without what goes with them. */
export const outputs = (all: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
  all.flatMap(({ output }) =>
    typeof output === "object" && output !== null ? ["data" in output ? output.data : output] : []
  )

/** Lets time pass in small steps, so that whatever wakes up can go to sleep again before the next. */
export const elapse = (seconds: number) =>
  Effect.forEach(Array.from({ length: seconds * 10 }), () => TestClock.adjust("100 millis"), { discard: true })
