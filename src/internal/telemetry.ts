/** What a program sees of its calls in its spans and metrics: how long they waited in the queue, how long they ran, and how they ended. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"

import type * as Fold from "./session/fold.ts"

const calls = Metric.counter("gradio.client.calls", {
  description: "Calls to Gradio apps by how they ended",
  incremental: true
})

const duration = Metric.histogram("gradio.client.call.duration", {
  description: "Milliseconds from the beginning of a call to its end",
  boundaries: Metric.exponentialBoundaries({ start: 1, factor: 2, count: 20 })
})

// The outcome of nearly every call; the attributes of the others are put on when they occur.
const succeeded = Metric.withAttributes(calls, { outcome: "success" })

/** How a call ended: `success`, `interrupted`, or the tag of its failure. */
export type Outcome = string

/** Told the last state of a call when it ends. */
export type OnEnd = (state: Fold.State, outcome: Outcome) => Effect.Effect<void>

/** Writes the end of a call into the span that is current now, and into the metrics. */
export const make = (endpoint: string): Effect.Effect<OnEnd> =>
  Effect.withFiber((fiber) => {
    const parent = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
    const span = parent?._tag === "Span" ? parent : undefined
    span?.attribute("gradio.endpoint", endpoint)
    const clock = fiber.getRef(Clock.Clock)
    const began = clock.currentTimeMillisUnsafe()
    return Effect.succeed((state, outcome) => {
      const ended = clock.currentTimeMillisUnsafe()
      if (span !== undefined) annotate(span, state, began, ended)
      const counter = outcome === "success" ? succeeded : Metric.withAttributes(calls, { outcome })
      return Effect.andThen(Metric.update(counter, 1), Metric.update(duration, ended - began))
    })
  })

const annotate = (span: Tracer.Span, state: Fold.State, began: number, ended: number): void => {
  const millis = (at: DateTime.Utc | undefined) => (at === undefined ? undefined : DateTime.toEpochMillis(at))
  const queued = millis(state.queuedAt)
  // A direct call has no queue: it runs as soon as it is sent.
  const started = queued === undefined && state.reached !== "nothing-sent" ? began : millis(state.startedAt)
  if (state.eventId !== undefined) span.attribute("gradio.event_id", state.eventId)
  span.attribute("gradio.outputs", state.outputs)
  if (queued !== undefined) span.attribute("gradio.queue_wait_ms", (started ?? ended) - queued)
  if (started !== undefined) span.attribute("gradio.run_ms", ended - started)
}
