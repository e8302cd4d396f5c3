import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Context, DateTime, Deferred, Effect, Exit, Fiber, Scope, Stream, Tracer } from "effect"
import { TestClock } from "effect/testing"

import { circumstances, isSafeToRetry, JobDisconnectedError, JobOverflowError } from "../../../src/GradioError.ts"
import * as Fibers from "../../../src/internal/session/fibers.ts"
import * as SharedSession from "../../../src/internal/session/sharedSession.ts"
import type { Received, StreamFault } from "../../../src/internal/transport/eventStream.ts"
import * as Limits from "../../../src/Limits.ts"
import type { Call, Heard } from "../../../src/Protocol.ts"
import { fromText } from "../../../src/ServerMessage.ts"
import { rest } from "../../laws/play.ts"
import { callOf, refusedJoin, refusedStream, sessionRig, type Told } from "../../laws/rigs.ts"
import type { Kind, Sent } from "../../laws/script.ts"

/** Notes what the server is told; it stops all of the function when `done` is. */
const telling =
  (note: (eventId: string) => void, done: Effect.Effect<void> = Effect.void): SharedSession.Wire["cancel"] =>
  (call, eventId) => ({
    stops: [call.fnIndex],
    tell: Effect.sync(() => note(eventId)).pipe(Effect.andThen(done), Effect.as(true))
  })

const told = (): Told => ({ serials: [], texts: [] })
const one = (job: Sent["job"], kind: Kind, serial = 0): ReadonlyArray<Sent> => [{ job, kind, serial }]
const settle = rest(12)

/** Lets time pass in steps, as it does, so that what wakes up can sleep again. */
const pass = (seconds: number): Effect.Effect<void> =>
  Effect.forEach(
    Array.from({ length: Math.ceil(seconds / 5) }, (_, step) => Math.min(5, seconds - step * 5)),
    (step) => Effect.andThen(TestClock.adjust(`${step} seconds`), settle),
    { discard: true }
  )

const start = Effect.fnUntraced(function* (options: { readonly own?: boolean; readonly onIdle?: () => void } = {}) {
  const rig = yield* sessionRig(options)
  const begin = (job: number) => Effect.tap(Effect.forkChild(Effect.exit(rig.run(job, told()))), () => settle)
  /** A call that the server has taken. */
  const pending = Effect.fnUntraced(function* (job: number) {
    const fiber = yield* begin(job)
    rig.answer(job, true)
    yield* settle
    return fiber
  })
  const send = (job: Sent["job"], kind: Kind, serial?: number) => {
    rig.send(one(job, kind, serial))
    return settle
  }
  return { ...rig, begin, pending, send }
})

const disconnected = (
  exit: Exit.Exit<void, unknown> | undefined
): { readonly reason: string; readonly reached: string; readonly mayHaveRun: boolean } => {
  assert(exit !== undefined, "the call still runs")
  assert(Exit.isFailure(exit))
  const error = Cause.findErrorOption(exit.cause)
  assert(error._tag === "Some" && error.value instanceof JobDisconnectedError, Cause.pretty(exit.cause))
  const { mayHaveRun, reached, reason } = error.value
  return { reason, reached, mayHaveRun }
}

/** How a call ended, if it has. */
const ended = (fiber: Fiber.Fiber<Exit.Exit<void, unknown>>): Exit.Exit<void, unknown> | undefined => {
  const exit = fiber.pollUnsafe()
  return exit === undefined ? undefined : Exit.isSuccess(exit) ? exit.value : exit
}

