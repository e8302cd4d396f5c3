/**
 * One call from its arguments to its messages: the endpoint is found, the arguments are bound, files are sent, and the protocol of the app does
 * the rest. Everything that a client offers is derived from here.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"

import type { WireInfo } from "../ApiInfo.ts"
import { type AppConfig, mergeRender, protocolName, type RenderConfig } from "../AppConfig.ts"
import {
  AppProtocolError,
  circumstances,
  EndpointInputError,
  EndpointNotFoundError,
  JobDisconnectedError,
  type JobError,
  type Where
} from "../GradioError.ts"
import type { Input } from "../Input.ts"
import type { JobEvent, Uploading } from "../JobEvent.ts"
import type { Call, Connection, ValueForm } from "../Protocol.ts"
import { findEndpoint, makeEndpoints, type NotCallable, type ResolvedEndpoint, shownName } from "./endpoints.ts"
import { contained } from "./files/dataUrl.ts"
import { received } from "./files/download.ts"
import { replaced, TooDeep } from "./files/nested.ts"
import {
  type FileLike,
  filesIn,
  referencesAndFilesIn,
  toGradioFile,
  unsendable,
  withReferences
} from "./files/outgoing.ts"
import { bareStream, type FileData, isFileData } from "./files/source.ts"
import { readable, referenceOf } from "./files/upload.ts"
import { buildPayload } from "./payload.ts"
import { randomHex } from "./randomHex.ts"
import * as Fold from "./session/fold.ts"
import type { OnEnd } from "./telemetry.ts"
import type { Link } from "./transport/link.ts"

/** Options of one call. */
export interface CallOptions {
  /**
   * `shared`: under the session of the client, with its state, on one stream with its other calls. `own`: a session of this call alone, isolated,
   * where a slow reader slows the server down. `auto`, the default: `own` for functions without state on Gradio 3, which mixes up the calls
   * of a function in one session, and on 4.9 to 4.30; `shared` elsewhere. Servers of 4.9 to 4.30 answer for no call that was cancelled and keep the stream
   * of its session open for ever: an own session is given up with its stream, which stops a generator and takes a waiting call out of the queue; 4.19 to
   * 4.21 do not notice the end of a stream, so there a generator is told to stop, and a waiting call runs unheard. A shared session goes on after a
   * cancelled call, with its state and its other calls, and keeps that one stream until the client ends.
   */
  readonly session?: "auto" | "shared" | "own" | undefined
  /**
   * Bytes that may wait unread, on a shared session and on Gradio 3; an own session slows the server down instead. With `replay: "all"` what was
   * read counts too. Default 64 MiB.
   */
  readonly buffer?: number | undefined
  /**
   * Headers of this call, its uploads and the stream that is for it alone; they win over those of the connection, which are all that a stream of several
   * calls has (`session: "shared"`).
   */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
  /** For functions that take a `gr.EventData`: any JSON value; files cannot be part of it. */
  readonly eventData?: unknown
  /** The component that triggered it, for functions that look at it. */
  readonly triggerId?: number | undefined
  /** Sent only to endpoints that declare to act for the user (`gr.OAuthToken`). */
  readonly oauthToken?: Redacted.Redacted<string> | undefined
  /** Output files as the references that came, not as `GradioFile`s. Default false. */
  readonly raw?: boolean | undefined
}

/** Options of a call of a typed endpoint, whose schemas say what files are held as. */
export type TypedCallOptions = Omit<CallOptions, "raw">

/** What the functions of an app look like under one session. */
export interface SessionState {
  config: AppConfig
  /** What its calls rendered, the last of each block. */
  renders: ReadonlyArray<RenderConfig>
  endpoints: ReadonlyArray<ResolvedEndpoint>
}

/** One session of a connection to an app. */
export interface Caller {
  readonly link: Link
  readonly info: WireInfo | undefined
  readonly sessionHash: string
  /** Who gave the hash wants every call under it. */
  readonly keepsSession: boolean
  readonly session: SessionState
  /** The connection for a protocol by what announces it, if one is known. */
  readonly connection: (announced: string) => Connection | undefined
  /** How the app writes values, where that is not as programs have them. */
  readonly values: ValueForm | undefined
  /** Called before the first call under the shared session. */
  readonly onShared: Effect.Effect<void>
  readonly places: Semaphore.Semaphore | undefined
  /** Who makes the calls; they end when it does. */
  readonly owner: { closed: boolean }
}

