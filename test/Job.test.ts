import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Deferred, Effect, Exit, Fiber, Option, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"

import {
  circumstances,
  JobCancelledError,
  type JobError,
  JobOverflowError,
  QueueFullError,
  type Reached
} from "../src/GradioError.ts"
import * as Job from "../src/Job.ts"
import type { JobEvent } from "../src/JobEvent.ts"
import { forAllEffect, type Random } from "./laws/generated.ts"
import { rest } from "./laws/play.ts"

type Outputs = ReadonlyArray<unknown>
type Event = JobEvent<Outputs>

const at = DateTime.makeUnsafe(0)
const where = { url: "http://app.test/", endpoint: "/f" }
const output = (index: number, value: unknown = index): Event => ({
  _tag: "Output",
  output: [value],
  index,
  updates: {},
  at
})
const completed = (value: unknown): Event => ({
  _tag: "Completed",
  output: [value],
  took: undefined,
  usedCache: undefined,
  at
})
const queued: Event = { _tag: "Queued", position: 1, size: 2, eta: undefined, at }
const started: Event = { _tag: "Started", eta: undefined, at }
const progress: Event = {
  _tag: "Progress",
  bars: [{ fraction: 0.5, index: undefined, length: undefined, unit: undefined, description: undefined }],
  at
}
const full = new QueueFullError({ ...circumstances({ where }), size: 1 })
const settle = rest(10)

interface Folded {
  readonly eventId: string | undefined
  readonly reached: Reached
}

const reachedBy = (event: Event, before: Reached): Reached =>
  event._tag === "Queued" ? "queued" : event._tag === "Uploading" ? before : "started"

/** A job whose messages are events, with a hand on what comes. */
const make = Effect.fnUntraced(function* (
  options: Partial<Pick<Job.Options<Event, Folded, Outputs>, "stoppable" | "buffer" | "replay" | "released">> = {},
  { hasEventId = true }: { readonly hasEventId?: boolean } = {}
) {
  const queue = yield* Queue.unbounded<Event, JobError | Cause.Done>()
  const ends: Array<string> = []
  let interrupted = false
  const upstream = Stream.fromQueue(queue).pipe(
    Stream.onExit((exit) =>
      Effect.sync(() => {
        interrupted = Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)
      })
    )
  )
  const job = yield* Job.make<Event, Folded, Outputs>({
    messages: upstream,
    folding: {
      initial: { eventId: undefined, reached: "nothing-sent" },
      step: (state, event) => ({
        state: {
          eventId: event._tag === "Queued" ? "e" : state.eventId,
          reached: reachedBy(event, state.reached)
        },
        events: [event]
      }),
      ...(hasEventId ? { eventId: (state: Folded) => state.eventId } : {}),
      reached: (state) => state.reached,
      passing: () => undefined,
      bytes: () => 100
    },
    where,
    stoppable: false,
    slowsServer: false,
    buffer: 10_000,
    replay: "latest",
    span: "job",
    observe: Effect.succeed((_: Folded, outcome: string) => Effect.sync(() => void ends.push(outcome))),
    ...options
  })
  return {
    job,
    ends,
    interrupted: () => interrupted,
    say: (...events: ReadonlyArray<Event>) => Effect.andThen(Queue.offerAll(queue, events), settle),
    end: Effect.andThen(Queue.end(queue), settle),
    fail: (error: JobError) => Effect.andThen(Queue.fail(queue, error), settle)
  }
})

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.forkChild(Stream.runCollect(stream), { startImmediately: true })

