/**
 * A stream of inputs for one function (`connection: "stream"`, Gradio 5 and later). Its chunks go one by one into an event of the queue: the next
 * when the one before is answered and `stream_every` has passed, and not before somebody wants the answer. Where the app's time limit ends the
 * event, the next chunk begins another.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import {
  AppProtocolError,
  circumstances,
  EndpointInputError,
  type EndpointNotFoundError,
  type JobError
} from "../GradioError.ts"
import type { Input } from "../Input.ts"
import type { JobEvent } from "../JobEvent.ts"
import type { Call, CallInput, Connection } from "../Protocol.ts"
import type { StepOutput } from "../ServerMessage.ts"
import * as Calls from "./calls.ts"
import { type ResolvedEndpoint, shownName } from "./endpoints.ts"
import * as Fold from "./session/fold.ts"
import type { OnEnd } from "./telemetry.ts"
import { same } from "./wire/json.ts"

type Events = ReadonlyArray<JobEvent<Fold.Outputs>>
type Failure = EndpointNotFoundError | EndpointInputError | JobError

/** Sends chunks to a function and gives what happens, ending with `Completed`. Nothing is sent before the first chunk has come. */
export const events = <E, R>(
  caller: Calls.Caller,
  asked: string | number,
  chunks: Stream.Stream<Input, E, R>,
  options: Calls.CallOptions,
  onEnd: OnEnd
): Stream.Stream<JobEvent<Fold.Outputs>, Failure | E, R> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const endpoint = yield* Calls.resolve(caller, asked)
      if (endpoint.connection !== "stream") return yield* noStream(caller, endpoint)
      const session = yield* Calls.placeOf(caller, endpoint, options)
      const where = { url: caller.link.base.href, endpoint: shownName(endpoint), sessionHash: session.hash }
      const connection = yield* Calls.connectionOf(caller, endpoint, where)
      const { input } = connection
      if (input === undefined) return yield* noInput(caller)
      yield* Calls.begun(caller, session, Effect.void)
      const wire = yield* makeWire(connection, input, endpoint)
      const remember = Calls.rememberRendered(caller)
      let state = Fold.initial
      const step = (
        context: Fold.Context,
        incidents: ReadonlyArray<Fold.Incident>
      ): Effect.Effect<Events, JobError> => {
        const happened: Array<JobEvent<Fold.Outputs>> = []
        for (const incident of incidents) {
          const next = Fold.step(context, state, incident)
          state = next.state
          remember(state)
          if (next.failure !== undefined) return Effect.fail(next.failure)
          happened.push(...next.events)
        }
        return Effect.succeed(happened)
      }
      const eventsOf = (chunk: Input): Stream.Stream<JobEvent<Fold.Outputs>, Failure> =>
        Stream.unwrap(
          Effect.gen(function* () {
            const bound = yield* Calls.bind(caller, endpoint, chunk, options, session)
            const incidents = Stream.scoped(Stream.fromPull(bound.deliver(wire.send)))
            return Stream.flattenIterable(
              Stream.mapEffect(Stream.chunks(incidents), (some) => step(bound.context, some))
            )
          })
        )
      const completed = Effect.map(Clock.currentTimeMillis, (at): JobEvent<Fold.Outputs> => ({
        _tag: "Completed",
        output: state.last ?? [],
        took: wire.took(),
        usedCache: undefined,
        at: DateTime.makeUnsafe(at)
      }))
      return chunks.pipe(
        Stream.flatMap(eventsOf),
        Stream.concat(Stream.fromEffect(Effect.andThen(wire.close, completed))),
        Stream.onExit((exit) => Effect.suspend(() => onEnd(state, outcomeOf(exit))))
      )
    })
  )

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "success"
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  return error instanceof Error ? error.name : "interrupted"
}

const noStream = (caller: Calls.Caller, endpoint: ResolvedEndpoint): EndpointInputError =>
  new EndpointInputError({
    ...circumstances({ where: { url: caller.link.base.href, endpoint: shownName(endpoint) } }),
    problems: [{ parameter: "chunks", problem: "the endpoint takes no stream of inputs; call it with one input" }]
  })

const noInput = (caller: Calls.Caller): AppProtocolError =>
  new AppProtocolError({
    ...circumstances({ where: { url: caller.link.base.href } }),
    part: "its protocol",
    problem: "which sends no streams of inputs",
    received: ""
  })

/** One event of the queue, from its first chunk to its completion. */
interface Opened {
  readonly scope: Scope.Closeable
  readonly call: Call
  readonly messages: Calls.Incidents
  id: string | undefined
  /** What came behind the answer to a chunk. */
  unread: ReadonlyArray<Fold.Incident>
  /** What the last chunk was answered with. */
  answer: StepOutput | undefined
}

