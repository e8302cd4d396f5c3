/**
 * The faults and the routes they are tried on, with what is expected of this library written beside each: the error or the right value, the longest
 * time in seconds, and the most memory in MiB above the idle process. `short` are the limits that nearly all cases run under, so that none takes the
 * minute that a default may take.
 */
import { gzipSync } from "node:zlib"

import {
  closeStream,
  completed,
  event,
  type Exchange,
  type Fault,
  generating,
  type Handler,
  head,
  type Lies,
  pause,
  raw,
  redirect,
  reply,
  type Route,
  serveRight,
  stream
} from "./server.ts"
import { type Action, type Options, secrets } from "./task.ts"

const MiB = 2 ** 20

export const short: Options = {
  answerTimeout: 1000,
  joinTimeout: 1000,
  directTimeout: 1000,
  silence: 1000,
  firstMessage: 1000,
  maxAnswerBytes: 2 * MiB,
  maxMessageBytes: 4 * MiB
}

export type Expected =
  | { readonly error: string; readonly fields?: Readonly<Record<string, unknown>> | undefined }
  | { readonly value: unknown }

export interface Case {
  readonly name: string
  readonly route: Route | "all"
  readonly action: Action
  readonly faults: ReadonlyArray<Fault>
  readonly lies: Lies
  readonly expected: Expected
  readonly seconds: number
  readonly mebibytes: number
  readonly options: Options
  readonly transport: "undici" | "fetch"
  readonly retry: boolean
  readonly again: boolean
  readonly patience: number | undefined
  readonly planted: boolean
  readonly brief: boolean
  /** An address instead of the server's. */
  readonly url: string | undefined
  /** A server that is merely slow or long-winded: waiting for it is no fault of a client. */
  readonly merelySlow: boolean
  /** Has a process of its own, where memory is measured that another case could have left. */
  readonly alone: boolean
}

const error = (tag: string, fields?: Readonly<Record<string, unknown>>): Expected => ({ error: tag, fields })
const value = (right: unknown): Expected => ({ value: right })

const unreachable = error("AppUnreachableError")
const answered = (status: number): Expected => error("AppResponseError", { status })
const strange = (problem: string): Expected => error("AppResponseError", { problem })
const unreadable = error("AppProtocolError")
const file = (reason: string): Expected => error("GradioFileError", { reason })
const lost = (reason: string): Expected => error("JobDisconnectedError", { reason })

const actions: Partial<Record<Route, Action>> = { run: "direct", upload: "upload", file: "download" }
/** What each kind of call gives where nothing is wrong. */
export const rights: Partial<Record<Action, unknown>> = {
  echo: [secrets.argument],
  direct: [secrets.argument],
  json: [secrets.argument],
  acts: [secrets.argument],
  upload: 1,
  download: ["hello"],
  save: ["hello.txt"],
  stream: [["a"], ["ab"]],
  leave: [["a"]]
}

export const cases: Array<Case> = []

type Extra = Partial<Omit<Case, "name" | "route" | "faults" | "expected">> & {
  readonly times?: number
  /** A second route that is broken too. */
  readonly also?: Fault
}

const add = (
  name: string,
  route: Case["route"],
  handle: Handler | undefined,
  expected: Expected,
  extra: Extra = {}
): void => {
  const { also, times, options, ...rest } = extra
  cases.push({
    name,
    route,
    action: route === "all" ? "echo" : (actions[route] ?? "echo"),
    faults: [
      ...(handle === undefined || route === "all"
        ? []
        : [{ route, handle, ...(times === undefined ? {} : { times }) }]),
      ...(also === undefined ? [] : [also])
    ],
    lies: {},
    expected,
    seconds: 4,
    mebibytes: 96,
    options: { ...short, ...options },
    transport: "undici",
    retry: false,
    again: false,
    patience: undefined,
    planted: false,
    brief: true,
    url: undefined,
    merelySlow: false,
    alone: false,
    ...rest
  })
}

/** The call is right all the same. */
const right = Symbol("right")
type Cell = Expected | typeof right

/** One fault on several routes. Where a call is broken, the next one on the same connection must be right. */
const on = (name: string, handle: Handler, cells: Partial<Record<Route, Cell>>, extra: Extra = {}): void => {
  for (const route of ["config", "page", "info", "join", "run", "upload", "file"] as const) {
    const cell = cells[route]
    if (cell === undefined) continue
    const isCall = route === "join" || route === "run" || route === "upload" || route === "file"
    const expected = cell === right ? value(rights[actions[route] ?? "echo"]) : cell
    add(
      name,
      route,
      handle,
      expected,
      isCall ? { again: true, ...(route === "join" ? { times: 1 } : {}), ...extra } : extra
    )
  }
}

/** All the routes alike, save `/info`, without which a call is right by position. */
const everywhere = (cell: Expected, fileCell: Cell | "none" = cell): Partial<Record<Route, Cell>> => ({
  config: cell,
  info: right,
  join: cell,
  run: cell,
  upload: cell,
  ...(fileCell === "none" ? {} : { file: fileCell })
})

const text = (exchange: Exchange): string => exchange.app.right(exchange)

// Connections.

add("connection refused", "all", undefined, unreachable, { url: "http://127.0.0.1:1" })
add("no http address", "all", undefined, unreachable, { url: "file:///etc/passwd" })

