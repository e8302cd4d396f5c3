import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Ref, Stream } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"

import { Component, endpoint, generator, GradioServer } from "../../src/testing/index.ts"
import { allMessages, base, call, elapse, get, join, messages, outputs, post } from "./wire.ts"

const text = Component.textbox({ name: "text" })
const echo = endpoint("/echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) })
const forever = (onEnd: Effect.Effect<void> = Effect.void) =>
  generator("/forever", {
    inputs: [],
    outputs: [text],
    concurrencyLimit: null,
    run: () => Stream.fromEffectRepeat(Effect.delay(Effect.succeed(["tick"]), "1 second")).pipe(Stream.ensuring(onEnd))
  })

const inMemory = (options: GradioServer.Options<never>) => Effect.provide(GradioServer.layerMemory(options))

describe("sessions", () => {
  it.effect("break the stream of a session that has no events off, after one message", () =>
    Effect.gen(function* () {
      const seen = yield* Ref.make<ReadonlyArray<unknown>>([])
      const exit = yield* Effect.exit(
        Stream.runForEach(messages("nobody"), (message) => Ref.update(seen, (all) => [...all, message]))
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(yield* Ref.get(seen), [
        { msg: "unexpected_error", event_id: null, message: "404: Not Found", session_not_found: true, success: false }
      ])
    }).pipe(inMemory({ endpoints: [echo] }))
  )

  it.effect("keep the messages until the stream is opened", () =>
    Effect.gen(function* () {
      yield* join(0, ["a"], "s")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(outputs(yield* allMessages("s")), [["a"]])
    }).pipe(inMemory({ endpoints: [echo] }))
  )

  it.effect("send heartbeats, and nothing else when nothing is pending", () =>
    Effect.gen(function* () {
      yield* call(0, ["a"])
      const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.take(messages("s"), 2)))
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("13 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("30 seconds")
      const heartbeat = { msg: "heartbeat", event_id: null }
      assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [heartbeat, heartbeat])
    }).pipe(inMemory({ endpoints: [echo] }))
  )

  it.effect("end with everything that runs in them when the client drops the stream", () =>
    Effect.gen(function* () {
      const ended = yield* Ref.make(0)
      yield* Effect.gen(function* () {
        const server = yield* GradioServer.GradioServer
        yield* join(0, [], "s")
        yield* join(1, [], "s")
        yield* join(1, [], "s")
        const fiber = yield* Effect.forkChild(Stream.runDrain(messages("s")))
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(yield* server.activity, { running: 2, waiting: 1, open: 1, sessions: 1 })
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* server.activity, { running: 0, waiting: 0, open: 0, sessions: 1 })
        assert.strictEqual(yield* Ref.get(ended), 1)
        const [again] = yield* Stream.runCollect(Stream.take(messages("s"), 1))
        assert.deepStrictEqual(again?.["message"], "404: Not Found")
      }).pipe(
        inMemory({
          endpoints: [
            forever(Ref.update(ended, (n) => n + 1)),
            endpoint("/never", { inputs: [], outputs: [], run: () => Effect.never })
          ]
        })
      )
    })
  )

  it.effect("are never closed by the server again when an event was running at the drop, as with Gradio", () =>
    Effect.gen(function* () {
      yield* join(1, [], "s")
      const dropped = yield* Effect.forkChild(Stream.runDrain(messages("s")))
      yield* elapse(2)
      yield* Fiber.interrupt(dropped)
      yield* join(0, ["again"], "s")
      const fiber = yield* Effect.forkChild(
        Stream.runCollect(Stream.takeUntil(messages("s"), ({ msg }) => msg === "heartbeat"))
      )
      yield* elapse(20)
      const kinds = Array.from(yield* Fiber.join(fiber), ({ msg }) => msg)
      assert.deepStrictEqual(kinds, ["estimation", "process_starts", "process_completed", "heartbeat"])
    }).pipe(inMemory({ endpoints: [echo, forever()] }))
  )

  it.effect("lose all running events of a function when one of them is cancelled, and are told of that one only", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.GradioServer
      const first = yield* join(0, [], "s")
      yield* join(0, [], "s")
      const elsewhere = yield* join(0, [], "t")
      yield* elapse(1)
      assert.strictEqual((yield* server.activity).running, 3)
      yield* post("/cancel", { event_id: first, session_hash: "s", fn_index: 0 })
      assert.strictEqual((yield* server.activity).running, 1)
      const fiber = yield* Effect.forkChild(
        Stream.runCollect(Stream.takeUntil(messages("s"), ({ msg }) => msg === "heartbeat"))
      )
      yield* elapse(20)
      const completed = Array.from(yield* Fiber.join(fiber)).filter(({ msg }) => msg === "process_completed")
      assert.deepStrictEqual(
        completed.map(({ event_id, output }) => [event_id, output]),
        [[first, {}]]
      )
      assert.notStrictEqual(elsewhere, first)
    }).pipe(inMemory({ endpoints: [forever()] }))
  )

  it.effect("end when the client takes what it needs and leaves", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.GradioServer
      yield* join(0, [], "s")
      const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.take(messages("s"), 3)))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* server.activity, { running: 0, waiting: 0, open: 0, sessions: 1 })
    }).pipe(inMemory({ endpoints: [forever()] }))
  )

  it.effect("end when the request's scope closes", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.GradioServer
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      yield* join(0, [], "s")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const response = yield* client.get(`${base}/gradio_api/queue/data?session_hash=s`)
          yield* Effect.forkDetach(Stream.runDrain(response.stream))
          yield* TestClock.adjust("2 seconds")
          assert.strictEqual((yield* server.activity).open, 1)
        })
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* server.activity, { running: 0, waiting: 0, open: 0, sessions: 1 })
    }).pipe(inMemory({ endpoints: [forever()] }))
  )

  it.effect("split their messages between two streams", () =>
    Effect.gen(function* () {
      yield* join(0, [], "s")
      const counts = yield* Effect.forEach([1, 2], () => Ref.make(0))
      const fibers = yield* Effect.forEach(counts, (count) =>
        Effect.forkChild(Stream.runForEach(messages("s"), () => Ref.update(count, (n) => n + 1)))
      )
      yield* TestClock.adjust("10 seconds")
      const seen = yield* Effect.forEach(counts, Ref.get)
      assert.strictEqual(
        seen.reduce((sum, n) => sum + n, 0),
        12
      )
      assert.isTrue(seen.every((n) => n > 0))
      yield* Effect.forEach(fibers, Fiber.interrupt)
    }).pipe(inMemory({ endpoints: [forever()] }))
  )

  it.effect("have a state each, which never leaves the server", () =>
    Effect.gen(function* () {
      const say = (session: string) =>
        Effect.map(call(0, ["cat", "ignored"], session), ({ messages }) => outputs(messages)[0])
      assert.deepStrictEqual(
        [yield* say("a"), yield* say("a"), yield* say("b"), yield* say("a")],
        [
          [0, null],
          [1, null],
          [0, null],
          [2, null]
        ]
      )
      const direct = (body: object) =>
        Effect.map(post("/run/counter", { data: ["cat", null], ...body }), ({ body }) => Object(body).data)
      assert.deepStrictEqual(
        [yield* direct({}), yield* direct({}), yield* direct({ session_hash: "a" })],
        [
          [0, null],
          [0, null],
          [3, null]
        ]
      )
    }).pipe(
      inMemory({
        endpoints: (() => {
          const words = Component.state<ReadonlyArray<string>>([])
          return [
            endpoint("/counter", {
              inputs: [text, words],
              outputs: [Component.number(), words],
              run: ([word, all]) => Effect.succeed([all.filter((one) => one === word).length, [...all, word]])
            })
          ]
        })()
      })
    )
  )

  it.effect("are kept alive by a stream of plain text", () =>
    Effect.gen(function* () {
      const response = yield* HttpClient.get(`${base}/gradio_api/heartbeat/s`)
      const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.take(Stream.decodeText(response.stream), 3)))
      yield* elapse(31)
      assert.deepStrictEqual(Array.from(yield* Fiber.join(fiber)), [
        "data: ALIVE\n\n",
        "data: ALIVE\n\n",
        "data: ALIVE\n\n"
      ])
    }).pipe(inMemory({ endpoints: [echo] }))
  )
})

