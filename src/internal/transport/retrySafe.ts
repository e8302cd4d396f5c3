/** Repeats what is safe to repeat: reading the config, the API and files. A call is never repeated by itself. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import { type GradioError, isSafeToRetry } from "../../GradioError.ts"
import type { Link } from "./link.ts"

/** Three more tries, 200 milliseconds apart at first and twice as long each time, give or take a fifth. */
export const defaultSchedule: Schedule.Schedule<unknown> = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 3 })
)

/** Follows the connection's schedule, after the wait that the server asked for, if that is no longer than the time of an answer. */
export const retrySafe =
  (link: Pick<Link, "retry" | "limits">) =>
  <A, E extends GradioError, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const { retry } = link
    if (retry === undefined) return effect
    return effect.pipe(
      Effect.tapError((error) => (error.retryAfter === undefined ? Effect.void : Effect.sleep(error.retryAfter))),
      Effect.retry({ schedule: retry, while: isSafeToRetry })
    )
  }
