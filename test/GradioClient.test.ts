import { assert, describe, it } from "@effect/vitest"
import {
  DateTime,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Logger,
  Metric,
  Queue,
  Redacted,
  References,
  Schema,
  Scope,
  Stream,
  type Tracer
} from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"

import { Endpoint, GradioClient, GradioFile, type JobEvent } from "../src/index.ts"
import { AppFailure, Component, endpoint, Fault, GradioServer } from "../src/testing/index.ts"
import { rest } from "./laws/play.ts"
import { tracing } from "./laws/spans.ts"
import { standinMemory, type StandinOptions } from "./standin/app.ts"

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Answers that come before those of a server, and what was asked of both. */
const inFrontOf = (server: HttpClient.HttpClient, answer: (url: URL) => Response | undefined) => {
  const seen: Array<Seen> = []
  const http = HttpClient.make((request, url) => {
    seen.push({ method: request.method, url: url.href, headers: request.headers })
    const own = answer(url)
    return own === undefined ? server.execute(request) : Effect.succeed(HttpClientResponse.fromWeb(request, own))
  })
  return { seen, http }
}

/** The stand-in behind answers of a test's own. */
const standinBehind = Effect.fnUntraced(function* (
  answer: (url: URL) => Response | undefined = () => undefined,
  options: StandinOptions = {}
) {
  const server = yield* standinMemory(options)
  return { server, ...inFrontOf(server.client, answer) }
})

const connectTo = (
  http: HttpClient.HttpClient,
  url: string = "http://app.test",
  options: GradioClient.ConnectOptions = {}
) => Effect.provideService(GradioClient.connect(url, { retry: "none", ...options }), HttpClient.HttpClient, http)

/** Nothing but these answers; 404 for all else. */
const only = (answers: Readonly<Record<string, () => Response>>) =>
  inFrontOf(
    HttpClient.make((request) =>
      Effect.succeed(HttpClientResponse.fromWeb(request, new Response("", { status: 404 })))
    ),
    (url) => answers[url.pathname]?.()
  )

const page = (config: unknown) =>
  new Response(`<!doctype html><script>window.gradio_config = ${JSON.stringify(config)};</script>`, {
    headers: { "content-type": "text/html" }
  })

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } })

/** The log lines of an effect, from a level on. */
const logged = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>, level: "All" | "Info" = "Info") {
  const lines: Array<readonly [level: string, message: unknown]> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => void lines.push([logLevel, message]))
  const value = yield* effect.pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, level)
  )
  return { value, lines }
})

