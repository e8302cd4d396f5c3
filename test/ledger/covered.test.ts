/** What the official clients offer, done with this library: the tests that the ledger names. The stand-in server answers in memory. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, Redacted, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import {
  GradioClient,
  GradioFile,
  HuggingFaceToken,
  Input,
  isGradioError,
  Job,
  type JobEvent
} from "../../src/index.ts"
import { Component, endpoint, Fault, GradioServer } from "../../src/testing/index.ts"
import { standinMemory, type StandinOptions } from "../standin/app.ts"

const open = Effect.fnUntraced(function* (options?: GradioClient.ConnectOptions, app?: StandinOptions) {
  const server = yield* standinMemory(app)
  const http = HttpClient.HttpClient
  const client = yield* Effect.provideService(GradioClient.connect("http://app.test", options), http, server.client)
  return { client, server }
})

const eventsOf = (client: GradioClient.GradioClient, endpoint: string, input?: Input.Input) =>
  Stream.runCollect(client.events(endpoint, input))

const pick = <Tag extends JobEvent.JobEvent<GradioClient.Outputs>["_tag"]>(
  events: ReadonlyArray<JobEvent.JobEvent<GradioClient.Outputs>>,
  tag: Tag
) =>
  events.filter(
    (event): event is Extract<JobEvent.JobEvent<GradioClient.Outputs>, { readonly _tag: Tag }> => event._tag === tag
  )

/** Adds fields to the last message of every call, as servers do that the stand-in does not imitate. */
const completedWith = (fields: object, output: object = {}): Fault.Fault =>
  Fault.mapMessages((message) =>
    message.msg === "process_completed"
      ? [{ ...message, ...fields, output: Object.assign({}, message["output"], output) }]
      : [message]
  )

