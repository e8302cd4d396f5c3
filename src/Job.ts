/**
 * A running call: the hot form of `events`. It ends when its scope does; ending it early tells the server.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import {
  AppProtocolError,
  circumstances,
  JobCancelledError,
  type JobError,
  JobOverflowError,
  type Reached,
  type Where
} from "./GradioError.ts"
import type { JobEvent, JobStatus } from "./JobEvent.ts"

/** A running call; `E` is what reading it can fail with, which is more than a `JobError` for a typed endpoint. */
export interface Job<out O, out E = JobError> {
  /** Known once the server took the call; none at once where there are no ids (direct calls, Gradio 3). */
  readonly eventId: Effect.Effect<Option.Option<string>, JobError>
  /**
   * The first reader gets everything from the start; a later one the last output and what follows, or all with `replay: "all"`. What waits for
   * readers is kept, up to `buffer`: a job that says more fails with a `JobOverflowError`, unless somebody waits for its `result` alone.
   */
  readonly events: Stream.Stream<JobEvent<O>, E>
  readonly status: Effect.Effect<JobStatus<O>>
  readonly result: Effect.Effect<O, E>
  /**
   * What became of it: `removed` from the queue (or never sent), a generator told to stop (`stopping`), a plain function that runs on because
   * Gradio cannot stop it (`not-stoppable`), or `already-ended`. Never fails; waits for the server for 5 seconds at most. Before Gradio 6.14 a call
   * that waits keeps its place, and is told to stop when its turn comes: a generator stops there, a plain function runs unheard.
   */
  readonly cancel: Effect.Effect<"removed" | "stopping" | "not-stoppable" | "already-ended">
}

/** Every output of a job, as it arrives. */
export const outputs = <O, E>(job: Job<O, E>): Stream.Stream<O, E> =>
  Stream.flattenIterable(Stream.map(job.events, (event) => (event._tag === "Output" ? [event.output] : [])))

/**
 * Only the new text of an output that grows at its end, as language models write it. A value that does not extend the one before is given
 * whole. `output`: its place, 0 for the first; values that are no text are passed over.
 */
export const deltas = <E>(job: Job<ReadonlyArray<unknown>, E>, output = 0): Stream.Stream<string, E> =>
  outputs(job).pipe(
    Stream.mapAccum(
      () => "",
      (before, values) => {
        const text = values[output]
        if (typeof text !== "string" || text === before) return [before, []]
        return [text, [text.startsWith(before) ? text.slice(before.length) : text]]
      }
    )
  )

/** What a message makes of a state. */
export interface Step<S, O> {
  readonly state: S
  readonly events: ReadonlyArray<JobEvent<O>>
  readonly failure?: JobError | undefined
}

/** How the messages of a call, whatever they are, become events. */
export interface Folding<M, S, O> {
  readonly initial: S
  readonly step: (state: S, message: M) => Step<S, O>
  /** The id that the server gave the call; left out where there are no ids. */
  readonly eventId?: ((state: S) => string | undefined) | undefined
  readonly reached: (state: S) => Reached
  /** For a message that gives way to later ones of its kind while nobody has read it: the kind, and how many stay. */
  readonly passing: (message: M) => { readonly kind: string; readonly keep: number } | undefined
  /** What a message takes while it waits for a reader. */
  readonly bytes: (message: M) => number
}

/** What a job is made of. */
export interface Options<M, S, O> {
  readonly messages: Stream.Stream<M, JobError>
  readonly folding: Folding<M, S, O>
  readonly where: Where
  /** Whether the server can stop the function once it runs. */
  readonly stoppable: boolean
  /** Whether a slow reader slows the server down, instead of failing the job at `buffer`. */
  readonly slowsServer: boolean
  /** Bytes that may wait for readers. */
  readonly buffer: number
  readonly replay: "latest" | "all"
  /** Done when a cancelled call has nothing left to tell the server. */
  readonly released?: Deferred.Deferred<void> | undefined
  /** Told the state after each message once, as it comes. */
  readonly onState?: ((state: S) => void) | undefined
  /** The name of the span that lasts as long as the job. */
  readonly span: string
  /** Run in that span; what it gives is told the last state and how the job ended: `success`, `interrupted`, or the tag of its failure. */
  readonly observe: Effect.Effect<(state: S, outcome: string) => Effect.Effect<void>>
}

const statusOf = <O>(status: JobStatus<O>, event: JobEvent<O>): JobStatus<O> => {
  const { at } = event
  switch (event._tag) {
    case "Queued":
      return { ...status, phase: "queued", queue: { position: event.position, size: event.size, eta: event.eta }, at }
    case "Started":
      return { ...status, phase: "running", queue: undefined, at }
    case "Progress":
      return { ...status, phase: "running", queue: undefined, progress: event.bars, at }
    case "Output":
      return {
        ...status,
        phase: "running",
        queue: undefined,
        outputs: event.index + 1,
        last: Option.some(event.output),
        at
      }
    case "Completed":
      return { ...status, phase: "succeeded", queue: undefined, last: Option.some(event.output), at }
    default:
      return { ...status, at }
  }
}