describe("finding an app", () => {
  it.live("reads the configuration from the page of an app that has it only there", () =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind((url) =>
        url.pathname === "/config" ? new Response("Not Found", { status: 404 }) : undefined
      )
      const app = yield* connectTo(http)
      assert.deepStrictEqual(
        seen.map(({ method, url }) => `${method} ${url}`),
        ["GET http://app.test/config", "GET http://app.test/", "GET http://app.test/gradio_api/info?serialize=False"]
      )
      assert.strictEqual(app.config.title, "effect-gradio fixture")
      assert.deepStrictEqual(yield* app.predict("/add", { a: 1, b: 2 }), [3])
    })
  )

  it.live("takes a user and a password in the address for HTTP basic authentication, and shows them nowhere", () =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind()
      const app = yield* connectTo(http, "http://me:gr%C3%BC%C3%9F%40@app.test/?a=b")
      assert.deepStrictEqual(yield* app.predict("/add", { a: 1, b: 2 }), [3])
      assert.strictEqual(app.url.href, "http://app.test/")
      const basic = `Basic ${Buffer.from("me:grüß@").toString("base64")}`
      assert.deepStrictEqual(
        seen.filter(({ headers }) => headers["authorization"] !== basic),
        []
      )
      assert.isAbove(seen.length, 3)
      const own = yield* standinBehind()
      yield* connectTo(own.http, "http://me:secret@app.test", { headers: { Authorization: "Bearer mine" } })
      assert.deepStrictEqual([...new Set(own.seen.map(({ headers }) => headers["authorization"]))], ["Bearer mine"])
    })
  )

  it.live("refuses a page of Gradio 2 by its name", () =>
    Effect.gen(function* () {
      const { http } = only({ "/": () => page({ allow_flagging: "never", mode: "interface", version: "2.9.4" }) })
      const error = yield* Effect.flip(connectTo(http))
      assert(error._tag === "AppProtocolError")
      assert.deepStrictEqual(
        [error.part, error.problem, error.reached, error.isTransient],
        [
          "its configuration",
          "this is a Gradio 2 app, which no client for Gradio 3 to 6 can call",
          "nothing-sent",
          false
        ]
      )
    })
  )

  it.live.each<readonly [string, Readonly<Record<string, () => Response>>, string | undefined]>([
    [
      "its configuration is a stub",
      { "/config": () => Response.json({ auth_required: true, auth_message: "Ask Ann." }) },
      "Ask Ann."
    ],
    [
      "its page holds a stub",
      { "/": () => page({ auth_required: true, auth_message: "Ask <b>Ann</b>; }; now." }) },
      "Ask <b>Ann</b>; }; now."
    ],
    ["its page holds a stub without a message", { "/": () => page({ auth_required: true }) }, undefined],
    [
      "its configuration is refused with a reason",
      {
        "/config": () =>
          Response.json({ detail: { error: "Not authenticated", auth_message: "Ask Ann." } }, { status: 401 })
      },
      "Ask Ann."
    ],
    [
      "its configuration is refused",
      { "/config": () => Response.json({ detail: "Not authenticated" }, { status: 401 }) },
      undefined
    ],
    ["its page is refused", { "/": () => new Response("Unauthorized", { status: 401 }) }, undefined]
  ])("an app wants a login when %s", ([, answers, authMessage]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(connectTo(only(answers).http))
      assert(error._tag === "AuthenticationError")
      assert.deepStrictEqual(
        [error.authMessage, error.where, error.reached, error.isTransient, error.mayHaveRun],
        [authMessage, { url: "http://app.test/" }, "nothing-sent", false, false]
      )
    })
  )

  it.live("says which part of a configuration is wrong", () =>
    Effect.gen(function* () {
      const { http } = only({ "/config": () => Response.json({ version: "6.0.0", components: [], dependencies: 7 }) })
      const error = yield* Effect.flip(connectTo(http))
      assert(error._tag === "AppProtocolError")
      assert.strictEqual(error.received, '{"version":"6.0.0","components":[],"dependencies":7}')
      assert.include(error.problem, '["dependencies"]')
    })
  )

  it.live("is no Gradio app where neither the configuration nor the page says so", () =>
    Effect.gen(function* () {
      const { http } = only({ "/": () => new Response("<h1>Hello</h1>"), "/config": () => new Response("no JSON") })
      const error = yield* Effect.flip(connectTo(http))
      assert.strictEqual(
        error.message,
        'Unexpected answer from the app at http://app.test/: HTTP 200 for its configuration and none in its page, so this is no Gradio app, or one that is not there any more. It said: "no JSON".'
      )
    })
  )

  const none = "no http or https address"
  it.live.each<readonly [string, string, string]>([
    ["app.example", "app.example", `${none}; did you mean http://app.example?`],
    ["localhost:7860", "localhost:7860", `${none}; did you mean http://localhost:7860?`],
    ["ftp://ann:s3cret@app.example/x?token=s3cret#s3cret", "ftp://app.example/x", none],
    ["http://ann:s3c/ret@app.example/x", "http://app.example/x", none],
    ["ann:s3cret@app.example/x?token=s3cret", "app.example/x", `${none}; did you mean http://app.example/x?`],
    ["", "", none]
  ])("refuses %j, which is no address, and shows no secret of it", ([source, shown, answer]) =>
    Effect.gen(function* () {
      const { http, seen } = only({})
      const error = yield* Effect.flip(connectTo(http, source))
      assert(error._tag === "AppUnreachableError")
      assert.deepStrictEqual(
        [error.where, error.tried, error.reached, seen],
        [{ url: shown }, [{ url: shown, answer }], "nothing-sent", []]
      )
    })
  )
})

