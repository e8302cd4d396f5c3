/** What plays a script: a session over a scripted wire, or a whole client over a scripted `HttpClient`. Both look the same from here. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import * as GradioClient from "../../src/GradioClient.ts"
import { AppResponseError, circumstances, JobCancelledError, type JobError } from "../../src/GradioError.ts"
import * as Fibers from "../../src/internal/session/fibers.ts"
import * as SharedSession from "../../src/internal/session/sharedSession.ts"
import type { Received, StreamFault } from "../../src/internal/transport/eventStream.ts"
import * as Limits from "../../src/Limits.ts"
import type { Call, Heard } from "../../src/Protocol.ts"
import { fromText } from "../../src/ServerMessage.ts"
import { type Random, randomFrom } from "./generated.ts"
import type { Cancels, Fact, Sent, StreamEnd } from "./script.ts"

/** What reached the reader of a call: the serial numbers of messages, and whatever text came with them. */
export interface Told {
  readonly serials: Array<number>
  readonly texts: Array<string>
}

/** A version of the protocol: what its servers do each in their own way. */
export interface Dialect {
  readonly version: string
  readonly protocol: string
  readonly prefix?: string
  readonly generates: "values" | "edits"
  readonly stops: Cancels
  /** Whether the server says that a stream is over; if not, the end of its body does. */
  readonly saysClose: boolean
  /** Whether it sees that a stream was left. */
  readonly noticesLeaving: boolean
}

export const sseV1: Dialect = {
  version: "4.16.0",
  protocol: "sse_v1",
  generates: "values",
  stops: "what has started",
  saysClose: false,
  noticesLeaving: true
}
export const sseV2: Dialect = { ...sseV1, version: "4.17.0", protocol: "sse_v2", generates: "edits" }
/** Its last version does not notice that a stream was left. */
export const sseV2Unnoticing: Dialect = { ...sseV2, version: "4.19.2", noticesLeaving: false }
export const sseV3: Dialect = {
  version: "6.31.0",
  protocol: "sse_v3",
  prefix: "/gradio_api",
  generates: "edits",
  stops: "at once",
  saysClose: true,
  noticesLeaving: true
}

export interface Rig {
  readonly facts: Array<Fact>
  readonly stops: Cancels
  readonly noticesLeaving: boolean
  /** Event ids that the server was told to cancel. */
  readonly cancels: Array<string>
  /** Streams that are open, and the most that were open at once and not left by the server. */
  readonly open: () => number
  readonly mostOpen: () => number
  /** The messages of a call, told as they come; ends as the call does. */
  readonly run: (job: number, told: Told) => Effect.Effect<void, unknown>
  readonly answer: (job: number, ok: boolean) => void
  readonly send: (piece: ReadonlyArray<Sent>) => void
  readonly end: (how: StreamEnd) => void
}

const eventOf = (job: Sent["job"]): string | null => (job === "all" ? null : `event-${job}`)

/** The text of a message; every value in it names its call and its number. */
export const textOf = ({ job, kind, serial }: Sent, generates: Dialect["generates"] = "edits"): string => {
  const event_id = eventOf(job)
  const value = `#${job}-${serial}#`
  switch (kind) {
    case "estimation":
      return JSON.stringify({ msg: kind, event_id, rank: 0, queue_size: 1, rank_eta: serial })
    case "starts":
      return JSON.stringify({ msg: "process_starts", event_id, eta: serial })
    case "progress":
      return JSON.stringify({ msg: kind, event_id, progress_data: [{ index: serial, desc: value }] })
    case "log":
      return JSON.stringify({ msg: kind, event_id, log: value, level: "info" })
    case "generating":
      // An edit that fits every value, and is one itself.
      return JSON.stringify({
        msg: "process_generating",
        event_id,
        output: { data: [generates === "edits" ? [["replace", [], value]] : value], is_generating: true },
        success: true
      })
    case "streaming":
      return JSON.stringify({ msg: "process_streaming", event_id, output: { data: [value] }, success: true })
    case "other":
      return JSON.stringify({ msg: "a kind of later years", event_id, value })
    case "completed":
      return JSON.stringify({ msg: "process_completed", event_id, output: { data: [value] }, success: true })
    case "failed":
      return JSON.stringify({ msg: "process_completed", event_id, output: { error: value }, success: false })
    case "cancelled":
      return JSON.stringify({ msg: "process_completed", event_id, output: {}, success: true, title: value })
    case "broken":
      return JSON.stringify({ msg: "process_generating", event_id, output: value })
    case "unexpected":
      return JSON.stringify({ msg: "unexpected_error", event_id, message: value, success: false })
    case "heartbeat":
      return JSON.stringify({ msg: "heartbeat" })
  }
}

