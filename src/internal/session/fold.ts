/**
 * From the messages of one call to what its user sees: a pure fold, the only place that gives wire messages a meaning. Diffs are applied here,
 * on the consumer's side; every value given out is in exactly one `Output`.
 */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"

import { decodeRenderConfig, type RenderConfig } from "../../AppConfig.ts"
import {
  AppError,
  AppProtocolError,
  circumstances,
  JobCancelledError,
  type JobError,
  type Reached,
  type Where,
  ZeroGpuQuotaError
} from "../../GradioError.ts"
import type { JobEvent, ProgressBar, Reopened, Uploading } from "../../JobEvent.ts"
import type { Heard } from "../../Protocol.ts"
import type { StepOutput } from "../../ServerMessage.ts"
import type { ResolvedEndpoint } from "../endpoints.ts"
import { readOutputs } from "../payload.ts"
import { isRecord } from "../record.ts"
import { applyEdits } from "../wire/diff.ts"
import { errorText } from "../wire/errorText.ts"
import { excerpt, same } from "../wire/json.ts"
import { quotaOf } from "./zeroGpu.ts"

export type Outputs = ReadonlyArray<unknown>

/** The call goes out now. */
export interface Sent {
  readonly _tag: "Sent"
}

/** What happens to a call on this side, or a message of it. */
export type Incident = Uploading | Sent | Reopened | Heard

/** What the meaning of a message depends on beside the messages before it. */
export interface Context {
  readonly where: Where
  readonly endpoint: ResolvedEndpoint
  readonly version: string
  /** What a generator sends after its first value. */
  readonly generates: "values" | "edits"
  /** Makes files of file references, or leaves them as they are; fails where the nesting is too deep. */
  readonly present: (outputs: Outputs) => Result.Result<Outputs, string>
}

export interface State {
  readonly reached: Reached
  readonly eventId: string | undefined
  /** The whole data of the last generating message, which the edits of the next one refer to. */
  readonly kept: Outputs | undefined
  /** The last value of each output that was no bare update. */
  readonly values: Outputs
  readonly outputs: number
  /** The last output as it was given out. */
  readonly last: Outputs | undefined
  /** The functions that the call rendered last. */
  readonly rendered: RenderConfig | undefined
  /** When it was sent, started and ended, for the span and the metrics. */
  readonly queuedAt: DateTime.Utc | undefined
  readonly startedAt: DateTime.Utc | undefined
}

export const initial: State = {
  reached: "nothing-sent",
  eventId: undefined,
  kept: undefined,
  values: [],
  outputs: 0,
  last: undefined,
  rendered: undefined,
  queuedAt: undefined,
  startedAt: undefined
}

export interface Step {
  readonly state: State
  readonly events: ReadonlyArray<JobEvent<Outputs>>
  /** The failure that ends the call. */
  readonly failure?: JobError | undefined
}

const seconds = (n: number | null | undefined): Duration.Duration | undefined =>
  n === null || n === undefined || !Number.isFinite(n) || n < 0 ? undefined : Duration.seconds(n)

const orUndefined = <A>(value: A | null | undefined): A | undefined => value ?? undefined

const levels = ["info", "warning", "success", "error"] as const

const bar = (one: {
  readonly index?: number | null
  readonly length?: number | null
  readonly unit?: string | null
  readonly progress?: number | null
  readonly desc?: string | null
}): ProgressBar => ({
  fraction:
    one.progress ??
    (typeof one.index === "number" && typeof one.length === "number" && one.length > 0
      ? one.index / one.length
      : undefined),
  index: orUndefined(one.index),
  length: orUndefined(one.length),
  unit: orUndefined(one.unit),
  description: orUndefined(one.desc)
})