describe("an app without a usable /info", () => {
  it.live.each<readonly [string, () => Response]>([
    ["none at all", () => new Response("", { status: 404 })],
    ["a server error", () => new Response("oops", { status: 500 })],
    ["a page", () => new Response("<h1>Hello</h1>", { headers: { "content-type": "text/html" } })],
    ["another object", () => Response.json({ named_endpoints: [] })],
    ["a refusal", () => Response.json({ detail: "api_open is off" }, { status: 403 })]
  ])("(%s) is called by position or by labels, with one line in the log", ([, info]) =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind((url) => (url.pathname === "/gradio_api/info" ? info() : undefined))
      const { lines, value: app } = yield* logged(connectTo(http))
      assert.deepStrictEqual(lines, [
        ["Info", ["http://app.test/ has no usable /info: parameters come from its configuration, under their labels"]]
      ])
      const { lines: later } = yield* logged(
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* app.predict("/add", [4, "subtract", 1]), [3])
          assert.deepStrictEqual(yield* app.predict("/middle_state", ["a", "b"]), ["a|0|b"])
          assert.deepStrictEqual(yield* Stream.runCollect(app.stream("/count", [2])), [["0"], ["1"]])
        })
      )
      assert.deepStrictEqual(later, [])
      assert.deepStrictEqual(
        app.api.named["/add"]?.parameters.map((one) => [one.name, one.label, one.component, one.hasDefault]),
        [
          ["a", "a", "Number", false],
          ["op", "op", "Radio", true],
          ["b", "b", "Slider", true]
        ]
      )
      assert.deepStrictEqual(yield* app.predict("/add", { b: 2, a: 1 }), [3])
      assert.strictEqual((yield* Effect.flip(app.predict("/add", { b: 1 })))._tag, "EndpointInputError")
    })
  )

  it.live("that wants a login for it is not taken for one without", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind((url) =>
        url.pathname === "/gradio_api/info"
          ? Response.json({ detail: "Not authenticated" }, { status: 401 })
          : undefined
      )
      assert.strictEqual((yield* Effect.flip(connectTo(http)))._tag, "AuthenticationError")
    })
  )
})

const secrets = {
  headers: { authorization: Redacted.make("Bearer s3cret-header"), "x-plain": "s3cret-plain" },
  cookies: { session: Redacted.make("s3cret-cookie") }
}

describe("a redirect of the configuration", () => {
  it.live("to a path below holds for all that follows", () =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind(
        (url) => (url.pathname === "/config" ? redirect("/sub/config") : undefined),
        { root: "/sub" }
      )
      const app = yield* connectTo(http, "http://app.test", secrets)
      assert.strictEqual(app.url.href, "http://app.test/sub/")
      const first = seen.length
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      yield* app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "a.bin" }))
      assert.deepStrictEqual(
        seen.slice(first).filter(({ url }) => !url.startsWith("http://app.test/sub/gradio_api/")),
        []
      )
    })
  )

  it.live("from http to https of the same host is followed, and what is secret goes there only after it", () =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind((url) =>
        url.protocol === "http:" ? redirect(url.href.replace("http:", "https:")) : undefined
      )
      const app = yield* connectTo(http, "http://app.test", secrets)
      assert.strictEqual(app.url.href, "https://app.test/")
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      const secretOf = ({ headers, url }: Seen) => [
        new URL(url).protocol + new URL(url).pathname,
        headers["authorization"],
        headers["x-plain"]
      ]
      assert.deepStrictEqual(seen.slice(0, 4).map(secretOf), [
        ["http:/config", "Bearer s3cret-header", "s3cret-plain"],
        ["https:/config", undefined, undefined],
        ["https:/config", "Bearer s3cret-header", "s3cret-plain"],
        ["https:/gradio_api/info", "Bearer s3cret-header", "s3cret-plain"]
      ])
      assert.deepStrictEqual(
        seen.slice(4).filter((one) => secretOf(one)[1] === undefined || !one.url.startsWith("https:")),
        []
      )
    })
  )

  it.live.each<readonly [from: string, to: string]>([
    ["http://app.test", "http://other.test/config"],
    ["http://app.test", "https://other.test/config"],
    ["http://app.test", "http://www.app.test/config"],
    ["http://app.test", "http://app.test:81/config"],
    ["http://app.test", "https://app.test:8443/config"],
    ["http://app.test:7860", "https://app.test/config"],
    ["https://app.test", "http://app.test/config"]
  ])("from %s to %s is refused, with the address to connect to, and takes no secret along", ([from, to]) =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind((url) =>
        url.origin === new URL(from).origin ? redirect(to) : undefined
      )
      const error = yield* Effect.flip(connectTo(http, from, secrets))
      assert(error._tag === "AppResponseError")
      assert.strictEqual(
        error.problem,
        `a redirect to another origin, which calls and their secrets were not meant for; connect to ${new URL(to).origin}/ instead`
      )
      assert.deepStrictEqual(
        seen.map(({ url }) => url),
        [`${from}/config`, to]
      )
      assert.notInclude(JSON.stringify(seen[1]), "s3cret")
    })
  )
})

