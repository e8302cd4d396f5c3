/**
 * The seam between a client and the versions of Gradio's protocol. Below it each version is one file; above it nothing knows which one is
 * spoken. Laws, held by one suite for all: the messages of a call come in the server's order and of that call alone; they end after exactly one
 * `process_completed`, or reading them fails; closing the scope of a call returns at once and the server is told once, while the call is pending; everything a
 * connection started ends with its scope.
 */
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Deferred from "effect/Deferred"
import type * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"

import type { GradioFileError, JobError, RequestError, Where } from "./GradioError.ts"
import type { GradioFile } from "./GradioFile.ts"
import type { FileData } from "./internal/files/source.ts"
import * as callRoutes from "./internal/protocol/callRoutes.ts"
import * as direct from "./internal/protocol/direct.ts"
import * as sse from "./internal/protocol/sse.ts"
import * as sseV1 from "./internal/protocol/sseV1.ts"
import * as sseV2 from "./internal/protocol/sseV2.ts"
import * as sseV3 from "./internal/protocol/sseV3.ts"
import * as sseV21 from "./internal/protocol/sseV21.ts"
import type { Link } from "./internal/transport/link.ts"
import type { ServerMessage } from "./ServerMessage.ts"

/** One call, ready to be sent. */
export interface Call {
  readonly where: Where
  readonly fnIndex: number
  /** Without its slash. */
  readonly apiName: string | undefined
  /** It takes a stream of inputs, and ends when it is told that no more come. */
  readonly takesStream?: boolean | undefined
  /** `data` and what goes beside it: `event_data`, `trigger_id`, `oauth_token`. */
  readonly body: Readonly<Record<string, unknown>>
  readonly session: {
    readonly hash: string
    /** The session is of this call alone: its reader may slow the server down, and its stream ends with it. */
    readonly own: boolean
  }
  readonly headers: Readonly<Record<string, string>>
  /** The listeners of the app that cancel its function. */
  readonly cancellers: ReadonlyArray<Canceller>
  /** Who made it; its calls can be ended together. */
  readonly owner: object
  /** Bytes that may wait for a slow reader on a shared session. */
  readonly buffer: number
  /** Done when an interrupted call has nothing left to tell the server. */
  readonly released?: Deferred.Deferred<void> | undefined
}

/** A listener of an app, `cancels=[…]`: called, it cancels all that these functions run in its session. Servers before 4.31 run it, later ones do not. */
export interface Canceller {
  readonly fnIndex: number
  readonly cancels: ReadonlyArray<number>
}

/** The server took the call. */
export interface Joined {
  readonly msg: "joined"
  /** None where the protocol has no ids. */
  readonly event_id: string | undefined
}

/** A message of a call, when it came, and the length of its text. */
export interface Heard {
  readonly at: DateTime.Utc
  readonly bytes: number
  readonly message: Joined | ServerMessage
}

/** The messages of a call in pieces as they arrive; done after its completion. */
export type Messages = Pull.Pull<Arr.NonEmptyReadonlyArray<Heard>, JobError>

/** The way to a call that takes a stream of inputs, once it has joined. */
export interface CallInput {
  /** Sends the next values, when the ones before are answered; false where the server has ended the call. */
  readonly send: (more: Call, eventId: string) => Effect.Effect<boolean, JobError>
  /** Tells the server that no more come, so that it completes the call. */
  readonly close: (call: Call) => Effect.Effect<void>
}

/** A protocol at work with one app. */
export interface Connection {
  /** Sends the call. Closing the scope before its completion gives it up. */
  readonly run: (call: Call) => Effect.Effect<Messages, JobError, Scope.Scope>
  /** More input for calls that take a stream of it; none where the protocol has no such calls. */
  readonly input?: CallInput | undefined
  /** Ends the calls of one owner as `client-closed` and tells the server, for two seconds at most. */
  readonly end: (owner: object) => Effect.Effect<void>
  /** What a generator sends after its first value: each value whole, or the edits that make it of the one before. */
  readonly generates: "values" | "edits"
  /** Whether calls belong to sessions; if not, none of them has a state. Default true. */
  readonly hasSessions?: boolean | undefined
  /** Whether the server gives each call an id. Default true. */
  readonly hasEventIds?: boolean | undefined
  /** Whether a function without state is best called under a session of its own, because calls of one session harm each other. */
  readonly isolates: boolean
  /** Whether outputs of this type of component come as something else: functions that have one are queued, whatever they ask for. */
  readonly garbles?: ((componentType: string) => boolean) | undefined
}

/**
 * How the values of components are written on a wire where that is not the form of Gradio 4 and later, in which programs give and get them. By the
 * type of the component, as in the configuration.
 */
export interface ValueForm {
  readonly toWire: (componentType: string, value: unknown) => unknown
  readonly fromWire: (componentType: string, value: unknown) => unknown
  /** Whether files in such a value travel inside it, instead of being uploaded before. */
  readonly embeds: (componentType: string) => boolean
  /** The reference that has the bytes of a file in it. */
  readonly embed: (file: GradioFile) => Effect.Effect<FileData, GradioFileError | RequestError>
  /** The file behind a reference that has its bytes in it; none for all others. */
  readonly embedded: (data: FileData) => GradioFile | undefined
}

/** One version of the protocol. */
export interface Protocol {
  readonly name: string
  /** The version that brought it, where it is asked for and not announced. */
  readonly since?: string | undefined
  /**
   * Whether it is the one for what an app announces in `config.protocol`, for `direct` where a function's queue is off, or for `call` where `connect`
   * was told so.
   */
  readonly speaks: (announced: string) => boolean
  readonly open: (link: Link) => Effect.Effect<Connection, never, Scope.Scope>
  /** Of apps that announce it, for their direct calls too. Default: values are as programs have them. */
  readonly values?: ValueForm | undefined
}

/** The protocols a connection can speak, asked in this order; read once, at connect. */
export const Protocols = Context.Reference<ReadonlyArray<Protocol>>("effect-gradio/Protocols", {
  defaultValue: () => [
    sseV3.protocol,
    sseV21.protocol,
    sseV2.protocol,
    sseV1.protocol,
    sse.protocol,
    direct.protocol,
    callRoutes.protocol
  ]
})
