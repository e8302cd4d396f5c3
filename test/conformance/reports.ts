/** What a function says before it is done: progress and logs. */
import { Effect, Stream } from "effect"

import type { JobEvent } from "../../src/index.ts"
import type { Case, Group } from "./Case.ts"
import { completed, eventsOf, isTrue, output, queued, same, started } from "./look.ts"

type Bars = ReadonlyArray<JobEvent.ProgressBar>

const bar = (one: Partial<JobEvent.ProgressBar>): JobEvent.ProgressBar => ({
  fraction: undefined,
  index: undefined,
  length: undefined,
  unit: "steps",
  description: undefined,
  ...one
})
const step = (index: number, length: number, description: string, unit = "steps") =>
  bar({ fraction: index / length, index, length, description, unit })

const isProgress = (event: unknown): event is { readonly bars: Bars } =>
  typeof event === "object" && event !== null && "_tag" in event && event._tag === "Progress"

/**
 * The app waits until each report is sent. One that nobody has read yet gives way to the next, so that a client that is late sees some of them, in their
 * order, and the last.
 */
const sameReports = (events: ReadonlyArray<unknown>, all: ReadonlyArray<Bars>): void => {
  const seen = events.filter(isProgress).map(({ bars }) => bars)
  let from = 0
  for (const one of seen) {
    const at = all.findIndex((other, i) => i >= from && JSON.stringify(other) === JSON.stringify(one))
    isTrue(at >= 0, `not a selection of what was reported: ${JSON.stringify(seen)}`)
    from = at + 1
  }
  same(seen.at(-1), all.at(-1))
}

const reports = (title: string, endpoint: string, n: number, all: ReadonlyArray<Bars>): Case => ({
  title,
  endpoints: [endpoint],
  alone: true,
  run: ({ app }) =>
    Effect.map(eventsOf(app.events(endpoint, [n])), (events) => {
      sameReports(events, all)
      same(
        events.filter((event) => !isProgress(event)),
        [queued(), started, output(["done"]), completed(["done"])]
      )
    })
})

const range = (n: number) => Array.from({ length: n }, (_, i) => i)

const log = (
  level: string,
  message: string,
  title: string | undefined,
  duration: number | undefined,
  visible = true
) => ({
  _tag: "Log",
  level,
  message,
  title,
  duration,
  visible
})

export const reportsOfFunctions: Group = {
  concept: "progress and logs",
  cases: [
    reports("progress that a function tells itself", "/progress", 5, [
      [bar({ fraction: 0, description: "start" })],
      ...range(5).map((i) => [step(i + 1, 5, `step ${i + 1}`, "items")])
    ]),
    reports(
      "progress of a loop",
      "/progress_tqdm",
      5,
      range(6).map((i) => [step(i, 5, "loop", "it")])
    ),
    reports("progress of a loop in a loop: two bars", "/progress_nested", 3, [
      [step(0, 2, "outer")],
      ...range(2).flatMap((outer) => [
        ...range(4).map((inner) => [step(outer + 1, 2, "outer"), step(inner, 3, "inner")]),
        [step(outer + 1, 2, "outer")]
      ])
    ]),
    {
      title: "progress between the values of a generator",
      endpoints: ["/progress_generator"],
      alone: true,
      run: ({ app, since }) =>
        Effect.map(eventsOf(app.events("/progress_generator", [3])), (events) => {
          // Before 4.9 only what was reported before the first value is told.
          const told = range(since("4.9") ? 3 : 1)
          sameReports(
            events,
            told.map((i) => [bar({ fraction: i / 3, description: `before ${i}` })])
          )
          same(
            events.filter((event) => !isProgress(event)),
            [queued(), started, ...range(3).map((i) => output([String(i)], i)), completed(["2"])]
          )
        })
    },
    {
      title: "logs of each level",
      endpoints: ["/logs"],
      alone: true,
      run: ({ app, since }) =>
        Effect.map(eventsOf(app.events("/logs", ["x"])), (events) => {
          // Titles and `gr.Success` came with Gradio 5.
          const isOld = !since("5.0")
          const duration = since("4.37") ? 10 : undefined
          same(events, [
            queued(),
            started,
            log("info", "info x", isOld ? undefined : "Info", duration),
            log("warning", "warning x", isOld ? undefined : "Warning", duration),
            ...(isOld ? [] : [log("success", "success x", "Success", 10)]),
            output(["x"]),
            completed(["x"])
          ])
        })
    },
    {
      title: "logs with title, duration and visibility",
      endpoints: ["/logs_full"],
      alone: true,
      run: ({ app, since }) =>
        Effect.map(eventsOf(app.events("/logs_full", ["x"])), (events) => {
          const isOld = !since("5.0")
          const isPlain = !since("4.37")
          same(events, [
            queued(),
            started,
            log("info", "info x", isOld ? undefined : "Info title", isPlain ? undefined : 3, isPlain),
            log("warning", "warning x", isOld ? undefined : "Warning title", undefined),
            ...(isOld ? [] : [log("success", "success x", "Success title", 1.5)]),
            output(["x"]),
            completed(["x"])
          ])
        })
    },
    {
      title: "none of many logs is lost, and their order is kept",
      endpoints: ["/many_logs"],
      run: ({ app }) =>
        app.events("/many_logs", [200]).pipe(
          Stream.runCollect,
          Effect.map((events) =>
            same(
              events.flatMap((event) => (event._tag === "Log" ? [event.message] : [])),
              range(200).map((i) => `log ${i}`)
            )
          )
        )
    }
  ]
}