describe("the readers of a job", () => {
  it.effect("the first gets everything from the start, also when it comes late", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make()
      yield* say(queued, output(0))
      const reader = yield* collect(job.events)
      yield* say(output(1), completed(1))
      yield* end
      assert.deepStrictEqual(yield* Fiber.join(reader), [queued, output(0), output(1), completed(1)])
    })
  )

  it.effect("a later one gets the last output and what follows", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make()
      const first = yield* collect(job.events)
      yield* say(queued, output(0), output(1))
      const second = yield* collect(job.events)
      yield* say(output(2), completed(2))
      yield* end
      const after = yield* Stream.runCollect(job.events)
      assert.strictEqual((yield* Fiber.join(first)).length, 5)
      assert.deepStrictEqual(yield* Fiber.join(second), [output(1), output(2), completed(2)])
      assert.deepStrictEqual(after, [output(2), completed(2)])
    })
  )

  it.effect("all get everything with replay all", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make({ replay: "all" })
      yield* say(queued, output(0))
      const first = yield* collect(job.events)
      yield* say(output(1), completed(1))
      yield* end
      const all = [queued, output(0), output(1), completed(1)]
      assert.deepStrictEqual(yield* Fiber.join(first), all)
      assert.deepStrictEqual(yield* Stream.runCollect(job.events), all)
    })
  )

  it.effect("get what came before a failure, and then the failure", () =>
    Effect.gen(function* () {
      const { fail, job, say } = yield* make()
      yield* say(queued, output(0))
      yield* fail(full)
      const seen: Array<Event> = []
      const error = yield* Effect.flip(
        Stream.runForEach(job.events, (event) => Effect.sync(() => void seen.push(event)))
      )
      assert.deepStrictEqual(seen, [queued, output(0)])
      assert.strictEqual(error, full)
      assert.strictEqual(yield* Effect.flip(job.result), full)
    })
  )

  it.effect("that leave early do not end the job", () =>
    Effect.gen(function* () {
      const { end, interrupted, job, say } = yield* make()
      yield* say(output(0))
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(job.events, 1)), [output(0)])
      yield* say(output(1), completed(1))
      yield* end
      assert.isFalse(interrupted())
      assert.deepStrictEqual(yield* job.result, [1])
    })
  )
})

describe("the status of a job", () => {
  it.effect("says its phase, its place, its progress and its last output at each step", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make()
      const look = Effect.map(job.status, (status) => ({ ...status, at: undefined }))
      const none = { at: undefined, queue: undefined, progress: [], outputs: 0, last: Option.none() }
      assert.deepStrictEqual(yield* look, { phase: "sending", ...none })
      yield* say(queued)
      assert.deepStrictEqual(yield* look, { phase: "queued", ...none, queue: { position: 1, size: 2, eta: undefined } })
      yield* say(started)
      assert.deepStrictEqual(yield* look, { phase: "running", ...none })
      yield* say(progress, output(0, "a"))
      const { bars } = progress
      assert.deepStrictEqual(yield* look, {
        at: undefined,
        phase: "running",
        queue: undefined,
        progress: bars,
        outputs: 1,
        last: Option.some(["a"])
      })
      yield* say(completed("a"))
      yield* end
      assert.deepStrictEqual(yield* look, {
        at: undefined,
        phase: "succeeded",
        queue: undefined,
        progress: bars,
        outputs: 1,
        last: Option.some(["a"])
      })
    })
  )

  it.effect("of a failure is failed, of a cancellation from anywhere cancelled", () =>
    Effect.gen(function* () {
      const failing = yield* make()
      yield* failing.fail(full)
      assert.strictEqual((yield* failing.job.status).phase, "failed")
      const cancelled = yield* make()
      yield* cancelled.fail(new JobCancelledError({ ...circumstances({ where }), by: "server" }))
      assert.strictEqual((yield* cancelled.job.status).phase, "cancelled")
      assert.deepStrictEqual([failing.ends, cancelled.ends], [["QueueFullError"], ["JobCancelledError"]])
    })
  )
})

describe("the event id of a job", () => {
  it.effect(
    "is known once the server took the call, fails where it was not taken, and is none at once where there are no ids",
    () =>
      Effect.gen(function* () {
        const taken = yield* make()
        const waiting = yield* Effect.forkChild(taken.job.eventId, { startImmediately: true })
        yield* settle
        assert.isUndefined(waiting.pollUnsafe())
        yield* taken.say(queued)
        assert.deepStrictEqual(yield* Fiber.join(waiting), Option.some("e"))
        const direct = yield* make({}, { hasEventId: false })
        assert.deepStrictEqual(yield* direct.job.eventId, Option.none())
        const ended = yield* make()
        yield* ended.say(output(0), completed(0))
        yield* ended.end
        assert.deepStrictEqual(yield* ended.job.eventId, Option.none())
        const refused = yield* make()
        yield* refused.fail(full)
        assert.strictEqual(yield* Effect.flip(refused.job.eventId), full)
      })
  )
})