describe("the stream of a shared session", () => {
  it.effect(
    "opens after the first join is answered, once for all, and closes when it has been idle for 5 seconds",
    () =>
      Effect.gen(function* () {
        let idle = 0
        const rig = yield* start({ onIdle: () => idle++ })
        const first = yield* rig.begin(0)
        assert.strictEqual(rig.open(), 0)
        rig.answer(0, true)
        yield* settle
        assert.strictEqual(rig.open(), 1)
        const second = yield* rig.pending(1)
        assert.strictEqual(rig.open(), 1)
        yield* rig.send(0, "completed")
        yield* rig.send(1, "completed")
        assert.deepStrictEqual([ended(first), ended(second)], [Exit.void, Exit.void])
        yield* pass(4.9)
        assert.deepStrictEqual([rig.open(), idle], [1, 0])
        yield* pass(0.1)
        assert.deepStrictEqual([rig.open(), idle], [0, 1])
      })
  )

  it.effect("stays for a call that comes while it is idle", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      yield* rig.pending(0)
      yield* rig.send(0, "completed")
      yield* pass(4)
      const next = yield* rig.pending(1)
      yield* pass(20)
      yield* rig.send(1, "completed")
      assert.deepStrictEqual(ended(next), Exit.void)
      assert.strictEqual(rig.mostOpen(), 1)
    })
  )

  it.effect("is lost after 60 seconds of silence, which the server is told", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const heard = yield* rig.pending(0)
      const unheard = yield* rig.pending(1)
      yield* pass(30)
      yield* rig.send(0, "starts")
      yield* rig.send(1, "estimation")
      yield* pass(59)
      assert.deepStrictEqual([ended(heard), ended(unheard)], [undefined, undefined])
      yield* pass(1)
      assert.deepStrictEqual(disconnected(ended(heard)), { reason: "silent", reached: "started", mayHaveRun: true })
      assert.deepStrictEqual(disconnected(ended(unheard)), { reason: "silent", reached: "queued", mayHaveRun: true })
      assert.deepStrictEqual(rig.cancels, ["event-0", "event-1"])
      yield* pass(10)
      assert.strictEqual(rig.open(), 0)
    })
  )

  it.effect("is kept alive by heartbeats, for as long as it takes", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const call = yield* rig.pending(0)
      yield* rig.send(0, "starts")
      for (let minute = 0; minute < 30; minute++) {
        yield* pass(55)
        yield* rig.send("all", "heartbeat")
      }
      assert.isUndefined(ended(call))
      yield* rig.send(0, "completed")
      assert.deepStrictEqual(ended(call), Exit.void)
    })
  )

  it.effect("may be silent for twice the interval of heartbeats that were seen", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const call = yield* rig.pending(0)
      yield* rig.send(0, "starts")
      yield* rig.send("all", "heartbeat")
      yield* pass(50)
      yield* rig.send("all", "heartbeat")
      yield* pass(99)
      assert.isUndefined(ended(call))
      yield* pass(2)
      assert.strictEqual(disconnected(ended(call)).reason, "silent")
    })
  )

  it.effect("that ends opens once more for a call that heard nothing yet, which then has 60 seconds", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const heard = yield* rig.pending(0)
      yield* rig.send(0, "estimation")
      const unheard = yield* rig.pending(1)
      rig.end("clean")
      yield* settle
      assert.deepStrictEqual(disconnected(ended(heard)), {
        reason: "session-lost",
        reached: "queued",
        mayHaveRun: true
      })
      assert.strictEqual(rig.open(), 1)
      yield* pass(40)
      yield* rig.send("all", "heartbeat")
      yield* pass(19)
      assert.isUndefined(ended(unheard))
      yield* pass(1)
      assert.strictEqual(disconnected(ended(unheard)).reason, "silent")
      assert.deepStrictEqual(rig.cancels, ["event-1"])
    })
  )

  it.effect("that ends twice before a call heard anything loses it", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const call = yield* rig.pending(0)
      rig.end("broke-off")
      yield* settle
      assert.isUndefined(ended(call))
      rig.end("broke-off")
      yield* settle
      assert.deepStrictEqual(disconnected(ended(call)), { reason: "closed", reached: "queued", mayHaveRun: true })
      assert.strictEqual(rig.open(), 0)
    })
  )

  it.effect(
    "that cannot be opened twice fails the call with why, as one that the server may run, and tells the server",
    () =>
      Effect.gen(function* () {
        const rig = yield* start()
        const call = yield* rig.begin(0)
        rig.end("refused")
        rig.answer(0, true)
        rig.end("refused")
        yield* settle
        rig.end("refused")
        rig.end("clean")
        yield* settle
        const exit = ended(call)
        assert(exit !== undefined && Exit.isFailure(exit))
        const error: unknown = Cause.squash(exit.cause)
        assert(
          typeof error === "object" && error !== null && "where" in error && "reached" in error && "mayHaveRun" in error
        )
        assert.isFalse(isSafeToRetry(error))
      })
  )

  it.effect("left by the server is read to its end for 5 seconds at most, while new calls open their own", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      yield* rig.pending(0)
      yield* rig.send(0, "completed")
      rig.end("close_stream")
      yield* settle
      const next = yield* rig.pending(1)
      assert.strictEqual(rig.open(), 2)
      yield* pass(5)
      assert.strictEqual(rig.open(), 1)
      yield* rig.send(1, "completed")
      assert.deepStrictEqual(ended(next), Exit.void)
    })
  )
})

