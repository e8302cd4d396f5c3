/** Streams of inputs against a stand-in app in memory, by a clock that stands still. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import { TestClock } from "effect/testing"

import { GradioClient, type JobEvent } from "../../src/index.ts"
import { Component, Fault, GradioServer, endpoint, inputStream } from "../../src/testing/index.ts"

type Event = JobEvent.JobEvent<GradioClient.Outputs>

interface App {
  readonly version?: string | undefined
  readonly timeLimit?: number | undefined
  readonly faults?: ReadonlyArray<Fault.Fault> | undefined
  readonly options?: GradioClient.ConnectOptions | undefined
}

/** An app that writes down when it ran for each chunk, in seconds. */
const open = Effect.fnUntraced(function* ({ faults = [], options, timeLimit, version }: App = {}) {
  const ran: Array<readonly [chunk: string, at: number]> = []
  const server = yield* GradioServer.make({
    version,
    endpoints: [
      inputStream("/listen", {
        inputs: [Component.textbox({ name: "chunk" })],
        outputs: [Component.textbox()],
        streamEvery: 0.5,
        timeLimit,
        run: ([chunk]) =>
          Effect.map(Clock.currentTimeMillis, (at) => {
            ran.push([chunk, at / 1000])
            return [`heard ${chunk}`]
          })
      }),
      endpoint("/echo", {
        inputs: [Component.textbox({ name: "text" })],
        outputs: [Component.textbox()],
        run: ([text]) => Effect.succeed([text])
      })
    ]
  })
  yield* Effect.forEach(faults, (fault) => server.inject(fault))
  const app = yield* Effect.provideService(
    GradioClient.connect("http://app.test", options),
    HttpClient.HttpClient,
    server.client
  )
  return { app, ran, server }
})

const said = (...chunks: ReadonlyArray<string>) => Stream.map(Stream.fromIterable(chunks), (chunk) => [chunk])

/** Lets time pass until the effect has ended. */
const inTime = <A, E>(effect: Effect.Effect<A, E>, step: Duration.Input = "100 millis") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    for (let i = 0; i < 5000 && fiber.pollUnsafe() === undefined; i++) yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })

const tagsOf = (events: ReadonlyArray<Event>) => events.map(({ _tag }) => _tag)
const outputsOf = (events: ReadonlyArray<Event>) =>
  events.flatMap((event) => (event._tag === "Output" ? [event.output[0]] : []))

