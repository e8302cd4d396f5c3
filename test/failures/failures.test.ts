/**
 * The table of failures: each error of the union, raised by its real cause against Gradio 6.31.0 or a socket of this machine, with what it says of
 * itself and the message that a user sees. What is expected stands beside each cause; the table that is printed holds what came.
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Fiber, Layer, Redacted, Result, Schema, Scope, Stream } from "effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Path from "effect/Path"

import {
  Endpoint,
  GradioClient,
  type GradioError,
  GradioFile,
  Input,
  isGradioError,
  isSafeToRetry,
  Space
} from "../../src/index.ts"
import { type Server, startServer } from "../gradio/server.ts"
import { socket, tokens } from "../huggingface/app.ts"
import { answers, nobody, proxy, sockets } from "./servers.ts"

type Need = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | Scope.Scope

interface Expected {
  readonly tag: GradioError.GradioError["_tag"]
  /** Its own field that tells kinds apart. */
  readonly kind?: string
  readonly reached: GradioError.Reached
  readonly mayHaveRun: boolean
  readonly isTransient: boolean
  readonly retryAfter?: string
  /** A part of the message. */
  readonly says: string
}

interface Cause {
  readonly cause: string
  readonly expected: Expected
  readonly raise: Effect.Effect<unknown, unknown, Need>
}

const causes: Array<Cause> = []
const row = (cause: string, expected: Expected, raise: Effect.Effect<unknown, unknown, Need>) => {
  causes.push({ cause, expected, raise })
}

// ---- the servers

/** Hides what its functions raise, lets one call wait, takes files up to 100,000 bytes. */
let app: Server
let guarded: Server
/** Stopped, interrupted and killed. */
let victim: Server
let closing: Server
const work = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-failures-"))

const on = <A, E, R>(use: (url: string) => Effect.Effect<A, E, R>, server: () => Server = () => app) =>
  Effect.suspend(() => use(server().url))
const connected = (options?: GradioClient.ConnectOptions, server?: () => Server) =>
  on((url) => GradioClient.connect(url, options), server)
const calling = (endpoint: string | number, input?: Input.Input, options?: GradioClient.CallOptions) =>
  Effect.flatMap(connected(), (client) => client.predict(endpoint, input, options))

/** Once a call has given its first output, so that it runs. */
const running = (client: GradioClient.GradioClient, endpoint: string, input: Input.Input) =>
  Effect.gen(function* () {
    const job = yield* client.submit(endpoint, input)
    yield* job.events.pipe(
      Stream.takeUntil((event) => event._tag === "Output" || event._tag === "Started"),
      Stream.runDrain
    )
    return job
  })

const missing = { reached: "nothing-sent", mayHaveRun: false, isTransient: false } as const

// ---- AppUnreachableError

const unreachable = {
  tag: "AppUnreachableError",
  reached: "nothing-sent",
  mayHaveRun: false,
  isTransient: true
} as const
const once = { retry: "none" } as const
row(
  "connect: nothing listens",
  { ...unreachable, says: "connection refused" },
  Effect.flatMap(nobody, (url) => GradioClient.connect(url, once))
)
row(
  "connect: no such host",
  { ...unreachable, says: "no such host" },
  GradioClient.connect("http://nowhere.invalid", once)
)
row(
  "connect: the socket is reset",
  { ...unreachable, says: "reset" },
  Effect.flatMap(
    sockets((socket) => socket.on("data", () => socket.resetAndDestroy())),
    (url) => GradioClient.connect(url, once)
  )
)
row(
  "connect: no answer in time",
  { ...unreachable, says: "no complete answer within 300ms at http" },
  Effect.flatMap(
    sockets(() => {}),
    (url) => GradioClient.connect(url, { ...once, answerTimeout: "300 millis" })
  )
)
row(
  "connect: https to a server of plain http",
  { ...unreachable, says: "does not speak TLS" },
  on((url) => GradioClient.connect(url.replace("http:", "https:"), once))
)
row(
  "connect: no http address",
  { ...unreachable, isTransient: false, says: "no http or https address" },
  GradioClient.connect("not an address")
)
row(
  "call: the socket is reset when the call was sent",
  { ...unreachable, reached: "sent", mayHaveRun: true, says: "reset" },
  Effect.gen(function* () {
    const url = yield* proxy(app.url, (request) => {
      if (request.url?.endsWith("/queue/join") !== true) return false
      request.socket.resetAndDestroy()
      return true
    })
    return yield* Effect.flatMap(GradioClient.connect(url), (client) => client.predict("/echo", ["x"]))
  })
)