const echoing = (name: `/${string}`) =>
  endpoint(name, {
    inputs: [Component.textbox({ name: "text" })],
    outputs: [Component.textbox()],
    run: ([text]) => Effect.succeed([text])
  })

describe("the single endpoint", () => {
  const appOf = Effect.fnUntraced(function* (...names: ReadonlyArray<`/${string}`>) {
    const server = yield* GradioServer.make({ endpoints: names.map(echoing) })
    return yield* connectTo(server.client)
  })

  it.live("is the one that an app has", () =>
    Effect.gen(function* () {
      const app = yield* appOf("/only")
      const only = yield* GradioClient.single(app)
      assert.deepStrictEqual([only, yield* app.predict(only, ["x"])], ["/only", ["x"]])
    })
  )

  it.live("is none where an app has none, or two", () =>
    Effect.gen(function* () {
      const none = yield* Effect.flip(GradioClient.single(yield* appOf()))
      assert.strictEqual(
        none.message,
        "The app at http://app.test/ has no endpoint that clients may call. It offers no named endpoints."
      )
      const two = yield* Effect.flip(GradioClient.single(yield* appOf("/one", "/two")))
      assert.strictEqual(
        two.message,
        "The app at http://app.test/ has several endpoints: name the one that is meant. It offers /one, /two."
      )
    })
  )
})

describe("concurrency", () => {
  /** An app whose calls run until they are let go, and tell when they begin. */
  const gated = Effect.gen(function* () {
    const begun = yield* Queue.unbounded<string>()
    const gates = new Map(
      ["a", "b", "c", "d"].map((name): readonly [string, Deferred.Deferred<void, AppFailure>] => [
        name,
        Deferred.makeUnsafe()
      ])
    )
    const gate = (name: string) => gates.get(name) ?? Deferred.makeUnsafe<void, AppFailure>()
    const server = yield* GradioServer.make({
      endpoints: [
        endpoint("/gated", {
          inputs: [Component.textbox({ name: "name" })],
          outputs: [Component.textbox()],
          concurrencyLimit: null,
          run: ([name]) => Effect.as(Effect.andThen(Queue.offer(begun, name), Deferred.await(gate(name))), [name])
        })
      ]
    })
    const { http, seen } = inFrontOf(server.client, () => undefined)
    return {
      http,
      begun: Queue.take(begun),
      joins: () => seen.filter(({ url }) => url.endsWith("/queue/join")).length,
      open: (name: string) => Deferred.succeed(gate(name), undefined),
      fail: (name: string) => Deferred.fail(gate(name), new AppFailure({ message: "no" }))
    }
  })
  const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

  it.live("keeps further calls here until one in flight ends, in whatever way", () =>
    Effect.gen(function* () {
      const app = yield* gated
      const client = yield* connectTo(app.http, "http://app.test", { concurrency: 1 })
      const call = (name: string) => start(Effect.exit(client.predict("/gated", [name])))
      const a = yield* call("a")
      const b = yield* call("b")
      const c = yield* call("c")
      const d = yield* call("d")
      assert.strictEqual(yield* app.begun, "a")
      yield* rest(50)
      assert.strictEqual(app.joins(), 1)
      // Ends with a failure, by interruption, and before it began.
      yield* Fiber.interrupt(c)
      yield* app.fail("a")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(a)))
      assert.strictEqual(yield* app.begun, "b")
      assert.strictEqual(app.joins(), 2)
      yield* Fiber.interrupt(b)
      assert.strictEqual(yield* app.begun, "d")
      yield* app.open("d")
      assert.deepStrictEqual(yield* Fiber.join(d), Exit.succeed(["d"]))
      assert.strictEqual(app.joins(), 3)
    })
  )

  it.live("is that of the connection, all its sessions together", () =>
    Effect.gen(function* () {
      const app = yield* gated
      const client = yield* connectTo(app.http, "http://app.test", { concurrency: 1 })
      const other = yield* client.withSession()
      const a = yield* start(client.predict("/gated", ["a"]))
      assert.strictEqual(yield* app.begun, "a")
      const b = yield* start(Stream.runCollect(other.stream("/gated", ["b"])))
      yield* rest(50)
      assert.strictEqual(app.joins(), 1)
      yield* app.open("a")
      assert.strictEqual(yield* app.begun, "b")
      yield* app.open("b")
      assert.deepStrictEqual([yield* Fiber.join(a), yield* Fiber.join(b)], [["a"], [["b"]]])
    })
  )

  it.live("has no limit by default", () =>
    Effect.gen(function* () {
      const app = yield* gated
      const client = yield* connectTo(app.http)
      const calls = yield* Effect.forEach(["a", "b", "c", "d"], (name) => start(client.predict("/gated", [name])))
      const begun = yield* Effect.all([app.begun, app.begun, app.begun, app.begun])
      assert.sameMembers(begun, ["a", "b", "c", "d"])
      yield* Effect.forEach(begun, app.open)
      assert.deepStrictEqual(yield* Effect.forEach(calls, Fiber.join), [["a"], ["b"], ["c"], ["d"]])
    })
  )
})