/** The number of the message in a text made by `textOf`, wherever it stands. */
const serialIn = (text: string): number | undefined => {
  const found = /#[a-z0-9]+-(\d+)#/.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

const serialOf = ({ message }: Heard): number | undefined => {
  if (message.msg === "process_starts") return message.eta ?? undefined
  if (message.msg === "estimation" || message.msg === "progress" || message.msg === "log") return undefined
  return serialIn(JSON.stringify(message))
}

const ids = { url: "http://app.test/", sessionHash: "session" }

export const callOf = (job: number, more: Partial<Call> = {}): Call => ({
  where: { ...ids, endpoint: `/${job}` },
  fnIndex: job,
  apiName: String(job),
  body: { data: [] },
  session: { hash: "session", own: false },
  headers: {},
  cancellers: [],
  owner: ids,
  buffer: 1e9,
  ...more
})

export const refusedStream = (): AppResponseError =>
  new AppResponseError({ ...circumstances({ where: ids, reached: "queued" }), status: 500, body: "no stream" })

export const refusedJoin = (): JobError =>
  new AppResponseError({ ...circumstances({ where: ids, reached: "sent" }), status: 404, body: "no join" })

/** Counts streams: those that the server still means to use, and all. */
const counting = () => {
  let open = 0
  let most = 0
  let left = 0
  return {
    opened: () => {
      open++
      most = Math.max(most, open - left)
    },
    closed: (wasLeft: boolean) => {
      open--
      if (wasLeft) left--
    },
    leave: () => {
      left++
    },
    open: () => open,
    most: () => most
  }
}

interface ServerStream {
  readonly say: (texts: ReadonlyArray<string>) => void
  readonly finish: (how: "clean" | "broke-off") => void
  left: boolean
}

/** What both rigs share: joins that wait for their answers, and streams that come and go. */
const serverOf = ({ generates, noticesLeaving, saysClose, stops }: Dialect) => {
  const facts: Array<Fact> = []
  const cancels: Array<string> = []
  const count = counting()
  const joins = new Map<number, Deferred.Deferred<boolean>>()
  let current: ServerStream | undefined
  let refuseNext = false
  const joinOf = (job: number): Deferred.Deferred<boolean> => {
    const known = joins.get(job) ?? Deferred.makeUnsafe<boolean>()
    joins.set(job, known)
    return known
  }
  return {
    facts,
    stops,
    noticesLeaving,
    cancels,
    open: count.open,
    mostOpen: count.most,
    joinOf,
    /** Whether the next stream is refused. */
    refuses: (): boolean => {
      if (!refuseNext) return false
      refuseNext = false
      facts.push({ do: "end", how: "refused" })
      return true
    },
    opened: (stream: ServerStream): void => {
      count.opened()
      current = stream
    },
    closed: (stream: ServerStream): void => {
      count.closed(stream.left)
      if (current === stream) current = undefined
    },
    answer: (job: number, ok: boolean): void => {
      facts.push({ do: "answer", job, ok })
      Deferred.doneUnsafe(joinOf(job), Effect.succeed(ok))
    },
    send: (piece: ReadonlyArray<Sent>): void => {
      if (current === undefined) return
      facts.push({ do: "send", piece })
      current.say(piece.map((one) => textOf(one, generates)))
    },
    end: (meant: StreamEnd): void => {
      const how = meant === "close_stream" && !saysClose ? "clean" : meant
      if (how === "refused") {
        refuseNext = true
        return
      }
      const stream = current
      if (stream === undefined) return
      facts.push({ do: "end", how })
      current = undefined
      if (how === "close_stream") {
        // The body goes on; the client may read it to its end, and opens another for new calls.
        stream.left = true
        count.leave()
        stream.say([JSON.stringify({ msg: "close_stream", event_id: null })])
      } else stream.finish(how)
    }
  }
}

/** A session over a wire that does what it is told. */
export const sessionRig = (
  options: { readonly own?: boolean; readonly onIdle?: () => void } = {}
): Effect.Effect<Rig & { readonly session: SharedSession.SharedSession }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fork = yield* Fibers.make
    const clock = yield* Clock.Clock
    const server = serverOf(sseV3)
    const received = (text: string): Received => ({ message: fromText(text), bytes: text.length })
    const events = Effect.gen(function* () {
      if (server.refuses()) return yield* refusedStream()
      const queue = yield* Queue.unbounded<Received, StreamFault | Cause.Done>()
      const stream: ServerStream = {
        say: (texts) => void Queue.offerAllUnsafe(queue, texts.map(received)),
        finish: (how) => {
          if (how === "clean") Queue.endUnsafe(queue)
          else Queue.failCauseUnsafe(queue, Cause.fail({ kind: "broke-off", cause: new Error("cut") }))
        },
        left: false
      }
      yield* Effect.acquireRelease(
        Effect.sync(() => server.opened(stream)),
        () => Effect.sync(() => server.closed(stream))
      )
      return yield* Stream.toPull(Stream.fromQueue(queue))
    })
    const session = SharedSession.make({
      own: options.own ?? false,
      wire: {
        join: (call) =>
          Effect.flatMap(Deferred.await(server.joinOf(call.fnIndex)), (ok) =>
            ok ? Effect.succeed(`event-${call.fnIndex}`) : Effect.fail(refusedJoin())
          ),
        overdue: refusedJoin,
        events,
        cancel: (_, eventId) => ({
          stops: [],
          tell: Effect.sync(() => {
            server.cancels.push(eventId)
            return true
          })
        }),
        removesWaiting: true,
        completesCancelled: true,
        noticesLeaving: true,
        limits: Limits.make()
      },
      fork,
      clock,
      onIdle: options.onIdle ?? (() => {})
    })
    const run = (job: number, told: Told): Effect.Effect<void, unknown> =>
      Stream.unwrap(Effect.map(session.run(callOf(job)), (messages) => Stream.fromPull(Effect.succeed(messages)))).pipe(
        Stream.runForEach((heard) => {
          const serial = serialOf(heard)
          if (serial !== undefined) told.serials.push(serial)
          told.texts.push(JSON.stringify(heard.message))
          const { message } = heard
          if (message.msg !== "process_completed") return Effect.void
          // As the fold has it, which is not under test here.
          if (!message.success) return Effect.fail({ _tag: "AppError" })
          return message.output.data === undefined
            ? Effect.fail(new JobCancelledError({ ...circumstances({ where: ids }), by: "server" }))
            : Effect.void
        })
      )
    return { ...server, run, session }
  })

