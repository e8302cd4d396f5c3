/** The plain routes `/call/…` against a stand-in app in memory. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { TestClock } from "effect/testing"

import { GradioClient, type GradioError } from "../../../src/index.ts"
import { messageOf } from "../../../src/internal/protocol/callRoutes.ts"
import { Component, endpoint, Fault, GradioServer } from "../../../src/testing/index.ts"

const open = Effect.fnUntraced(function* (
  version?: string,
  faults: ReadonlyArray<Fault.Fault> = [],
  options: GradioClient.ConnectOptions = { protocol: "call" },
  between: (client: HttpClient.HttpClient) => HttpClient.HttpClient = (client) => client
) {
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
    GradioClient.connect("http://app.test", { retry: "none", ...options }),
    HttpClient.HttpClient,
    between(server.client)
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

/** What answers in place of the app, or keeps a request from it. */
const instead =
  (request: { readonly method: string; readonly path: RegExp }, answer: typeof refusedConnection) =>
  (client: HttpClient.HttpClient) =>
    HttpClient.transform(client, (sent, one) =>
      one.method === request.method && request.path.test(new URL(one.url).pathname) ? answer(one) : sent
    )

const refusedConnection = (
  request: HttpClientError.TransportError["request"]
): ReturnType<HttpClient.HttpClient["execute"]> =>
  Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({
        request,
        cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" })
      })
    })
  )

describe("a call that cannot be sent", () => {
  const ways = [
    { way: "by the queue", version: "6.31.0", request: { method: "POST", path: /\/queue\/join$/ }, options: {} },
    {
      way: "by the plain routes",
      version: "6.31.0",
      request: { method: "POST", path: /\/call\// },
      options: { protocol: "call" }
    },
    // Where the opening of its stream tells of the call, and the data goes later.
    { way: "by sse", version: "4.8.0", request: { method: "GET", path: /\/queue\/join$/ }, options: {} }
  ] as const
  const flags = ({ _tag, isTransient, mayHaveRun, reached }: GradioError.GradioError) => [
    _tag,
    reached,
    mayHaveRun,
    isTransient
  ]

  it.effect.each(ways)("says how far it came where the app refuses it: $way", ({ options, request, version, way }) =>
    Effect.gen(function* () {
      for (const [status, ...expected] of [
        [401, "AuthenticationError", "sent", false, false],
        [404, "AppResponseError", "sent", false, false],
        [429, "AppRateLimitError", "sent", false, true],
        // The app may have taken it before a proxy said this; by sse it has no data yet.
        [502, "AppResponseError", "sent", way !== "by sse", true]
      ] as const) {
        const { app } = yield* open(version, [Fault.on(request, Fault.refuse({ status }))], options)
        assert.deepStrictEqual(flags(yield* Effect.flip(app.predict("/slow"))), expected)
      }
    }).pipe(Effect.scoped)
  )

  it.effect.each(ways)("was not sent where nobody listens any more: $way", ({ options, request, version }) =>
    Effect.gen(function* () {
      const { app } = yield* open(version, [], options, instead(request, refusedConnection))
      const expected = ["AppUnreachableError", "nothing-sent", false, true]
      assert.deepStrictEqual(flags(yield* Effect.flip(app.predict("/slow"))), expected)
    }).pipe(Effect.scoped)
  )

  it.effect("may run where it was taken and cannot be listened to", () =>
    Effect.gen(function* () {
      const { app } = yield* open("6.31.0", [
        Fault.on({ method: "GET", path: /\/call\// }, Fault.refuse({ status: 404 }))
      ])
      const expected = ["AppResponseError", "queued", true, false]
      assert.deepStrictEqual(flags(yield* Effect.flip(app.predict("/slow"))), expected)
    }).pipe(Effect.scoped)
  )

  it.effect(
    "fails when joinTimeout is over, and its request ends ten seconds later, for its answer may still come",
    () =>
      Effect.gen(function* () {
        let under = 0
        const hung = () =>
          Effect.acquireUseRelease(
            Effect.sync(() => under++),
            () => Effect.never,
            () => Effect.sync(() => under--)
          )
        const { app } = yield* open(
          undefined,
          [],
          { protocol: "call", joinTimeout: "30 seconds" },
          instead({ method: "POST", path: /\/call\// }, hung)
        )
        const call = yield* Effect.forkChild(Effect.flip(app.predict("/slow")), { startImmediately: true })
        yield* TestClock.adjust("29 seconds")
        assert.deepStrictEqual([call.pollUnsafe(), under], [undefined, 1])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(flags(yield* Fiber.join(call)), ["AppUnreachableError", "sent", true, true])
        yield* TestClock.adjust("9 seconds")
        assert.strictEqual(under, 1)
        yield* TestClock.adjust("1 second")
        yield* Effect.yieldNow
        assert.strictEqual(under, 0)
      }).pipe(Effect.scoped)
  )
})

describe("the headers of a call", () => {
  it.effect.each([
    ["by the plain routes", { protocol: "call" }, {}, true],
    ["in a session of its own", {}, { session: "own" }, true],
    ["in a shared session", {}, { session: "shared" }, false]
  ] as const)("are on its stream where that is for it alone: %s", ([, options, callOptions, isOwn]) =>
    Effect.gen(function* () {
      const keys: Array<unknown> = []
      const note = (client: HttpClient.HttpClient) =>
        HttpClient.tapRequest(client, ({ headers, method, url }) =>
          Effect.sync(() => {
            if (method === "GET" && /\/(queue\/data|call\/)/.test(url)) keys.push(headers["x-key"])
          })
        )
      const { app } = yield* open(undefined, [], options, note)
      yield* inTime(app.predict("/slow", [1], { headers: { "x-key": "k" }, ...callOptions }))
      assert.deepStrictEqual(keys, [isOwn ? "k" : undefined])
    }).pipe(Effect.scoped)
  )
})
