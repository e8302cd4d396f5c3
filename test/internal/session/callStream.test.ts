/** A call with a stream of its own, over a wire that does what it is told. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Option, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"

import { AppResponseError, circumstances } from "../../../src/GradioError.ts"
import * as CallStream from "../../../src/internal/session/callStream.ts"
import type { Received, StreamFault } from "../../../src/internal/transport/eventStream.ts"
import * as Limits from "../../../src/Limits.ts"
import { fromText } from "../../../src/ServerMessage.ts"
import { rest } from "../../laws/play.ts"
import { callOf, refusedJoin } from "../../laws/rigs.ts"

const settle = rest(12)

const refusedData = new AppResponseError({
  ...circumstances({ where: { url: "http://app.test/" }, reached: "queued" }),
  status: 404,
  body: "no event"
})

const start = Effect.fnUntraced(function* (more: Partial<CallStream.Wire> = {}) {
  const queue = yield* Queue.unbounded<Received, StreamFault | Cause.Done>()
  const sent: Array<string | null> = []
  let open = 0
  const wire: CallStream.Wire = {
    open: () =>
      Effect.gen(function* () {
        yield* Effect.acquireRelease(
          Effect.sync(() => open++),
          () => Effect.sync(() => open--)
        )
        return yield* Stream.toPull(Stream.fromQueue(queue))
      }),
    overdue: refusedJoin,
    send: (_, eventId) => Effect.sync(() => void sent.push(eventId)),
    asksForData: true,
    limits: Limits.make(),
    ...more
  }
  const scope = yield* Scope.make()
  const connection = yield* Scope.provide(
    CallStream.connect(() => wire, true),
    scope
  )
  const told: Array<string> = []
  const released = yield* Deferred.make<void>()
  const call = callOf(0, { released })
  const fiber = yield* Effect.forkChild(
    Stream.unwrap(Effect.map(connection.run(call), (messages) => Stream.fromPull(Effect.succeed(messages)))).pipe(
      Stream.runForEach(({ message }) => Effect.sync(() => void told.push(message.msg)))
    )
  )
  yield* settle
  return {
    fiber,
    told,
    sent,
    released,
    connection,
    call,
    open: () => open,
    end: Effect.andThen(
      Effect.sync(() => Queue.endUnsafe(queue)),
      settle
    ),
    close: Scope.close(scope, Exit.void),
    /** All in one piece. */
    say: (...messages: ReadonlyArray<object>) => {
      const texts = messages.map((message) => JSON.stringify(message))
      Queue.offerAllUnsafe(
        queue,
        texts.map((text) => ({ message: fromText(text), bytes: text.length }))
      )
      return settle
    },
    ended: Effect.sync(() => {
      const exit = fiber.pollUnsafe()
      if (exit === undefined) return "running"
      if (Exit.isSuccess(exit)) return "success"
      if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
      const error = Option.getOrThrow(Cause.findErrorOption(exit.cause))
      const { _tag, mayHaveRun, reached } = error
      return [_tag, "reason" in error ? error.reason : undefined, reached, mayHaveRun]
    })
  }
})

const asked = (event_id?: string) => ({ msg: "send_data", event_id })
const estimation = { msg: "estimation", rank: 0, queue_size: 1, rank_eta: null }
const completed = { msg: "process_completed", output: { data: ["x"] }, success: true }

