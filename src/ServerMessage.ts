/**
 * The messages of an event stream, decoded once at the edge. Outputs stay as they came (`Schema.Unknown`): their shape is the app's. A message
 * of an unknown kind is kept whole; a known kind of the wrong shape is a failure of the call it belongs to.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { isRecord } from "./internal/record.ts"
import { parse } from "./internal/wire/json.ts"
import { nullable } from "./internal/wire/nullable.ts"

const event = { event_id: nullable(Schema.String) }

/** A value on the way: whole the first time, edits of the one before it from then on. */
export const StepOutput = Schema.Struct({
  data: Schema.optionalKey(Schema.Unknown),
  render_config: Schema.optionalKey(Schema.Unknown),
  duration: nullable(Schema.Number)
})
export type StepOutput = typeof StepOutput.Type

/** What a function returned, or why it did not. */
export const Output = Schema.Struct({
  ...StepOutput.fields,
  error: nullable(Schema.Unknown),
  visible: nullable(Schema.Boolean),
  title: nullable(Schema.String),
  used_cache: nullable(Schema.String)
})
export type Output = typeof Output.Type

/** The call waits in the queue. */
export const Estimation = Schema.Struct({
  msg: Schema.tag("estimation"),
  ...event,
  rank: nullable(Schema.Number),
  queue_size: nullable(Schema.Number),
  rank_eta: nullable(Schema.Number)
})
/** The function runs. */
export const ProcessStarts = Schema.Struct({
  msg: Schema.tag("process_starts"),
  ...event,
  eta: nullable(Schema.Number)
})
/** The state of all progress bars. */
export const Progress = Schema.Struct({
  msg: Schema.tag("progress"),
  ...event,
  progress_data: nullable(
    Schema.Array(
      Schema.Struct({
        index: nullable(Schema.Number),
        length: nullable(Schema.Number),
        unit: nullable(Schema.String),
        progress: nullable(Schema.Number),
        desc: nullable(Schema.String)
      })
    )
  )
})
/** A message for the user. */
export const Log = Schema.Struct({
  msg: Schema.tag("log"),
  ...event,
  log: Schema.Unknown,
  level: Schema.String,
  duration: nullable(Schema.Number),
  visible: nullable(Schema.Boolean),
  title: nullable(Schema.String)
})
/** A step of a generator: a value, or from the second on the difference to the one before. */
export const ProcessGenerating = Schema.Struct({
  msg: Schema.tag("process_generating"),
  ...event,
  output: StepOutput
})
/** A step of an input stream. */
export const ProcessStreaming = Schema.Struct({
  msg: Schema.tag("process_streaming"),
  ...event,
  output: StepOutput,
  time_limit: nullable(Schema.Number)
})
/** The end of a call. */
export const ProcessCompleted = Schema.Struct({
  msg: Schema.tag("process_completed"),
  ...event,
  output: Output,
  success: Schema.Boolean,
  title: nullable(Schema.String),
  used_cache: nullable(Schema.String)
})
/** Sent while nothing else is, so that both sides know that the stream lives. */
export const Heartbeat = Schema.Struct({ msg: Schema.tag("heartbeat") })
/** No call of the session is left. */
export const CloseStream = Schema.Struct({ msg: Schema.tag("close_stream") })
/** Asks who calls (Gradio 3). */
export const SendHash = Schema.Struct({ msg: Schema.tag("send_hash") })
/** Asks for the data of the call (before 4.9). */
export const SendData = Schema.Struct({ msg: Schema.tag("send_data"), ...event })
/** Refuses the call (before 4.9). */
export const QueueFull = Schema.Struct({ msg: Schema.tag("queue_full") })
/** The server lost the call or the session. */
export const UnexpectedError = Schema.Struct({
  msg: Schema.tag("unexpected_error"),
  ...event,
  message: nullable(Schema.String),
  session_not_found: nullable(Schema.Boolean)
})

const Known = Schema.Union([
  Estimation,
  ProcessStarts,
  Progress,
  Log,
  ProcessGenerating,
  ProcessStreaming,
  ProcessCompleted,
  Heartbeat,
  CloseStream,
  SendHash,
  SendData,
  QueueFull,
  UnexpectedError
]).pipe(Schema.toTaggedUnion("msg"))

/** A message whose kind this version does not know. */
export interface OtherMessage {
  readonly msg: "other"
  readonly event_id: string | null
  readonly message: unknown
}

/** A message of a known kind that does not have its shape. */
export interface BrokenMessage {
  readonly msg: "broken"
  readonly event_id: string | null
  readonly received: string
  readonly problem: string
}

/** What can come on an event stream. */
export type ServerMessage = typeof Known.Type | OtherMessage | BrokenMessage

type KnownMessage = typeof Known.Type
type Decoder = (json: unknown) => Result.Result<KnownMessage, Schema.SchemaError>

const decoderOf = (member: Schema.ConstraintDecoder<KnownMessage>): Decoder => Schema.decodeUnknownResult(member)

// One decoder for each kind: trying the members of the union takes three times as long.
const decoders: ReadonlyMap<string, Decoder> = new Map(
  Known.members.map((member): readonly [string, Decoder] => [member.fields.msg.schema.literal, decoderOf(member)])
)

const broken = (text: string, problem: string, eventId: string | null = null): BrokenMessage => ({
  msg: "broken",
  event_id: eventId,
  received: text.slice(0, 1000),
  problem
})

/** Reads the data of one event. Total: what cannot be read becomes a `broken` message of the call it names, or of all calls where it names none. */
export const fromText = (text: string): ServerMessage => {
  let json: unknown
  try {
    json = parse(text)
  } catch {
    return broken(text, "is no JSON")
  }
  if (!isRecord(json) || typeof json["msg"] !== "string") return broken(text, "is no message of Gradio")
  const eventId = typeof json["event_id"] === "string" ? json["event_id"] : null
  const decode = decoders.get(json["msg"])
  if (decode === undefined) return { msg: "other", event_id: eventId, message: json }
  const known = decode(json)
  return Result.isSuccess(known)
    ? known.success
    : broken(text, `is no ${json["msg"]} as servers send it: ${known.failure.message}`, eventId)
}

/** The event that a message belongs to, or null where it concerns the whole stream. */
export const eventIdOf = (message: ServerMessage): string | null =>
  "event_id" in message ? (message.event_id ?? null) : null
