/** The plain routes `/call/…` against a stand-in app in memory. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { TestClock } from "effect/testing"

import { GradioClient } from "../../../src/index.ts"
import { messageOf } from "../../../src/internal/protocol/callRoutes.ts"
import { Component, endpoint, Fault, GradioServer } from "../../../src/testing/index.ts"

const open = Effect.fnUntraced(function* (version?: string, faults: ReadonlyArray<Fault.Fault> = []) {
  const server = yield* GradioServer.make({
    version,
    endpoints: [
      endpoint("/slow", {
        inputs: [Component.number({ name: "minutes", value: 5 })],
        outputs: [Component.textbox()],
        run: ([minutes]) => Effect.delay(Effect.succeed(["done"]), `${minutes} minutes`)
      })
    ]
  })
  yield* Effect.forEach(faults, (fault) => server.inject(fault))
  const app = yield* Effect.provideService(
    GradioClient.connect("http://app.test", { protocol: "call", retry: "none" }),
    HttpClient.HttpClient,
    server.client
  )
  return { app, server }
})

const inTime = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    for (let i = 0; i < 500 && fiber.pollUnsafe() === undefined; i++) yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })

describe("messageOf", () => {
  it("reads each event as the message that it was made of", () => {
    assert.deepStrictEqual(messageOf("generating", "[1]"), {
      msg: "process_generating",
      event_id: null,
      output: { data: [1] }
    })
    assert.deepStrictEqual(messageOf("complete", "[1]"), {
      msg: "process_completed",
      event_id: null,
      success: true,
      output: { data: [1] }
    })
    assert.deepStrictEqual(messageOf("heartbeat", "null"), { msg: "heartbeat" })
    assert.deepStrictEqual(messageOf("error", "null"), {
      msg: "process_completed",
      event_id: null,
      success: false,
      output: { error: null }
    })
    assert.deepStrictEqual(messageOf("error", '{"error":"bad","title":"T","visible":false,"duration":3}'), {
      msg: "process_completed",
      event_id: null,
      success: false,
      output: { error: "bad", duration: 3, visible: false, title: "T" }
    })
    assert.deepStrictEqual(messageOf("error", '"404: Not Found"'), {
      msg: "unexpected_error",
      event_id: null,
      message: "404: Not Found"
    })
    assert.deepStrictEqual(messageOf("later", "{}"), {
      msg: "other",
      event_id: null,
      message: { event: "later", data: {} }
    })
    assert.strictEqual(messageOf("complete", "[1").msg, "broken")
  })
})

describe("a call by the plain routes", () => {
  it.effect("may take its time as long as heartbeats come", () =>
    Effect.gen(function* () {
      const { app } = yield* open()
      assert.deepStrictEqual(yield* inTime(app.predict("/slow", [20])), ["done"])
    }).pipe(Effect.scoped)
  )

  it.effect("fails as lost where the server has forgotten it", () =>
    Effect.gen(function* () {
      const forgotten = Fault.on(
        { method: "GET", path: /\/call\// },
        {
          request: () =>
            Effect.succeed(
              HttpServerResponse.text('event: error\ndata: "404: Not Found"\n\n', { contentType: "text/event-stream" })
            )
        }
      )
      const { app } = yield* open("6.31.0", [forgotten])
      const error = yield* Effect.flip(inTime(app.predict("/slow")))
      assert.include(error, { _tag: "JobDisconnectedError", reason: "session-lost", mayHaveRun: true })
    }).pipe(Effect.scoped)
  )

  it.effect("leaves nothing behind when it is interrupted, and while it joins neither", () =>
    Effect.gen(function* () {
      const late = Fault.on(
        { method: "POST", path: "/call/slow", times: 1 },
        { request: (_, answer) => Effect.delay(answer, "3 seconds") }
      )
      const { app, server } = yield* open("6.31.0", [late])
      for (const wait of ["1 second", "10 seconds"] as const) {
        const fiber = yield* Effect.forkChild(app.predict("/slow"), { startImmediately: true })
        yield* TestClock.adjust(wait)
        yield* Fiber.interrupt(fiber)
        yield* inTime(Effect.sleep("1 minute"))
        const { open: stillOpen, running, waiting } = yield* server.activity
        assert.deepStrictEqual({ stillOpen, running, waiting }, { stillOpen: 0, running: 0, waiting: 0 })
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is refused where the app is older than its routes", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(open("4.19.2")))
      assert.strictEqual(error._tag, "AppProtocolError")
      assert.include(error.message, "which came with Gradio 4.20, and this app runs 4.19.2")
    }).pipe(Effect.scoped)
  )

  it.effect("takes no stream of inputs", () =>
    Effect.gen(function* () {
      const { app } = yield* open()
      const error = yield* Effect.flip(Stream.runDrain(GradioClient.streamInput(app, "/slow", Stream.make([1]))))
      assert.strictEqual(error._tag, "EndpointInputError")
    }).pipe(Effect.scoped)
  )
})
