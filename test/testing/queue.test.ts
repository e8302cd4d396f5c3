import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref, Stream } from "effect"
import { HttpBody, HttpClient } from "effect/http"
import { TestClock } from "effect/testing"

import { AppFailure, batch, Component, endpoint, generator, GradioServer } from "../../src/testing/index.ts"
import { allMessages, base, call, get, join, outputs, post } from "./wire.ts"

const number = Component.number({ name: "n", label: "n", value: 3 })
const text = Component.textbox({ name: "text", label: "text" })

/** Runs requests against a server in memory. */
const against = <A, E>(options: GradioServer.Options<never>, requests: Effect.Effect<A, E, HttpClient.HttpClient>) =>
  Effect.flatMap(GradioServer.make(options), ({ client }) =>
    Effect.provideService(requests, HttpClient.HttpClient, client)
  )

const times = { render_config: null, changed_state_ids: [], used_cache: null }

/** Gives a value each second until it is closed, which it tells. */
const endlessUntil = (closed: Deferred.Deferred<void>) =>
  generator("/endless", {
    inputs: [],
    outputs: [text],
    run: () =>
      Stream.fromEffectRepeat(Effect.delay(Effect.succeed(["tick"]), "1 second")).pipe(
        Stream.ensuring(Deferred.succeed(closed, undefined))
      )
  })

