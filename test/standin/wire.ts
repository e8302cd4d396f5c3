/**
 * What a server says on the wire to a list of raw requests, without what differs from one run to the next: the same list is played to real servers
 * (`test/fixtures/wire.ts` keeps their answers) and to the stand-in as the same version.
 */
import { Effect, Stream } from "effect"
import { HttpBody, type HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"

type Json = unknown
type Fields = Readonly<Record<string, unknown>>

const isRecord = (u: unknown): u is Fields => typeof u === "object" && u !== null && !Array.isArray(u)

/** Answers by what was asked. */
export type Transcript = Readonly<Record<string, Json>>

const guesses = new Set([
  "rank_eta",
  "eta",
  "avg_event_process_time",
  "avg_event_concurrent_process_time",
  "queue_eta",
  "avg_time",
  "cache_duration"
])
const measured = new Set(["duration", "average_duration"])
const ids = new Set(["event_id", "app_id", "component_class_id"])

const plainText = (text: string): string =>
  text
    .replace(/^Traceback [\s\S]*$/, "Internal Server Error")
    .replaceAll(/https?:\/\/(?:127\.0\.0\.1|localhost|gradio\.test)(?::\d+)?/g, "ORIGIN")
    .replaceAll(/\/[^\s"'=]*\/[0-9a-f]{40,64}\//g, "/tmp/gradio/#/")
    .replace(/^data:image\/(\w+);base64,.*$/, "data:image/$1;base64,#")

/** Without ids, times, addresses and hashes. */
const steady = (value: unknown, key = ""): Json => {
  if (ids.has(key) && value !== null) return "id"
  if (guesses.has(key)) return "a guess or none"
  if (measured.has(key) && typeof value === "number" && !Number.isInteger(value)) return "seconds"
  if (typeof value === "string") return plainText(value)
  if (Array.isArray(value)) return value.map((one) => steady(one))
  if (!isRecord(value)) return value
  // A link to the documentation that only some versions of a library add.
  const entries = Object.entries(value).filter(([name]) => name !== "url" || !/pydantic/.test(String(value["url"])))
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, steady(inner, name)])
  )
}

/** Progress comes when the server looks for it: what it looks like, not how often. */
const told = (messages: ReadonlyArray<string>): Json => {
  const parsed: ReadonlyArray<Fields> = messages.map((text) => JSON.parse(text))
  const kept = parsed.filter(
    ({ msg }, i) => msg !== "heartbeat" && (msg !== "progress" || parsed[i - 1]?.["msg"] !== "progress")
  )
  return kept.map((message) =>
    message["msg"] === "progress"
      ? { ...message, event_id: "event_id" in message ? "id" : undefined, progress_data: "bars" }
      : steady(message)
  )
}

/** How a server is reached. */
export interface Wire {
  readonly url: string
  readonly http: HttpClient.HttpClient
  readonly webSocket: Socket.WebSocketConstructor["Service"]
}

const textOf = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.map(Effect.timeout(response.text, "20 seconds"), (text): Json => {
    const isJson = (response.headers["content-type"] ?? "").startsWith("application/json")
    return isJson ? steady(JSON.parse(text)) : plainText(text)
  })

