/**
 * Law 1, 2 and 5 where every call has a socket (`ws`) or an event stream (`sse`, and the plain routes) of its own: whatever comes on it, each call ends once, with what is
 * its own, and leaves nothing open.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Option, Queue, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"

import * as Gradio3 from "../../src/Gradio3.ts"
import * as GradioClient from "../../src/GradioClient.ts"
import { makeSockets, type Sockets } from "../internal/protocol/sockets.ts"
import { type CallStreams, makeCallStreams, type Peer } from "./callStreams.ts"
import { forAllEffect, type Random } from "./generated.ts"
import { rest } from "./play.ts"

type Kind =
  | "send_hash"
  | "estimation"
  | "send_data"
  | "starts"
  | "log"
  | "generating"
  | "other"
  | "completed"
  | "failed"
  | "cancelled"
  | "queue_full"
  | "broken"
  | "close 1000"
  | "close 1012"
  | "close 1006"
  | "break off"

interface Step {
  readonly job: number
  readonly does: Kind | "interrupt"
  readonly serial: number
}

interface Script {
  readonly jobs: number
  readonly steps: ReadonlyArray<Step>
}

type Way = "ws" | "sse" | "call"

const jobsAtMost = 4
const begin: ReadonlyArray<Kind> = ["send_hash", "estimation", "send_data"]
const courses: readonly [ReadonlyArray<Kind>, ...Array<ReadonlyArray<Kind>>] = [
  [...begin, "starts", "completed", "close 1000"],
  [...begin, "starts", "log", "generating", "generating", "completed", "close 1000"],
  // Before 3.6 nobody asks for the session; functions with `every` do not wait.
  ["estimation", "send_data", "starts", "completed"],
  ["send_hash", "send_data", "starts", "generating", "generating", "generating"],
  [...begin, "starts", "failed"],
  [...begin, "starts", "generating", "failed", "close 1000"],
  [...begin, "starts", "cancelled"],
  ["send_hash", "queue_full", "close 1000"],
  ["send_hash", "estimation", "estimation", "close 1000"],
  [...begin, "starts", "generating", "close 1000"],
  [...begin, "starts", "close 1012"],
  ["send_hash", "close 1006"],
  [...begin, "starts", "break off"],
  [...begin, "starts", "broken", "completed"],
  [...begin, "other", "starts", "other", "completed"],
  ["send_hash"],
  []
]

/** What streams say in place of what only sockets do. */
const asStream: Partial<Record<Kind, ReadonlyArray<Kind>>> = {
  send_hash: [],
  "close 1012": ["close 1000"],
  "close 1006": ["break off"]
}
const said: Readonly<Record<Way, Partial<Record<Kind, ReadonlyArray<Kind>>>>> = {
  ws: {},
  sse: asStream,
  // Nothing comes before the first value, and a full queue refuses the joining.
  call: { ...asStream, estimation: [], send_data: [], starts: [], log: [], queue_full: [] }
}

const script =
  (way: Way) =>
  (random: Random): Script => {
    const jobs = 1 + random.below(jobsAtMost)
    let serial = 0
    const lanes = Array.from({ length: jobs }, (_, job): Array<Step> => {
      let kinds: Array<Kind> = random.pick(courses).flatMap((kind) => said[way][kind] ?? kind)
      if (random.chance(0.15)) kinds = kinds.slice(0, random.below(kinds.length + 1))
      if (random.chance(0.1)) kinds = kinds.flatMap((kind) => (random.chance(0.4) ? [kind, kind] : [kind]))
      if (random.chance(0.1)) kinds = random.shuffled(kinds)
      const lane = kinds.map((does): Step => ({ job, does, serial: serial++ }))
      if (random.chance(0.25))
        lane.splice(random.below(lane.length + 1), 0, { job, does: "interrupt", serial: serial++ })
      return lane
    })
    const steps: Array<Step> = []
    for (let left = lanes; left.length > 0; left = left.filter((lane) => lane.length > 0)) {
      const step = left[random.below(left.length)]?.shift()
      if (step !== undefined) steps.push(step)
    }
    return { jobs, steps }
  }