interface Reader {
  /** The number of the message it reads next. */
  next: number
  wake: (() => void) | undefined
}

const outcomeOf = (exit: Exit.Exit<unknown, JobError>): string =>
  Exit.isSuccess(exit)
    ? "success"
    : Option.match(Cause.findErrorOption(exit.cause), { onNone: () => "interrupted", onSome: (error) => error._tag })

/** Makes a job of the messages of a call. It starts at once and belongs to the scope. */
export const make = Effect.fnUntraced(function* <M, S, O>(
  options: Options<M, S, O>
): Effect.fn.Return<Job<O>, never, Scope.Scope> {
  const { folding } = options
  const clock = yield* Clock.Clock
  const now = (): DateTime.Utc => DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
  const ended = yield* Deferred.make<O, JobError>()
  const eventId = yield* Deferred.make<Option.Option<string>, JobError>()
  if (folding.eventId === undefined) yield* Deferred.succeed(eventId, Option.none())

  // Messages that some reader may still want, from number `first` on; readers fold them themselves, so that diffs stay diffs while they wait.
  let log: Array<M | undefined> = []
  let first = 0
  let logBytes = 0
  let state = folding.initial
  let status: JobStatus<O> = {
    phase: "sending",
    queue: undefined,
    progress: [],
    outputs: 0,
    last: Option.none(),
    at: now()
  }
  let exit: Exit.Exit<void, JobError> | undefined
  let claimed = false
  let resultWanted = false
  const readers = new Set<Reader>()
  // The numbers of messages that may give way, by kind.
  const passing = new Map<string, Array<number>>()
  let resume: (() => void) | undefined
  let completed: JobEvent<O> | undefined

  const bytesOf = (message: M | undefined): number => (message === undefined ? 0 : folding.bytes(message))

  const trim = (): void => {
    if (options.replay === "all" || !claimed) return
    let wanted = first + log.length
    for (const reader of readers) wanted = Math.min(wanted, reader.next)
    for (const message of log.splice(0, wanted - first)) logBytes -= bytesOf(message)
    first = wanted
    if (logBytes <= options.buffer) resume?.()
  }

  /** Drops what gives way to this message, as long as no reader has come to it. */
  const giveWay = (message: M): void => {
    const rule = options.replay === "all" ? undefined : folding.passing(message)
    if (rule === undefined) return
    const numbers = passing.get(rule.kind) ?? []
    passing.set(rule.kind, numbers)
    numbers.push(first + log.length)
    if (numbers.length <= rule.keep) return
    const number = numbers.shift() ?? 0
    for (const reader of readers) if (reader.next > number) return
    if (number < first) return
    logBytes -= bytesOf(log[number - first])
    log[number - first] = undefined
  }

  const finish = (result: Exit.Exit<void, JobError>): void => {
    if (exit !== undefined) return
    exit = result
    if (Exit.isSuccess(result)) {
      Deferred.doneUnsafe(
        ended,
        Effect.mapError(Effect.fromOption(status.last), () => unfinished())
      )
      Deferred.doneUnsafe(eventId, Effect.succeedNone)
    } else {
      // The scope of the job was closed: that is a cancellation for whoever still waits.
      const cause = Cause.hasInterruptsOnly(result.cause) ? Cause.fail(cancelled()) : result.cause
      const failure = Exit.failCause(cause)
      const error = Option.getOrUndefined(Cause.findErrorOption(cause))
      const phase = error?._tag === "JobCancelledError" ? "cancelled" : "failed"
      status = { ...status, phase, queue: undefined, at: now() }
      exit = failure
      Deferred.doneUnsafe(ended, failure)
      Deferred.doneUnsafe(eventId, failure)
    }
    for (const reader of readers) reader.wake?.()
  }

  const cancelled = (): JobError =>
    new JobCancelledError({
      ...circumstances({
        where: options.where,
        reached: folding.reached(state),
        // Only a call that is known to wait, or was never sent, surely did not run.
        mayHaveRun: !isRemovable()
      }),
      by: "client"
    })

  const isRemovable = (): boolean => folding.reached(state) === "nothing-sent" || status.phase === "queued"

  const unfinished = (): JobError =>
    new AppProtocolError({
      ...circumstances({ where: options.where, reached: folding.reached(state) }),
      part: "the events of a call",
      problem: "which ended without its completion",
      received: ""
    })

  const accept = (batch: ReadonlyArray<M>): Effect.Effect<void, JobError> => {
    for (const message of batch) {
      giveWay(message)
      log.push(message)
      logBytes += folding.bytes(message)
      const step = folding.step(state, message)
      state = step.state
      options.onState?.(state)
      for (const event of step.events) {
        status = statusOf(status, event)
        if (event._tag === "Completed") completed = event
      }
      const id = folding.eventId?.(state)
      if (id !== undefined) Deferred.doneUnsafe(eventId, Effect.succeedSome(id))
      if (step.failure !== undefined) return Effect.fail(step.failure)
    }
    for (const reader of readers) reader.wake?.()
    trim()
    // A single message counts once there is another behind it, and a job that has completed has nothing to stop.
    const newest = bytesOf(log.at(-1))
    if (logBytes - newest <= options.buffer || completed !== undefined) return Effect.void
    if (!claimed && resultWanted) {
      // Nobody reads events, and the result needs the state alone.
      claimed = true
      trim()
      return Effect.void
    }
    return options.slowsServer && options.replay !== "all" ? readersCatchUp : overflow()
  }

  const overflow = (): Effect.Effect<never, JobError> =>
    Effect.fail(
      new JobOverflowError({ ...circumstances({ where: options.where, reached: "started" }), waitingBytes: logBytes })
    )

  const readersCatchUp = Effect.callback<void>((done) => {
    resume = () => {
      resume = undefined
      done(Effect.void)
    }
    return Effect.sync(() => {
      resume = undefined
    })
  })

  const driver = yield* Effect.flatMap(options.observe, (onEnd) =>
    Stream.runForEachArray(options.messages, accept).pipe(
      Effect.onExit((result) => {
        finish(result)
        return onEnd(state, outcomeOf(result))
      })
    )
  ).pipe(
    Effect.withSpan(options.span, {}, { captureStackTrace: false }),
    Effect.exit,
    Effect.forkScoped({ startImmediately: true })
  )

  const read: Stream.Stream<JobEvent<O>, JobError> = Stream.unwrap(
    Effect.acquireRelease(
      Effect.sync(() => {
        const fromStart = options.replay === "all" || !claimed
        claimed = true
        const reader: Reader = { next: fromStart ? first : first + log.length, wake: undefined }
        readers.add(reader)
        return { reader, state: fromStart ? folding.initial : state, greeting: fromStart ? [] : greeting() }
      }),
      ({ reader }) =>
        Effect.sync(() => {
          readers.delete(reader)
          trim()
        })
    ).pipe(
      Effect.map(({ greeting, reader, state: from }) =>
        Stream.fromIterable(greeting).pipe(Stream.concat(follow(reader, from)))
      )
    )
  )

  /** What a reader that comes late begins with: the last output, and the completion if that was before it came. */
  const greeting = (): ReadonlyArray<JobEvent<O>> =>
    Option.match(status.last, {
      onNone: () => [],
      onSome: (output) => [
        { _tag: "Output", output, index: Math.max(0, status.outputs - 1), updates: {}, at: status.at },
        ...(completed === undefined ? [] : [completed])
      ]
    })

  const follow = (reader: Reader, from: S): Stream.Stream<JobEvent<O>, JobError> => {
    let own = from
    const pull: Pull.Pull<Arr.NonEmptyReadonlyArray<JobEvent<O>>, JobError> = Effect.suspend(() => {
      const messages = log.slice(reader.next - first)
      reader.next = first + log.length
      const events: Array<JobEvent<O>> = []
      for (const message of messages) {
        if (message === undefined) continue
        const step = folding.step(own, message)
        own = step.state
        events.push(...step.events)
      }
      trim()
      if (Arr.isArrayNonEmpty(events)) return Effect.succeed(events)
      if (exit !== undefined) return Exit.isSuccess(exit) ? Cause.done() : Effect.failCause(exit.cause)
      return Effect.andThen(
        Effect.callback<void>((resume) => {
          reader.wake = () => {
            reader.wake = undefined
            resume(Effect.void)
          }
          return Effect.sync(() => {
            reader.wake = undefined
          })
        }),
        pull
      )
    })
    return Stream.fromPull(Effect.succeed(pull))
  }

  return {
    eventId: Deferred.await(eventId),
    events: read,
    status: Effect.sync(() => status),
    result: Effect.suspend(() => {
      resultWanted = true
      resume?.()
      return Deferred.await(ended)
    }),
    cancel: Effect.suspend(() => {
      if (exit !== undefined) return Effect.succeed("already-ended" as const)
      const outcome = isRemovable()
        ? ("removed" as const)
        : // Not every version marks every generator; one that has given something and runs on is one.
          options.stoppable || status.outputs > 0
          ? ("stopping" as const)
          : ("not-stoppable" as const)
      finish(Exit.fail(cancelled()))
      return Fiber.interrupt(driver).pipe(
        Effect.andThen(options.released === undefined ? Effect.void : Deferred.await(options.released)),
        Effect.timeoutOption("5 seconds"),
        Effect.as(outcome)
      )
    })
  }
})