export const step = (context: Context, state: State, incident: Incident): Step => {
  if ("_tag" in incident) {
    return incident._tag === "Sent"
      ? { state: { ...state, reached: "sent" }, events: [] }
      : { state, events: [incident] }
  }
  const { at, message } = incident
  switch (message.msg) {
    case "joined":
      return {
        state: { ...state, reached: "queued", eventId: message.event_id, queuedAt: at },
        events: []
      }
    case "estimation":
      return {
        // Where each call has a stream of its own, its id comes no sooner than its turn.
        state: state.reached === "sent" ? { ...state, reached: "queued" } : state,
        events: [
          {
            _tag: "Queued",
            position: message.rank ?? 0,
            size: message.queue_size ?? 0,
            eta: seconds(message.rank_eta),
            at
          }
        ]
      }
    case "process_starts":
      return {
        state: { ...state, reached: "started", startedAt: at },
        events: [{ _tag: "Started", eta: seconds(message.eta), at }]
      }
    case "progress":
      return {
        state: { ...state, reached: "started" },
        events: [{ _tag: "Progress", bars: (message.progress_data ?? []).map(bar), at }]
      }
    case "log":
      return {
        state: { ...state, reached: "started" },
        events: [
          {
            _tag: "Log",
            level: levels.find((level) => level === message.level) ?? "info",
            message: typeof message.log === "string" ? message.log : excerpt(message.log, 100_000),
            title: orUndefined(message.title),
            duration: seconds(message.duration),
            visible: message.visible ?? true,
            at
          }
        ]
      }
    case "process_generating":
      return generating(context, state, message.output, at)
    case "process_streaming":
      return whole(context, state, message.output, at)
    case "process_completed":
      return completed(context, state, message, at)
    case "other":
      return { state, events: [{ _tag: "Other", message: message.message, at }] }
    case "heartbeat":
    case "close_stream":
    case "send_hash":
    case "send_data":
    case "queue_full":
    case "unexpected_error":
    case "broken":
      return { state, events: [] }
  }
}

const whereOf = (context: Context, state: State): Where => ({ ...context.where, eventId: state.eventId })

const unreadable = (context: Context, state: State, problem: string, received: unknown): Step => ({
  state,
  events: [],
  failure: new AppProtocolError({
    ...circumstances({ where: whereOf(context, state), reached: "started" }),
    part: "an output",
    problem,
    received: excerpt(received)
  })
})

/** The first generating message has whole values, each later one those too or edits of the one before. */
const generating = (context: Context, state: State, output: StepOutput, at: DateTime.Utc): Step => {
  const data = output.data
  if (!Array.isArray(data)) return unreadable(context, state, "which has no list of values", output)
  if (state.kept === undefined || context.generates === "values") return give(context, state, data, output, at)
  const { kept } = state
  const next: Array<unknown> = []
  for (const [index, edits] of data.entries()) {
    const edited = applyEdits(index < kept.length ? kept[index] : null, edits)
    if (Result.isFailure(edited)) return unreadable(context, state, `whose edits do not fit: ${edited.failure}`, edits)
    next.push(edited.success)
  }
  return give(context, state, next, output, at)
}

const whole = (context: Context, state: State, output: StepOutput, at: DateTime.Utc): Step =>
  Array.isArray(output.data)
    ? give(context, state, output.data, output, at)
    : unreadable(context, state, "which has no list of values", output)

const give = (context: Context, state: State, data: Outputs, output: StepOutput, at: DateTime.Utc): Step => {
  const { values, updates } = resolveUpdates(context, data, state.values)
  const presented = context.present(readOutputs(context.endpoint, values))
  if (Result.isFailure(presented)) return unreadable(context, state, presented.failure, undefined)
  const last = presented.success
  const rendered = renderOf(output)
  const event: JobEvent<Outputs> = { _tag: "Output", output: last, index: state.outputs, updates, at }
  return {
    state: {
      ...state,
      reached: "started",
      kept: data,
      values,
      last,
      outputs: state.outputs + 1,
      rendered: rendered ?? state.rendered
    },
    events: rendered === undefined ? [event] : [renderedEvent(rendered, at), event]
  }
}

/** From 4.17 to 4.19 the address of a file in edits has no host. */
const isSameFile = (
  kept: Readonly<Record<string, unknown>>,
  whole: Readonly<Record<string, unknown>>,
  depth: number
): boolean =>
  typeof kept["url"] === "string" &&
  kept["url"] !== whole["url"] &&
  String(whole["url"]).endsWith(kept["url"]) &&
  same({ ...kept, url: whole["url"] }, whole, depth)