const encoder = new TextEncoder()

const config = ({ prefix, protocol, version }: Dialect, jobs: number) => ({
  version,
  protocol,
  api_prefix: prefix,
  components: [{ id: 1, type: "textbox", props: { label: "out" } }],
  dependencies: Array.from({ length: jobs }, (_, id) => ({
    id,
    targets: [],
    inputs: [],
    outputs: [1],
    backend_fn: true,
    queue: true,
    api_name: String(id),
    types: { generator: true, cancel: false },
    cancels: [],
    show_api: true
  }))
})

const textIn = (value: unknown, key: string): string =>
  typeof value === "object" && value !== null && key in value ? String(Reflect.get(value, key)) : ""

const jsonBody = (request: { readonly body: unknown }): unknown => {
  const { body } = request
  const bytes: unknown = typeof body === "object" && body !== null && "body" in body ? body.body : undefined
  return bytes instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(bytes)) : undefined
}

interface AppServer {
  readonly server: ReturnType<typeof serverOf>
  readonly random: Random
}

const eventsBody = ({ random, server }: AppServer): ReadableStream<Uint8Array> => {
  let stream: ServerStream | undefined
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const made: ServerStream = {
        say: (texts) => {
          const bytes = encoder.encode(texts.map((text) => `data: ${text}\n\n`).join(""))
          // Cut anywhere, inside characters too.
          const at = random.below(bytes.length + 1)
          controller.enqueue(bytes.slice(0, at))
          controller.enqueue(bytes.slice(at))
        },
        finish: (how) => {
          server.closed(made)
          if (how === "clean") controller.close()
          else controller.error(new Error("cut"))
        },
        left: false
      }
      stream = made
      server.opened(made)
    },
    cancel: () => {
      if (stream !== undefined) server.closed(stream)
    }
  })
}