on(
  "reset before any answer",
  raw(async function* () {
    return "cut"
  }),
  everywhere(unreachable)
)
on(
  "reset within the headers",
  raw(async function* () {
    yield "HTTP/1.1 200 OK\r\ncontent-type: applica"
    await pause(30)
    return "cut"
  }),
  everywhere(unreachable)
)
on(
  "reset within the body",
  raw(async function* (exchange) {
    const body = text(exchange)
    yield head("200 OK", { "content-length": body.length }) + body.slice(0, body.length / 2)
    await pause(30)
    return "cut"
  }),
  everywhere(unreachable, file("incomplete"))
)
on(
  "never answers",
  raw(async function* () {
    return "hold"
  }),
  everywhere(unreachable)
)
on(
  "headers, then nothing",
  raw(async function* () {
    yield head("200 OK", { "content-length": 100 })
    return "hold"
  }),
  everywhere(unreachable)
)
on(
  "drips a byte at a time",
  raw(async function* (exchange) {
    const body = text(exchange).padEnd(200)
    yield head("200 OK", { "content-length": body.length })
    for (const character of body) {
      yield character
      await pause(250)
    }
    return "end"
  }),
  everywhere(unreachable)
)
on(
  "endless body",
  raw(async function* () {
    yield head("200 OK", { "transfer-encoding": "chunked" })
    const piece = " ".repeat(65536)
    while (true) yield `10000\r\n${piece}\r\n`
  }),
  everywhere(strange("bytes"), "none")
)
add(
  "endless file, all at once",
  "file",
  raw(async function* () {
    yield head("200 OK", { "transfer-encoding": "chunked" })
    const piece = " ".repeat(65536)
    while (true) yield `10000\r\n${piece}\r\n`
  }),
  file("too-large"),
  { seconds: 10, mebibytes: 480, alone: true, merelySlow: true }
)
on(
  "announces 10 GB",
  raw(async function* () {
    yield head("200 OK", { "content-length": 10_000_000_000 }) + "{"
    return "hold"
  }),
  everywhere(strange("bytes"), unreachable),
  { options: { answerTimeout: 3000, joinTimeout: 3000, directTimeout: 3000 }, seconds: 5 }
)
on(
  "body longer than its length",
  raw(async function* (exchange) {
    const body = text(exchange)
    yield head("200 OK", { "content-length": body.length }) + body + "GARBAGE\r\n\r\n{}"
    return "hold"
  }),
  { config: right, info: right, join: right, run: right, upload: right, file: right }
)
on(
  "body shorter than its length",
  raw(async function* (exchange) {
    const body = text(exchange)
    yield head("200 OK", { "content-length": body.length + 50 }) + body
    return "end"
  }),
  everywhere(unreachable, file("incomplete"))
)
on(
  "length and chunks at once",
  raw(async function* (exchange) {
    const body = text(exchange)
    yield (
      head("200 OK", { "content-length": 3, "transfer-encoding": "chunked" }) +
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    )
    return "end"
  }),
  everywhere(unreachable, "none")
)
on(
  "megabytes of headers",
  raw(async function* () {
    yield "HTTP/1.1 200 OK\r\n"
    for (let n = 0; n < 2000; n++) yield `x-${n}: ${"a".repeat(1000)}\r\n`
    yield "\r\n"
    return "hold"
  }),
  everywhere(unreachable)
)
on(
  "no HTTP at all",
  raw(async function* () {
    yield "SSH-2.0-OpenSSH_9.9\r\n"
    return "hold"
  }),
  everywhere(unreachable)
)
on(
  "HTTP/1.1 000",
  raw(async function* () {
    yield "HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n"
    return "end"
  }),
  { info: right }
)

// Bodies.