const play = (server: Peer, { does, job, serial }: Step): void => {
  const value = `#${job}-${serial}#`
  switch (does) {
    case "send_hash":
    case "send_data":
    case "queue_full":
      return server.say({ msg: does })
    case "estimation":
      return server.say({ msg: does, rank: 0, queue_size: 1, rank_eta: null })
    case "starts":
      return server.say({ msg: "process_starts" })
    case "log":
      return server.say({ msg: does, log: value, level: "info" })
    case "generating":
      return server.say({ msg: "process_generating", output: { data: [value] }, success: true })
    case "other":
      return server.say({ msg: "a kind of later years", value })
    case "completed":
      return server.say({ msg: "process_completed", output: { data: [value] }, success: true })
    case "failed":
      return server.say({ msg: "process_completed", output: { error: value }, success: false })
    case "cancelled":
      return server.say({ msg: "process_completed", output: {}, success: true })
    case "broken":
      return server.say({ msg: "process_generating", output: value })
    case "close 1000":
      return server.close(1000)
    case "close 1012":
      return server.close(1012)
    case "close 1006":
      return server.close(1006)
    case "break off":
      return server.breakOff()
  }
}

const ends: Partial<Record<Step["does"], string>> = {
  completed: "success",
  failed: "AppError",
  cancelled: "JobCancelledError",
  queue_full: "QueueFullError",
  broken: "AppProtocolError",
  "close 1000": "JobCancelledError",
  "close 1012": "JobDisconnectedError server-stopped",
  "close 1006": "JobDisconnectedError closed",
  "break off": "JobDisconnectedError closed",
  interrupt: "interrupted"
}

/** What must become of a call: its end, its outputs, and how often it says its session and its data. */
const expected = (way: Way, steps: ReadonlyArray<Step>) => {
  const at = steps.findIndex(({ does }) => ends[does] !== undefined)
  const lived = at < 0 ? steps : steps.slice(0, at + 1)
  const heard = lived.some(({ does }) => does !== "send_hash")
  const last = lived.at(-1)
  return {
    // What has been heard of on a socket may take any time; it ends with the client.
    end:
      at < 0 || last === undefined
        ? `JobDisconnectedError ${heard && way === "ws" ? "client-closed" : "silent"}`
        : way !== "ws" && last.does === "close 1000"
          ? "JobDisconnectedError session-lost"
          : ends[last.does],
    outputs: lived.flatMap(({ does, serial }) => (does === "generating" || does === "completed" ? [serial] : [])),
    sessions: lived.filter(({ does }) => does === "send_hash").length,
    data: way === "call" ? 1 : lived.filter(({ does }) => does === "send_data").length
  }
}

const endOf = (exit: Exit.Exit<void, { readonly _tag: string }>): string => {
  if (Exit.isSuccess(exit)) return "success"
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
  const error = Option.getOrThrow(Cause.findErrorOption(exit.cause))
  return "reason" in error ? `${error._tag} ${String(error.reason)}` : error._tag
}

const configOf = (way: Way) => ({
  ...{
    ws: { version: "3.50.2" },
    sse: { version: "4.8.0", protocol: "sse" },
    call: { version: "4.44.1", protocol: "sse_v3" }
  }[way],
  enable_queue: true,
  components: [{ id: 1, type: "textbox", props: { label: "out" } }],
  dependencies: Array.from({ length: jobsAtMost }, (_, job) => ({
    inputs: [1],
    outputs: [1],
    backend_fn: true,
    queue: null,
    api_name: String(job)
  }))
})
const httpOf = (way: Way, streams?: CallStreams) =>
  HttpClient.make((request, url) =>
    Effect.map(
      streams === undefined || !/^\/(queue|call)\//.test(url.pathname)
        ? Effect.succeed(Response.json(url.pathname === "/config" ? configOf(way) : { named_endpoints: {} }))
        : streams.answer(request, url),
      (response) => HttpClientResponse.fromWeb(request, response)
    )
  )

const turns = 12