// ---- AppResponseError, AppRateLimitError, AppProtocolError, AuthenticationError

const refusing = (
  status: number,
  headers: Record<string, string>,
  body: string,
  where: (path: string) => boolean = () => true
) =>
  Effect.suspend(() =>
    proxy(app.url, (request, response) => {
      if (!where(request.url ?? "")) return false
      response.writeHead(status, headers).end(body)
      return true
    })
  )
const html = { "content-type": "text/html" }
const joining = (path: string) => path.includes("/queue/join")
row(
  "connect: a web site that is no Gradio app",
  { tag: "AppResponseError", ...missing, says: "no Gradio app" },
  Effect.flatMap(refusing(404, html, "<h1>Not Found</h1>"), (url) => GradioClient.connect(url, once))
)
row(
  "connect: 503 of a proxy, with Retry-After",
  { tag: "AppResponseError", ...missing, isTransient: true, retryAfter: "2s", says: "HTTP 503" },
  Effect.flatMap(refusing(503, { "retry-after": "2" }, ""), (url) => GradioClient.connect(url, once))
)
row(
  "call: 502 of a proxy",
  { tag: "AppResponseError", reached: "sent", mayHaveRun: true, isTransient: true, says: "HTTP 502" },
  Effect.flatMap(refusing(502, html, "<h1>Bad Gateway</h1>", joining), (url) =>
    Effect.flatMap(GradioClient.connect(url), (client) => client.predict("/echo", ["x"]))
  )
)
row(
  "connect: an answer that is too large",
  { tag: "AppResponseError", ...missing, says: "an answer of more than 1000 bytes" },
  connected({ maxAnswerBytes: 1000 })
)
row(
  "call: 429 of a proxy, with Retry-After",
  {
    tag: "AppRateLimitError",
    reached: "sent",
    mayHaveRun: false,
    isTransient: true,
    retryAfter: "7s",
    says: "HTTP 429"
  },
  Effect.flatMap(refusing(429, { "retry-after": "7" }, "", joining), (url) =>
    Effect.flatMap(GradioClient.connect(url), (client) => client.predict("/echo", ["x"]))
  )
)
row(
  "connect: JSON that is no configuration",
  { tag: "AppProtocolError", ...missing, says: "its configuration" },
  Effect.flatMap(
    answers((_, response) => response.setHeader("content-type", "application/json").end('{"hello":"world"}')),
    (url) => GradioClient.connect(url, once)
  )
)
row(
  "call: the app speaks a protocol without a layer",
  { tag: "AppProtocolError", ...missing, says: '"ws"' },
  Effect.gen(function* () {
    const config = yield* Effect.promise(() => fetch(`${app.url}/config`).then((answer) => answer.text()))
    const old = config.replace('"protocol":"sse_v3"', '"protocol":"ws"')
    const url = yield* refusing(200, { "content-type": "application/json" }, old, (path) => path === "/config")
    return yield* Effect.flatMap(GradioClient.connect(url), (client) => client.predict("/echo", ["x"]))
  })
)
row(
  "connect: a login is wanted",
  { tag: "AuthenticationError", ...missing, says: "wants a login" },
  connected({}, () => guarded)
)
row(
  "connect: a cookie that is not good (any more)",
  { tag: "AuthenticationError", ...missing, says: "wants a login" },
  connected({ cookies: { "access-token": Redacted.make("stale") } }, () => guarded)
)

// ---- refused before anything is sent