const make = Effect.fnUntraced(function* ({ http, url, webSocket }: Wire) {
  const configText = yield* Effect.flatMap(http.get(`${url}/config`), ({ text }) => text)
  const config: Fields = JSON.parse(configText)
  const api = `${url}${typeof config["api_prefix"] === "string" ? config["api_prefix"] : ""}`
  const dependencies: ReadonlyArray<Fields> = Array.isArray(config["dependencies"]) ? config["dependencies"] : []
  const fnOf = (name: string): number => {
    const index = dependencies.findIndex((one) => one["api_name"] === name)
    const { id } = dependencies[index] ?? {}
    return typeof id === "number" ? id : index
  }
  const json = (body: unknown) => HttpBody.text(JSON.stringify(body), "application/json")
  const post = (path: string, body: unknown) => http.post(`${api}${path}`, { body: json(body) })

  /** The texts of an event stream, and whether it ended or broke. */
  const stream = (
    response: HttpClientResponse.HttpClientResponse,
    each: (text: string) => Effect.Effect<void, unknown>
  ) =>
    Effect.gen(function* () {
      const texts: Array<string> = []
      const ended = yield* Effect.exit(
        response.stream.pipe(
          Stream.decodeText(),
          Stream.splitLines,
          Stream.filter((line) => line.startsWith("data: ")),
          Stream.runForEach((line) => {
            texts.push(line.slice(6))
            return each(line.slice(6))
          }),
          Effect.timeout("20 seconds")
        )
      )
      return { texts, end: ended._tag === "Success" ? "ended" : "broken off" }
    })

  const overSocket = (fnIndex: number, data: unknown, session: string) =>
    Effect.gen(function* () {
      const texts: Array<string> = []
      const socket = yield* Effect.provideService(
        Socket.makeWebSocket(`${url.replace(/^http/, "ws")}/queue/join`),
        Socket.WebSocketConstructor,
        webSocket
      )
      const { pull } = yield* socket.reader
      const { write } = yield* socket.writer
      const listen = Effect.gen(function* () {
        for (const text of (yield* pull).map(String)) {
          texts.push(text)
          const { msg }: Fields = JSON.parse(text)
          const named = { fn_index: fnIndex, session_hash: session }
          if (msg === "send_hash") yield* write(JSON.stringify(named))
          if (msg === "send_data") yield* write(JSON.stringify({ ...named, data, event_data: null }))
        }
      })
      const error = yield* Effect.flip(Effect.forever(listen))
      const { reason } = error
      return { texts, end: reason._tag === "SocketCloseError" && reason.code === 1000 ? "ended" : "broken off" }
    }).pipe(Effect.scoped, Effect.timeout("20 seconds"))

  const overStream = Effect.fnUntraced(function* (fnIndex: number, data: unknown, session: string) {
    const response = yield* http.get(`${api}/queue/join?fn_index=${fnIndex}&session_hash=${session}`)
    if (response.status !== 200) return { texts: [], end: [response.status, yield* textOf(response)] }
    return yield* stream(response, (text) => {
      const { event_id, msg }: Fields = JSON.parse(text)
      return msg === "send_data"
        ? post("/queue/data", { data, fn_index: fnIndex, session_hash: session, event_id })
        : Effect.void
    })
  })

  const overSession = Effect.fnUntraced(function* (fnIndex: number, data: unknown, session: string) {
    const joined = yield* post("/queue/join", { data, fn_index: fnIndex, session_hash: session })
    if (joined.status !== 200) return { texts: [], end: [joined.status, yield* textOf(joined)] }
    const response = yield* http.get(`${api}/queue/data?session_hash=${session}`)
    return yield* stream(response, () => Effect.void)
  })

  const protocol = config["protocol"] ?? "ws"
  const converse: (
    fnIndex: number,
    data: unknown,
    session: string
  ) => Effect.Effect<{ readonly texts: ReadonlyArray<string>; readonly end: Json }, unknown> =
    protocol === "ws" ? overSocket : protocol === "sse" ? overStream : overSession
  let count = 0
  const call = (name: string | number, data: unknown, session = `wire${++count}`) =>
    Effect.map(converse(typeof name === "number" ? name : fnOf(name), data, session), ({ end, texts }): Json => ({
      messages: told(texts),
      end,
      blanks: texts.some((text) => text.includes('": '))
    }))

  const ask = Effect.fnUntraced(function* (
    method: "GET" | "POST",
    path: string,
    options: { readonly body?: string; readonly type?: string; readonly headers?: Record<string, string> } = {}
  ) {
    const { body, headers = {}, type = "application/json" } = options
    const plain = HttpClientRequest.make(method)(`${api}${path}`, { headers })
    const request = body === undefined ? plain : HttpClientRequest.setBody(plain, HttpBody.text(body, type))
    const response = yield* http.execute(request)
    return [response.status, yield* textOf(response)] as const
  })
  return { api, ask, call, config, dependencies, fnOf, http, post, protocol }
})

type Player = Effect.Success<ReturnType<typeof make>>

const keysOf = (u: unknown): Json => (isRecord(u) ? Object.keys(u).toSorted() : null)

const list = (u: unknown): ReadonlyArray<Fields> => (Array.isArray(u) ? u : [])