describe("the address of a client", () => {
  it.live("is a copy: what changes it changes nothing else", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const given = new URL("http://app.test/")
      const app = yield* Effect.provideService(GradioClient.connect(given), HttpClient.HttpClient, http)
      const { api, config, events, upload, url, withSession } = app
      const double = GradioClient.makeWith({ api, config, events, upload, url, withSession })
      for (const one of [given, url, app.url, double.url]) {
        one.host = "elsewhere.test"
        one.pathname = "/changed"
      }
      const other = yield* app.withSession()
      const fresh = yield* GradioClient.refresh(app)
      for (const client of [app, other, fresh, double]) {
        assert.strictEqual(client.url.href, "http://app.test/")
        assert.deepStrictEqual(yield* client.predict("/echo", ["x"]), ["x"])
        const error = yield* Effect.flip(client.predict("/nothing"))
        assert.strictEqual(error.where.url, "http://app.test/")
      }
      assert.include(GradioClient.describe(app), "http://app.test/")
      const file = yield* app.upload(GradioFile.fromBytes(new Uint8Array(2), { name: "a" }))
      assert.strictEqual((yield* file.bytes).byteLength, 2)
    })
  )
})

describe("a call as a value", () => {
  it.live("is sent each time that it is run", () =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind()
      const app = yield* connectTo(http)
      const joins = () => seen.filter(({ url }) => url.endsWith("/queue/join")).length
      const predict = app.predict("/counter", ["a"])
      const stream = Stream.runCollect(app.stream("/counter", ["a"]))
      assert.strictEqual(joins(), 0)
      assert.deepStrictEqual([yield* predict, yield* predict], [[0], [1]])
      assert.deepStrictEqual([yield* stream, yield* stream], [[[2]], [[3]]])
      assert.strictEqual(joins(), 4)
      const [one, two] = yield* Effect.all([predict, predict], { concurrency: "unbounded" })
      assert.strictEqual(joins(), 6)
      assert.sameDeepMembers([one, two], [[4], [5]])
      const events = app.events("/count", [1])
      const both = yield* Effect.all([Stream.runCollect(events), Stream.runCollect(events)])
      assert.deepStrictEqual(
        both.map((all) => all.at(-1)?._tag),
        ["Completed", "Completed"]
      )
      assert.strictEqual(joins(), 8)
    })
  )

  it.live("is refused when it is run, not when it is made", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const app = yield* connectTo(http)
      const calls = [
        app.predict("/nothing"),
        Stream.runDrain(app.stream("/nothing")),
        Stream.runDrain(app.events("/nothing")),
        Effect.scoped(app.submit("/nothing"))
      ]
      const tags = yield* Effect.forEach(calls, (call) => Effect.map(Effect.flip(call), (error) => error._tag))
      assert.deepStrictEqual(
        tags,
        Array.from({ length: 4 }, () => "EndpointNotFoundError")
      )
    })
  )
})

