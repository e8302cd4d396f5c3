/** The protocol of Gradio 3 over sockets that do what they are told: what is sent, what becomes of it, and what is left behind. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Queue, Redacted, Scope, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"

import * as Gradio3 from "../../../src/Gradio3.ts"
import * as GradioClient from "../../../src/GradioClient.ts"
import type { CallError } from "../../../src/GradioError.ts"
import { rest } from "../../laws/play.ts"
import { type Accepted, makeSockets, type SocketsOptions } from "./sockets.ts"

const config = {
  version: "3.50.2",
  enable_queue: true,
  components: [
    { id: 1, type: "textbox", props: { label: "text", value: "" } },
    { id: 2, type: "state", props: {} }
  ],
  dependencies: [
    { inputs: [1], outputs: [1], backend_fn: true, queue: null, api_name: "echo", types: { generator: false } },
    { inputs: [1, 2], outputs: [1, 2], backend_fn: true, queue: null, api_name: "stateful" },
    { inputs: [1], outputs: [1], backend_fn: true, queue: false, api_name: "direct" }
  ]
}

/** An app of Gradio 3 whose server is the test. */
const app = Effect.fnUntraced(function* (
  options: GradioClient.ConnectOptions & SocketsOptions & { readonly loginCheck?: number } = {}
) {
  const sockets = yield* makeSockets(options)
  const requests: Array<string> = []
  const http = HttpClient.make((request, url) => {
    requests.push(`${request.method} ${url.pathname}`)
    const response = url.pathname.endsWith("/config")
      ? Response.json(config)
      : url.pathname.endsWith("/login_check")
        ? new Response("null", { status: options.loginCheck ?? 200 })
        : new Response("", { status: 404 })
    return Effect.succeed(HttpClientResponse.fromWeb(request, response))
  })
  const client = yield* GradioClient.connect("http://app.test/sub", { retry: "none", ...options }).pipe(
    Effect.provideService(HttpClient.HttpClient, http),
    Effect.provide(Layer.provide(Gradio3.layer, Layer.succeed(Socket.WebSocketConstructor)(sockets.constructor)))
  )
  requests.length = 0
  return { client, sockets, requests }
})

const hash = /^[0-9a-f]{32}$/
const estimation = (rank: number) => ({ msg: "estimation", rank, queue_size: rank + 1, rank_eta: null })
const completed = (...data: ReadonlyArray<unknown>) => ({ msg: "process_completed", output: { data }, success: true })

/** Plays the server up to the start of the function; gives what the client said. */
const begin = Effect.fnUntraced(function* (server: Accepted) {
  server.say({ msg: "send_hash" })
  const session = yield* Queue.take(server.said)
  server.say(estimation(0), { msg: "send_data" })
  const data = yield* Queue.take(server.said)
  server.say({ msg: "process_starts" })
  return { session, data }
})

const failureOf = (exit: Exit.Exit<unknown, CallError>) =>
  Exit.isFailure(exit)
    ? Cause.findErrorOption(exit.cause).pipe((one) => (one._tag === "Some" ? one.value : undefined))
    : undefined

const text = (n: number) => "x".repeat(n)

