/** What a client offers beside `events`, made of them: for clients that have nothing else. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import type { Outputs, SubmitOptions } from "../GradioClient.ts"
import {
  AppProtocolError,
  type CallError,
  circumstances,
  type EndpointInputError,
  type EndpointNotFoundError,
  type Where
} from "../GradioError.ts"
import * as Job from "../Job.ts"
import type { JobEvent } from "../JobEvent.ts"
import * as Calls from "./calls.ts"

/** The events of a call in pieces as they happen. */
type Events = Pull.Pull<Arr.NonEmptyReadonlyArray<JobEvent<Outputs>>, CallError>

/** Each output, as it arrives. */
export const outputsIn = (events: Events): Pull.Pull<Arr.NonEmptyReadonlyArray<Outputs>, CallError> =>
  Effect.suspend(function next(): Pull.Pull<Arr.NonEmptyReadonlyArray<Outputs>, CallError> {
    return Effect.flatMap(events, (batch) => {
      const outputs: Array<Outputs> = []
      for (const event of batch) if (event._tag === "Output") outputs.push(event.output)
      return Arr.isArrayNonEmpty(outputs) ? Effect.succeed(outputs) : next()
    })
  })

/** The output that a call completes with, which is its last event. */
export const completion = (events: Events, where: () => Where): Effect.Effect<Outputs, CallError> =>
  Effect.suspend(function next(): Effect.Effect<Outputs, CallError | Cause.Done> {
    return Effect.flatMap(events, (batch) => {
      const last = batch.at(-1)
      return last?._tag === "Completed" ? Effect.succeed(last.output) : next()
    })
  }).pipe(Pull.catchDone(() => Effect.fail(unfinished(where()))))

const unfinished = (where: Where): AppProtocolError =>
  new AppProtocolError({
    ...circumstances({ where, reached: "started" }),
    part: "the events of a call",
    problem: "which ended without its completion",
    received: ""
  })

/** A job of events that run when it is made. */
export const submitEvents = (
  events: Stream.Stream<JobEvent<Outputs>, CallError>,
  where: Where,
  options: SubmitOptions | undefined
): Effect.Effect<Job.Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(events)
    // What is known before anything is sent shows in the first event.
    const first = yield* Effect.exit(pull)
    const error = Exit.isFailure(first) ? Option.getOrUndefined(Cause.findErrorOption(first.cause)) : undefined
    if (error?._tag === "EndpointNotFoundError" || error?._tag === "EndpointInputError") return yield* error
    let told = false
    const all: Events = Effect.suspend(() => {
      if (told) return pull
      told = true
      return first
    })
    const messages = Stream.catchTag(
      Stream.fromPull(Effect.succeed(all)),
      ["EndpointNotFoundError", "EndpointInputError"],
      (late) => Stream.die(late)
    )
    return yield* Job.make<JobEvent<Outputs>, undefined, Outputs>({
      messages,
      folding: {
        initial: undefined,
        step: (state, event) => ({ state, events: [event] }),
        reached: () => "sent",
        passing: () => undefined,
        bytes: () => eventOverhead
      },
      where,
      stoppable: false,
      slowsServer: false,
      buffer: options?.buffer ?? Calls.defaultBuffer,
      replay: options?.replay ?? "latest",
      span: "GradioClient.submit",
      observe: Effect.succeed(() => Effect.void)
    })
  })

/** What an event takes beside its message while it waits for a reader. */
export const eventOverhead = 256
