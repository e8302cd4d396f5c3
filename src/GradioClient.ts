/**
 * One Gradio app as typed Effects and Streams. `events` is what happens to a call; `stream` is its outputs, `predict` the last of them, `submit` the
 * same made hot in a scope. Interrupting any of them tells the server to stop.
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"

import type { ApiInfo, WireInfo } from "./ApiInfo.ts"
import { type AppConfig, mergeRender, protocolName, type RenderConfig } from "./AppConfig.ts"
import type { Endpoint } from "./Endpoint.ts"
import {
  type CallError,
  circumstances,
  type ConnectError,
  type EndpointInputError,
  EndpointNotFoundError,
  type EndpointOutputError,
  type GradioFileError,
  type JobError,
  type RequestError,
  type Where
} from "./GradioError.ts"
import type { GradioFile } from "./GradioFile.ts"
import type { HuggingFaceToken } from "./HuggingFaceToken.ts"
import type { Input } from "./Input.ts"
import { type App, findApp, openWays, readDescription } from "./internal/app.ts"
import * as Calls from "./internal/calls.ts"
import * as ComponentServer from "./internal/componentServer.ts"
import { type Part, readAppId, readConfig } from "./internal/connect.ts"
import { describe as describeTable, type DescribeOptions } from "./internal/describe.ts"
import { makeEndpoints, shownAsked, shownName } from "./internal/endpoints.ts"
import { received } from "./internal/files/download.ts"
import { referenceOf } from "./internal/files/upload.ts"
import { completion, eventOverhead, outputsIn, submitEvents } from "./internal/fromEvents.ts"
import * as InputStream from "./internal/inputStream.ts"
import { randomHex } from "./internal/randomHex.ts"
import * as Fold from "./internal/session/fold.ts"
import * as Telemetry from "./internal/telemetry.ts"
import { signedUrl as signUrl } from "./internal/transport/link.ts"
import { decodedEvents, encode, overloads } from "./internal/typed.ts"
import * as HuggingFace from "./internal/wire/huggingFace.ts"
import * as routes from "./internal/wire/routes.ts"
import * as Job from "./Job.ts"
import type { JobEvent } from "./JobEvent.ts"
import type * as Limits from "./Limits.ts"
import { type Connection } from "./Protocol.ts"
import * as Space from "./Space.ts"

const TypeId = "~effect-gradio/GradioClient"

/**
 * The outputs of a call, one for each component that the function returns to; those that carry no value (state, buttons) are left out. What each
 * is only the app knows: give them types with a schema, `Schema.Tuple([Schema.Number, GradioFile.schema])` for a number and a file.
 */
export type Outputs = ReadonlyArray<unknown>

export type { CallOptions, TypedCallOptions } from "./internal/calls.ts"

/** Options of `submit`. */
export interface SubmitOptions extends Calls.CallOptions {
  /**
   * What readers of the job's events after the first one get: the last output and what follows (`latest`, the default), or everything (`all`), which
   * is kept as long as the job is: one with more than `buffer` bytes of events fails with a `JobOverflowError`.
   */
  readonly replay?: "latest" | "all" | undefined
}

