/**
 * The queue of a stand-in server: events wait in concurrency groups, run when it is their turn, and report to their session.
 *
 * It knows functions and sessions and nothing of HTTP.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"

import * as AppFailure from "./AppFailure.ts"
import { type AppFunction, makeTiming, seconds, snapshot, toWire, type UsedCache } from "./AppFunction.ts"
import type { Call } from "./Call.ts"
import type { Conversion } from "./Component.ts"
import type { Row } from "./Endpoint.ts"
import type { Fields } from "./fields.ts"
import * as Message from "./Message.ts"
import type { History, Release } from "./Release.ts"
import type { Session } from "./Session.ts"

/** An event that was joined. */
export interface Job {
  readonly id: string
  readonly fn: AppFunction
  readonly session: Session
  /** What it is called with, asked for when it is its turn; nothing when its client has none. */
  readonly open: Effect.Effect<Opened | undefined>
}

/** An event whose turn it is. */
export interface Opened {
  readonly data: Row
  /** Switches diffs off. */
  readonly simpleFormat: boolean
  readonly call: Call
  readonly conversion: Conversion
  /** Whether it has found something in the function's cache. */
  readonly usesCache: () => boolean
  /** What clients are told of the functions that it has made, if it has. */
  readonly rendered?: (() => Fields | null) | undefined
}

interface Times {
  readonly duration: number
  readonly average: number | null
}

interface Running {
  readonly fn: AppFunction
  /** Those that nobody waits for any more are taken out. */
  readonly jobs: Set<Job>
  readonly since: number
  fiber: Fiber.Fiber<void> | undefined
  hasYielded: boolean
  /** Whether its generator is to end instead of giving its next output. */
  isReset: boolean
}

interface Group {
  readonly id: string
  limit: number | null
  readonly waiting: Array<Job>
  readonly running: Set<Running>
}

/** The inputs of an event that takes a stream of them. */
interface Inputs {
  /** The next one; a later takes the place of one that was not looked at. */
  next: Row | undefined
  closed: boolean
  wake: (() => void) | undefined
}

/** The queue. */
export interface JobQueue {
  /** Puts an event at the end of its group and starts it if it is its turn. */
  readonly push: (job: Job) => Effect.Effect<void>
  /** Stops an event as `/cancel` does; with it go all running events of the named function in the session. */
  readonly cancel: (
    sessionHash: string,
    fnIndex: number,
    session: Session | undefined,
    eventId: string
  ) => Effect.Effect<void>
  /** Stops what runs of these functions in a session, and tells nobody. */
  readonly abort: (sessionHash: string, fnIndices: ReadonlyArray<number>) => Effect.Effect<void>
  /** Ends the generator of an event at its next output, and tells nobody; false where none has given an output yet. */
  readonly reset: (eventId: string) => boolean
  /** Gives an event more input, or says that no more comes (nothing); false where it knows none by this id. */
  readonly feed: (eventId: string, input: Row | undefined) => boolean
  /** Stops all events of a session whose client went away. */
  readonly drop: (session: Session) => Effect.Effect<void>
  /** How many events wait. */
  readonly size: () => number
  readonly running: () => number
  readonly history: () => History
}