row(
  "call: a name that is nearly right",
  { tag: "EndpointNotFoundError", ...missing, says: "Did you mean /echo?" },
  calling("/ecko")
)
row("call: a number that is not there", { tag: "EndpointNotFoundError", ...missing, says: "9999" }, calling(9999))
row(
  "call: a private endpoint",
  { tag: "EndpointNotFoundError", ...missing, says: "private" },
  calling("/private", ["x"])
)
row(
  "single: several endpoints",
  { tag: "EndpointNotFoundError", ...missing, says: "several endpoints" },
  Effect.flatMap(connected(), GradioClient.single)
)
const input = { tag: "EndpointInputError", ...missing } as const
row("call: a parameter is missing", { ...input, says: '"a"' }, calling("/add", []))
row("call: too many arguments", { ...input, says: "/add" }, calling("/add", [1, "add", 2, 3]))
row("call: a parameter that is not there", { ...input, says: '"c"' }, calling("/add", { a: 1, c: 2 }))
row("call: a parameter given twice", { ...input, says: '"a"' }, calling("/add", Input.make([1], { a: 2 })))
row("call: a value that JSON cannot hold", { ...input, says: "value" }, calling("/json_io", [{ deep: [() => 1] }]))

/** Wrong on both sides: the endpoint takes three parameters, and gives a number. */
const mistyped = Endpoint.make("/add", {
  input: Schema.Struct({ a: Schema.Int, op: Schema.Literal("add"), b: Schema.optional(Schema.Int) }),
  output: Schema.Tuple([Schema.String])
})
const typed = (a: number) => Effect.flatMap(connected(), (client) => client.predict(mistyped, { a, op: "add", b: 2 }))
row("call: a typed input that does not fit", { ...input, says: '"a"' }, typed(1.5))

// ---- the answer

row(
  "call: a typed output that does not fit",
  { tag: "EndpointOutputError", reached: "started", mayHaveRun: true, isTransient: false, says: "[0] expected string" },
  typed(1)
)

// ---- refused by the app

row(
  "call: the app's validators refuse",
  { tag: "AppValidationError", reached: "sent", mayHaveRun: false, isTransient: false, says: "too short" },
  calling("/validated", ["a", -1])
)
row(
  "call: the queue is full",
  { tag: "QueueFullError", reached: "sent", mayHaveRun: false, isTransient: true, says: "is full" },
  Effect.gen(function* () {
    const client = yield* connected()
    const blocking = yield* running(client, "/slow", [5, "blocks"])
    const waiting = yield* client.submit("/slow", [5, "waits"])
    yield* waiting.events.pipe(
      Stream.takeUntil((event) => event._tag === "Queued"),
      Stream.runDrain
    )
    const ended = yield* Effect.result(client.predict("/slow", [0, "refused"]))
    yield* waiting.cancel
    yield* blocking.cancel
    return yield* Effect.fromResult(ended)
  })
)

// ---- SpaceError

/** Against the stand-in of Hugging Face, on sockets of this machine. */
const onHub = <A, E, R>(use: Effect.Effect<A, E, R>) =>
  Effect.flatMap(socket(), ({ endpoint, huggingFace }) =>
    Effect.andThen(
      huggingFace.put({ id: "alice/taken", sdk: "static" }),
      Effect.provideService(
        use,
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({ env: { HF_ENDPOINT: endpoint } })
      )
    )
  )
const space = { tag: "SpaceError", reached: "nothing-sent", mayHaveRun: false, isTransient: false } as const
const toSpace = (name: string) => onHub(GradioClient.connect(name, { wait: "none" }))
const copied = (name: string, token: Redacted.Redacted<string>, to?: string) =>
  onHub(Space.duplicate(name, { token, to, wait: "none" }))
