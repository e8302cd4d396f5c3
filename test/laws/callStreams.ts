/** The event streams of `sse` and of the plain routes, one for each call: a test is the server of each that is opened. */
import { Effect, Queue } from "effect"
import type { HttpClientRequest } from "effect/http"

import type { Accepted } from "../internal/protocol/sockets.ts"

/** A call as its server has it; the data that it sent is among `said`. */
export type Peer = Pick<Accepted, "say" | "close" | "breakOff" | "headers" | "said">

export interface CallStreams {
  /** Opens a stream, or takes the data of a call. */
  readonly answer: (request: HttpClientRequest.HttpClientRequest, url: URL) => Effect.Effect<Response>
  readonly next: Effect.Effect<Peer>
  readonly open: () => number
}

const encoder = new TextEncoder()

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown =>
  body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined

/** A message of a queue as the plain routes tell it. */
const plainly = (message: unknown): string => {
  const { msg, output, success } = Object(message)
  const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
  if (msg === "process_generating") return event("generating", output.data ?? output)
  if (msg !== "process_completed") return event(String(msg), message)
  return success === true ? event("complete", output.data ?? null) : event("error", output)
}

export const makeCallStreams: Effect.Effect<CallStreams> = Effect.gen(function* () {
  const accepted = yield* Queue.unbounded<Peer>()
  const talks = new Map<string, Queue.Queue<unknown>>()
  /** Calls by the plain routes, which are joined before they are listened to. */
  const joined = new Map<string, { readonly headers: Readonly<Record<string, string>>; readonly data: unknown }>()
  let open = 0

  const join = (
    key: string,
    headers: Readonly<Record<string, string>>,
    written: (message: unknown) => string,
    data?: unknown
  ) =>
    Effect.gen(function* () {
      const said = yield* Queue.unbounded<unknown>()
      talks.set(key, said)
      if (data !== undefined) Queue.offerUnsafe(said, data)
      let isOpen = true
      open++
      const gone = (then?: () => void) => {
        if (!isOpen) return
        isOpen = false
        open--
        then?.()
      }
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          const peer: Peer = {
            headers,
            said,
            say: (...messages) => {
              if (!isOpen) return
              for (const message of messages) controller.enqueue(encoder.encode(written(message)))
            },
            close: () => gone(() => controller.close()),
            breakOff: () => gone(() => controller.error(new Error("cut")))
          }
          Queue.offerUnsafe(accepted, peer)
        },
        cancel: () => gone()
      })
      return new Response(body)
    })

  return {
    open: () => open,
    next: Queue.take(accepted),
    answer: (request, url) =>
      Effect.suspend(() => {
        if (url.pathname === "/queue/join") {
          const { searchParams } = url
          const key = `${searchParams.get("session_hash")} ${searchParams.get("fn_index")}`
          return join(key, request.headers, (message) => {
            // As the server does: it names the event where it asks for its data.
            const named = Object(message).msg === "send_data" ? { ...Object(message), event_id: key } : message
            return `data: ${JSON.stringify(named)}\n\n`
          })
        }
        const [, name, id] = /^\/call\/([^/]+)(?:\/(.+))?$/.exec(url.pathname) ?? []
        if (id !== undefined) {
          const call = joined.get(id)
          return call === undefined
            ? Effect.succeed(new Response("no event", { status: 404 }))
            : join(id, call.headers, plainly, call.data)
        }
        if (name !== undefined) {
          const event_id = `event-${joined.size}`
          joined.set(event_id, { headers: request.headers, data: bodyOf(request) })
          return Effect.succeed(Response.json({ event_id }))
        }
        const data = bodyOf(request)
        const talk = talks.get(String(Object(data).event_id))
        if (talk === undefined) return Effect.succeed(new Response("no event", { status: 404 }))
        Queue.offerUnsafe(talk, data)
        return Effect.succeed(Response.json(true))
      })
  }
})
