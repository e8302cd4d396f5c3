/**
 * The login of a stand-in app: users with passwords, the cookies that they get, and what strangers are told. Cookies are known to the one start of the
 * server that gave them.
 */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Random from "effect/Random"

import * as Answer from "./Answer.ts"

/** Who may use an app, and what its author says on the login page. */
export interface Users {
  readonly passwords: Readonly<Record<string, string>>
  readonly message: string | null
  /** Whether a refusal repeats the message, as from 5.36 on. */
  readonly tellsMessage: boolean
}

/** The logins of one server. */
export interface Logins {
  /** Who asks; none for strangers, and where everybody may come. */
  readonly user: (request: HttpServerRequest) => string | null
  /** What a stranger is answered by routes that want a login; none for everybody else. */
  readonly refusal: (request: HttpServerRequest) => Answer.Answer | undefined
  /** What the page of the app shows strangers in the place of its configuration; none for everybody else. */
  readonly stub: (request: HttpServerRequest, root: string) => Readonly<Record<string, unknown>> | undefined
  readonly logIn: (request: HttpServerRequest, root: string) => Effect.Effect<Answer.Answer, Answer.Answer>
  readonly logOut: (request: HttpServerRequest, root: string, allSessions: boolean) => Answer.Answer
  /** Forgets everybody, as another start of the server does. */
  readonly forget: Effect.Effect<void>
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

const randomText = (length: number): Effect.Effect<string> =>
  Effect.map(
    Effect.forEach(Array.from({ length }), () => Random.nextIntBetween(0, alphabet.length, { halfOpen: true })),
    (indices) => indices.map((index) => alphabet[index]).join("")
  )

const missing = (name: string) => ({ type: "missing", loc: ["body", name], msg: "Field required", input: null })

/** A form in either encoding; FastAPI takes anything else for one without fields. */
const form = (request: HttpServerRequest): Effect.Effect<ReadonlyMap<string, string>, Answer.Answer> =>
  Effect.gen(function* () {
    const body = yield* Effect.mapError(request.text, () => Answer.crashed)
    const type = request.headers["content-type"] ?? ""
    if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(type)) return new Map()
    const data = yield* Effect.tryPromise({
      try: () => new Response(body, { headers: { "content-type": type } }).formData(),
      catch: () => Answer.detail(400, "There was an error parsing the body")
    })
    return new Map(Array.from(data, ([name, value]) => [name, typeof value === "string" ? value : value.name]))
  })

/** Makes the logins of a server; without `users` everybody may come. */
export const make = (users: Users | undefined): Effect.Effect<Logins> =>
  Effect.gen(function* () {
    let id = yield* randomText(43)
    const tokens = new Map<string, string>()
    const names = () => [`access-token-${id}`, `access-token-unsecure-${id}`] as const

    const user: Logins["user"] = ({ cookies }) => {
      const [secure, unsecure] = names()
      return tokens.get(cookies[secure] ?? cookies[unsecure] ?? "") ?? null
    }
    const isStranger = (request: HttpServerRequest): boolean => users !== undefined && user(request) === null
    const redirect = (root: string) => HttpServerResponse.redirect(root === "" ? "/" : root, { status: 302 })

    return {
      user,
      refusal: (request) => {
        if (users === undefined || !isStranger(request)) return undefined
        const { message, tellsMessage } = users
        return Answer.detail(
          401,
          tellsMessage ? { error: "Not authenticated", auth_message: message } : "Not authenticated"
        )
      },
      stub: (request, root) =>
        users === undefined || !isStranger(request)
          ? undefined
          : { auth_required: true, auth_message: users.message, space_id: null, root },
      logIn: (request, root) =>
        Effect.gen(function* () {
          const given = yield* form(request)
          const absent = ["username", "password"].filter((name) => !given.has(name))
          if (absent.length > 0) return Answer.detail(422, absent.map(missing))
          if (users === undefined) return redirect(root)
          const name = (given.get("username") ?? "").trim()
          if (!Object.hasOwn(users.passwords, name) || users.passwords[name] !== given.get("password")) {
            return Answer.detail(400, "Incorrect credentials.")
          }
          const token = yield* randomText(22)
          tokens.set(token, name)
          const [secure, unsecure] = names()
          const common = { httpOnly: true, path: "/" } as const
          return Answer.json({ success: true }).pipe(
            HttpServerResponse.setCookieUnsafe(secure, token, { ...common, sameSite: "none", secure: true }),
            HttpServerResponse.setCookieUnsafe(unsecure, token, { ...common, sameSite: "lax" })
          )
        }),
      logOut: (request, root, allSessions) => {
        const name = user(request)
        const [secure, unsecure] = names()
        const own = request.cookies[secure]
        for (const [token, holder] of tokens) {
          if (allSessions ? holder === name : token === own) tokens.delete(token)
        }
        return redirect(root).pipe(
          HttpServerResponse.expireCookieUnsafe(secure, { path: "/" }),
          HttpServerResponse.expireCookieUnsafe(unsecure, { path: "/" })
        )
      },
      forget: Effect.map(randomText(43), (next) => {
        tokens.clear()
        id = next
      })
    }
  })
