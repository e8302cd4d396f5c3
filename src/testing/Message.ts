/** The messages of an event stream, built in the field order in which Gradio 6 writes them. */

/** A message on its way to a client. `msg` is its kind; the other fields depend on it. */
export interface Message {
  readonly msg: string
  readonly [field: string]: unknown
}

/** One tracker of a progress message: steps done of a length, or a fraction between 0 and 1. */
export interface ProgressUnit {
  readonly index: number | null
  readonly length: number | null
  readonly unit: string
  readonly progress: number | null
  readonly desc: string | null
}

/** The levels of a log message. */
export type LogLevel = "info" | "warning" | "success" | "error"

export const estimation = (
  eventId: string | null,
  rank: number | null,
  queueSize: number,
  rankEta: number | null
): Message => ({
  msg: "estimation",
  event_id: eventId,
  rank,
  queue_size: queueSize,
  rank_eta: rankEta
})

export const processStarts = (eventId: string, eta: number | null): Message => ({
  msg: "process_starts",
  event_id: eventId,
  eta
})

export const progress = (eventId: string, units: ReadonlyArray<ProgressUnit>): Message => ({
  msg: "progress",
  event_id: eventId,
  progress_data: units
})

export const log = (
  eventId: string,
  text: string,
  level: LogLevel,
  options: { readonly duration: number | null; readonly visible: boolean; readonly title: string }
): Message => ({ msg: "log", event_id: eventId, log: text, level, ...options })

export const processGenerating = (eventId: string, output: Readonly<Record<string, unknown>>): Message => ({
  msg: "process_generating",
  event_id: eventId,
  output,
  success: true,
  time_limit: null
})

export const processStreaming = (
  eventId: string,
  output: Readonly<Record<string, unknown>>,
  timeLimit: number | null
): Message => ({ msg: "process_streaming", event_id: eventId, output, success: true, time_limit: timeLimit })

export const processCompleted = (
  eventId: string,
  output: Readonly<Record<string, unknown>>,
  outcome: {
    readonly success: boolean
    readonly usedCache?: "full" | "partial" | null
    readonly title?: unknown
    readonly duration?: unknown
    readonly average?: unknown
  }
): Message => ({
  msg: "process_completed",
  event_id: eventId,
  output,
  success: outcome.success,
  title: outcome.title ?? null,
  used_cache: outcome.usedCache ?? null,
  cache_duration: outcome.duration ?? null,
  avg_time: outcome.average ?? null
})

/** What only calls over connections of their own are told: give the data, or come again. */
export const sendData = (eventId: string): Message => ({ msg: "send_data", event_id: eventId })

export const sendHash: Message = { msg: "send_hash" }

export const queueFull: Message = { msg: "queue_full" }

export const heartbeat: Message = { msg: "heartbeat", event_id: null }

export const closeStream: Message = { msg: "close_stream", event_id: null }

export const unexpectedError = (message: string, sessionNotFound: boolean): Message => ({
  msg: "unexpected_error",
  event_id: null,
  message,
  session_not_found: sessionNotFound,
  success: false
})