const bomb = gzipSync(Buffer.alloc(300 * MiB, 0x20), { level: 9 })
const bombs = reply(200, bomb, { "content-encoding": "gzip" })
on(
  "gzip bomb, left packed",
  bombs,
  { config: answered(200), info: right, join: unreadable, run: unreadable, upload: unreadable },
  { mebibytes: 64 }
)
on(
  "gzip bomb, unpacked by fetch",
  bombs,
  { config: strange("bytes"), info: right, join: strange("bytes"), run: strange("bytes"), upload: strange("bytes") },
  { transport: "fetch", mebibytes: 128, alone: true }
)
on("says plain text", (exchange) => reply(200, text(exchange), { "content-type": "text/plain" })(exchange), {
  config: right,
  info: right,
  join: right,
  run: right,
  upload: right
})
on(
  "a page of HTML with 200",
  reply(200, "<!doctype html><html><body>Please log in</body></html>", { "content-type": "text/html" }),
  { config: answered(200), info: right, join: unreadable, run: unreadable, upload: unreadable }
)
on("empty body", reply(200, ""), {
  config: answered(200),
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
on(
  "half of the JSON",
  (exchange) => {
    const body = text(exchange)
    return reply(200, body.slice(0, -4))(exchange)
  },
  { config: answered(200), info: right, join: unreadable, run: unreadable, upload: unreadable }
)
on("JSON of another shape", reply(200, `{"hello":"world"}`), {
  config: unreadable,
  info: right,
  join: unreadable,
  run: error("JobCancelledError"),
  upload: unreadable
})
on("null", reply(200, "null"), {
  config: unreadable,
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
on("an array", reply(200, "[1,2,3]"), {
  config: unreadable,
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
on("a string", reply(200, `"event0"`), {
  config: unreadable,
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
const deep = "[".repeat(100_000) + "]".repeat(100_000)
on("100,000 levels", reply(200, deep), {
  config: answered(200),
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
on("100,000 levels of objects", reply(200, `{"a":`.repeat(100_000) + "1" + "}".repeat(100_000)), {
  config: answered(200),
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable
})
add("30 MB of open brackets", "config", reply(200, "[".repeat(30 * MiB)), answered(200), {
  options: { ...short, answerTimeout: 10_000, maxAnswerBytes: 64 * MiB },
  mebibytes: 256,
  seconds: 12,
  alone: true
})
add("30 MB of open brackets", "run", reply(200, `{"data":[${"[".repeat(30 * MiB)}`), unreadable, {
  options: { ...short, directTimeout: 10_000, maxMessageBytes: 64 * MiB },
  mebibytes: 256,
  seconds: 6,
  alone: true
})
on(
  "invalid UTF-8",
  (exchange) => {
    const body = Buffer.from(text(exchange).replace('"data":[', '"data":["\u0001",'))
    const at = body.indexOf(1)
    if (at !== -1) body[at] = 0xff
    return reply(200, body)(exchange)
  },
  { config: right, info: right, join: right, upload: right }
)
on("a byte order mark before the JSON", (exchange) => reply(200, "\ufeff" + text(exchange))(exchange), {
  config: right,
  info: right,
  join: right,
  run: right,
  upload: right
})
on("204", reply(204), {
  config: answered(204),
  info: right,
  join: unreadable,
  run: unreadable,
  upload: unreadable,
  file: answered(204)
})
add("numbers beyond all", "config", undefined, value([secrets.argument]), {
  lies: { config: (config) => ({ ...config, app_id: 1e308, max_file_size: 1e308 }) }
})
add("numbers beyond all", "run", reply(200, `{"data":[1e999,-1e999]}`), value([Infinity, -Infinity]), {
  action: "direct",
  brief: false
})
add("an event id that is no text", "join", reply(200, `{"event_id":1e999}`), unreadable, { again: true, times: 1 })
add(
  "two answers for one question",
  "run",
  (exchange) => {
    const body = text(exchange)
    exchange.req.socket.write(
      `${head("200 OK", { "content-length": body.length })}${body}${head("200 OK", { "content-length": 2 })}{}`
    )
  },
  value([secrets.argument]),
  { again: true }
)
add(
  "a hundred 1xx answers first",
  "run",
  raw(async function* (exchange) {
    const body = text(exchange)
    for (let n = 0; n < 100; n++) yield "HTTP/1.1 102 Processing\r\n\r\n"
    yield head("200 OK", { "content-length": body.length }) + body
    return "end"
  }),
  value([secrets.argument]),
  { again: true }
)

// Statuses.

for (const status of [301, 302, 303, 307, 308]) {
  const away = redirect(status, ({ app, url }) => `${app.foreign?.base}${url.pathname}${url.search}`)
  on(`${status} to another origin`, away, {
    config: strange("redirect"),
    info: right,
    join: answered(status),
    run: answered(status),
    upload: answered(status),
    file: right
  })
}
on(
  "307 to another port of the same host",
  redirect(307, ({ app, url }) => app.foreignSameHost + url.pathname + url.search),
  {
    config: strange("redirect"),
    info: right,
    join: answered(307),
    run: answered(307),
    upload: answered(307),
    file: right
  }
)
on(
  "307 to itself for ever",
  redirect(307, ({ url }) => url.pathname + url.search),
  everywhere(strange("redirects")),
  { times: Infinity, again: false }
)
on(
  "302 to file:",
  redirect(302, () => "file:///etc/passwd"),
  everywhere(strange("redirect"))
)
on(
  "302 to javascript:",
  redirect(302, () => "javascript:alert(1)"),
  everywhere(strange("redirect"))
)
on("307 without an address", reply(307), everywhere(strange("Location")))
on(
  "307 to no address",
  redirect(307, () => "http://["),
  everywhere(strange("Location"))
)
on(
  "307 to https of another port",
  redirect(307, ({ app, url }) => app.foreignSameHost.replace("http:", "https:") + url.pathname),
  {
    config: unreachable,
    info: right,
    join: answered(307),
    run: answered(307),
    upload: answered(307),
    file: unreachable
  }
)
on(
  "307 with credentials in the address",
  redirect(307, ({ app, url }) => `http://user:pass@${app.foreign?.base.slice(7)}${url.pathname}`),
  { config: strange("redirect"), info: right, join: answered(307), run: answered(307), file: right }
)
on("401", reply(401, `{"detail":{"error":"Not authenticated","auth_message":"please"}}`), {
  config: error("AuthenticationError"),
  info: error("AuthenticationError"),
  join: error("AuthenticationError"),
  run: error("AuthenticationError"),
  upload: error("AuthenticationError"),
  file: error("AuthenticationError")
})
on("403", reply(403, `{"detail":"Forbidden"}`), {
  config: answered(403),
  info: right,
  join: answered(403),
  run: answered(403),
  upload: file("refused"),
  file: file("not-allowed")
})
on("404", reply(404, `{"detail":"Not Found"}`), { ...everywhere(answered(404)), file: file("not-found") })
on("413", reply(413, "File size exceeded"), { join: answered(413), run: answered(413), upload: file("too-large") })
on("422", reply(422, `{"detail":[{"type":"missing","loc":["body","data"],"msg":"Field required"}]}`), {
  join: answered(422),
  run: answered(422),
  upload: file("refused")
})
on(
  "422 of a validator",
  reply(422, `{"detail":[{"__type__":"validate","is_valid":false,"message":"too short","parameter_name":"x"}]}`),
  { join: error("AppValidationError"), run: answered(422) }
)
on("422 with a detail 100,000 levels deep", reply(422, `{"detail":${deep}}`), {
  join: answered(422),
  run: answered(422)
})
on(
  "429 in 7 seconds",
  reply(429, "slow", { "retry-after": "7" }),
  everywhere(error("AppRateLimitError", { retryAfter: 7 }))
)
on(
  "429 in thirty years",
  reply(429, "slow", { "retry-after": "999999999" }),
  {
    config: error("AppRateLimitError"),
    info: right,
    join: error("AppRateLimitError"),
    file: error("AppRateLimitError")
  },
  { retry: true, seconds: 6 }
)
on(
  "429 with a date",
  reply(429, "slow", { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" }),
  everywhere(error("AppRateLimitError"))
)
on("429 with nonsense", reply(429, "slow", { "retry-after": "-1e9, 5; soon" }), everywhere(error("AppRateLimitError")))
on(
  "500 as text, then the connection closes",
  (exchange) => {
    reply(500, "Internal Server Error", { "content-type": "text/plain", connection: "close" })(exchange)
  },
  everywhere(answered(500))
)
for (const status of [502, 503, 504]) {
  on(
    `${status} with HTML`,
    reply(status, "<html>Bad Gateway</html>", { "content-type": "text/html" }),
    everywhere(answered(status))
  )
}
add(
  "503 of a full queue",
  "join",
  reply(503, `{"detail":"Queue is full. Max size is 1 and size is 1."}`),
  error("QueueFullError"),
  {
    again: true,
    times: 1
  }
)
add("500 of a function, 100,000 levels deep", "run", reply(500, `{"error":${deep}}`), answered(500), { again: true })
add(
  "status 600",
  "join",
  raw(async function* () {
    yield "HTTP/1.1 600 What\r\ncontent-length: 0\r\n\r\n"
    return "end"
  }),
  answered(600),
  { again: true, times: 1 }
)

// The page, where there is no configuration.

const page = (body: (exchange: Exchange) => string): Lies & { readonly handle: Handler } => ({
  handle: (exchange) => reply(200, body(exchange), { "content-type": "text/html" })(exchange)
})
const withoutConfig = { config: () => undefined }
const list = (u: unknown): ReadonlyArray<unknown> => (Array.isArray(u) ? u : [])
for (const [name, body, cell] of [
  [
    "embedded configuration",
    (x: Exchange) => `<script>window.gradio_config = ${JSON.stringify(x.app.honestConfig())};</script>`,
    value(rights.echo)
  ],
  ["embedded null", () => "<script>window.gradio_config = null;</script>", answered(404)],
  [
    "embedded configuration that never closes",
    () => "<script>window.gradio_config = {".padEnd(MiB, "{"),
    answered(404)
  ],
  ["a hundred thousand beginnings", () => "window.gradio_config = {x".repeat(80_000), answered(404)],
  [
    "a login",
    () => `<script>window.gradio_config = {"auth_required":true,"auth_message":"who?"};</script>`,
    error("AuthenticationError")
  ],
  ["a configuration 100,000 levels deep", () => `window.gradio_config = {"a":${deep}};`, answered(404)]
] as const) {
  add(`page: ${name}`, "page", page(body).handle, cell, { lies: withoutConfig, seconds: 5 })
}

// What a configuration may say.

const config = (name: string, lie: NonNullable<Lies["config"]>, expected: Expected, extra: Extra = {}): void =>
  add(`config: ${name}`, "config", undefined, expected, { lies: { config: lie }, ...extra })

const prototypeKeys = `"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}`
config(
  "__proto__ and constructor as keys",
  (c) => JSON.parse(`{${prototypeKeys},${JSON.stringify(c).slice(1)}`),
  value(rights.echo)
)
config(
  "props with __proto__",
  (c) => ({ ...c, components: [JSON.parse(`{"id":1,"type":"textbox","props":{${prototypeKeys}}}`)] }),
  value(rights.echo)
)
config(
  "an endpoint named __proto__",
  (c) => ({
    ...c,
    dependencies: [
      ...list(c["dependencies"]),
      { id: 9, api_name: "__proto__", inputs: [1], outputs: [1] },
      { id: 10, api_name: "constructor", inputs: [], outputs: [] }
    ]
  }),
  value(rights.echo)
)
config(
  "every name twice",
  (c) => ({ ...c, dependencies: [...list(c["dependencies"]), ...list(c["dependencies"])] }),
  value(rights.echo)
)
config(
  "every component twice",
  (c) => ({ ...c, components: [...list(c["components"]), ...list(c["components"])] }),
  value(rights.echo)
)
config("no components", (c) => ({ ...c, components: [] }), value(rights.echo))
config("no functions", (c) => ({ ...c, dependencies: [] }), error("EndpointNotFoundError"))
config("components that are no list", (c) => ({ ...c, components: { length: 1e9 } }), unreadable)
config("a version that is no text", (c) => ({ ...c, version: 6 }), unreadable)
config("a version of 100,000 digits", (c) => ({ ...c, version: "9".repeat(100_000) }), value(rights.echo))
config("an unknown protocol", (c) => ({ ...c, protocol: "carrier-pigeon" }), unreadable)
config("props 100,000 levels deep", (c) => `{"css":${deep},${JSON.stringify(c).slice(1)}`, answered(200))
config(
  "a million components",
  (c) => ({
    ...c,
    components: [...list(c["components"]), ...Array.from({ length: 1_000_000 }, (_, n) => ({ id: n + 100, type: "x" }))]
  }),
  value(rights.echo),
  {
    options: { ...short, answerTimeout: 20_000, maxAnswerBytes: 64 * MiB },
    seconds: 20,
    mebibytes: 1200,
    alone: true,
    merelySlow: true
  }
)
config(
  "100,000 functions",
  (c) => ({
    ...c,
    dependencies: [
      ...list(c["dependencies"]),
      ...Array.from({ length: 100_000 }, (_, n) => ({ id: n + 100, api_name: `f${n}`, inputs: [1], outputs: [1] }))
    ]
  }),
  value(rights.echo),
  {
    options: { ...short, answerTimeout: 20_000, maxAnswerBytes: 64 * MiB },
    seconds: 20,
    mebibytes: 800,
    alone: true,
    merelySlow: true
  }
)
config(
  "a function of 100,000 inputs",
  (c) => ({
    ...c,
    dependencies: [{ id: 0, api_name: "echo", inputs: Array.from({ length: 100_000 }, () => 1), outputs: [1] }]
  }),
  error("EndpointInputError"),
  { seconds: 8, mebibytes: 400, alone: true }
)
config(
  "outputs that are no component",
  (c) => ({ ...c, dependencies: [{ id: 0, api_name: "echo", inputs: [1], outputs: [-1e308] }] }),
  value(rights.echo)
)
for (const [prefix, expected] of [
  ["//evil.test", answered(404)],
  ["https://evil.test", answered(404)],
  ["/../..", value(rights.echo)],
  ["@evil.test", answered(404)],
  ["\\\\evil.test", answered(404)],
  ["?x=", unreadable],
  ["#x", unreadable],
  ["/api\r\nhost: evil.test", answered(404)]
] as const) {
  config(`api_prefix ${JSON.stringify(prefix)}`, (c) => ({ ...c, api_prefix: prefix }), expected)
}
for (const [name, root] of [
  ["another origin", undefined],
  ["javascript:", "javascript:alert(1)"],
  ["a protocol-relative address", "//evil.test"]
] as const) {
  config(`root: ${name}`, (c, app) => ({ ...c, root: root ?? app.foreign?.base }), value(rights.echo))
}
config("max_file_size of nothing", (c) => ({ ...c, max_file_size: 0 }), file("too-large"), { action: "upload" })
config("max_file_size below nothing", (c) => ({ ...c, max_file_size: -1 }), file("too-large"), { action: "upload" })

// What /info may say.

const info = (
  name: string,
  lie: NonNullable<Lies["info"]>,
  expected: Expected = value(rights.echo),
  extra: Extra = {}
): void => add(`info: ${name}`, "info", undefined, expected, { lies: { info: lie }, ...extra })
info("__proto__ and constructor as endpoints", (i) =>
  JSON.parse(`{"named_endpoints":{${prototypeKeys}},"unnamed_endpoints":{${prototypeKeys}},"x":${JSON.stringify(i)}}`)
)
info("__proto__ as a parameter", () => ({
  named_endpoints: { "/echo": { parameters: [{ parameter_name: "__proto__" }], returns: [] } }
}))
info("parameters for more inputs than there are", () => ({
  named_endpoints: { "/echo": { parameters: Array.from({ length: 10_000 }, () => ({})), returns: [] } }
}))
info("a default with __proto__", () =>
  JSON.parse(
    `{"named_endpoints":{"/echo":{"parameters":[{"parameter_name":"x","parameter_has_default":true,"parameter_default":{${prototypeKeys}}}]}}}`
  )
)
info(
  "a default 100,000 levels deep",
  () => `{"named_endpoints":{"/echo":{"parameters":[{"parameter_name":"x","parameter_default":${deep}}]}}}`
)
info(
  "100,000 endpoints that are not there",
  () => ({
    named_endpoints: Object.fromEntries(
      Array.from({ length: 100_000 }, (_, n) => [`/f${n}`, { parameters: [], returns: [] }])
    )
  }),
  value(rights.echo),
  {
    options: { ...short, answerTimeout: 20_000, maxAnswerBytes: 64 * MiB },
    seconds: 15,
    mebibytes: 600,
    alone: true,
    merelySlow: true
  }
)

// The event stream. Broken once, so that the next call on the same connection must be right.

type Make = Parameters<typeof stream>[0]

const events = (name: string, make: Make, expected: Expected, extra: Extra = {}): void =>
  add(`stream: ${name}`, "events", stream(make), expected, { times: 1, again: true, ...extra })

const starts = (id: string): string => event({ msg: "process_starts", event_id: id, eta: null })
const beat = event({ msg: "heartbeat" })
const done = (id: string, { app }: Exchange): string => completed(id, app.lastData) + closeStream

/** Right messages around what is wrong. */
const around = (wrong: (id: string) => string | Uint8Array): Make =>
  async function* (id, exchange) {
    yield starts(id)
    yield wrong(id)
    yield done(id, exchange)
    return "end"
  }

add(
  "stream: reset before its headers, once",
  "events",
  raw(async function* () {
    return "cut"
  }),
  value(rights.echo),
  { times: 1, again: true }
)
add(
  "stream: reset before its headers, always",
  "events",
  raw(async function* () {
    return "cut"
  }),
  unreachable
)
add(
  "stream: never answers",
  "events",
  raw(async function* () {
    return "hold"
  }),
  lost("silent"),
  { times: 1, again: true, seconds: 5 }
)
add(
  "stream: a page of HTML",
  "events",
  reply(200, "<html>Please log in</html>", { "content-type": "text/html" }),
  lost("session-lost")
)
add("stream: 401", "events", reply(401, "{}"), error("AuthenticationError"))
add("stream: 404", "events", reply(404, "{}"), answered(404))
add("stream: 429", "events", reply(429, "", { "retry-after": "9" }), error("AppRateLimitError", { retryAfter: 9 }))
add("stream: 500", "events", reply(500, "Internal Server Error"), answered(500))
add("stream: 204", "events", reply(204), answered(204))
add(
  "stream: 307 to another origin",
  "events",
  redirect(307, ({ app, url }) => `${app.foreign?.base}${url.pathname}${url.search}`),
  lost("session-lost")
)
add(
  "stream: 307 to itself for ever",
  "events",
  redirect(307, ({ url }) => url.pathname + url.search),
  strange("redirects")
)
add(
  "stream: 500 with an endless body",
  "events",
  raw(async function* () {
    yield head("500 Internal Server Error", { "transfer-encoding": "chunked" })
    while (true) yield `10000\r\n${" ".repeat(65536)}\r\n`
  }),
  strange("bytes")
)
events(
  "cut within an event",
  async function* (id) {
    yield starts(id)
    yield `data: {"msg":"process_comp`
    await pause(30)
    return "cut"
  },
  lost("closed")
)
events(
  "ends within an event",
  async function* (id) {
    yield starts(id)
    yield completed(id, ["not whole"]).slice(0, -1)
    return "end"
  },
  lost("session-lost")
)
events(
  "cut within a character",
  async function* (id) {
    yield starts(id)
    yield Buffer.from(completed(id, ["\u00e9"])).subarray(0, 70)
    await pause(30)
    return "cut"
  },
  lost("closed")
)
events(
  "close_stream at once",
  async function* () {
    yield closeStream
    return "end"
  },
  lost("session-lost")
)
events(
  "close_stream before the completion",
  async function* (id, exchange) {
    yield starts(id) + closeStream + completed(id, exchange.app.lastData)
    return "end"
  },
  lost("session-lost")
)
events(
  "ends without a completion",
  async function* (id) {
    yield starts(id)
    return "end"
  },
  lost("session-lost")
)
events(
  "nothing, and ends",
  async function* () {
    return "end"
  },
  lost("session-lost")
)
events(
  "messages of unknown kinds",
  around((id) => event({ msg: "confetti", event_id: id, amount: 1e9 }) + event({ msg: "", event_id: id })),
  value(rights.echo)
)
events(
  "a message that is a list",
  around(() => event([1, 2])),
  unreadable
)
events(
  "a message that is null",
  around(() => event(null)),
  unreadable
)
events(
  "a message that is no JSON",
  around(() => "data: NaN, really\n\n"),
  unreadable
)
events(
  "a message whose kind is a number",
  around((id) => event({ msg: 7, event_id: id })),
  unreadable
)
events(
  "a message whose event id is a number",
  around(() => event({ msg: "log", event_id: 7 })),
  unreadable
)
events(
  "msg: __proto__",
  around((id) => event({ msg: "__proto__", event_id: id })),
  value(rights.echo)
)
events(
  "keys __proto__ and constructor",
  around((id) => `data: {"msg":"log","event_id":"${id}","log":"x","level":"info",${prototypeKeys}}\n\n`),
  value(rights.echo)
)
events(
  "a completion of the wrong shape",
  around((id) => event({ msg: "process_completed", event_id: id, output: 7, success: "yes" })),
  unreadable
)
events(
  "a completion without output",
  around((id) => event({ msg: "process_completed", event_id: id, success: true })),
  unreadable
)
events(
  "a completion whose data is no list",
  around((id) => event({ msg: "process_completed", event_id: id, output: { data: "abc" }, success: true })),
  unreadable
)
events(
  "a completion without data",
  around((id) => event({ msg: "process_completed", event_id: id, output: {}, success: true })),
  error("JobCancelledError")
)
events(
  "an output that generates no list",
  around((id) => event({ msg: "process_generating", event_id: id, output: { data: { 0: "x" } }, success: true })),
  unreadable
)
events(
  "messages of wrong event ids only",
  async function* () {
    yield completed("nobody's", ["wrong"])
    return "hold"
  },
  lost("silent")
)
events(
  "messages of other jobs between",
  around((id) => starts("x") + completed("x", ["wrong"]) + completed(`${id}0`, ["wrong"]) + completed("", ["wrong"])),
  value(rights.echo)
)
events(
  "two completions",
  async function* (id, exchange) {
    yield completed(id, exchange.app.lastData) + completed(id, ["wrong"]) + closeStream
    return "end"
  },
  value(rights.echo)
)
events(
  "messages after the completion",
  async function* (id, exchange) {
    yield (
      completed(id, exchange.app.lastData) +
      generating(id, ["wrong"]) +
      starts(id) +
      event({ msg: "unexpected_error", event_id: id, message: "x", success: false }) +
      closeStream
    )
    return "end"
  },
  value(rights.echo)
)
events(
  "completion before start",
  async function* (id, exchange) {
    yield completed(id, exchange.app.lastData) + starts(id) + closeStream
    return "end"
  },
  value(rights.echo)
)
events(
  "an unexpected error",
  around(() => event({ msg: "unexpected_error", event_id: null, message: "boom", success: false })),
  lost("closed")
)
events(
  "a forgotten session",
  async function* () {
    yield event({ msg: "unexpected_error", message: "404: Not Found", session_not_found: true, success: false })
    return "cut"
  },
  lost("session-lost")
)
events(
  "a stopped server",
  around(() => event({ msg: "unexpected_error", message: "Server stopped unexpectedly.", success: false })),
  lost("server-stopped")
)
events(
  "an error without a text",
  around((id) => event({ msg: "process_completed", event_id: id, output: { error: null }, success: false })),
  error("AppError", { hidden: undefined })
)
events(
  "an error that is a tree",
  around((id) => event({ msg: "process_completed", event_id: id, output: { error: { a: [1] } }, success: false })),
  error("AppError")
)
events(
  "an error with numbers beyond all",
  around(
    (id) =>
      `data: {"msg":"process_completed","event_id":"${id}","output":{"error":"x","duration":1e999},"success":false}\n\n`
  ),
  error("AppError", { text: "x" })
)
events(
  "estimations beyond all",
  around(
    (id) =>
      `data: {"msg":"estimation","event_id":"${id}","rank":-1e999,"queue_size":1e999,"rank_eta":1e308}\n\ndata: {"msg":"process_starts","event_id":"${id}","eta":-1e999}\n\n`
  ),
  value(["Started", "Queued", "Started", "Output", "Completed"]),
  { action: "events" }
)
events(
  "progress beyond all",
  around(
    (id) =>
      `data: {"msg":"progress","event_id":"${id}","progress_data":[{"index":1e999,"length":-0,"progress":1e999}]}\n\n`
  ),
  value(rights.echo)
)
events(
  "a log 100,000 levels deep",
  around((id) => `data: {"msg":"log","event_id":"${id}","level":"info","log":${deep}}\n\n`),
  unreadable
)
events(
  "an error 100,000 levels deep",
  around((id) => `data: {"msg":"process_completed","event_id":"${id}","success":false,"output":{"error":${deep}}}\n\n`),
  unreadable
)
events(
  "an output 100,000 levels deep",
  around((id) => `data: {"msg":"process_completed","event_id":"${id}","success":true,"output":{"data":[${deep}]}}\n\n`),
  unreadable
)
events(
  "JSON 100,000 levels deep, twice",
  around(
    (id) =>
      `data: {"msg":"process_generating","event_id":"${id}","success":true,"output":{"data":[${deep}]}}\n\ndata: {"msg":"process_completed","event_id":"${id}","success":true,"output":{"data":[${deep}]}}\n\n`
  ),
  unreadable,
  { action: "json" }
)
events(
  "a message 100,000 levels deep",
  around(() => `data: ${deep}\n\n`),
  unreadable
)
events(
  "a render 100,000 levels deep",
  around(
    (id) =>
      `data: {"msg":"process_generating","event_id":"${id}","success":true,"output":{"data":["x"],"render_config":{"render_id":1,"components":[],"dependencies":[{"x":${deep}}]}}}\n\n`
  ),
  unreadable
)
events(
  "a render that takes the place of everything",
  around((id) =>
    event({
      msg: "process_generating",
      event_id: id,
      success: true,
      output: {
        data: ["x"],
        render_config: {
          render_id: 1,
          components: [],
          dependencies: [{ id: 0, api_name: "echo", inputs: [], outputs: [], rendered_in: 1 }]
        }
      }
    })
  ),
  value(rights.echo)
)
const output = (id: string, data: string): string =>
  `data: {"msg":"process_generating","event_id":"${id}","success":true,"output":{"data":${data}}}\n\n`
for (const [name, edits] of [
  ["an append where no text is", `["append",[],"b"]`],
  ["a path that is not there", `["replace",["x","y"],1]`],
  ["a path through __proto__", `["add",["__proto__","polluted"],true]`],
  ["a path through constructor.prototype", `["add",["constructor","prototype","polluted"],true]`],
  ["a huge index", `["add",["l",4294967294],1]`],
  ["an index below nothing", `["replace",["l",-1],1]`],
  ["an index that is __proto__", `["add",["l","__proto__","polluted"],true]`],
  ["the length of a list", `["replace",["l","length"],1000000000]`],
  ["more deletes than items", `["delete",["l",0],null],["delete",["l",0],null]`],
  ["an unknown operation", `["explode",[],1]`],
  ["no edit", `7`],
  ["a path of 100,000 keys", `["replace",${JSON.stringify(Array.from({ length: 100_000 }, () => "l"))},1]`],
  ["a value 100,000 levels deep", `["replace",["l"],${deep}]`]
] as const) {
  events(
    `edits: ${name}`,
    around((id) => output(id, `[{"l":[1]}]`) + output(id, `[[${edits}]]`)),
    unreadable,
    { action: "json" }
  )
}
events(
  "edits: a list instead of edits",
  around((id) => output(id, `["a"]`) + output(id, `["ab"]`)),
  unreadable,
  { action: "stream" }
)
events(
  "edits: a key named __proto__",
  around((id) => output(id, `[{"l":[1]}]`) + output(id, `[[["add",["__proto__"],{"polluted":true}]]]`)),
  value(rights.json),
  { action: "json" }
)
events(
  "edits: text that doubles 100 times",
  around(
    (id) =>
      output(id, `["${"x".repeat(1000)}"]`) +
      output(id, `[[${Array.from({ length: 3000 }, () => `["append",[],"${"y".repeat(1000)}"]`).join(",")}]]`)
  ),
  value(rights.echo),
  { seconds: 5 }
)
events(
  "updates with __proto__",
  around((id) => output(id, `[{"__type__":"update","value":"u",${prototypeKeys}}]`)),
  value([["u"], [secrets.argument]]),
  { action: "stream" }
)
events(
  "heartbeats only, for ever",
  async function* () {
    while (true) {
      yield beat
      await pause(100)
    }
  },
  lost("silent"),
  // The stream lives, and a session has one: a call that follows at once shares it, and hears as little.
  { again: false }
)
events(
  "silence",
  async function* () {
    return "hold"
  },
  lost("silent")
)
events(
  "silence after the start",
  async function* (id) {
    yield starts(id)
    return "hold"
  },
  lost("silent")
)
events(
  "a flood of comments",
  async function* () {
    const piece = ": still here\n".repeat(5000)
    while (true) yield piece
  },
  lost("silent"),
  { mebibytes: 128 }
)
events(
  "an event that drips for ever",
  async function* (id) {
    yield starts(id)
    yield "data: "
    while (true) {
      yield "x"
      await pause(100)
    }
  },
  lost("silent")
)
events(
  "an endless line",
  async function* (id) {
    const piece = "x".repeat(65536)
    yield starts(id) + "data: "
    while (true) yield piece
  },
  unreadable,
  { mebibytes: 160 }
)
events(
  "endless lines of one event",
  async function* (id) {
    yield starts(id)
    const piece = "data: x\n".repeat(8192)
    while (true) yield piece
  },
  unreadable,
  { mebibytes: 240, options: { silence: 10_000, firstMessage: 10_000 }, seconds: 8 }
)
events(
  "an event over the limit",
  async function* (id) {
    yield starts(id)
    yield completed(id, ["x".repeat(5 * MiB)])
    return "hold"
  },
  unreadable
)
events(
  "an event of 100 MB, which is legal",
  async function* (id) {
    yield starts(id)
    yield `data: {"msg":"process_completed","event_id":"${id}","success":true,"output":{"data":["`
    const piece = "x".repeat(MiB)
    for (let n = 0; n < 100; n++) yield piece
    yield `"]}}\n\n${closeStream}`
    return "end"
  },
  value(["104857600 characters"]),
  { options: { maxMessageBytes: 256 * MiB, silence: 20_000 }, seconds: 8, mebibytes: 700, alone: true }
)
events(
  "20 MB in pieces of 100 bytes",
  async function* (id) {
    yield `data: {"msg":"process_completed","event_id":"${id}","success":true,"output":{"data":["`
    const piece = "x".repeat(100)
    for (let n = 0; n < 2000; n++) {
      let some = ""
      for (let m = 0; m < 100; m++) some += piece
      yield some
    }
    yield `"]}}\n\n${closeStream}`
    return "end"
  },
  value(["20000000 characters"]),
  { options: { maxMessageBytes: 64 * MiB, silence: 20_000 }, seconds: 8, mebibytes: 300, alone: true, merelySlow: true }
)
events(
  "30 MB of open brackets in one event",
  async function* () {
    yield "data: "
    const piece = "[".repeat(MiB)
    for (let n = 0; n < 30; n++) yield piece
    yield "\n\n"
    return "end"
  },
  unreadable,
  { options: { maxMessageBytes: 64 * MiB, silence: 10_000 }, seconds: 8, mebibytes: 300, alone: true }
)
events(
  "a million tiny messages",
  async function* (id, exchange) {
    const piece = event({ msg: "progress", event_id: id, progress_data: [] }).repeat(1000)
    for (let n = 0; n < 1000; n++) yield piece
    yield done(id, exchange)
    return "end"
  },
  value(rights.echo),
  { options: { firstMessage: 20_000, silence: 20_000 }, seconds: 25, mebibytes: 256, alone: true, merelySlow: true }
)
events(
  "a million messages of unknown jobs",
  async function* (id, exchange) {
    yield starts(id)
    for (let n = 0; n < 1000; n++) {
      let piece = ""
      for (let m = 0; m < 1000; m++) piece += `data: {"msg":"process_starts","event_id":"g${n * 1000 + m}"}\n\n`
      yield piece
    }
    yield done(id, exchange)
    return "end"
  },
  value(rights.echo),
  { options: { firstMessage: 20_000, silence: 20_000 }, seconds: 25, mebibytes: 256, alone: true, merelySlow: true }
)
add(
  "stream: a flood for a job nobody joined, while a join is under way",
  "events",
  stream(async function* (id) {
    yield starts(id)
    const piece = event({ msg: "log", event_id: "ghost", log: "x".repeat(60_000), level: "info" })
    while (true) yield piece
  }),
  error("Patience"),
  {
    action: "two",
    patience: 4000,
    seconds: 12,
    mebibytes: 480,
    alone: true,
    merelySlow: true,
    options: { ...short, joinTimeout: 60_000, silence: 20_000, firstMessage: 20_000 },
    also: { route: "join", handle: (exchange) => (exchange.before === 0 ? serveRight(exchange) : undefined) }
  }
)
events(
  "endless logs",
  async function* (id) {
    const piece = event({ msg: "log", event_id: id, log: "again", level: "info" }).repeat(100)
    while (true) yield piece
  },
  error("Patience"),
  { patience: 2000, seconds: 5, mebibytes: 200, alone: true, merelySlow: true, again: false }
)
events(
  "endless outputs",
  async function* (id) {
    const piece = generating(id, ["a"]) + output(id, `[[["replace",[],"b"]]]`).repeat(100)
    yield piece
    const more = output(id, `[[["replace",[],"b"]]]`).repeat(100)
    while (true) yield more
  },
  error("Patience"),
  { patience: 2000, seconds: 5, mebibytes: 200, alone: true, merelySlow: true, again: false }
)
events(
  "lines that ask to come back",
  around(() => "retry: 0\nretry: 99999999999999999999\nid: \u0000\nevent: close\n"),
  value(rights.echo)
)
events(
  "carriage returns, a byte order mark and data in lines",
  async function* (id, exchange) {
    const lines = JSON.stringify(
      { msg: "process_completed", event_id: id, output: { data: exchange.app.lastData }, success: true },
      null,
      1
    )
    yield (
      "\ufeff: hello\r" +
      lines
        .split("\n")
        .map((line) => `data: ${line}\r`)
        .join("") +
      "\r"
    )
    yield closeStream
    return "end"
  },
  value(rights.echo)
)
events(
  "a quoted error of three million backslashes",
  around((id) =>
    event({ msg: "process_completed", event_id: id, output: { error: `'${"\\".repeat(1_400_001)}'` }, success: false })
  ),
  error("AppError"),
  {
    lies: { config: (c) => ({ ...c, version: "5.1.0" }) },
    seconds: 5,
    mebibytes: 200
  }
)
events(
  "100,000 files in one output",
  around((id) =>
    completed(id, [
      Array.from({ length: 30_000 }, (_, n) => ({ path: `/tmp/${n}`, meta: { _type: "gradio.FileData" } }))
    ])
  ),
  value(["30000 items"]),
  { seconds: 8, mebibytes: 300, alone: true }
)

// Leaving a call, and heartbeats.

const unfinished: Fault = {
  route: "events",
  handle: stream(async function* (id) {
    yield generating(id, ["a"])
    return "hold"
  })
}
for (const [name, handle] of [
  [
    "never answers",
    raw(async function* () {
      return "hold"
    })
  ],
  [
    "resets",
    raw(async function* () {
      return "cut"
    })
  ],
  ["500", reply(500, "no")],
  ["307 to another origin", redirect(307, ({ app }) => `${app.foreign?.base}/gradio_api/cancel`)],
  [
    "endless body",
    raw(async function* () {
      yield head("200 OK", { "transfer-encoding": "chunked" })
      while (true) yield `10000\r\n${" ".repeat(65536)}\r\n`
    })
  ]
] as const) {
  add(`cancel: ${name}`, "cancel", handle, value([["a"]]), { action: "leave", also: unfinished, seconds: 2 })
}
for (const [name, handle] of [
  [
    "never answers",
    raw(async function* () {
      return "hold"
    })
  ],
  [
    "resets",
    raw(async function* () {
      return "cut"
    })
  ],
  ["500", reply(500, "no")],
  ["307 to another origin", redirect(307, ({ app, url }) => `${app.foreign?.base}${url.pathname}`)],
  [
    "a flood",
    raw(async function* () {
      yield head("200 OK", {})
      const piece = "data: ALIVE\n\n".repeat(5000)
      while (true) yield piece
    })
  ]
] as const) {
  add(`heartbeat: ${name}`, "heartbeat", handle, value(rights.echo), {
    lies: { config: (c) => ({ ...c, connect_heartbeat: true }) },
    again: true,
    seconds: 3
  })
}

// Files that an app names.

const named = (name: string, saved: string): void =>
  add(`file name ${JSON.stringify(name.slice(0, 40))}`, "file", undefined, value([saved]), {
    action: "save",
    lies: { fileData: (data) => ({ ...data, orig_name: name }) }
  })
named("../../x", ".._.._x")
named("..\\..\\x", ".._.._x")
named("/etc/cron.d/x", "_etc_cron.d_x")
named("C:\\Windows\\x", "C__Windows_x")
named("a\u0000b", "a_b")
named("CON", "_CON")
named("nul.txt", "_nul.txt")
named("photo\u202Egpj.exe", "photo_gpj.exe")
named("..", "file")
named("", "file")
named("x".repeat(10_000), "255 characters")
named("-rf", "-rf")
named("a\r\nb", "a__b")

const fileCase = (name: string, lie: NonNullable<Lies["fileData"]>, expected: Expected, extra: Extra = {}): void =>
  add(`file: ${name}`, "file", undefined, expected, { lies: { fileData: lie }, ...extra })
const abroad = (app: Parameters<NonNullable<Lies["fileData"]>>[1]): string => `${app.foreign?.base}/gradio_api/file=/x`
fileCase("url at another origin, with a path", (data, app) => ({ ...data, url: abroad(app) }), value(["hello"]))
fileCase(
  "path and url at another origin",
  (data, app) => ({ ...data, path: abroad(app), url: abroad(app) }),
  value(["hello"])
)
fileCase(
  "a stream at another origin",
  (data, app) => ({ ...data, url: abroad(app), is_stream: true }),
  value(["hello"])
)
fileCase("a stream at file:", (data) => ({ ...data, url: "file:///etc/passwd", is_stream: true }), value(["hello"]))
fileCase("a stream at data:", (data) => ({ ...data, url: "data:text/plain,wrong", is_stream: true }), value(["hello"]))
fileCase(
  "a stream at data:, by fetch",
  (data) => ({ ...data, url: "data:text/plain,wrong", is_stream: true }),
  value(["hello"]),
  { transport: "fetch" }
)
fileCase(
  "a stream at javascript:",
  (data) => ({ ...data, url: "javascript:alert(1)", is_stream: true }),
  value(["hello"])
)
fileCase(
  "the address of cloud secrets",
  (data) => ({
    ...data,
    path: "http://169.254.169.254/latest/meta-data/",
    url: "http://169.254.169.254/latest/meta-data/"
  }),
  file("not-allowed")
)
// A stream is had from the app by its path, wherever its address points.
fileCase(
  "a stream at the address of cloud secrets",
  (data) => ({ ...data, url: "http://[fd00:ec2::254]/latest/meta-data/", is_stream: true }),
  value(["hello"])
)
fileCase(
  "the address of cloud secrets in another notation",
  (data) => ({ ...data, url: "http://0xa9fea9fe/", is_stream: true }),
  value(["hello"])
)
add(
  "file: 302 to the address of cloud secrets",
  "file",
  redirect(302, () => "http://169.254.169.254/latest/meta-data/"),
  strange("redirect")
)
fileCase("a path that climbs", (data) => ({ ...data, path: "/../../../etc/passwd" }), file("not-found"))
fileCase("a path that is a query", (data) => ({ ...data, path: "/x?y#z\r\nhost: evil" }), value(["hello"]))
fileCase("a path of a megabyte", (data) => ({ ...data, path: "/" + "x".repeat(MiB) }), unreachable, {
  action: "download"
})
fileCase(
  "credentials in the url",
  (data, app) => ({ ...data, url: abroad(app).replace("//", "//user:pass@"), is_stream: true }),
  value(["hello"])
)
fileCase("sizes beyond all", (data) => ({ ...data, size: -1e308 }), value(["hello"]))
fileCase(
  "keys named __proto__",
  (data) => JSON.parse(`{${JSON.stringify(data).slice(1, -1)},${prototypeKeys}}`),
  value(["hello"])
)

// Redirects and cookies under the other transport, and calls that carry secrets of their own.

for (const status of [301, 307, 308]) {
  const away = redirect(status, ({ app, url }) => `${app.foreign?.base}${url.pathname}${url.search}`)
  on(
    `${status} to another origin, by fetch`,
    away,
    {
      config: strange("redirect"),
      info: right,
      join: answered(status),
      run: answered(status),
      upload: answered(status),
      file: right
    },
    { transport: "fetch" }
  )
}
add(
  "307 to another origin of a call that acts for the user",
  "join",
  redirect(307, ({ app }) => `${app.foreign?.base}/gradio_api/queue/join`),
  answered(307),
  { action: "acts" }
)
add(
  "configuration moved to another origin, then a call that acts for the user",
  "config",
  redirect(308, ({ app }) => `${app.foreign?.base}/config`),
  strange("redirect"),
  { action: "acts" }
)
const cookies = Array.from({ length: 150 }, (_, n) => `c${n}=${"x".repeat(20)}; Domain=evil.test; Path=/`)
on(
  "150 cookies with each answer",
  (exchange) =>
    reply(200, text(exchange), { "set-cookie": cookies.map((one) => one.replace("c", `c${exchange.before}-`)) })(
      exchange
    ),
  { config: right, info: right, join: right, run: right, upload: right }
)
on(
  "cookies that are none",
  (exchange) =>
    reply(200, text(exchange), {
      "set-cookie": ["=", ";", "__proto__=1", "a=b; Expires=never; Max-Age=x", "sid=; Max-Age=0", "x".repeat(4000)]
    })(exchange),
  { config: right, join: right }
)

const otherRoutes: ReadonlySet<Case["route"]> = new Set(["info", "run", "page", "cancel", "file"])
const alike = /^(429|50[234]|30[123] |file name|stream: edits|config: api_prefix)/
// This library is told to wait a second here, and would wait a minute by itself, so that ten seconds prove nothing of a client without the option;
// or the machine decides how long it takes; or the other client means something else by the same thing.
const unfair =
  /never answers|then nothing|drips|silence|heartbeats only|wrong event ids only|flood of comments|gzip bomb|100 MB|30 MB|updates with|max_file_size/

/** Those that the official client is tried on: not the slow ones, nor those that would be unfair, and of those that differ in little one or two. */
export const forOfficial: ReadonlyArray<Case> = cases.filter(
  (one) =>
    !one.merelySlow &&
    one.transport === "undici" &&
    !otherRoutes.has(one.route) &&
    !alike.test(one.name) &&
    !unfair.test(one.name)
)
