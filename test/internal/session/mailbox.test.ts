import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Exit, Fiber, Option } from "effect"

import { circumstances, JobOverflowError } from "../../../src/GradioError.ts"
import * as Mailbox from "../../../src/internal/session/mailbox.ts"
import type { Heard } from "../../../src/Protocol.ts"
import { forAll, type Random } from "../../laws/generated.ts"

const at = DateTime.makeUnsafe(0)
const heard = (kind: "estimation" | "progress" | "log" | "starts", n: number, bytes = 10): Heard => {
  switch (kind) {
    case "estimation":
      return { at, bytes, message: { msg: "estimation", rank: n } }
    case "progress":
      return { at, bytes, message: { msg: "progress", progress_data: [{ index: n }] } }
    case "log":
      return { at, bytes, message: { msg: "log", log: n, level: "info" } }
    case "starts":
      return { at, bytes, message: { msg: "process_starts", eta: n } }
  }
}
const overflow = new JobOverflowError({ ...circumstances({ where: { url: "http://app.test/" } }), waitingBytes: 1 })

/** What a message takes while it waits, as the buffer counts it. */
const size = (one: Heard): number => one.bytes + 256

type Move =
  | { readonly do: "offer"; readonly heard: Heard }
  | { readonly do: "logs"; readonly count: number }
  | { readonly do: "take" }
  | { readonly do: "flush" }

const moves = (random: Random): ReadonlyArray<Move> =>
  Array.from({ length: random.below(30) }, (_, n): Move => {
    const kind = random.next()
    if (kind < 0.02) return { do: "logs", count: 900 + random.below(300) }
    if (kind < 0.2) return { do: "take" }
    if (kind < 0.3) return { do: "flush" }
    return {
      do: "offer",
      heard: heard(random.pick(["estimation", "progress", "log", "starts"]), n, random.below(1000))
    }
  })

/** What a reader must find: all, in order, save what gave way to a later one of its kind. */
const waitingOf = (offered: ReadonlyArray<Heard>): ReadonlyArray<Heard> => {
  const logs = offered.filter(({ message }) => message.msg === "log").slice(-1000)
  const last = (msg: string) => offered.findLast(({ message }) => message.msg === msg)
  const keep = new Set([...logs, last("estimation"), last("progress")])
  return offered.filter((one) => one.message.msg === "process_starts" || keep.has(one))
}

describe("laws of a mailbox", () => {
  it("gives what was offered in order, the latest of what is replaced, and counts its bytes", () => {
    forAll("mailbox", 10_000, moves, (all) => {
      const mailbox = Mailbox.make()
      let offered: Array<Heard> = []
      const offer = (one: Heard) => {
        mailbox.offer(one)
        offered.push(one)
      }
      for (const move of all) {
        if (move.do === "offer") offer(move.heard)
        else if (move.do === "logs") for (let n = 0; n < move.count; n++) offer(heard("log", n))
        else if (move.do === "flush") mailbox.flush()
        else if (offered.length > 0) {
          assert.deepStrictEqual(Effect.runSync(mailbox.take), waitingOf(offered))
          offered = []
        }
        const bytes = waitingOf(offered).reduce((sum, one) => sum + size(one), 0)
        assert.strictEqual(mailbox.waitingBytes(), bytes)
      }
      mailbox.end()
      mailbox.offer(heard("starts", -1))
      if (offered.length > 0) assert.deepStrictEqual(Effect.runSync(mailbox.take), waitingOf(offered))
      assert(Cause.isDone(Effect.runSync(Effect.flip(mailbox.take))))
    })
  })
})

describe("Mailbox", () => {
  it.effect("wakes its reader when a piece is flushed, not before", () =>
    Effect.gen(function* () {
      const mailbox = Mailbox.make()
      const reader = yield* Effect.forkChild(mailbox.take, { startImmediately: true })
      mailbox.offer(heard("starts", 1))
      mailbox.offer(heard("starts", 2))
      yield* Effect.yieldNow
      assert.isUndefined(reader.pollUnsafe())
      mailbox.flush()
      assert.deepStrictEqual(yield* Fiber.join(reader), [heard("starts", 1), heard("starts", 2)])
    })
  )

  it.effect("does not wake its reader for nothing", () =>
    Effect.gen(function* () {
      const mailbox = Mailbox.make()
      const reader = yield* Effect.forkChild(mailbox.take, { startImmediately: true })
      mailbox.flush()
      yield* Effect.yieldNow
      assert.isUndefined(reader.pollUnsafe())
      yield* Fiber.interrupt(reader)
      mailbox.offer(heard("starts", 1))
      mailbox.flush()
      assert.deepStrictEqual(yield* mailbox.take, [heard("starts", 1)])
    })
  )

  it.effect("fails after what waits was read, or at once where that is dropped", () =>
    Effect.gen(function* () {
      const polite = Mailbox.make()
      polite.offer(heard("starts", 1))
      polite.fail(Cause.fail(overflow))
      assert.deepStrictEqual(yield* polite.take, [heard("starts", 1)])
      assert.strictEqual(yield* Effect.flip(polite.take), overflow)

      const rude = Mailbox.make()
      rude.offer(heard("starts", 1))
      rude.fail(Cause.fail(overflow), { dropWaiting: true })
      assert.strictEqual(rude.waitingBytes(), 0)
      assert.strictEqual(yield* Effect.flip(rude.take), overflow)
    })
  )

  it.effect("ends once: what is said of its end later does not count", () =>
    Effect.gen(function* () {
      const mailbox = Mailbox.make()
      mailbox.end()
      mailbox.fail(Cause.fail(overflow))
      const exit = yield* Effect.exit(mailbox.take)
      assert(Exit.isFailure(exit) && Option.isSome(Cause.findErrorOption(exit.cause)))
      assert(Cause.isDone(yield* Effect.flip(mailbox.take)))
    })
  )

  it.effect("is drained when nothing waits, by reading or by dropping", () =>
    Effect.gen(function* () {
      const mailbox = Mailbox.make()
      yield* mailbox.drained
      mailbox.offer(heard("starts", 1))
      const drained = yield* Effect.forkChild(mailbox.drained, { startImmediately: true })
      yield* Effect.yieldNow
      assert.isUndefined(drained.pollUnsafe())
      yield* mailbox.take
      yield* Fiber.join(drained)
      mailbox.offer(heard("starts", 2))
      const dropped = yield* Effect.forkChild(mailbox.drained, { startImmediately: true })
      mailbox.fail(Cause.fail(overflow), { dropWaiting: true })
      yield* Fiber.join(dropped)
    })
  )
})
