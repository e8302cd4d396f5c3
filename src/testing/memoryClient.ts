/** An `HttpClient` whose requests are answered by a handler in the same process, whatever their origin. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
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

/** A client of the handler. Bodies are streams both ways: nothing is produced that is not read. */
export const make = (
  handler: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<HttpServerResponse.HttpServerResponse>
): HttpClient.HttpClient =>
  HttpClient.make((request, _url, signal) =>
    Effect.map(handler(HttpServerRequest.fromClientRequest(request)), (answer) =>
      HttpServerResponse.toClientResponse(tied(answer, signal), { request })
    )
  )
