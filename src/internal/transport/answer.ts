/**
 * Answers that come at once: read within their limits, parsed as JSON, and turned into the error of their status where they are refusals. Event
 * streams are read by `eventStream`.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

import {
  AppProtocolError,
  AppRateLimitError,
  AppResponseError,
  AppUnreachableError,
  AuthenticationError,
  circumstances,
  type RequestError
} from "../../GradioError.ts"
import { parse } from "../wire/json.ts"
import { type About, discard, type Link, send, within } from "./link.ts"

/** An answer whose body is read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** When it was read, in milliseconds: `Retry-After` may name a date. */
  readonly at: number
}

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
): Effect.Effect<Answer, AppUnreachableError | AppResponseError> =>
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
): Effect.Effect<Answer, AppUnreachableError | AppResponseError> =>
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

const transientStatus = new Set([408, 425, 500, 502, 503, 504])

/** The error of an answer that refuses; what only a certain route says (a full queue, a validator) is read before by its caller. */
export const refusal = (answer: Answer, about: About): RequestError => {
  const common = {
    where: about.where,
    reached: about.reached,
    // A refusal in the 400s comes before the function; a proxy may answer for a server that got the call.
    mayHaveRun: about.reached !== "nothing-sent" && answer.status >= 500,
    retryAfter: retryAfter(answer)
  }
  if (answer.status === 401) {
    const authMessage = authMessageOf(answer.text)
    return new AuthenticationError({ ...circumstances(common), authMessage })
  }
  if (answer.status === 429) return new AppRateLimitError(circumstances({ ...common, isTransient: true }))
  return new AppResponseError({
    ...circumstances({ ...common, isTransient: transientStatus.has(answer.status) }),
    status: answer.status,
    body: answer.text.slice(0, 1000)
  })
}

const retryAfter = (answer: Answer): Duration.Duration | undefined => {
  const header = answer.headers["retry-after"]
  const parsed = header === undefined ? undefined : Headers.parseRetryAfter(header)
  return parsed === undefined || Result.isFailure(parsed)
    ? undefined
    : Headers.retryAfterDelay(parsed.success, answer.at)
}

// {"detail":"Not authenticated"} up to 5.35, {"detail":{"error":…,"auth_message":…}} from 5.36.
const authMessageOf = (text: string): string | undefined => {
  try {
    const parsed: unknown = parse(text)
    if (!Predicate.hasProperty(parsed, "detail") || !Predicate.hasProperty(parsed.detail, "auth_message"))
      return undefined
    const message = parsed.detail.auth_message
    return typeof message === "string" ? message : undefined
  } catch {
    return undefined
  }
}
