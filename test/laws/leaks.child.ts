/**
 * Makes many calls of every kind and says what they left behind: run by `leaks.test.ts` in a process of its own, where memory can be measured.
 * Arguments: `memory` or `socket`, and the number of calls.
 */
import { createServer } from "node:http"
import type { Socket } from "node:net"

import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

import * as GradioClient from "../../src/GradioClient.ts"
import * as GradioFile from "../../src/GradioFile.ts"
import { AppFailure, Component, endpoint, generator, GradioServer } from "../../src/testing/index.ts"

const [kind = "memory", count = "1000"] = process.argv.slice(2)
const calls = Number(count)

const text = Component.textbox({ name: "text" })
const functions = [
  endpoint("/echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) }),
  endpoint("/direct", { inputs: [text], outputs: [text], queue: false, run: ([value]) => Effect.succeed([value]) }),
  endpoint("/fails", { inputs: [text], outputs: [text], run: () => Effect.fail(new AppFailure({ message: "no" })) }),
  generator("/count", {
    inputs: [text],
    outputs: [text],
    concurrencyLimit: null,
    run: () => Stream.map(Stream.range(1, 5), (n) => [String(n)])
  }),
  generator("/endless", {
    inputs: [text],
    outputs: [text],
    concurrencyLimit: null,
    run: () => Stream.map(Stream.fromEffectRepeat(Effect.delay(Effect.succeed("tick"), "1 millis")), (tick) => [tick])
  }),
  endpoint("/file", {
    inputs: [Component.file({ name: "file" })],
    outputs: [text],
    run: () => Effect.succeed(["read"])
  })
]

// A server that is told to cancel one event stops all of that function in the session, so what is given up here has a session of its own.
const own = { session: "own" } as const

/** One call of each kind in turn; each fails loudly where it does not end as it must. */
const one = (app: GradioClient.GradioClient, n: number): Effect.Effect<unknown, unknown> => {
  const value = `value ${n}`
  const same = <E>(predicted: Effect.Effect<ReadonlyArray<unknown>, E>) =>
    Effect.flatMap(predicted, ([got]) => (got === value ? Effect.void : Effect.fail(new Error(`not ${value}`))))
  switch (n % 10) {
    case 0:
      return Effect.flip(app.predict("/fails", [value]))
    case 1:
      return same(app.predict("/direct", [value]))
    case 2:
      return Stream.runDrain(app.stream("/count", [value]))
    case 3:
      return Stream.runDrain(Stream.take(app.stream("/endless", [value], own), 2))
    case 4:
      return same(app.predict("/echo", [value], { session: "own" }))
    case 5:
      return Effect.scoped(
        Effect.flatMap(app.submit("/count", [value]), (job) =>
          Effect.all([job.result, Stream.runDrain(job.events)], { concurrency: 2 })
        )
      )
    case 6:
      return Effect.scoped(Effect.flatMap(app.submit("/endless", [value], own), (job) => job.eventId))
    case 7:
      return n % 100 === 7
        ? app.predict("/file", [GradioFile.fromBytes(new Uint8Array(100), { name: "a.bin" })])
        : same(app.predict("/echo", [value]))
    case 8:
      // Given up before anything can have come back.
      return Effect.andThen(
        Effect.forkChild(Effect.exit(app.predict("/echo", [value], own)), { startImmediately: true }),
        Fiber.interrupt
      )
    default:
      return same(app.predict("/echo", [value]))
  }
}

const gc = (): void => {
  const collect: unknown = Reflect.get(globalThis, "gc")
  if (typeof collect !== "function") throw new Error("run with --expose-gc")
  for (let n = 0; n < 4; n++) collect()
}

const heap = Effect.gen(function* () {
  // What is given up says so to the server by fibers of the connection: they end before anything is measured.
  yield* Effect.sleep("300 millis")
  gc()
  return process.memoryUsage().heapUsed
})

const warnings: Array<string> = []
process.on("warning", (warning) => warnings.push(`${warning.name}: ${warning.message}`))

const withOwnSession = new Set([3, 4, 6, 8])

const many = (app: GradioClient.GradioClient, from: number, to: number, kinds: "all" | "shared") =>
  Effect.forEach(
    Array.from({ length: to - from }, (_, n) => from + n).map((n) =>
      kinds === "shared" && withOwnSession.has(n % 10) ? n - (n % 10) : n
    ),
    (n) => one(app, n),
    { concurrency: 50, discard: true }
  )

/** The shared stream is left 5 seconds after the last call, at the latest. */
const atRest = (server: GradioServer.GradioServer["Service"]): Effect.Effect<unknown> =>
  server.activity.pipe(
    Effect.delay("50 millis"),
    Effect.repeat({ until: ({ open, running, waiting }) => open === 0 && running === 0 && waiting === 0 }),
    Effect.timeoutOrElse({ duration: "15 seconds", orElse: () => server.activity })
  )

const program = Effect.gen(function* () {
  const server = yield* GradioServer.make({ endpoints: functions })
  const sockets = new Set<Socket>()
  let url = "http://gradio.test"
  let http = server.client
  if (kind === "socket") {
    const node = createServer()
    node.on("connection", (socket) => {
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
    })
    const services = yield* Layer.build(NodeHttpServer.layer(() => node, { port: 0, host: "127.0.0.1" }))
    url = yield* Effect.provideContext(GradioServer.serve(server), services)
    http = Context.get(yield* Layer.build(NodeHttpClient.layerUndici), HttpClient.HttpClient)
  }
  const measured = yield* Effect.scoped(
    Effect.gen(function* () {
      const app = yield* Effect.provideService(GradioClient.connect(url), HttpClient.HttpClient, http)
      // The server is in this process, and remembers sessions as a real one does: memory is compared where no new ones are made.
      const half = Math.floor(calls / 2)
      yield* many(app, 0, half, "all")
      const early = yield* heap
      yield* many(app, half, calls, "shared")
      const late = yield* heap
      return { early, late, whileOpen: sockets.size, rest: yield* atRest(server) }
    })
  )
  return { ...measured, calls, warnings, after: yield* atRest(server) }
}).pipe(Effect.scoped)

const result = await Effect.runPromise(program)
process.stdout.write(JSON.stringify(result))
// Whatever still holds the process now was left behind: it must end by itself.
