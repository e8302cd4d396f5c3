/**
 * The way to one app: its address, its credentials, and the limits of its answers. Everything that is sent to an app goes through `send`, so what
 * is secret reaches the app's own origin and no other, whatever redirects say.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

import { AppResponseError, AppUnreachableError, circumstances, type Reached, type Where } from "../../GradioError.ts"
import type { Limits } from "../../Limits.ts"
import { type BaseUrl, isForbidden } from "../wire/routes.ts"
import { type Credentials, type Renewal, stillRefused } from "./credentials.ts"
import { isResetOfUsedConnection, isSentNothing, transportProblem } from "./problem.ts"
import { type Answer, authMessageOf, type Refusal } from "./refusal.ts"
import type { Signer } from "./signature.ts"

export interface Link {
  readonly base: BaseUrl
  /** `config.api_prefix`, known once the config is read. */
  readonly prefix: string
  /** The version of Gradio, known then too. */
  readonly version: string
  /** Sends as it is, without anything secret. */
  readonly client: HttpClient.HttpClient
  /** What this connection is known by to the app, and to nobody else. */
  readonly credentials: Credentials
  /** Query parameters of every call. */
  readonly query: Readonly<Record<string, string>>
  readonly limits: Limits
  /** When to repeat what is safe to repeat; never, where there is none. */
  readonly retry: Schedule.Schedule<unknown> | undefined
}

/** What a request is about, for the error that it may end with. */
export interface About {
  readonly where: Where
  /** How far the call is once this request was sent, where the request belongs to a call. */
  readonly reached: Reached
}

const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5

const sameApp = (link: Link, url: string): boolean =>
  url.startsWith(link.base.href) || (URL.canParse(url) && new URL(url).origin === link.base.origin)

const unreachable = (
  about: About,
  error: HttpClientError.HttpClientError,
  url: string,
  nothingSent = isSentNothing(error)
): AppUnreachableError =>
  new AppUnreachableError({
    ...circumstances({
      where: about.where,
      reached: nothingSent ? "nothing-sent" : about.reached,
      isTransient: true,
      cause: error.reason.cause
    }),
    tried: [{ url: shown(url), answer: transportProblem(error) }]
  })

/** A URL as it may be shown: without credentials and query. */
export const shown = (url: string): string => {
  const parsed = new URL(url)
  return parsed.origin + parsed.pathname
}

const maxDiscarded = 16 * 1024

/** The text of an answer as far as it comes, up to about `maxBytes`; what is longer or takes longer is broken off. */
const beginning = (
  response: HttpClientResponse.HttpClientResponse,
  maxBytes: number,
  within: Duration.Input
): Effect.Effect<string> => {
  const decoder = new TextDecoder()
  let read = 0
  let text = ""
  return response.stream.pipe(
    Stream.takeUntil((chunk) => (read += chunk.byteLength) > maxBytes),
    Stream.runForEach((chunk) =>
      Effect.sync(() => {
        text += decoder.decode(chunk, { stream: true })
      })
    ),
    Effect.timeoutOption(within),
    Effect.ignore,
    Effect.map(() => text.slice(0, maxBytes))
  )
}

/**
 * Ends an answer that is not wanted, and gives the beginning of its text. An unread body holds its connection, so a short one is read, which keeps
 * the connection for the next request, and one that is longer or does not come is broken off.
 */
const remainder = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  beginning(response, maxDiscarded, "1 second")

/** Ends an answer that is not wanted. */
export const discard = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.asVoid(remainder(response))

const leave = (about: About, response: HttpClientResponse.HttpClientResponse, problem: string): AppResponseError =>
  new AppResponseError({
    ...circumstances({ where: about.where, reached: about.reached, mayHaveRun: false }),
    status: response.status,
    body: "",
    problem
  })

/** What sending can meet: the answer itself may be anything. */
export type SendError = AppUnreachableError | Refusal

/**
 * Sends one request and gives its answer, whatever its status. Redirects are followed within the app's origin; to another origin only requests
 * without a body go, and without headers of ours. A body is never sent anywhere but to the address it was meant for. A request that the app refuses
 * for want of a login is sent once more after that: nothing ran.
 */
export const send = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> => sendAt(link, request, about, maxRedirects)

const sendAt = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About,
  hops: number
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> =>
  Effect.flatMap(
    sameApp(link, request.url) ? sendToApp(link, request, about) : sendOnce(link, request, about),
    (response) => {
      if (redirects.has(response.status)) return follow(link, request, about, hops, response)
      return response.status === 0 ? followBlindly(link, request, about, response) : Effect.succeed(response)
    }
  )

/** A connection that was going away when a request was sent on it shows that within a round trip, in milliseconds. */
const roundTrip = 250

