/** Finding an app: its configuration and API, read from the routes of its version or from its page. */
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

import * as ApiInfo from "../ApiInfo.ts"
import {
  apiPrefix,
  type AppConfig,
  appIdIn,
  configFromPage,
  decodeAppConfig,
  loginRequired,
  onPage,
  pagesOf,
  withAppId,
  withLinked
} from "../AppConfig.ts"
import {
  AppProtocolError,
  AppResponseError,
  AuthenticationError,
  circumstances,
  type ConnectError,
  type RequestError
} from "../GradioError.ts"
import { type Answer, jsonOf, read, refusal } from "./transport/answer.ts"
import { type About, type Link, send, within } from "./transport/link.ts"
import { retrySafe } from "./transport/retrySafe.ts"
import { excerpt, parse } from "./wire/json.ts"
import * as routes from "./wire/routes.ts"

/** An answer and the address that it came from in the end. */
interface Located extends Answer {
  readonly url: string
}

const aboutOf = (link: Link): About => ({ where: { url: link.base.href }, reached: "nothing-sent" })

const get = (link: Link, url: string): Effect.Effect<Located, RequestError> => {
  const about = aboutOf(link)
  return Effect.flatMap(send(link, HttpClientRequest.get(url, { headers: { accept: "*/*" } }), about), (response) =>
    Effect.map(read(response, about, link.limits.maxAnswerBytes), (answer): Located => ({
      ...answer,
      url: response.request.url
    }))
  ).pipe(
    within(about, link.limits.answerTimeout, url),
    Effect.flatMap((answer) =>
      answer.status >= 500 || answer.status === 429 || answer.status === 407
        ? Effect.fail(refusal(answer, about))
        : Effect.succeed(answer)
    ),
    retrySafe(link)
  )
}

const parsed = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** An app that was found: what it says of itself, and the way to it. */
export interface FoundApp {
  readonly config: AppConfig
  readonly link: Link
}

/**
 * Reads the configuration: `/config`, or the object embedded in the page of an app that has only that. Gives also the link under the address
 * that it was found at, after redirects.
 */
export const readConfig = (link: Link): Effect.Effect<FoundApp, ConnectError> =>
  Effect.gen(function* () {
    const about = aboutOf(link)
    const answer = yield* get(link, routes.config(link.base)).pipe(
      Effect.catchTag("AuthenticationError", (refused) => loginWanted(link, refused))
    )
    const upgraded = upgrade(link.base, answer.url)
    // What came from there was asked for without anything secret.
    if (upgraded !== undefined) return yield* readConfig({ ...link, base: upgraded })
    if (answer.status === 401) return yield* loginWanted(link, refusal(answer, about))
    const direct = answer.status === 200 ? parsed(answer.text) : undefined
    if (direct !== undefined) return yield* found(link, answer, direct)

    const page = yield* get(link, routes.page(link.base))
    const embedded = configFromPage(page.text)
    if (Option.isSome(embedded)) {
      const top = topOf(page.url, embedded.value)
      return yield* top === undefined ? found(link, page, embedded.value) : readConfig({ ...link, base: top })
    }
    if (page.status === 401) return yield* refusal(page, about)
    return yield* new AppResponseError({
      ...circumstances({ where: about.where }),
      status: answer.status,
      body: answer.text.slice(0, 1000),
      problem: `HTTP ${answer.status} for its configuration and none in its page, so this is no Gradio app, or one that is not there any more`
    })
  })

/** The address of the app whose page this is, where it is the address of one page of several. */
const topOf = (url: string, config: unknown): routes.BaseUrl | undefined => {
  const route = Predicate.hasProperty(config, "current_page") ? config.current_page : undefined
  const base = routes.baseUrl(url)
  if (base === undefined || typeof route !== "string" || route === "") return undefined
  return base.href.endsWith(`/${route}/`) ? new URL(base.href.slice(0, -route.length - 1)) : undefined
}

/** Servers before 5.36 say what the author writes on the login page in that page alone. */
const loginWanted = (link: Link, refused: RequestError): Effect.Effect<never, ConnectError> =>
  Effect.gen(function* () {
    if (refused._tag !== "AuthenticationError" || refused.authMessage !== undefined) return yield* refused
    const { problem } = refused
    const page = yield* Effect.option(get(link, routes.page(link.base)))
    const login = Option.flatMap(
      Option.flatMap(page, ({ text }) => configFromPage(text)),
      loginRequired
    )
    return yield* Option.match(login, {
      onNone: () => refused,
      onSome: ({ authMessage }) =>
        new AuthenticationError({ ...circumstances({ where: aboutOf(link).where }), authMessage, problem })
    })
  })