/** One Gradio app, under one session. */
export interface GradioClient {
  readonly [TypeId]: typeof TypeId
  /** The address of the app, as it was found; each time a copy of its own. */
  readonly url: URL
  /** What the app says of itself, as its version sends it. */
  readonly config: AppConfig
  /** Its endpoints with their parameters. */
  readonly api: ApiInfo
  /** Everything that happens to a call, ending with `Completed`. The call is sent when the stream is run, each time anew. */
  readonly events: {
    <I, O, RI, RO>(
      endpoint: Endpoint<I, O, RI, RO>,
      input: NoInfer<I>,
      options?: Calls.TypedCallOptions
    ): Stream.Stream<JobEvent<O>, CallError | EndpointOutputError, RI | RO>
    (endpoint: string | number, input?: Input, options?: Calls.CallOptions): Stream.Stream<JobEvent<Outputs>, CallError>
  }
  /** Each output of a call, as it arrives: one for a plain function, one for each `yield` of a generator. */
  readonly stream: {
    <I, O, RI, RO>(
      endpoint: Endpoint<I, O, RI, RO>,
      input: NoInfer<I>,
      options?: Calls.TypedCallOptions
    ): Stream.Stream<O, CallError | EndpointOutputError, RI | RO>
    (endpoint: string | number, input?: Input, options?: Calls.CallOptions): Stream.Stream<Outputs, CallError>
  }
  /** The last output of a call. */
  readonly predict: {
    <I, O, RI, RO>(
      endpoint: Endpoint<I, O, RI, RO>,
      input: NoInfer<I>,
      options?: Calls.TypedCallOptions
    ): Effect.Effect<O, CallError | EndpointOutputError, RI | RO>
    (endpoint: string | number, input?: Input, options?: Calls.CallOptions): Effect.Effect<Outputs, CallError>
  }
  /** Sends a call and gives its `Job`, which ends with the scope. Fails only for what is known before anything is sent; all else is the job's. */
  readonly submit: {
    <I, O, RI, RO>(
      endpoint: Endpoint<I, O, RI, RO>,
      input: NoInfer<I>,
      options?: Omit<SubmitOptions, "raw">
    ): Effect.Effect<
      Job.Job<O, JobError | EndpointOutputError>,
      EndpointNotFoundError | EndpointInputError,
      Scope.Scope | RI | RO
    >
    (
      endpoint: string | number,
      input?: Input,
      options?: SubmitOptions
    ): Effect.Effect<Job.Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope>
  }
  /** Sends a file now; what it gives can be the input of any number of calls. */
  readonly upload: (file: GradioFile) => Effect.Effect<GradioFile, GradioFileError | RequestError>
  /**
   * The same app with a state of its own, as `reset_session` gives it in Python, and what a server needs for each of its users. Its calls end
   * with the scope.
   */
  readonly withSession: (options?: {
    readonly hash?: string | undefined
  }) => Effect.Effect<GradioClient, never, Scope.Scope>
}

/** The client of a program that uses one app. */
export const GradioClient: Context.Service<GradioClient, GradioClient> =
  Context.Service<GradioClient>("effect-gradio/GradioClient")

