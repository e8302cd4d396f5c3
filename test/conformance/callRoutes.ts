/** The plain routes `/call/…`, by which an app is called where a gateway lets only those through. */
import { Effect, Fiber, Schedule, Stream } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"

import { GradioFile, Job } from "../../src/index.ts"
import { before, between, type Case, type Group, type World } from "./Case.ts"
import { eventsAndFailure, eventsOf, eventually, failureOf, has, output, record, same } from "./look.ts"

/** The route that would stop it is not among those that the gateway lets through. */
const unnoticed = between("4.20", "4.24", "it does not notice that the stream of a call was left")

/** A gateway that knows the plain routes, what describes the app, and its files. */
const gateway = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transform(client, (effect, request) => {
    const { pathname } = new URL(request.url)
    return /\/(config|info|upload|call\/.*)$|\/file=/.test(pathname)
      ? effect
      : Effect.succeed(HttpClientResponse.fromWeb(request, new Response("not let through", { status: 403 })))
  })

const connect = (world: World) => world.connect({ protocol: "call", transformClient: gateway })

const cases: ReadonlyArray<Case> = [
  {
    title: "plain functions by position, by name and with defaults",
    endpoints: ["/add", "/defaults", "/no_inputs", "/no_outputs", "/direct"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        same(yield* eventsOf(app.events("/add", [1, "add", 2])), [
          output([3]),
          { _tag: "Completed", output: [3], took: undefined, usedCache: undefined }
        ])
        same(yield* app.predict("/defaults", { times: 3, suffix: "!" }), ["ABABAB!"])
        same(yield* app.predict("/no_inputs"), ["nothing came in"])
        same(yield* app.predict("/no_outputs", [world.tag]), [])
        same(yield* app.predict("/direct", ["without a queue"]), ["without a queue"])
      })
  },
  {
    title: "every value of a generator comes whole",
    endpoints: ["/count", "/lists", "/grow"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        same(yield* Stream.runCollect(app.stream("/count", [3])), [["0"], ["1"], ["2"]])
        const { app: announced } = world
        same(
          yield* Stream.runCollect(app.stream("/lists", [3])),
          yield* Stream.runCollect(announced.stream("/lists", [3]))
        )
        same((yield* Stream.runCollect(app.stream("/grow", [3]))).at(-1), ["token0 token1 token2 "])
      })
  },
  {
    title: "files go and come as in other calls",
    endpoints: ["/file_info", "/file_of"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        const file = GradioFile.fromBytes(new TextEncoder().encode("abc"), { name: "abc.txt" })
        const [info] = yield* app.predict("/file_info", [file])
        same(String(info).startsWith("abc.txt:3:ba7816bf"), true)
        const [made] = yield* app.predict("/file_of", ["hello", "hello.txt"])
        same(GradioFile.isGradioFile(made) ? new TextDecoder().decode(yield* made.bytes) : made, "hello")
      })
  },
  {
    title: "a state begins anew with each call",
    endpoints: ["/counter", "/middle_state"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        same([yield* app.predict("/counter", ["a"]), yield* app.predict("/counter", ["a"])], [[0], [0]])
        same(yield* app.predict("/middle_state", ["x", "y"]), ["x|0|y"])
      })
  },
  {
    title: "a failure of the app",
    endpoints: ["/error_full", "/crash", "/fails_midway"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        const { error, events } = yield* eventsAndFailure(app.events("/fails_midway", [2]))
        same(events, [output(["0"]), output(["1"], 1)])
        // Gradio 6 alone says on these routes what the app said.
        const says = world.version === "6.31.0"
        same([Reflect.get(Object(error), "_tag"), Reflect.get(Object(error), "hidden")], ["AppError", !says])
        const full = yield* failureOf(app.predict("/error_full", ["odd"]))
        same(
          [full["_tag"], full["text"], full["title"], full["duration"], full["visible"]],
          says ? ["AppError", "odd", "My title", 3, false] : ["AppError", "", "Error", 10, true]
        )
        same((yield* failureOf(app.predict("/crash", ["x"])))["hidden"], true)
      })
  },
  {
    title: "an interrupted call is given up by closing its stream",
    endpoints: ["/endless_async", "/interrupted_jobs"],
    notOffered: unnoticed,
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        same(yield* Stream.runCollect(Stream.take(app.stream("/endless_async", [world.tag]), 2)), [["1"], ["2"]])
        yield* eventually(record(world.app, "/interrupted_jobs"), has(world.tag))
      })
  },
  {
    title: "a call that is interrupted while it joins does not run on unheard",
    endpoints: ["/endless_async", "/interrupted_jobs", "/steps"],
    notOffered: unnoticed,
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        const going = yield* Effect.forkChild(app.predict("/endless_async", [`${world.tag} early`]), {
          startImmediately: true
        })
        yield* Effect.yieldNow
        yield* Fiber.interrupt(going)
        // It stands still, whether it was taken from the queue in time or not.
        const step = Effect.map(record(world.app, "/steps"), (steps) =>
          Reflect.get(Object(steps), `${world.tag} early`)
        )
        yield* Effect.gen(function* () {
          const before = yield* step
          yield* Effect.sleep("500 millis")
          if ((yield* step) !== before) return yield* Effect.fail(new Error("it runs on"))
        }).pipe(Effect.retry(Schedule.recurs(10)))
      })
  },
  {
    title: "a job of it has an id, outputs and a result",
    endpoints: ["/ticks"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        const job = yield* app.submit("/ticks", [3, 0.05, world.tag])
        same((yield* job.eventId)._tag, "Some")
        same(
          yield* Stream.runCollect(Job.outputs(job)),
          [0, 1, 2].map((n) => [`${world.tag} ${n}`])
        )
        same(yield* job.result, [`${world.tag} 2`])
      })
  },
  {
    title: "an undocumented function is called, a private one and one without a name are refused",
    endpoints: ["/undocumented", "/private"],
    run: (world) =>
      Effect.gen(function* () {
        const app = yield* connect(world)
        same(yield* app.predict("/undocumented", ["x"]), ["x"])
        same((yield* Effect.flip(app.predict("/private", ["x"])))._tag, "EndpointNotFoundError")
      })
  },
  {
    title: "what the gateway does not let through is not asked for",
    endpoints: ["/echo", "/counter"],
    run: (world) =>
      Effect.gen(function* () {
        const asked: Array<string> = []
        const app = yield* world.connect({
          protocol: "call",
          transformClient: HttpClient.mapRequest((request) => {
            asked.push(new URL(HttpClientRequest.make("GET")(request.url).url).pathname)
            return request
          })
        })
        yield* app.predict("/counter", ["a"])
        yield* app.predict("/echo", ["b"])
        same(
          asked.filter((path) => !/\/(config|info|call\/.*)$/.test(path)),
          []
        )
      })
  }
]

export const callRoutes: Group = {
  concept: "the plain /call routes",
  cases: cases.map((one): Case => ({
    ...one,
    notOffered: { ...one.notOffered, ...before("4.20", "the plain routes came with 4.20") }
  }))
}
