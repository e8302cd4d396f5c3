/**
 * The app that the bench calls: a Gradio 6 server (`sse_v3`) of the fewest routes that the clients need, written to cost little,
 * so that the client is what is measured. Run by `main.ts` in a process of its own; prints its address as the first line.
 *
 * The messages have the fields of a real server, because reading them is part of what a client costs.
 */
import { randomBytes } from "node:crypto"
import { createReadStream, statSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { crc32 } from "node:zlib"

import { echoAnswer, fileAnswer, fullText, stepAnswer, textPiece } from "./answers.ts"

const prefix = "/gradio_api"
/** How long `/work` takes: enough that, with many calls in flight, the session never runs empty, as with real functions. */
const workMilliseconds = 5
/** Generator events in one write: a generator that yields faster than the socket takes is written in batches by any server. */
const eventsPerWrite = 50

const [filePath] = process.argv.slice(2)
const fileSize = filePath === undefined ? 0 : statSync(filePath).size

// ---------------------------------------------------------------------------------------------------------------- sessions

interface Session {
  readonly hash: string
  /** Messages not written yet, already as events. */
  waiting: Array<string>
  /** Jobs that have not written their completion. */
  pending: number
  stream: ServerResponse | undefined
  isFlushPlanned: boolean
  /** Wakes generators that wait for a stream or for room in it. */
  wakers: Array<() => void>
}

const sessions = new Map<string, Session>()

const sessionOf = (hash: string): Session => {
  let session = sessions.get(hash)
  if (session === undefined) {
    session = { hash, waiting: [], pending: 0, stream: undefined, isFlushPlanned: false, wakers: [] }
    sessions.set(hash, session)
  }
  return session
}

const wake = (session: Session): void => {
  const wakers = session.wakers
  session.wakers = []
  for (const waker of wakers) waker()
}

/** All that became known in one turn of the event loop goes out in one write. */
const flush = (session: Session): void => {
  session.isFlushPlanned = false
  const stream = session.stream
  if (stream === undefined) return
  const isOver = session.pending === 0
  if (isOver) session.waiting.push(`data: {"msg":"close_stream","event_id":null}\n\n`)
  if (session.waiting.length > 0) {
    const text = session.waiting.join("")
    session.waiting = []
    if (isOver) {
      session.stream = undefined
      sessions.delete(session.hash)
      stream.end(text)
      return
    }
    stream.write(text)
  }
  if (!stream.writableNeedDrain) wake(session)
}

const planFlush = (session: Session): void => {
  if (session.isFlushPlanned) return
  session.isFlushPlanned = true
  setImmediate(flush, session)
}

const openStream = (hash: string, response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" })
  const session = sessions.get(hash)
  if (session === undefined) {
    response.write(
      `data: {"msg":"unexpected_error","event_id":null,"message":"404: Not Found","success":false,"session_not_found":true}\n\n`
    )
    setImmediate(() => response.destroy())
    return
  }
  session.stream = response
  response.on("drain", () => wake(session))
  response.on("close", () => {
    if (session.stream !== response) return
    // As a real server does: whoever drops the stream loses the jobs of the session.
    session.stream = undefined
    if (sessions.get(hash) === session) sessions.delete(hash)
    wake(session)
  })
  flush(session)
}

// -------------------------------------------------------------------------------------------------------------- functions

const estimationMessage = (id: string): string =>
  `data: {"msg":"estimation","event_id":"${id}","rank":0,"queue_size":1,"rank_eta":null}\n\n`

const startsMessage = (id: string): string => `data: {"msg":"process_starts","event_id":"${id}","eta":null}\n\n`

const generatingMessage = (id: string, data: string): string =>
  `data: {"msg":"process_generating","event_id":"${id}","output":{"data":${data},"is_generating":true,"duration":0.00012,"average_duration":0.00012,"render_config":null,"changed_state_ids":[],"used_cache":null},"success":true,"time_limit":null}\n\n`

const completedMessage = (id: string, data: string): string =>
  `data: {"msg":"process_completed","event_id":"${id}","output":{"data":${data},"is_generating":false,"duration":0.0016,"average_duration":0.0016,"render_config":null,"changed_state_ids":[],"used_cache":null},"success":true,"title":null,"used_cache":null,"cache_duration":0.0016,"avg_time":0.0016}\n\n`

const complete = (session: Session, id: string, output: unknown): void => {
  session.waiting.push(completedMessage(id, JSON.stringify([output])))
  session.pending -= 1
  planFlush(session)
}

type Run = (session: Session, id: string, data: ReadonlyArray<unknown>) => void

const generate = async (
  session: Session,
  id: string,
  steps: number,
  edit: (step: number) => string,
  last: () => string
): Promise<void> => {
  for (let step = 0; step < steps; step++) {
    session.waiting.push(generatingMessage(id, edit(step)))
    if (step % eventsPerWrite !== eventsPerWrite - 1) continue
    const room = new Promise<void>((resolve) => session.wakers.push(resolve))
    planFlush(session)
    await room
    if (sessions.get(session.hash) !== session) return
  }
  complete(session, id, last())
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const count = (value: unknown): number => (typeof value === "number" ? value : 0)

const gathered = new Map<number, Array<() => void>>()

const functions: ReadonlyArray<{
  readonly name: string
  readonly isGenerator: boolean
  readonly inputs: ReadonlyArray<{ readonly name: string; readonly kind: Kind }>
  readonly output: Kind
  readonly run: Run
}> = [
  {
    name: "echo",
    isGenerator: false,
    inputs: [{ name: "text", kind: "textbox" }],
    output: "textbox",
    run: (session, id, [input]) => complete(session, id, echoAnswer(text(input)))
  },
  {
    name: "work",
    isGenerator: false,
    inputs: [{ name: "text", kind: "textbox" }],
    output: "textbox",
    run: (session, id, [input]) => void setTimeout(complete, workMilliseconds, session, id, echoAnswer(text(input)))
  },
  {
    // Answers nobody before `number` calls are waiting: so they really are in flight at once.
    name: "gather",
    isGenerator: false,
    inputs: [
      { name: "text", kind: "textbox" },
      { name: "number", kind: "number" }
    ],
    output: "textbox",
    run: (session, id, [input, number]) => {
      const all = gathered.get(count(number)) ?? []
      gathered.set(count(number), all)
      all.push(() => complete(session, id, echoAnswer(text(input))))
      if (all.length < count(number)) return
      gathered.delete(count(number))
      for (const answer of all) answer()
    }
  },
  {
    name: "count",
    isGenerator: true,
    inputs: [{ name: "steps", kind: "number" }],
    output: "textbox",
    run: (session, id, [steps]) =>
      void generate(
        session,
        id,
        count(steps),
        (step) => (step === 0 ? `["${stepAnswer(0)}"]` : `[[["replace",[],"${stepAnswer(step)}"]]]`),
        () => stepAnswer(count(steps) - 1)
      )
  },
  {
    name: "write",
    isGenerator: true,
    inputs: [{ name: "pieces", kind: "number" }],
    output: "textbox",
    run: (session, id, [pieces]) =>
      void generate(
        session,
        id,
        count(pieces),
        (step) => (step === 0 ? `["${textPiece(0)}"]` : `[[["append",[],"${textPiece(step)}"]]]`),
        () => fullText(count(pieces))
      )
  },
  {
    name: "inspect",
    isGenerator: false,
    inputs: [{ name: "file", kind: "file" }],
    output: "textbox",
    run: (session, id, [file]) => {
      const path = typeof file === "object" && file !== null && "path" in file ? text(file.path) : ""
      complete(session, id, uploads.get(path) ?? "no such upload")
    }
  },
  {
    name: "large_file",
    isGenerator: false,
    inputs: [],
    output: "file",
    run: (session, id) =>
      complete(session, id, {
        path: "/bench/large.bin",
        url: `${root}${prefix}/file=/bench/large.bin`,
        size: fileSize,
        orig_name: "large.bin",
        mime_type: "application/octet-stream",
        is_stream: false,
        meta: { _type: "gradio.FileData" }
      })
  }
]

// ---------------------------------------------------------------------------------------------------------- config and info

type Kind = "textbox" | "number" | "file"

const kinds: ReadonlyArray<Kind> = ["textbox", "number", "file"]
const pythonTypes = { textbox: "str", number: "float", file: "filepath" } as const
const schemas = {
  textbox: { type: "string" },
  number: { type: "number" },
  file: {
    title: "FileData",
    type: "object",
    properties: { path: { type: "string" }, meta: { type: "object" } },
    required: ["path", "meta"],
    additional_description: null
  }
} as const
const componentNames = { textbox: "Textbox", number: "Number", file: "File" } as const

const configBody = (): string =>
  JSON.stringify({
    version: "6.31.0",
    api_prefix: prefix,
    mode: "blocks",
    app_id: 1234567890,
    dev_mode: false,
    title: "bench",
    space_id: null,
    enable_queue: true,
    show_error: true,
    is_colab: false,
    max_file_size: null,
    connect_heartbeat: false,
    protocol: "sse_v3",
    root,
    username: null,
    components: kinds.map((kind, id) => ({
      id,
      type: kind,
      props: { name: kind, label: componentNames[kind] },
      skip_api: false,
      component_class_id: `${id}`,
      key: null,
      api_info: schemas[kind],
      api_info_as_input: schemas[kind],
      api_info_as_output: schemas[kind],
      example_inputs: null
    })),
    dependencies: functions.map((fn, id) => ({
      id,
      targets: [[0, "click"]],
      inputs: fn.inputs.map(({ kind }) => kinds.indexOf(kind)),
      outputs: [kinds.indexOf(fn.output)],
      backend_fn: true,
      js: null,
      queue: true,
      api_name: fn.name,
      api_description: null,
      batch: false,
      max_batch_size: 4,
      cancels: [],
      types: { generator: fn.isGenerator, cancel: false },
      collects_event_data: false,
      trigger_after: null,
      trigger_only_on_success: false,
      trigger_only_on_failure: false,
      trigger_mode: "once",
      api_visibility: "public",
      rendered_in: null,
      render_id: null,
      connection: "sse",
      time_limit: null,
      stream_every: 0.5
    }))
  })

const infoBody = (): string =>
  JSON.stringify({
    named_endpoints: Object.fromEntries(
      functions.map((fn) => [
        `/${fn.name}`,
        {
          parameters: fn.inputs.map(({ name, kind }) => ({
            label: name,
            parameter_name: name,
            parameter_has_default: false,
            parameter_default: null,
            type: schemas[kind],
            python_type: { type: pythonTypes[kind], description: "" },
            component: componentNames[kind],
            example_input: null
          })),
          returns: [
            {
              label: "output",
              type: schemas[fn.output],
              python_type: { type: pythonTypes[fn.output], description: "" },
              component: componentNames[fn.output]
            }
          ],
          api_visibility: "public"
        }
      ])
    ),
    unnamed_endpoints: {}
  })

// ------------------------------------------------------------------------------------------------------------------ uploads

/** What each upload was, by the path given out for it. */
const uploads = new Map<string, string>()

/** One file, as one part of a multipart body: everything between the part's head and the last delimiter. */
const receiveUpload = (request: IncomingMessage, response: ServerResponse): void => {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers["content-type"] ?? "")?.[1] ?? ""
  const delimiter = Buffer.from(`\r\n--${boundary}--`)
  // The delimiter and a line end after it, perhaps.
  const held = delimiter.length + 2
  let head: Buffer | undefined = Buffer.alloc(0)
  let tail: Buffer = Buffer.alloc(0)
  let size = 0
  let crc = 0
  const take = (bytes: Buffer): void => {
    size += bytes.length
    crc = crc32(bytes, crc)
  }
  request.on("data", (chunk: Buffer) => {
    let rest = chunk
    if (head !== undefined) {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      rest = head.subarray(end + 4)
      head = undefined
    }
    if (rest.length >= held) {
      take(tail)
      take(rest.subarray(0, rest.length - held))
      tail = rest.subarray(rest.length - held)
    } else {
      const both = Buffer.concat([tail, rest])
      const ready = Math.max(0, both.length - held)
      take(both.subarray(0, ready))
      tail = both.subarray(ready)
    }
  })
  request.on("end", () => {
    const end = tail.lastIndexOf(delimiter)
    if (head !== undefined || end < 0) {
      respond(response, 400, `{"detail":"Invalid multipart body."}`)
      return
    }
    take(tail.subarray(0, end))
    const path = `/bench/${randomBytes(8).toString("hex")}/upload.bin`
    uploads.set(path, fileAnswer(size, crc))
    respond(response, 200, JSON.stringify([path]))
  })
}

// ------------------------------------------------------------------------------------------------------------------- routes

const respond = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
}

