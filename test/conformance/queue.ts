/** The queue of an app: positions, sizes and its end. */
import * as assert from "node:assert/strict"

import { Effect, Fiber, type Scope, Stream } from "effect"

import type { GradioClient, Job } from "../../src/index.ts"
import type { Group, World } from "./Case.ts"
import {
  aTime,
  circumstances,
  eventsOf,
  eventually,
  output,
  plainError,
  queued,
  record,
  same,
  started
} from "./look.ts"

const marked = (tag: string, at: "start" | "end") => (marks: unknown) =>
  Array.isArray(marks) && marks.some((mark) => Object(mark).tag === tag && Object(mark).at === at)

/** Takes all places but one of a server that has so many for all functions together. */
export const occupied = ({ app, since, tag }: World): Effect.Effect<void, unknown, Scope.Scope> =>
  since("4.0")
    ? Effect.void
    : Effect.forEach(
        Array.from({ length: 9 }, (_, i) => `${tag} place ${i}`),
        (place) =>
          Effect.andThen(
            app.submit("/slow_many", [4, place]),
            eventually(record(app, "/slow_runs"), marked(place, "start"))
          ),
        { discard: true }
      )

/** Ends a slow call before its time. */
export const release = (app: GradioClient.GradioClient, tag: string) => app.predict("/direct_slow", [0, `${tag} over`])

/** Until the server has told its place. */
const waits = (job: Job.Job<GradioClient.Outputs>) => eventually(job.status, ({ phase }) => phase === "queued")

export const queue: Group = {
  concept: "the queue",
  cases: [
    {
      title: "calls that wait are told their position, and each step forward",
      endpoints: ["/slow", "/slow_runs", "/direct_slow"],
      alone: true,
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          yield* occupied(world)
          const first = yield* app.submit("/slow", [30, `${tag}1`])
          yield* eventually(record(app, "/slow_runs"), marked(`${tag}1`, "start"))
          const second = yield* app.submit("/slow", [0.1, `${tag}2`])
          yield* waits(second)
          const third = yield* app.submit("/slow", [0.1, `${tag}3`])
          const reading = yield* Effect.forkChild(
            Effect.all([eventsOf(first.events), eventsOf(second.events), eventsOf(third.events)], { concurrency: 3 }),
            { startImmediately: true }
          )
          yield* waits(third)
          yield* release(app, `${tag}1`)
          const [one, two, three] = yield* Fiber.join(reading)
          const ended = (n: number) => [
            started,
            output([`slept ${tag}${n}`]),
            { _tag: "Completed", output: [`slept ${tag}${n}`], took: aTime, usedCache: undefined }
          ]
          same(one, [queued(0, 1), ...ended(1)])
          same(two, [queued(0, 1), ...ended(2)])
          same(three, [queued(1, 2), queued(0, 1), ...ended(3)])
        })
    },
    {
      title: "a server that has timed a function guesses the wait",
      endpoints: ["/slow", "/slow_runs", "/direct_slow"],
      alone: true,
      run: (world) =>
        Effect.gen(function* () {
          const { app, since, tag } = world
          yield* app.predict("/slow", [0.3, tag])
          yield* occupied(world)
          const first = yield* app.submit("/slow", [30, `${tag}1`])
          yield* eventually(record(app, "/slow_runs"), marked(`${tag}1`, "start"))
          const second = yield* app.submit("/slow", [0.1, `${tag}2`])
          yield* waits(second)
          yield* release(app, `${tag}1`)
          const events = yield* Stream.runCollect(second.events)
          const guesses = events.flatMap((event) => (event._tag === "Queued" ? [event.eta] : []))
          assert.ok(guesses.length > 0 && guesses.every((guess) => guess !== undefined), "the wait is guessed")
          const startedEvent = events.find((event) => event._tag === "Started")
          if (since("4.9")) assert.ok(startedEvent?.eta !== undefined, "the duration is guessed")
          yield* first.result
        })
    },
    {
      title: "one call after the other where an app wants it so",
      endpoints: ["/slow", "/slow_runs"],
      notOffered: { "3.50.2": "it has one limit for all functions together" },
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          yield* Effect.forEach([1, 2, 3], (n) => app.predict("/slow", [0.1, `${tag}${n}`]), {
            concurrency: "unbounded",
            discard: true
          })
          const marks = yield* record(app, "/slow_runs")
          const own = (Array.isArray(marks) ? marks : []).filter((mark) => String(Object(mark).tag).startsWith(tag))
          same(
            own.map((mark) => Object(mark).at),
            ["start", "end", "start", "end", "start", "end"]
          )
        })
    },
    {
      title: "a full queue refuses, and says how many wait",
      endpoints: ["/slow", "/slow_runs", "/direct_slow"],
      onStrictServer: true,
      run: ({ app, since, tag }) =>
        Effect.gen(function* () {
          const first = yield* app.submit("/slow", [30, `${tag}1`])
          // Not by the server's record: it is asked through the queue on Gradio 5, and would fill it.
          yield* first.events.pipe(
            Stream.filter((event) => event._tag === "Started"),
            Stream.take(1),
            Stream.runDrain
          )
          const second = yield* app.submit("/slow", [0.1, `${tag}2`])
          yield* waits(second)
          const refused = yield* Effect.flip(app.predict("/slow", [0.1, `${tag}3`]))
          same(plainError(refused), {
            _tag: "QueueFullError",
            ...circumstances("/slow", "sent", { isTransient: true }),
            // It was sent, and the answer says that nothing ran.
            mayHaveRun: false,
            // Before 4.9 it only says that it is full.
            size: since("4.9") ? 1 : undefined,
            message: `The queue of /slow of the app at <app> is full${since("4.9") ? " (1 waiting)" : ""}; nothing ran. Try again later.`
          })
          // The others are not concerned.
          yield* release(app, `${tag}1`)
          same(yield* first.result, [`slept ${tag}1`])
          same(yield* second.result, [`slept ${tag}2`])
          const marks = yield* record(app, "/slow_runs")
          same(marked(`${tag}3`, "start")(marks), false)
        })
    }
  ]
}
