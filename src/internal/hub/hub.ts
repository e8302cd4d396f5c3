/** Hugging Face's hub: what it says of Spaces, and the changes that are asked of it. Requests go through the one transport, as those to apps do. */
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Predicate from "effect/Predicate"
import type * as Result from "effect/Result"
import type * as Schema from "effect/Schema"

import {
  AppProtocolError,
  type AppUnreachableError,
  AuthenticationError,
  circumstances,
  type RequestError,
  SpaceError
} from "../../GradioError.ts"
import { type Answer, ask, jsonOf, refusal } from "../transport/answer.ts"
import type { About, Link } from "../transport/link.ts"
import { hub as configuredHub, type LinkOptions, makeLink } from "../transport/makeLink.ts"
import { retrySafe } from "../transport/retrySafe.ts"
import { excerpt, parse } from "../wire/json.ts"
import type { BaseUrl } from "../wire/routes.ts"
import {
  decodeInfo,
  decodeRuntime,
  decodeWhoami,
  type Info,
  type Runtime,
  shownSpace,
  type SpaceSource
} from "../wire/space.ts"

/** The way to the hub. */
export interface Hub {
  readonly link: Link
  readonly hasToken: boolean
}

/** What of a connection's options concerns the hub: an app's headers, cookies and password are none of its business. */
export type HubOptions = Omit<LinkOptions, "headers" | "cookies" | "auth" | "query" | "signedLinks">

/** What asking the hub can meet. */
export type HubError = RequestError | SpaceError

/** The hub of the program's configuration. */
export const make = (options: HubOptions): Effect.Effect<Hub, AppUnreachableError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { answerTimeout, maxAnswerBytes, retry, token, transformClient } = options
    const own = { answerTimeout, maxAnswerBytes, retry, token, transformClient }
    return { link: yield* makeLink(yield* configuredHub, own), hasToken: token !== undefined }
  })

/** The page of a Space, for people. */
export const pageOf = (base: BaseUrl, id: string): string => `${base.href}spaces/${id}`

const aboutSpace = ({ link }: Hub, id: string): About => ({
  where: { url: pageOf(link.base, id), service: "Hugging Face" },
  reached: "nothing-sent"
})

const aboutHub = ({ link }: Hub): About => ({
  where: { url: link.base.href, service: "Hugging Face" },
  reached: "nothing-sent"
})

const encoded = (id: string): string => id.split("/").map(encodeURIComponent).join("/")

const routeOf = (base: BaseUrl, id: string, what: string): string =>
  `${base.href}api/spaces/${encoded(id)}${what === "" ? "" : `/${what}`}`

/** The hub says in a header and in the body what it has against a request. */
const saidBy = ({ headers, text }: Answer): string => {
  const said = headers["x-error-message"]
  if (said !== undefined) return said
  try {
    const body: unknown = parse(text)
    return Predicate.hasProperty(body, "error") && typeof body.error === "string" ? body.error : ""
  } catch {
    return ""
  }
}

/** The error of an answer about a Space that refuses. */
const refused = (hub: Hub, answer: Answer, about: About, space: string): HubError => {
  const said = saidBy(answer)
  const spaceError = (reason: SpaceError["reason"], words?: string): SpaceError =>
    new SpaceError({
      ...circumstances({ where: about.where }),
      space,
      reason,
      said: words
    })
  switch (answer.status) {
    case 401:
      if (hub.hasToken) {
        return new AuthenticationError({
          ...circumstances({ where: about.where }),
          authMessage: undefined,
          problem: `refuses this token${said === "" ? "" : `: ${said.replace(/\.$/, "")}`}`
        })
      }
      return spaceError("missing")
    case 402:
      return spaceError("payment-required", said)
    case 403:
      // Hardware without a payment method has been refused by both.
      return /payment|billing|subscription/i.test(said)
        ? spaceError("payment-required", said)
        : spaceError("not-allowed", said)
    case 404:
      return spaceError("missing")
    case 409:
      return spaceError("name-taken", said)
    default:
      return refusal(answer, about)
  }
}