describe("where a call was", () => {
  it.live.each<readonly [string, (app: GradioClient.GradioClient) => string | number]>([
    ["its name", () => "/count"],
    ["its name without the slash", () => "count"],
    ["its number", (app) => app.api.named["/count"]?.fnIndex ?? -1]
  ])("is told by the name of the endpoint, if it was asked for by %s", ([, ask]) =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const app = yield* connectTo(http)
      const asked = ask(app)
      const { api, config, upload, url, withSession } = app
      const double = GradioClient.makeWith({ api, config, upload, url, withSession, events: () => Stream.empty })
      const typed = Endpoint.make(asked, {
        input: Schema.Struct({ n: Schema.Number }),
        output: Schema.Tuple([Schema.Boolean])
      })
      const misfit = { n: "two" }
      const chunks = Stream.make([1])
      const { spans, value } = yield* traced(
        Effect.all([
          Effect.flip(app.predict(asked, { other: 1 })),
          Effect.flip(Reflect.apply(app.predict<{ readonly n: number }, unknown, never, never>, app, [typed, misfit])),
          Effect.flip(app.predict(typed, { n: 1 })),
          Effect.flip(Stream.runDrain(app.events(typed, { n: 1 }))),
          Effect.flip(Effect.flatMap(app.submit(typed, { n: 1 }), (job) => job.result)),
          Effect.flip(Stream.runDrain(GradioClient.streamInput(app, asked, chunks))),
          Effect.flip(double.predict(asked, [1])),
          Effect.flip(Effect.flatMap(double.submit(asked, [1]), (job) => job.result))
        ])
      )
      for (const error of value) assert.strictEqual(error.where.endpoint, "/count", error.message)
      const shown = spans.flatMap(({ attributes }) => attributes.get("gradio.endpoint") ?? [])
      assert.deepStrictEqual(
        shown,
        Array.from({ length: 4 }, () => "/count")
      )
    })
  )
})

describe("event data", () => {
  it.live.each<readonly [string, unknown, string]>([
    ["a file", GradioFile.fromBytes(new Uint8Array(1), { name: "a" }), "files cannot be part of event data"],
    ["a Blob deep inside", { value: [new Blob(["a"])] }, "files cannot be part of event data"],
    ["bytes", new Uint8Array(1), "files cannot be part of event data"],
    ["a bigint", { index: 1n }, `"eventData".index: a bigint cannot be sent as JSON; give a number or a string`]
  ])("that is or holds %s is refused, and nothing is sent", ([, eventData, problem]) =>
    Effect.gen(function* () {
      const { http, seen } = yield* standinBehind()
      const app = yield* connectTo(http)
      const error = yield* Effect.flip(app.predict("/event_info", ["x"], { eventData }))
      assert(error._tag === "EndpointInputError")
      const [only] = error.problems
      assert.strictEqual(only?.parameter, "eventData")
      assert.include(only?.problem, problem)
      assert.isFalse(seen.some(({ method }) => method === "POST"))
    })
  )
})

/** A span by its name, its attributes and its parent; ids and times by a word. */
const shape = (span: Tracer.NativeSpan) => {
  const word = (key: string, value: unknown): unknown =>
    key === "gradio.event_id"
      ? /^[0-9a-f]{32}$/.test(String(value)) && "an id"
      : key.endsWith("_ms")
        ? typeof value === "number" && value >= 0 && "a time"
        : value
  const parent = span.parent._tag === "Some" ? span.parent.value : undefined
  return [
    span.name,
    Object.fromEntries(Array.from(span.attributes, ([key, value]) => [key, word(key, value)])),
    span.status._tag === "Ended" ? span.status.exit._tag : "open",
    parent?._tag === "Span" ? parent.name : undefined
  ]
}

const called = (name: string, outputs: number) => ({
  "gradio.endpoint": name,
  "gradio.event_id": "an id",
  "gradio.outputs": outputs,
  "gradio.queue_wait_ms": "a time",
  "gradio.run_ms": "a time"
})

const traced = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const { spans, tracer } = tracing()
  const value = yield* Effect.withTracer(effect, tracer)
  return { spans, value }
})

