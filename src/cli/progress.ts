/** What happens to a call as one line that is redrawn on a terminal, or as lines where there is none. Pure. */
import * as Duration from "effect/Duration"

import type { JobEvent, ProgressBar } from "../JobEvent.ts"
import { fit, jsonText, oneLine, size, time } from "./text.ts"

/** Bytes that moved, of how many, where that is known. */
interface Transfer {
  readonly direction: "up" | "down"
  readonly file: string
  readonly moved: number
  readonly size: number | undefined
}

/** A part of a file that a call gave, on its way here. */
export interface Downloading {
  readonly _tag: "Downloading"
  readonly file: string
  readonly received: number
  readonly size: number | undefined
}

/** A file that a call gave is written, and no output that was printed says where. */
export interface FileSaved {
  readonly _tag: "Saved"
  readonly file: string
  readonly path: string
  readonly url: string | undefined
}

/** What happens to a call, and to what it gave. */
export type Happening = JobEvent<unknown> | Downloading | FileSaved

/** Where a call is, as far as it is shown. */
export type Progress =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Sending" }
  | { readonly _tag: "Moving"; readonly transfer: Transfer }
  | { readonly _tag: "Waiting"; readonly position: number; readonly size: number; readonly eta: number | undefined }
  | { readonly _tag: "Running"; readonly eta: number | undefined; readonly bars: ReadonlyArray<ProgressBar> }
  | { readonly _tag: "Cancelling" }
  | { readonly _tag: "Ended" }

export const connecting: Progress = { _tag: "Connecting" }
export const sending: Progress = { _tag: "Sending" }
export const cancelling: Progress = { _tag: "Cancelling" }
export const ended: Progress = { _tag: "Ended" }

const seconds = (duration: Duration.Duration | undefined): number | undefined =>
  duration === undefined ? undefined : Duration.toSeconds(duration)

/** Where a call is after an event; what tells nothing about that leaves it as it was. */
export const step = (before: Progress, event: Happening): Progress => {
  switch (event._tag) {
    case "Uploading":
      return {
        _tag: "Moving",
        transfer: { direction: "up", file: event.file, moved: event.sent, size: event.size }
      }
    case "Downloading":
      return {
        _tag: "Moving",
        transfer: { direction: "down", file: event.file, moved: event.received, size: event.size }
      }
    case "Queued":
      return { _tag: "Waiting", position: event.position, size: event.size, eta: seconds(event.eta) }
    case "Started":
      return { _tag: "Running", eta: seconds(event.eta), bars: [] }
    case "Progress":
      return { _tag: "Running", eta: undefined, bars: event.bars }
    case "Output":
      return before._tag === "Running" ? before : { _tag: "Running", eta: undefined, bars: [] }
    case "Completed":
      return ended
    default:
      return before
  }
}

const barWidth = 20

/** `[██████░░░░░░] 45 %` */
const bar = (fraction: number): string => {
  const part = Math.min(1, Math.max(0, fraction))
  const full = Math.round(part * barWidth)
  return `[${"█".repeat(full)}${"░".repeat(barWidth - full)}] ${Math.round(part * 100)} %`
}

const fractionOf = ({ fraction, index, length }: ProgressBar): number | undefined =>
  fraction ?? (index !== undefined && length !== undefined && length > 0 ? index / length : undefined)

const barText = (one: ProgressBar): string => {
  const { description, index, length, unit } = one
  const fraction = fractionOf(one)
  const count = index === undefined ? "" : `${index}${length === undefined ? "" : `/${length}`}`
  return [
    fraction === undefined ? "" : bar(fraction),
    count === "" ? "" : [count, oneLine(unit ?? "")].join(" ").trim(),
    oneLine(description ?? "")
  ]
    .filter((part) => part !== "")
    .join("  ")
}

const transferText = ({ direction, file, moved, size: whole }: Transfer): string => {
  const what = `${direction === "up" ? "uploading" : "downloading"} ${oneLine(file)}`
  return whole === undefined || whole === 0
    ? `${what}  ${size(moved)}`
    : `${what}  ${bar(moved / whole)}  ${size(moved)} of ${size(whole)}`
}

/** A guess of less than a second tells nobody anything. */
const about = (eta: number | undefined): string => (eta === undefined || eta < 1 ? "" : `, about ${time(eta)}`)

/** What the line says, or undefined where there is nothing to say. */
export const statusText = (progress: Progress): string | undefined => {
  switch (progress._tag) {
    case "Connecting":
      return "connecting…"
    case "Sending":
      return "sending…"
    case "Moving":
      return transferText(progress.transfer)
    case "Waiting":
      return progress.position === 0
        ? `queued: next${about(progress.eta)}`
        : `queued: ${progress.position} before this call${about(progress.eta)}`
    case "Running": {
      const bars = progress.bars.map(barText).filter((text) => text !== "")
      return bars.length === 0 ? `running${about(progress.eta)}…` : bars.join("  |  ")
    }
    case "Cancelling":
      return "cancelling…"
    case "Ended":
      return undefined
  }
}

/** The same in the width of a terminal, of which the last column stays free: some break the line there. */
export const statusLine = (progress: Progress, width: number): string | undefined => {
  const text = statusText(progress)
  return text === undefined ? undefined : fit(text, width - 1)
}

/** A line that stays: what the app's function says with `gr.Info` and the like, and where a file is. */
export const stayingLine = (event: Happening): string | undefined => {
  if (event._tag === "Saved") return `saved ${oneLine(event.path)}`
  if (event._tag !== "Log") return undefined
  const usual = event.title === undefined || event.title.toLowerCase() === event.level
  return `${event.level}: ${usual ? "" : `${oneLine(event.title ?? "")}: `}${oneLine(event.message)}`
}

/** Where there is no terminal: a line when a call comes to another stage, or its bars say something new. Moving bytes say nothing before their end. */
export const plainLine = (before: Progress, after: Progress): string | undefined => {
  if (after._tag === "Moving") {
    const { moved, size: whole } = after.transfer
    return whole !== undefined && moved >= whole ? statusText(after) : undefined
  }
  // What every call passes at once.
  if (after._tag === "Connecting" || after._tag === "Sending" || after._tag === "Cancelling") return undefined
  const text = statusText(after)
  return text === statusText(before) ? undefined : text
}

/** An event as a line of JSON, for programs that follow a call; outputs and completions are results and not told here. */
export const jsonLine = (event: Happening): string | undefined => {
  switch (event._tag) {
    case "Uploading":
      return jsonText({ event: "uploading", file: event.file, sent: event.sent, size: event.size })
    case "Downloading":
      return jsonText({ event: "downloading", file: event.file, received: event.received, size: event.size })
    case "Saved":
      return jsonText({ event: "saved", file: event.file, path: event.path, url: event.url })
    case "Queued":
      return jsonText({ event: "queued", position: event.position, size: event.size, eta: seconds(event.eta) })
    case "Started":
      return jsonText({ event: "started", eta: seconds(event.eta) })
    case "Progress":
      return jsonText({ event: "progress", bars: event.bars })
    case "Log":
      return jsonText({ event: "log", level: event.level, title: event.title, message: event.message })
    default:
      return undefined
  }
}