/** What happens to a call, in pieces as it happens. */
export type Incidents = Pull.Pull<Arr.NonEmptyReadonlyArray<Fold.Incident>, JobError>

/** What is known of a call before anything is sent. */
export interface Bound {
  readonly endpoint: ResolvedEndpoint
  readonly where: Where
  readonly context: Fold.Context
  /** Whether the server gives it an id. */
  readonly hasEventId: boolean
  /** Uploads its files, then has it sent with their references. */
  readonly deliver: (send: Send) => Effect.Effect<Incidents, JobError, Scope.Scope>
}

/** Sends a call whose files are with the app. */
export type Send = (call: Call) => Effect.Effect<Incidents, JobError, Scope.Scope>

/** A call that is ready to be sent. */
export interface Prepared extends Omit<Bound, "deliver"> {
  /** Sends it. Closing the scope before its end gives it up. */
  readonly run: Effect.Effect<Incidents, JobError, Scope.Scope>
}

export const defaultBuffer = 64 * 1024 * 1024
const uploadsAtOnce = 4
/** Files are reported on after this many bytes, or a hundredth of their size. */
const uploadStep = 1024 * 1024

/** The function that is asked for. */
export const resolve = (
  caller: Caller,
  asked: string | number
): Effect.Effect<ResolvedEndpoint, EndpointNotFoundError> => {
  const found = findEndpoint(caller.session.endpoints, asked)
  return Result.isSuccess(found)
    ? Effect.succeed(found.success)
    : Effect.fail(notFound(caller.link.base.href, asked, found.failure))
}

/** The session that a call runs under. */
export const placeOf = (
  caller: Caller,
  endpoint: ResolvedEndpoint,
  options: CallOptions
): Effect.Effect<Call["session"]> =>
  usesOwnSession(caller, endpoint, options)
    ? Effect.map(randomHex(16), (hash) => ({ hash, own: true }))
    : Effect.succeed({ hash: caller.sessionHash, own: false })

