/**
 * Every failure of this library: flat tagged classes, one for each thing a program can react to. Each builds its own message, carries where it
 * happened and how far the call had come, and says itself whether the same request may be sent again. Nothing here does I/O.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/** What was being done: `url` is shown without its query and credentials. */
export interface Where {
  readonly url: string
  /** Who was asked, where it was not the app itself: `Hugging Face`. */
  readonly service?: string | undefined
  readonly endpoint?: string | undefined
  readonly sessionHash?: string | undefined
  readonly eventId?: string | undefined
}

/** How far a call had come when it failed. */
export type Reached = "nothing-sent" | "sent" | "queued" | "started"

/** What every error carries beside its own fields, `message` and `cause`. */
export interface Circumstances {
  readonly where: Where
  readonly reached: Reached
  /** The app's function may have run: the call was sent without an answer, or it had started. */
  readonly mayHaveRun: boolean
  /** The same request may succeed later. */
  readonly isTransient: boolean
  /** How long the server asked to wait before the next try. */
  readonly retryAfter: Duration.Duration | undefined
  readonly cause?: unknown
}

/**
 * Circumstances with their defaults: nothing sent; a call that was sent or started may have run; not transient. Use it to make errors in test
 * doubles: `new QueueFullError({ ...circumstances({ where: { url } }), size: 3 })`.
 */
export const circumstances = (
  options: { readonly where: Where } & Partial<Omit<Circumstances, "where">>
): Circumstances => {
  const reached = options.reached ?? "nothing-sent"
  return {
    where: options.where,
    reached,
    mayHaveRun: options.mayHaveRun ?? (reached === "sent" || reached === "started"),
    isTransient: options.isTransient ?? false,
    retryAfter: options.retryAfter,
    ...(options.cause === undefined ? {} : { cause: options.cause })
  }
}

const host = ({ service, url }: Where): string => `${service ?? "the app"} at ${url}`

const at = (where: Where): string =>
  where.endpoint === undefined ? host(where) : `${where.endpoint} of ${host(where)}`

const later = (retryAfter: Duration.Duration | undefined): string =>
  retryAfter === undefined ? "Try again later." : `Try again in ${Duration.format(retryAfter)}.`

/** The same at the beginning of a sentence. */
const At = (where: Where): string => (where.endpoint === undefined ? host(where).replace(/^the/, "The") : at(where))

const ran = ({ mayHaveRun }: Circumstances): string =>
  mayHaveRun ? "The app's function may have run." : "The app's function did not run."

/** On one line and without control characters: texts from servers end up in terminals and logs. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ").trim()

/** As an app wrote it, line by line, without what a terminal would take for a command. */
const withoutControls = (text: string): string => text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]/gu, "")

/**
 * What each class adds to its fields as it is made. A property of its own, and not a getter, because what prints, logs and serializes errors looks at
 * no other; given to `Error` itself, so that the stack begins with it.
 */
interface Told {
  readonly message: string
}

/** Of a page, as proxies answer with, its title. */
const readable = (text: string): string =>
  /^\s*</.test(text) ? (/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? text) : text

/** The beginning of what a server said, as a sentence of its own. */
const quoted = (before: string, text: string | undefined): string => {
  const line = oneLine(readable(text ?? ""))
  return line === "" ? "" : ` ${before} "${line.length > 300 ? `${line.slice(0, 300)}…` : line}".`
}