const alice = Redacted.make(tokens.alice)
row("connect: no such Space", { ...space, kind: "missing", says: "There is no Space" }, toSpace("gradio/nothing"))
row(
  "connect: a Space that is built, without waiting",
  { ...space, kind: "not-ready", isTransient: true, says: "does not run yet" },
  toSpace("gradio/new")
)
row("connect: a paused Space", { ...space, kind: "paused", says: "is paused" }, toSpace("gradio/paused"))
row(
  "connect: a Space that could not be built",
  { ...space, kind: "failed", says: "exit code: 1" },
  toSpace("gradio/broken")
)
row(
  "connect: a page that is no app",
  { ...space, kind: "not-gradio", says: "no Gradio app" },
  toSpace("gradio/website")
)
row(
  "duplicate: hardware that wants a payment method",
  { ...space, kind: "payment-required", says: "payment method" },
  copied("gradio/gpu", Redacted.make(tokens.bob))
)
row(
  "duplicate: in the name of somebody else",
  { ...space, kind: "not-allowed", says: "Give a token with write access" },
  copied("gradio/demo", alice, "gradio/mine")
)
row(
  "duplicate: the name is taken",
  { ...space, kind: "name-taken", says: "is taken by a Space of another kind" },
  copied("gradio/demo", alice, "alice/taken")
)

// ---- ZeroGpuQuotaError

row(
  "no GPU time left, as the spaces package says it",
  {
    tag: "ZeroGpuQuotaError",
    reached: "started",
    mayHaveRun: true,
    isTransient: true,
    retryAfter: "1h 2m 3s",
    says: "got no GPU time from Hugging Face: the quota is used up"
  },
  calling("/error", ["You have exceeded your ZeroGPU quota (60s requested vs. 42s left). Try again in 1:02:03. "])
)

// ---- AppError

const raised = { tag: "AppError", reached: "started", mayHaveRun: true, isTransient: false } as const
row("call: gr.Error", { ...raised, says: "bad thing" }, calling("/error", ["bad thing"]))
row("call: an exception that the app hides", { ...raised, says: "show_error=True" }, calling("/crash", ["x"]))
row("call: an exception after some output", { ...raised, says: "after some output" }, calling("/fails_midway", [1]))
row("direct call: gr.Error", { ...raised, says: "bad thing" }, calling("/direct_error", ["bad thing"]))

// ---- JobDisconnectedError

const lost = { tag: "JobDisconnectedError", reached: "started", mayHaveRun: true, isTransient: true } as const
row(
  "call: the stream is cut",
  { ...lost, kind: "closed", says: "closed before the result" },
  Effect.gen(function* () {
    const url = yield* proxy(
      app.url,
      () => false,
      (path) => (path.includes("/queue/data") ? 600 : undefined)
    )
    return yield* Effect.flatMap(GradioClient.connect(url), (client) => client.predict("/endless", ["cut"]))
  })
)
row(
  "call: another client drops the stream of the session",
  { ...lost, kind: "session-lost", says: "dropped the session" },
  Effect.gen(function* () {
    const hash = `taken-${Date.now()}`
    const client = yield* connected({ sessionHash: hash })
    const job = yield* running(client, "/endless", ["taken"])
    const thief = new AbortController()
    const stolen = yield* Effect.promise(() =>
      fetch(`${app.url}/gradio_api/queue/data?session_hash=${hash}`, { signal: thief.signal })
    )
    yield* Effect.promise(async () => stolen.body?.getReader().read())
    thief.abort()
    return yield* job.result
  })
)
row(
  "call: its connection is closed",
  { ...lost, kind: "client-closed", isTransient: false, says: "the client was closed" },
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const client = yield* Effect.provideService(connected(), Scope.Scope, scope)
    const job = yield* running(client, "/endless", ["closing"])
    const end = yield* Effect.forkScoped(job.result)
    yield* Scope.close(scope, Effect.runSyncExit(Effect.void))
    return yield* Fiber.join(end)
  })
)
row(
  "call: the server hangs (SIGSTOP)",
  { ...lost, kind: "silent", says: "nothing was heard" },
  Effect.gen(function* () {
    const client = yield* connected({ silence: "2 seconds" }, () => victim)
    const job = yield* running(client, "/endless", ["hangs"])
    victim.kill("SIGSTOP")
    const ended = yield* Effect.result(job.result)
    victim.kill("SIGCONT")
    return yield* Effect.fromResult(ended)
  })
)
row(
  "call: the server is stopped (SIGINT)",
  { ...lost, kind: "closed", says: "closed before the result" },
  Effect.gen(function* () {
    const client = yield* connected({}, () => victim)
    const job = yield* running(client, "/endless", ["stopped"])
    victim.kill("SIGINT")
    return yield* job.result
  })
)
row(
  "call: the app closes itself",
  { ...lost, kind: "server-stopped", says: "the server stopped" },
  Effect.gen(function* () {
    const client = yield* connected({}, () => closing)
    const job = yield* running(client, "/endless", [])
    yield* client.predict("/close")
    return yield* job.result
  })
)

