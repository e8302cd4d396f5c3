/** Answers that many routes give, in the words of Gradio. */
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Stream from "effect/Stream"

/** An answer that is also a way to leave a route early: routes fail with it. */
export type Answer = HttpServerResponse.HttpServerResponse

/** JSON. */
export const json = (body: unknown, status = 200): Answer => HttpServerResponse.jsonUnsafe(body, { status })

/** The JSON object that FastAPI makes of an error. */
export const detail = (status: number, message: unknown): Answer => json({ detail: message }, status)

/** Plain text. */
export const text = (body: string, status = 200): Answer =>
  HttpServerResponse.text(body, { status, contentType: "text/plain; charset=utf-8" })

/** What comes of an exception in a route. The connection is closed after it. */
export const crashed: Answer = HttpServerResponse.setHeader(text("Internal Server Error", 500), "connection", "close")

/** No such route. */
export const notFound: Answer = detail(404, "Not Found")

/** The same answer with its body, if it is a stream, sent through `f`. */
export const mapStream = <E>(
  answer: Answer,
  f: (stream: Stream.Stream<Uint8Array, unknown>) => Stream.Stream<Uint8Array, E>
): Answer => {
  const { body, headers, status } = answer
  return body._tag === "Stream"
    ? HttpServerResponse.stream(f(body.stream), {
        status,
        headers,
        contentType: body.contentType,
        contentLength: body.contentLength
      })
    : answer
}
