/**
 * What a connection is known by to its app: headers, a token of Hugging Face, cookies, a login. Whatever is sent to the app gets them here, and only
 * what is sent to the app.
 */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

import { AuthenticationError, circumstances, type Where } from "../../GradioError.ts"
import { headersOf, type Place, type Token } from "../wire/huggingFace.ts"
import { type BaseUrl, userInfoOf } from "../wire/routes.ts"
import * as CookieJar from "./cookies.ts"
import type { SendError } from "./link.ts"
import { type Login, logIn, type Outcome } from "./login.ts"
import { severalServers } from "./problem.ts"
import type { Answer } from "./refusal.ts"
import * as Signature from "./signature.ts"

/** What a program gives to be known by. */
export interface Given {
  readonly headers: Readonly<Record<string, string | Redacted.Redacted<string>>>
  readonly cookies: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly login: Login | undefined
  readonly token: Token | undefined
  /** The token makes signatures in addresses, and is in no header. */
  readonly signedLinks?: boolean | undefined
  readonly place: Place
}

/** What a renewal did: a login, or only another signature. */
export type Renewal = Outcome | "signed-anew"

/** Sends a request as it is, and reads the answer. */
type Ask = (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<Answer, SendError>

/** The credentials of one connection; the cookies among them change. */
export interface Credentials {
  /** The request with all that this connection is known by. The headers of the request win. */
  readonly onto: (
    base: BaseUrl,
    request: HttpClientRequest.HttpClientRequest,
    now: number
  ) => HttpClientRequest.HttpClientRequest
  /** Keeps the cookies of an answer from the app. */
  readonly keep: (url: string, response: HttpClientResponse.HttpClientResponse, now: number) => void
  /** Names of the headers whose values nobody may see; more with each call that has some. */
  readonly secretHeaders: ReadonlyArray<string>
  /** The headers of a call, for its requests. */
  readonly ofCall: (headers: Given["headers"]) => Readonly<Record<string, string>>
  /** For what can carry no header; none where there is no Space to sign for. */
  readonly signer: Signature.Signer | undefined
  /** Whether a refusal can be answered with something newer. */
  readonly renewable: boolean
  /** How often they were renewed; what goes out now is of this age. */
  readonly age: () => number
  /**
   * Renews credentials of that age, which the app refused. Any number of requests that were refused with the same ones cause one renewal, and share what
   * came of it.
   */
  readonly renew: (
    base: BaseUrl,
    age: number,
    authMessage: string | undefined,
    ask: Ask
  ) => Effect.Effect<Renewal, SendError>
}

/** `Headers` of Effect hides the first four by itself; a list of one's own replaces them. */
const secretNames = [
  "authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "x-hf-authorization",
  "x-ip-token",
  "x-zerogpu-token",
  "x-zerogpu-uuid"
]

const valueOf = (value: string | Redacted.Redacted<string>): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

/** HTTP basic authentication, as browsers and curl make it of an address with a user and a password. */
export const basicHeader = (source: string | URL): Given["headers"] => {
  const user = userInfoOf(source)
  return user === undefined ? {} : { authorization: Redacted.make(`Basic ${Base64.encode(Redacted.value(user))}`) }
}

/** Names as HTTP has them, in lower case, and values in the open: for a request that is about to be sent. */
const plainHeaders = (headers: Given["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), valueOf(value)]))

/** Cookies go into the jar, those of a `Cookie` header too, so that what the app sets later replaces them. */
const beginningCookies = (cookies: Given["cookies"], header: string | undefined): Readonly<Record<string, string>> => ({
  ...(header === undefined ? {} : CookieJar.inHeader(header)),
  ...Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, Redacted.value(value)]))
})

/** Makes the credentials of a connection to the app at this address. */
export const make = (base: BaseUrl, given: Given): Effect.Effect<Credentials> =>
  Effect.map(Semaphore.make(1), (one) => {
    const { cookie, ...plain } = plainHeaders(given.headers)
    const jar = CookieJar.make(base.hostname, beginningCookies(given.cookies, cookie))
    const signer = Signature.make(base, given.token, given.place, given.signedLinks === true)
    const inHeader = signer?.everywhere === true ? undefined : given.token
    const headersAt = (place: BaseUrl): Readonly<Record<string, string>> => {
      const { authorization, ...token } = headersOf(inHeader, place, given.place)
      // Marks the traffic of clients for the app's analytics, as both official clients do. Browsers would ask the hub whether it takes such a header.
      const mark = place.origin === given.place.hub.origin ? {} : { "x-gradio-user": "api" }
      const common = { ...mark, ...token, ...plain }
      if (authorization === undefined) return common
      // An app that is given an `Authorization` of its own reads that; the token takes the other header.
      return "authorization" in plain
        ? { "x-hf-authorization": authorization, ...common }
        : { ...common, authorization }
    }
    let at = { origin: base.origin, headers: headersAt(base) }
    let age = 0
    let last: Effect.Effect<Renewal, SendError> = Effect.succeed("logged-in")

    const onto: Credentials["onto"] = (place, request, now) => {
      // The same app over TLS may be told more.
      if (at.origin !== place.origin) at = { origin: place.origin, headers: headersAt(place) }
      const headers: Record<string, string> = { ...at.headers, ...request.headers }
      const cookies = jar.header(request.url, request.headers["cookie"], now)
      if (cookies !== undefined) headers["cookie"] = cookies
      return HttpClientRequest.setHeaders(request, headers)
    }

    const { login } = given
    const renew: Credentials["renew"] = (place, refusedAge, authMessage, ask) =>
      one.withPermit(
        Effect.suspend(() => {
          if (age !== refusedAge) return last
          if (signer?.everywhere === true) signer.forget()
          if (login === undefined) {
            age++
            last = Effect.succeed("signed-anew")
            return last
          }
          return Effect.onExit(logIn(place, login, authMessage, ask), (exit) =>
            Effect.sync(() => {
              // Whoever waits tries it anew.
              if (Exit.hasInterrupts(exit)) return
              age++
              last = exit
            })
          )
        })
      )
    const secretHeaders = [...secretNames]
    const hide = (headers: Given["headers"]): void => {
      for (const [name, value] of Object.entries(headers)) {
        const known = name.toLowerCase()
        if (Redacted.isRedacted(value) && !secretHeaders.includes(known)) secretHeaders.push(known)
      }
    }
    hide(given.headers)
    return {
      secretHeaders,
      ofCall: (headers) => {
        hide(headers)
        return plainHeaders(headers)
      },
      onto,
      keep: (url, response, now) => jar.keep(url, response.cookies, now),
      signer,
      renewable: login !== undefined || signer?.everywhere === true,
      age: () => age,
      renew
    }
  })

/** An app that refuses what it was renewed with. */
export const stillRefused = (where: Where, authMessage: string | undefined, outcome: Outcome): AuthenticationError =>
  new AuthenticationError({
    ...circumstances({ where }),
    authMessage,
    problem:
      outcome === "no-form"
        ? "wants a login, but has none by user name and password: its host wants a header, a cookie or a token"
        : `refuses a login that it has just accepted; ${severalServers}`
  })