describe("the queue", () => {
  it.effect("answers a plain call with what Gradio 6.31 sends", () =>
    Effect.gen(function* () {
      const add = endpoint("/add", {
        inputs: [number, number],
        outputs: [number],
        run: ([a, b]) => Effect.succeed([a + b])
      })
      const { id, messages } = yield* against({ endpoints: [add] }, call(0, [4, 5]))
      assert.match(id, /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(messages, [
        { msg: "estimation", event_id: id, rank: 0, queue_size: 1, rank_eta: null },
        { msg: "process_starts", event_id: id, eta: null },
        {
          msg: "process_completed",
          event_id: id,
          output: { data: [9], is_generating: false, duration: 0, average_duration: 0, ...times },
          success: true,
          title: null,
          used_cache: null,
          cache_duration: 0,
          avg_time: 0
        },
        { msg: "close_stream", event_id: null }
      ])
    })
  )

  it.effect("sends the first value of a generator whole, then edits, then the last one whole again", () =>
    Effect.gen(function* () {
      const grow = generator("/grow", {
        inputs: [number],
        outputs: [text],
        run: () => Stream.make(["a"], ["ab"], ["ab"], ["c"]).pipe(Stream.tap(() => Effect.sleep("50 millis")))
      })
      const fiber = yield* Effect.forkChild(against({ endpoints: [grow] }, call(0, [3])))
      yield* TestClock.adjust("1 second")
      const { id, messages } = yield* Fiber.join(fiber)
      const generating = (data: unknown) => ({
        msg: "process_generating",
        event_id: id,
        output: { data, is_generating: true, duration: 0.05, average_duration: 0.05, ...times },
        success: true,
        time_limit: null
      })
      assert.deepStrictEqual(
        messages.slice(2, -2).map((message) => JSON.parse(rounded(message))),
        [generating(["a"]), generating([[["append", [], "b"]]]), generating([[]]), generating([[["replace", [], "c"]]])]
      )
      assert.deepStrictEqual(JSON.parse(rounded(messages.at(-2))), {
        msg: "process_completed",
        event_id: id,
        output: { data: ["c"], is_generating: false, duration: 0, average_duration: 0.04, ...times },
        success: true,
        title: null,
        used_cache: null,
        cache_duration: 0,
        avg_time: 0.04
      })
    })
  )

  it.effect("sends every value whole when the call asks for the simple format", () =>
    Effect.gen(function* () {
      const count = generator("/count", { inputs: [], outputs: [text], run: () => Stream.make(["0"], ["1"]) })
      const { messages } = yield* against({ endpoints: [count] }, call(0, [], "s", { simple_format: true }))
      assert.deepStrictEqual(outputs(messages), [["0"], ["1"], ["1"]])
    })
  )

  it.effect("compares JSON outputs as wholes", () =>
    Effect.gen(function* () {
      const json = generator("/json", {
        inputs: [],
        outputs: [Component.json()],
        run: () => Stream.make([{ a: [1] }], [{ a: [1, 2] }])
      })
      const { messages } = yield* against({ endpoints: [json] }, call(0, []))
      assert.deepStrictEqual(outputs(messages), [[{ a: [1] }], [[["replace", [], { a: [1, 2] }]]], [{ a: [1, 2] }]])
    })
  )

  it.effect("completes a generator that gives nothing with empty slots", () =>
    Effect.gen(function* () {
      const nothing = generator("/nothing", { inputs: [], outputs: [text, text], run: () => Stream.empty })
      const { messages } = yield* against({ endpoints: [nothing] }, call(0, []))
      assert.deepStrictEqual(outputs(messages), [[null, null]])
    })
  )

  it.effect("tells the failures of the app apart as Gradio does", () =>
    Effect.gen(function* () {
      const fail = (name: string, failure: unknown) =>
        endpoint(name, { inputs: [], outputs: [text], run: () => Effect.fail(failure) })
      const endpoints = [
        fail("/plain", new AppFailure({ message: "bad thing" })),
        fail("/titled", new AppFailure({ message: "bad thing", duration: null, visible: false, title: "My title" })),
        fail("/other", new Error("secret detail")),
        endpoint("/die", { inputs: [], outputs: [text], run: () => Effect.die(new Error("secret defect")) })
      ]
      const failures = (showError: boolean) =>
        against(
          { endpoints, showError },
          Effect.forEach([0, 1, 2, 3], (i) =>
            Effect.map(call(i, []), ({ id, messages }) => ({
              ...messages[2],
              event_id: id === messages[2]?.["event_id"]
            }))
          )
        )
      const failed = (output: object, title: string) => ({
        msg: "process_completed",
        event_id: true,
        output,
        success: false,
        title,
        used_cache: null,
        cache_duration: null,
        avg_time: null
      })
      const told = [
        failed({ error: "bad thing", duration: 10, visible: true, title: "Error" }, "Error"),
        failed({ error: "bad thing", duration: null, visible: false, title: "My title" }, "My title")
      ]
      assert.deepStrictEqual(yield* failures(false), [
        ...told,
        failed({ error: null }, "Error"),
        failed({ error: null }, "Error")
      ])
      assert.deepStrictEqual(yield* failures(true), [
        ...told,
        failed({ error: "secret detail", visible: true }, "Error"),
        failed({ error: "secret defect", visible: true }, "Error")
      ])
    })
  )

  it.effect("reports a failure after some output with the odd fields of Gradio", () =>
    Effect.gen(function* () {
      const midway = generator("/midway", {
        inputs: [],
        outputs: [text],
        run: () => Stream.concat(Stream.make(["0"]), Stream.fail(new AppFailure({ message: "after some output" })))
      })
      const { id, messages } = yield* against({ endpoints: [midway] }, call(0, []))
      assert.deepStrictEqual(messages.at(-2), {
        msg: "process_completed",
        event_id: id,
        output: { error: "after some output", duration: 10, visible: true, title: "Error" },
        success: false,
        title: null,
        used_cache: null,
        cache_duration: 10,
        avg_time: null
      })
    })
  )

  it.effect("tells waiting events where they stand", () =>
    Effect.gen(function* () {
      const slow = endpoint("/slow", {
        inputs: [],
        outputs: [text],
        run: () => Effect.as(Effect.sleep("2 seconds"), ["done"])
      })
      const [ids, all] = yield* against(
        { endpoints: [slow] },
        Effect.gen(function* () {
          const ids = yield* Effect.forEach([1, 2, 3], () => join(0, [], "q"))
          const fiber = yield* Effect.forkChild(allMessages("q"))
          yield* TestClock.adjust("10 seconds")
          return [ids, yield* Fiber.join(fiber)] as const
        })
      )
      const short = all.map(({ eta, event_id: id, msg, queue_size, rank, rank_eta }) => {
        const event = [msg, ids.findIndex((one) => one === id)]
        return event.concat(msg === "estimation" ? [rank, queue_size, rank_eta] : msg === "process_starts" ? [eta] : [])
      })
      assert.deepStrictEqual(short, [
        ["estimation", 0, 0, 1, null],
        ["process_starts", 0, null],
        ["estimation", 1, 0, 1, null],
        ["estimation", 2, 1, 2, null],
        ["process_completed", 0],
        ["estimation", 2, 0, 1, 4],
        ["process_starts", 1, 2],
        ["process_completed", 1],
        ["process_starts", 2, 2],
        ["process_completed", 2],
        ["close_stream", -1]
      ])
    })
  )

  it.effect("runs as many events at once as the group allows, and groups share the lowest limit", () =>
    Effect.gen(function* () {
      const running = yield* Ref.make([0, 0])
      let count = 0
      const work = (limit: number | null, id?: string) =>
        endpoint(`/work_${count++}`, {
          inputs: [],
          outputs: [],
          concurrencyLimit: limit,
          concurrencyId: id,
          run: () =>
            Ref.update(running, ([now = 0, most = 0]) => [now + 1, Math.max(most, now + 1)]).pipe(
              Effect.andThen(Effect.sleep("1 second")),
              Effect.ensuring(Ref.update(running, ([now = 0, most = 0]) => [now - 1, most])),
              Effect.as([])
            )
        })
      const most = (endpoints: GradioServer.Options<never>["endpoints"]) =>
        against(
          { endpoints },
          Effect.gen(function* () {
            yield* Ref.set(running, [0, 0])
            yield* Effect.forEach([0, 1, 2, 3, 4, 5], (i) => join(i % endpoints.length, [], "s"))
            yield* TestClock.adjust("10 seconds")
            return (yield* Ref.get(running))[1]
          })
        )
      assert.deepStrictEqual(
        [
          yield* most([work(1)]),
          yield* most([work(3)]),
          yield* most([work(null)]),
          yield* most([work(4, "g"), work(2, "g")])
        ],
        [1, 3, 6, 2]
      )
    })
  )

  it.effect("answers several waiting calls of a batched function at once", () =>
    Effect.gen(function* () {
      const upper = batch("/upper", {
        inputs: [text],
        outputs: [text, number],
        maxBatchSize: 2,
        run: (rows) => Effect.delay(Effect.succeed(rows.map(([word]) => [word.toUpperCase(), rows.length])), "1 second")
      })
      const all = yield* against(
        { endpoints: [upper] },
        Effect.gen(function* () {
          yield* Effect.forEach(["a", "b", "c", "d"], (word) => join(0, [word], "s"))
          const fiber = yield* Effect.forkChild(allMessages("s"))
          yield* TestClock.adjust("10 seconds")
          return yield* Fiber.join(fiber)
        })
      )
      assert.deepStrictEqual(outputs(all), [
        ["A", 1],
        ["B", 2],
        ["C", 2],
        ["D", 1]
      ])
      const completed = all.filter(({ msg }) => msg === "process_completed").map(({ output }) => output)
      assert.isTrue(
        completed.every(
          (output) =>
            typeof output === "object" && output !== null && "is_generating" in output && output.is_generating === null
        )
      )
    })
  )

  it.effect("before 4.31 /reset ends a generator that has given an output, at its next one, and tells nobody", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const endless = endlessUntil(closed)
      yield* against(
        { endpoints: [endless], version: "4.21.0" },
        Effect.gen(function* () {
          const ask = (path: string, body: unknown) =>
            Effect.flatMap(HttpClient.post(`${base}${path}`, { body: HttpBody.jsonUnsafe(body) }), ({ json }) => json)
          const joined = yield* ask("/queue/join", { data: [], fn_index: 0, session_hash: "s" })
          assert.deepStrictEqual(yield* ask("/reset", joined), { success: false })
          yield* TestClock.adjust("1500 millis")
          assert.deepStrictEqual(yield* ask("/reset", joined), { success: true })
          assert.deepStrictEqual(yield* ask("/reset", joined), { success: false })
          assert.strictEqual(yield* Deferred.isDone(closed), false)
          yield* TestClock.adjust("500 millis")
          yield* Deferred.await(closed)
        })
      )
    })
  )

  it.effect("cancels a running generator at once and completes it without data, and others go on", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const endless = endlessUntil(closed)
      const slow = endpoint("/slow", {
        inputs: [],
        outputs: [text],
        run: () => Effect.as(Effect.sleep("10 seconds"), ["done"])
      })
      const [id, other, all] = yield* against(
        { endpoints: [endless, slow] },
        Effect.gen(function* () {
          const id = yield* join(0, [], "s")
          const other = yield* join(1, [], "s")
          const fiber = yield* Effect.forkChild(allMessages("s"))
          yield* TestClock.adjust("1500 millis")
          const cancel = { event_id: id, session_hash: "s", fn_index: 0 }
          assert.deepStrictEqual(yield* post("/cancel", cancel), { status: 200, body: { success: true } })
          assert.deepStrictEqual(yield* post("/reset", { event_id: id }), { status: 200, body: { success: true } })
          yield* Deferred.await(closed)
          yield* TestClock.adjust("10 seconds")
          return [id, other, yield* Fiber.join(fiber)] as const
        })
      )
      const completed = all.filter(({ msg }) => msg === "process_completed")
      assert.deepStrictEqual(completed[0], {
        msg: "process_completed",
        event_id: id,
        output: {},
        success: true,
        title: null,
        used_cache: null,
        cache_duration: null,
        avg_time: null
      })
      assert.strictEqual(completed[1]?.["event_id"], other)
      assert.deepStrictEqual(outputs(completed.slice(1)), [["done"]])
    })
  )

  it.effect("removes a waiting event that is cancelled", () =>
    Effect.gen(function* () {
      const runs = yield* Ref.make(0)
      const slow = endpoint("/slow", {
        inputs: [],
        outputs: [],
        run: () =>
          Effect.as(
            Effect.andThen(
              Ref.update(runs, (n) => n + 1),
              Effect.sleep("1 second")
            ),
            []
          )
      })
      const other = endpoint("/other", { inputs: [], outputs: [], run: () => Effect.succeed([]) })
      const ids = yield* against(
        { endpoints: [slow, other] },
        Effect.gen(function* () {
          yield* join(0, [], "a")
          const waiting = yield* join(0, [], "b")
          yield* post("/cancel", { event_id: waiting, session_hash: "b", fn_index: 0 })
          yield* TestClock.adjust("5 seconds")
          return [waiting, ...(yield* allMessages("b")).map(({ event_id, msg }) => [msg, event_id])]
        })
      )
      assert.strictEqual(yield* Ref.get(runs), 1)
      assert.deepStrictEqual(ids.slice(1), [
        ["estimation", ids[0]],
        ["process_completed", ids[0]],
        ["close_stream", null]
      ])
    })
  )

  it.effect("refuses what Gradio refuses, in its words", () =>
    Effect.gen(function* () {
      const slow = endpoint("/slow", { inputs: [text], outputs: [text], run: () => Effect.never })
      const checked = endpoint("/checked", {
        inputs: [text, number],
        outputs: [],
        validator: ([word, n]) => Effect.succeed([word.length > 2 || "too short", n > 0 || "too small"]),
        run: () => Effect.succeed([])
      })
      const answers = yield* against(
        { endpoints: [slow, checked], maxSize: 1 },
        Effect.gen(function* () {
          const bad = (body: object) => post("/queue/join", body)
          const validated = yield* bad({ data: ["ab", 3], fn_index: 1, session_hash: "s" })
          const body = { fn_index: 0, session_hash: "s" }
          const refused = [
            yield* bad({ data: [], fn_index: 0 }),
            yield* bad({ data: [], session_hash: "s" }),
            yield* bad({ data: [], fn_index: 99, session_hash: "s" }),
            yield* bad({ data: [], fn_index: -1, session_hash: "s" }),
            yield* bad(body),
            yield* bad({ ...body, data: "x" }),
            yield* get("/gradio_api/queue/join"),
            yield* get("/gradio_api/queue/data"),
            yield* get("/nothing")
          ]
          yield* join(0, ["x"], "s")
          yield* join(0, ["x"], "s")
          return [validated, ...refused, yield* bad({ ...body, data: ["x"] })]
        })
      )
      const detail = (status: number, detail: unknown) => ({ status, body: { detail } })
      assert.deepStrictEqual(answers, [
        detail(422, [
          { __type__: "validate", is_valid: false, message: "too short", parameter_name: "text" },
          { is_valid: true, message: "" }
        ]),
        detail(400, "Session hash not found."),
        detail(400, "No function index provided."),
        { status: 500, body: "Internal Server Error" },
        { status: 500, body: "Internal Server Error" },
        detail(422, [
          { type: "missing", loc: ["body", "data"], msg: "Field required", input: { fn_index: 0, session_hash: "s" } }
        ]),
        detail(422, [{ type: "list_type", loc: ["body", "data"], msg: "Input should be a valid list", input: "x" }]),
        detail(405, "Method Not Allowed"),
        detail(422, [{ type: "missing", loc: ["query", "session_hash"], msg: "Field required", input: null }]),
        detail(404, "Not Found"),
        detail(503, "Queue is full. Max size is 1 and size is 1.")
      ])
    })
  )

  it.effect("fails an event with too few or wrong inputs and ignores what is too much", () =>
    Effect.gen(function* () {
      const choice = Component.radio({ name: "op", choices: ["add", "subtract"] })
      const echo = endpoint("/echo", {
        inputs: [text, choice],
        outputs: [text],
        run: ([value, op]) => Effect.succeed([`${value} ${op}`])
      })
      const answers = yield* against(
        { endpoints: [echo], showError: true },
        Effect.forEach([["a"], ["a", "multiply"], [{ a: [1, null] }, "add", "more"]], (data) =>
          Effect.map(call(0, data), ({ messages }) => outputs(messages))
        )
      )
      assert.deepStrictEqual(answers, [
        [
          {
            error:
              "An event handler (echo) didn't receive enough input values (needed: 2, got: 1).\n" +
              "Check if the event handler calls a Javascript function, and make sure its return value is correct.\n" +
              'Wanted inputs:\n    [<textbox>, <radio>]\nReceived inputs:\n    ["a"]',
            visible: true
          }
        ],
        [
          {
            error: "Value: 'multiply' (type: <class 'str'>) is not in the list of choices: ['add', 'subtract']",
            duration: 10,
            visible: true,
            title: "Error"
          }
        ],
        [["{'a': [1, None]} add"]]
      ])
    })
  )

  it.effect("sends logs as they come and of many progress reports the newest", () =>
    Effect.gen(function* () {
      const work = endpoint("/work", {
        inputs: [],
        outputs: [],
        run: Effect.fnUntraced(function* (_, call) {
          yield* call.info("an info")
          yield* call.warning("a warning", { duration: null, visible: false, title: "Look" })
          yield* call.progress(0, "start")
          yield* call.progress({ index: 1, length: 9 })
          yield* call.progress([{ index: 2, length: 9, unit: "it" }, { progress: 0.5 }], "nested")
          yield* Effect.sleep("1 second")
          yield* call.progress(0.9)
          yield* call.progress(1)
          return []
        })
      })
      const fiber = yield* Effect.forkChild(against({ endpoints: [work] }, call(0, [])))
      yield* TestClock.adjust("2 seconds")
      const { id, messages } = yield* Fiber.join(fiber)
      const progress = (...data: ReadonlyArray<object>) => ({
        msg: "progress",
        event_id: id,
        progress_data: data.map((one) =>
          Object.assign({ index: null, length: null, unit: "steps", progress: null, desc: null }, one)
        )
      })
      assert.deepStrictEqual(messages.slice(2, -2), [
        { msg: "log", event_id: id, log: "an info", level: "info", duration: 10, visible: true, title: "Info" },
        { msg: "log", event_id: id, log: "a warning", level: "warning", duration: null, visible: false, title: "Look" },
        progress({ index: 2, length: 9, unit: "it", desc: "nested" }, { progress: 0.5, desc: "nested" })
      ])
    })
  )

  it.effect("ends every function when its scope closes", () =>
    Effect.gen(function* () {
      const ended = yield* Ref.make(0)
      const endless = endpoint("/endless", {
        inputs: [],
        outputs: [],
        concurrencyLimit: null,
        run: () =>
          Effect.ensuring(
            Effect.never,
            Ref.update(ended, (n) => n + 1)
          )
      })
      yield* Effect.scoped(
        against(
          { endpoints: [endless] },
          Effect.gen(function* () {
            yield* join(0, [], "a")
            yield* join(0, [], "b")
            yield* Effect.yieldNow
          })
        )
      )
      assert.strictEqual(yield* Ref.get(ended), 2)
    })
  )

  it.effect("refuses new events once it was told to stop", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.make({
        endpoints: [endpoint("/echo", { inputs: [], outputs: [], run: () => Effect.succeed([]) })]
      })
      yield* server.stop
      const answer = yield* Effect.provideService(
        post("/queue/join", { data: [], fn_index: 0, session_hash: "s" }),
        HttpClient.HttpClient,
        server.client
      )
      assert.deepStrictEqual(answer, { status: 503, body: { detail: "Queue is stopped." } })
    })
  )
})

/** Times in whole milliseconds: sums of fractions are never quite round. */
const rounded = (message: unknown) =>
  JSON.stringify(message, (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value))
