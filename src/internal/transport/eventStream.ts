/**
 * An event stream as messages. The parser is Effect's, used directly so that a `retry:` line, which its channel turns into a failure, is passed
 * over: a Gradio stream cannot be resumed. Batches stay arrays all the way: waking a consumer costs more than a message.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { makeParser } from "effect/encoding/Sse"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"

import { fromText, type ServerMessage } from "../../ServerMessage.ts"

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

/**
 * The messages of an answer in pieces as they arrive, each piece never empty. Fails with a `StreamFault` where the connection breaks off or a
 * message has more than `maxMessageBytes`.
 */
export const messages = (
  response: HttpClientResponse.HttpClientResponse,
  maxMessageBytes: number
): Stream.Stream<Received, StreamFault> => {
  let read: Array<Received> = []
  // Any character takes a byte at least, so a limit in characters is no stricter than one in bytes.
  const parser = makeParser(
    (event) => {
      if (event._tag === "Event" && event.data !== "")
        read.push({ message: fromText(event.data), bytes: event.data.length })
    },
    { maxEventSize: maxMessageBytes }
  )
  const decoder = new TextDecoder()
  const brokeOff = (cause: unknown): StreamFault => ({ kind: "broke-off", cause })
  let fault: StreamFault | undefined
  return Stream.transformPull(
    Stream.mapError(response.stream, (error) => brokeOff(error.reason.cause)),
    (upstream) =>
      Effect.succeed(
        Effect.suspend(function next(): Pull.Pull<Arr.NonEmptyReadonlyArray<Received>, StreamFault> {
          if (Arr.isArrayNonEmpty(read)) {
            const batch = read
            read = []
            return Effect.succeed(batch)
          }
          if (fault !== undefined) return Effect.fail(fault)
          return Effect.flatMap(upstream, (chunks) => {
            for (const chunk of chunks) {
              const error = parser.feed(decoder.decode(chunk, { stream: true }))
              if (error === undefined) continue
              fault = { kind: "too-large", cause: error }
              break
            }
            return next()
          })
        })
      )
  )
}
