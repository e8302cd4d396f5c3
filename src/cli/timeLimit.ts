/** The limit of `--timeout`: of all that a command does, from connecting to cancelling. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

import { Refusal } from "./failure.ts"
import { time } from "./text.ts"

/** How long an app may take to answer that a call is cancelled when its time is over. */
const grace = Duration.seconds(1)

/** Fails when the time is over. The program is interrupted then, and waited for no longer than a server needs that answers at all. */
export const limited = <A, E, R>(
  limit: Duration.Duration | undefined,
  program: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Refusal, R> => {
  if (limit === undefined) return program
  return Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(program)
    const exit = yield* Fiber.await(fiber).pipe(
      Effect.timeoutOption(limit),
      Effect.onInterrupt(() => Fiber.interrupt(fiber))
    )
    if (Option.isSome(exit)) return yield* exit.value
    const cancelled = yield* Effect.timeoutOption(Fiber.interrupt(fiber), grace)
    const problem = `No result after ${time(Duration.toSeconds(limit))}.`
    return yield* new Refusal({
      ending: "timeout",
      problem: Option.isSome(cancelled)
        ? problem
        : `${problem} The app did not answer that the call is cancelled; its function may run on.`
    })
  })
}