const found = (link: Link, answer: Located, json: unknown) =>
  Effect.gen(function* () {
    const about = aboutOf(link)
    const login = loginRequired(json)
    if (Option.isSome(login)) {
      return yield* new AuthenticationError({
        ...circumstances({ where: about.where }),
        authMessage: login.value.authMessage
      })
    }
    const config = decodeAppConfig(json)
    if (Result.isFailure(config)) {
      return yield* new AppProtocolError({
        ...circumstances({ where: about.where }),
        part: "its configuration",
        problem: config.failure,
        received: excerpt(json)
      })
    }
    const base = routes.baseUrl(answer.url) ?? link.base
    if (base.origin !== link.base.origin) {
      return yield* new AppResponseError({
        ...circumstances({ where: about.where }),
        status: answer.status,
        body: "",
        problem: `a redirect to another origin, which calls and their secrets were not meant for; connect to ${base.href} instead`
      })
    }
    // A redirect on the way to the configuration holds for all that follows.
    return {
      config: withAppId(config.success, answer.text),
      link: { ...link, base, prefix: apiPrefix(config.success), version: config.success.version }
    }
  })

/** The same host over TLS is the same app, if neither names a port: another port may be somebody else's. */
const upgrade = (from: routes.BaseUrl, to: string): routes.BaseUrl | undefined => {
  const url = new URL(to)
  const isSame =
    from.protocol === "http:" &&
    url.protocol === "https:" &&
    from.hostname === url.hostname &&
    from.port === "" &&
    url.port === ""
  if (!isSame) return undefined
  return routes.baseUrl(url.pathname.endsWith("/config") ? url : from.href.replace("http:", "https:"))
}

/** What of an app is asked for. */
export interface Part {
  readonly page?: string | undefined
  readonly deepLink?: string | undefined
}

/** The configuration with the functions of one page, and with the values that a deep link keeps. */
export const partOf = (link: Link, config: AppConfig, part: Part): Effect.Effect<AppConfig, ConnectError> =>
  Effect.gen(function* () {
    const { deepLink } = part
    const page = part.page?.replace(/^\/+|\/+$/g, "")
    const linked = deepLink === undefined ? config : yield* readLinked(link, config, deepLink, page)
    if (page === undefined) return linked
    return yield* Option.match(onPage(linked, page), {
      onSome: Effect.succeed,
      onNone: () => {
        const pages = pagesOf(linked).map((route) => `"${route}"`)
        return Effect.fail(
          new AppResponseError({
            ...circumstances({ where: aboutOf(link).where }),
            status: 200,
            body: "",
            problem: `a configuration without a page "${page}"${pages.length === 0 ? "" : `; there are ${pages.join(", ")}`}`
          })
        )
      }
    })
  })

/** A link that is not valid (any more) leaves the values as they are, and says so in `deep_link_state`. */
const readLinked = (
  link: Link,
  config: AppConfig,
  deepLink: string,
  page: string | undefined
): Effect.Effect<AppConfig, RequestError> =>
  Effect.map(get(link, routes.linkedConfig(link.base, deepLink, page)), (answer) => {
    const linked = decodeAppConfig(answer.status === 200 ? parsed(answer.text) : undefined)
    return Result.isSuccess(linked) ? withLinked(config, linked.success) : { ...config, deep_link_state: "invalid" }
  })

/** The digits of the app's id now. */
export const readAppId = (link: Link): Effect.Effect<string | undefined, RequestError> =>
  Effect.flatMap(get(link, routes.appId(link.base, link.prefix)), (answer) =>
    Effect.as(jsonOf(answer, aboutOf(link), "its app_id"), appIdIn(answer.text))
  )

/** Reads `/info`; none where there is no usable one. Only a login that is wanted fails. */
export const readInfo = (link: Link): Effect.Effect<Option.Option<ApiInfo.WireInfo>, AuthenticationError> => {
  const about = aboutOf(link)
  return get(link, routes.info(link.base, link.prefix)).pipe(
    Effect.flatMap((answer) => jsonOf(answer, about, "/info")),
    Effect.map((json) => Result.getSuccess(ApiInfo.decodeWireInfo(json))),
    Effect.catchIf(
      (error) => error._tag !== "AuthenticationError",
      () => Effect.succeedNone
    ),
    Effect.tap((info) =>
      Option.isSome(info)
        ? Effect.void
        : Effect.logInfo(
            `${link.base.href} has no usable /info: parameters come from its configuration, under their labels`
          )
    )
  )
}