// ---- JobCancelledError, JobOverflowError

const cancelled = { tag: "JobCancelledError", reached: "started", mayHaveRun: true, isTransient: false } as const
row(
  "call: cancelled here",
  { ...cancelled, kind: "client", says: "by this client" },
  Effect.gen(function* () {
    const job = yield* running(yield* connected(), "/endless", ["mine"])
    yield* job.cancel
    return yield* job.result
  })
)
row(
  "call: cancelled from elsewhere",
  { ...cancelled, kind: "server", says: "by the server" },
  Effect.gen(function* () {
    const hash = `elsewhere-${Date.now()}`
    const client = yield* connected({ sessionHash: hash })
    const job = yield* running(client, "/endless", ["elsewhere"])
    const id = yield* job.eventId
    yield* Effect.promise(() =>
      fetch(`${app.url}/gradio_api/cancel`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          event_id: id._tag === "Some" ? id.value : "",
          session_hash: hash,
          fn_index: client.api.named["/endless"]?.fnIndex
        })
      })
    )
    return yield* job.result
  })
)
row(
  "call: its reader is too slow for its buffer",
  { tag: "JobOverflowError", reached: "started", mayHaveRun: true, isTransient: false, says: "wait for readers" },
  Effect.gen(function* () {
    const job = yield* (yield* connected()).submit("/count", [500], { buffer: 10_000 })
    yield* job.status.pipe(Effect.repeat({ until: ({ phase }) => phase === "failed" || phase === "succeeded" }))
    return yield* job.result
  })
)

// ---- GradioFileError

const file = { tag: "GradioFileError", ...missing } as const
const bytes = (size: number) => GradioFile.fromBytes(new Uint8Array(size), { name: "zeros.bin" })
row(
  "file: no such path",
  { ...file, kind: "not-found", says: "does not exist" },
  GradioFile.fromPath(path.join(work, "nowhere.txt"))
)
row(
  "file: saved where there is no directory",
  { ...file, kind: "unwritable", says: "cannot be written under" },
  Effect.suspend(() => {
    const taken = path.join(work, "taken")
    fs.writeFileSync(taken, "")
    return GradioFile.save(bytes(1), path.join(taken, "below"))
  })
)
row("file: a directory", { ...file, kind: "unreadable", says: "is a directory" }, GradioFile.fromPath(work))
row(
  "file: it grew after it was looked at",
  { ...file, kind: "changed", says: "it had before" },
  Effect.gen(function* () {
    const name = path.join(work, "grows.txt")
    fs.writeFileSync(name, "short")
    const grown = yield* GradioFile.fromPath(name)
    fs.appendFileSync(name, " and more")
    return yield* calling("/file_info", [grown])
  })
)
row(
  "file: larger than the app accepts",
  { ...file, kind: "too-large", says: "100000 bytes that the app accepts" },
  Effect.suspend(() => calling("/file_info", [bytes(200_000)]))
)
row(
  "file: larger than the app accepts, size unknown before",
  { ...file, kind: "too-large", says: "100000 bytes that the app accepts" },
  calling("/file_info", [
    GradioFile.fromStream(Stream.forever(Stream.make(new Uint8Array(10_000))), { name: "endless.bin" })
  ])
)
row(
  "file: the stream of bytes fails",
  { ...file, kind: "unreadable", says: "its stream failed" },
  calling("/file_info", [GradioFile.fromStream(Stream.fail("my own failure"), { name: "broken.bin" })])
)
row(
  "file: the app refuses the upload",
  { ...file, kind: "refused", says: "was refused" },
  Effect.flatMap(
    refusing(400, {}, "no such files here", (path) => path.includes("/upload")),
    (url) => Effect.flatMap(GradioClient.connect(url), (client) => client.upload(bytes(10)))
  )
)
row(
  "file: a download that breaks off",
  { ...file, kind: "incomplete", isTransient: true, says: "broke off" },
  Effect.gen(function* () {
    const url = yield* proxy(
      app.url,
      () => false,
      (path) => (path.includes("/file=") ? 100_000 : undefined)
    )
    const client = yield* GradioClient.connect(url)
    const [big] = GradioFile.all(yield* client.predict("/big_file", [1]))
    return yield* big?.bytes ?? Effect.void
  })
)
row(
  "file: not served (any more)",
  { ...file, kind: "not-allowed", says: "not served" },
  Effect.gen(function* () {
    const client = yield* connected()
    const [output] = yield* client.predict("/file_of", ["x", "gone.txt"], { raw: true })
    const raw = typeof output === "object" && output !== null && "path" in output ? String(output.path) : ""
    fs.rmSync(raw)
    const [gone] = GradioFile.all(yield* client.predict("/file_of", ["x", "again.txt"]))
    const known = gone?.url?.href.replace(/file=.*/, `file=${raw}`) ?? ""
    // The address of the app's own file route is taken for its path, so the reference is what a stale output would be.
    return yield* client.predict("/file_info", [GradioFile.fromUrl(known)]).pipe(
      Effect.andThen(Effect.fail("a call with a missing file worked")),
      Effect.catchTag("AppError", () => Effect.flatMap(fetchGone(client, raw), (stale) => stale.bytes))
    )
  })
)
row(
  "file: of the web, read without a call",
  { ...file, kind: "not-allowed", says: "by the call" },
  GradioFile.fromUrl("https://files.example/a.txt").bytes
)

