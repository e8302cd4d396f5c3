/** Running calls: their events, status and result. */
import { Effect, Option, Stream } from "effect"

import { Job } from "../../src/index.ts"
import type { Group } from "./Case.ts"
import { completed, eventsOf, output, plainEvent, queued, same, started } from "./look.ts"

const ticks = (tag: string, n: number) => Array.from({ length: n }, (_, i) => [`${tag} ${i}`])

export const jobs: Group = {
  concept: "jobs",
  cases: [
    {
      title: "the first reader of a job gets everything, even when the job has ended",
      endpoints: ["/grow"],
      alone: true,
      run: ({ app }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/grow", [2])
          same(yield* job.result, ["token0 token1 "])
          same(yield* eventsOf(job.events), [
            queued(),
            started,
            output(["token0 "]),
            output(["token0 token1 "], 1),
            completed(["token0 token1 "])
          ])
        })
    },
    {
      title: "a later reader gets the last output and what follows",
      endpoints: ["/ticks"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/ticks", [4, 0.1, tag])
          yield* Stream.runDrain(job.events)
          same(yield* Effect.map(Stream.runCollect(job.events), (all) => all.map(plainEvent)), [
            output([`${tag} 3`], 3),
            completed([`${tag} 3`])
          ])
        })
    },
    {
      title: "every reader gets everything where that was asked for",
      endpoints: ["/ticks"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/ticks", [4, 0.05, tag], { replay: "all" })
          const both = yield* Effect.all([Stream.runCollect(Job.outputs(job)), Stream.runCollect(Job.outputs(job))], {
            concurrency: 2
          })
          same(both, [ticks(tag, 4), ticks(tag, 4)])
          same(yield* Stream.runCollect(Job.outputs(job)), ticks(tag, 4))
        })
    },
    {
      title: "the pieces by which a text grows",
      endpoints: ["/grow", "/count"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const growing = yield* app.submit("/grow", [4])
          same(yield* Stream.runCollect(Job.deltas(growing)), ["token0 ", "token1 ", "token2 ", "token3 "])
          // A text that does not extend the one before is given whole.
          const counting = yield* app.submit("/count", [3])
          same(yield* Stream.runCollect(Job.deltas(counting)), ["0", "1", "2"])
        })
    },
    {
      title: "the status tells where a job is",
      endpoints: ["/ticks"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/ticks", [2, 0.2, tag])
          const phases: Array<unknown> = []
          yield* Stream.runForEach(job.events, () =>
            Effect.map(job.status, ({ phase }) => {
              if (phases.at(-1) !== phase) phases.push(phase)
            })
          )
          same(yield* job.result, [`${tag} 1`])
          const { last, outputs, phase, queue } = yield* job.status
          same(
            { last: Option.getOrUndefined(last), outputs, phase, queue },
            {
              last: [`${tag} 1`],
              outputs: 2,
              phase: "succeeded",
              queue: undefined
            }
          )
          // Readers may lag behind the job, which never goes back.
          const order = ["sending", "queued", "running", "succeeded"]
          same(
            phases
              .map((one) => order.indexOf(String(one)))
              .every((n, i, all) => n >= 0 && (i === 0 || n > (all[i - 1] ?? 0))),
            true
          )
        })
    },
    {
      title: "a job has an event id, a direct one has none",
      endpoints: ["/echo", "/direct"],
      run: ({ app, since }) =>
        Effect.gen(function* () {
          const queuedJob = yield* app.submit("/echo", ["x"])
          // Gradio 3 has none either.
          same(/^[0-9a-f]{32}$/.test(Option.getOrElse(yield* queuedJob.eventId, () => "")), since("4.0"))
          const directJob = yield* app.submit("/direct", ["x"])
          same(yield* directJob.eventId, Option.none())
          same(yield* directJob.result, ["x"])
        })
    },
    {
      title: "the failure of a job is that of its result, its events and its status",
      endpoints: ["/fails_midway"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const job = yield* app.submit("/fails_midway", [1])
          const error = yield* Effect.flip(job.result)
          same([error._tag, error.message], ["AppError", "after some output"])
          same(yield* Effect.flip(Stream.runDrain(job.events)), error)
          const { last, phase } = yield* job.status
          same([phase, Option.getOrUndefined(last)], ["failed", ["0"]])
          same(yield* job.cancel, "already-ended")
        })
    },
    {
      title: "a hundred jobs at once end each with its own value",
      endpoints: ["/two"],
      alone: true,
      run: ({ app }) =>
        Effect.gen(function* () {
          const words = Array.from({ length: 100 }, (_, i) => `word ${i}`)
          const all = yield* Effect.forEach(words, (word) => app.submit("/two", [word]))
          const results = yield* Effect.forEach(all, (job) => job.result)
          same(
            results,
            words.map((word) => [word, word.length])
          )
        })
    }
  ]
}
