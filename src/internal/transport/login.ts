/**
 * The login of an app that was started with `auth=`: user and password as a form, cookies for an answer. They are known to the process that gave
 * them: after a restart, or after the user logged out elsewhere, the app wants another login.
 */
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"

import { AuthenticationError, circumstances } from "../../GradioError.ts"
import { type BaseUrl, login as routeOf } from "../wire/routes.ts"
import type { SendError } from "./link.ts"
import { type Answer, refusal } from "./refusal.ts"

/** User and password, as the app's `auth=` knows them. */
export interface Login {
  readonly username: string
  readonly password: Redacted.Redacted<string>
}

/** `no-form`: the app has no login of its own, so what it wants is something else, or nothing any more. */
export type Outcome = "logged-in" | "no-form"

const redirects = new Set([301, 302, 303])
const movedOn = new Set([307, 308])
const refused = new Set([400, 401, 403, 422])
const noRoute = new Set([404, 405])

const maxMoves = 3

/**
 * Logs in once. `ask` sends the form and reads the answer, without following redirects: an app without a login answers with one, and nobody but the
 * app may get the password.
 */
export const logIn = (
  base: BaseUrl,
  { password, username }: Login,
  authMessage: string | undefined,
  ask: (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<Answer, SendError>
): Effect.Effect<Outcome, SendError> => {
  const where = { url: base.href }
  const form = HttpBody.urlParams([
    ["username", username],
    ["password", Redacted.value(password)]
  ])
  const at = (url: string, moves: number): Effect.Effect<Outcome, SendError> =>
    Effect.flatMap(
      ask(HttpClientRequest.post(url, { body: form, headers: { accept: "application/json" } })),
      (answer): Effect.Effect<Outcome, SendError> => {
        const { status } = answer
        if (status >= 200 && status <= 299) return Effect.succeed("logged-in")
        // Browsers hide what a redirect is.
        if (redirects.has(status) || noRoute.has(status) || status === 0) return Effect.succeed("no-form")
        const location = answer.headers["location"] ?? ""
        if (movedOn.has(status) && moves > 0 && URL.canParse(location, url)) {
          const to = new URL(location, url)
          if (to.origin === base.origin) return at(to.href, moves - 1)
        }
        return Effect.fail(
          refused.has(status)
            ? new AuthenticationError({
                ...circumstances({ where }),
                authMessage,
                problem: `refused the login of ${JSON.stringify(username)}: wrong user name or password`
              })
            : refusal(answer, { where, reached: "nothing-sent" })
        )
      }
    )
  return at(routeOf(base), maxMoves)
}
