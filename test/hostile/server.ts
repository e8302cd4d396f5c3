/**
 * A Gradio app that breaks its promises on purpose. It speaks just enough of Gradio 6 (`sse_v3`) on every route to make a call right, save on the
 * one route whose fault is asked for, where it may also break HTTP itself. Beside it stands a foreign origin, an equally complete app that writes
 * down every byte it gets: nothing secret may ever be among them.
 */
import { once } from "node:events"
import * as http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

export type Route =
  | "config"
  | "page"
  | "info"
  | "join"
  | "events"
  | "cancel"
  | "upload"
  | "file"
  | "run"
  | "heartbeat"
  | "other"

/** How a body written by hand ends: in order, by a reset, or not at all. */
export type End = "end" | "cut" | "hold"

export type Pieces = AsyncGenerator<string | Uint8Array, End, void>

export interface Exchange {
  readonly app: App
  readonly route: Route
  readonly req: http.IncomingMessage
  readonly res: http.ServerResponse
  readonly body: Buffer
  readonly url: URL
  /** How often this route was asked before. */
  readonly before: number
}

export type Handler = (exchange: Exchange) => void | Promise<void>

/** What is wrong with the server, on one route, for all requests or the first ones. */
export interface Fault {
  readonly route: Route
  readonly times?: number
  readonly handle: Handler
}

export interface Received {
  readonly line: string
  readonly headers: string
  readonly body: string
}

/** The parts of the app that a case may lie about; functions of the app, so that they can name its addresses. */
export interface Lies {
  readonly config?: (config: Record<string, unknown>, app: App) => unknown
  readonly info?: (info: Record<string, unknown>, app: App) => unknown
  /** What `/file` answers with in its output. */
  readonly fileData?: (data: Record<string, unknown>, app: App) => unknown
}

const prefix = "/gradio_api"

export const fileBody = "hello"

const textbox = (id: number) => ({ id, type: "textbox", props: {}, skip_api: false })

const functions = [
  { id: 0, api_name: "echo", inputs: [1], outputs: [1], queue: true },
  { id: 1, api_name: "direct", inputs: [1], outputs: [1], queue: false },
  { id: 2, api_name: "json", inputs: [1], outputs: [2], queue: true },
  { id: 3, api_name: "file", inputs: [3], outputs: [3], queue: true },
  { id: 4, api_name: "gen", inputs: [1], outputs: [1], queue: true, types: { generator: true, cancel: false } },
  { id: 5, api_name: "acts", inputs: [1], outputs: [1], queue: true }
]

const parameter = {
  label: "x",
  parameter_name: "x",
  parameter_has_default: false,
  parameter_default: null,
  type: { type: "string" },
  python_type: { type: "str", description: "" },
  component: "Textbox"
}

const fileSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    meta: { type: "object", properties: { _type: { const: "gradio.FileData" } } }
  }
}

/** One event of the stream as the server writes it. */
export const event = (message: unknown): string => `data: ${JSON.stringify(message)}\n\n`

export const completed = (id: string, data: ReadonlyArray<unknown>): string =>
  event({ msg: "process_completed", event_id: id, output: { data, is_generating: false }, success: true })

export const generating = (id: string, data: ReadonlyArray<unknown>): string =>
  event({ msg: "process_generating", event_id: id, output: { data, is_generating: true }, success: true })

export const closeStream = event({ msg: "close_stream", event_id: null })

export class App {
  readonly received: Array<Received> = []
  readonly cancels: Array<string> = []
  base = ""
  /** The same app under another host and another port: the foreign origin, absent for the foreign one itself. */
  foreign: App | undefined
  /** The foreign origin under the host name of this app, so that only the port differs. */
  foreignSameHost = ""
  lastEvent = ""
  lastData: ReadonlyArray<unknown> = []
  private readonly asked = new Map<Route, number>()
  private readonly waiting = new Map<string, Array<string>>()
  private joins = 0
  readonly #server: http.Server
  private readonly faults: ReadonlyArray<Fault>
  private readonly lies: Lies
  /** Resolves when the server is going down, so that endless bodies stop. */
  readonly closing = new AbortController()