describe("a call of a shared session", () => {
  it.effect("that hears nothing for 60 seconds although the stream lives is lost alone", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const other = yield* rig.pending(0)
      yield* rig.send(0, "starts")
      const unheard = yield* rig.pending(1)
      yield* pass(30)
      yield* rig.send("all", "heartbeat")
      yield* pass(29)
      assert.isUndefined(ended(unheard))
      yield* pass(1)
      assert.deepStrictEqual(disconnected(ended(unheard)), { reason: "silent", reached: "queued", mayHaveRun: true })
      assert.deepStrictEqual(rig.cancels, ["event-1"])
      assert.isUndefined(ended(other))
      yield* rig.send(0, "completed")
      assert.deepStrictEqual(ended(other), Exit.void)
    })
  )

  it.effect("works where the join takes 5 minutes, alone and beside others", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const slow = yield* rig.begin(0)
      yield* pass(150)
      const quick = yield* rig.pending(1)
      yield* rig.send(1, "completed")
      assert.deepStrictEqual(ended(quick), Exit.void)
      yield* pass(150)
      assert.isUndefined(ended(slow))
      rig.answer(0, true)
      yield* settle
      yield* rig.send(0, "completed")
      assert.deepStrictEqual(ended(slow), Exit.void)
      assert.deepStrictEqual(rig.cancels, [])
    })
  )

  it.effect("takes up what came before its join was answered", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      yield* rig.pending(0)
      const late = yield* rig.begin(1)
      yield* rig.send(1, "starts")
      yield* rig.send(1, "completed")
      rig.answer(1, true)
      yield* settle
      assert.deepStrictEqual(ended(late), Exit.void)
    })
  )

  it.effect("interrupted while it joins waits for nothing, and is cancelled when its id is known", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const call = yield* rig.begin(0)
      yield* Fiber.interrupt(call)
      assert.deepStrictEqual(rig.cancels, [])
      yield* pass(200)
      rig.answer(0, true)
      yield* settle
      assert.deepStrictEqual(rig.cancels, ["event-0"])
      assert.strictEqual(rig.open(), 0)
    })
  )

  it.effect("interrupted while its join fails is not cancelled", () =>
    Effect.gen(function* () {
      const rig = yield* start()
      const call = yield* rig.begin(0)
      yield* Fiber.interrupt(call)
      rig.answer(0, false)
      yield* settle
      assert.deepStrictEqual(rig.cancels, [])
    })
  )
})

const received = (text: string): Received => ({ message: fromText(text), bytes: text.length })

/** A session over a wire of the test's own. */
const custom = Effect.fnUntraced(function* (
  wire: Partial<SharedSession.Wire>,
  options: { readonly own?: boolean; readonly onIdle?: () => void; readonly clock?: Clock.Clock } = {}
) {
  const fork = yield* Fibers.make
  const clock = options.clock ?? (yield* Clock.Clock)
  return SharedSession.make({
    own: options.own ?? false,
    wire: {
      join: (call) => Effect.succeed(`event-${call.fnIndex}`),
      overdue: refusedJoin,
      events: Effect.succeed(Effect.never),
      cancel: telling(() => {}),
      removesWaiting: true,
      completesCancelled: true,
      noticesLeaving: true,
      limits: Limits.make(),
      ...wire
    },
    fork,
    clock,
    onIdle: options.onIdle ?? (() => {})
  })
})

const collect = (session: SharedSession.SharedSession, call: Call): Effect.Effect<ReadonlyArray<Heard>, unknown> =>
  Stream.runCollect(Stream.unwrap(Effect.map(session.run(call), (pull) => Stream.fromPull(Effect.succeed(pull)))))

const pulled = (...pieces: ReadonlyArray<ReadonlyArray<string>>) =>
  Effect.sync(() => {
    const left = [...pieces]
    return Effect.suspend(() => {
      const [first, ...more] = left.shift() ?? []
      return first === undefined ? Effect.never : Effect.succeed([received(first), ...more.map(received)] as const)
    })
  })

/** The same, where a piece may end no message, and each waits for its turn: so many seconds after the one before. */
const timed = (...pieces: ReadonlyArray<readonly [seconds: number, ...texts: ReadonlyArray<string>]>) =>
  Effect.sync(() => {
    const left = [...pieces]
    return Effect.suspend(() => {
      const next = left.shift()
      if (next === undefined) return Effect.never
      const [seconds, ...texts] = next
      return Effect.delay(Effect.succeed(texts.map(received)), `${seconds} seconds`)
    })
  })

const completion = (job: number, value: unknown) =>
  JSON.stringify({ msg: "process_completed", event_id: `event-${job}`, output: { data: [value] }, success: true })
const starting = (job: number) => JSON.stringify({ msg: "process_starts", event_id: `event-${job}` })
const generating = (job: number, value: unknown) =>
  JSON.stringify({ msg: "process_generating", event_id: `event-${job}`, output: { data: [value] }, success: true })