/** The output of a call whose file is not there any more. */
const fetchGone = (client: GradioClient.GradioClient, gone: string) =>
  Effect.gen(function* () {
    const output = yield* client.predict("/file_of", ["x", "later.txt"])
    const [first] = GradioFile.all(output)
    if (first === undefined) return yield* Effect.fail(`no file for ${gone}`)
    const name = decodeURIComponent(first.url?.href.replace(/.*file=/, "") ?? "")
    fs.rmSync(name)
    return first
  })

// ---- the table

/** Kinds that nothing raises, with the reason. */
const never: Readonly<Record<string, string>> = {}

const source = fs.readFileSync(path.resolve(import.meta.dirname, "../../src/GradioError.ts"), "utf8")
const declared = Array.from(source.matchAll(/^export class (\w+)/gm), ([, name = ""]) => name)
const kindsOf = (tag: string): ReadonlyArray<string> => {
  const begin = source.indexOf(`interface ${tag.replace(/Error$/, "")}Fields `)
  const body = begin < 0 ? "" : source.slice(begin, source.indexOf("\n}\n", begin))
  const union = /readonly (?:reason|by):([^\n]*(?:\n\s+\|[^\n]*)*)/.exec(body)?.[1] ?? ""
  return Array.from(union.matchAll(/"([\w-]+)"/g), ([, kind = ""]) => `${tag} ${kind}`)
}

const kindOf = (error: GradioError.GradioError): string =>
  "reason" in error ? error.reason : "by" in error ? error.by : ""