describe("spans", () => {
  it.live("are one for each operation, with the queue wait and the run time of its call", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const connecting = yield* traced(connectTo(http))
      assert.deepStrictEqual(connecting.spans.map(shape), [["GradioClient.connect", {}, "Success", undefined]])
      const app = connecting.value
      const { spans } = yield* traced(
        Effect.gen(function* () {
          yield* app.predict("/echo", ["x"])
          yield* Stream.runDrain(app.stream("/count", [3]))
          yield* Stream.runDrain(app.events("/count", [2]))
          yield* app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "a.bin" }))
        }).pipe(Effect.withSpan("program"))
      )
      assert.deepStrictEqual(spans.map(shape), [
        ["program", {}, "Success", undefined],
        ["GradioClient.predict", called("/echo", 1), "Success", "program"],
        ["GradioClient.stream", called("/count", 3), "Success", "program"],
        ["GradioClient.events", called("/count", 2), "Success", "program"],
        ["GradioClient.upload", {}, "Success", "program"]
      ])
    })
  )

  it.live("of calls that fail or are refused end with the failure", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const app = yield* connectTo(http)
      const { spans } = yield* traced(
        Effect.all([
          Effect.flip(app.predict("/error", ["bad thing"])),
          Effect.flip(app.predict("/nothing")),
          Effect.flip(app.predict("/add", {}))
        ])
      )
      assert.deepStrictEqual(spans.map(shape), [
        ["GradioClient.predict", called("/error", 0), "Failure", undefined],
        ["GradioClient.predict", {}, "Failure", undefined],
        ["GradioClient.predict", {}, "Failure", undefined]
      ])
    })
  )

  it.live("carry nothing secret, and neither do log lines of any level", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const { lines, value } = yield* logged(
        traced(
          Effect.gen(function* () {
            const app = yield* connectTo(http, "http://ann:s3cret@app.test/?token=s3cret", {
              ...secrets,
              query: { key: "s3cret-query" },
              sessionHash: "s3cret-session"
            })
            const headers = { "x-call": Redacted.make("s3cret-call") }
            yield* app.predict("/request_info", ["s3cret-input"], { headers })
            yield* Effect.flip(app.predict("/error", ["x"], { headers }))
            yield* Stream.runDrain(app.stream("/count", [2], { headers }))
            yield* (yield* app.submit("/echo", ["x"], { headers })).result
            yield* app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "s3cret.bin" }))
          }).pipe(Effect.scoped)
        ),
        "All"
      )
      assert.isAbove(value.spans.length, 5)
      for (const span of value.spans) {
        const told = JSON.stringify([span.name, [...span.attributes], span.events, span.links])
        assert.notInclude(told, "s3cret")
      }
      assert.notInclude(JSON.stringify(lines), "s3cret")
    })
  )
})

describe("metrics", () => {
  /** Each outcome with its count, and how many durations were measured. */
  const counted = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      yield* effect
      const all = yield* Metric.snapshot
      const calls = all.flatMap((one) =>
        one.id === "gradio.client.calls" && one.type === "Counter" && one.attributes !== undefined
          ? [[one.attributes["outcome"] ?? "none", Number(one.state.count)] as const]
          : []
      )
      const durations = all.flatMap((one) =>
        one.id === "gradio.client.call.duration" && one.type === "Histogram" ? [one.state.count] : []
      )
      return { calls: Object.fromEntries(calls), durations }
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

  it.live("count calls by how they ended, and measure how long they took", () =>
    Effect.gen(function* () {
      const { http, server } = yield* standinBehind()
      const app = yield* connectTo(http)
      const seen = yield* counted(
        Effect.gen(function* () {
          yield* app.predict("/echo", ["x"])
          yield* Stream.runDrain(app.stream("/count", [3]))
          yield* Stream.runDrain(app.events("/direct", ["x"]))
          yield* Effect.scoped(Effect.flatMap(app.submit("/echo", ["x"]), (job) => job.result))
          yield* Effect.flip(app.predict("/error", ["x"]))
          yield* Effect.flip(app.predict("/crash", ["x"]))
          yield* Effect.scoped(
            Effect.andThen(
              server.inject(Fault.on({ path: "/queue/join" }, Fault.refuse({ status: 429 }))),
              Effect.flip(app.predict("/echo", ["x"]))
            )
          )
          yield* Stream.runDrain(Stream.take(app.stream("/endless", ["x"]), 1))
          // Refused here: no call.
          yield* Effect.flip(app.predict("/nothing"))
          yield* app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "a.bin" }))
        })
      )
      assert.deepStrictEqual(seen, {
        calls: { success: 4, AppError: 2, AppRateLimitError: 1, interrupted: 1 },
        durations: [8]
      })
    })
  )
})