describe("a session of one call on a server that answers for no cancelled call", () => {
  /** A call that is left after it was heard of so far, and what the server says from then on. */
  const left = Effect.fnUntraced(function* (
    wire: Partial<SharedSession.Wire>,
    before: ReadonlyArray<string>,
    after: ReadonlyArray<string> = []
  ) {
    const goesOn = yield* Deferred.make<void>()
    const pieces = [
      ...before.map((text) => Effect.succeed(text)),
      ...after.map((text) => Effect.as(Deferred.await(goesOn), text))
    ]
    let open = 0
    const session = yield* custom(
      {
        completesCancelled: false,
        removesWaiting: false,
        events: Effect.as(
          Effect.acquireRelease(
            Effect.sync(() => open++),
            () => Effect.sync(() => open--)
          ),
          Effect.suspend(() => Effect.map(pieces.shift() ?? Effect.never, (text) => [received(text)] as const))
        ),
        ...wire
      },
      { own: true }
    )
    const call = yield* Effect.forkChild(collect(session, callOf(0)), { startImmediately: true })
    yield* settle
    assert.strictEqual(open, 1)
    yield* Fiber.interrupt(call)
    yield* settle
    return { session, goOn: Effect.andThen(Deferred.succeed(goesOn, undefined), settle), isOpen: () => open === 1 }
  })

  const starts = JSON.stringify({ msg: "process_starts", event_id: "event-0" })

  it.effect("ends with its stream, which tells the server, when the call is left", () =>
    Effect.gen(function* () {
      for (const before of [[], [starts]]) {
        const told: Array<string> = []
        const { isOpen } = yield* left({ cancel: telling((eventId) => void told.push(eventId)) }, before)
        assert.deepStrictEqual([isOpen(), told], [false, []])
      }
    })
  )

  it.effect(
    "tells a server that would not see that, as soon as it can stop the call, and ends with its stream then",
    () =>
      Effect.gen(function* () {
        for (const before of [[], [starts]]) {
          const told: Array<string> = []
          let hasYielded = false
          const cancel: SharedSession.Wire["cancel"] = (_, eventId) => ({
            stops: [],
            tell: Effect.sync(() => {
              told.push(eventId)
              return hasYielded
            })
          })
          const after = before.length === 0 ? [starts, generating(0, "a")] : [generating(0, "a")]
          const { goOn, isOpen } = yield* left({ cancel, noticesLeaving: false }, before, after)
          assert.deepStrictEqual([isOpen(), told], [true, before.map(() => "event-0")])
          hasYielded = true
          yield* goOn
          assert.deepStrictEqual([isOpen(), told], [false, before.length === 0 ? ["event-0"] : ["event-0", "event-0"]])
        }
      })
  )

  it.effect("waits at its end until such a server could be told", () =>
    Effect.gen(function* () {
      let hasYielded = false
      const { goOn, session } = yield* left(
        { cancel: () => ({ stops: [], tell: Effect.sync(() => hasYielded) }), noticesLeaving: false },
        [starts],
        [generating(0, "a")]
      )
      const closing = yield* Effect.forkChild(session.close(), { startImmediately: true })
      yield* settle
      assert.isUndefined(closing.pollUnsafe())
      hasYielded = true
      yield* goOn
      assert.isDefined(closing.pollUnsafe())
    })
  )
})