describe("streamInput", () => {
  it.effect("sends a chunk each stream_every, and no sooner", () =>
    Effect.gen(function* () {
      const { app, ran } = yield* open()
      const events = yield* inTime(Stream.runCollect(GradioClient.streamInput(app, "/listen", said("a", "b", "c"))))
      assert.deepStrictEqual(tagsOf(events), ["Queued", "Started", "Output", "Output", "Output", "Completed"])
      assert.deepStrictEqual(ran, [
        ["a", 0],
        ["b", 0.5],
        ["c", 1]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("waits for chunks that come later than that, and sends them at once", () =>
    Effect.gen(function* () {
      const { app, ran } = yield* open()
      const late = Stream.mapEffect(said("a", "b"), (chunk) => Effect.delay(Effect.succeed(chunk), "2 seconds"))
      yield* inTime(Stream.runDrain(GradioClient.streamInput(app, "/listen", late)))
      assert.deepStrictEqual(ran, [
        ["a", 2],
        ["b", 4]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("begins another event when the server has ended the one before, and says so", () =>
    Effect.gen(function* () {
      const { app, ran } = yield* open({ timeLimit: 5 })
      const late = Stream.mapEffect(said("a", "b"), (chunk) => Effect.delay(Effect.succeed(chunk), "7 seconds"))
      const events = yield* inTime(Stream.runCollect(GradioClient.streamInput(app, "/listen", late)))
      assert.deepStrictEqual(tagsOf(events), [
        "Queued",
        "Started",
        "Output",
        "Reopened",
        "Queued",
        "Started",
        "Output",
        "Completed"
      ])
      assert.deepStrictEqual(
        events.flatMap((event) => (event._tag === "Reopened" ? [event.limit] : [])),
        [Duration.seconds(5)]
      )
      assert.deepStrictEqual(ran, [
        ["a", 7],
        ["b", 14]
      ])
    }).pipe(Effect.scoped)
  )

  // What a server says to a chunk that comes behind the end: not there, an error of its own, or that all is well.
  for (const version of ["6.31.0", "6.15.0", "5.49.1"]) {
    it.effect(`loses and doubles no chunk that is on its way when the event ends, on Gradio ${version}`, () =>
      Effect.gen(function* () {
        // The second chunk is on its way for longer than the server waits for one.
        const slow = Fault.on(
          { path: /\/stream\/[^/]+$/, times: 1 },
          { request: (_, answer) => Effect.delay(answer, "40 seconds") }
        )
        const { app, ran } = yield* open({ version, faults: [slow] })
        const events = yield* inTime(
          Stream.runCollect(GradioClient.streamInput(app, "/listen", said("a", "b", "c"))),
          "1 second"
        )
        assert.deepStrictEqual(outputsOf(events), ["heard a", "heard b", "heard c"])
        assert.deepStrictEqual(
          ran.map(([chunk]) => chunk),
          ["a", "b", "c"]
        )
        assert.strictEqual(tagsOf(events).filter((tag) => tag === "Reopened").length, 1)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("takes no chunk that nobody wants the answer of", () =>
    Effect.gen(function* () {
      const { app } = yield* open()
      let taken = 0
      const chunks = Stream.tap(said("a", "b", "c", "d"), () => Effect.sync(() => void taken++)).pipe(Stream.rechunk(1))
      const outputs = Stream.filter(GradioClient.streamInput(app, "/listen", chunks), ({ _tag }) => _tag === "Output")
      yield* inTime(Stream.runDrain(Stream.take(outputs, 2)))
      assert.strictEqual(taken, 2)
    }).pipe(Effect.scoped)
  )

  it.effect("holds one place among the calls in flight, to its end", () =>
    Effect.gen(function* () {
      const { app, ran } = yield* open({ options: { concurrency: 1 } })
      const stream = yield* Effect.forkChild(
        Stream.runDrain(GradioClient.streamInput(app, "/listen", said("a", "b", "c"))),
        { startImmediately: true }
      )
      const echo = yield* Effect.forkChild(app.predict("/echo", ["x"]), { startImmediately: true })
      yield* inTime(Effect.sleep("900 millis"))
      assert.strictEqual(ran.length, 2)
      assert.isUndefined(echo.pollUnsafe())
      yield* inTime(Fiber.join(stream))
      assert.deepStrictEqual(yield* inTime(Fiber.join(echo)), ["x"])
    }).pipe(Effect.scoped)
  )

  it.effect("leaves nothing behind when it is interrupted", () =>
    Effect.gen(function* () {
      const { app, server } = yield* open()
      const fiber = yield* Effect.forkChild(
        Stream.runDrain(GradioClient.streamInput(app, "/listen", Stream.forever(said("a")))),
        { startImmediately: true }
      )
      yield* inTime(Effect.sleep("3 seconds"))
      assert.strictEqual((yield* server.activity).running, 1)
      yield* Fiber.interrupt(fiber)
      yield* inTime(Effect.sleep("1 second"))
      const { open: stillOpen, running, waiting } = yield* server.activity
      assert.deepStrictEqual({ stillOpen, running, waiting }, { stillOpen: 0, running: 0, waiting: 0 })
    }).pipe(Effect.scoped)
  )

  it.effect("needs a real client", () =>
    Effect.gen(function* () {
      const { app } = yield* open()
      const double = GradioClient.makeWith(app)
      const exit = yield* Effect.exit(Stream.runDrain(GradioClient.streamInput(double, "/listen", said("a"))))
      assert.include(String(exit), "GradioClient.streamInput needs a client of GradioClient.connect")
    }).pipe(Effect.scoped)
  )
})
