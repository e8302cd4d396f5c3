/**
 * The fibers that belong to a connection and not to the caller who happened to start them: they run with the context of the connection, without
 * that caller's span, and end with the connection's scope.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"

/** Starts an effect as a fiber of the connection. */
export type Fork = <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>

export const make: Effect.Effect<Fork, never, Scope.Scope> = Effect.flatMap(FiberSet.make<unknown, unknown>(), (set) =>
  Effect.map(
    Effect.updateContext(FiberSet.runtime(set)(), (context: Context.Context<never>) =>
      Context.omit(Tracer.ParentSpan)(context)
    ),
    (run): Fork =>
      (effect) =>
        run(effect)
  )
)