/** Sends a request, and once more where it met a connection that was just being closed: then the server has not read it. */
const sendOnce = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About
): Effect.Effect<HttpClientResponse.HttpClientResponse, AppUnreachableError> =>
  Effect.withFiber((fiber) => {
    const once = link.client.execute(request)
    const sentAt = now(fiber)
    const isUnread = (error: HttpClientError.HttpClientError): boolean =>
      isResetOfUsedConnection(error) &&
      (request.method === "GET" || (request.body._tag !== "Stream" && now(fiber) - sentAt < roundTrip))
    return Effect.catch(once, (error) =>
      isUnread(error)
        ? Effect.mapError(once, (second) => unreachable(about, second, request.url, false))
        : Effect.fail(unreachable(about, error, request.url))
    )
  })

const now = (fiber: Fiber.Fiber<unknown, unknown>): number => fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()

const sendWithCredentials = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> => {
  const { credentials } = link
  const sent = (signature: string | undefined) =>
    Effect.withFiber((fiber) => {
      const known = credentials.onto(link.base, request, now(fiber))
      const signed =
        signature === undefined ? known : HttpClientRequest.setUrlParam(known, signParameter, Redacted.make(signature))
      return Effect.map(sendOnce(link, signed, about), (response) => {
        credentials.keep(request.url, response, now(fiber))
        return response
      })
    })
  return credentials.signer?.everywhere === true
    ? Effect.flatMap(signature(link, credentials.signer), sent)
    : sent(undefined)
}

const signParameter = "__sign"

const signature = (link: Link, signer: Signer): Effect.Effect<string, SendError> =>
  signer.current((request) => {
    const about: About = { where: { url: shown(request.url) }, reached: "nothing-sent" }
    return askNow(link, sendOnce(link, request, about), about)
  })

/** Reads an answer for the credentials; one over the limits is cut. */
const askNow = <E>(
  link: Link,
  sent: Effect.Effect<HttpClientResponse.HttpClientResponse, E>,
  about: About
): Effect.Effect<Answer, E | AppUnreachableError> =>
  Effect.flatMap(sent, (response) =>
    Effect.zipWith(
      beginning(response, link.limits.maxAnswerBytes, Duration.infinity),
      Clock.currentTimeMillis,
      (text, at) => ({
        status: response.status,
        headers: response.headers,
        text,
        at
      })
    )
  ).pipe(within(about, link.limits.answerTimeout, about.where.url))

const sendToApp = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> => {
  const { credentials } = link
  const sent = sendWithCredentials(link, request, about)
  if (!credentials.renewable) return sent
  return Effect.suspend(() => {
    const age = credentials.age()
    return Effect.flatMap(sent, (response) =>
      response.status === 401 ? renewThen(link, age, response, about, sent) : Effect.succeed(response)
    )
  })
}