/** Options of a connection. */
export interface ConnectOptions extends Limits.LimitOptions {
  /** Sent with every request to this app, and to no other origin. Values that are secret are given as `Redacted`. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
  /** Query parameters of every call, which reach the `gr.Request` of its function. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /**
   * User and password of an app that was started with `auth=`. They are sent when the app first wants a login, and again when it has forgotten the
   * cookies that it gave: after a restart, or when the user logged out elsewhere; what it refused for that is then sent once more. A connection
   * has its own login, and an app that wants none gets none. In browsers cookies are the browser's: for an app of another origin it keeps them only where
   * the program asks for it, by a `RequestInit` with `credentials: "include"`, and over TLS.
   */
  readonly auth?: { readonly username: string; readonly password: Redacted.Redacted<string> } | undefined
  /**
   * A token of Hugging Face. One that is given, as a `Redacted`, goes to this app, and to Hugging Face's hub for a Space; one that was found
   * (`HuggingFaceToken.find`) goes to Hugging Face's hosts only. Spaces get it as `x-hf-authorization`, which leaves `Authorization` to the app;
   * other hosts as `Authorization`, unless `headers` has one.
   */
  readonly token?: HuggingFaceToken | undefined
  /**
   * Whether the token makes signatures in addresses (`__sign`, of Hugging Face's hub, renewed before they expire) for everything that is sent to a Space, in
   * place of a header: for browsers and gateways that let no such header through. Proxies may log addresses. Default false; see {@link signedUrl} for
   * single links.
   */
  readonly signedLinks?: boolean | undefined
  /**
   * Cookies to begin with; those that the app sets are kept beside them, for this connection alone. Browsers neither take nor show cookies: there
   * they are the browser's.
   */
  readonly cookies?: Readonly<Record<string, Redacted.Redacted<string>>> | undefined
  /** The route of one page of an app that has several (Gradio 5.15 and later), `""` for the first: only its endpoints. Default: those of all pages. */
  readonly page?: string | undefined
  /**
   * A deep link (Gradio 5.23 and later): `config` holds its values in the components. Where it is not valid, `config.deep_link_state` is `invalid`.
   * Default: that of the address (`?deep_link=…`).
   */
  readonly deepLink?: string | undefined
  /**
   * `call`: by the plain routes `/call/…` (Gradio 4.20 and later), for gateways that let nothing else through but `/config`, `/info` and files. They
   * tell outputs and failures alone: no place in the queue, no progress, no logs. Every call has a state of its own, functions without a name cannot
   * be called, event data is not passed on, and a call is given up by closing its stream. Default: what the app announces.
   */
  readonly protocol?: "call" | undefined
  /**
   * How long to wait for a Space that does not run yet, because it sleeps, starts or is being built: a time, in which Hugging Face is asked every
   * 2 seconds, a schedule by which it is asked, or `"none"`, which fails at once. Each stage is logged once. Default 5 minutes.
   */
  readonly wait?: Space.Wait | undefined
  /** The session to use; default a random one. */
  readonly sessionHash?: string | undefined
  /** Calls in flight at once, each holding its place to its end (nested calls at 1 wait for ever). Default: no limit, the server queues. */
  readonly concurrency?: number | undefined
  /**
   * When to repeat what is safe to repeat: reading the configuration, the API and files, after the wait that the server asked for. Default: three
   * more tries from 200 milliseconds on. A call is never repeated by itself; see `isSafeToRetry`.
   */
  readonly retry?: Schedule.Schedule<unknown> | "none" | undefined
  /**
   * The last word on the `HttpClient` of this connection: a proxy, another policy, a recording. A `RequestInit` for `FetchHttpClient` is taken
   * from the program around `connect`, with `redirect: "manual"`, so that a redirect never takes secrets along.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/** The calls of a client by the names of endpoints, of which those with types are made. */
export interface Untyped {
  readonly events: (
    endpoint: string | number,
    input?: Input,
    options?: Calls.CallOptions
  ) => Stream.Stream<JobEvent<Outputs>, CallError>
  readonly stream: (
    endpoint: string | number,
    input?: Input,
    options?: Calls.CallOptions
  ) => Stream.Stream<Outputs, CallError>
  readonly predict: (
    endpoint: string | number,
    input?: Input,
    options?: Calls.CallOptions
  ) => Effect.Effect<Outputs, CallError>
  readonly submit: (
    endpoint: string | number,
    input?: Input,
    options?: SubmitOptions
  ) => Effect.Effect<Job.Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope>
}

/** All other members derived from `events`: one path, and the double for unit tests. Typed endpoints come to `events` by their names, as they are sent. */
export const makeWith = (
  parts: Pick<GradioClient, "url" | "config" | "api" | "upload" | "withSession"> &
    Pick<Untyped, "events"> &
    Partial<Pick<Untyped, "stream" | "predict" | "submit">>
): GradioClient => {
  const { api, config, events, upload, withSession } = parts
  const url = new URL(parts.url)
  const where = (asked: string | number) => whereOf({ api, url }, asked)
  return {
    [TypeId]: TypeId,
    get url() {
      return new URL(url)
    },
    config,
    api,
    upload,
    withSession,
    ...overloads(where, {
      events,
      stream:
        parts.stream ??
        ((endpoint, input, options) =>
          Stream.transformPull(events(endpoint, input, options), (pull) => Effect.succeed(outputsIn(pull)))),
      predict:
        parts.predict ??
        ((endpoint, input, options) =>
          Effect.scoped(
            Effect.flatMap(Stream.toPull(events(endpoint, input, options)), (pull) =>
              completion(pull, () => where(endpoint))
            )
          )),
      submit:
        parts.submit ??
        ((endpoint, input, options) => submitEvents(events(endpoint, input, options), where(endpoint), options))
    })
  }
}

/** Where a call happens, for its errors. */
const whereOf = ({ api, url }: Pick<GradioClient, "api" | "url">, asked: string | number): Where => ({
  url: url.href,
  endpoint: shownAsked(Object.values(api.named), asked)
})

/** One session of a connection; a client that was refreshed has that of the client before. */
interface Session {
  readonly hash: string
  /** Who gives a hash wants every call under it. */
  readonly wasGiven: boolean
  /** Who makes its calls; they end when it does. */
  readonly owner: { closed: boolean }
  /** All that its calls may run on. */
  readonly connections: Set<Connection>
  /** The heartbeats that it has. */
  readonly beats: Set<App["heartbeats"]>
  readonly scope: Scope.Scope
}

/**
 * Connects to an app by its address: `http://127.0.0.1:7860`, a share link, an app under a path. Of a query only a deep link counts. A user and a password
 * in the address (`https://user:password@…`) are for HTTP basic authentication of the server before the app; the app's own login is the option `auth`. A
 * Space of Hugging Face may be given as `owner/name`, by its page (`https://huggingface.co/spaces/owner/name`) or by its host
 * (`https://owner-name.hf.space`): one that sleeps is woken up, and one that does not run yet is waited for (`wait`). A Space that is paused, does not work,
 * is not there or is no Gradio app fails with `SpaceError`. Names are looked up at `HF_ENDPOINT`, or at `https://huggingface.co` without it.
 *
 * The connection belongs to the scope: when it closes, calls that still run are cancelled on the server, for two seconds at most, and every
 * stream and heartbeat ends. `HttpClient` comes from outside: `NodeHttpClient.layerUndici` on Node, `FetchHttpClient.layer` in browsers.
 *
 * @example
 * const sum = Effect.gen(function* () {
 *   const app = yield* GradioClient.connect("http://127.0.0.1:7860")
 *   return yield* app.predict("/add", { a: 1, b: 2 })
 * }).pipe(Effect.scoped)
 */
export const connect = (
  source: string | URL,
  options: ConnectOptions = {}
): Effect.Effect<GradioClient, ConnectError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { concurrency } = options
    if (concurrency !== undefined && !(concurrency >= 1)) {
      return yield* Effect.die(new RangeError(`concurrency is ${concurrency}; it must be 1 or more, or left out`))
    }
    const places = concurrency === undefined ? undefined : yield* Semaphore.make(concurrency)
    const part: Part = { page: options.page, deepLink: options.deepLink ?? routes.deepLinkOf(source) }
    const description = yield* readDescription(yield* findApp(source, options), part)
    const app: App = {
      ...description,
      ...(yield* openWays(description, options.protocol)),
      part,
      protocol: options.protocol,
      places,
      scope: yield* Effect.scope
    }
    return yield* makeSession(app, options.sessionHash)
  }).pipe(Effect.withSpan("GradioClient.connect"))