describe("a call on a socket", () => {
  it.effect("names its function and session, and gives its data when it is asked for them", () =>
    Effect.gen(function* () {
      const { client, requests, sockets } = yield* app({
        headers: { "X-Secret": Redacted.make("s") },
        cookies: { c: Redacted.make("1") },
        query: { a: "b c" }
      })
      const call = yield* Effect.forkChild(
        client.predict("/echo", ["hi"], { headers: { "x-call": "2" }, eventData: { k: 1 } })
      )
      const server = yield* sockets.next
      assert.strictEqual(server.url, "ws://app.test/sub/queue/join?a=b+c")
      assert.deepStrictEqual(
        { ...server.headers },
        { "x-gradio-user": "api", "x-secret": "s", "x-call": "2", cookie: "c=1" }
      )
      const { data, session } = yield* begin(server)
      const { session_hash } = Object(session)
      assert.match(session_hash, hash)
      assert.deepStrictEqual(session, { fn_index: 0, session_hash })
      assert.deepStrictEqual(data, { data: ["hi"], event_data: { k: 1 }, trigger_id: null, fn_index: 0, session_hash })
      server.say(completed("HI"))
      assert.deepStrictEqual(yield* Fiber.join(call), ["HI"])
      yield* rest(10)
      assert.deepStrictEqual([server.closedWith, sockets.open(), requests], [1000, 0, []])
    })
  )

  it.effect("gives each value of a generator whole, and the reports between", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const call = yield* Effect.forkChild(Stream.runCollect(client.events("/echo", ["hi"])))
      const server = yield* sockets.next
      yield* begin(server)
      const generating = (...data: ReadonlyArray<unknown>) => ({
        msg: "process_generating",
        output: { data },
        success: true
      })
      server.say(
        { msg: "log", log: "half", level: "info" },
        generating("a"),
        // An edit elsewhere; a value here.
        generating([["append", [], "b"]]),
        completed([["append", [], "b"]])
      )
      const events = yield* Fiber.join(call)
      assert.deepStrictEqual(
        events.map((event) => (event._tag === "Output" ? event.output : event._tag)),
        ["Queued", "Started", "Log", ["a"], [[["append", [], "b"]]], "Completed"]
      )
    })
  )

  it.effect("needs no question for its session, which servers before 3.6 do not ask", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const call = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
      const server = yield* sockets.next
      server.say(estimation(1), estimation(0), { msg: "send_data" })
      assert.deepStrictEqual(Object(yield* Queue.take(server.said)).data, ["hi"])
      server.say(completed("HI"))
      assert.deepStrictEqual(yield* Fiber.join(call), ["HI"])
    })
  )

  it.effect("that is interrupted closes its socket, whenever that is", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const untilConnected = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
      const first = yield* sockets.next
      yield* Fiber.interrupt(untilConnected)
      const untilStarted = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
      const second = yield* sockets.next
      yield* begin(second)
      yield* Fiber.interrupt(untilStarted)
      yield* rest(10)
      assert.deepStrictEqual([first.closedWith, second.closedWith, sockets.open()], [1000, 1000, 0])
    })
  )

  it.effect("is ended with the client that made it", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const scope = yield* Scope.make()
      const other = yield* Scope.provide(client.withSession(), scope)
      const call = yield* Effect.forkChild(Effect.exit(other.predict("/echo", ["hi"])))
      const stays = yield* Effect.forkChild(client.predict("/echo", ["ho"]))
      const [first, second] = [yield* sockets.next, yield* sockets.next]
      yield* begin(first)
      yield* begin(second)
      yield* Scope.close(scope, Exit.void)
      const error = failureOf(yield* Fiber.join(call))
      assert(error?._tag === "JobDisconnectedError")
      assert.deepStrictEqual([error.reason, first.closedWith, second.closedWith], ["client-closed", 1000, undefined])
      second.say(completed("HO"))
      assert.deepStrictEqual(yield* Fiber.join(stays), ["HO"])
    })
  )

  it.effect("overflows for a reader that does not come, and closes its socket", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const pull = yield* Stream.toPull(client.events("/echo", ["hi"], { buffer: 10_000 }))
      const first = yield* Effect.forkChild(pull)
      const server = yield* sockets.next
      yield* begin(server)
      yield* Fiber.join(first)
      for (let n = 0; n < 4; n++)
        server.say({ msg: "process_generating", output: { data: [text(4000)] }, success: true })
      yield* rest(10)
      assert.deepStrictEqual([server.closedWith, sockets.open()], [1000, 0])
      const error = yield* Effect.flip(Stream.runDrain(Stream.fromPull(Effect.succeed(pull))))
      assert.strictEqual(error._tag, "JobOverflowError")
    })
  )
})

