/**
 * What a version of Gradio says and does, as far as versions differ.
 *
 * The server is written for the newest version. What older ones do otherwise stands in one list (`changes.ts`), the newest change first: a version
 * is the newest one with every change taken back that came after it.
 */
import type * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

import * as Answer from "./Answer.ts"
import { changes } from "./changes.ts"
import type { Conversion } from "./ComponentKind.ts"
import * as Cors from "./cors.ts"
import { diff, type Edit } from "./diff.ts"
import type { Fields } from "./fields.ts"
import type { Message } from "./Message.ts"
import { fromRequest } from "./root.ts"

/** Turns an object of a newer version into that of an older one. */
export type Rewrite = (fields: Fields) => Fields

/** Turns the value of a component from one version's form into another's. */
export type Recode = (value: unknown, conversion: Conversion) => Effect.Effect<unknown, unknown>

/** Both ways between the newest form of a component's value and an older one. */
export interface Form {
  readonly toWire?: Recode | undefined
  readonly fromWire?: Recode | undefined
}

/** The objects that differ, each from its newest form. */
export interface Rewrites {
  /** `/config` without its lists. */
  readonly config: Rewrite
  readonly component: Rewrite
  readonly dependency: Rewrite
  /** What a render block made. */
  readonly render: Rewrite
  /** An endpoint of `/info`. */
  readonly endpoint: Rewrite
  /** A parameter or a returned value of `/info`. */
  readonly parameter: Rewrite
  /** A JSON schema of a component. */
  readonly schema: Rewrite
  /** A message of an event stream, without its `output`. */
  readonly message: Rewrite
  /** The answer of `/queue/status`. */
  readonly status: Rewrite
  /** The `output` of a call that succeeded. */
  readonly output: Rewrite
  /** The `output` of a call that failed. */
  readonly failure: Rewrite
  /** A file in an output. */
  readonly file: Rewrite
  /** A change of a component in place of its value. */
  readonly update: Rewrite
}

/** What is known of calls that succeeded, all functions together. */
export interface History {
  readonly calls: number
  /** Seconds that one took, on average; 0 before the first. */
  readonly average: number
}

/** What is no object but a name, a text or a way to do something. */
export interface Traits {
  /** What `/config` announces, or `ws` where it announced nothing yet. */
  readonly protocol: "ws" | "sse" | "sse_v1" | "sse_v2" | "sse_v2.1" | "sse_v3"
  /** What stands before the routes of the API. */
  readonly prefix: "" | "/gradio_api"
  /** The text of a message. */
  readonly json: (message: Message) => string
  /** How a call joins the queue: by a socket or a stream of its own, or by a POST beside the stream of its session. */
  readonly joins: "socket" | "stream" | "post"
  /** What `/reset` is told. */
  readonly resets: "event" | "function"
  /** Whether an event stream says `close_stream` before it ends. */
  readonly saysClose: boolean
  /** What comes instead of a generator's second and later outputs; nothing for the outputs themselves. `type` is the component's. */
  readonly edits: ((type: string | undefined, before: unknown, after: unknown) => ReadonlyArray<Edit>) | undefined
  /** Whether the completion of a generator repeats its last output, `is_generating` and times included. */
  readonly repeatsLast: boolean
  /** Adds to an `estimation` what was told beside it. */
  readonly estimation: (message: Message, history: History) => Message
  /** What the stream of an unknown session says. */
  readonly unknownSession: string
  /** What a call without a session is told. */
  readonly noSession: string
  /** The address that the app tells for itself. */
  readonly root: (request: HttpServerRequest, prefix: string) => string
  /** What pages of other origins may ask and read. */
  readonly cors: Cors.Policy
  /** The text of a hidden exception after some output. */
  readonly hiddenMidway: string | null
  /** The file that an object of an input means, in the newest form. */
  readonly readFile: ((fields: Fields, conversion: Conversion) => Effect.Effect<Fields, unknown>) | undefined
  /** Whether what has a path is taken for a file in JSON too. */
  readonly findsFilesInJson: boolean
  /** Whether a component has a slot in `data` and none in `/info`. */
  readonly skips: (component: { readonly type: string; readonly skipApi: boolean }) => boolean
  /** Whether components have initial values that their authors did not give. */
  readonly impliesValues: boolean
  /** Whether functions can keep results. */
  readonly caches: boolean
  /** Whether validators run. */
  readonly validates: boolean
  /** Whether `/call` fills the slots that are not in `/info`. */
  readonly pads: boolean
  /** Whether `/call` tells why a call failed. */
  readonly tellsFailures: boolean
  /** Whether a listener with `cancels` is a function that cancels when it is called. */
  readonly cancelsByCall: boolean
  /** Whether a refusal of strangers repeats what the login page says. */
  readonly tellsLoginMessage: boolean
  /** Whether a call that waits leaves the queue when it is cancelled; it runs when its turn comes otherwise. */
  readonly removesWaiting: boolean
  /** Whether the end of an event that has ended before breaks the stream. */
  readonly breaksOnSecondEnd: boolean
  /** Whether the calls of a session end when its stream is left. */
  readonly noticesLeaving: boolean
  /** Whether the connection of a call that was cancelled so ends. */
  readonly endsAborted: boolean
  /** Whether a file that is not there is said to be missing, and not to be forbidden. */
  readonly admitsMissing: (path: string) => boolean
  /** Whether downloads have a `content-disposition`. */
  readonly namesDownloads: boolean
  /** Whether downloads may begin anywhere and go to the end. */
  readonly takesOpenRanges: boolean
  /** What more input is told for an event that has ended: that it is not there, an error of the server, or that all is well. */
  readonly endedEvent: 404 | 500 | 200
  /** Whether the end of its inputs ends a function without running it on the last of them once more. */
  readonly closesInputs: boolean
  /** The answer to an upload that is no form. */
  readonly noForm: Answer.Answer
  /** Whether a streamed output is a playlist; one long body otherwise. */
  readonly listsMedia: boolean
  /** Whether a reference to a streamed output is marked as one to a file is. */
  readonly marksStreams: boolean
  /** Whether an upload that nobody has heard of is waited for. */
  readonly awaitsUploads: boolean
}