/**
 * Duplicates a Space for one's own use, or finds the duplicate that is there already, waits until it runs, and connects to it, as `Client.duplicate` does in
 * both official clients. What a duplicate is to be: `Space.DuplicateSettings`; `Space.duplicate` does it without connecting. Fails as both do.
 *
 * @example
 * const mine = Effect.gen(function* () {
 *   const token = yield* Config.Redacted("HF_TOKEN")
 *   return yield* GradioClient.duplicate("gradio/demo", { token, hardware: "t4-small", sleepTimeout: "10 minutes" })
 * })
 */
export const duplicate = (
  space: string | URL,
  options: ConnectOptions & Space.DuplicateOptions
): Effect.Effect<GradioClient, ConnectError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.flatMap(Space.duplicate(space, options), (id) => connect(id, options))

/** One session of a connection; clients with the same hash share its stream and its heartbeat. */
const makeSession = (app: App, hash: string | undefined): Effect.Effect<GradioClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const session: Session = {
      hash: hash ?? (yield* randomHex(16)),
      wasGiven: hash !== undefined,
      owner: { closed: false },
      connections: new Set(),
      beats: new Set(),
      scope: yield* Effect.scope
    }
    yield* Effect.addFinalizer(() => {
      session.owner.closed = true
      return Effect.forEach([...session.connections], (connection) => connection.end(session.owner), {
        concurrency: "unbounded",
        discard: true
      })
    })
    return makeClient(app, session, [])
  })