const maxJobs = 4

/** A whole client of an app whose answers do what they are told, in pieces of any size; gives a rig for each session. */
export const clientRigs = (
  dialect: Dialect
): Effect.Effect<(seed: number) => Effect.Effect<Rig, never, Scope.Scope>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sessions = new Map<string, AppServer>()
    const sessionOf = (url: URL, body: unknown): AppServer => {
      const hash = url.searchParams.get("session_hash") ?? textIn(body, "session_hash")
      // `/reset` names no session, and there is one at a time.
      const session = hash === "" ? [...sessions.values()].at(-1) : sessions.get(hash)
      if (session === undefined) throw new Error(`no session ${hash}`)
      return session
    }
    const answer = (url: URL, body: unknown): Effect.Effect<Response> => {
      const path = url.pathname
      if (path === "/config") return Effect.succeed(Response.json(config(dialect, maxJobs)))
      if (path.endsWith("/info")) return Effect.succeed(Response.json({ named_endpoints: {}, unnamed_endpoints: {} }))
      const { server } = sessionOf(url, body)
      if (path.endsWith("/queue/join")) {
        const job = Number(textIn(body, "fn_index"))
        return Effect.map(Deferred.await(server.joinOf(job)), (ok) =>
          ok ? Response.json({ event_id: `event-${job}` }) : new Response("no join", { status: 404 })
        )
      }
      if (path.endsWith("/queue/data")) {
        return Effect.sync(() =>
          server.refuses() ? new Response("no stream", { status: 500 }) : new Response(eventsBody(sessionOf(url, body)))
        )
      }
      if (path.endsWith(dialect.stops === "at once" ? "/cancel" : "/reset")) {
        return Effect.sync(() => {
          server.cancels.push(textIn(body, "event_id"))
          return Response.json({ success: true })
        })
      }
      return Effect.succeed(new Response("", { status: 404 }))
    }
    const http = HttpClient.make((request, url) =>
      Effect.map(answer(url, jsonBody(request)), (response) => HttpClientResponse.fromWeb(request, response))
    )
    const client = yield* GradioClient.connect("http://app.test", { retry: "none" }).pipe(
      Effect.provideService(HttpClient.HttpClient, http),
      Effect.orDie
    )
    return Effect.fnUntraced(function* (seed) {
      const server = serverOf(dialect)
      const hash = `session-${seed}`
      yield* Effect.acquireRelease(
        Effect.sync(() => sessions.set(hash, { server, random: randomFrom(seed) })),
        () => Effect.sync(() => sessions.delete(hash))
      )
      const session = yield* client.withSession({ hash })
      const run = (job: number, told: Told): Effect.Effect<void, unknown> =>
        Stream.runForEach(session.events(`/${job}`, []), (event) =>
          Effect.sync(() => {
            const text = JSON.stringify(event)
            // The first value of a generator is whole even if it looks like edits, and is the only one.
            if (text.includes(`["replace"`) && told.texts.some((one) => one.includes(`["replace"`))) {
              throw new Error(`edits that were not applied: ${text}`)
            }
            told.texts.push(text)
            const serial = event._tag === "Output" || event._tag === "Other" ? serialIn(text) : undefined
            if (serial !== undefined) told.serials.push(serial)
          })
        )
      return { ...server, run }
    })
  })