describe("what the official clients offer", () => {
  it.live("connects, and tells the address, the configuration and the API", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      assert.strictEqual(client.url.href, "http://app.test/")
      assert.strictEqual(client.config.version, "6.31.0")
      assert.strictEqual(client.config.protocol, "sse_v3")
      const add = client.api.named["/add"]
      assert.deepStrictEqual(
        add?.parameters.map((one) => [one.name, one.label, one.component, one.hasDefault, one.default]),
        [
          ["a", "a", "Number", false, undefined],
          ["op", "op", "Radio", true, "add"],
          ["b", "b", "Slider", true, 5]
        ]
      )
      assert.deepStrictEqual(
        add?.returns.map((one) => [one.label, one.component]),
        [["result", "Number"]]
      )
      assert.strictEqual(client.api.named["/echo"]?.description, "Gives the text back.")
    })
  )

  it.live("tells the API as text, hidden endpoints on request", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const text = GradioClient.describe(client)
      assert.include(text, "/add(a, op, b) -> [result]")
      assert.include(text, "op: Literal['add', 'subtract'], optional, default \"add\" [Radio]")
      assert.notInclude(text, "/undocumented(")
      assert.include(GradioClient.describe(client, { hidden: true }), "/undocumented(")
      assert.notInclude(GradioClient.describe(client, { hidden: true }), "/private(")
    })
  )

  it.live("sends headers, query parameters, cookies and the session hash that were given", () =>
    Effect.gen(function* () {
      const { client } = yield* open({
        headers: { "x-one": "connection", "x-two": Redacted.make("secret"), "x-three": "connection" },
        query: { theme: "dark" },
        cookies: { taste: Redacted.make("sweet") },
        sessionHash: "mine"
      })
      const [seen] = yield* client.predict("/request_info", [], { headers: { "x-three": "call" } })
      const body = JSON.stringify(seen)
      assert.deepInclude(seen, { query_params: { theme: "dark" }, cookies: { taste: "sweet" }, session_hash: "mine" })
      for (const part of ['"x-one":"connection"', '"x-two":"secret"', '"x-three":"call"']) assert.include(body, part)
    })
  )

  it.live("hands every request to the given HttpClient", () =>
    Effect.gen(function* () {
      const paths: Array<string> = []
      const { client } = yield* open({
        transformClient: HttpClient.mapRequest((request) => {
          paths.push(new URL(request.url).pathname)
          return HttpClientRequest.setHeader(request, "x-policy", "seen")
        })
      })
      const [seen] = yield* client.predict("/request_info", [])
      assert.include(JSON.stringify(seen), '"x-policy":"seen"')
      assert.includeMembers(paths, ["/config", "/gradio_api/info", "/gradio_api/queue/join", "/gradio_api/queue/data"])
    })
  )

  it.live("takes input by position, by name and both, and fills in defaults", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      assert.deepStrictEqual(yield* client.predict("/add", [4, "subtract", 1]), [3])
      assert.deepStrictEqual(yield* client.predict("add", { b: 1, a: 4 }), [5])
      assert.deepStrictEqual(yield* client.predict("/add", Input.make([4], { op: "subtract" })), [-1])
      const number = client.api.named["/echo"]?.fnIndex ?? -1
      assert.deepStrictEqual(yield* client.predict(number, ["by number"]), ["by number"])
      assert.deepStrictEqual(yield* client.predict("/middle_state", ["a", "b"]), ["a|0|b"])
    })
  )

  it.live("gives every value of a generator, then its completion", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      assert.deepStrictEqual(yield* Stream.runCollect(client.stream("/count")), [["0"], ["1"], ["2"]])
      const events = yield* eventsOf(client, "/count", [2])
      assert.deepStrictEqual(
        pick(events, "Output").map(({ index, output }) => [index, output]),
        [
          [0, ["0"]],
          [1, ["1"]]
        ]
      )
      assert.deepStrictEqual(
        pick(events, "Completed").map(({ output }) => output),
        [["1"]]
      )
      assert.isTrue(events.every(({ at }) => at.epochMilliseconds > 0))
    })
  )

  it.live("tells the place in the queue and the start, each with its guess", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      // The first call teaches the server how long one takes.
      yield* client.predict("/slow", [0.05, "first"])
      const running = yield* Effect.forkChild(client.predict("/slow", [0.3, "second"]))
      yield* client
        .predict("/slow_runs")
        .pipe(Effect.repeat({ until: ([marks]) => JSON.stringify(marks).includes("second") }))
      const events = yield* eventsOf(client, "/slow", [0, "third"])
      yield* Fiber.join(running)
      const [queued] = pick(events, "Queued")
      assert.deepInclude(queued, { position: 0, size: 1 })
      assert.isTrue(Duration.isDuration(queued?.eta))
      assert.strictEqual(pick(events, "Started").length, 1)
    })
  )

  it.live("tells progress with every field of a bar", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const bars = pick(yield* eventsOf(client, "/progress", [4]), "Progress").flatMap((event) => event.bars)
      // Reports that are not read yet give way to the last.
      assert.deepStrictEqual(bars.at(-1), { index: 4, length: 4, unit: "items", description: "step 4", fraction: 1 })
      const fractions = pick(yield* eventsOf(client, "/progress_generator", [2]), "Progress").flatMap(
        (event) => event.bars
      )
      assert.strictEqual(fractions.at(-1)?.fraction, 0.5)
    })
  )

  it.live("tells logs with level, title, duration and visibility", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const logs = pick(yield* eventsOf(client, "/logs_full", ["x"]), "Log")
      assert.deepStrictEqual(
        logs.map(({ duration, level, message, title, visible }) => [
          level,
          message,
          title,
          duration === undefined ? undefined : Duration.toMillis(duration),
          visible
        ]),
        [
          ["info", "info x", "Info title", 3000, false],
          ["warning", "warning x", "Warning title", undefined, true],
          ["success", "success x", "Success title", 1500, true]
        ]
      )
    })
  )

  it.live("tells how long the function took and whether a cache was used", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      yield* server.inject(completedWith({ used_cache: "partial" }, { duration: 1.5 }))
      const [completed] = pick(yield* eventsOf(client, "/echo", ["x"]), "Completed")
      assert.strictEqual(completed?.usedCache, "partial")
      assert.strictEqual(completed?.took === undefined ? 0 : Duration.toMillis(completed.took), 1500)
    })
  )

  it.live("makes functions that a call rendered callable", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      const dependency = {
        ...client.config.dependencies.find(({ api_name }) => api_name === "echo"),
        id: 9000,
        api_name: "made"
      }
      const render_config = {
        render_id: 1,
        components: [],
        dependencies: [{ ...dependency, rendered_in: 1 }],
        layout: {}
      }
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* server.inject(completedWith({}, { render_config }))
          assert.deepStrictEqual(
            pick(yield* eventsOf(client, "/echo", ["x"]), "Rendered").map(({ endpoints }) => endpoints),
            [[9000]]
          )
        })
      )
      // The stand-in has no such function: the refusal is the server's, no longer the client's.
      const error = yield* Effect.flip(client.predict(9000, ["y"]))
      assert.strictEqual(error._tag, "AppResponseError")
    })
  )

  it.live("keeps messages that nobody knows yet", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      yield* server.inject(
        Fault.mapMessages((message) =>
          message.msg === "process_starts" ? [message, { ...message, msg: "process_streaming_soon" }] : [message]
        )
      )
      const [other] = pick(yield* eventsOf(client, "/echo", ["x"]), "Other")
      assert.deepInclude(other?.message, { msg: "process_streaming_soon" })
    })
  )

  it.live("separates changed properties from values", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const [updated] = pick(yield* eventsOf(client, "/upd", ["x"]), "Output")
      assert.deepStrictEqual(updated?.output, ["x"])
      assert.deepInclude(updated?.updates[0], { visible: false, label: "new label" })
    })
  )

  it.live("runs a call in the background: events, status, result", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const job = yield* client.submit("/count", [3], { replay: "all" })
      assert.isTrue(Option.isSome(yield* job.eventId))
      assert.deepStrictEqual(yield* job.result, ["2"])
      assert.deepInclude(yield* job.status, { phase: "succeeded", outputs: 3, last: Option.some(["2"]) })
      assert.deepStrictEqual(yield* Stream.runCollect(Job.outputs(job)), [["0"], ["1"], ["2"]])
      assert.deepStrictEqual(pick(yield* Stream.runCollect(job.events), "Completed").length, 1)
      const grown = yield* client.submit("/grow", [3])
      assert.deepStrictEqual(yield* Stream.runCollect(Job.deltas(grown)), ["token0 ", "token1 ", "token2 "])
    })
  )

  it.live("cancels a call, which the server hears", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      const job = yield* client.submit("/endless", ["cancelled"])
      yield* Stream.runDrain(Stream.take(Job.outputs(job), 2))
      assert.strictEqual(yield* job.cancel, "stopping")
      assert.strictEqual((yield* job.status).phase, "cancelled")
      assert.deepInclude(yield* Effect.flip(job.result), { _tag: "JobCancelledError", by: "client" })
      assert.deepStrictEqual(yield* client.predict("/interrupted_jobs"), [["cancelled"]])
      assert.strictEqual((yield* server.activity).running, 0)
    })
  )

  it.live("ends a call that takes too long, by interruption", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const error = yield* Effect.flip(Effect.timeout(client.predict("/endless", ["late"]), "300 millis"))
      assert.strictEqual(error._tag, "TimeoutError")
      yield* client
        .predict("/interrupted_jobs")
        .pipe(Effect.repeat({ until: ([tags]) => JSON.stringify(tags).includes("late") }))
    })
  )

  it.live("keeps the state of a session, and begins another", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const other = yield* client.withSession()
      const named = yield* client.withSession({ hash: "named" })
      assert.deepStrictEqual(yield* client.predict("/counter", ["cat"]), [0])
      assert.deepStrictEqual(yield* client.predict("/counter", ["cat"]), [1])
      assert.deepStrictEqual(yield* other.predict("/counter", ["cat"]), [0])
      assert.deepStrictEqual(yield* client.predict("/counter", ["cat"], { session: "own" }), [0])
      const [seen] = yield* named.predict("/request_info")
      assert.deepInclude(seen, { session_hash: "named" })
    })
  )

  it.live("logs in by user and password, and says what the login page says where it may not", () =>
    Effect.gen(function* () {
      const app = { auth: { ann: "s3cret" }, authMessage: "Ask Ann." }
      const { client } = yield* open({ auth: { username: "ann", password: Redacted.make("s3cret") } }, app)
      assert.deepStrictEqual(yield* client.predict("/echo", ["hello"]), ["hello"])
      const error = yield* Effect.flip(open({}, app))
      assert(error._tag === "AuthenticationError")
      assert.strictEqual(error.authMessage, "Ask Ann.")
    })
  )

  it.live("takes a Hugging Face token, and sends it where it may go", () =>
    Effect.gen(function* () {
      const seen = (token: HuggingFaceToken.HuggingFaceToken) =>
        Effect.gen(function* () {
          const { client } = yield* open({ token })
          const [info] = yield* client.predict("/request_info", ["x"])
          return JSON.stringify(info).includes("hf_secret")
        })
      assert.isTrue(yield* seen(Redacted.make("hf_secret")))
      assert.isFalse(yield* seen(HuggingFaceToken.found(Redacted.make("hf_secret"))))
    })
  )

  it.live("passes on what makes GPU time count on a visitor", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const headers = HuggingFaceToken.forwarded({ "x-ip-token": "of the visitor", cookie: "of the visitor" })
      const [info] = yield* client.predict("/request_info", ["x"], { headers })
      assert.deepInclude(info, { cookies: {} })
      assert.include(JSON.stringify(info), "of the visitor")
    })
  )

  it.live("passes event data, the trigger and a token for functions that ask for one", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      const bodies: Array<string> = []
      yield* server.inject(
        Fault.on(
          { path: "/queue/join" },
          {
            request: (request, answer) =>
              Effect.andThen(
                Effect.map(Effect.orDie(request.text), (text) => void bodies.push(text)),
                answer
              )
          }
        )
      )
      const [seen] = yield* client.predict("/event_info", ["x"], {
        eventData: { key: 1 },
        triggerId: 7,
        oauthToken: Redacted.make("hf_secret")
      })
      assert.deepInclude(seen, { data: { key: 1 } })
      assert.include(bodies[0], '"trigger_id":7')
      // The function does not ask for the user's token, so it does not get it.
      assert.notInclude(bodies[0], "hf_secret")
    })
  )

  it.live("sends a stream of inputs, an output for each, in as many events as the app's time limit makes of it", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const chunks = Stream.mapEffect(Stream.range(1, 3), (n) =>
        Effect.delay(Effect.succeed([null, "ledger"]), n === 3 ? "1200 millis" : 0)
      )
      const events = yield* Stream.runCollect(GradioClient.streamInput(client, "/stream_short", chunks))
      assert.deepStrictEqual(
        pick(events, "Output").map(({ output }) => output),
        [["ledger 1"], ["ledger 2"], ["ledger 3"]]
      )
      assert.deepStrictEqual(
        pick(events, "Reopened").map(({ limit }) => limit && Duration.toSeconds(limit)),
        [1]
      )
      assert.strictEqual(events.at(-1)?._tag, "Completed")
    })
  )

  it.live("calls functions of components with JSON and with files", () =>
    Effect.gen(function* () {
      const received: Array<unknown> = []
      const text = Component.withFunctions(Component.textbox({ name: "text" }), {
        keep: (data) => Effect.sync(() => void received.push(data)),
        double: (data) => Effect.succeed([data, data])
      })
      const server = yield* GradioServer.make({
        endpoints: [endpoint("/echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) })]
      })
      const client = yield* Effect.provideService(
        GradioClient.connect("http://app.test"),
        HttpClient.HttpClient,
        server.client
      )
      const id = client.config.dependencies[0]?.inputs?.[0] ?? -1
      assert.deepStrictEqual(yield* GradioClient.componentServer(client, id, "double", { a: 1 }), [{ a: 1 }, { a: 1 }])
      const file = GradioFile.fromBytes(new Uint8Array([1, 2, 3]), { name: "three.bin" })
      assert.isNull(yield* GradioClient.componentServer(client, id, "keep", { file, kind: "x", index: 2, none: null }))
      const sent: unknown = Object(received[0]).data
      assert.deepInclude(Object(sent), {
        kind: "x",
        index: "2",
        none: "null",
        component_id: String(id),
        fn_name: "keep"
      })
      assert.deepStrictEqual(Object(received[0]).files, [["three.bin", new Uint8Array([1, 2, 3])]])
      const missing = yield* Effect.flip(GradioClient.componentServer(client, id, "toString"))
      assert.include(missing, { _tag: "AppResponseError", status: 404 })
    })
  )

  it.live("notices that the app started again, and reads it anew", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      assert.isTrue(yield* GradioClient.isSameApp(client))
      const fresh = yield* GradioClient.refresh(client)
      assert.deepStrictEqual(yield* client.predict("/counter", ["a"]), [0])
      assert.deepStrictEqual(yield* fresh.predict("/counter", ["a"]), [1])
      // One more than before: as numbers of JavaScript both would be the same.
      const other = String(BigInt(String(client.config.app_id)) + 1n)
      yield* server.inject(
        Fault.on({ path: "/app_id" }, { request: () => Effect.succeed(HttpServerResponse.text(`{"app_id":${other}}`)) })
      )
      assert.isFalse(yield* GradioClient.isSameApp(client))
    })
  )

  it.live("takes one page of an app, and a deep link", () =>
    Effect.gen(function* () {
      const urls: Array<string> = []
      const { client } = yield* open({
        page: "/",
        deepLink: "a b",
        transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void urls.push(request.url)))
      })
      assert.strictEqual(client.config["current_page"], "")
      assert.property(client.api.named, "/echo")
      assert.include(urls, "http://app.test/config?deep_link=a%20b&page=")
      const missing = yield* Effect.flip(open({ page: "second" }))
      assert.include(missing.message, 'without a page "second"; there are ""')
    })
  )

  it.live("sends files, tells how far they are, and uploads one for several calls", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const file = GradioFile.fromBytes(new TextEncoder().encode("hello"), {
        name: "greeting.txt",
        mimeType: "text/plain"
      })
      const expected = "greeting.txt:5:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
      const events = yield* eventsOf(client, "/file_info", [file])
      assert.deepInclude(pick(events, "Uploading").at(-1), { file: "greeting.txt", sent: 5, size: 5 })
      assert.deepStrictEqual(pick(events, "Completed")[0]?.output, [expected])
      const uploaded = yield* client.upload(file)
      assert.deepStrictEqual(yield* client.predict("/file_info", [uploaded]), [expected])
      const streamed = GradioFile.fromStream(file.stream, { name: "greeting.txt", size: 5 })
      const blob = GradioFile.fromBlob(new Blob(["hello"]), { name: "greeting.txt" })
      const all = yield* client.predict("/files_info", [[file, streamed, blob, new Blob(["hello"])]])
      assert.deepStrictEqual(all, [[expected, expected, expected, expected.replace("greeting.txt", "blob")]])
    })
  )

  it.live("receives files as values, or as the references that came", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const output = yield* client.predict("/file_of", ["content", "note.txt"])
      const [file] = GradioFile.all(output)
      assert.deepInclude(file, { name: "note.txt", mimeType: "text/plain", size: 7, isStream: false })
      assert.include(file?.url?.href, "http://app.test/gradio_api/file=")
      assert.strictEqual(new TextDecoder().decode(yield* file?.bytes ?? Effect.die("no file")), "content")
      const [raw] = yield* client.predict("/file_of", ["content", "note.txt"], { raw: true })
      assert.deepInclude(raw, { orig_name: "note.txt", meta: { _type: "gradio.FileData" } })
    })
  )

  it.live("fails with what the app said: text, title, duration, visibility", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const error = yield* Effect.flip(client.predict("/error_full", ["bad thing"]))
      assert.isTrue(isGradioError(error))
      assert.deepInclude(error, {
        _tag: "AppError",
        message: "bad thing",
        title: "My title",
        visible: false,
        duration: Duration.seconds(3),
        printException: true
      })
      assert.deepInclude(error.where, { endpoint: "/error_full" })
    })
  )

  it.live("fails with each problem that the app's validators found", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const error = yield* Effect.flip(client.predict("/validated", ["a", -1]))
      assert.deepInclude(error, {
        _tag: "AppValidationError",
        problems: [
          { parameter: "text", message: "too short" },
          { parameter: "number", message: "must not be negative" }
        ]
      })
    })
  )

  it.live("refuses endpoints that are not there, before anything is sent", () =>
    Effect.gen(function* () {
      const { client } = yield* open()
      const error = yield* Effect.flip(client.predict("/ecko", ["a"]))
      assert.deepInclude(error, { _tag: "EndpointNotFoundError", reached: "nothing-sent", nearest: ["/echo"] })
    })
  )

  it.live("tells a full queue and a rate limit apart", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open()
      yield* server.inject(
        Fault.on(
          { path: "/queue/join", times: 1 },
          Fault.refuse({
            status: 503,
            body: JSON.stringify({ detail: "Queue is full. Max size is 1 and size is 1." }),
            headers: { "content-type": "application/json" }
          })
        )
      )
      assert.strictEqual((yield* Effect.flip(client.predict("/echo", ["a"])))._tag, "QueueFullError")
      yield* server.inject(
        Fault.on({ path: "/queue/join", times: 1 }, Fault.refuse({ status: 429, headers: { "retry-after": "3" } }))
      )
      const error = yield* Effect.flip(client.predict("/echo", ["a"]))
      assert.deepInclude(error, { _tag: "AppRateLimitError", retryAfter: Duration.seconds(3) })
    })
  )

  it.live("limits the calls in flight", () =>
    Effect.gen(function* () {
      const { client, server } = yield* open({ concurrency: 2 })
      let most = 0
      yield* Effect.forEach(
        [1, 2, 3, 4],
        (n) =>
          client.stream("/slow_many", [0.05, String(n)]).pipe(
            Stream.tap(() =>
              Effect.map(server.activity, ({ running }) => {
                most = Math.max(most, running)
              })
            ),
            Stream.runDrain
          ),
        { concurrency: "unbounded" }
      )
      const [marks] = yield* client.predict("/slow_runs")
      let running = 0
      for (const mark of Array.isArray(marks) ? marks : []) {
        running += Object.values(mark).includes("start") ? 1 : -1
        most = Math.max(most, running)
      }
      assert.strictEqual(most, 2)
    })
  )

  it.live("is a service of a program, closed with its scope", () =>
    Effect.gen(function* () {
      const server = yield* standinMemory()
      const program = Effect.gen(function* () {
        const app = yield* GradioClient.GradioClient
        return yield* app.predict("/echo", ["service"])
      }).pipe(Effect.provide(GradioClient.layer("http://app.test")))
      assert.deepStrictEqual(yield* Effect.provideService(program, HttpClient.HttpClient, server.client), ["service"])
      assert.deepInclude(yield* server.activity, { running: 0, waiting: 0, open: 0 })
    })
  )
})