const check = (
  way: Way,
  whole: GradioClient.GradioClient,
  sockets: Pick<Sockets, "open"> & { readonly next: Effect.Effect<Peer> },
  { jobs, steps }: Script
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const servers = new Map<number, Peer>()
    const accepting = yield* Effect.forkChild(
      Effect.forever(Effect.map(sockets.next, (server) => void servers.set(Number(server.headers?.["x-job"]), server)))
    )
    const told = Array.from({ length: jobs }, (): Array<string> => [])
    const fibers: Array<Fiber.Fiber<void, { readonly _tag: string }>> = []
    yield* Effect.scoped(
      Effect.gen(function* () {
        const app = yield* whole.withSession()
        for (let job = 0; job < jobs; job++) {
          const call = app
            .stream(`/${job}`, [`input ${job}`], { headers: { "x-job": String(job) } })
            .pipe(Stream.runForEach(([value]) => Effect.sync(() => void told[job]?.push(String(value)))))
          fibers.push(yield* Effect.forkDetach(call))
        }
        yield* rest(turns)
        assert.strictEqual(servers.size, jobs)
        for (const step of steps) {
          const fiber = fibers[step.job]
          const server = servers.get(step.job)
          assert(fiber !== undefined && server !== undefined)
          if (step.does === "interrupt") yield* Fiber.interrupt(fiber)
          else play(server, step)
          yield* rest(4)
        }
        yield* rest(turns)
        // A stream may take a second to end after the completion of its call.
        yield* TestClock.adjust("1 second")
        yield* rest(turns)
        const unended = fibers.filter((fiber) => fiber.pollUnsafe() === undefined).length
        assert.strictEqual(sockets.open(), unended, "a call that had ended kept its own open")
        yield* TestClock.adjust("10 minutes")
        yield* rest(turns)
      })
    )
    yield* rest(turns)
    for (let job = 0; job < jobs; job++) {
      const own = steps.filter((step) => step.job === job)
      const exit = fibers[job]?.pollUnsafe()
      const said = Array.from(yield* Queue.clear(servers.get(job)?.said ?? (yield* Queue.unbounded<unknown>())))
      assert(exit !== undefined, `call ${job} still runs: ${JSON.stringify(own)}`)
      const data = said.filter((one) => "data" in Object(one))
      const seen = {
        end: endOf(exit),
        outputs: told[job],
        sessions: said.length - data.length,
        data: data.length
      }
      const model = expected(way, own)
      const wanted = { ...model, outputs: model.outputs.map((serial) => `#${job}-${serial}#`) }
      assert.deepStrictEqual<unknown>(seen, wanted, JSON.stringify(own))
      for (const one of data) assert.deepStrictEqual(Object(one).data, [`input ${job}`])
    }
    assert.strictEqual(sockets.open(), 0, "one was left open")
    yield* Fiber.interrupt(accepting)
  })

describe("any sequence of messages on sockets", () => {
  it.effect(
    "ends each call exactly once, with its own values, and closes its socket",
    () =>
      Effect.gen(function* () {
        const sockets = yield* makeSockets()
        const app = yield* GradioClient.connect("http://app.test").pipe(
          Effect.provideService(HttpClient.HttpClient, httpOf("ws")),
          Effect.provide(Layer.provide(Gradio3.layer, Layer.succeed(Socket.WebSocketConstructor)(sockets.constructor)))
        )
        yield* forAllEffect("sockets end their calls", 10_000, script("ws"), (one) => check("ws", app, sockets, one))
      }),
    240_000
  )
})

describe("any sequence of messages on streams of their own", () => {
  it.effect(
    "ends each call exactly once, with its own values, sends its data as often as it is asked for, and closes its stream",
    () =>
      Effect.gen(function* () {
        const streams = yield* makeCallStreams
        const app = yield* GradioClient.connect("http://app.test", { retry: "none" }).pipe(
          Effect.provideService(HttpClient.HttpClient, httpOf("sse", streams))
        )
        yield* forAllEffect("streams end their calls", 2000, script("sse"), (one) => check("sse", app, streams, one))
      }),
    120_000
  )
})

describe("any sequence of messages by the plain routes", () => {
  it.effect(
    "ends each call exactly once, with its own values, and closes its stream",
    () =>
      Effect.gen(function* () {
        const streams = yield* makeCallStreams
        const app = yield* GradioClient.connect("http://app.test", { retry: "none", protocol: "call" }).pipe(
          Effect.provideService(HttpClient.HttpClient, httpOf("call", streams))
        )
        yield* forAllEffect("plain calls end", 2000, script("call"), (one) => check("call", app, streams, one))
      }),
    120_000
  )
})