describe("the other ways to call", () => {
  const count = generator("/count", { inputs: [], outputs: [text], run: () => Stream.make(["0"], ["1"]) })
  const greet = endpoint("/greet", {
    inputs: [
      Component.textbox({ name: "name" }),
      Component.state(0),
      Component.textbox({ name: "greeting", value: "hello" })
    ],
    outputs: [text],
    run: ([name, times, greeting]) => Effect.succeed([`${greeting} ${name} ${times}`])
  })
  const boom = endpoint("/boom", { inputs: [], outputs: [text], run: () => Effect.fail(new Error("secret")) })
  const app = { endpoints: [echo, count, greet, boom] }

  it.effect("is a direct post, by name or by number", () =>
    Effect.gen(function* () {
      const output = {
        is_generating: false,
        duration: 0,
        average_duration: 0,
        render_config: null,
        changed_state_ids: [],
        used_cache: null
      }
      assert.deepStrictEqual(
        [
          yield* post("/run/echo", { data: ["x"] }),
          yield* post("/api/echo/", { data: ["x"] }),
          yield* post("/run/predict", { data: ["x"], fn_index: 0 }),
          yield* post("/run/count", { data: [] }),
          yield* post("/run/boom", { data: [] }),
          yield* post("/run/nope", { data: [] })
        ],
        [
          { status: 200, body: { data: ["x"], ...output } },
          { status: 200, body: { data: ["x"], ...output } },
          { status: 200, body: { data: ["x"], ...output } },
          { status: 200, body: { data: ["0"], ...output, is_generating: true } },
          { status: 500, body: { error: null } },
          { status: 500, body: "Internal Server Error" }
        ]
      )
    }).pipe(inMemory(app))
  )

  it.effect("is the simple interface, in two steps", () =>
    Effect.gen(function* () {
      const simple = Effect.fnUntraced(function* (path: string, body: object) {
        const { body: answer } = yield* post(`/call/${path}`, body)
        return (yield* get(`/gradio_api/call/${path.replace("v2/", "")}/${Object(answer).event_id}`)).body
      })
      assert.deepStrictEqual(
        [
          yield* simple("echo", { data: ["x"] }),
          yield* simple("count", { data: [] }),
          yield* simple("greet", { data: ["a", "hi"] }),
          yield* simple("v2/greet", { name: "b" }),
          yield* simple("boom", { data: [] }),
          yield* post("/call/nope", { data: [] })
        ],
        [
          'event: complete\ndata: ["x"]\n\n',
          'event: generating\ndata: ["0"]\n\nevent: generating\ndata: ["1"]\n\nevent: complete\ndata: ["1"]\n\n',
          'event: complete\ndata: ["hi a 0"]\n\n',
          'event: complete\ndata: ["hello b 0"]\n\n',
          'event: error\ndata: {"error": null}\n\n',
          { status: 500, body: "Internal Server Error" }
        ]
      )
    }).pipe(inMemory(app))
  )
})