/** A client for an app as it is described now; `renders` is what the calls of the session have rendered so far. */
const makeClient = (app: App, session: Session, renders: ReadonlyArray<RenderConfig>): GradioClient => {
  const { connections, info, link, values } = app
  for (const connection of connections.values()) session.connections.add(connection)
  const config = renders.reduce(mergeRender, app.config)
  const caller: Calls.Caller = {
    link,
    info,
    sessionHash: session.hash,
    keepsSession: session.wasGiven,
    session: { config, renders, endpoints: renders.length === 0 ? app.endpoints : makeEndpoints(config, info) },
    connection: (announced) => connections.get(announced),
    values,
    onShared: Effect.suspend(() => {
      // Calls of what is closed fail by themselves.
      const isClosed = session.owner.closed || app.scope.state._tag === "Closed"
      if (app.config.connect_heartbeat !== true || isClosed || session.beats.has(app.heartbeats)) return Effect.void
      session.beats.add(app.heartbeats)
      return Scope.provide(RcMap.get(app.heartbeats, session.hash), session.scope)
    }),
    places: app.places,
    owner: session.owner
  }
  const client = makeWith({
    url: link.base,
    config: app.config,
    api: app.api,
    events: (endpoint, input, options) =>
      Stream.scoped(Stream.fromPull(begin(caller, endpoint, input, options))).pipe(
        Stream.withSpan("GradioClient.events", span)
      ),
    stream: (endpoint, input, options) =>
      Stream.scoped(Stream.fromPull(Effect.map(begin(caller, endpoint, input, options), outputsIn))).pipe(
        Stream.withSpan("GradioClient.stream", span)
      ),
    predict: (endpoint, input, options) =>
      Effect.flatMap(begin(caller, endpoint, input, options), (events) =>
        completion(events, () => whereOf({ api: app.api, url: link.base }, endpoint))
      ).pipe(Effect.scoped, Effect.withSpan("GradioClient.predict", {}, span)),
    submit: (endpoint, input, options) => submit(caller, endpoint, input, options),
    upload: (file) => upload(caller, file),
    withSession: (options) => makeSession(app, options?.hash)
  })
  inners.set(client, { app, session, caller })
  return client
}

/** What functions of a client need of it beside its members. */
interface Inner {
  readonly app: App
  readonly session: Session
  readonly caller: Calls.Caller
}

const inners = new WeakMap<GradioClient, Inner>()

/** Doubles have none: their functions are those that they were made with. */
const innerOf = (client: GradioClient, wanted: string): Effect.Effect<Inner> =>
  Effect.suspend(() => {
    const inner = inners.get(client)
    return inner === undefined
      ? Effect.die(new Error(`GradioClient.${wanted} needs a client of GradioClient.connect, not one of makeWith`))
      : Effect.succeed(inner)
  })

/** Sends a call and gives its events in pieces; what all operations of a client have in common. */
const begin = (
  caller: Calls.Caller,
  endpoint: string | number,
  input: Input = [],
  options: Calls.CallOptions = {}
): Effect.Effect<Calls.Events, CallError, Scope.Scope> =>
  Effect.flatMap(Calls.prepare(caller, endpoint, input, options), (prepared) =>
    Effect.flatMap(Telemetry.make(shownName(prepared.endpoint)), (onEnd) => Calls.events(caller, prepared, onEnd))
  )

const span = { captureStackTrace: false }

const submit = (
  caller: Calls.Caller,
  endpoint: string | number,
  input: Input = [],
  options: SubmitOptions = {}
): Effect.Effect<Job.Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope> =>
  Effect.gen(function* () {
    const released = yield* Deferred.make<void>()
    const prepared = yield* Calls.prepare(caller, endpoint, input, options, released)
    return yield* Job.make<Fold.Incident, Fold.State, Outputs>({
      messages: Stream.scoped(Stream.fromPull(prepared.run)),
      folding: {
        initial: Fold.initial,
        step: (state, incident) => Fold.step(prepared.context, state, incident),
        ...(prepared.hasEventId ? { eventId: (state) => state.eventId } : {}),
        reached: (state) => state.reached,
        passing: (incident) => ("message" in incident ? passingKinds.get(incident.message.msg) : undefined),
        bytes: (incident) => eventOverhead + ("bytes" in incident ? incident.bytes : 0)
      },
      where: prepared.where,
      stoppable: prepared.endpoint.generator,
      slowsServer: options.session === "own",
      buffer: options.buffer ?? Calls.defaultBuffer,
      replay: options.replay ?? "latest",
      released,
      onState: Calls.rememberRendered(caller),
      span: "GradioClient.submit",
      observe: Telemetry.make(shownName(prepared.endpoint))
    })
  })

/** What of a call gives way to the next of its kind while nobody has read it, and how many stay. */
const passingKinds: ReadonlyMap<string, { readonly kind: string; readonly keep: number }> = new Map([
  ["estimation", { kind: "estimation", keep: 1 }],
  ["progress", { kind: "progress", keep: 1 }],
  ["log", { kind: "log", keep: 1000 }]
])

const upload = (caller: Calls.Caller, file: GradioFile): Effect.Effect<GradioFile, GradioFileError | RequestError> => {
  const { link } = caller
  const target = { link, config: caller.session.config }
  return Effect.map(
    referenceOf(target, file, { url: link.base.href }, {}, () => {}),
    (reference) => received(link, reference)
  ).pipe(Effect.withSpan("GradioClient.upload", {}, span))
}

