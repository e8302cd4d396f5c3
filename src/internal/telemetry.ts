/** What a program sees of its calls in its spans and metrics: how long they waited in the queue, how long they ran, and how they ended. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"

import type * as Fold from "./session/fold.ts"

const calls = Metric.counter("gradio.client.calls", {
  description: "Calls to Gradio apps by how they ended",
  incremental: true
})

const duration = Metric.histogram("gradio.client.call.duration", {
  description: "Milliseconds from the join of a call to its end",
  boundaries: Metric.exponentialBoundaries({ start: 1, factor: 2, count: 20 })
})

/** Writes the ends of calls into the span that is current when it is made, and into the metrics. */
export const make = (endpoint: string) =>
  Effect.gen(function* () {
    const span = Option.getOrUndefined(yield* Effect.option(Effect.currentSpan))
    span?.attribute("gradio.endpoint", endpoint)
    const began = yield* Clock.currentTimeMillis
    const onEnd = (state: Fold.State, exit: Exit.Exit<unknown, { readonly _tag: string }>): Effect.Effect<void> =>
      Effect.flatMap(Clock.currentTimeMillis, (ended) => {
        if (span !== undefined) annotate(span, state, began, ended)
        const outcome = Exit.isSuccess(exit) ? "success" : outcomeOf(exit)
        return Effect.andThen(
          Metric.update(Metric.withAttributes(calls, { outcome }), 1),
          Metric.update(duration, ended - began)
        )
      })
    return onEnd
  })

const outcomeOf = (exit: Exit.Failure<unknown, { readonly _tag: string }>): string =>
  Option.match(Exit.findErrorOption(exit), { onNone: () => "interrupted", onSome: (error) => error._tag })

const annotate = (span: Tracer.Span, state: Fold.State, began: number, ended: number): void => {
  if (state.eventId !== undefined) span.attribute("gradio.event_id", state.eventId)
  span.attribute("gradio.outputs", state.outputs)
  span.attribute("gradio.queue_wait_ms", (state.startedAt ?? ended) - (state.queuedAt ?? began))
  if (state.startedAt !== undefined) span.attribute("gradio.run_ms", ended - state.startedAt)
}