const limitsOf = ({ limits }: Link) => ({ timeout: limits.answerTimeout, maxBytes: limits.maxAnswerBytes })

const get = (hub: Hub, url: string, about: About): Effect.Effect<Answer, RequestError> =>
  ask(hub.link, HttpClientRequest.get(url), about, limitsOf(hub.link)).pipe(
    Effect.flatMap((answer) =>
      answer.status >= 500 || answer.status === 429 ? Effect.fail(refusal(answer, about)) : Effect.succeed(answer)
    ),
    retrySafe(hub.link)
  )

const decoded = <A>(
  decode: (json: unknown) => Result.Result<A, Schema.SchemaError>,
  answer: Answer,
  about: About,
  part: string
): Effect.Effect<A, RequestError> =>
  Effect.flatMap(jsonOf(answer, about, part), (json) =>
    Effect.mapError(
      Effect.fromResult(decode(json)),
      (error) =>
        new AppProtocolError({
          ...circumstances({ where: about.where }),
          part,
          problem: error.message,
          received: excerpt(json)
        })
    )
  )

const isGood = ({ status }: Answer): boolean => status >= 200 && status <= 299

/** What the hub says of a Space. */
export const info = (hub: Hub, source: SpaceSource): Effect.Effect<Info, HubError> => {
  const { base } = hub.link
  const name = shownSpace(source)
  const about = aboutSpace(hub, name)
  const url =
    source._tag === "Named"
      ? routeOf(base, source.id, "")
      : `${base.href}api/spaces/by-subdomain/${encodeURIComponent(source.subdomain)}`
  return Effect.flatMap(get(hub, url, about), (answer) =>
    isGood(answer)
      ? decoded(decodeInfo, answer, about, "what the hub says of a Space")
      : Effect.fail(refused(hub, answer, about, name))
  )
}

/** Whether people may write to the owner of a Space; no where the hub does not say. */
export const discussionsOpen = (hub: Hub, id: string): Effect.Effect<boolean> =>
  ask(
    hub.link,
    HttpClientRequest.head(routeOf(hub.link.base, id, "discussions")),
    aboutSpace(hub, id),
    limitsOf(hub.link)
  ).pipe(
    Effect.map((answer) => isGood(answer) && !/\bdiscussions?\b.*\bdisabled\b/i.test(saidBy(answer))),
    Effect.orElseSucceed(() => false)
  )

/** The name of the account that the token is of. */
export const whoami = (hub: Hub): Effect.Effect<string, HubError> => {
  const about = aboutHub(hub)
  return Effect.flatMap(get(hub, `${hub.link.base.href}api/whoami-v2`, about), (answer) =>
    isGood(answer)
      ? Effect.map(decoded(decodeWhoami, answer, about, "whose token this is"), ({ name }) => name)
      : Effect.fail(refused(hub, answer, about, "the account of this token"))
  )
}

/** Asks for a change of a Space. All of them may be asked for again without doing more. */
export const change = (
  hub: Hub,
  id: string,
  what: string,
  body: object,
  method: "POST" | "PUT" = "POST",
  /** The Space that a refusal is about, where it is another. */
  meant = id
): Effect.Effect<Answer, HubError> => {
  const about = aboutSpace(hub, meant)
  const request = HttpClientRequest.bodyJsonUnsafe(
    HttpClientRequest.make(method)(routeOf(hub.link.base, id, what)),
    body
  )
  return Effect.flatMap(ask(hub.link, request, about, limitsOf(hub.link)), (answer) =>
    isGood(answer) ? Effect.succeed(answer) : Effect.fail(refused(hub, answer, about, meant))
  )
}

/** The same, where the hub answers with how the Space runs then. */
export const changeRuntime = (hub: Hub, id: string, what: string, body: object): Effect.Effect<Runtime, HubError> =>
  Effect.flatMap(change(hub, id, what, body), (answer) =>
    decoded(decodeRuntime, answer, aboutSpace(hub, id), "how a Space runs")
  )
