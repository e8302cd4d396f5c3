/** Answers that refuse, as the error of their status; what only a certain route says is read before by its caller. */
import type * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

import {
  AppRateLimitError,
  AppResponseError,
  AuthenticationError,
  circumstances,
  type Reached,
  type Where
} from "../../GradioError.ts"
import { parse } from "../wire/json.ts"

/** An answer whose body is read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** When it was read, in milliseconds: `Retry-After` may name a date. */
  readonly at: number
}

/** What an answer that refuses is. */
export type Refusal = AppResponseError | AppRateLimitError | AuthenticationError

const transientStatus = new Set([408, 425, 500, 502, 503, 504])

/** The error of an answer that refuses; what only a certain route says (a full queue, a validator) is read before by its caller. */
export const refusal = (answer: Answer, about: { readonly where: Where; readonly reached: Reached }): Refusal => {
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
    body: answer.text.slice(0, 1000),
    problem:
      answer.status === 407 ? "HTTP 407: the proxy before it wants a user name and a password, or others" : undefined
  })
}

const retryAfter = (answer: Answer): Duration.Duration | undefined => {
  const header = answer.headers["retry-after"]
  const parsed = header === undefined ? undefined : Headers.parseRetryAfter(header)
  return parsed === undefined || Result.isFailure(parsed)
    ? undefined
    : Headers.retryAfterDelay(parsed.success, answer.at)
}

/** `{"detail":"Not authenticated"}` up to 5.35, `{"detail":{"error":…,"auth_message":…}}` from 5.36. */
export const authMessageOf = (text: string): string | undefined => {
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
