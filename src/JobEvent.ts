/** What happens to a call, as users see it. */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"

interface At {
  /** When it was heard here. */
  readonly at: DateTime.Utc
}

/** A file of the input is on its way to the app; `sent` of `size` bytes, where the size is known. */
export interface Uploading extends At {
  readonly _tag: "Uploading"
  readonly file: string
  readonly sent: number
  readonly size: number | undefined
}

/** The call waits: `position` calls of its concurrency group are before it (0: it is next, and may wait for a running one), `size` wait in all. */
export interface Queued extends At {
  readonly _tag: "Queued"
  readonly position: number
  readonly size: number
  /** The server's guess of the wait; none before it has timed a call. */
  readonly eta: Duration.Duration | undefined
}

/** The function runs; `eta` is the server's guess from earlier runs. Direct calls are never heard of before their end. */
export interface Started extends At {
  readonly _tag: "Started"
  readonly eta: Duration.Duration | undefined
}

/** One bar of `gr.Progress` or `tqdm`. */
export interface ProgressBar {
  /** 0 to 1, where it can be known. */
  readonly fraction: number | undefined
  readonly index: number | undefined
  readonly length: number | undefined
  readonly unit: string | undefined
  readonly description: string | undefined
}

/** The state of all progress bars, the outermost first. */
export interface Progress extends At {
  readonly _tag: "Progress"
  readonly bars: ReadonlyArray<ProgressBar>
}

/** `gr.Info`, `gr.Warning`, and from Gradio 5 `gr.Success`. */
export interface Log extends At {
  readonly _tag: "Log"
  readonly level: "info" | "warning" | "success" | "error"
  readonly message: string
  /** From Gradio 5.2. */
  readonly title: string | undefined
  /** How long the app wants it shown; none: until dismissed. */
  readonly duration: Duration.Duration | undefined
  readonly visible: boolean
}

/** A new value. Each value is in exactly one `Output`; `index` counts them from 0. */
export interface Output<out O> extends At {
  readonly _tag: "Output"
  readonly output: O
  readonly index: number
  /** Changed properties of components (`gr.update`), by the place of the output. */
  readonly updates: { readonly [output: number]: { readonly [property: string]: unknown } }
}

/** The call made new functions (`gr.render`), callable by number within its session. */
export interface Rendered extends At {
  readonly _tag: "Rendered"
  readonly endpoints: ReadonlyArray<number>
}

/** The app's time limit ended the event of an input stream, and the next chunk began another; no chunk was lost. */
export interface Reopened extends At {
  readonly _tag: "Reopened"
  /** The time that an event may take, where the app says it. */
  readonly limit: Duration.Duration | undefined
}

/** The end of a call that worked, with its last value. */
export interface Completed<out O> extends At {
  readonly _tag: "Completed"
  readonly output: O
  /** How long the last step of the function ran, as the server says. */
  readonly took: Duration.Duration | undefined
  /** From Gradio 6.12: whether a cached function gave a stored result. */
  readonly usedCache: "full" | "partial" | undefined
}

/** A message kind that this version of the library does not know, as it came. */
export interface Other extends At {
  readonly _tag: "Other"
  readonly message: unknown
}

/** What happens to a call, in order; it ends with exactly one `Completed`, or the stream fails. */
export type JobEvent<O> =
  | Uploading
  | Queued
  | Started
  | Progress
  | Log
  | Output<O>
  | Rendered
  | Reopened
  | Completed<O>
  | Other

/** Where a call is at a moment. */
export interface JobStatus<out O> {
  readonly phase: "sending" | "queued" | "running" | "succeeded" | "failed" | "cancelled"
  readonly queue:
    | { readonly position: number; readonly size: number; readonly eta: Duration.Duration | undefined }
    | undefined
  readonly progress: ReadonlyArray<ProgressBar>
  /** How many outputs came. */
  readonly outputs: number
  readonly last: Option.Option<O>
  /** When it last changed. */
  readonly at: DateTime.Utc
}