describe("a log", () => {
  it.live("has no line of an ordinary program", () =>
    Effect.gen(function* () {
      const { http } = yield* standinBehind()
      const { lines } = yield* logged(
        Effect.gen(function* () {
          const app = yield* connectTo(http)
          yield* app.predict("/echo", ["x"])
          yield* Stream.runDrain(app.events("/logs", ["x"]))
          yield* Stream.runDrain(Stream.take(app.stream("/endless", ["x"]), 1))
          yield* Effect.flip(app.predict("/error", ["x"]))
          const job = yield* app.submit("/count", [2])
          yield* job.result
          yield* app.predict("/file_info", [new Uint8Array(3)])
        }).pipe(Effect.scoped),
        "All"
      )
      assert.deepStrictEqual(lines, [])
    })
  )
})

describe("a double", () => {
  const at = DateTime.makeUnsafe(0)
  const output = (value: unknown, index: number): JobEvent.JobEvent<GradioClient.Outputs> => ({
    _tag: "Output",
    output: [value],
    index,
    updates: {},
    at
  })
  const completed = (value: unknown): JobEvent.JobEvent<GradioClient.Outputs> => ({
    _tag: "Completed",
    output: [value],
    took: Duration.seconds(1),
    usedCache: undefined,
    at
  })
  const double = Effect.fnUntraced(function* (events: GradioClient.Untyped["events"]) {
    const { http } = yield* standinBehind()
    const { api, config, upload, url, withSession } = yield* connectTo(http)
    return GradioClient.makeWith({ api, config, events, upload, url, withSession })
  })

  it.live("has all its operations from its events", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const app = yield* double((endpoint, input) =>
        Stream.suspend(() => {
          asked.push([endpoint, input])
          return Stream.make(output("a", 0), output("b", 1), completed("b"))
        })
      )
      assert.deepStrictEqual(yield* app.predict("/x", [1]), ["b"])
      assert.deepStrictEqual(yield* Stream.runCollect(app.stream("/x", [2])), [["a"], ["b"]])
      const job = yield* app.submit("/x", [3])
      assert.deepStrictEqual(yield* job.result, ["b"])
      assert.deepStrictEqual(yield* Stream.runCollect(job.events), [output("a", 0), output("b", 1), completed("b")])
      assert.deepStrictEqual(asked, [
        ["/x", [1]],
        ["/x", [2]],
        ["/x", [3]]
      ])
    })
  )

  it.live("whose events end without a completion fails, and gives no value", () =>
    Effect.gen(function* () {
      const app = yield* double(() => Stream.make(output("a", 0)))
      const error = yield* Effect.flip(app.predict("/x"))
      assert.strictEqual(
        error.message,
        "Cannot read what came from /x of the app at http://app.test/: the events of a call, which ended without its completion."
      )
    })
  )

  it.live("stands in for the app of a program", () =>
    Effect.gen(function* () {
      const app = yield* double(() => Stream.make(completed("from the double")))
      const program = Effect.flatMap(GradioClient.GradioClient, (client) => client.predict("/anything"))
      assert.deepStrictEqual(yield* Effect.provideService(program, GradioClient.GradioClient, app), ["from the double"])
      assert.include(GradioClient.describe(app), "/add(")
    })
  )
})

describe("the end of a connection", () => {
  it.live("ends all that it had on the server", () =>
    Effect.gen(function* () {
      const { http, server } = yield* standinBehind()
      const scope = yield* Scope.make()
      const app = yield* Scope.provide(connectTo(http), scope)
      // Its scope is the one of the test, and outlives the connection.
      const other = yield* app.withSession()
      const reading = yield* app
        .stream("/endless", ["x"])
        .pipe(Stream.runDrain, Effect.exit, Effect.forkChild({ startImmediately: true }))
      yield* app.predict("/echo", ["x"])
      yield* Scope.close(scope, Exit.void)
      const exit = yield* Fiber.join(reading)
      assert(Exit.isFailure(exit))
      const { open, running, waiting } = yield* Effect.repeat(server.activity, {
        until: (activity) => activity.open === 0 && activity.running === 0
      })
      assert.deepStrictEqual({ open, running, waiting }, { open: 0, running: 0, waiting: 0 })
      for (const closed of [app, other]) {
        const error = yield* Effect.flip(closed.predict("/echo", ["x"]))
        assert(error._tag === "JobDisconnectedError")
        assert.deepStrictEqual([error.reason, error.reached], ["client-closed", "nothing-sent"])
      }
    })
  )
})