const join = (request: IncomingMessage, response: ServerResponse): void => {
  let body = ""
  request.setEncoding("utf8")
  request.on("data", (chunk: string) => {
    body += chunk
  })
  request.on("end", () => {
    const call: unknown = JSON.parse(body)
    if (
      typeof call !== "object" ||
      call === null ||
      !("session_hash" in call && typeof call.session_hash === "string") ||
      !("fn_index" in call && typeof call.fn_index === "number") ||
      !("data" in call && Array.isArray(call.data))
    ) {
      respond(response, 422, `{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}`)
      return
    }
    const fn = functions[call.fn_index]
    if (fn === undefined) {
      respond(response, 500, `"Internal Server Error"`)
      return
    }
    const id = randomBytes(16).toString("hex")
    const session = sessionOf(call.session_hash)
    session.pending += 1
    session.waiting.push(estimationMessage(id), startsMessage(id))
    respond(response, 200, `{"event_id":"${id}"}`)
    planFlush(session)
    fn.run(session, id, call.data)
  })
}

const server = createServer((request, response) => {
  const url = request.url ?? "/"
  const path = url.split("?", 1)[0] ?? ""
  if (request.method === "POST" && path === `${prefix}/queue/join`) return join(request, response)
  if (request.method === "POST" && path === `${prefix}/upload`) return receiveUpload(request, response)
  if (path === `${prefix}/queue/data`) {
    return openStream(new URL(url, "http://app").searchParams.get("session_hash") ?? "", response)
  }
  if (path === "/config") return respond(response, 200, configBody())
  if (path === `${prefix}/info`) return respond(response, 200, infoBody())
  if (path.startsWith(`${prefix}/file=`) && filePath !== undefined) {
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": fileSize,
      "accept-ranges": "bytes",
      "content-disposition": "inline; filename*=utf-8''large.bin"
    })
    createReadStream(filePath, { highWaterMark: 256 * 1024 }).pipe(response)
    return undefined
  }
  request.resume()
  if (path === `${prefix}/cancel` || path === `${prefix}/reset`) return respond(response, 200, `{"success":true}`)
  return respond(response, 404, `{"detail":"Not Found"}`)
})

// Longer than any pause of a run, so that no client pays for new connections that another does not.
server.keepAliveTimeout = 120_000
server.requestTimeout = 0

let root = ""
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  root = `http://127.0.0.1:${address.port}`
  process.stdout.write(`${root}\n`)
})

// The parent closes the pipe when it ends, however it ends.
process.stdin.resume()
process.stdin.on("end", () => process.exit(0))
