/**
 * Signed links of private Spaces: a signature in the address (`__sign`), short-lived, for what can carry no header. Hugging Face's hub gives them for
 * the token.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Predicate from "effect/Predicate"
import * as Semaphore from "effect/Semaphore"

import { AuthenticationError, circumstances } from "../../GradioError.ts"
import { headersOf, type Place, subdomainOf, type Token } from "../wire/huggingFace.ts"
import { parse } from "../wire/json.ts"
import type { BaseUrl } from "../wire/routes.ts"
import type { SendError } from "./link.ts"
import { type Answer, refusal } from "./refusal.ts"

/** Sends a request as it is, without anything else, and reads the answer. */
export type Ask = (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<Answer, SendError>

/** The signatures of one Space. */
export interface Signer {
  /** Whether they take the place of the token's header in all requests. */
  readonly everywhere: boolean
  /** One that holds for a while yet; a new one where the last is about to expire. */
  readonly current: (ask: Ask) => Effect.Effect<string, SendError>
  /** The next one is new. */
  readonly forget: () => void
}

/** For a signature that does not say how long it holds. */
const unknownLife = 5 * 60_000
/** So long before its end another one is asked for; half its life for one that is shorter. */
const margin = 60_000

const parsed = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** When a JSON web token expires, in milliseconds. */
const expiryOf = (token: string): number | undefined => {
  try {
    const claims = parsed(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")))
    return Predicate.hasProperty(claims, "exp") && typeof claims.exp === "number" ? claims.exp * 1000 : undefined
  } catch {
    return undefined
  }
}

const textAt = (json: unknown, name: string): string | undefined => {
  const value: unknown = Predicate.isObject(json) ? Reflect.get(json, name) : undefined
  return typeof value === "string" ? value : undefined
}

/** Makes the signer of the Space at this address; none without a token, and where there is no Space. */
export const make = (
  base: BaseUrl,
  token: Token | undefined,
  { hub, space }: Place,
  everywhere: boolean
): Signer | undefined => {
  const subdomain = subdomainOf(base)
  if (token === undefined || (space === undefined && subdomain === undefined)) return undefined
  const headers = headersOf(token, hub, { hub, isSpace: false })
  const one = Semaphore.makeUnsafe(1)
  let last: { readonly token: string; readonly until: number } | undefined

  const get = (ask: Ask, path: string, field: string): Effect.Effect<string, SendError> => {
    const where = { url: `${hub.href.replace(/\/$/, "")}${path}` }
    return Effect.flatMap(ask(HttpClientRequest.get(where.url, { headers })), (answer) => {
      const found = answer.status === 200 ? textAt(parsed(answer.text), field) : undefined
      if (found !== undefined) return Effect.succeed(found)
      return Effect.fail(
        answer.status === 200 || answer.status === 401 || answer.status === 403 || answer.status === 404
          ? new AuthenticationError({
              ...circumstances({ where }),
              authMessage: undefined,
              problem: `gives this token no signature for links (HTTP ${answer.status})`
            })
          : refusal(answer, { where, reached: "nothing-sent" })
      )
    })
  }
  const named = (ask: Ask): Effect.Effect<string, SendError> =>
    space === undefined ? get(ask, `/api/spaces/by-subdomain/${subdomain}`, "id") : Effect.succeed(space)

  const renewed = (ask: Ask) =>
    Effect.gen(function* () {
      const id = yield* named(ask)
      const asked = yield* Clock.currentTimeMillis
      const given = yield* get(ask, `/api/spaces/${id}/jwt`, "token")
      const life = Math.max(0, (expiryOf(given) ?? asked + unknownLife) - asked)
      last = { token: given, until: asked + Math.max(life - margin, life / 2) }
      return given
    })

  return {
    everywhere,
    current: (ask) =>
      one.withPermit(
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          last !== undefined && now < last.until ? Effect.succeed(last.token) : renewed(ask)
        )
      ),
    forget: () => {
      last = undefined
    }
  }
}