/** The answer of `/info` as the app sent it: none where the app has no usable one (before 3.26), and for doubles of `makeWith`. */
export const wireInfo = (client: GradioClient): WireInfo | undefined => inners.get(client)?.caller.info

/** The endpoint meant when there is only one: its name, or its number where it has none. */
export const single = (client: GradioClient): Effect.Effect<string | number, EndpointNotFoundError> => {
  const named = Object.keys(client.api.named)
  const unnamed = Object.values(client.api.unnamed).map((endpoint) => endpoint.fnIndex)
  const [only, ...others] = [...named, ...unnamed]
  return only !== undefined && others.length === 0
    ? Effect.succeed(only)
    : Effect.fail(
        new EndpointNotFoundError({
          ...circumstances({ where: { url: client.url.href } }),
          asked: "",
          available: named,
          nearest: [],
          problem:
            only === undefined
              ? "has no endpoint that clients may call"
              : "has several endpoints: name the one that is meant"
        })
      )
}

/**
 * The endpoints of an app as text for people: how each is called, what it takes and what it gives, as `view_api` prints it in Python. With
 * `hidden` also undocumented ones and those that calls of this session rendered; with `unnamed` those that are called by number.
 */
export const describe = (client: GradioClient, options?: DescribeOptions): string =>
  describeTable(
    client.url.href,
    inners.get(client)?.caller.session.endpoints ?? makeEndpoints(client.config, undefined),
    options
  )

/**
 * Sends a stream of inputs to a function that takes one (`connection` of its configuration is `"stream"`: a microphone, a camera; Gradio 5 and
 * later). Each chunk is the input of one run of the function, as `predict` takes it, and gives one `Output`.
 *
 * A chunk is sent when the one before is answered, the function's `stream_every` has passed, and somebody reads on; until then no more are taken
 * from the stream. Where the app's `time_limit` ends the event, the next chunk begins another, which `Reopened` tells. The call ends with
 * `Completed` when the chunks end; interrupting it, or a failure of the chunks, ends it on the server as well. Fails as `events` does, with
 * `EndpointInputError` for functions that take no stream.
 *
 * @example
 * const texts = GradioClient.streamInput(app, "/transcribe", Stream.map(microphone, (piece) => [piece])).pipe(
 *   Stream.filter((event) => event._tag === "Output"),
 *   Stream.map((event) => event.output)
 * )
 */
export function streamInput<I, O, RI, RO, E, R>(
  client: GradioClient,
  endpoint: Endpoint<I, O, RI, RO>,
  chunks: Stream.Stream<NoInfer<I>, E, R>,
  options?: Calls.TypedCallOptions
): Stream.Stream<JobEvent<O>, CallError | EndpointOutputError | E, R | RI | RO>
export function streamInput<E, R>(
  client: GradioClient,
  endpoint: string | number,
  chunks: Stream.Stream<Input, E, R>,
  options?: Calls.CallOptions
): Stream.Stream<JobEvent<Outputs>, CallError | E, R>
export function streamInput<I, O, RI, RO, E, R>(
  client: GradioClient,
  endpoint: string | number | Endpoint<I, O, RI, RO>,
  chunks: Stream.Stream<Input, E, R>,
  options: Calls.CallOptions = {}
) {
  const untyped = <E2, R2>(name: string | number, inputs: Stream.Stream<Input, E2, R2>) =>
    Stream.unwrap(
      Effect.flatMap(innerOf(client, "streamInput"), ({ caller }) =>
        Effect.map(Telemetry.make(shownAsked(caller.session.endpoints, name)), (onEnd) =>
          InputStream.events(caller, name, inputs, options, onEnd)
        )
      )
    ).pipe(Stream.withSpan("GradioClient.streamInput", span))
  if (typeof endpoint !== "object") return untyped(endpoint, chunks)
  const where = whereOf(client, endpoint.name)
  const encoded = Stream.mapEffect(chunks, (chunk) => encode(where, endpoint, chunk))
  return decodedEvents(where, endpoint, untyped(endpoint.name, encoded))
}