/** Binds the arguments of a call; nothing is sent yet. */
export const bind = (
  caller: Caller,
  endpoint: ResolvedEndpoint,
  input: Input,
  options: CallOptions,
  session: Call["session"],
  released?: Deferred.Deferred<void>
): Effect.Effect<Bound, EndpointInputError> => {
  const { link } = caller
  const url = link.base.href
  const name = shownName(endpoint)
  const payload = buildPayload(endpoint, input)
  const misfits = Result.isSuccess(payload)
    ? [...misfitsOf(endpoint, payload.success), ...eventDataMisfits(options.eventData)]
    : payload.failure
  if (Result.isFailure(payload) || misfits.length > 0) {
    return Effect.fail(
      new EndpointInputError({ ...circumstances({ where: { url, endpoint: name } }), problems: misfits })
    )
  }
  const where: Where = { url, endpoint: name, sessionHash: session.hash }
  const headers = link.credentials.ofCall(options.headers ?? {})
  const callOf = (data: unknown): Call => ({
    where,
    fnIndex: endpoint.fnIndex,
    apiName: endpoint.name?.replace(/^\//, ""),
    takesStream: endpoint.connection === "stream",
    body: {
      data,
      event_data: options.eventData ?? null,
      trigger_id: options.triggerId ?? null,
      ...(endpoint.actsForUser === undefined || options.oauthToken === undefined
        ? {}
        : { oauth_token: Redacted.value(options.oauthToken) })
    },
    session,
    headers,
    cancellers: endpoint.cancellers,
    owner: caller.owner,
    buffer: options.buffer ?? defaultBuffer,
    released
  })
  const { values } = caller
  const { connection } = wayTo(caller, endpoint)
  const written = (data: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
    values === undefined
      ? data
      : data.map((value, index) => values.toWire(endpoint.inputs[index]?.componentType ?? "", value))
  const files = filesOf(caller, endpoint, payload.success)
  return Effect.succeed({
    endpoint,
    where,
    context: {
      where,
      endpoint,
      version: caller.session.config.version,
      generates: connection?.generates ?? "values",
      present: presenter(caller, endpoint, options)
    },
    hasEventId: connection?.hasEventIds !== false,
    deliver: (send) =>
      files.length === 0
        ? Effect.suspend(() => send(callOf(written(payload.success))))
        : uploadThen(caller, files, payload.success, where, headers, (data) => send(callOf(written(data))))
  })
}

/** A file of an input, and the places of the data that it is in; inside of some the bytes go themselves. */
interface Sending {
  readonly file: FileLike | FileData
  readonly isEmbedded: boolean
  readonly slots: ReadonlySet<number>
}

/** The files of an input, each once for those that are uploaded and once for those that go along. */
const filesOf = (caller: Caller, endpoint: ResolvedEndpoint, data: ReadonlyArray<unknown>): ReadonlyArray<Sending> => {
  const slotsOf = (isEmbedded: boolean): ReadonlySet<number> =>
    new Set(
      data.flatMap((_, index) =>
        (caller.values?.embeds(endpoint.inputs[index]?.componentType ?? "") ?? false) === isEmbedded ? [index] : []
      )
    )
  const uploaded = slotsOf(false)
  const embedded = slotsOf(true)
  const valuesIn = (slots: ReadonlySet<number>) => data.filter((_, index) => slots.has(index))
  return [
    ...filesIn(valuesIn(uploaded)).map((file): Sending => ({ file, isEmbedded: false, slots: uploaded })),
    ...(embedded.size === 0 ? [] : referencesAndFilesIn(valuesIn(embedded))).map((file): Sending => ({
      file,
      isEmbedded: true,
      slots: embedded
    }))
  ]
}

export const prepare = (
  caller: Caller,
  asked: string | number,
  input: Input,
  options: CallOptions,
  released?: Deferred.Deferred<void>
): Effect.Effect<Prepared, EndpointNotFoundError | EndpointInputError> =>
  Effect.gen(function* () {
    const endpoint = yield* resolve(caller, asked)
    const session = yield* placeOf(caller, endpoint, options)
    const bound = yield* bind(caller, endpoint, input, options, session, released)
    let sent = false
    // A call that never went out has nothing to tell the server.
    const releases = onClose(
      Effect.suspend(() => (sent || released === undefined ? Effect.void : Deferred.succeed(released, undefined)))
    )
    const going = bound.deliver((call) => {
      sent = true
      return runOn(caller, endpoint, call)
    })
    return { ...bound, run: Effect.andThen(releases, begun(caller, session, going)) }
  })

/** Begins a call under its session, in its place among those in flight. */
export const begun = <A, E>(
  caller: Caller,
  session: Call["session"],
  going: Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E, Scope.Scope> => {
  const begin = session.own ? going : Effect.andThen(caller.onShared, going)
  return caller.places === undefined ? begin : Effect.andThen(caller.places.takeScoped(1), begin)
}

/** `Effect.addFinalizer` would copy the context of the program to give it to the finalizer. */
const onClose = (finalizer: Effect.Effect<unknown>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => Scope.addFinalizer(scope, finalizer))

const notFound = (url: string, asked: string | number, why: NotCallable): EndpointNotFoundError =>
  new EndpointNotFoundError({
    ...circumstances({ where: { url } }),
    asked,
    available: why.available,
    nearest: why.nearest,
    problem: {
      unknown: undefined,
      private: `does not let clients call ${JSON.stringify(asked)}: it is private`,
      "no-backend": `runs ${JSON.stringify(asked)} in the browser only: there is no function to call`
    }[why.reason]
  })

const misfitsOf = (
  endpoint: ResolvedEndpoint,
  data: ReadonlyArray<unknown>
): ReadonlyArray<{ readonly parameter: string; readonly problem: string }> =>
  endpoint.inputs.flatMap((slot, index) => misfitsIn(slot.parameter?.name ?? String(index), data[index]))

const misfitsIn = (parameter: string, value: unknown) =>
  unsendable(value).map(({ path, problem }) => ({ parameter, problem: `"${parameter}"${path}: ${problem}` }))

/** Event data goes as it is: no server looks for files in it. */
const eventDataMisfits = (eventData: unknown) =>
  filesIn([eventData]).length === 0
    ? misfitsIn("eventData", eventData)
    : [{ parameter: "eventData", problem: "files cannot be part of event data; give them as inputs" }]

const usesOwnSession = (caller: Caller, endpoint: ResolvedEndpoint, options: CallOptions): boolean => {
  const { connection } = wayTo(caller, endpoint)
  if (connection?.hasSessions === false) return true
  if (options.session !== undefined && options.session !== "auto") return options.session === "own"
  const isolates = !caller.keepsSession && connection?.isolates === true
  return isolates && endpoint.stateless && endpoint.renderedIn === undefined
}

const isDirect = (caller: Caller, endpoint: ResolvedEndpoint): boolean =>
  !endpoint.queue &&
  // More input is sent to an event of the queue.
  endpoint.connection !== "stream" &&
  !endpoint.outputs.some((slot) => caller.connection("direct")?.garbles?.(slot.componentType))

/** The protocol for the calls of a function, and the connection that speaks it, if there is one. */
const wayTo = (
  caller: Caller,
  endpoint: ResolvedEndpoint
): { readonly announced: string; readonly connection: Connection | undefined } => {
  const announced = isDirect(caller, endpoint) ? "direct" : protocolName(caller.session.config)
  return { announced, connection: caller.connection(announced) }
}

/** The connection for the calls of a function. */
export const connectionOf = (
  caller: Caller,
  endpoint: ResolvedEndpoint,
  where: Where
): Effect.Effect<Connection, JobError> => {
  const { announced, connection } = wayTo(caller, endpoint)
  const common = circumstances({ where })
  if (connection === undefined) {
    return Effect.fail(
      new AppProtocolError({
        ...common,
        part: `its protocol "${announced}"`,
        problem: "which no layer of this program speaks",
        received: ""
      })
    )
  }
  return caller.owner.closed
    ? Effect.fail(new JobDisconnectedError({ ...common, reason: "client-closed" }))
    : Effect.succeed(connection)
}

const runOn = (
  caller: Caller,
  endpoint: ResolvedEndpoint,
  call: Call
): Effect.Effect<Incidents, JobError, Scope.Scope> =>
  Effect.flatMap(connectionOf(caller, endpoint, call.where), (connection) =>
    call.takesStream === true ? Effect.map(runBy(connection, call), ofOneInput) : runBy(connection, call)
  )

/** A call of a function that takes a stream of inputs has one: the answer to it is all that it waits for. The end of its scope ends the rest. */
const ofOneInput = (messages: Incidents): Incidents => {
  let answered = false
  return Effect.suspend(() =>
    answered
      ? Cause.done()
      : Effect.map(messages, (incidents) => {
          const index = incidents.findIndex((one) => !("_tag" in one) && one.message.msg === "process_streaming")
          const answer = incidents[index]
          if (answer === undefined || "_tag" in answer || answer.message.msg !== "process_streaming") return incidents
          answered = true
          const { event_id, output } = answer.message
          const message = { msg: "process_completed", event_id: event_id ?? null, output, success: true } as const
          return Arr.append(incidents.slice(0, index), { ...answer, message })
        })
  )
}

/** Sends a call by a connection. */
export const runBy = (connection: Connection, call: Call): Effect.Effect<Incidents, JobError, Scope.Scope> =>
  Effect.map(connection.run(call), afterSent)

/** The messages of a call that has just been sent. */
const afterSent = (messages: Incidents): Incidents => {
  let told = false
  return Effect.suspend(() => {
    if (told) return messages
    told = true
    return Effect.succeed(justSent)
  })
}

const justSent = Arr.of<Fold.Incident>({ _tag: "Sent" })

/** Sends the files side by side, then the call with their references; a call whose file cannot be sent is not sent without it. */
const uploadThen = (
  caller: Caller,
  files: ReadonlyArray<Sending>,
  data: ReadonlyArray<unknown>,
  where: Where,
  headers: Readonly<Record<string, string>>,
  runWith: (data: ReadonlyArray<unknown>) => Effect.Effect<Incidents, JobError, Scope.Scope>
): Effect.Effect<Incidents, JobError, Scope.Scope> => {
  let references: ReadonlyArray<readonly [Sending, FileData]> = []
  const target = { link: caller.link, config: caller.session.config }
  const uploads = Stream.callback<Uploading, JobError>(
    Effect.fnUntraced(function* (queue: Queue.Queue<Uploading, JobError | Cause.Done>) {
      const clock = yield* Clock.Clock
      const sendOne = (one: Sending) => {
        const file = isFileData(one.file) ? received(caller.link, one.file) : toGradioFile(one.file)
        const report = reporter(clock, queue, file.name, file.size)
        const reference =
          one.isEmbedded && caller.values !== undefined
            ? caller.values.embed(readable(caller.link, file))
            : referenceOf(target, file, where, headers, report)
        return Effect.map(reference, (made) => [one, made] as const)
      }
      references = yield* Effect.forEach(files, sendOne, { concurrency: uploadsAtOnce })
      Queue.endUnsafe(queue)
    }),
    // A reader that is slower than the network sees fewer reports.
    { bufferSize: 256, strategy: "sliding" }
  )
  const referencesAt = (slot: number): ReadonlyMap<unknown, unknown> =>
    new Map(references.flatMap(([{ file, slots }, made]) => (slots.has(slot) ? [[file, made] as const] : [])))
  const call = Stream.unwrap(
    Effect.suspend(() =>
      Effect.map(runWith(data.map((value, index) => withReferences(value, referencesAt(index)))), (pull) =>
        Stream.fromPull(Effect.succeed(pull))
      )
    )
  )
  return Stream.toPull(Stream.concat(uploads, call))
}

const reporter = (
  clock: Clock.Clock,
  queue: Queue.Queue<Uploading, JobError | Cause.Done>,
  file: string,
  size: number | undefined
) => {
  const step = size === undefined ? uploadStep : Math.max(size / 100, 64 * 1024)
  let next = 0
  let last: number | undefined
  return (sent: number): void => {
    if (sent === last || (sent < next && sent !== size)) return
    last = sent
    next = sent + step
    Queue.offerUnsafe(queue, {
      _tag: "Uploading",
      file,
      sent,
      size,
      at: DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
    })
  }
}

/** Makes files of the references in outputs. What a JSON component shows is data: the app does not serve the files it may name. */
const presenter = (
  { link, values }: Caller,
  endpoint: ResolvedEndpoint,
  options: CallOptions
): Fold.Context["present"] => {
  if (options.raw === true && values === undefined) return Result.succeed
  const types = endpoint.outputs.filter((slot) => !slot.skipped).map((slot) => slot.componentType)
  const fileOf = (part: unknown): unknown =>
    isFileData(part) ? (values?.embedded(part) ?? received(link, part)) : contained(part)
  const present = (output: unknown, index: number): unknown => {
    const type = types[index] ?? ""
    const value = values === undefined ? output : values.fromWire(type, output)
    if (options.raw === true || type === "json") return value
    const stream = type === "audio" || type === "video" ? bareStream(value) : undefined
    return stream === undefined ? replaced(value, fileOf) : received(link, stream)
  }
  return (outputs) => {
    try {
      return Result.succeed(outputs.map(present))
    } catch (error) {
      if (error instanceof TooDeep) return Result.fail(error.message)
      throw error
    }
  }
}

/** Functions that a call rendered belong to the session from then on. Told each state of the call in order. */
export const rememberRendered = (caller: Caller): ((state: Fold.State) => void) => {
  let known: Fold.State["rendered"]
  return ({ rendered }) => {
    if (rendered === known || rendered === undefined) return
    known = rendered
    const { session } = caller
    session.config = mergeRender(session.config, rendered)
    session.renders = [...session.renders.filter((one) => one.render_id !== rendered.render_id), rendered]
    session.endpoints = makeEndpoints(session.config, caller.info)
  }
}

/** The events of a call in pieces as they happen; done after `Completed`. */
export type Events = Pull.Pull<Arr.NonEmptyReadonlyArray<JobEvent<Fold.Outputs>>, JobError>

/** Sends a prepared call and gives its events; `onEnd` is told the last state, in whatever way it ends. */
export const events = (
  caller: Caller,
  prepared: Prepared,
  onEnd: OnEnd
): Effect.Effect<Events, JobError, Scope.Scope> => {
  let state = Fold.initial
  let outcome = "interrupted"
  let failure: JobError | undefined
  const remember = rememberRendered(caller)
  const failed = (error: JobError) => {
    failure = error
    outcome = error._tag
    return Effect.fail(error)
  }
  const fold = (incidents: ReadonlyArray<Fold.Incident>): ReadonlyArray<JobEvent<Fold.Outputs>> => {
    const happened: Array<JobEvent<Fold.Outputs>> = []
    for (const incident of incidents) {
      const step = Fold.step(prepared.context, state, incident)
      state = step.state
      remember(state)
      for (const event of step.events) happened.push(event)
      if (step.failure === undefined) continue
      failure = step.failure
      return happened
    }
    if (happened.at(-1)?._tag === "Completed") outcome = "success"
    return happened
  }
  const begin = Effect.tapError(prepared.run, failed)
  return onClose(Effect.suspend(() => onEnd(state, outcome))).pipe(
    Effect.andThen(begin),
    Effect.map((upstream) => {
      const next: Events = Effect.suspend(() =>
        failure === undefined
          ? Effect.flatMap(upstream, (incidents) => {
              const happened = fold(incidents)
              return Arr.isReadonlyArrayNonEmpty(happened) ? Effect.succeed(happened) : next
            })
          : failed(failure)
      )
      return Effect.tapError(next, (error) => (Cause.isDone(error) ? Effect.void : failed(error)))
    })
  )
}