interface Wire {
  /** Sends a chunk; its messages end with its answer. */
  readonly send: Calls.Send
  /** Says that no more come, and waits for the end. */
  readonly close: Effect.Effect<void, JobError>
  /** How long the function took for the last chunk. */
  readonly took: () => Duration.Duration | undefined
}

/** A run of the function takes another time than the one before, so an output with the same values and the same time is that of the chunk before. */
const isRepeated = (output: StepOutput, before: StepOutput | undefined): boolean =>
  before !== undefined && output.duration === before.duration && same(output.data, before.data)

const hasData = (output: StepOutput): boolean => output.data !== undefined && output.data !== null

const makeWire = Effect.fnUntraced(function* (
  connection: Connection,
  input: CallInput,
  endpoint: ResolvedEndpoint
): Effect.fn.Return<Wire, never, Scope.Scope> {
  const outer = yield* Effect.scope
  const clock = yield* Clock.Clock
  const every = endpoint.streamEvery * 1000
  let opened: Opened | undefined
  let hasOpened = false
  let sentAt = -Infinity
  let took: number | null | undefined

  const leave = Effect.suspend(() => {
    const event = opened
    opened = undefined
    return event === undefined ? Effect.void : Scope.close(event.scope, Exit.void)
  })

  const open = Effect.fnUntraced(function* (call: Call) {
    const scope = yield* Scope.fork(outer)
    const messages = yield* Scope.provide(Calls.runBy(connection, call), scope)
    const event: Opened = { scope, call, messages, id: undefined, unread: [], answer: undefined }
    opened = event
    if (!hasOpened) {
      hasOpened = true
      return event
    }
    const limit = endpoint.timeLimit === undefined ? undefined : Duration.seconds(endpoint.timeLimit)
    const at = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
    event.unread = [{ _tag: "Reopened", limit, at }]
    return event
  })

  const read = (event: Opened): Calls.Incidents =>
    Effect.suspend(() => {
      const { unread } = event
      event.unread = []
      return Arr.isReadonlyArrayNonEmpty(unread) ? Effect.succeed(unread) : event.messages
    })

  /** The messages of an event up to the answer of a chunk that it has, or of one that has come too late for it. */
  const untilAnswered = (call: Call, isThere: boolean): Calls.Incidents => {
    let arrived = isThere
    let answered = false
    const next: Calls.Incidents = Effect.suspend(() => {
      if (answered) return Cause.done()
      if (opened === undefined) {
        arrived = true
        return Effect.andThen(open(call), next)
      }
      const event = opened
      return Effect.flatMap(read(event), (incidents) => {
        const heard: Array<Fold.Incident> = []
        for (const [index, incident] of incidents.entries()) {
          const message = "_tag" in incident ? undefined : incident.message
          if (message?.msg === "joined") event.id = message.event_id
          // The first chunk waited for its turn.
          if (message?.msg === "process_starts") sentAt = clock.currentTimeMillisUnsafe()
          const isEnd = message?.msg === "process_completed" && message.success && hasData(message.output)
          if (isEnd && (!arrived || isRepeated(message.output, event.answer))) {
            // The app's time limit came before the chunk.
            return Effect.andThen(leave, Arr.isArrayNonEmpty(heard) ? Effect.succeed(heard) : next)
          }
          if (!isEnd && message?.msg !== "process_streaming") {
            heard.push(incident)
            continue
          }
          // A completion that answers a chunk is a step like the others.
          answered = true
          event.answer = message.output
          took = message.output.duration
          heard.push({ ...incident, message: { msg: "process_streaming", output: message.output } })
          event.unread = incidents.slice(index + 1)
          return Effect.as(isEnd ? leave : Effect.void, Arr.isArrayNonEmpty(heard) ? heard : [incident])
        }
        return Arr.isArrayNonEmpty(heard) ? Effect.succeed(heard) : next
      })
    })
    return next
  }

  const pace = Effect.suspend(() => {
    const left = sentAt + every - clock.currentTimeMillisUnsafe()
    return left > 0 ? Effect.sleep(left) : Effect.void
  })

  return {
    took: () => (typeof took === "number" ? Duration.seconds(took) : undefined),
    send: (call) =>
      Effect.gen(function* () {
        yield* pace
        sentAt = clock.currentTimeMillisUnsafe()
        if (opened?.id === undefined) return untilAnswered(call, true)
        return untilAnswered(call, yield* input.send(call, opened.id))
      }),
    close: Effect.suspend(() => {
      if (opened === undefined) return Effect.void
      const event = opened
      const ended: Calls.Incidents = Effect.flatMap(read(event), (incidents) => {
        // What it completes with is no answer to a chunk.
        const end = incidents.some((one) => !("_tag" in one) && one.message.msg === "process_completed")
        return end ? Cause.done() : ended
      })
      return input.close(event.call).pipe(
        Effect.andThen(ended),
        Pull.catchDone(() => leave),
        Effect.asVoid
      )
    })
  }
})
