/** Ending a call early, seen from the server's own record. */
import { Effect, Exit, Fiber, Latch, Option, type Scope, Stream } from "effect"
import { HttpBody, HttpClient } from "effect/http"

import type { GradioClient, Job } from "../../src/index.ts"
import { between, type Case, type Group, type World } from "./Case.ts"
import { asKnown, circumstances, eventually, failureOf, has, plainError, record, same } from "./look.ts"
import { occupied, release } from "./queue.ts"

type App = GradioClient.GradioClient

/** The server closed the generator of this tag. */
const isClosed = (app: App, tag: string) =>
  Effect.andThen(
    eventually(record(app, "/interrupted_jobs"), has(tag)),
    eventually(record(app, "/finished"), has(`${tag} closed`))
  )

const hasBegun = (app: App, tag: string) =>
  eventually(record(app, "/steps"), (steps) => typeof Object(steps)[tag] === "number")

const marked = (tag: string, at: "start" | "end") => (marks: unknown) =>
  Array.isArray(marks) && marks.some((mark) => Object(mark).tag === tag && Object(mark).at === at)

const byServer = (known: ReturnType<typeof circumstances>) => ({
  _tag: "JobCancelledError",
  ...known,
  by: "server",
  message: `The call to ${known.where.endpoint} of the app at <app> was cancelled by the server.`
})

const outputs =
  (n: number) =>
  <E>(job: Job.Job<GradioClient.Outputs>): Effect.Effect<void, E | unknown> =>
    job.events.pipe(
      Stream.filter((event) => event._tag === "Output"),
      Stream.take(n),
      Stream.runDrain
    )

/** The route for it came with 4.31. Before, the end of its own stream or socket ends a call. */
const told = ({ since }: World, cancels: number): number => (since("4.31") ? cancels : 0)

/** Gradio issue 13323: such a call holds its place for ever where its function never ends. */
const leavesWaiting = {
  "4.44.1":
    "its /cancel leaves a waiting call in the queue, where it runs when its turn comes; its end then breaks the stream of its session",
  "5.49.1": "its /cancel leaves a waiting call in the queue, where it runs when its turn comes"
} as const

/** The connection counts its cancels, and every call of a case goes through it. */
const counted = Effect.fnUntraced(function* (world: World) {
  const cancels: Array<string> = []
  const app = yield* world.connect({
    transformClient: HttpClient.tapRequest((request) =>
      Effect.sync(() => {
        if (request.url.includes("/cancel")) cancels.push(request.url)
      })
    )
  })
  return { app, cancels }
})

const ends = (
  title: string,
  end: (world: World & { readonly cancels: ReadonlyArray<string> }) => Effect.Effect<void, unknown, Scope.Scope>,
  more: { readonly cancels?: number } = {}
): Case => ({
  title,
  endpoints: ["/endless_async", "/interrupted_jobs", "/finished"],
  run: (world) =>
    Effect.gen(function* () {
      const { app, cancels } = yield* counted(world)
      yield* end({ ...world, app, cancels })
      yield* isClosed(world.app, world.tag)
      // One for each call that was ended early.
      same(cancels.length, told(world, more.cancels ?? 1))
      // The session goes on.
      same(yield* app.predict("/echo", ["after"]), ["after"])
    })
})

