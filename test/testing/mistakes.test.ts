/** What goes wrong in a stand-in app itself is told to the author of the test. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, Stream } from "effect"
import { HttpClient } from "effect/http"

import { AppFailure, Component, type Endpoint, endpoint, generator, GradioServer } from "../../src/testing/index.ts"
import { allMessages, call, join, outputs, post } from "./wire.ts"

const text = Component.textbox({ name: "text" })

/** Runs requests against a server in memory; gives what was logged, each line with its level. */
const logsOf = Effect.fnUntraced(function* <A, E>(
  endpoints: ReadonlyArray<Endpoint<never>>,
  requests: Effect.Effect<A, E, HttpClient.HttpClient>
) {
  const lines: Array<string> = []
  const logger = Logger.make(({ cause, logLevel, message }) => {
    const told = Cause.hasDies(cause) || Cause.hasFails(cause) ? `: ${Cause.pretty(cause).split("\n")[0]}` : ""
    lines.push(`${logLevel} ${[message].flat().join(" ")}${told}`)
  })
  const answer = yield* Effect.flatMap(GradioServer.make({ endpoints }), ({ client }) =>
    Effect.provideService(requests, HttpClient.HttpClient, client)
  ).pipe(Effect.provide(Logger.layer([logger])))
  return { answer, lines }
})

const run = (name: string, body: () => Effect.Effect<ReadonlyArray<string>, unknown>) =>
  endpoint(name, { inputs: [], outputs: [text], run: body })

const hidden = [{ error: null }]

describe("mistakes in a stand-in app", () => {
  it.effect("a defect of a function is logged with its cause; the client is told nothing of it", () =>
    Effect.gen(function* () {
      const die = run("/die", () => Effect.die(new Error("no such thing")))
      const { answer, lines } = yield* logsOf([die], call(0, []))
      assert.deepStrictEqual(outputs(answer.messages), hidden)
      assert.deepStrictEqual(lines, ["Error /die of the stand-in app failed: Error: no such thing"])
    })
  )

  it.effect("so is a failure that is no AppFailure, in a generator and by a direct call too", () =>
    Effect.gen(function* () {
      const fail = generator("/fail", {
        inputs: [],
        outputs: [text],
        run: () => Stream.concat(Stream.succeed(["one"]), Stream.fail(new Error("broken")))
      })
      const queued = yield* logsOf([fail], call(0, []))
      assert.deepStrictEqual(queued.lines, ["Error /fail of the stand-in app failed: Error: broken"])
      const plain = run("/plain", () => Effect.fail(new Error("broken")))
      const direct = yield* logsOf([plain], post("/run/plain", { data: [] }))
      assert.deepStrictEqual(direct.answer, { status: 500, body: { error: null } })
      assert.deepStrictEqual(direct.lines, ["Error /plain of the stand-in app failed: Error: broken"])
    })
  )

  it.effect("an AppFailure is no mistake", () =>
    Effect.gen(function* () {
      const fail = run("/fail", () => Effect.fail(new AppFailure({ message: "as it should" })))
      assert.deepStrictEqual((yield* logsOf([fail], call(0, []))).lines, [])
    })
  )

  it.effect("neither is a call that is cancelled", () =>
    Effect.gen(function* () {
      const endless = run("/endless", () => Effect.never)
      const cancelled = Effect.gen(function* () {
        const id = yield* join(0, [], "s")
        yield* post("/cancel", { session_hash: "s", fn_index: 0, event_id: id })
        return yield* allMessages("s")
      })
      assert.deepStrictEqual((yield* logsOf([endless], cancelled)).lines, [])
    })
  )

  it.effect("an output list of the wrong length is logged: too short a failure, too long cut", () =>
    Effect.gen(function* () {
      const short = yield* logsOf([run("/short", () => Effect.succeed([]))], call(0, []))
      assert.deepStrictEqual(outputs(short.answer.messages), hidden)
      assert.deepStrictEqual(short.lines, [
        "Error /short of the stand-in app failed: Error: A function didn't return enough output values (needed: 1, returned: 0)."
      ])
      const long = yield* logsOf([run("/long", () => Effect.succeed(["a", "b"]))], call(0, []))
      assert.deepStrictEqual(outputs(long.answer.messages), [["a"]])
      assert.deepStrictEqual(long.lines, [
        "Error /long of the stand-in app returned too many output values (needed: 1, returned: 2)"
      ])
    })
  )

  it.effect("a defect of a validator is logged", () =>
    Effect.gen(function* () {
      const odd = endpoint("/odd", {
        inputs: [text],
        outputs: [text],
        validator: () => Effect.die(new Error("no verdict")),
        run: ([one]) => Effect.succeed([one])
      })
      const { answer, lines } = yield* logsOf(
        [odd],
        post("/queue/join", { data: ["x"], fn_index: 0, session_hash: "s" })
      )
      assert.strictEqual(answer.status, 500)
      assert.deepStrictEqual(lines, ["Error /odd of the stand-in app failed: Error: no verdict"])
    })
  )

  it.effect("two endpoints of the same name are a defect, with or without the slash", () =>
    Effect.gen(function* () {
      const twice = [run("/twin", () => Effect.succeed(["a"])), run("twin", () => Effect.succeed(["b"]))]
      const exit = yield* Effect.exit(GradioServer.make({ endpoints: twice }))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", 'called "/twin": give one of them another')
    })
  )
})
