/** How much of an answer is read, and how long it is waited for. Every answer has both limits, so that no server can hang or fill a program. */
import * as Duration from "effect/Duration"

/** Limits of a connection; all have defaults that suit ordinary apps. */
export interface Limits {
  /**
   * For each answer that a server gives at once (config, info, cancel), from the request to the end of its body; for a file, up or down, the time in
   * which nothing of it moves. Default 60 seconds.
   */
  readonly answerTimeout: Duration.Duration
  /** Bytes of such an answer. Default 64 MiB. */
  readonly maxAnswerBytes: number
  /** For the answer to joining the queue, which runs the app's validators first. Default 10 minutes. */
  readonly joinTimeout: Duration.Duration
  /** For the answer to a direct call (`queue=False`), which comes when the function has ended. Default 1 hour. */
  readonly directTimeout: Duration.Duration
  /** Silence on an event stream after which it counts as lost; servers send a heartbeat every 15 seconds. Default 60 seconds. */
  readonly silence: Duration.Duration
  /** How long a job may go without its first message although the stream lives. Default 60 seconds. */
  readonly firstMessage: Duration.Duration
  /** Bytes of one message of an event stream, or of the answer to a direct call. Default 256 MiB. */
  readonly maxMessageBytes: number
}

/** The same as options, in any form of a duration that Effect takes. */
export interface LimitOptions {
  readonly answerTimeout?: Duration.Input | undefined
  readonly maxAnswerBytes?: number | undefined
  readonly joinTimeout?: Duration.Input | undefined
  readonly directTimeout?: Duration.Input | undefined
  readonly silence?: Duration.Input | undefined
  readonly firstMessage?: Duration.Input | undefined
  readonly maxMessageBytes?: number | undefined
}

/** Options with the defaults filled in. */
export const make = (options: LimitOptions = {}): Limits => ({
  answerTimeout: Duration.fromInputUnsafe(options.answerTimeout ?? "60 seconds"),
  maxAnswerBytes: options.maxAnswerBytes ?? 64 * 1024 * 1024,
  joinTimeout: Duration.fromInputUnsafe(options.joinTimeout ?? "10 minutes"),
  directTimeout: Duration.fromInputUnsafe(options.directTimeout ?? "1 hour"),
  silence: Duration.fromInputUnsafe(options.silence ?? "60 seconds"),
  firstMessage: Duration.fromInputUnsafe(options.firstMessage ?? "60 seconds"),
  maxMessageBytes: options.maxMessageBytes ?? 256 * 1024 * 1024
})