describe("the buffer of a job", () => {
  it.effect("over it, a job that nobody reads fails alone and is given up", () =>
    Effect.gen(function* () {
      const { interrupted, job, say } = yield* make({ buffer: 1000 })
      // The newest message does not count: one alone may be larger than the buffer.
      yield* say(...Array.from({ length: 11 }, (_, n) => output(n)))
      assert.strictEqual((yield* job.status).phase, "running")
      yield* say(output(11))
      const error = yield* Effect.flip(job.result)
      assert(error instanceof JobOverflowError)
      assert.strictEqual(error.waitingBytes, 1200)
      void interrupted()
    })
  )

  it.effect("does not bind a job of which only the result is wanted", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make({ buffer: 1000 })
      const result = yield* Effect.forkChild(job.result, { startImmediately: true })
      for (let n = 0; n < 50; n++) yield* say(output(n))
      yield* say(completed(49))
      yield* end
      assert.deepStrictEqual(yield* Fiber.join(result), [49])
    })
  )

  it.effect("is free again when its readers have read", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make({ buffer: 1000 })
      const reader = yield* collect(job.events)
      for (let n = 0; n < 50; n++) yield* say(output(n))
      yield* say(completed(49))
      yield* end
      assert.strictEqual((yield* Fiber.join(reader)).length, 51)
    })
  )

  it.effect("is bound by its slowest reader", () =>
    Effect.gen(function* () {
      const { job, say } = yield* make({ buffer: 1000 })
      const gate = yield* Deferred.make<void>()
      const quick = yield* Effect.forkChild(Effect.exit(Stream.runDrain(job.events)), { startImmediately: true })
      const slow = yield* Effect.forkChild(Effect.exit(Stream.runForEach(job.events, () => Deferred.await(gate))), {
        startImmediately: true
      })
      yield* say(output(0))
      for (let n = 1; n < 15; n++) yield* say(output(n))
      assert.isTrue(Exit.isFailure(yield* Fiber.join(quick)))
      assert(Exit.isFailure(yield* Effect.exit(job.result)))
      yield* Deferred.succeed(gate, undefined)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(slow)))
    })
  )
})

describe("cancelling a job", () => {
  const cancelledAt = Effect.fnUntraced(function* (events: ReadonlyArray<Event>, stoppable: boolean) {
    const { ends, interrupted, job, say } = yield* make({ stoppable })
    yield* say(...events)
    const outcome = yield* job.cancel
    const error = yield* Effect.flip(job.result)
    assert(error instanceof JobCancelledError && error.by === "client")
    assert.isTrue(interrupted())
    assert.strictEqual((yield* job.status).phase, "cancelled")
    assert.strictEqual(ends.length, 1)
    assert.strictEqual(yield* job.cancel, "already-ended")
    return outcome
  })

  it.effect("says what became of it", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* cancelledAt([], true), "removed")
      assert.strictEqual(yield* cancelledAt([queued], false), "removed")
      assert.strictEqual(yield* cancelledAt([queued, started], true), "stopping")
      assert.strictEqual(yield* cancelledAt([started, output(0)], true), "stopping")
      assert.strictEqual(yield* cancelledAt([started], false), "not-stoppable")
    })
  )

  it.effect("that has ended changes nothing", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make()
      yield* say(output(0), completed(0))
      yield* end
      assert.strictEqual(yield* job.cancel, "already-ended")
      assert.deepStrictEqual(yield* job.result, [0])
    })
  )

  it.effect("ends it for its readers at once, and waits for the server 5 seconds at most", () =>
    Effect.gen(function* () {
      const released = yield* Deferred.make<void>()
      const { job, say } = yield* make({ released })
      const reader = yield* Effect.forkChild(Effect.flip(Stream.runDrain(job.events)), { startImmediately: true })
      yield* say(started)
      const cancelling = yield* Effect.forkChild(job.cancel, { startImmediately: true })
      yield* settle
      assert.instanceOf(yield* Fiber.join(reader), JobCancelledError)
      assert.isUndefined(cancelling.pollUnsafe())
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(cancelling), "not-stoppable")
    })
  )

  it.effect("returns when the server was told", () =>
    Effect.gen(function* () {
      const released = yield* Deferred.make<void>()
      const { job } = yield* make({ released })
      const cancelling = yield* Effect.forkChild(job.cancel, { startImmediately: true })
      yield* Deferred.succeed(released, undefined)
      assert.strictEqual(yield* Fiber.join(cancelling), "removed")
    })
  )

  it.effect("by the end of its scope fails whoever still waits", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { interrupted, job, say } = yield* Effect.provideService(make(), Scope.Scope, scope)
      yield* say(started, output(0))
      const result = yield* Effect.forkChild(Effect.flip(job.result), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      const error = yield* Fiber.join(result)
      assert(error instanceof JobCancelledError && error.by === "client")
      assert.isTrue(interrupted())
    })
  )
})