describe("calls of one function in one session", () => {
  it.effect("wait for each other, because the server would mix them up; others do not", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app({ sessionHash: "named" })
      const first = yield* Effect.forkChild(client.predict("/stateful", ["a"]))
      const one = yield* sockets.next
      const second = yield* Effect.forkChild(client.predict("/stateful", ["b"]))
      const third = yield* Effect.forkChild(client.predict("/stateful", ["c"]))
      const other = yield* Effect.forkChild(client.predict("/echo", ["d"]))
      const two = yield* sockets.next
      assert.deepStrictEqual((yield* begin(two)).session, { fn_index: 0, session_hash: "named" })
      two.say(completed("D"))
      yield* Fiber.join(other)
      yield* rest(10)
      assert.strictEqual(sockets.open(), 1)
      // One that is given up while it waits is never sent.
      yield* Fiber.interrupt(second)
      yield* begin(one)
      one.say(completed("A"))
      assert.deepStrictEqual(yield* Fiber.join(first), ["A"])
      const three = yield* sockets.next
      assert.deepStrictEqual(Object((yield* begin(three)).data).data, ["c", null])
      three.say(completed("C"))
      assert.deepStrictEqual(yield* Fiber.join(third), ["C"])
    })
  )

  it.effect("have each a session of their own where there is no state", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const both = yield* Effect.forkChild(
        Effect.all([client.predict("/echo", ["a"]), client.predict("/echo", ["b"])], { concurrency: 2 })
      )
      const [one, two] = [yield* sockets.next, yield* sockets.next]
      const hashes = [yield* begin(one), yield* begin(two)].map(({ session }) => Object(session).session_hash)
      assert.strictEqual(new Set(hashes).size, 2)
      one.say(completed("A"))
      two.say(completed("B"))
      assert.deepStrictEqual(yield* Fiber.join(both), [["A"], ["B"]])
    })
  )
})

describe("a call fails", () => {
  const ends = (
    what: string,
    end: (server: Accepted) => Effect.Effect<unknown>,
    expected: object,
    options?: Parameters<typeof app>[0]
  ) =>
    it.effect(what, () =>
      Effect.gen(function* () {
        const { client, sockets } = yield* app(options)
        const call = yield* Effect.forkChild(Effect.exit(client.predict("/echo", ["hi"])))
        yield* end(yield* sockets.next)
        const error = failureOf(yield* Fiber.join(call))
        const { _tag, by, isTransient, mayHaveRun, problem, reached, reason } = Object(error)
        assert.deepStrictEqual(
          { _tag, reached, mayHaveRun, isTransient, reason, by, problem },
          { by: undefined, problem: undefined, reason: undefined, isTransient: false, ...expected }
        )
        yield* rest(10)
        assert.strictEqual(sockets.open(), 0)
      })
    )

  const started = (then: (server: Accepted) => void) => (server: Accepted) =>
    Effect.andThen(
      begin(server),
      Effect.sync(() => then(server))
    )
  const waiting = (then: (server: Accepted) => void) => (server: Accepted) =>
    Effect.gen(function* () {
      server.say({ msg: "send_hash" })
      yield* Queue.take(server.said)
      then(server)
    })

  ends(
    "in a full queue",
    waiting((server) => server.say({ msg: "queue_full" })),
    {
      _tag: "QueueFullError",
      reached: "sent",
      mayHaveRun: false,
      isTransient: true
    }
  )
  ends(
    "as cancelled where the server closes it without a completion",
    started((server) => server.close(1000)),
    {
      _tag: "JobCancelledError",
      reached: "started",
      mayHaveRun: true,
      by: "server"
    }
  )
  const lost = { _tag: "JobDisconnectedError", reason: "closed", isTransient: true }
  ends(
    "where its socket is dropped before it has started",
    waiting((server) => {
      server.say(estimation(3))
      server.close(1006)
    }),
    { ...lost, reached: "queued", mayHaveRun: false }
  )
  ends(
    "where its socket breaks off",
    started((server) => server.breakOff()),
    {
      ...lost,
      reached: "started",
      mayHaveRun: true,
      problem: "An error occurred during Read"
    }
  )
  ends(
    "where the server stops",
    started((server) => server.close(1012, "Service Restart")),
    {
      ...lost,
      reason: "server-stopped",
      reached: "started",
      mayHaveRun: true,
      problem: "Service Restart"
    }
  )
  ends(
    "where its data are too large for the server",
    started((server) => server.close(1009)),
    {
      ...lost,
      reached: "started",
      mayHaveRun: true,
      problem: "a message was larger than the server takes"
    }
  )
  ends(
    "where its login is not taken",
    waiting((server) => server.close(1008)),
    {
      _tag: "AuthenticationError",
      reached: "sent",
      mayHaveRun: false
    }
  )
  ends(
    "where a message cannot be read",
    started((server) => server.say("{")),
    {
      _tag: "AppProtocolError",
      reached: "started",
      mayHaveRun: true,
      problem: "is no JSON"
    }
  )
  ends(
    "where a message is above the limit",
    started((server) => server.say(completed(text(30_000)))),
    {
      _tag: "AppProtocolError",
      reached: "started",
      mayHaveRun: true,
      problem: "has more bytes than maxMessageBytes allows"
    },
    { maxMessageBytes: 20_000 }
  )
  ends(
    "where nothing comes, within the time of a first message",
    (server) =>
      Effect.gen(function* () {
        server.say({ msg: "send_hash" })
        yield* Queue.take(server.said)
        yield* TestClock.adjust("59 seconds")
        yield* rest(10)
        assert.strictEqual(server.closedWith, undefined)
        yield* TestClock.adjust("1 seconds")
      }),
    { ...lost, reason: "silent", reached: "sent", mayHaveRun: false }
  )

  it.effect("never for silence once it is heard of: there are no heartbeats", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app()
      const call = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
      const server = yield* sockets.next
      yield* begin(server)
      yield* TestClock.adjust("3 hours")
      server.say(completed("late"))
      assert.deepStrictEqual(yield* Fiber.join(call), ["late"])
    })
  )
})

