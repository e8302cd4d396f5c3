/** Repeats what is safe to repeat: reading the config, the API and files. A call is never repeated by itself. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import { type GradioError, isGradioError, isSafeToRetry } from "../../GradioError.ts"
import type { Link } from "./link.ts"

/** Three more tries, 200 milliseconds apart at first and twice as long each time, give or take a fifth. */
export const defaultSchedule: Schedule.Schedule<unknown> = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 3 })
)

/**
 * Follows the connection's schedule, each time after the wait that the server asked for. A server that wants more than the time of an answer is
 * not waited for: its caller learns of it and decides.
 */
export const retrySafe =
  (link: Pick<Link, "retry" | "limits">) =>
  <A, E extends GradioError, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const { limits, retry } = link
    if (retry === undefined) return effect
    const worthWaiting = (error: E) =>
      error.retryAfter === undefined || Duration.isLessThanOrEqualTo(error.retryAfter, limits.answerTimeout)
    const atLeastAsAsked = Schedule.modifyDelay(retry, ({ duration, input }) =>
      Effect.succeed(
        isGradioError(input) && input.retryAfter !== undefined ? Duration.max(duration, input.retryAfter) : duration
      )
    )
    return Effect.retry(effect, {
      schedule: atLeastAsAsked,
      while: (error) => isSafeToRetry(error) && worthWaiting(error)
    })
  }