describe("the outputs of a job", () => {
  it.effect("are its values as they arrive, and as deltas the new text only", () =>
    Effect.gen(function* () {
      const { end, job, say } = yield* make({ replay: "all" })
      const texts = ["He", "Hello", "Hello", "Hello there", 7, null, "Hello there!", "Anew", ""]
      yield* say(...texts.map((text, index) => output(index, text)), completed("Anew"))
      yield* end
      assert.deepStrictEqual(
        yield* Stream.runCollect(Job.outputs(job)),
        texts.map((text) => [text])
      )
      assert.deepStrictEqual(yield* Stream.runCollect(Job.deltas(job)), ["He", "llo", " there", "!", "Anew", ""])
      assert.deepStrictEqual(yield* Stream.runCollect(Job.deltas(job, 1)), [])
    })
  )
})

interface Reading {
  /** How many events came before each reader began. */
  readonly starts: ReadonlyArray<number>
  readonly events: number
  readonly batch: number
}

const reading = (random: Random): Reading => {
  const events = 1 + random.below(20)
  return {
    events,
    batch: 1 + random.below(4),
    starts: Array.from({ length: 1 + random.below(3) }, () => random.below(events + 1)).sort((a, b) => a - b)
  }
}

describe("laws of a job", () => {
  it.effect(
    "every reader sees its part of the events, once each and in order, and the result is the last",
    () =>
      forAllEffect("the readers of a job", 10_000, reading, ({ batch, events, starts }) =>
        Effect.scoped(
          Effect.gen(function* () {
            const { end, job, say } = yield* make({ buffer: 1e6 })
            const all = Array.from({ length: events }, (_, n) => output(n))
            const readers: Array<{
              readonly from: number
              readonly fiber: Fiber.Fiber<ReadonlyArray<Event>, JobError>
            }> = []
            let sent = 0
            const begin = Effect.suspend(() =>
              Effect.forEach(
                starts.slice(readers.length).filter((from) => from <= sent),
                () => Effect.map(collect(job.events), (fiber) => readers.push({ from: sent, fiber })),
                { discard: true }
              )
            )
            yield* begin
            while (sent < events) {
              const piece = all.slice(sent, sent + batch)
              sent += piece.length
              yield* say(...piece)
              yield* begin
            }
            yield* say(completed(events - 1))
            yield* end
            for (const [index, { fiber, from }] of readers.entries()) {
              const seen = index === 0 ? all : all.slice(Math.max(0, from - 1))
              assert.deepStrictEqual(yield* Fiber.join(fiber), [...seen, completed(events - 1)])
            }
            assert.deepStrictEqual(yield* job.result, [events - 1])
          })
        )
      ),
    120_000
  )
})
