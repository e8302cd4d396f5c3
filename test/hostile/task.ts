/** What a child process is told to do, and what it tells of it. */

/** Planted in everything that a program may trust a client with; none of it may reach another origin or an error. */
export const secrets = {
  header: "SECRET-header-5f1c",
  cookie: "SECRET-cookie-a20b",
  query: "SECRET-query-77de",
  callHeader: "SECRET-callheader-913a",
  oauth: "SECRET-oauth-c4e8",
  argument: "SECRET-argument-0b6d",
  file: "SECRET-file-e5f2"
} as const

export const isLeaking = (text: string): boolean => text.includes("SECRET-")

/** Whether an error tells what is not to be told. What a server says of the arguments that it was sent is its answer, and no secret of the client. */
export const isTelling = (text: string): boolean =>
  Object.values(secrets).some(
    (secret) => secret !== secrets.argument && secret !== secrets.file && text.includes(secret)
  )

export type Action =
  /** Connects and calls `/echo`. */
  | "echo"
  /** The outputs of a generator, in order. */
  | "stream"
  /** The kinds of the events of a call. */
  | "events"
  /** A call whose value is JSON of any shape. */
  | "json"
  /** A function without a queue. */
  | "direct"
  /** Sends a file with a call. */
  | "upload"
  /** Reads the file of an output. */
  | "download"
  /** Writes the file of an output into a directory, and gives the path below it. */
  | "save"
  /** A call that acts for the user, with a token. */
  | "acts"
  /** Takes one output of a generator and leaves. */
  | "leave"
  /** A call that hears nothing while the stream is flooded for another one. */
  | "two"

export interface Options {
  readonly answerTimeout?: number
  readonly maxAnswerBytes?: number
  readonly joinTimeout?: number
  readonly directTimeout?: number
  readonly silence?: number
  readonly firstMessage?: number
  readonly maxMessageBytes?: number
  readonly buffer?: number
}

export interface Task {
  readonly name: string
  readonly url: string
  readonly foreign: string
  readonly action: Action
  readonly options: Options
  readonly retry: boolean
  readonly transport: "undici" | "fetch"
  /** The program's own patience, for servers that are merely slow. */
  readonly patience: number | undefined
  /** A deliberately wrong client, which copies what it sends to the foreign origin. */
  readonly planted: boolean
  /** Calls once more on the same connection. */
  readonly again: boolean
  readonly directory: string
  /** What a call gives is cut down to its length and its ends. */
  readonly brief: boolean
}

export type Ending =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly tag: string; readonly fields: Readonly<Record<string, unknown>> }
  /** Failed with something that is no typed error. */
  | { readonly kind: "defect"; readonly text: string }

export interface Report {
  readonly first: Ending
  readonly again: Ending | undefined
  readonly seconds: number
  readonly mebibytes: number
  /** Names that turned up on the prototypes of plain values. */
  readonly polluted: ReadonlyArray<string>
  /** Files written outside of the directory that was meant. */
  readonly escaped: ReadonlyArray<string>
  /** Whether an error, a log line or a URL that is shown holds a secret. */
  readonly told: boolean
  /** Requests that would have left this machine, which the child refuses to send. */
  readonly outward: ReadonlyArray<string>
  /** Rejections and exceptions that nobody caught. */
  readonly uncaught: ReadonlyArray<string>
}

/** A value small enough to be compared and printed. */
export const brief = (value: unknown): unknown => {
  if (typeof value === "string" && value.length > 200) return `${value.length} characters`
  if (Array.isArray(value)) return value.length > 50 ? `${value.length} items` : value.map(brief)
  return value
}