/** What came with a version. */
export interface Change extends Partial<Rewrites> {
  /** The first version that has what the newest has. */
  readonly before: string
  readonly traits?: Partial<Traits> | undefined
  /** Routes that were not there, without the prefix. */
  readonly without?: ReadonlyArray<string> | undefined
  /** Forms of values by the type of their component. */
  readonly forms?: Readonly<Record<string, Form>> | undefined
}

/** One version. */
export interface Release extends Rewrites, Traits {
  readonly version: string
  readonly isMissing: (route: string) => boolean
  /** A message in this version's words. */
  readonly tell: (message: Message) => Message
  /** The changes of a component's values, the newest first. */
  readonly forms: (type: string) => ReadonlyArray<Form>
}

/** Components whose changes are sent whole. */
const isOpaque = (type: string | undefined) => type === "json"

const newest: Traits = {
  protocol: "sse_v3",
  prefix: "/gradio_api",
  joins: "post",
  resets: "event",
  json: (message) => JSON.stringify(message),
  saysClose: true,
  edits: (type, before, after) => {
    const edits = diff(before, after)
    return isOpaque(type) && edits.length > 0 ? [["replace", [], after]] : edits
  },
  repeatsLast: false,
  estimation: (message) => message,
  unknownSession: "404: Not Found",
  noSession: "Session hash not found.",
  root: fromRequest,
  cors: Cors.strict,
  hiddenMidway: null,
  readFile: undefined,
  findsFilesInJson: false,
  skips: ({ skipApi }) => skipApi,
  impliesValues: true,
  caches: true,
  validates: true,
  pads: true,
  tellsFailures: true,
  cancelsByCall: false,
  tellsLoginMessage: true,
  removesWaiting: true,
  breaksOnSecondEnd: false,
  noticesLeaving: true,
  endsAborted: false,
  admitsMissing: () => false,
  namesDownloads: true,
  takesOpenRanges: true,
  endedEvent: 404,
  listsMedia: true,
  marksStreams: true,
  closesInputs: true,
  noForm: Answer.detail(400, "Invalid content type."),
  awaitsUploads: true
}

const numbers = (version: string): ReadonlyArray<number> =>
  Array.from(/^\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0))

const isBefore = (version: string, other: string): boolean => {
  const [a, b] = [numbers(version), numbers(other)]
  const i = [0, 1, 2].find((at) => (a[at] ?? 0) !== (b[at] ?? 0))
  return i !== undefined && (a[i] ?? 0) < (b[i] ?? 0)
}

/** Everything as this version has it. Versions newer than the newest that is known are taken for that one. */
export const of = (version: string): Release => {
  const undone = changes.filter(({ before }) => isBefore(version, before))
  const all = (name: keyof Rewrites): Rewrite => {
    const steps = undone.flatMap((change) => change[name] ?? [])
    return (fields) => steps.reduce((newer, step) => step(newer), fields)
  }
  const missing = new Set(undone.flatMap((change) => change.without ?? []))
  const message = all("message")
  const traits: Traits = Object.assign({}, newest, ...undone.map((change) => change.traits))
  return {
    ...traits,
    version,
    isMissing: (route) => missing.has(route),
    forms: (type) => undone.flatMap(({ forms }) => forms?.[type] ?? []),
    config: all("config"),
    component: all("component"),
    dependency: all("dependency"),
    render: all("render"),
    endpoint: all("endpoint"),
    parameter: all("parameter"),
    schema: all("schema"),
    message,
    tell: (newer) => ({ msg: newer.msg, ...message(newer) }),
    status: all("status"),
    output: all("output"),
    failure: all("failure"),
    file: all("file"),
    update: all("update")
  }
}