/** One line with a full stop, unless it ends a sentence already. */
const ended = (text: string): string => {
  const line = oneLine(text)
  return /[.!?…]["”’)]?$/.test(line) ? line : `${line}.`
}

interface AppUnreachableFields extends Circumstances {
  readonly tried: ReadonlyArray<{ readonly url: string; readonly answer: string }>
}

/** No answer came: DNS, connection refused, TLS, reset, or time-out; `tried` lists each address and what became of it. */
export class AppUnreachableError extends Data.TaggedError("AppUnreachableError")<AppUnreachableFields & Told> {
  constructor(fields: AppUnreachableFields) {
    const tried = fields.tried.map(({ answer, url }) => (url === fields.where.url ? answer : `${answer} at ${url}`))
    const advice = fields.mayHaveRun
      ? ran(fields)
      : "Check the address, and that the app is running and reachable from here."
    super({ ...fields, message: oneLine(`No answer from ${at(fields.where)}: ${tried.join("; ")}. ${advice}`) })
  }
}

interface AppResponseFields extends Circumstances {
  readonly status: number
  readonly body: string
  readonly problem?: string | undefined
}

/** An answer nobody expects: a server error, 404, a page of HTML, a body too large or too slow. `body` is its beginning. */
export class AppResponseError extends Data.TaggedError("AppResponseError")<AppResponseFields & Told> {
  constructor(fields: AppResponseFields) {
    const problem = fields.problem ?? `HTTP ${fields.status}`
    const advice = fields.mayHaveRun ? ` ${ran(fields)}` : fields.isTransient ? ` ${later(fields.retryAfter)}` : ""
    super({
      ...fields,
      message: oneLine(
        ended(`Unexpected answer from ${at(fields.where)}: ${problem}`) + quoted("It said:", fields.body) + advice
      )
    })
  }
}

/** The server, or a proxy before it, answered 429. */
export class AppRateLimitError extends Data.TaggedError("AppRateLimitError")<Circumstances & Told> {
  constructor(fields: Circumstances) {
    super({
      ...fields,
      message: oneLine(`${At(fields.where)} refuses further requests for now (HTTP 429). ${later(fields.retryAfter)}`)
    })
  }
}

interface AppProtocolFields extends Circumstances {
  readonly part: string
  readonly received: string
  readonly problem?: string | undefined
}

/** What came cannot be decoded, or the app speaks a protocol without a layer here. `part` names the message or field. */
export class AppProtocolError extends Data.TaggedError("AppProtocolError")<AppProtocolFields & Told> {
  constructor(fields: AppProtocolFields) {
    const problem = fields.problem === undefined ? "" : `, ${fields.problem}`
    super({
      ...fields,
      message: oneLine(
        ended(`Cannot read what came from ${at(fields.where)}: ${fields.part}${problem}`) +
          quoted("Received:", fields.received)
      )
    })
  }
}

interface AuthenticationFields extends Circumstances {
  readonly authMessage: string | undefined
  readonly problem?: string | undefined
}

/** The app wants a login, or refused the one that was given. `authMessage` is what its author says on the login page. */
export class AuthenticationError extends Data.TaggedError("AuthenticationError")<AuthenticationFields & Told> {
  constructor(fields: AuthenticationFields) {
    const note = quoted("Its login page says:", fields.authMessage)
    // Without a problem nobody knows whether anything was given.
    const advice =
      fields.problem === undefined
        ? "Give a user and a password, or a token, a cookie or a header that it accepts."
        : "Check the headers, cookies, token or password that were given."
    super({ ...fields, message: oneLine(`${At(fields.where)} ${fields.problem ?? "wants a login"}.${note} ${advice}`) })
  }
}

interface SpaceFields extends Circumstances {
  /** `owner/name`, or what stood for it. */
  readonly space: string
  readonly reason:
    | "missing"
    | "not-ready"
    | "paused"
    | "failed"
    | "not-gradio"
    | "payment-required"
    | "not-allowed"
    | "name-taken"
  /** As Hugging Face reports it, where it did: `BUILD_ERROR`, `PAUSED`. */
  readonly stage?: string | undefined
  /** Whether people can write to its owner in its discussions, where that was asked. */
  readonly discussionsOpen?: boolean | undefined
  readonly problem?: string | undefined
  /** What Hugging Face says about it. */
  readonly said?: string | undefined
}

/**
 * A Space of Hugging Face that cannot be used, or not changed as asked: it is not there or private (`missing`), does not run yet (`not-ready`), is
 * `paused`, `failed` to build or to run, is `not-gradio`; or Hugging Face wants a plan or a payment method for it (`payment-required`), the account has no
 * right to it (`not-allowed`), or another Space has its name (`name-taken`).
 */
export class SpaceError extends Data.TaggedError("SpaceError")<SpaceFields & Told> {
  constructor(fields: SpaceFields) {
    const { space, stage } = fields
    const told = {
      missing: `There is no Space ${space}, or it is private. Check its name; for a private one give a token that may read it.`,
      "not-ready": `Space ${space} does not run yet. Try again later, or give it more time with \`wait\`.`,
      paused: `Space ${space} is paused. Its owner can restart it; others can duplicate it.`,
      failed: `Space ${space} does not work. Its owner has to mend it.`,
      "not-gradio": `Space ${space} is no Gradio app, so there is nothing to connect to.`,
      "payment-required": `Hugging Face wants a paid plan or a payment method for ${space}: see https://huggingface.co/settings/billing.`,
      "not-allowed": `The account of this token may not do that to ${space}. Give a token with write access, of somebody who may.`,
      "name-taken": `The name ${space} is taken. Give another one with \`to\`.`
    }[fields.reason]
    const asked = fields.discussionsOpen === true ? ` Write to its owner at ${fields.where.url}/discussions.` : ""
    super({
      ...fields,
      message: oneLine(
        `${fields.problem ?? told}${stage === undefined ? "" : ` Its stage is ${stage}.`}` +
          quoted("Hugging Face says:", fields.said) +
          asked
      )
    })
  }
}

interface EndpointNotFoundFields extends Circumstances {
  readonly asked: string | number
  readonly available: ReadonlyArray<string>
  readonly nearest: ReadonlyArray<string>
  readonly problem?: string | undefined
}

/** There is no such endpoint, or its author hides it from clients. */
export class EndpointNotFoundError extends Data.TaggedError("EndpointNotFoundError")<EndpointNotFoundFields & Told> {
  constructor(fields: EndpointNotFoundFields) {
    const nearest = fields.nearest.length === 0 ? "" : ` Did you mean ${fields.nearest.join(" or ")}?`
    const more = fields.available.length - 20
    const listed = fields.available.slice(0, 20).join(", ") + (more > 0 ? ` and ${more} more` : "")
    const offered = fields.available.length === 0 ? " It offers no named endpoints." : ` It offers ${listed}.`
    super({
      ...fields,
      message: oneLine(
        `The app at ${fields.where.url} ${fields.problem ?? `has no endpoint ${JSON.stringify(fields.asked)}`}.${nearest}${offered}`
      )
    })
  }
}

interface EndpointInputFields extends Circumstances {
  readonly problems: ReadonlyArray<{ readonly parameter: string; readonly problem: string }>
}

/** The input does not fit the endpoint; refused here, before anything was sent. */
export class EndpointInputError extends Data.TaggedError("EndpointInputError")<EndpointInputFields & Told> {
  constructor(fields: EndpointInputFields) {
    super({
      ...fields,
      message: oneLine(
        ended(`The input does not fit ${at(fields.where)}: ${fields.problems.map((one) => one.problem).join("; ")}`)
      )
    })
  }
}

interface EndpointOutputFields extends Circumstances {
  /** What does not fit, with its place: `[0]["label"]` is in the first output. */
  readonly issue: string
  /** The outputs as they came. */
  readonly received: unknown
}

/** The app ran, but an output is not what its typed endpoint says: the app may have changed, or the schema is wrong. */
export class EndpointOutputError extends Data.TaggedError("EndpointOutputError")<EndpointOutputFields & Told> {
  constructor(fields: EndpointOutputFields) {
    super({ ...fields, message: oneLine(ended(`What ${at(fields.where)} gave does not fit: ${fields.issue}`)) })
  }
}

interface AppValidationFields extends Circumstances {
  readonly problems: ReadonlyArray<{ readonly parameter: string; readonly message: string }>
}

/** The app's validators refused the input; its function did not run. */
export class AppValidationError extends Data.TaggedError("AppValidationError")<AppValidationFields & Told> {
  constructor(fields: AppValidationFields) {
    const problems = fields.problems.map((one) => `${one.parameter}: ${one.message}`).join("; ")
    super({ ...fields, message: oneLine(ended(`${At(fields.where)} refused the input: ${problems}`)) })
  }
}

interface QueueFullFields extends Circumstances {
  readonly size: number | undefined
}

/** The app's queue takes no more calls for now; nothing ran. `size`: how many were waiting, where the server says it. */
export class QueueFullError extends Data.TaggedError("QueueFullError")<QueueFullFields & Told> {
  constructor(fields: QueueFullFields) {
    const size = fields.size === undefined ? "" : ` (${fields.size} waiting)`
    super({
      ...fields,
      message: oneLine(`The queue of ${at(fields.where)} is full${size}; nothing ran. ${later(fields.retryAfter)}`)
    })
  }
}

interface AppFields extends Circumstances {
  readonly text: string
  readonly title: string
  readonly duration: Duration.Duration | undefined
  readonly visible: boolean
  readonly printException: boolean
  readonly hidden: boolean
}

/**
 * The app's function raised. `hidden`: the app keeps its messages to itself (`show_error` is off and the exception was no `gr.Error`).
 * `title` and `visible` are sent from Gradio 5.2 and 4.37.1 on, with defaults before; `duration` is undefined where the message stays until
 * dismissed; `printException` is never sent by a server and is always true.
 *
 * Its message is the app's own text without control characters, so that it can be shown as it is; for a hidden one, how its owner can show it.
 */
export class AppError extends Data.TaggedError("AppError")<AppFields & Told> {
  constructor(fields: AppFields) {
    const own = fields.hidden ? "" : withoutControls(fields.text)
    const instead = fields.hidden
      ? "failed without saying why. Its owner can show the reason with gr.Error(…) or launch(show_error=True)."
      : "raised an error with an empty message."
    super({ ...fields, message: own.trim() === "" ? oneLine(`${At(fields.where)} ${instead}`) : own })
  }
}

interface ZeroGpuQuotaFields extends Circumstances {
  readonly text: string
  readonly requested: Duration.Duration | undefined
  readonly left: Duration.Duration | undefined
}

/**
 * No GPU time is left on Hugging Face's ZeroGPU for the account of the token, or for the visitor. `requested`: what this call wanted, `left`: what
 * there is; `retryAfter`: when there is more; each where the text says it. More than anonymous visitors have comes with a `token`, and with
 * `HuggingFaceToken.forwarded` for an app that serves users of its own.
 */
export class ZeroGpuQuotaError extends Data.TaggedError("ZeroGpuQuotaError")<ZeroGpuQuotaFields & Told> {
  constructor(fields: ZeroGpuQuotaFields) {
    super({
      ...fields,
      message: oneLine(
        `${At(fields.where)} got no GPU time from Hugging Face: the quota is used up.${quoted("It said:", fields.text)} ${later(fields.retryAfter)}`
      )
    })
  }
}

interface JobDisconnectedFields extends Circumstances {
  readonly reason: "closed" | "silent" | "session-lost" | "server-stopped" | "client-closed"
  readonly problem?: string | undefined
}

/** The connection to a call was lost before its result: its stream closed or fell silent, or the server forgot the session. */
export class JobDisconnectedError extends Data.TaggedError("JobDisconnectedError")<JobDisconnectedFields & Told> {
  constructor(fields: JobDisconnectedFields) {
    const why = {
      closed: "the connection closed before the result",
      silent: "nothing was heard for too long",
      "session-lost": "the server dropped the session of the call",
      "server-stopped": "the server stopped",
      "client-closed": "the client was closed"
    }[fields.reason]
    super({
      ...fields,
      message: oneLine(
        `Lost the call to ${at(fields.where)}: ${why}${fields.problem === undefined ? "" : ` (${fields.problem})`}. ${ran(fields)}`
      )
    })
  }
}

interface JobCancelledFields extends Circumstances {
  readonly by: "client" | "server"
}

/** The call was cancelled: by this client, or from elsewhere (the app's own buttons, another client, a restart). */
export class JobCancelledError extends Data.TaggedError("JobCancelledError")<JobCancelledFields & Told> {
  constructor(fields: JobCancelledFields) {
    super({
      ...fields,
      message: oneLine(
        `The call to ${at(fields.where)} was cancelled by ${fields.by === "client" ? "this client" : "the server"}.`
      )
    })
  }
}

interface JobOverflowFields extends Circumstances {
  readonly waitingBytes: number
}

/** More of a call waits for readers, or is kept for them, than its `buffer` may hold; it was cancelled, others go on. */
export class JobOverflowError extends Data.TaggedError("JobOverflowError")<JobOverflowFields & Told> {
  constructor(fields: JobOverflowFields) {
    super({
      ...fields,
      message: oneLine(
        `The call to ${at(fields.where)} was cancelled: ${fields.waitingBytes} bytes of it wait for readers, more than its buffer may hold. Read faster, raise \`buffer\`, or use session: "own", which slows the server down instead; replay: "all" keeps what was read too.`
      )
    })
  }
}

interface GradioFileFields extends Circumstances {
  readonly file: string
  readonly reason:
    | "not-found"
    | "unreadable"
    | "unwritable"
    | "changed"
    | "too-large"
    | "refused"
    | "incomplete"
    | "not-allowed"
  readonly problem: string
}

/** A file could not be read, sent, fetched or written. */
export class GradioFileError extends Data.TaggedError("GradioFileError")<GradioFileFields & Told> {
  constructor(fields: GradioFileFields) {
    const where = fields.where.url === "" ? "" : ` (${at(fields.where)})`
    super({ ...fields, message: oneLine(ended(`File ${JSON.stringify(fields.file)} ${fields.problem}${where}`)) })
  }
}

/** What one request to an app can meet. */
export type RequestError =
  | AppUnreachableError
  | AppResponseError
  | AppRateLimitError
  | AppProtocolError
  | AuthenticationError

/** What connecting to an app can meet. */
export type ConnectError = RequestError | SpaceError

/** What a call that was sent can meet. */
export type JobError =
  | RequestError
  | GradioFileError
  | AppValidationError
  | QueueFullError
  | ZeroGpuQuotaError
  | AppError
  | JobDisconnectedError
  | JobCancelledError
  | JobOverflowError

/** What a call can meet, including what is known before anything is sent. */
export type CallError = EndpointNotFoundError | EndpointInputError | JobError

/** Every failure of this library. */
export type GradioError = ConnectError | CallError | EndpointOutputError

const classes = [
  AppUnreachableError,
  AppResponseError,
  AppRateLimitError,
  AppProtocolError,
  AuthenticationError,
  SpaceError,
  EndpointNotFoundError,
  EndpointInputError,
  EndpointOutputError,
  AppValidationError,
  QueueFullError,
  ZeroGpuQuotaError,
  AppError,
  JobDisconnectedError,
  JobCancelledError,
  JobOverflowError,
  GradioFileError
]

/** Whether a value is one of this library's errors. */
export const isGradioError = (u: unknown): u is GradioError => classes.some((one) => u instanceof one)

/**
 * Nothing ran and it may work later: for `Effect.retry({ while: isSafeToRetry })`. False for every value that is not an error of this library,
 * so it can stand in programs with other errors.
 */
export const isSafeToRetry = (u: unknown): boolean => isGradioError(u) && u.isTransient && !u.mayHaveRun