describe("a handshake", () => {
  it.effect("that is refused once is tried again", () =>
    Effect.gen(function* () {
      const { client, requests, sockets } = yield* app({ refused: 1 })
      const call = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
      const server = yield* sockets.next
      yield* begin(server)
      server.say(completed("HI"))
      assert.deepStrictEqual(yield* Fiber.join(call), ["HI"])
      assert.deepStrictEqual(requests, ["GET /sub/login_check"])
    })
  )

  it.effect("that is refused for good says so, with nothing sent", () =>
    Effect.gen(function* () {
      const { client } = yield* app({ refused: 2 })
      const error = yield* Effect.flip(client.predict("/echo", ["hi"]))
      assert(error._tag === "AppUnreachableError")
      assert.deepStrictEqual(
        [error.reached, error.mayHaveRun, error.isTransient, error.tried],
        [
          "nothing-sent",
          false,
          true,
          [{ url: "http://app.test/sub/queue/join", answer: "its WebSocket was not opened" }]
        ]
      )
    })
  )

  it.effect("that is refused for want of a login is an AuthenticationError", () =>
    Effect.gen(function* () {
      const { client, sockets } = yield* app({ refused: 9, loginCheck: 401 })
      const error = yield* Effect.flip(client.predict("/echo", ["hi"]))
      assert.deepStrictEqual([error._tag, sockets.open()], ["AuthenticationError", 0])
    })
  )

  it.effect(
    "goes without a header of ours where the platform takes none, and fails where it would lose one of the program",
    () =>
      Effect.gen(function* () {
        const { client, sockets } = yield* app({ headless: true })
        const call = yield* Effect.forkChild(client.predict("/echo", ["hi"]))
        const server = yield* sockets.next
        assert.strictEqual(server.headers, undefined)
        yield* Fiber.interrupt(call)
        const error = yield* Effect.flip(client.predict("/echo", ["hi"], { headers: { authorization: "x" } }))
        assert(error._tag === "AppUnreachableError")
        assert.deepStrictEqual(error.tried, [
          {
            url: "http://app.test/sub/queue/join",
            answer: "its WebSocket was not opened: no options here"
          }
        ])
      })
  )
})

describe("an app of Gradio 3", () => {
  it.effect("is refused where no layer brings its protocol, which names the layer", () =>
    Effect.gen(function* () {
      const http = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, Response.json(config)))
      )
      const error = yield* Effect.flip(
        GradioClient.connect("http://app.test").pipe(Effect.provideService(HttpClient.HttpClient, http))
      )
      assert.strictEqual(error._tag, "AppProtocolError")
      assert.strictEqual(
        error.message,
        'Cannot read what came from the app at http://app.test/: its protocol "ws", that of Gradio 3: provide Gradio3.layer from effect-gradio/Gradio3, with the WebSockets of the platform.'
      )
    })
  )
})
