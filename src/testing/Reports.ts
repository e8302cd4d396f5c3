/** Progress and logs of a queued call. */
import * as Effect from "effect/Effect"

import type { Call } from "./Call.ts"
import * as Message from "./Message.ts"
import type { Session } from "./Session.ts"

type Levels = Pick<Call, "log" | "info" | "warning" | "success">

/** The part of a {@link Call} that tells the client something. */
export type Reports = Levels & Pick<Call, "progress">

const levels = (log: Call["log"]): Levels => ({
  log,
  info: (text, options) => log("info", text, options),
  warning: (text, options) => log("warning", text, options),
  success: (text, options) => log("success", text, options)
})

/** Reports that nobody gets: those of a direct call, and of a batch. */
export const silent: Reports = { progress: () => Effect.void, ...levels(() => Effect.void) }

const unit = (progress: number | Partial<Message.ProgressUnit>, desc: string | undefined): Message.ProgressUnit => ({
  index: null,
  length: null,
  unit: "steps",
  progress: null,
  desc: desc ?? null,
  ...(typeof progress === "number" ? { progress } : progress)
})

const titleOf = (level: Message.LogLevel) => level.charAt(0).toUpperCase() + level.slice(1)

/** How long the newest report may have to wait, as Gradio looks for one at this interval. */
const interval = "10 millis"

/** Reports of one event to its session. */
export const make = (eventId: string, session: Session): Reports => {
  let newest: Message.Message | undefined
  const send = Effect.sync(() => {
    if (newest !== undefined) session.send(newest)
    newest = undefined
  })
  const progress: Reports["progress"] = Effect.fnUntraced(function* (report, description) {
    const units = Array.isArray(report) ? report.map((one) => unit(one, description)) : [unit(report, description)]
    const isAwaited = newest !== undefined
    newest = Message.progress(eventId, units)
    // A child of the function's fiber: what still waits when the function ends is lost, as it is with Gradio.
    if (!isAwaited) yield* Effect.forkChild(Effect.delay(send, interval), { startImmediately: true })
  })
  const log: Call["log"] = (level, text, options = {}) =>
    Effect.sync(() =>
      session.send(
        Message.log(eventId, text, level, {
          duration: options.duration === undefined ? 10 : options.duration,
          visible: options.visible ?? true,
          title: options.title ?? titleOf(level)
        })
      )
    )
  return { progress, ...levels(log) }
}
