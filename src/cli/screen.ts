/** The two streams of a command: results go to the standard output, all else to the standard error, where one line tells how far a call is. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

import type { Failure, Refusal } from "./failure.ts"
import { ended, type Happening, jsonLine, plainLine, type Progress, stayingLine, statusLine, step } from "./progress.ts"
import { fit, jsonText, printable } from "./text.ts"

/** Whoever read the results reads no more: `head` has its lines. */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

/** The streams of the process. */
export interface Device {
  /** Ends when all of it is written. */
  readonly stdout: (text: string) => Effect.Effect<void, OutputClosed | Refusal>
  readonly stdoutIsTerminal: boolean
  readonly stderr: (text: string) => void
  /** The columns of the terminal that the standard error is; undefined where it is none, or one that cannot redraw a line. */
  readonly columns: () => number | undefined
  readonly hasColors: boolean
}

/** The streams of the process. */
export const Device: Context.Service<Device, Device> = Context.Service<Device>("effect-gradio/cli/Device")

/** How a command tells what happens: for people, on a line that is redrawn or in lines, or for programs; with `quiet` nothing but failures. */
export interface Manner {
  readonly json: boolean
  readonly quiet: boolean
}

/** What commands write on: one for the process, so that lines and the line that is redrawn never meet. */
export interface Screen {
  readonly device: Device
  /** How to tell from now on what happens. Default: all of it, for people. */
  readonly tellAs: (manner: Manner) => Effect.Effect<void>
  /** A result, to the standard output. On a terminal it cannot do more than be read. */
  readonly result: (text: string) => Effect.Effect<void, OutputClosed | Refusal>
  /** A line that stays, to the standard error. */
  readonly line: (text: string) => void
  /** Something to know that is no failure: for programs as JSON, and not told where nothing is. */
  readonly note: (text: string) => void
  /** What went wrong: what people are told first, and more. Nothing where there is nothing to tell. */
  readonly failure: (failure: Failure) => void
  /** How far the call is now. */
  readonly show: (progress: Progress) => Effect.Effect<void>
  /** Something that happened to the call. */
  readonly event: (event: Happening) => Effect.Effect<void>
}

/** What commands write on. */
export const Screen: Context.Service<Screen, Screen> = Context.Service<Screen>("effect-gradio/cli/Screen")

/** Wipes the line that is redrawn. */
export const clear = "\r\u001b[K"

/** Redrawing more often than this shows nothing more. */
const interval = 50

/** The screen on the streams of the process. */
export const make: Effect.Effect<Screen, never, Device> = Effect.gen(function* () {
  const device = yield* Device
  const clock = yield* Clock.Clock
  let manner: Manner = { json: false, quiet: false }
  let progress: Progress = ended
  let drawn = ""
  let drawnAt = Number.NEGATIVE_INFINITY

  const draw = (line: string): void => {
    if (line === drawn) return
    device.stderr(line === "" ? clear : clear + (device.hasColors ? `\u001b[2m${line}\u001b[0m` : line))
    drawn = line
  }
  const current = (): string => statusLine(progress, device.columns() ?? 80) ?? ""
  const line = (text: string): void => {
    const before = drawn
    if (before !== "") draw("")
    device.stderr(`${printable(text)}\n`)
    if (before !== "") draw(current())
  }
  const show = (next: Progress): Effect.Effect<void> =>
    Effect.sync(() => {
      if (manner.json || manner.quiet) return
      const before = progress
      progress = next
      if (device.columns() === undefined) {
        const text = plainLine(before, next)
        if (text !== undefined) device.stderr(`${text}\n`)
        return
      }
      // Bytes come in many pieces, and servers pace all else.
      const now = clock.currentTimeMillisUnsafe()
      const isSameFile =
        next._tag === "Moving" && before._tag === "Moving" && next.transfer.file === before.transfer.file
      if (isSameFile && now - drawnAt < interval) return
      drawnAt = now
      draw(current())
    })
  return {
    device,
    tellAs: (wanted) => Effect.sync(() => void (manner = wanted)),
    line,
    note: (text) => {
      if (!manner.quiet) line(manner.json ? jsonText({ event: "note", message: text }) : text)
    },
    failure: ({ code, help = [], lines }) => {
      const [message, ...more] = lines
      if (message === undefined) return
      if (manner.json) return line(jsonText({ event: "error", code, message: lines.join("\n") }))
      const name =
        device.hasColors && device.columns() !== undefined ? "\u001b[31meffect-gradio:\u001b[0m" : "effect-gradio:"
      if (drawn !== "") draw("")
      device.stderr(`${[`${name} ${printable(message)}`, ...[...more, ...help].map(printable)].join("\n")}\n`)
    },
    show,
    result: (text) =>
      Effect.suspend(() => {
        const before = drawn
        if (before !== "") draw("")
        const written = device.stdout(`${device.stdoutIsTerminal ? printable(text) : text}\n`)
        return before === ""
          ? written
          : Effect.andThen(
              written,
              Effect.sync(() => draw(current()))
            )
      }),
    event: (event) => {
      if (manner.quiet) return Effect.void
      if (manner.json) {
        return Effect.sync(() => {
          const text = jsonLine(event)
          if (text !== undefined) device.stderr(`${text}\n`)
        })
      }
      const staying = stayingLine(event)
      if (staying !== undefined) return Effect.sync(() => line(staying))
      return Effect.suspend(() => show(step(progress, event)))
    }
  }
})

/** A line of a table or a text, cut to what a terminal shows on one line. */
export const fitted = (device: Device, line: string): string =>
  device.stdoutIsTerminal ? fit(line, device.columns() ?? 80) : line
