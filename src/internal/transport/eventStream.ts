/**
 * An event stream as messages. The parser is Effect's, used directly so that a `retry:` line, which its channel turns into a failure, is passed
 * over: a Gradio stream cannot be resumed. Batches stay arrays all the way: waking a consumer costs more than a message.
 */
import * as Effect from "effect/Effect"
import { makeParser } from "effect/encoding/Sse"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import type { RequestError } from "../../GradioError.ts"
import { fromText, type ServerMessage } from "../../ServerMessage.ts"
import { read, refusal } from "./answer.ts"
import { type About, type Link, send } from "./link.ts"

/** One message with the bytes of its text, by which waiting messages are counted. */
export interface Received {
  readonly message: ServerMessage
  readonly bytes: number
}

/** Why an event stream ended before its sender meant it to. */
export interface StreamFault {
  readonly kind: "broke-off" | "too-large"
  readonly cause: unknown
}

/** Messages in pieces as they arrive, empty ones while a long message comes; done at the end of the body. */
export type Pieces = Pull.Pull<ReadonlyArray<Received>, StreamFault>

/** So many more bytes show that a message still comes; one that drips in more slowly is not heard of until it ends. */
const stride = 64 * 1024

/** All that is said is in the data of an event. */
const unnamed = (_: string, data: string): ServerMessage => fromText(data)

/**
 * The messages of an answer. Reading them fails with a `StreamFault` where the connection breaks off or a message has more than
 * `maxMessageBytes`; those that came before it are given first.
 */
export const messages = (
  response: HttpClientResponse.HttpClientResponse,
  maxMessageBytes: number,
  messageOf: (event: string, data: string) => ServerMessage = unnamed
): Effect.Effect<Pieces, never, Scope.Scope> => {
  let received: Array<Received> = []
  let fault: StreamFault | undefined
  // Bytes since the last message, and how many of them were told of. What is no message, such as a flood of comments, is not told of for ever.
  let partBytes = 0
  let toldBytes = 0
  // Any character takes a byte at least, so a limit in characters is no stricter than one in bytes.
  const parser = makeParser(
    (event) => {
      if (event._tag !== "Event" || event.data === "" || fault !== undefined) return
      // The parser looks at events that are not whole yet; one that comes whole is as large.
      if (event.data.length > maxMessageBytes) fault = { kind: "too-large", cause: undefined }
      else received.push({ message: messageOf(event.event, event.data), bytes: event.data.length })
    },
    { maxEventSize: maxMessageBytes }
  )
  const decoder = new TextDecoder()
  const bytes = Stream.mapError(response.stream, (error): StreamFault => ({
    kind: "broke-off",
    cause: error.reason.cause
  }))
  return Effect.map(Stream.toPull(bytes), (upstream) =>
    Effect.suspend(function next(): Pieces {
      if (fault !== undefined) return Effect.fail(fault)
      return Effect.flatMap(upstream, (chunks): Pieces => {
        for (const chunk of chunks) {
          partBytes += chunk.byteLength
          const error = parser.feed(decoder.decode(chunk, { stream: true }))
          if (error === undefined) continue
          fault = { kind: "too-large", cause: error }
          break
        }
        if (fault !== undefined && received.length === 0) return Effect.fail(fault)
        if (received.length === 0) {
          if (partBytes - toldBytes < stride || partBytes > maxMessageBytes) return next()
          toldBytes = partBytes
          return Effect.succeed([])
        }
        const piece = received
        received = []
        partBytes = 0
        toldBytes = 0
        return Effect.succeed(piece)
      })
    })
  )
}

/** Asks for an event stream; an answer that is none fails as what it is. */
export const listen = (
  link: Link,
  url: string,
  about: About,
  options?: {
    readonly headers?: Readonly<Record<string, string>>
    readonly messageOf?: (event: string, data: string) => ServerMessage
  }
): Effect.Effect<Pieces, RequestError, Scope.Scope> => {
  const request = HttpClientRequest.get(url, { headers: { accept: "text/event-stream", ...options?.headers } })
  return Effect.flatMap(send(link, request, about), (response) =>
    response.status === 200
      ? messages(response, link.limits.maxMessageBytes, options?.messageOf)
      : Effect.flatMap(read(response, about, link.limits.maxAnswerBytes), (answer) =>
          Effect.fail(refusal(answer, about))
        )
  )
}