describe("the watch of a session", () => {
  /** A message of three minutes. */
  const slowly = Array.from({ length: 6 }, () => [30] as const)

  it.effect("takes a stream for alive while the bytes of a message come, however long it is", () =>
    Effect.gen(function* () {
      const session = yield* custom({ events: timed([1, starting(0)], ...slowly, [10, completion(0, "large")]) })
      const call = yield* Effect.forkChild(collect(session, callOf(0)), { startImmediately: true })
      yield* pass(190)
      assert.isUndefined(call.pollUnsafe())
      yield* pass(1)
      assert.strictEqual((yield* Fiber.join(call)).length, 3)
    })
  )

  it.effect("loses a stream that falls silent in the middle of a message", () =>
    Effect.gen(function* () {
      const session = yield* custom({ events: timed([1, starting(0)], [30]) })
      const call = yield* Effect.forkChild(Effect.exit(collect(session, callOf(0))), { startImmediately: true })
      yield* pass(90)
      assert.isUndefined(call.pollUnsafe())
      yield* pass(1)
      assert.strictEqual(disconnected(Exit.asVoid(yield* Fiber.join(call))).reason, "silent")
    })
  )

  it.effect("gives a call that waits behind a long message the time of that back", () =>
    Effect.gen(function* () {
      const session = yield* custom({
        events: timed([1, starting(0)], ...slowly, [10, generating(0, "large")], [20, completion(1, "short")])
      })
      yield* Effect.forkChild(Effect.exit(collect(session, callOf(0))), { startImmediately: true })
      const behind = yield* Effect.forkChild(collect(session, callOf(1)), { startImmediately: true })
      yield* pass(211)
      assert.strictEqual((yield* Fiber.join(behind)).length, 2)
    })
  )

  it.effect("takes a clock that was set, or a machine that slept, for no silence, and silence after it for one", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      let jumped = 0
      const jumping: Clock.Clock = {
        ...clock,
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + jumped
      }
      const session = yield* custom({ events: timed([1, starting(0)]) }, { clock: jumping })
      const heard = yield* Effect.forkChild(Effect.exit(collect(session, callOf(0))), { startImmediately: true })
      const unheard = yield* Effect.forkChild(Effect.exit(collect(session, callOf(1))), { startImmediately: true })
      yield* pass(10)
      jumped = 3_600_000
      yield* pass(49)
      assert.deepStrictEqual([heard.pollUnsafe(), unheard.pollUnsafe()], [undefined, undefined])
      yield* pass(15)
      assert.strictEqual(disconnected(Exit.asVoid(yield* Fiber.join(unheard))).reason, "silent")
      assert.strictEqual(disconnected(Exit.asVoid(yield* Fiber.join(heard))).reason, "silent")
    })
  )

  it.effect("ends a join that is not answered in time, and interrupts what sends it", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const session = yield* custom({
        join: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)),
        limits: Limits.make({ joinTimeout: "90 seconds" })
      })
      const call = yield* Effect.forkChild(Effect.flip(collect(session, callOf(0))), { startImmediately: true })
      yield* pass(89)
      assert.isUndefined(call.pollUnsafe())
      assert.strictEqual(interrupted, 0)
      yield* pass(1)
      assert.deepStrictEqual(yield* Fiber.join(call), refusedJoin())
      assert.strictEqual(interrupted, 1)
    })
  )

  it.effect("lets an own session go at once, and a shared one five seconds after its last call", () =>
    Effect.gen(function* () {
      const idle: Array<string> = []
      const events = pulled([completion(0, "done")])
      const ending = Effect.map(events, (pull) => {
        let read = false
        return Effect.suspend(() => {
          if (read) return Cause.done()
          read = true
          return pull
        })
      })
      for (const own of [true, false]) {
        const onIdle = () => void idle.push(own ? "own" : "shared")
        const session = yield* custom({ events: ending }, { own, onIdle })
        yield* collect(session, callOf(0))
        yield* settle
      }
      assert.deepStrictEqual(idle, ["own"])
      yield* pass(4)
      assert.deepStrictEqual(idle, ["own"])
      yield* pass(6)
      assert.deepStrictEqual(idle, ["own", "shared"])
    })
  )
})

