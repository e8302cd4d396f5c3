/** An `HttpClient` whose requests are answered by a handler in the same process, whatever their origin. */
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import { Broken } from "./Broken.ts"

const aborted = (signal: AbortSignal): Effect.Effect<never, Broken> =>
  Effect.callback((resume) => {
    const abort = () => resume(Effect.fail(new Broken()))
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })

/** The body ends for the server when the client aborts, as it does when a socket closes. */
const tied = (answer: Answer.Answer, signal: AbortSignal): Answer.Answer =>
  Answer.mapStream(answer, Stream.interruptWhen(aborted(signal)))

const quoted = (text: string) => text.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22")

const part = (boundary: string, key: string, value: string | File): Stream.Stream<Uint8Array, Broken> => {
  const isText = typeof value === "string"
  const file = isText
    ? ""
    : `; filename="${quoted(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}`
  const content = isText
    ? Stream.encodeText(Stream.succeed(value))
    : Stream.fromReadableStream({ evaluate: () => value.stream(), onError: () => new Broken() })
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(key)}"${file}\r\n\r\n`
  return Stream.encodeText(Stream.succeed(head)).pipe(
    Stream.concat(content),
    Stream.concat(Stream.encodeText(Stream.succeed("\r\n")))
  )
}

/** A form as it would be on the wire: other transports write it only when they send it. */
const encoded = Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest) {
  const { body } = request
  if (body._tag !== "FormData") return request
  const boundary = `----form${yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)}`
  const content = Stream.fromIterable(body.formData.entries()).pipe(
    Stream.flatMap(([key, value]) => part(boundary, key, value)),
    Stream.concat(Stream.encodeText(Stream.succeed(`--${boundary}--\r\n`)))
  )
  return HttpClientRequest.setBody(request, HttpBody.stream(content, `multipart/form-data; boundary=${boundary}`))
})

/** A client of the handler. Bodies are streams both ways: nothing is produced that is not read. */
export const make = (
  handler: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<HttpServerResponse.HttpServerResponse>
): HttpClient.HttpClient =>
  HttpClient.make((request, _url, signal) =>
    encoded(request).pipe(
      Effect.flatMap((sent) => handler(HttpServerRequest.fromClientRequest(sent))),
      Effect.map((answer) => HttpServerResponse.toClientResponse(tied(answer, signal), { request }))
    )
  )