/**
 * Calls a function of a component (`@gr.server` in Python), as the page does: `ls` of a file explorer gives the files of a folder. `component` is its
 * id in `config.components`. Files go as fields of an object, `{ field: file }`, and make the whole a form (Gradio 4.27 and later), in which all else is
 * text; a file anywhere else is refused with `EndpointInputError`. Gives the JSON of the answer as it came. Fails with `AppResponseError` where there is no such function (404) or it raised (500).
 */
export const componentServer = (
  client: GradioClient,
  component: number,
  fn: string,
  data?: unknown
): Effect.Effect<unknown, EndpointInputError | GradioFileError | RequestError> =>
  Effect.flatMap(innerOf(client, "componentServer"), ({ caller }) =>
    ComponentServer.call(caller, component, fn, data)
  ).pipe(Effect.withSpan("GradioClient.componentServer", {}, span))

/**
 * An address of the app, like `url` of a file, for what can carry no header: an `<audio>` element, a player, another service. For a Space that was
 * connected to with a token it gets a signature of Hugging Face's hub, which holds for a short while; any other address comes as it is. Whoever has it
 * can use the Space for that while.
 */
export const signedUrl = (
  client: GradioClient,
  url: string | URL
): Effect.Effect<Redacted.Redacted<string>, RequestError> =>
  Effect.flatMap(innerOf(client, "signedUrl"), ({ app }) =>
    Effect.map(signUrl(app.link, String(url)), (signed) => Redacted.make(signed))
  )

/** Whether the app is the one that the client connected to: it gets another id with each start. See {@link refresh}. */
export const isSameApp = (client: GradioClient): Effect.Effect<boolean, RequestError> =>
  Effect.flatMap(innerOf(client, "isSameApp"), ({ app }) =>
    Effect.map(readAppId(app.link), (id) => id === app.config.app_id)
  )

/**
 * The client for what the app is now: its configuration and API are read anew, as after a restart with other functions. It has the session of the
 * given one, which goes on as it is; calls that run are not ended. Functions that calls rendered stay callable as long as the app is the same.
 */
export const refresh = (client: GradioClient): Effect.Effect<GradioClient, ConnectError> =>
  Effect.gen(function* () {
    const { app, caller, session } = yield* innerOf(client, "refresh")
    const now = yield* readDescription(yield* readConfig(app.link), app.part)
    const isReachedAsBefore =
      now.link.base.href === app.link.base.href &&
      now.link.prefix === app.link.prefix &&
      now.link.version === app.link.version &&
      protocolName(now.config) === protocolName(app.config)
    const ways = isReachedAsBefore ? app : yield* Scope.provide(openWays(now, app.protocol), app.scope)
    const { connections, heartbeats, values } = ways
    const renders = now.config.app_id === app.config.app_id ? caller.session.renders : []
    return makeClient({ ...app, ...now, connections, heartbeats, values }, session, renders)
  }).pipe(Effect.withSpan("GradioClient.refresh"))

/** The client of one app as a layer. Fails as `connect` does. */
export const layer = (
  source: string | URL,
  options?: ConnectOptions
): Layer.Layer<GradioClient, ConnectError, HttpClient.HttpClient> =>
  Layer.effect(GradioClient)(connect(source, options))

/**
 * The same from the configuration of the program, where the options do not say it: `GRADIO_URL` (or another `source`), `GRADIO_USERNAME` with
 * `GRADIO_PASSWORD`, and `HF_TOKEN` or `HUGGING_FACE_HUB_TOKEN`, which goes to Hugging Face's hosts only.
 */
export const layerConfig = (
  options: ConnectOptions & { readonly source?: Config.Config<string> | undefined } = {}
): Layer.Layer<GradioClient, ConnectError | Config.ConfigError, HttpClient.HttpClient> => {
  const { source = Config.String("GRADIO_URL"), ...given } = options
  const client = Effect.gen(function* () {
    const url = yield* source
    const auth = given.auth ?? Option.getOrUndefined(yield* loginFromConfig)
    const token = given.token ?? Option.getOrUndefined(yield* HuggingFace.tokenFromConfig)
    return yield* connect(url, { ...given, auth, token })
  })
  return Layer.effect(GradioClient)(client)
}

/** A user without a password is a mistake that says so. */
const loginFromConfig = Config.flatMap(Config.option(Config.String("GRADIO_USERNAME")), (user) =>
  Option.isNone(user)
    ? Config.succeed(Option.none())
    : Config.map(Config.Redacted("GRADIO_PASSWORD"), (password) => Option.some({ username: user.value, password }))
)