describe("a call with a stream of its own", () => {
  it.effect("sends its data whenever it is asked, under the id that it is asked with", () =>
    Effect.gen(function* () {
      const one = yield* start()
      yield* one.say(estimation)
      assert.deepStrictEqual(one.sent, [])
      yield* one.say(asked("a"), asked("a"), asked("b"))
      yield* one.say(asked())
      assert.deepStrictEqual(one.sent, ["a", "a", "b", null])
      yield* one.say(completed)
      assert.strictEqual(yield* one.ended, "success")
      assert.deepStrictEqual(one.told, ["estimation", "joined", "joined", "joined", "process_completed"])
    })
  )

  it.effect("looks at nothing that comes after its completion, in the same piece either", () =>
    Effect.gen(function* () {
      const one = yield* start()
      yield* one.say(asked("a"), completed, asked("a"), completed)
      assert.deepStrictEqual(one.sent, ["a"])
      assert.deepStrictEqual(one.told, ["joined", "process_completed"])
    })
  )

  it.effect("reads on when its data was sent, and fails with why it was not taken", () =>
    Effect.gen(function* () {
      const taken = yield* Deferred.make<void>()
      const slow = yield* start({ send: () => Deferred.await(taken) })
      yield* slow.say(asked("a"), { msg: "process_starts" })
      assert.deepStrictEqual(slow.told, ["joined"])
      yield* Deferred.succeed(taken, undefined)
      yield* settle
      assert.deepStrictEqual(slow.told, ["joined", "process_starts"])

      const refused = yield* start({ send: () => Effect.fail(refusedData) })
      yield* refused.say(asked("a"))
      assert.deepStrictEqual(yield* refused.ended, ["AppResponseError", undefined, "queued", true])
      assert.strictEqual(refused.open(), 0)
    })
  )

  it.effect("that is lost before its data was asked for has not run", () =>
    Effect.gen(function* () {
      const before = yield* start()
      yield* before.say(estimation)
      yield* before.end
      assert.deepStrictEqual(yield* before.ended, ["JobDisconnectedError", "session-lost", "queued", false])

      const after = yield* start()
      yield* after.say(asked("a"))
      yield* after.end
      assert.deepStrictEqual(yield* after.ended, ["JobDisconnectedError", "session-lost", "queued", true])

      // Where the data goes with the join, it may have.
      const other = yield* start({ asksForData: false })
      yield* other.end
      assert.deepStrictEqual(yield* other.ended, ["JobDisconnectedError", "session-lost", "sent", true])
    })
  )

  it.effect("that was never heard of is lost after firstMessage, whatever heartbeats come", () =>
    Effect.gen(function* () {
      const one = yield* start({ limits: Limits.make({ firstMessage: "30 seconds", silence: "60 seconds" }) })
      yield* TestClock.adjust("20 seconds")
      yield* one.say({ msg: "heartbeat" })
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* one.ended, "running")
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.deepStrictEqual(yield* one.ended, ["JobDisconnectedError", "silent", "sent", false])
      assert.strictEqual(one.open(), 0)
    })
  )

  it.effect("leaves the end of its stream to the server when it has completed, for a second", () =>
    Effect.gen(function* () {
      for (const how of ["ends", "stays"]) {
        const one = yield* start()
        yield* one.say(completed)
        assert.deepStrictEqual([yield* one.ended, one.open()], ["success", 1])
        yield* how === "ends" ? one.end : TestClock.adjust("1 second")
        yield* settle
        assert.strictEqual(one.open(), 0)
      }
      const last = yield* start()
      yield* last.say(completed)
      yield* last.close
      assert.strictEqual(last.open(), 0)
    })
  )

  it.effect("is not silent while the bytes of a message come, however long it is", () =>
    Effect.gen(function* () {
      const large: Received = { message: fromText(JSON.stringify(completed)), bytes: 1 }
      let parts = 5
      const pull = Effect.suspend(() => Effect.delay(Effect.succeed(parts-- === 0 ? [large] : []), "50 seconds"))
      const one = yield* start({ open: () => Effect.succeed(pull), isQuiet: true })
      for (let part = 0; part < 6; part++) {
        assert.strictEqual(yield* one.ended, "running")
        yield* TestClock.adjust("50 seconds")
        yield* settle
      }
      assert.strictEqual(yield* one.ended, "success")
    })
  )

  it.effect("that is not opened in joinTimeout fails with what the wire says, whatever the server is told then", () =>
    Effect.gen(function* () {
      const open = () => Effect.onInterrupt(Effect.never, () => Effect.addFinalizer(() => Effect.sleep("5 seconds")))
      const one = yield* start({ open, limits: Limits.make({ joinTimeout: "10 seconds" }) })
      yield* TestClock.adjust("10 seconds")
      yield* settle
      assert.deepStrictEqual(yield* one.ended, ["AppResponseError", undefined, "sent", false])
      assert.isFalse(yield* Deferred.isDone(one.released))
      yield* TestClock.adjust("5 seconds")
      yield* settle
      assert.isTrue(yield* Deferred.isDone(one.released))
    })
  )

  it.effect.each([["before"], ["after"]])("closes its stream when it is interrupted %s its data was sent", ([when]) =>
    Effect.gen(function* () {
      const one = yield* start()
      yield* one.say(...(when === "after" ? [asked("a")] : [estimation]))
      yield* Fiber.interrupt(one.fiber)
      yield* settle
      assert.strictEqual(yield* one.ended, "interrupted")
      assert.strictEqual(one.open(), 0)
      assert.isTrue(yield* Deferred.isDone(one.released))
      assert.strictEqual(one.sent.length, when === "after" ? 1 : 0)
    })
  )

  it.effect("ends with its owner and not with others, and none begins after its connection", () =>
    Effect.gen(function* () {
      const one = yield* start()
      yield* one.say(asked("a"))
      yield* one.connection.end({})
      assert.deepStrictEqual([yield* one.ended, one.open()], ["running", 1])
      yield* one.connection.end(one.call.owner)
      yield* settle
      assert.deepStrictEqual(yield* one.ended, ["JobDisconnectedError", "client-closed", "queued", true])
      assert.strictEqual(one.open(), 0)
      yield* one.close
      const late = yield* Effect.flip(Effect.scoped(one.connection.run(one.call)))
      assert.deepStrictEqual(
        [late._tag, late.reached, late.mayHaveRun],
        ["JobDisconnectedError", "nothing-sent", false]
      )
    })
  )
})