  constructor(faults: ReadonlyArray<Fault>, lies: Lies) {
    this.faults = faults
    this.lies = lies
    this.#server = http.createServer({ maxHeaderSize: 1 << 20 }, (req, res) => void this.#serve(req, res))
    this.#server.on("clientError", (error: Error & { rawPacket?: Buffer }, socket) => {
      // TLS hellos and other things that are no HTTP are written down too.
      this.received.push({ line: "(no HTTP)", headers: "", body: error.rawPacket?.toString("latin1") ?? "" })
      socket.destroy()
    })
    this.#server.keepAliveTimeout = 60_000
  }

  async listen(host: string): Promise<void> {
    this.#server.listen(0, host)
    await once(this.#server, "listening")
    // Its parts are set by `listen` of node:net, where a port was asked for.
    const { port } = this.#server.address() as AddressInfo
    this.base = `http://${host}:${port}`
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, "close")
  }

  get port(): string {
    return new URL(this.base).port
  }

  /** Its configuration without a lie. */
  honestConfig(): Record<string, unknown> {
    return {
      version: "6.31.0",
      protocol: "sse_v3",
      api_prefix: prefix,
      root: this.base,
      app_id: 1,
      enable_queue: true,
      connect_heartbeat: false,
      components: [textbox(1), { ...textbox(2), type: "json" }, { ...textbox(3), type: "file" }],
      dependencies: functions.map((one) => ({
        backend_fn: true,
        types: { generator: false, cancel: false },
        api_visibility: "public",
        targets: [],
        ...one
      }))
    }
  }

  config(): unknown {
    return this.lies.config === undefined ? this.honestConfig() : this.lies.config(this.honestConfig(), this)
  }

  info(): unknown {
    const endpoints = functions.map(({ api_name }) => {
      const type = api_name === "file" ? fileSchema : { type: "string" }
      const component = api_name === "file" ? "File" : api_name === "json" ? "Json" : "Textbox"
      return [
        `/${api_name}`,
        {
          parameters: [{ ...parameter, type, component: api_name === "file" ? "File" : "Textbox" }],
          returns: [{ label: "y", type, python_type: { type: "str", description: "" }, component }],
          api_visibility: "public",
          ...(api_name === "acts" ? { oauth_token: "required" } : {})
        }
      ] as const
    })
    const info = { named_endpoints: Object.fromEntries(endpoints), unnamed_endpoints: {} }
    return this.lies.info === undefined ? info : this.lies.info(info, this)
  }

  fileData(): unknown {
    const path = "/tmp/gradio/0123/hello.txt"
    const data = {
      path,
      url: `${this.base}${prefix}/file=${path}`,
      orig_name: "hello.txt",
      mime_type: "text/plain",
      meta: { _type: "gradio.FileData" }
    }
    return this.lies.fileData === undefined ? data : this.lies.fileData(data, this)
  }

  /** What a faultless server says; asking for a join takes the call in. */
  right(exchange: Pick<Exchange, "route" | "body">): string {
    switch (exchange.route) {
      case "config":
        return written(this.config())
      case "page":
        return "<!doctype html><html><body>An app without anything in its page</body></html>"
      case "info":
        return written(this.info())
      case "join": {
        const call = parsed(exchange.body)
        return JSON.stringify({ event_id: this.#join(String(call["session_hash"]), call) })
      }
      case "cancel":
        this.cancels.push(exchange.body.toString())
        return `{"success":true}`
      case "upload":
        return `["/tmp/gradio/0123/up.bin"]`
      case "file":
        return fileBody
      case "run":
        return JSON.stringify({ data: parsed(exchange.body)["data"], is_generating: false })
      case "events":
      case "heartbeat":
      case "other":
        return `{"detail":"Not Found"}`
    }
  }

  #join(session: string, call: Readonly<Record<string, unknown>>): string {
    const id = `event${this.joins++}`
    const data = Array.isArray(call["data"]) ? call["data"] : []
    this.lastEvent = id
    this.lastData = data
    const queue = this.waiting.get(session) ?? []
    this.waiting.set(session, queue)
    queue.push(event({ msg: "estimation", event_id: id, rank: 0, queue_size: 1, rank_eta: null }))
    queue.push(event({ msg: "process_starts", event_id: id, eta: null }))
    if (call["fn_index"] === 3) queue.push(completed(id, [this.fileData()]))
    else if (call["fn_index"] === 4) {
      queue.push(generating(id, ["a"]), generating(id, [[["append", [], "b"]]]), completed(id, ["ab"]))
    } else queue.push(completed(id, data))
    return id
  }

  /** The messages that wait for a session; asking for them takes them away. */
  take(session: string): ReadonlyArray<string> {
    const queue = this.waiting.get(session) ?? []
    this.waiting.delete(session)
    return queue
  }

  async #serve(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    res.on("error", () => {})
    if (req.socket.listenerCount("error") < 5) req.socket.on("error", () => {})
    const chunks: Array<Buffer> = []
    try {
      for await (const chunk of req) chunks.push(chunk as Buffer)
    } catch {
      // The client went away; what it had sent still counts as received.
    }
    const body = Buffer.concat(chunks)
    this.received.push({
      line: `${req.method} ${req.url}`,
      headers: req.rawHeaders.join("\n"),
      body: body.toString("latin1")
    })
    const url = new URL(this.base + (req.url ?? "/"))
    const route = routeOf(url.pathname)
    const before = this.asked.get(route) ?? 0
    this.asked.set(route, before + 1)
    const exchange: Exchange = { app: this, route, req, res, body, url, before }
    const fault = this.faults.find((one) => one.route === route && before < (one.times ?? Infinity))
    try {
      await (fault === undefined ? serveRight(exchange) : fault.handle(exchange))
    } catch {
      res.destroy()
    }
  }
}