/** Of the description of the app: which fields there are, and what they say of functions. */
const described = Effect.fnUntraced(function* ({ api, config, dependencies, http }: Player) {
  const { text } = yield* http.get(`${api}/info`)
  const info: Fields = JSON.parse(yield* text)
  const named = isRecord(info["named_endpoints"]) ? info["named_endpoints"] : {}
  const dependency = (name: unknown) => {
    const found = dependencies.find((one) => one["api_name"] === name) ?? {}
    // Numbers differ with the app.
    return steady({ ...found, id: typeof found["id"], inputs: [], outputs: [], targets: [] })
  }
  const component = (type: string) => keysOf(list(config["components"]).find((one) => one["type"] === type))
  const endpoint = (name: string) => {
    const { code_snippets: _, parameters, returns, ...rest }: Fields = isRecord(named[name]) ? named[name] : {}
    const properties = (schema: unknown): Json =>
      isRecord(schema) && isRecord(schema["properties"]) ? keysOf(schema["properties"]) : null
    const slot = ({ label, type, ...more }: Fields) => ({ label, properties: properties(type), fields: keysOf(more) })
    return { fields: keysOf(rest), parameters: list(parameters).map(slot), returns: list(returns).map(slot) }
  }
  const cancels = dependencies.find((one) => list(one["cancels"]).length > 0) ?? {}
  return {
    "/config": {
      version: config["version"],
      protocol: config["protocol"] ?? null,
      api_prefix: config["api_prefix"] ?? null,
      root: plainText(String(config["root"])),
      enable_queue: config["enable_queue"],
      heartbeat: config["connect_heartbeat"] ?? null
    },
    "a dependency": dependency("echo"),
    "a generator": dependency("count"),
    "a function without a queue": dependency("direct"),
    "a listener that cancels": {
      // Gradio makes two listeners where the stand-in makes one.
      api_name:
        typeof cancels["api_name"] === "string" ? cancels["api_name"].replace(/_\d+$/, "") : cancels["api_name"],
      backend_fn: cancels["backend_fn"],
      types: cancels["types"],
      queue: cancels["queue"]
    },
    "a textbox": component("textbox"),
    "a state": component("state"),
    "a button": component("button"),
    "/echo in /info": endpoint("/echo"),
    "/add in /info": endpoint("/add"),
    "/counter in /info": endpoint("/counter"),
    "/file_info in /info": endpoint("/file_info"),
    "endpoints without a name in /info": isRecord(info["unnamed_endpoints"])
      ? Object.values(info["unnamed_endpoints"]).some((one) => isRecord(one) && list(one["parameters"]).length === 0)
      : null
  }
})

const calls: Readonly<Record<string, readonly [name: string | number, data: ReadonlyArray<unknown>]>> = {
  echo: ["echo", ["héllo"]],
  "several inputs": ["add", [4, "add", 5]],
  "two outputs": ["two", ["abc"]],
  "no outputs": ["no_outputs", ["x"]],
  "a generator": ["count", [3]],
  "a growing text": ["grow", [3]],
  "growing dictionaries": ["dictionaries", [4]],
  "a list that grows and shrinks": ["lists", [3]],
  "rows and columns that vanish": ["shrinking_rows", [3]],
  "a generator of two outputs": ["two_gen", [2]],
  "a generator of nothing": ["empty_generator", []],
  "an error of the app": ["error", ["bad thing"]],
  "an error with options": ["error_full", ["bad thing"]],
  "an exception": ["crash", ["x"]],
  "an error after some outputs": ["fails_midway", [2]],
  "an exception after some outputs": ["crashes_midway", [2]],
  progress: ["progress", [2]],
  logs: ["logs", ["x"]],
  "logs with options": ["logs_full", ["x"]],
  "an update": ["upd", ["x"]],
  "an update without a value": ["upd_no_value", ["x"]],
  "too few inputs": ["echo", []],
  "too many inputs": ["echo", ["a", "b"]],
  "another type": ["echo", [{ a: 1 }]],
  "no file": ["file_info", [null]],
  "an unknown function": [999, ["x"]],
  "a file": ["file_of", ["content", "r.txt"]],
  "several files": ["make_files", [2]],
  words: ["make_highlighted", []],
  "a table": ["make_dataframe", []],
  "a label": ["make_label", []],
  "a function without a queue": ["direct", ["x"]]
}

