/** Answers that come at once: read within their limits, and parsed as JSON. Event streams are read by `eventStream`. */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

import {
  AppProtocolError,
  AppResponseError,
  AppUnreachableError,
  circumstances,
  type RequestError
} from "../../GradioError.ts"
import { parse } from "../wire/json.ts"
import { type About, discard, type Link, send, type SendError, within } from "./link.ts"
import { type Answer, refusal } from "./refusal.ts"

export { type Answer, refusal } from "./refusal.ts"

const tooLarge = (about: About, status: number, maxBytes: number): AppResponseError =>
  new AppResponseError({
    ...circumstances({ where: about.where, reached: about.reached }),
    status,
    body: "",
    problem: `an answer of more than ${maxBytes} bytes`
  })

const brokenOff = (about: About, cause: unknown): AppUnreachableError =>
  new AppUnreachableError({
    ...circumstances({ where: about.where, reached: about.reached, isTransient: true, cause }),
    tried: [{ url: about.where.url, answer: "the answer broke off" }]
  })

/** Reads an answer with its body, up to `maxBytes`. */
export const read = (
  response: HttpClientResponse.HttpClientResponse,
  about: About,
  maxBytes: number
): Effect.Effect<Answer, AppResponseError | AppUnreachableError> =>
  Effect.zipWith(readText(response, about, maxBytes), Clock.currentTimeMillis, (text, at) => ({
    status: response.status,
    headers: response.headers,
    text,
    at
  }))

const readText = (
  response: HttpClientResponse.HttpClientResponse,
  about: About,
  maxBytes: number
): Effect.Effect<string, AppResponseError | AppUnreachableError> => {
  const { headers } = response
  const length = headers["content-length"]
  // A declared length is enforced by the transport, so the short way is safe; a decompressed body has none that counts.
  if (length !== undefined && headers["content-encoding"] === undefined) {
    return Number(length) > maxBytes
      ? Effect.andThen(discard(response), Effect.fail(tooLarge(about, response.status, maxBytes)))
      : Effect.mapError(response.text, (error) => brokenOff(about, error.reason.cause))
  }
  const decoder = new TextDecoder()
  const pieces: Array<string> = []
  let size = 0
  return response.stream.pipe(
    Stream.mapError((error) => brokenOff(about, error.reason.cause)),
    Stream.runForEachArray((chunks) => {
      for (const chunk of chunks) {
        size += chunk.byteLength
        if (size > maxBytes) return Effect.fail(tooLarge(about, response.status, maxBytes))
        pieces.push(decoder.decode(chunk, { stream: true }))
      }
      return Effect.void
    }),
    Effect.map(() => pieces.join("") + decoder.decode())
  )
}

/** Sends a request and reads its answer, whatever its status. */
export const ask = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About,
  limits: { readonly timeout: Duration.Duration; readonly maxBytes: number }
): Effect.Effect<Answer, SendError> =>
  Effect.flatMap(send(link, request, about), (response) => read(response, about, limits.maxBytes)).pipe(
    within(about, limits.timeout, request.url)
  )

/** Sends a JSON body; the same limits. */
export const askWithJson = (
  link: Link,
  url: string,
  body: unknown,
  about: About,
  limits: { readonly timeout: Duration.Duration; readonly maxBytes: number },
  headers?: Readonly<Record<string, string>>
): Effect.Effect<Answer, SendError> =>
  ask(
    link,
    HttpClientRequest.post(url, {
      body: HttpBody.jsonUnsafe(body),
      ...(headers === undefined ? {} : { headers })
    }),
    about,
    limits
  )

/** The JSON of a good answer, or the error of a refusal. */
export const jsonOf = (answer: Answer, about: About, part: string): Effect.Effect<unknown, RequestError> => {
  if (answer.status < 200 || answer.status > 299) return Effect.fail(refusal(answer, about))
  try {
    return Effect.succeed(parse(answer.text))
  } catch (cause) {
    return Effect.fail(
      new AppProtocolError({
        ...circumstances({ where: about.where, reached: about.reached, cause }),
        part,
        received: answer.text.slice(0, 1000),
        problem: "which is no JSON"
      })
    )
  }
}
