/**
 * Ways in which a stand-in server misbehaves on purpose.
 *
 * A fault is one or two functions: `request` stands between a request and its answer, `frames` between the server and an event stream.
 * Everything here is made of these two, and so is everything that a test may add. The server itself never knows that it was tampered
 * with: a message that a fault drops counts as sent.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"

import { Broken } from "./Broken.ts"
import { type Message, unexpectedError } from "./Message.ts"

/** A piece of an event stream: a message, or text to be sent as it is. */
export type Frame =
  | { readonly _tag: "Message"; readonly message: Message }
  | { readonly _tag: "Text"; readonly text: string }

/** See the top of this module. */
export interface Fault {
  readonly request?: (
    request: HttpServerRequest,
    answer: Effect.Effect<HttpServerResponse.HttpServerResponse>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  /** A stream that fails with {@link Broken} breaks the connection off. */
  readonly frames?: (frames: Stream.Stream<Frame, Broken>, sessionHash: string) => Stream.Stream<Frame, Broken>
}

/** Which requests a fault is for; all that is left out matches everything. */
export interface Match {
  readonly method?: string | undefined
  /** The end of the path, without the query, or a pattern for all of it. */
  readonly path?: string | RegExp | undefined
  /** How many requests it hits before it is over. Default: any number. */
  readonly times?: number | undefined
}

const matches = ({ method, path }: Match, request: HttpServerRequest): boolean => {
  const pathname = request.url.split("?", 1)[0] ?? ""
  return (
    (method === undefined || request.method === method) &&
    (path === undefined || (typeof path === "string" ? pathname.endsWith(path) : path.test(pathname)))
  )
}

/** Limits what a fault does to requests. Its `frames` are not concerned. */
export const on = (match: Match, fault: Fault): Fault => {
  let left = match.times ?? Number.POSITIVE_INFINITY
  return {
    ...fault,
    request: (request, answer) =>
      Effect.suspend(() => {
        if (fault.request === undefined || left <= 0 || !matches(match, request)) return answer
        left--
        return fault.request(request, answer)
      })
  }
}

/** Waits before the request reaches the app. */
export const delay = (duration: Duration.Input): Fault => ({ request: (_, answer) => Effect.delay(answer, duration) })

/** Never answers; the app does not see the request. */
export const never: Fault = { request: () => Effect.never }

/** Lets the app work and never sends its answer. */
export const loseAnswer: Fault = { request: (_, answer) => Effect.andThen(answer, Effect.never) }

/** Answers in place of the app. */
export const refuse = (answer: {
  readonly status: number
  readonly body?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}): Fault => {
  const { body = "", headers = {}, status } = answer
  const { "content-type": contentType = "text/plain; charset=utf-8" } = headers
  return { request: () => Effect.succeed(HttpServerResponse.text(body, { status, headers, contentType })) }
}

/** Changes the answer of the app. */
export const mapAnswer = (
  f: (answer: HttpServerResponse.HttpServerResponse) => HttpServerResponse.HttpServerResponse
): Fault => ({ request: (_, answer) => Effect.map(answer, f) })

/** Sends answers under another content type. */
export const contentType = (type: string): Fault =>
  mapAnswer((answer) => HttpServerResponse.setHeader(answer, "content-type", type))

/** Breaks the connection off after so many bytes of the body. */
export const cutAfterBytes = (bytes: number): Fault =>
  mapAnswer((answer) => {
    const body = answer.body
    const whole =
      body._tag === "Stream" ? body.stream : body._tag === "Uint8Array" ? Stream.succeed(body.body) : Stream.empty
    const cut = whole.pipe(
      Stream.mapError(() => new Broken()),
      Stream.mapAccum(
        () => bytes,
        (left, chunk) => {
          const part = chunk.subarray(0, left)
          return [left - part.length, part.length === 0 ? [] : [part]] as const
        }
      ),
      Stream.concat(Stream.fail(new Broken()))
    )
    return HttpServerResponse.stream(cut, {
      status: answer.status,
      headers: answer.headers,
      contentType: answer.headers["content-type"]
    })
  })

/** Answers `/cancel` as if it had been heard. */
export const ignoreCancels: Fault = on(
  { method: "POST", path: "/cancel" },
  { request: () => Effect.succeed(HttpServerResponse.jsonUnsafe({ success: true })) }
)

/** Puts any number of messages in place of each. */
export const mapMessages = (f: (message: Message) => ReadonlyArray<Message>): Fault => ({
  frames: (frames) =>
    Stream.flatMap(frames, (frame) =>
      frame._tag === "Text" ? Stream.succeed(frame) : Stream.fromIterable(f(frame.message).map(toFrame))
    )
})

const toFrame = (message: Message): Frame => ({ _tag: "Message", message })

/** Loses messages. */
export const drop = (which: (message: Message) => boolean): Fault =>
  mapMessages((message) => (which(message) ? [] : [message]))

/** Sends messages twice. */
export const duplicate = (which: (message: Message) => boolean): Fault =>
  mapMessages((message) => (which(message) ? [message, message] : [message]))

/** Holds each of these messages back until the next one has been sent. */
export const swap = (which: (message: Message) => boolean): Fault => ({
  frames: (frames) =>
    Stream.mapAccum(
      frames,
      (): Frame | undefined => undefined,
      (held, frame) => {
        if (held !== undefined) return [undefined, [frame, held]] as const
        return frame._tag === "Message" && which(frame.message)
          ? ([frame, []] as const)
          : ([undefined, [frame]] as const)
      }
    )
})

/** Sends no logs. */
export const loseLogs: Fault = drop((message) => message.msg === "log")

/** Sends no heartbeats on event streams. */
export const stopHeartbeats: Fault = drop((message) => message.msg === "heartbeat")

/** Breaks event streams off after so many messages. */
export const cutAfterMessages = (count: number): Fault => ({
  frames: (frames) => Stream.concat(Stream.take(frames, count), Stream.fail(new Broken()))
})

/** Ends event streams in good order, but without `close_stream`, after so many messages. */
export const endAfterMessages = (count: number): Fault => ({ frames: (frames) => Stream.take(frames, count) })

/** Sends nothing more on event streams after so many messages, and keeps them open. */
export const stallAfterMessages = (count: number): Fault => ({
  frames: (frames) =>
    frames.pipe(
      Stream.zipWithIndex,
      // Not `take`: that would close the stream below, and the server would think that the client had left.
      Stream.mapEffect(([frame, i]) => (i < count ? Effect.succeed(frame) : Effect.never))
    )
})

/** Puts text in front of event streams, as it is. */
export const startWith = (text: string): Fault => ({
  frames: (frames) => Stream.concat(Stream.succeed<Frame>({ _tag: "Text", text }), frames)
})

/** Ends event streams after so many messages with what Gradio says when it is being stopped. */
export const serverStopped = (count: number): Fault => ({
  frames: (frames) =>
    Stream.take(frames, count).pipe(
      Stream.concat(Stream.succeed(toFrame(unexpectedError("Server stopped unexpectedly.", false))))
    )
})