const requests = Effect.fnUntraced(function* ({ ask, fnOf }: Player) {
  const body = (value: unknown) => ({ body: JSON.stringify(value) })
  return {
    "POST /run": yield* ask("POST", "/run/direct", body({ data: ["x"], session_hash: "d" })),
    "POST /api": yield* ask("POST", "/api/direct", body({ data: ["x"] })),
    "POST /run/predict": yield* ask("POST", "/run/predict", body({ data: ["x"], fn_index: fnOf("direct") })),
    "POST /run of a queued function": yield* ask("POST", "/run/echo", body({ data: ["x"] })),
    "POST /run of a generator": yield* ask("POST", "/run/count", body({ data: [3] })),
    "POST /run that fails": yield* ask("POST", "/run/error", body({ data: ["x"] })),
    "POST /run of nothing": yield* ask("POST", "/run/nope", body({ data: [] })),
    "POST /call of nothing": yield* ask("POST", "/call/nope", body({ data: [] })),
    "GET /queue/status": yield* ask("GET", "/queue/status"),
    "GET /app_id": yield* ask("GET", "/app_id"),
    "GET /startup-events": yield* ask("GET", "/startup-events"),
    "GET /login_check": yield* ask("GET", "/login_check"),
    "POST /cancel of nothing": yield* ask(
      "POST",
      "/cancel",
      body({ session_hash: "z", fn_index: 1, event_id: "nope" })
    ),
    "POST /reset of an unknown event": yield* ask("POST", "/reset", body({ event_id: "x" })),
    "POST /reset of a function": yield* ask("POST", "/reset", body({ fn_index: 1, session_hash: "zz" })),
    "POST /queue/join of no JSON": yield* ask("POST", "/queue/join", { body: "{bad" }),
    "POST /upload of no form": yield* ask("POST", "/upload", { body: "x", type: "text/plain" }),
    "GET of a file elsewhere": yield* ask("GET", "/file=/etc/passwd"),
    "GET of no file": yield* ask("GET", "/file=nope.txt"),
    "GET of nothing": yield* ask("GET", "/nothing-here")
  }
})

/** Requests that only later protocols know. */
const ofSessions = Effect.fnUntraced(function* ({ api, ask, http, protocol }: Player) {
  if (protocol === "ws" || protocol === "sse") return {}
  const body = (value: unknown) => ({ body: JSON.stringify(value) })
  const response = yield* http.get(`${api}/queue/data?session_hash=nobody`)
  const first = yield* response.stream.pipe(Stream.decodeText(), Stream.splitLines, Stream.take(1), Stream.runCollect)
  return {
    "the stream of an unknown session": first.map((line) => steady(JSON.parse(line.slice(6)))),
    "a join without a session": yield* ask("POST", "/queue/join", body({ data: [], fn_index: 0 })),
    "a join without a function": yield* ask("POST", "/queue/join", body({ data: [], session_hash: "s" })),
    "a join without data": yield* ask("POST", "/queue/join", body({ fn_index: 0, session_hash: "s" })),
    "GET /queue/join": yield* ask("GET", "/queue/join"),
    "GET /queue/data without a session": yield* ask("GET", "/queue/data")
  }
})

const uploaded = Effect.fnUntraced(function* ({ api, ask, call, http, protocol }: Player) {
  const form = new FormData()
  form.append("files", new Blob(["hello"], { type: "text/plain" }), "a b.txt")
  const response = yield* http.post(`${api}/upload`, { body: HttpBody.formData(form) })
  const [path = ""]: ReadonlyArray<string> = JSON.parse(yield* response.text)
  const file =
    protocol === "ws"
      ? { name: path, orig_name: "a b.txt", data: null, is_file: true }
      : { path, orig_name: "a b.txt", meta: { _type: "gradio.FileData" } }
  const got = yield* http.get(`${api}/file=${path.replaceAll(" ", "%20")}`)
  const part = yield* http.get(`${api}/file=${path.replaceAll(" ", "%20")}`, { headers: { range: "bytes=1-2" } })
  return {
    "POST /upload": [response.status, plainText(path)],
    "an uploaded file as an input": yield* call("file_io", [file]),
    "GET of an uploaded file": [
      got.status,
      got.headers["content-type"],
      got.headers["content-disposition"] ?? null,
      yield* got.text
    ],
    "GET of a part of it": [part.status, part.headers["content-range"] ?? null, yield* part.text],
    "GET of a file that is gone": yield* ask("GET", `/file=${path.replaceAll("a b", "gone")}`)
  }
})

/** A function with a state, twice in one session. */
const inSession = Effect.fnUntraced(function* ({ call }: Player) {
  return {
    "a state": yield* call("counter", ["cat", null], "stateful"),
    "a state again": yield* call("counter", ["cat", null], "stateful")
  }
})

/** Plays all requests to a server. */
export const play = Effect.fnUntraced(function* (wire: Wire) {
  const player = yield* make(wire)
  const made: Record<string, Json> = {}
  for (const [title, [name, data]] of Object.entries(calls)) {
    if (typeof name === "number" || player.fnOf(name) >= 0) made[`call: ${title}`] = yield* player.call(name, data)
  }
  const transcript: Transcript = {
    ...(yield* described(player)),
    ...made,
    ...(yield* inSession(player)),
    ...(yield* uploaded(player)),
    ...(yield* requests(player)),
    ...(yield* ofSessions(player))
  }
  return transcript
})