export const cancellation: Group = {
  concept: "cancellation",
  cases: [
    ends("a stream that is left early stops its generator", ({ app, tag }) =>
      Effect.map(app.stream("/endless_async", [tag]).pipe(Stream.take(2), Stream.runCollect), (values) =>
        same(values, [["1"], ["2"]])
      )
    ),
    ends("a time-out stops the generator", ({ app, tag }) =>
      Effect.gen(function* () {
        // A server that answers this begins the next call well within the time.
        yield* app.predict("/echo", ["before"])
        const latch = yield* Latch.make(false)
        const waiting = yield* Effect.forkChild(Effect.andThen(hasBegun(app, tag), latch.open))
        const answer = yield* app.predict("/endless_async", [tag]).pipe(
          Effect.timeoutOrElse({
            duration: "5 seconds",
            orElse: () => Effect.as(latch.await, "timed out")
          })
        )
        yield* Fiber.join(waiting)
        same(answer, "timed out")
      })
    ),
    ends("an interrupted fiber stops its generator", ({ app, tag }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(app.predict("/endless_async", [tag]))
        yield* eventually(record(app, "/steps"), (steps) => Object(steps)[tag] > 1)
        yield* Fiber.interrupt(fiber)
        same(Exit.hasInterrupts(yield* Fiber.await(fiber)), true)
      })
    ),
    ends("an interrupted fiber stops its generator at its first message", ({ app, tag }) =>
      Effect.asVoid(
        app.events("/endless_async", [tag]).pipe(
          Stream.filter((event) => event._tag === "Output"),
          Stream.take(1),
          Stream.runDrain
        )
      )
    ),
    ends("a failing reader stops the generator", ({ app, tag }) =>
      Effect.map(
        Effect.flip(
          Stream.runForEach(app.stream("/endless_async", [tag]), ([n]) =>
            n === "3" ? Effect.fail("enough") : Effect.void
          )
        ),
        (error) => same(error, "enough")
      )
    ),
    ends("Job.cancel stops the generator", ({ app, tag }) =>
      Effect.gen(function* () {
        const job = yield* app.submit("/endless_async", [tag])
        yield* outputs(2)(job)
        same(yield* job.cancel, "stopping")
        same(yield* job.cancel, "already-ended")
        same(yield* failureOf(job.result), {
          _tag: "JobCancelledError",
          ...circumstances("/endless_async", "started"),
          by: "client",
          where: { url: "<app>", endpoint: "/endless_async", sessionHash: "<hash>" },
          message: "The call to /endless_async of the app at <app> was cancelled by this client."
        })
        same((yield* job.status).phase, "cancelled")
      })
    ),
    ends("the end of its scope stops a job", ({ app, tag }) =>
      Effect.gen(function* () {
        const job = yield* Effect.scoped(
          Effect.tap(app.submit("/endless_async", [tag]), (running) => outputs(1)(running))
        )
        const error = yield* failureOf(job.result)
        same([error["_tag"], error["by"]], ["JobCancelledError", "client"])
      })
    ),
    ends("a call on a session of its own is stopped alone", ({ app, cancels, tag }) =>
      Effect.gen(function* () {
        const other = yield* app.submit("/ticks", [20, 0.1, `${tag} other`])
        yield* app.stream("/endless_async", [tag], { session: "own" }).pipe(Stream.take(2), Stream.runDrain)
        same(cancels.length <= 1, true)
        same(yield* other.result, [`${tag} other 19`])
      })
    ),
    ends(
      "a generator is stopped while other calls of its session go on",
      ({ app, tag }) =>
        Effect.gen(function* () {
          // It holds the stream open, whose end would stop every generator of the session.
          const other = yield* app.submit("/endless", [`${tag} other`])
          yield* outputs(1)(other)
          yield* app.stream("/endless_async", [tag]).pipe(Stream.take(2), Stream.runDrain)
          yield* isClosed(app, tag)
          const before = (yield* other.status).outputs
          yield* eventually(other.status, (status) => status.phase === "running" && status.outputs > before)
        }).pipe(Effect.scoped),
      { cancels: 2 }
    ),
    {
      title: "an ordinary generator stands still after a cancel",
      endpoints: ["/endless", "/steps"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          yield* app.stream("/endless", [tag]).pipe(Stream.take(2), Stream.runDrain)
          // It takes a step each tenth of a second while it runs: three calls that take that long see the same step.
          const step = Effect.map(record(app, "/steps"), (steps) => Object(steps)[tag])
          const looks = Effect.flatMap(step, (before) =>
            Effect.map(
              Effect.andThen(app.predict("/slow_many", [0.35, `${tag}pause`]), step),
              (after) => [before, after] as const
            )
          )
          yield* eventually(looks, ([before, after]) => typeof before === "number" && before === after)
        })
    },
    {
      title: "a call that waits is taken out of the queue",
      endpoints: ["/slow", "/slow_runs", "/direct_slow"],
      alone: true,
      notOffered: {
        ...leavesWaiting,
        ...between(
          "4.19",
          "4.24",
          "it does not notice that a stream was left: a call that waits runs when its turn comes"
        )
      },
      run: (world) =>
        Effect.gen(function* () {
          const { tag } = world
          const { app, cancels } = yield* counted(world)
          yield* occupied(world)
          // In another session: a server that cancels a call cancels all calls of that function in its session.
          const first = yield* world.app.submit("/slow", [30, `${tag}1`])
          yield* eventually(record(app, "/slow_runs"), marked(`${tag}1`, "start"))
          const second = yield* app.submit("/slow", [0.1, `${tag}2`])
          yield* second.events.pipe(Stream.take(1), Stream.runDrain)
          same((yield* second.status).phase, "queued")
          same(yield* second.cancel, "removed")
          same(yield* failureOf(second.result), {
            _tag: "JobCancelledError",
            ...circumstances("/slow", "queued"),
            where: { url: "<app>", endpoint: "/slow", sessionHash: "<hash>" },
            by: "client",
            message: "The call to /slow of the app at <app> was cancelled by this client."
          })
          yield* release(app, `${tag}1`)
          same(yield* first.result, [`slept ${tag}1`])
          same(yield* app.predict("/slow", [0.1, `${tag}3`]), [`slept ${tag}3`])
          same(marked(`${tag}2`, "start")(yield* record(app, "/slow_runs")), false)
          same(cancels.length, told(world, 1))
        })
    },
    {
      title: "other calls of its function and session go on when one is cancelled",
      endpoints: ["/endless_async", "/slow", "/slow_runs", "/direct_slow"],
      alone: true,
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          const first = yield* app.submit("/endless_async", [`${tag}1`])
          yield* outputs(1)(first)
          yield* app.stream("/endless_async", [`${tag}2`]).pipe(Stream.take(2), Stream.runDrain)
          const before = (yield* first.status).outputs
          yield* eventually(first.status, (status) => status.phase === "running" && status.outputs > before)
          same(yield* first.cancel, "stopping")
          // The next one is not stopped with it either.
          yield* app.stream("/endless_async", [`${tag}3`]).pipe(Stream.take(2), Stream.runDrain)

          yield* occupied(world)
          const running = yield* app.submit("/slow", [30, `${tag}4`])
          yield* eventually(record(app, "/slow_runs"), marked(`${tag}4`, "start"))
          const waiting = yield* app.submit("/slow", [0.1, `${tag}5`])
          yield* waiting.events.pipe(Stream.take(1), Stream.runDrain)
          same(yield* waiting.cancel, "removed")
          yield* release(app, `${tag}4`)
          same(yield* running.result, [`slept ${tag}4`])
        }).pipe(Effect.scoped)
    },
    {
      title: "a plain function that runs cannot be stopped, and the job says so",
      endpoints: ["/slow_many", "/slow_runs", "/direct_slow"],
      run: ({ app, isStandin, tag }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/slow_many", [30, tag])
          yield* eventually(record(app, "/slow_runs"), marked(tag, "start"))
          yield* job.events.pipe(
            Stream.filter((event) => event._tag === "Started"),
            Stream.take(1),
            Stream.runDrain
          )
          same(yield* job.cancel, "not-stoppable")
          same((yield* Effect.flip(job.result))._tag, "JobCancelledError")
          yield* release(app, tag)
          // A thread of Python runs on; a function of the stand-in is an Effect, and ends.
          if (!isStandin) yield* eventually(record(app, "/slow_runs"), marked(tag, "end"))
          same(yield* app.predict("/echo", ["after"]), ["after"])
        })
    },
    {
      title: "no cancel is sent for a call that has ended",
      endpoints: ["/count", "/echo"],
      run: (world) =>
        Effect.gen(function* () {
          const { app, cancels } = yield* counted(world)
          yield* app.predict("/count", [3])
          yield* app.stream("/count", [3]).pipe(Stream.take(3), Stream.runDrain)
          const job = yield* app.submit("/echo", ["x"])
          same(yield* job.result, ["x"])
          same(yield* job.cancel, "already-ended")
          yield* Effect.flip(app.predict("/error", ["x"]))
          // The third value may be heard of before the end of the generator: one cancel at most, and none for the others.
          same(cancels.length <= 1, true)
        })
    },
    {
      title: "a call that is interrupted at once leaves nothing behind",
      endpoints: ["/endless_async", "/steps"],
      notOffered: leavesWaiting,
      run: (world) =>
        Effect.gen(function* () {
          const { app } = yield* counted(world)
          const tags = Array.from({ length: 10 }, (_, i) => `${world.tag} ${i}`)
          yield* Effect.forEach(
            tags,
            (tag) =>
              Effect.gen(function* () {
                const fiber = yield* Effect.forkChild(app.predict("/endless_async", [tag]), { startImmediately: true })
                yield* Effect.yieldNow
                yield* Fiber.interrupt(fiber)
              }),
            { discard: true }
          )
          // Whichever of them the server began, it closed.
          const [steps, closed] = yield* eventually(
            Effect.all([record(world.app, "/steps"), record(world.app, "/interrupted_jobs")]),
            ([begun, ended]) => tags.every((tag) => Object(begun)[tag] === undefined || has(tag)(ended))
          )
          same([typeof steps, Array.isArray(closed)], ["object", true])
          same(yield* app.predict("/echo", ["after"]), ["after"])
        })
    },
    {
      title: "a direct call is interrupted at once",
      endpoints: ["/direct_slow"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const answer = yield* app.predict("/direct_slow", [3, tag]).pipe(Effect.timeoutOption("300 millis"))
          same(Option.isNone(answer), true)
          same(yield* app.predict("/direct", ["after"]), ["after"])
        })
    },
    {
      title: "the end of a connection ends its jobs, streams and heartbeat on the server",
      endpoints: ["/endless_async", "/unloaded", "/interrupted_jobs"],
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          yield* Effect.scoped(
            Effect.gen(function* () {
              const closing = yield* world.connect({ sessionHash: `${tag}closing` })
              const first = yield* closing.submit("/endless_async", [`${tag}1`])
              const second = yield* closing.submit("/endless_async", [`${tag}2`], { session: "own" })
              yield* outputs(1)(first)
              yield* outputs(1)(second)
            })
          )
          yield* eventually(record(app, "/interrupted_jobs"), (list) => has(`${tag}1`)(list) && has(`${tag}2`)(list))
          if (world.since("4.25")) yield* eventually(record(app, "/unloaded"), has(`${tag}closing`))
        })
    },
    {
      title: "a call that is cancelled from elsewhere fails, never with an empty value",
      endpoints: ["/endless_async"],
      notOffered: between("4.0", "4.31", "it says nothing of a call that was cancelled"),
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          const hash = `${tag}shared`
          const one = yield* world.connect({ sessionHash: hash })
          const http = yield* HttpClient.HttpClient
          if (!world.since("4.0")) {
            // The listeners of the app do that there.
            const canceller = one.config.dependencies.findIndex(({ cancels }) => (cancels ?? []).length > 0)
            const endless = yield* one.submit("/endless", [tag])
            yield* outputs(1)(endless)
            yield* http.post(`${world.url}/run/predict`, {
              body: HttpBody.jsonUnsafe({ data: [], session_hash: hash, fn_index: canceller })
            })
            return same(
              plainError(yield* Effect.flip(endless.result)),
              asKnown(world, byServer(circumstances("/endless", "started")))
            )
          }
          const job = yield* one.submit("/endless_async", [tag])
          yield* outputs(1)(job)
          const eventId = Option.getOrThrow(yield* job.eventId)
          const dependency = one.config.dependencies.findIndex((each) => each.api_name === "endless_async")
          yield* http.post(`${world.url}${one.config.api_prefix ?? ""}/cancel`, {
            body: HttpBody.jsonUnsafe({
              event_id: eventId,
              session_hash: hash,
              fn_index: one.config.dependencies[dependency]?.id ?? dependency
            })
          })
          same(plainError(yield* Effect.flip(job.result)), byServer(circumstances("/endless_async", "started")))
          yield* isClosed(app, tag)
        })
    }
  ]
}