/** Sends once more after a renewal. */
const renewThen = (
  link: Link,
  age: number,
  refused: HttpClientResponse.HttpClientResponse,
  about: About,
  again: Effect.Effect<HttpClientResponse.HttpClientResponse, SendError>
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> =>
  Effect.flatMap(remainder(refused), (text) => {
    const authMessage = authMessageOf(text)
    return Effect.flatMap(renew(link, age, authMessage), (renewal) =>
      Effect.flatMap(again, (response) =>
        response.status === 401 && renewal !== "signed-anew"
          ? Effect.andThen(discard(response), Effect.fail(stillRefused(about.where, authMessage, renewal)))
          : Effect.succeed(response)
      )
    )
  })

const renew = (link: Link, age: number, authMessage: string | undefined): Effect.Effect<Renewal, SendError> => {
  const about: About = { where: { url: link.base.href }, reached: "nothing-sent" }
  return link.credentials.renew(link.base, age, authMessage, (request) =>
    askNow(link, sendWithCredentials(link, request, about), about)
  )
}

/**
 * A request for what opens a WebSocket, which is not sent from here: as it would be sent, with the credentials of this moment. Where the app refuses
 * it, any request that is sent here renews them.
 */
export const handshake = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<HttpClientRequest.HttpClientRequest, SendError> => {
  if (!sameApp(link, request.url)) return Effect.succeed(request)
  const { signer } = link.credentials
  const signed =
    signer?.everywhere === true
      ? Effect.map(signature(link, signer), (token) =>
          HttpClientRequest.setUrl(request, withSignature(request.url, token))
        )
      : Effect.succeed(request)
  return Effect.flatMap(signed, (one) =>
    Effect.withFiber((fiber) => Effect.succeed(link.credentials.onto(link.base, one, now(fiber))))
  )
}

const withSignature = (url: string, token: string): string => {
  const signed = new URL(url)
  signed.searchParams.set(signParameter, token)
  return signed.href
}

/** An address of the app for what can carry no header; signed where the app is a Space and there is a token, and otherwise as it is. */
export const signedUrl = (link: Link, url: string): Effect.Effect<string, SendError> => {
  const { signer } = link.credentials
  return signer === undefined || !sameApp(link, url)
    ? Effect.succeed(url)
    : Effect.map(signature(link, signer), (token) => withSignature(url, token))
}

/** Browsers hide where a redirect leads. Without a body, and without anything secret, it is followed by the browser itself. */
const followBlindly = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> =>
  request.method === "GET" || request.method === "HEAD"
    ? link.client.execute(bare(request, request.url)).pipe(
        Effect.provideService(Redirects, "follow"),
        Effect.mapError((error) => unreachable(about, error, request.url))
      )
    : Effect.fail(
        leave(
          about,
          response,
          "a redirect of the call, which this browser does not show; connect to its target instead"
        )
      )

/** The same request without headers of ours. */
const bare = (request: HttpClientRequest.HttpClientRequest, url: string | URL): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.make(request.method === "HEAD" ? "HEAD" : "GET")(url, {
    headers: request.headers["accept"] === undefined ? {} : { accept: request.headers["accept"] }
  })

const follow = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About,
  hops: number,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<HttpClientResponse.HttpClientResponse, SendError> =>
  Effect.andThen(
    discard(response),
    Effect.suspend(() => {
      const next = nextOf(link, request, about, hops, response)
      return next instanceof AppResponseError ? Effect.fail(next) : sendAt(link, next, about, hops - 1)
    })
  )

const nextOf = (
  link: Link,
  request: HttpClientRequest.HttpClientRequest,
  about: About,
  hops: number,
  response: HttpClientResponse.HttpClientResponse
): HttpClientRequest.HttpClientRequest | AppResponseError => {
  const location = response.headers["location"]
  if (location === undefined || !URL.canParse(location, request.url)) {
    return leave(about, response, `HTTP ${response.status} without a usable Location`)
  }
  const to = new URL(location, request.url)
  if (hops === 0) return leave(about, response, `more than ${maxRedirects} redirects, the last to ${shown(to.href)}`)
  if (to.protocol !== "http:" && to.protocol !== "https:") {
    return leave(about, response, `a redirect to ${to.protocol}`)
  }
  if (to.origin !== link.base.origin && isForbidden(link.base, to)) {
    return leave(about, response, `a redirect to ${to.host}, an address that only this machine or its network can mean`)
  }
  const bodiless = request.method === "GET" || request.method === "HEAD"
  const keepsMethod = bodiless || response.status === 307 || response.status === 308
  if (!keepsMethod || (!bodiless && to.origin !== link.base.origin)) {
    return leave(
      about,
      response,
      `HTTP ${response.status}, a redirect of the call to ${shown(to.href)}; connect to that address instead`
    )
  }
  // The signature of the address that led here; the app gets its own.
  if (to.searchParams.has(signParameter)) to.searchParams.delete(signParameter)
  return sameApp(link, to.href) ? HttpClientRequest.setUrl(request, to) : bare(request, to)
}

/** The failure of a request that took longer than its limit. */
export const overdue = (
  about: About,
  limit: Duration.Duration,
  url: string,
  answer = "no complete answer within"
): AppUnreachableError =>
  new AppUnreachableError({
    ...circumstances({ where: about.where, reached: about.reached, isTransient: true }),
    tried: [{ url: shown(url), answer: `${answer} ${Duration.format(limit)}` }]
  })

/** Fails a request that takes too long, body included. */
export const within =
  (about: About, limit: Duration.Duration, url: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | AppUnreachableError, R> =>
    Duration.isFinite(limit)
      ? Effect.timeoutOrElse(effect, {
          duration: limit,
          orElse: () => Effect.fail(overdue(about, limit, url))
        })
      : effect

/** Fails a request in which nothing moved for too long; `lastActive` tells when something last did, in milliseconds. */
export const withinSilence =
  (about: About, limit: Duration.Duration, url: string, lastActive: () => number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | AppUnreachableError, R> =>
    Effect.raceFirst(
      effect,
      Effect.gen(function* () {
        while (true) {
          const left = lastActive() + Duration.toMillis(limit) - (yield* Clock.currentTimeMillis)
          if (left <= 0) return yield* overdue(about, limit, url, "nothing moved for")
          yield* Effect.sleep(left)
        }
      })
    )

/**
 * Headers of requests to apps carry no trace ids, and requests make no spans of their own: the operations of this library do. Redirects come back
 * instead of being followed by `fetch`, which would take bodies and headers along to any origin; `init` is what else the program wants of `fetch`.
 * A client of the program's own that shows requests does not show the values of `secretHeaders`.
 */
export const quiet = (
  client: HttpClient.HttpClient,
  init: RequestInit | undefined,
  secretHeaders: ReadonlyArray<string>
): HttpClient.HttpClient => {
  const inits = { manual: { ...init, redirect: "manual" }, follow: { ...init, redirect: "follow" } } as const
  const settled = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    // Added one by one: merging contexts copies all services of the program for each request.
    Effect.updateContext(effect, (context: Context.Context<R>) =>
      context.pipe(
        Context.add(HttpClient.TracerDisabledWhen, always),
        Context.add(Headers.CurrentRedactedNames, secretHeaders),
        Context.add(FetchHttpClient.RequestInit, inits[Context.get(context, Redirects)])
      )
    )
  // Around all of the client, what the program does to requests before they are sent included.
  return HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    (request) => Effect.flatMap(request, (one) => settled(client.execute(one))),
    Effect.succeed
  )
}

const always = () => true

/** Whether redirects come back or are followed by `fetch` itself. */
const Redirects = Context.Reference<"manual" | "follow">("effect-gradio/Redirects", { defaultValue: () => "manual" })
