/**
 * The proof behind each reason why a version does not do what a case shows: a look at the server's own HTTP, without this library, in the same run. It
 * fails where the server does not show the lack.
 */
import * as assert from "node:assert/strict"

import { Effect, Schedule, Schema, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"

import { gradioVersions } from "../gradio/environments.ts"
import { startServer } from "../gradio/server.ts"

type Answer = HttpClientResponse.HttpClientResponse

/** A server by plain requests. */
interface Raw {
  readonly config: Config
  readonly get: (path: string) => Effect.Effect<Answer, unknown>
  readonly post: (path: string, body: unknown) => Effect.Effect<Answer, unknown>
  /** What a function answers to a direct call. */
  readonly run: (endpoint: string, data: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<unknown>, unknown>
}

type Probe = (server: Raw) => Effect.Effect<void, unknown, HttpClient.HttpClient>

const Config = Schema.Struct({
  version: Schema.String,
  api_prefix: Schema.optionalKey(Schema.NullOr(Schema.String)),
  dependencies: Schema.Array(Schema.Record(Schema.String, Schema.Unknown))
})
type Config = typeof Config.Type

const Ran = Schema.Struct({ data: Schema.Array(Schema.Unknown) })

const json = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (answer: Answer) => Effect.flatMap(answer.json, decode)
}

const raw = Effect.fnUntraced(function* (url: string) {
  const http = yield* HttpClient.HttpClient
  const whole = yield* Effect.flatMap(http.get(`${url}/config`), (answer) => answer.json)
  const config = yield* Schema.decodeUnknownEffect(Config)(whole)
  const api = `${url}${config.api_prefix ?? ""}`
  const post: Raw["post"] = (path, body) =>
    http.execute(HttpClientRequest.post(`${api}${path}`, { body: HttpBody.jsonUnsafe(body) }))
  const server: Raw = {
    config,
    get: (path) => http.get(`${api}${path}`),
    post,
    run: (endpoint, data) =>
      post(`/run${endpoint}`, { data, session_hash: "probe" }).pipe(
        Effect.flatMap(json(Ran)),
        Effect.map((answer) => answer.data)
      )
  }
  return server
})

const shows = (actual: unknown, expected: unknown): Effect.Effect<void, unknown> =>
  Effect.try({ try: () => assert.deepStrictEqual(actual, expected), catch: (error) => error })

/** The package has no such name, or what it names no such parameter: `render`, `Chatbot(type)`. */
const withoutName =
  (...names: ReadonlyArray<string>): Probe =>
  (server) =>
    Effect.forEach(names, (name) => Effect.flatMap(server.run("/gradio_has", [name]), (has) => shows(has, ["no"])), {
      discard: true
    })

/** The server has no such route, or none that takes this. */
const refuses =
  (request: (server: Raw) => Effect.Effect<Answer, unknown>): Probe =>
  (server) =>
    Effect.flatMap(request(server), ({ status }) => shows([404, 405].includes(status) ? "none" : status, "none"))

/** No function of the app has such a property in the configuration. */
const withoutProperty =
  (key: string): Probe =>
  ({ config }) =>
    shows(
      config.dependencies.filter((one) => key in one),
      []
    )

/** A function fails, whatever reason it gives. */
const fails =
  (endpoint: string, data: ReadonlyArray<unknown>): Probe =>
  (server) =>
    Effect.flatMap(server.post(`/run${endpoint}`, { data }), ({ status }) => shows(status, 500))

const numberOf = ({ config }: Raw, name: string): unknown => {
  const position = config.dependencies.findIndex((one) => one["api_name"] === name)
  return config.dependencies[position]?.["id"] ?? position
}

/** A call that waits behind another of its function goes on to run, after it was cancelled. */
const waitingRuns: Probe = (server) =>
  Effect.gen(function* () {
    const fn_index = numberOf(server, "slow")
    const tag = "probe of a waiting call"
    const join = (name: string, seconds: number) =>
      Effect.flatMap(
        server.post("/queue/join", { data: [seconds, name], fn_index, session_hash: "probe of waiting" }),
        json(Schema.Struct({ event_id: Schema.String }))
      )
    yield* join(`${tag}, the one before`, 0.5)
    const mark = ", the one that waits"
    const { event_id } = yield* join(tag + mark, 0)
    yield* server.post("/cancel", { event_id, session_hash: "probe of waiting", fn_index })
    yield* journal(server, "/slow_runs").pipe(
      Effect.flatMap((text) => shows(text.includes(tag + mark), true)),
      Effect.retry(Schedule.max([Schedule.spaced("250 millis"), Schedule.recurs(80)]))
    )
  })

/** Reads a stream up to a text in it, and leaves it. */
const leave = (server: Raw, path: string, mark: string) =>
  Stream.unwrap(Effect.map(server.get(path), ({ stream }) => stream)).pipe(
    Stream.decodeText,
    Stream.takeUntil((text) => text.includes(mark)),
    Stream.runDrain
  )

const journal = (server: Raw, endpoint: string) =>
  Effect.flatMap(server.post(`/run${endpoint}`, { data: [] }), ({ text }) => text)

/** A call whose client has left while it waited goes on to run. */
const leftWaitingRuns: Probe = (server) =>
  Effect.gen(function* () {
    const fn_index = numberOf(server, "slow")
    const session_hash = "probe of leaving"
    const mark = "probe of a call that was left, the one that waits"
    yield* server.post("/queue/join", { data: [1, "before it"], fn_index, session_hash: `${session_hash}, before` })
    yield* server.post("/queue/join", { data: [0, mark], fn_index, session_hash })
    yield* leave(server, `/queue/data?${new URLSearchParams({ session_hash })}`, "estimation")
    yield* journal(server, "/slow_runs").pipe(
      Effect.flatMap((text) => shows(text.includes(mark), true)),
      Effect.retry(Schedule.max([Schedule.spaced("250 millis"), Schedule.recurs(80)]))
    )
  })

/** A generator goes on after the stream of its call by the plain routes was left. */
const leftCallGoesOn: Probe = (server) =>
  Effect.gen(function* () {
    const tag = "probe of a plain call that was left"
    const { event_id } = yield* Effect.flatMap(
      server.post("/call/endless_async", { data: [tag] }),
      json(Schema.Struct({ event_id: Schema.String }))
    )
    yield* leave(server, `/call/endless_async/${event_id}`, "generating")
    const steps = Effect.map(server.run("/steps", []), ([all]) => Number(Object(all)[tag]))
    const before = yield* steps
    yield* Effect.sleep("2 seconds")
    const after = yield* steps
    yield* server.post("/reset", { event_id })
    yield* shows(after - before > 5, true)
  })

/** A file of its machine that nobody uploaded. */
const takesAnyFile: Probe = (server) =>
  Effect.flatMap(
    server.run("/file_info", [
      server.config.version.startsWith("3.")
        ? { name: "/etc/passwd", data: null, is_file: true }
        : { path: "/etc/passwd", orig_name: "passwd" }
    ]),
    ([read]) => shows(String(read).startsWith("passwd:"), true)
  )

const Messages = Schema.fromJsonString(
  Schema.Struct({
    msg: Schema.String,
    output: Schema.optionalKey(Schema.Struct({ data: Schema.Array(Schema.Unknown) }))
  })
)
const decodeMessage = Schema.decodeUnknownEffect(Messages)

/** Of many calls that are batched, several get the same row. */
const mixesBatches: Probe = (server) =>
  Effect.gen(function* () {
    const session_hash = "probe of batches"
    const fn_index = numberOf(server, "batch")
    const words = Array.from({ length: 9 }, (_, n) => `w${n}`)
    yield* Effect.forEach(words, (word) => server.post("/queue/join", { data: [word, 1], fn_index, session_hash }), {
      concurrency: "unbounded",
      discard: true
    })
    const answer = yield* server.get(`/queue/data?session_hash=${encodeURIComponent(session_hash)}`)
    const lines = (yield* answer.text).split("\n").filter((line) => line.startsWith("data: "))
    const messages = yield* Effect.forEach(lines, (line) => decodeMessage(line.slice("data: ".length)))
    const rows = messages.flatMap(({ msg, output }) => (msg === "process_completed" ? [output?.data[0]] : []))
    yield* shows([rows.length, new Set(rows).size < words.length], [words.length, true])
  })

/** On a server of its own: neither the batched call nor a plain one behind it is heard of any more. */
const stopsItsQueue: Probe = ({ config }) =>
  Effect.gen(function* () {
    const version = gradioVersions.find((one) => one === config.version)
    if (version === undefined) return yield* Effect.fail(new Error(`no environment for ${config.version}`))
    const own = yield* Effect.acquireRelease(
      Effect.promise(() => startServer({ version })),
      (server) => Effect.promise(() => server.stop())
    )
    const server = yield* raw(own.url)
    const heard = (name: string, data: ReadonlyArray<unknown>) =>
      Effect.gen(function* () {
        const query = new URLSearchParams({
          fn_index: String(numberOf(server, name)),
          session_hash: name,
          data: JSON.stringify(data)
        })
        let text = ""
        yield* Stream.unwrap(Effect.map(server.get(`/queue/join?${query}`), ({ stream }) => stream)).pipe(
          Stream.decodeText,
          Stream.runForEach((piece) => Effect.sync(() => void (text += piece))),
          Effect.timeoutOption("3 seconds")
        )
        return text.includes("process_completed")
      })
    yield* shows(
      [yield* heard("echo", ["x"]), yield* heard("batch", ["x", 1]), yield* heard("echo", ["x"])],
      [true, false, false]
    )
  }).pipe(Effect.scoped)

const probes: ReadonlyMap<string, Probe> = new Map([
  ["undocumented endpoints (show_api=False) came with 4.12", withoutName("Button.click(show_api)")],
  ["the plain routes came with 4.20", refuses((server) => server.post("/call/echo", { data: ["x"] }))],
  [
    "its /cancel leaves a waiting call in the queue, where it runs when its turn comes; its end then breaks the stream of its session",
    waitingRuns
  ],
  ["its /cancel leaves a waiting call in the queue, where it runs when its turn comes", waitingRuns],
  ["it does not notice that a stream was left: a call that waits runs when its turn comes", leftWaitingRuns],
  ["it does not notice that the stream of a call was left", leftCallGoesOn],
  ["it tells no function that a session has ended", withoutName("Blocks.unload")],
  [
    "its functions are not told their session",
    (server) => Effect.flatMap(server.run("/request_info", ["x"]), ([seen]) => shows(Object(seen).session_hash, null))
  ],
  ["it says nothing of a call that was cancelled", refuses((server) => server.post("/cancel", {}))],
  ["functions of components take files from 4.27 on", withoutName("ImageEditor.accept_blobs")],
  [
    "a plot is no input there: its function gets what came, and the component does not take that",
    fails("/plot_io", [{ type: "matplotlib", plot: "data:image/webp;base64,UklGRg==" }])
  ],
  ["it gives each call of a batch the row of the last one", mixesBatches],
  ["a call of a batched function stops its queue, for all calls", stopsItsQueue],
  ["it has one limit for all functions together", withoutName("Button.click(concurrency_limit)")],
  [
    "it runs any method of a component",
    (server) =>
      Effect.flatMap(
        server.post("/component_server", { data: null, component_id: 1, fn_name: "get_config", session_hash: "probe" }),
        ({ status }) => shows(status === 404, false)
      )
  ],
  ["it streams no pictures", withoutName("Video(streaming)")],
  [
    "its fixture has no endpoint for it",
    ({ config }) =>
      shows(
        config.dependencies.some(({ api_name }) => api_name === "stream_audio"),
        false
      )
  ],
  ["it takes any file of its machine", takesAnyFile],
  ["gr.DateTime came with 4.38", withoutName("DateTime")],
  ["gr.Timer came with 4.38", withoutName("Timer")],
  ["gr.BrowserState came with 5.6", withoutName("BrowserState")],
  ["gr.DownloadButton came with 4.21", withoutName("DownloadButton")],
  ["gr.MultimodalTextbox came with 4.22", withoutName("MultimodalTextbox")],
  ["gr.ImageEditor came with 4.0", withoutName("ImageEditor")],
  ["chats of messages came with 4.44", withoutName("Chatbot(type)")],
  ["chats of pairs went with Gradio 6", withoutName("Chatbot(type)")],
  ["validators came with 5.45", withoutName("Button.click(validator)")],
  ["max_file_size came with 4.28", withoutName("Blocks.launch(max_file_size)")],
  ["gr.cache came with 6.12", withoutName("cache")],
  ["render blocks came with 4.31", withoutName("render")],
  ["gr.api came with 5", withoutName("api")],
  ["input streams came with 5.0", withoutProperty("connection")],
  ["every= of listeners went with 4.28", withoutProperty("every")],
  [
    "functions take components with their properties (component_prop_inputs) from Gradio 6 on",
    withoutProperty("component_prop_inputs")
  ],
  ["before Gradio 6 a private endpoint has no name (api_name=False)", withoutProperty("api_visibility")],
  [
    "before Gradio 6 a video is looked at by ffmpeg, which its environment does not have",
    fails("/video_io", [{ path: "/nowhere.mp4", orig_name: "clip.mp4", meta: { _type: "gradio.FileData" } }])
  ]
])

/** What was shown on a server needs no second look. */
const shown = new Set<string>()

/** Runs the proof behind a reason; a reason without one has none. */
export const probe = (reason: string, url: string): Effect.Effect<void, unknown, HttpClient.HttpClient> =>
  Effect.suspend(() => {
    const look = probes.get(reason)
    const which = `${url} ${reason}`
    if (look === undefined) return Effect.fail(new Error(`no probe shows this on the server: ${reason}`))
    if (shown.has(which)) return Effect.void
    return Effect.tap(Effect.flatMap(raw(url), look), () => Effect.sync(() => shown.add(which)))
  })
