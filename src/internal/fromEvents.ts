/** What a client offers beside `events`, made of them: for clients that have nothing else. */
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import type { Outputs, SubmitOptions } from "../GradioClient.ts"
import {
  AppProtocolError,
  type CallError,
  circumstances,
  type EndpointInputError,
  type EndpointNotFoundError
} from "../GradioError.ts"
import * as Job from "../Job.ts"
import type { JobEvent } from "../JobEvent.ts"
import * as Calls from "./calls.ts"

/** Each output, as it arrives. */
export const outputsOf = <E>(events: Stream.Stream<JobEvent<Outputs>, E>): Stream.Stream<Outputs, E> =>
  Stream.flattenIterable(Stream.map(events, (event) => (event._tag === "Output" ? [event.output] : [])))

/** The output that a call completed with. */
export const lastOf = <E>(
  events: Stream.Stream<JobEvent<Outputs>, E>,
  url: URL,
  endpoint: string | number
): Effect.Effect<Outputs, E | AppProtocolError> =>
  Effect.suspend(() => {
    let last: Outputs | undefined
    return Effect.flatMap(
      Stream.runForEachArray(events, (batch) => {
        for (const event of batch) if (event._tag === "Completed") last = event.output
        return Effect.void
      }),
      () => (last === undefined ? Effect.fail(unfinished(url, endpoint)) : Effect.succeed(last))
    )
  })

export const unfinished = (url: URL, endpoint: string | number): AppProtocolError =>
  new AppProtocolError({
    ...circumstances({ where: { url: url.href, endpoint: String(endpoint) }, reached: "started" }),
    part: "the events of a call",
    problem: "which ended without its completion",
    received: ""
  })

/** A job of events that run when it is made. */
export const submitEvents = (
  events: Stream.Stream<JobEvent<Outputs>, CallError>,
  url: URL,
  endpoint: string | number,
  options: SubmitOptions | undefined
): Effect.Effect<Job.Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(events)
    // What is known before anything is sent shows in the first event.
    const first = yield* Effect.exit(pull)
    const error = Exit.isFailure(first) ? Option.getOrUndefined(Cause.findErrorOption(first.cause)) : undefined
    if (error?._tag === "EndpointNotFoundError" || error?._tag === "EndpointInputError") return yield* error
    let told = false
    const all: Pull.Pull<Arr.NonEmptyReadonlyArray<JobEvent<Outputs>>, CallError> = Effect.suspend(() => {
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
      where: { url: url.href, endpoint: String(endpoint) },
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