describe("a session against an odd server", () => {
  it.effect("fails the second of two joins that are answered with one id, and leaves the first alone", () =>
    Effect.gen(function* () {
      const cancels: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const session = yield* custom({
        join: () => Effect.succeed("event-0"),
        cancel: telling((id) => cancels.push(id)),
        events: Effect.andThen(Deferred.await(gate), pulled([completion(0, "mine")]))
      })
      const first = yield* Effect.forkChild(collect(session, callOf(0)), { startImmediately: true })
      const second = yield* Effect.flip(collect(session, callOf(1)))
      assert.strictEqual(
        typeof second === "object" && second !== null && "_tag" in second && second._tag,
        "AppProtocolError"
      )
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(first)).length, 2)
      assert.deepStrictEqual(cancels, [])
    })
  )

  it.effect("holds a bounded number of early bytes, and fails a join that may have missed some", () =>
    Effect.gen(function* () {
      const cancels: Array<string> = []
      const answer = yield* Deferred.make<void>()
      const flood = Array.from({ length: 20 }, () => [generating(1, "x".repeat(1024 * 1024))])
      const session = yield* custom({
        join: (call) => Effect.as(call.fnIndex === 1 ? Deferred.await(answer) : Effect.void, `event-${call.fnIndex}`),
        cancel: telling((id) => cancels.push(id)),
        events: pulled(...flood, [completion(0, "other")], [completion(1, "wrong without the ones before")])
      })
      const slow = yield* Effect.forkChild(Effect.flip(collect(session, callOf(1))), { startImmediately: true })
      assert.strictEqual((yield* collect(session, callOf(0))).length, 2)
      yield* Deferred.succeed(answer, undefined)
      assert.instanceOf(yield* Fiber.join(slow), JobOverflowError)
      assert.deepStrictEqual(cancels, ["event-1"])
    })
  )

  it.effect("does not hold what it still hears of calls that have ended", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<void>()
      const flood = Array.from({ length: 20 }, () => [generating(0, "x".repeat(1024 * 1024))])
      const session = yield* custom({
        join: (call) => Effect.as(call.fnIndex === 1 ? Deferred.await(answer) : Effect.void, `event-${call.fnIndex}`),
        events: pulled([completion(0, "first")], ...flood, [completion(1, "second")], [completion(2, "third")])
      })
      const slow = yield* Effect.forkChild(collect(session, callOf(1)), { startImmediately: true })
      yield* collect(session, callOf(0))
      yield* collect(session, callOf(2))
      yield* Deferred.succeed(answer, undefined)
      assert.strictEqual((yield* Fiber.join(slow)).length, 2)
    })
  )

  it.effect("holds nothing after a join that took too long", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<void>()
      const ghost = yield* Deferred.make<void>()
      const flood = Array.from({ length: 15 }, () => [generating(2, "x".repeat(1024 * 1024))])
      const more = Array.from({ length: 2 }, () => [generating(2, "x".repeat(1024 * 1024))])
      const before = yield* pulled([starting(0)], ...flood)
      const after = yield* pulled(...more, [completion(3, "late")])
      let left = 16
      const session = yield* custom({
        join: (call) => {
          if (call.fnIndex === 2) return Effect.never
          return Effect.as(call.fnIndex === 3 ? Deferred.await(answer) : Effect.void, `event-${call.fnIndex}`)
        },
        limits: Limits.make({ joinTimeout: "10 seconds" }),
        events: Effect.succeed(
          Effect.suspend(() => (left-- > 0 ? before : Effect.andThen(Deferred.await(ghost), after)))
        )
      })
      yield* Effect.forkChild(Effect.exit(collect(session, callOf(2))), { startImmediately: true })
      yield* pass(10)
      // The stream opens only now, and brings what the server still says of the call that was given up.
      yield* Effect.forkChild(Effect.exit(collect(session, callOf(0))), { startImmediately: true })
      yield* settle
      const late = yield* Effect.forkChild(collect(session, callOf(3)), { startImmediately: true })
      yield* Deferred.succeed(ghost, undefined)
      yield* settle
      yield* Deferred.succeed(answer, undefined)
      assert.strictEqual((yield* Fiber.join(late)).length, 2)
    })
  )

  it.effect("fails a call whose join dies, and goes on", () =>
    Effect.gen(function* () {
      const session = yield* custom({
        join: (call) => {
          if (call.fnIndex === 0) throw new Error("cannot be written as JSON")
          return Effect.succeed(`event-${call.fnIndex}`)
        },
        events: pulled([completion(1, "fine")])
      })
      assert.isTrue(Exit.isFailure(yield* Effect.exit(collect(session, callOf(0)))))
      assert.strictEqual((yield* collect(session, callOf(1))).length, 2)
    })
  )
})

describe("a slow reader", () => {
  it.effect("of a shared session fails alone at its buffer, is cancelled, and the others go on", () =>
    Effect.gen(function* () {
      const cancels: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const pieces = Array.from({ length: 50 }, (_, n) => [generating(0, `${n}`.padEnd(1000)), generating(1, n)])
      const session = yield* custom({
        cancel: telling((id) => cancels.push(id)),
        events: Effect.andThen(
          Deferred.await(gate),
          pulled(...pieces, [completion(0, "never read"), completion(1, "end")])
        )
      })
      const pull = yield* session.run(callOf(0, { buffer: 20_000 }))
      const quick = yield* Effect.forkChild(collect(session, callOf(1)), { startImmediately: true })
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(quick)).length, 52)
      const error = yield* Effect.flip(pull)
      assert(error instanceof JobOverflowError)
      assert(error.waitingBytes > 20_000 && error.waitingBytes < 22_000, String(error.waitingBytes))
      assert.deepStrictEqual(cancels, ["event-0"])
    })
  )

  it.effect("of an own session slows the server down, loses nothing, and is not taken for silence of the server", () =>
    Effect.gen(function* () {
      let pieces = 0
      const session = yield* custom(
        {
          events: Effect.succeed(
            Effect.suspend(() => {
              const piece = pieces++
              if (piece > 100) return Effect.never
              const text = piece < 100 ? generating(0, "x".repeat(100_000)) : completion(0, "end")
              return Effect.succeed([received(text)] as const)
            })
          )
        },
        { own: true }
      )
      const pull = yield* session.run(callOf(0))
      yield* settle
      yield* pass(600)
      assert.isBelow(pieces, 15)
      let read = 0
      while (true) {
        const batch = yield* pull.pipe(
          Effect.catch((end) => (Cause.isDone(end) ? Effect.succeed([]) : Effect.fail(end)))
        )
        if (batch.length === 0) break
        read += batch.length
      }
      assert.strictEqual(read, 102)
    })
  )
})

