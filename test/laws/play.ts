/** Plays a script on a rig, and holds what became of each call against what had to. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"

import { randomFrom } from "./generated.ts"
import type { Rig, Told } from "./rigs.ts"
import { expected, type Kind, type Outcome, type Script, type Sent } from "./script.ts"

/** Lets everything that can run do so, without letting time pass. */
export const rest = (turns: number): Effect.Effect<void> =>
  turns === 0 ? Effect.void : Effect.andThen(Effect.yieldNow, rest(turns - 1))

interface Failure {
  readonly _tag: string
  readonly reason?: string
  readonly by?: string
  readonly cause?: unknown
  readonly status?: number
}

const failureOf = (exit: Exit.Exit<void, unknown>): Failure | "interrupted" | "success" => {
  if (Exit.isSuccess(exit)) return "success"
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
  const error = Cause.findErrorOption(exit.cause)
  assert(error._tag === "Some", `a defect: ${Cause.pretty(exit.cause)}`)
  const failure: unknown = error.value
  assert(typeof failure === "object" && failure !== null && "_tag" in failure)
  return { ...failure, _tag: String(failure._tag) }
}

const reasons = {
  clean: "session-lost",
  close_stream: "session-lost",
  "broke-off": "closed",
  unexpected: "closed",
  silent: "silent"
} as const

/** Whether a call ended as it had to. */
const agrees = (outcome: Outcome, ended: Failure | "interrupted" | "success"): boolean => {
  if (outcome.is === "interrupted") return ended === "interrupted"
  if (outcome.is === "value" && outcome.kind === "completed") return ended === "success"
  if (typeof ended === "string") return false
  switch (outcome.is) {
    case "value":
      return ended._tag === (outcome.kind === "failed" ? "AppError" : "JobCancelledError")
    case "refused":
      return ended._tag === "AppResponseError" && ended.status === 404
    case "unreadable":
      return ended._tag === "AppProtocolError"
    case "lost":
      return outcome.why === "refused"
        ? ended._tag === "AppResponseError" && ended.status === 500
        : ended._tag === "JobDisconnectedError" && ended.reason === reasons[outcome.why]
  }
}

export interface Options {
  /** How many turns of the scheduler bring everything to rest. */
  readonly turns: number
  /** Which messages reach a reader as they are. */
  readonly seen: (kind: Kind) => boolean
}

export const play = (script: Script, rig: Rig, options: Options): Effect.Effect<void> =>
  Effect.gen(function* () {
    const random = randomFrom(script.seed)
    const told = Array.from({ length: script.jobs }, (): Told => ({ serials: [], texts: [] }))
    const fibers = new Map<number, Fiber.Fiber<void, unknown>>()
    const answered = new Set<number>()
    const settle = Effect.suspend(() => rest(script.settled ? options.turns : random.below(4)))
    for (const action of script.actions) {
      switch (action.do) {
        case "call": {
          const into = told[action.job]
          if (into === undefined) break
          rig.facts.push(action)
          fibers.set(action.job, yield* Effect.forkChild(rig.run(action.job, into)))
          break
        }
        case "answer":
          answered.add(action.job)
          rig.answer(action.job, action.ok)
          break
        case "send":
          rig.send(action.piece)
          break
        case "end":
          rig.end(action.how)
          break
        case "interrupt": {
          const fiber = fibers.get(action.job)
          if (fiber === undefined) break
          rig.facts.push(action)
          // Returns at once: no time passes until it does.
          yield* Fiber.interrupt(fiber)
          break
        }
      }
      yield* settle
    }
    for (const job of fibers.keys()) if (!answered.has(job)) rig.answer(job, true)
    yield* rest(options.turns)
    rig.facts.push({ do: "silence" })
    for (let minute = 0; minute < 6; minute++) {
      yield* TestClock.adjust("61 seconds")
      yield* rest(options.turns)
    }

    const sent = new Map<number, Sent>()
    for (const action of script.actions)
      if (action.do === "send") for (const one of action.piece) sent.set(one.serial, one)
    const models = expected(script.jobs, rig.facts, rig.stops, rig.noticesLeaving)
    for (const [job, model] of models.entries()) {
      const fiber = fibers.get(job)
      const into = told[job]
      if (fiber === undefined || into === undefined) continue
      const exit = fiber.pollUnsafe()
      assert(exit !== undefined, `call ${job} still runs; ${JSON.stringify({ model, facts: rig.facts })}`)
      const ended = failureOf(exit)
      const about = () => JSON.stringify({ job, model, ended, told: into, cancels: rig.cancels, facts: rig.facts })
      for (const text of into.texts) {
        for (const [, owner] of text.matchAll(/#([a-z0-9]+)-\d+#/g)) assert.strictEqual(owner, String(job), about())
      }
      const own = into.serials.map((serial) => sent.get(serial))
      assert(
        own.every((one) => one?.job === job && options.seen(one.kind)),
        `a message of another call: ${about()}`
      )
      const cancels = rig.cancels.filter((id) => id === `event-${job}`).length
      assert(cancels <= 1, `cancelled more than once: ${about()}`)
      if (script.settled) {
        assert(agrees(model.outcome, ended), `ended otherwise: ${about()}`)
        const lasting = model.lasting.filter((serial) => options.seen(sent.get(serial)?.kind ?? "other"))
        assert.deepStrictEqual(into.serials, lasting, about())
        assert.strictEqual(cancels, model.cancels, about())
      } else if (ended === "success") {
        assert(own.at(-1)?.kind === "completed", about())
        assert.strictEqual(cancels, 0, about())
      }
    }
    assert(rig.mostOpen() <= 1, `${rig.mostOpen()} streams at once`)
    assert.strictEqual(rig.open(), 0, "a stream was left open")
  })