/** What no message may have. */
const blemishes: ReadonlyArray<readonly [string, RegExp]> = [
  ["two full stops", /\.\.(?!\.)/],
  ["a doubled word", /\b(\w+) \1\b/i],
  ["a value shown as code", /undefined|\[object |Duration\(|NaN/],
  ["a space before a stop", / [.,;:](\s|$)/],
  ["two spaces", / {2}/],
  ["an empty bracket", /\(\s*\)/]
]

interface Came {
  readonly cause: string
  readonly expected: Expected
  readonly error: GradioError.GradioError
  readonly took: number
}
const came: Array<Came> = []

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const live = Layer.merge(NodeHttpClient.layerUndici, NodeServices.layer)
const python = await (async () => {
  try {
    ;[app, guarded, victim, closing] = await Promise.all([
      startServer({ version: "6.31.0", args: ["--max-size", "1", "--max-file-size", "100000"] }),
      startServer({ version: "6.31.0", args: ["--auth", "user:pass"] }),
      startServer({ version: "6.31.0" }),
      startServer({ version: "6.31.0", app: path.join(import.meta.dirname, "closing.py") })
    ])
    return true
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error
    show(`\n!!!! THE TABLE OF FAILURES WAS NOT MADE, for want of a real Gradio server: ${String(error)}\n`)
    return false
  }
})()

describe.runIf(python)("the table of failures", () => {
  afterAll(async () => {
    await Promise.all([app, guarded, victim, closing].map((server) => server.stop()))
    fs.rmSync(work, { recursive: true, force: true })
  })

  for (const { cause, expected, raise } of causes) {
    it.live(
      `${expected.tag}: ${cause}`,
      () =>
        Effect.gen(function* () {
          const before = Date.now()
          const ended = yield* raise.pipe(
            Effect.scoped,
            Effect.provide(live),
            Effect.timeout("25 seconds"),
            Effect.result
          )
          const took = Date.now() - before
          if (Result.isSuccess(ended)) return assert.fail(`no failure, but ${JSON.stringify(ended.success)}`)
          const error = ended.failure
          if (!isGradioError(error)) return assert.fail(`not an error of this library: ${String(error)}`)
          came.push({ cause, expected, error, took })
          const retryAfter = error.retryAfter === undefined ? undefined : Duration.format(error.retryAfter)
          assert.deepStrictEqual(
            {
              tag: error._tag,
              kind: kindOf(error),
              reached: error.reached,
              mayHaveRun: error.mayHaveRun,
              isTransient: error.isTransient,
              retryAfter
            },
            {
              tag: expected.tag,
              kind: expected.kind ?? kindOf(error),
              reached: expected.reached,
              mayHaveRun: expected.mayHaveRun,
              isTransient: expected.isTransient,
              retryAfter: expected.retryAfter
            },
            error.message
          )
          const { message } = error
          assert.include(message, expected.says)
          assert.strictEqual(isSafeToRetry(error), error.isTransient && !error.mayHaveRun)
          // What the author of the app wrote is shown as it is.
          if (error._tag === "AppError" && !error.hidden) return
          for (const [what, pattern] of blemishes) assert.notMatch(message, pattern, `${what} in: ${message}`)
          assert.match(message, /^[A-Z/]/, `no sentence: ${message}`)
          assert.match(message, /[.?!…]$/, `no end: ${message}`)
          if (error._tag === "SpaceError") assert.include(message, error.space)
          else if (error.where.url !== "") {
            assert.include(message, new URL(error.where.url, "http://-").host.replace(/^-$/, "not an address"))
          }
          if (error.where.endpoint !== undefined && error._tag !== "EndpointNotFoundError") {
            assert.include(message, error.where.endpoint)
          }
        }),
      60_000
    )
  }

  it("leaves out no error of the union and no kind of one", () => {
    const seen = new Set(came.flatMap(({ error }) => [error._tag, `${error._tag} ${kindOf(error)}`]))
    assert.isAbove(declared.length, 10)
    const wanted = [...declared, ...declared.flatMap(kindsOf)]
    assert.deepStrictEqual(
      wanted.filter((name) => !seen.has(name) && never[name] === undefined),
      []
    )
    assert.deepStrictEqual(
      Object.keys(never).filter((name) => !wanted.includes(name) || seen.has(name)),
      []
    )
    show(`\n${came.length} causes, ${declared.length} errors of the union`)
    for (const { cause, error, took } of came) {
      const kind = kindOf(error)
      const flags = [
        error.reached,
        error.mayHaveRun ? "may have run" : "did not run",
        error.isTransient ? "transient" : "lasting",
        error.retryAfter === undefined ? undefined : `retry after ${Duration.format(error.retryAfter)}`
      ].filter((part) => part !== undefined)
      show(`${error._tag}${kind === "" ? "" : ` (${kind})`} | ${cause} | ${flags.join(", ")} | ${took} ms`)
      show(`    ${error.message.replaceAll("\n", "\\n")}`)
    }
    for (const [name, reason] of Object.entries(never)) show(`${name} | never raised: ${reason}`)
  })
})