describe("closing a connection", () => {
  const connection = Effect.fnUntraced(function* (cancel: Effect.Effect<void>) {
    const scope = yield* Scope.make()
    const cancels: Array<string> = []
    let open = 0
    const session = yield* custom({
      cancel: telling((id) => cancels.push(id), cancel),
      events: Effect.as(
        Effect.acquireRelease(
          Effect.sync(() => open++),
          () => Effect.sync(() => open--)
        ),
        Effect.never
      )
    }).pipe(Effect.provideService(Scope.Scope, scope))
    yield* Scope.addFinalizer(scope, session.close())
    return { scope, session, cancels, open: () => open }
  })

  it.effect("ends every call and tells the server", () =>
    Effect.gen(function* () {
      const { cancels, open, scope, session } = yield* connection(Effect.void)
      const calls = yield* Effect.forEach([0, 1], (job) =>
        Effect.forkChild(Effect.exit(collect(session, callOf(job))), { startImmediately: true })
      )
      yield* settle
      yield* Scope.close(scope, Exit.void)
      for (const call of calls) {
        const exit = yield* Fiber.join(call)
        assert(Exit.isFailure(exit))
        const error = Cause.squash(exit.cause)
        assert(error instanceof JobDisconnectedError && error.reason === "client-closed")
        assert.isFalse(error.isTransient)
      }
      assert.deepStrictEqual([cancels, open()], [["event-0", "event-1"], 0])
    })
  )

  it.effect("waits 2 seconds at most for a server that does not answer", () =>
    Effect.gen(function* () {
      const { open, scope, session } = yield* connection(Effect.never)
      const call = yield* Effect.forkChild(Effect.exit(collect(session, callOf(0))), { startImmediately: true })
      yield* settle
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* settle
      assert.isDefined(call.pollUnsafe())
      yield* TestClock.adjust("1999 millis")
      assert.isUndefined(closing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      yield* settle
      assert.isDefined(closing.pollUnsafe())
      assert.strictEqual(open(), 0)
    })
  )

  it.effect("fails calls that come later, which send nothing", () =>
    Effect.gen(function* () {
      const { scope, session } = yield* connection(Effect.void)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(collect(session, callOf(0)))
      assert(error instanceof JobDisconnectedError)
      assert.deepStrictEqual([error.reason, error.reached, error.mayHaveRun], ["client-closed", "nothing-sent", false])
    })
  )
})

describe("the end of an owner", () => {
  /** A session that keeps its stream after a cancelled call, of which the server says nothing more. */
  const kept = Effect.gen(function* () {
    let open = 0
    const session = yield* custom({
      completesCancelled: false,
      noticesLeaving: false,
      removesWaiting: false,
      events: Effect.andThen(
        Effect.acquireRelease(
          Effect.sync(() => open++),
          () => Effect.sync(() => open--)
        ),
        pulled([starting(0), generating(0, "a")])
      ),
      limits: Limits.make({ silence: "10 minutes" })
    })
    const call = callOf(0)
    const running = yield* Effect.forkChild(collect(session, call), { startImmediately: true })
    yield* settle
    yield* Fiber.interrupt(running)
    yield* settle
    return { session, owner: call.owner, isOpen: () => open === 1 }
  })

  it.effect("changes nothing for a session that it had no call in, which keeps its stream", () =>
    Effect.gen(function* () {
      const { isOpen, owner, session } = yield* kept
      yield* session.close({})
      yield* pass(60)
      assert.isTrue(isOpen())
      yield* session.close(owner)
      yield* pass(60)
      assert.isFalse(isOpen())
    })
  )

  it.effect("leaves its session to the owners that it had calls of beside", () =>
    Effect.gen(function* () {
      const { isOpen, owner, session } = yield* kept
      const other = callOf(1, { owner: {} })
      const running = yield* Effect.forkChild(collect(session, other), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(running)
      yield* session.close(owner)
      yield* pass(60)
      assert.isTrue(isOpen())
    })
  )
})

describe("the fibers of a connection", () => {
  it.effect("run without the span of the caller who started them", () =>
    Effect.gen(function* () {
      const fork = yield* Fibers.make
      const parent = yield* Effect.withSpan(
        Effect.suspend(() => Fiber.join(fork(Effect.context<never>()))),
        "the caller's"
      )
      assert.isFalse(Context.getOption(parent, Tracer.ParentSpan)._tag === "Some")
    })
  )
})

// A fault is told apart from an error of a request by its kind.
const fault: StreamFault = { kind: "broke-off", cause: undefined }
describe("a break", () => {
  it.effect("carries its cause, and says that the call may have run", () =>
    Effect.gen(function* () {
      const cause = new Error("reset")
      let pieces = 0
      const session = yield* custom({
        events: Effect.succeed(
          Effect.suspend(() =>
            pieces++ === 0 ? Effect.succeed([received(generating(0, "x"))] as const) : Effect.fail({ ...fault, cause })
          )
        )
      })
      const error = yield* Effect.flip(collect(session, callOf(0)))
      assert(error instanceof JobDisconnectedError)
      assert.strictEqual(error.cause, cause)
      assert.deepStrictEqual(
        [error.reason, error.where.eventId, error.reached, error.mayHaveRun, error.isTransient],
        ["closed", "event-0", "started", true, true]
      )
    })
  )

  it.effect("of a refused stream keeps what the server asked for", () =>
    Effect.gen(function* () {
      const cancels: Array<string> = []
      const session = yield* custom({
        cancel: telling((id) => cancels.push(id)),
        events: Effect.fail(refusedStream())
      })
      const error = yield* Effect.flip(collect(session, callOf(0)))
      assert(typeof error === "object" && error !== null && "_tag" in error && "where" in error)
      assert.deepStrictEqual(
        { ...error },
        {
          ...circumstances({
            where: { ...callOf(0).where, eventId: "event-0" },
            reached: "queued",
            mayHaveRun: true
          }),
          _tag: "AppResponseError",
          status: 500,
          body: "no stream",
          problem: undefined
        }
      )
      assert.deepStrictEqual(cancels, ["event-0"])
    })
  )
})

describe("what is heard", () => {
  it.effect("has the time at which it came", () =>
    Effect.gen(function* () {
      const session = yield* custom({ events: Effect.andThen(Effect.sleep("3 seconds"), pulled([completion(0, "x")])) })
      const call = yield* Effect.forkChild(collect(session, callOf(0)), { startImmediately: true })
      yield* settle
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(
        (yield* Fiber.join(call)).map(({ at, message }) => [message.msg, DateTime.toEpochMillis(at)]),
        [
          ["joined", 0],
          ["process_completed", 3000]
        ]
      )
    })
  )
})

describe("cancelling among calls of the same function", () => {
  const same = { fnIndex: 7 }
  const ids = () => {
    let next = 0
    return () => Effect.sync(() => `event-${next++}`)
  }
  const starts = (job: number) => JSON.stringify({ msg: "process_starts", event_id: `event-${job}` })
  const waits = (job: number) => JSON.stringify({ msg: "estimation", event_id: `event-${job}`, rank: 0, queue_size: 1 })

  it.effect("says whether others of its function run in the session, which the server would stop with it", () =>
    Effect.gen(function* () {
      const cancels: Array<readonly [string, boolean]> = []
      const session = yield* custom({
        join: ids(),
        cancel: (call, id, situation) =>
          telling(() => cancels.push([id, situation.alsoRuns(call.fnIndex)]))(call, id, situation),
        events: pulled([starts(0), starts(1)])
      })
      const first = yield* Effect.forkChild(collect(session, callOf(0, same)), { startImmediately: true })
      const second = yield* Effect.forkChild(collect(session, callOf(1, same)), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(second)
      yield* settle
      assert.deepStrictEqual(cancels, [
        ["event-0", true],
        ["event-1", false]
      ])
    })
  )

  it.effect("joins a call only when the server has stopped what it would be stopped with", () =>
    Effect.gen(function* () {
      const stopped = yield* Deferred.make<void>()
      const joins: Array<string> = []
      const next = ids()
      const session = yield* custom({
        join: () => Effect.tap(next(), (id) => Effect.sync(() => void joins.push(id))),
        cancel: telling(() => {}, Deferred.await(stopped)),
        events: pulled([starts(0)])
      })
      const first = yield* Effect.forkChild(collect(session, callOf(0, same)), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(first)
      yield* Effect.forkChild(collect(session, callOf(1, same)), { startImmediately: true })
      yield* settle
      assert.deepStrictEqual(joins, ["event-0"])
      yield* Deferred.succeed(stopped, undefined)
      yield* settle
      assert.deepStrictEqual(joins, ["event-0", "event-1"])
    })
  )

  it.effect("stops a waiting call at its turn where the server would run it all the same", () =>
    Effect.gen(function* () {
      const cancels: Array<string> = []
      const turn = yield* Deferred.make<void>()
      let step = 0
      const session = yield* custom({
        join: ids(),
        removesWaiting: false,
        cancel: telling((id) => cancels.push(id)),
        events: Effect.succeed(
          Effect.suspend(() => {
            step++
            if (step === 1) return Effect.succeed([received(waits(0))] as const)
            if (step === 2) return Effect.as(Deferred.await(turn), [received(starts(0))] as const)
            return Effect.never
          })
        )
      })
      const call = yield* Effect.forkChild(collect(session, callOf(0, same)), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(call)
      yield* settle
      assert.deepStrictEqual(cancels, [])
      yield* Deferred.succeed(turn, undefined)
      yield* settle
      assert.deepStrictEqual(cancels, ["event-0"])
    })
  )
})