/** The answer as it should be. */
export const serveRight = (exchange: Exchange): void | Promise<void> => {
  const { app, res, route, url } = exchange
  if (route === "events") {
    res.writeHead(200, { "content-type": "text/event-stream" })
    for (const message of app.take(url.searchParams.get("session_hash") ?? "")) res.write(message)
    res.end(closeStream)
    return
  }
  if (route === "heartbeat") {
    res.writeHead(200, { "content-type": "text/event-stream" })
    res.write("data: ALIVE\n\n")
    return
  }
  const body = app.right(exchange)
  const missing = route === "other" || (route === "config" && body === "")
  const type = route === "page" ? "text/html" : route === "file" ? "text/plain" : "application/json"
  res.writeHead(missing ? 404 : 200, { "content-type": type, "content-length": Buffer.byteLength(body) })
  res.end(body)
}

const parsed = (body: Buffer): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** A lie may be text already, where no value could be written as JSON; without any there is no such route. */
const written = (value: unknown): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)

const routeOf = (pathname: string): Route => {
  const path = pathname.replace(/^.*\/gradio_api/, "")
  if (path === "/config" || path === "/config/") return "config"
  if (path === "/") return "page"
  if (path === "/info") return "info"
  if (path === "/queue/join") return "join"
  if (path === "/queue/data") return "events"
  if (path === "/cancel" || path === "/reset") return "cancel"
  if (path === "/upload") return "upload"
  if (path.startsWith("/file=") || path.startsWith("/stream/")) return "file"
  if (path.startsWith("/run/") || path.startsWith("/api/")) return "run"
  if (path.startsWith("/heartbeat")) return "heartbeat"
  return "other"
}

/** Starts the hostile app and its foreign origin. */
export const start = async (faults: ReadonlyArray<Fault>, lies: Lies = {}): Promise<App> => {
  const app = new App(faults, lies)
  const foreign = new App([], {})
  await Promise.all([app.listen("127.0.0.1"), foreign.listen("127.0.0.2")])
  const sameHost = new App([], {})
  await sameHost.listen("127.0.0.1")
  app.foreign = foreign
  foreign.foreign = sameHost
  app.foreignSameHost = sameHost.base
  return app
}

/** Everything that reached an origin that is not the app's. */
export const receivedElsewhere = (app: App): ReadonlyArray<Received> => [
  ...(app.foreign?.received ?? []),
  ...(app.foreign?.foreign?.received ?? [])
]

export const stop = async (app: App): Promise<void> => {
  await Promise.all([app.close(), app.foreign?.close(), app.foreign?.foreign?.close()])
}

// Faults, made of what is written instead of the right answer.

const drained = async (socket: Socket): Promise<void> => {
  if (!socket.writableNeedDrain) return
  await new Promise<void>((resume) => {
    const done = (): void => {
      socket.off("drain", done)
      socket.off("close", done)
      resume()
    }
    socket.on("drain", done)
    socket.on("close", done)
  })
}

/** Writes bytes straight onto the connection: HTTP and all. */
export const raw =
  (pieces: (exchange: Exchange) => Pieces): Handler =>
  async (exchange) => {
    const { socket } = exchange.req
    const made = pieces(exchange)
    while (true) {
      const next = await made.next()
      if (next.done === true) {
        if (next.value === "end") socket.end()
        else if (next.value === "cut") socket.resetAndDestroy()
        return
      }
      if (socket.destroyed || exchange.app.closing.signal.aborted) return
      socket.write(next.value)
      await drained(socket)
      // A peer that leaves is only seen by a turn of the event loop.
      await new Promise((resume) => setImmediate(resume))
    }
  }

export const head = (status: string, headers: Readonly<Record<string, string | number>> = {}): string =>
  `HTTP/1.1 ${status}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`

/** One whole answer with a body of its own. */
export const reply =
  (
    status: number,
    body: string | Uint8Array | ((exchange: Exchange) => string | Uint8Array) = "",
    headers: http.OutgoingHttpHeaders = {}
  ): Handler =>
  (exchange) => {
    const text = typeof body === "function" ? body(exchange) : body
    exchange.res.writeHead(status, {
      "content-type": "application/json",
      ...(status === 204 ? {} : { "content-length": Buffer.byteLength(text) }),
      ...headers
    })
    exchange.res.end(text)
  }

/** A redirect to wherever the function says. */
export const redirect =
  (status: number, to: (exchange: Exchange) => string): Handler =>
  (exchange) => {
    exchange.res.writeHead(status, { location: to(exchange), "content-length": 0 })
    exchange.res.end()
  }

/** An event stream of one's own, given the id of the last call. */
export const stream = (pieces: (id: string, exchange: Exchange) => Pieces): Handler =>
  raw(async function* (exchange) {
    // What the app would have said is taken away.
    exchange.app.take(exchange.url.searchParams.get("session_hash") ?? "")
    // In chunks, so that a reset is no end; and for this answer alone, since `node:http` does not know that it was written.
    yield head("200 OK", { "content-type": "text/event-stream", "transfer-encoding": "chunked", connection: "close" })
    const made = pieces(exchange.app.lastEvent, exchange)
    while (true) {
      const next = await made.next()
      if (next.done === true) {
        if (next.value !== "end") return next.value
        yield "0\r\n\r\n"
        return "end"
      }
      const bytes = Buffer.from(next.value)
      if (bytes.length > 0)
        yield Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")])
    }
  })

export const pause = sleep