/** An update stands for its `value`, or for the last real value where it has none; its other properties go beside it. */
const resolveUpdates = (
  context: Context,
  data: Outputs,
  before: Outputs
): { readonly values: Outputs; readonly updates: Readonly<Record<number, Readonly<Record<string, unknown>>>> } => {
  if (!data.some(isUpdate)) return { values: data, updates: {} }
  const shownPlace = places(context.endpoint)
  const updates: Record<number, Readonly<Record<string, unknown>>> = {}
  const values = data.map((value, slot) => {
    if (!isUpdate(value)) return value
    const { __type__: _, value: given, ...properties } = value
    const place = shownPlace(slot)
    if (place !== undefined) updates[place] = properties
    return Object.hasOwn(value, "value") ? given : (before[slot] ?? null)
  })
  return { values, updates }
}

const isUpdate = (value: unknown): value is Record<string, unknown> => isRecord(value) && value["__type__"] === "update"

const places =
  (endpoint: ResolvedEndpoint) =>
  (slot: number): number | undefined => {
    if (endpoint.outputs[slot]?.skipped === true) return undefined
    return slot - endpoint.outputs.slice(0, slot).filter((one) => one.skipped).length
  }

const renderOf = (output: StepOutput): RenderConfig | undefined => {
  if (output.render_config === undefined || output.render_config === null) return undefined
  const decoded = decodeRenderConfig(output.render_config)
  return Result.isSuccess(decoded) ? decoded.success : undefined
}

const renderedEvent = (rendered: RenderConfig, at: DateTime.Utc): JobEvent<Outputs> => ({
  _tag: "Rendered",
  endpoints: rendered.dependencies.flatMap((one) => one.id ?? []),
  at
})

const completed = (
  context: Context,
  state: State,
  message: Extract<Heard["message"], { readonly msg: "process_completed" }>,
  at: DateTime.Utc
): Step => {
  const { output } = message
  if (!message.success) return { state, events: [], failure: appError(context, state, message) }
  if (output.data === undefined || output.data === null) {
    return {
      state,
      events: [],
      failure: new JobCancelledError({
        ...circumstances({ where: whereOf(context, state), reached: state.reached }),
        by: "server"
      })
    }
  }
  if (!Array.isArray(output.data)) return unreadable(context, state, "which has no list of values", output)
  const usedCache = message.used_cache ?? output.used_cache
  const unchanged = state.kept !== undefined && same(state.kept, output.data, undefined, isSameFile)
  const given: Step = unchanged ? { state, events: [] } : give(context, state, output.data, output, at)
  if (given.failure !== undefined) return given
  return {
    ...given,
    events: [
      ...given.events,
      {
        _tag: "Completed",
        output: given.state.last ?? [],
        took: seconds(output.duration),
        usedCache: usedCache === "full" || usedCache === "partial" ? usedCache : undefined,
        at
      }
    ]
  }
}

const appError = (
  context: Context,
  state: State,
  message: Extract<Heard["message"], { readonly msg: "process_completed" }>
): AppError | ZeroGpuQuotaError => {
  const { output } = message
  const { hidden, text } = errorText(context.version, output.error)
  const title = output.title ?? message.title ?? "Error"
  const common = { where: whereOf(context, state), reached: "started" } as const
  const quota = quotaOf(title, text)
  if (quota !== undefined) {
    const { left, requested, retryAfter } = quota
    return new ZeroGpuQuotaError({
      ...circumstances({ ...common, isTransient: true, retryAfter }),
      text,
      requested,
      left
    })
  }
  return new AppError({
    ...circumstances(common),
    text,
    title,
    // Sent as null where the message stays until dismissed; versions before 4.37.1 showed it for ten seconds.
    duration: output.duration === null ? undefined : (seconds(output.duration) ?? Duration.seconds(10)),
    visible: output.visible ?? true,
    printException: true,
    hidden
  })
}
