/** What pages of other origins may ask and read (CORS). */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import * as Answer from "./Answer.ts"
import { hostOf } from "./root.ts"

/** Answers preflights itself, and tells with every other answer who may read it. */
export type Policy = (request: HttpServerRequest, answer: Effect.Effect<Answer.Answer>) => Effect.Effect<Answer.Answer>

const isPreflight = ({ headers, method }: HttpServerRequest) =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined

const preflight = ({ headers }: HttpServerRequest): Answer.Answer => {
  const wanted = headers["access-control-request-headers"]
  return HttpServerResponse.setHeaders(Answer.text("OK"), {
    "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
    "access-control-max-age": "600",
    ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted })
  })
}

/** An exception is answered above all of this. */
const tell = (answer: Effect.Effect<Answer.Answer>, headers: Readonly<Record<string, string>>) =>
  Effect.map(answer, (one) => (one === Answer.crashed ? one : HttpServerResponse.setHeaders(one, headers)))

const hostname = (address: string): string => {
  const url = address.includes("://") ? address : `http://${address}`
  return URL.canParse(url) ? new URL(url).hostname : ""
}

const machine = ["localhost", "127.0.0.1", "0.0.0.0"]

/** Only pages of this machine may read what an app says that runs on it. Other apps may be read by all. */
const allowed = (request: HttpServerRequest, local: ReadonlyArray<string>): Readonly<Record<string, string>> => {
  const { origin } = request.headers
  const isHere = local.includes(hostname(hostOf(request)))
  if (origin === undefined || (isHere && !local.includes(hostname(origin)))) return {}
  return { "access-control-allow-origin": origin }
}

const withCredentials =
  (local: ReadonlyArray<string>): Policy =>
  (request, answer) => {
    if (request.headers["origin"] === undefined) return answer
    const origin = allowed(request, local)
    const headers = { ...origin, "access-control-allow-credentials": "true" }
    return isPreflight(request)
      ? Effect.succeed(HttpServerResponse.setHeaders(preflight(request), headers))
      : tell(answer, "access-control-allow-origin" in origin ? { ...headers, vary: "Origin" } : headers)
  }

/** The policy of the newest version. */
export const strict: Policy = withCredentials(machine)

/** A page without an origin is one of this machine. */
export const withNull: Policy = withCredentials([...machine, "null"])

/** Nobody can send what makes a login, and preflights allow what all answers do. */
export const withoutCredentials: Policy = (request, answer) => {
  const headers = {
    ...allowed(request, [...machine, "null"]),
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Origin, Content-Type, Accept"
  }
  return tell(isPreflight(request) ? Effect.succeed(HttpServerResponse.empty({ status: 200 })) : answer, headers)
}

/** Everybody may read everything. */
export const open: Policy = (request, answer) =>
  request.headers["origin"] === undefined
    ? answer
    : tell(isPreflight(request) ? Effect.succeed(preflight(request)) : answer, { "access-control-allow-origin": "*" })