/** An empty queue. Its events run in the scope, with the services of the effect that makes it. */
export const make = Effect.fnUntraced(function* (options: { readonly showError: boolean; readonly release: Release }) {
  const { release } = options
  const scope = yield* Scope.Scope
  const runFork = Effect.runForkWith(yield* Effect.context<never>())
  const groups = new Map<string, Group>()
  const allCalls = makeTiming()
  let calls = 0
  let closed = false

  const groupOf = (fn: AppFunction): Group => {
    const { concurrencyLimit } = fn.endpoint
    const known = groups.get(fn.groupId)
    if (known === undefined) {
      const group: Group = { id: fn.groupId, limit: concurrencyLimit, waiting: [], running: new Set() }
      groups.set(fn.groupId, group)
      return group
    }
    if (concurrencyLimit !== null && (known.limit === null || concurrencyLimit < known.limit))
      known.limit = concurrencyLimit
    return known
  }

  const allRunning = () => Array.from(groups.values()).flatMap((group) => Array.from(group.running))

  /** Seconds until the first of the running events ends; unknown when one of them has never ended before. */
  const untilFree = (group: Group, now: number): number | null => {
    if (group.running.size !== group.limit) return 0
    const ends: Array<number> = []
    for (const { fn, since } of group.running) {
      const average = fn.calls.average()
      if (average === null) return null
      ends.push(since + average)
    }
    return Math.max(Math.min(...ends) - now, 0)
  }

  const history = (): History => ({ calls, average: allCalls.average() ?? 0 })
  const estimation = (message: Message.Message) => release.estimation(message, history())

  /** Tells the waiting events from a rank on where they stand. */
  const estimate = (group: Group, from: number, now: number) => {
    const free = untilFree(group, now)
    let ahead: number | null = 0
    group.waiting.forEach((job, rank) => {
      const average = job.fn.calls.average()
      const eta = average === null || ahead === null || free === null ? null : average + ahead + free
      if (rank >= from) job.session.send(estimation(Message.estimation(job.id, rank, group.waiting.length, eta)))
      ahead = group.limit === null ? 0 : ahead === null || average === null ? null : ahead + average / group.limit
    })
  }

  /** What is sent of a generator's output: the first whole, the others as edits where the version has them. */
  const shownAs = (fn: AppFunction, previous: Row | undefined, row: Row): Row => {
    const { edits } = release
    return previous === undefined || edits === undefined
      ? row
      : row.map((value, i) => edits(fn.endpoint.outputs[i]?.type, previous[i], value))
  }

  const stop = (running: Running) => (running.fiber === undefined ? Effect.void : Fiber.interrupt(running.fiber))

  /** Reports every output of a generator; the answer is the last one whole. */
  const reporter = (running: Running, simpleFormat: boolean) => {
    const { fn, jobs } = running
    let last: (Times & { readonly row: Row }) | undefined
    const rows: Array<Row> = []
    const emit = (output: Times & { readonly rows: ReadonlyArray<Row> }) =>
      Effect.suspend(() => {
        if (running.isReset) return stop(running)
        running.hasYielded = true
        const row = snapshot(output.rows[0] ?? [])
        const data = shownAs(fn, simpleFormat ? undefined : last?.row, row)
        for (const job of jobs) {
          job.session.send(Message.processGenerating(job.id, toWire(release, data, true, output)))
        }
        rows.push(row)
        last = { row, duration: output.duration, average: output.average }
        return Effect.void
      })
    return { emit, last: () => last, rows }
  }

  const complete = (
    job: Job,
    data: unknown,
    isGenerating: boolean | null,
    times: Times,
    usedCache: UsedCache = null,
    rendered: Fields | null = null
  ) =>
    job.session.send(
      Message.processCompleted(job.id, toWire(release, data, isGenerating, times, usedCache, rendered), {
        success: true,
        usedCache,
        ...times
      })
    )

  /** Answers an event with what is stored, if something is. */
  const recall = Effect.fnUntraced(function* (job: Job) {
    const { fn, id, open, session } = job
    if (!fn.endpoint.cache || !release.caches) return false
    const opened = yield* open
    const rows = opened === undefined ? undefined : fn.stored.outputs(opened.data)
    const last = rows?.at(-1)
    if (opened === undefined || rows === undefined || last === undefined) return false
    const times = { duration: 0, average: fn.calls.average() }
    if (fn.endpoint.kind === "generator") {
      rows.forEach((row, i) => {
        const data = shownAs(fn, opened.simpleFormat ? undefined : rows[i - 1], row)
        session.send(Message.processGenerating(id, toWire(release, data, true, times, "full")))
      })
    }
    complete(job, last, false, times, "full")
    return true
  })

  const fail = (job: Job, cause: Cause.Cause<unknown>, afterOutput: boolean) => {
    const output = AppFailure.toOutput(Cause.squash(cause), options.showError)
    const told = afterOutput && output["error"] === null ? { ...output, error: release.hiddenMidway } : output
    job.session.send(
      Message.processCompleted(
        job.id,
        release.failure(told),
        // After an output Gradio reads the times of the error: the display time of the message ends up as a duration.
        afterOutput
          ? { success: false, duration: output["duration"] }
          : { success: false, title: output["title"] ?? "Error" }
      )
    )
  }

  const inputs = new Map<string, Inputs>()

  /** Waits for the next input, or for the end of them. */
  const awaitInput = (from: Inputs, limit: number) =>
    Effect.callback<void>((resume) => {
      from.wake = () => resume(Effect.void)
      if (from.next !== undefined || from.closed) from.wake()
    }).pipe(Effect.timeoutOption(`${limit} seconds`))

  /** Runs a function for each input of one event. */
  const processInputs = Effect.fnUntraced(function* (job: Job, lead: Opened) {
    const { fn, id, session } = job
    const { timeLimit } = fn.endpoint
    const from = inputs.get(id) ?? { next: undefined, closed: false, wake: undefined }
    let data = lead.data
    let ran = 0
    let first: number | undefined
    let row: Row = []
    while (true) {
      const exit = yield* Effect.exit(
        fn.run([data], lead.call, lead.conversion, (output) =>
          Effect.sync(() => {
            row = snapshot(output.rows[0] ?? [])
          })
        )
      )
      if (Exit.isFailure(exit)) {
        yield* AppFailure.log(fn.endpoint.name, exit.cause)
        fail(job, exit.cause, first !== undefined)
        return false
      }
      ran += exit.value.duration
      first ??= exit.value.duration
      if (from.closed || (timeLimit !== null && ran >= timeLimit)) {
        complete(job, row, false, exit.value)
        return true
      }
      const left = timeLimit === null ? null : timeLimit - first
      session.send(Message.processStreaming(id, toWire(release, row, true, exit.value), left))
      const came = yield* awaitInput(from, (timeLimit ?? 30) - first)
      if (Option.isNone(came) || (from.closed && release.closesInputs)) {
        complete(job, row, true, exit.value)
        return true
      }
      data = from.next ?? data
      from.next = undefined
    }
  })

  const process = Effect.fnUntraced(function* (running: Running) {
    const { fn, jobs } = running
    const everyone: Array<readonly [Job, Opened]> = []
    for (const job of Array.from(jobs)) {
      const opened = yield* job.open
      if (opened === undefined) jobs.delete(job)
      else {
        job.session.send(Message.processStarts(job.id, fn.calls.average()))
        everyone.push([job, opened])
      }
    }
    const [, lead] = everyone[0] ?? []
    if (lead === undefined) return false
    const usedCache = (): UsedCache => (lead.usesCache() ? "partial" : null)
    const [leadJob] = jobs
    if (fn.endpoint.kind === "inputStream" && leadJob !== undefined) {
      return yield* Effect.ensuring(
        processInputs(leadJob, lead),
        Effect.sync(() => {
          if (release.endedEvent !== 200) inputs.delete(leadJob.id)
        })
      )
    }
    if (fn.endpoint.kind === "generator") {
      const { emit, last, rows } = reporter(running, lead.simpleFormat)
      const exit = yield* fn
        .run([lead.data], lead.call, lead.conversion, emit)
        .pipe(Effect.ensuring(lead.conversion.media?.end ?? Effect.void), Effect.exit)
      if (Exit.isFailure(exit)) yield* AppFailure.log(fn.endpoint.name, exit.cause)
      else if (fn.endpoint.cache) fn.stored.keep(lead.data, rows)
      for (const job of jobs) {
        const final = last()
        if (Exit.isFailure(exit)) fail(job, exit.cause, final !== undefined)
        else if (final === undefined)
          complete(
            job,
            fn.endpoint.outputs.map(() => null),
            false,
            exit.value
          )
        else complete(job, final.row, release.repeatsLast, release.repeatsLast ? final : exit.value, usedCache())
      }
      return Exit.isSuccess(exit)
    }
    let rows: ReadonlyArray<Row> = []
    const exit = yield* Effect.exit(
      fn.run(
        everyone.map(([, { data }]) => data),
        lead.call,
        lead.conversion,
        (output) =>
          Effect.sync(() => {
            rows = output.rows.map(snapshot)
          })
      )
    )
    if (Exit.isFailure(exit)) yield* AppFailure.log(fn.endpoint.name, exit.cause)
    else if (fn.endpoint.cache) fn.stored.keep(lead.data, rows)
    everyone.forEach(([job, { rendered }], i) => {
      if (!jobs.has(job)) return
      if (Exit.isFailure(exit)) fail(job, exit.cause, false)
      else {
        const isGenerating = fn.endpoint.kind === "batch" ? null : false
        complete(job, rows[i] ?? [], isGenerating, exit.value, usedCache(), rendered?.())
      }
    })
    return Exit.isSuccess(exit)
  })

  /** Takes the first event of the group, with others of the same function if it is batched. */
  const takeNext = (group: Group): ReadonlyArray<Job> => {
    const [first] = group.waiting
    if (first === undefined) return []
    const { kind, maxBatchSize } = first.fn.endpoint
    const jobs = kind === "batch" ? group.waiting.filter((job) => job.fn === first.fn).slice(0, maxBatchSize) : [first]
    for (const job of jobs) group.waiting.splice(group.waiting.indexOf(job), 1)
    return jobs
  }

  const start = (group: Group, running: Running) => {
    const { fn } = running
    const work = process(running).pipe(
      Effect.flatMap((succeeded) =>
        succeeded
          ? Effect.map(seconds, (now) => {
              calls++
              allCalls.add(now - running.since)
              fn.calls.add(now - running.since)
            })
          : Effect.void
      ),
      Effect.ensuring(
        Effect.suspend(() => {
          group.running.delete(running)
          return startNext(group)
        })
      )
    )
    running.fiber = Fiber.runIn(runFork(work), scope)
  }

  const startNext: (group: Group) => Effect.Effect<void> = Effect.fnUntraced(function* (group) {
    if (closed || (group.limit !== null && group.running.size >= group.limit)) return
    const jobs = takeNext(group)
    const [lead] = jobs
    if (lead === undefined) return
    const since = yield* seconds
    const running: Running = {
      fn: lead.fn,
      jobs: new Set(jobs),
      since,
      fiber: undefined,
      hasYielded: false,
      isReset: false
    }
    group.running.add(running)
    // Those who still wait move up before the event that left them starts.
    estimate(group, 0, since)
    start(group, running)
    yield* startNext(group)
  })

  const unqueue = (matches: (job: Job) => boolean): ReadonlyArray<Job> =>
    Array.from(groups.values()).flatMap((group) => {
      const gone = group.waiting.filter(matches)
      for (const job of gone) group.waiting.splice(group.waiting.indexOf(job), 1)
      return gone
    })

  // Runs before the fibers are interrupted: each of them would start the next event otherwise.
  yield* Scope.addFinalizer(
    scope,
    Effect.sync(() => {
      closed = true
    })
  )
  const queue: JobQueue = {
    push: Effect.fnUntraced(function* (job) {
      yield* job.session.add(job.id)
      if (yield* recall(job)) return
      const group = groupOf(job.fn)
      if (job.fn.endpoint.kind === "inputStream") {
        inputs.set(job.id, { next: undefined, closed: false, wake: undefined })
      }
      group.waiting.push(job)
      estimate(group, group.waiting.length - 1, yield* seconds)
      yield* startNext(group)
    }),
    cancel: Effect.fnUntraced(function* (sessionHash, fnIndex, session, eventId) {
      const hit = allRunning().filter(({ fn, jobs }) =>
        fn.id === fnIndex
          ? fn.endpoint.kind !== "batch" && Array.from(jobs).some((job) => job.session.hash === sessionHash)
          : // The iterator of the named event ends, whatever function is named.
            fn.endpoint.kind === "generator" && Array.from(jobs).some((job) => job.id === eventId)
      )
      yield* Effect.forEach(hit, stop, { discard: true })
      if (release.removesWaiting) unqueue((job) => job.id === eventId)
      if (session !== undefined && session.isPending(eventId)) {
        session.send(Message.processCompleted(eventId, {}, { success: true }))
      }
    }),
    abort: Effect.fnUntraced(function* (sessionHash, fnIndices) {
      for (const running of allRunning()) {
        const own = Array.from(running.jobs).filter(({ session }) => session.hash === sessionHash)
        if (own.length === 0 || !fnIndices.includes(running.fn.id)) continue
        yield* stop(running)
        if (release.endsAborted) for (const job of own) job.session.end()
      }
    }),
    reset: (eventId) => {
      const hit = allRunning().filter(
        ({ hasYielded, isReset, jobs }) => hasYielded && !isReset && Array.from(jobs).some((job) => job.id === eventId)
      )
      for (const running of hit) running.isReset = true
      return hit.length > 0
    },
    feed: (eventId, input) => {
      const to = inputs.get(eventId)
      if (to === undefined) return false
      if (input === undefined) to.closed = true
      else to.next = input
      to.wake?.()
      return true
    },
    drop: Effect.fnUntraced(function* (session) {
      session.forget()
      // The ids of events that were running stay: later streams of this hash are never closed by the server.
      for (const job of unqueue((one) => one.session === session)) session.pending.delete(job.id)
      for (const running of allRunning()) {
        for (const job of running.jobs) if (job.session === session) running.jobs.delete(job)
        if (running.jobs.size === 0) yield* stop(running)
      }
    }),
    size: () => Array.from(groups.values()).reduce((size, group) => size + group.waiting.length, 0),
    running: () => allRunning().length,
    history
  }
  return queue
})
