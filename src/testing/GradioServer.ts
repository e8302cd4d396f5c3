/**
 * A Gradio server in TypeScript, of any version from 3.50.2 on, to stand in for a real one in tests: functions in, the real wire protocol out.
 *
 * The same handler answers over a socket ({@link serve}) and in memory ({@link layerMemory}). It serves the files that it made itself and
 * no others. Everything that it runs ends with the scope in which it was made.
 *
 * Its time is that of the `Clock`. Under a `TestClock`, which `it.effect` of `@effect/vitest` brings, a call that sleeps or reports progress stands
 * still until the test moves the clock (`TestClock.adjust`), and so do heartbeats: use `it.live` where time shall pass by itself.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import * as AppFunction from "./AppFunction.ts"
import { Broken } from "./Broken.ts"
import type * as Component from "./Component.ts"
import type { Description } from "./Description.ts"
import type { Endpoint } from "./Endpoint.ts"
import type { Fault } from "./Fault.ts"
import * as JobQueue from "./JobQueue.ts"
import * as Login from "./Login.ts"
import * as MemoryClient from "./memoryClient.ts"
import * as MemorySocket from "./memorySocket.ts"
import * as Release from "./Release.ts"
import * as Rendered from "./Rendered.ts"
import * as Routes from "./Routes.ts"
import * as ServerFile from "./ServerFile.ts"
import * as Session from "./Session.ts"
import * as Upload from "./Upload.ts"

/** What an app is made of. */
export interface Options<R> {
  /** Each with a name of its own: {@link make} dies of two that are the same. */
  readonly endpoints: ReadonlyArray<Endpoint<R>>
  /** Default `"Gradio"`. */
  readonly title?: string | undefined
  /**
   * The Gradio that the server stands in for, from `"3.50.2"` to the default `"6.31.0"`: its protocol, routes, messages and forms of values are
   * those of that version. For a version before 4.0 clients need a WebSocket, see {@link layerWebSocket}.
   */
  readonly version?: string | undefined
  /** A 64-bit integer as text. Default: a random one, as every start of a real server has. */
  readonly appId?: string | undefined
  /** The users of an app that wants a login, with their passwords. Default: everybody may come. */
  readonly auth?: Readonly<Record<string, string>> | undefined
  /** What the author of such an app says on the login page. */
  readonly authMessage?: string | undefined
  /** Shows clients the text of every exception. Default `false`. */
  readonly showError?: boolean | undefined
  /** Bytes that one uploaded file may have. Default: any number. */
  readonly maxFileSize?: number | undefined
  /** How many events may wait, all groups together. Default: any number. */
  readonly maxSize?: number | undefined
  /** Time between heartbeats. Default 15 seconds. */
  readonly heartbeatInterval?: Duration.Input | undefined
  /** Runs when the client of a session is gone, as the listeners of `demo.unload` do. */
  readonly unload?: ((sessionHash: string) => Effect.Effect<void>) | undefined
  /** Where the app is mounted: a path, or a whole address. Default: at the top of the address that the client used. */
  readonly root?: string | undefined
}

/** What is going on in a server; all zeros (sessions apart) when nothing was left behind, which shows once the scopes of the clients have closed. */
export interface Activity {
  readonly running: number
  readonly waiting: number
  /**
   * Answers whose bodies are being sent: event streams, heartbeats, uploads being watched, downloads. A client keeps one heartbeat for each
   * session that it has used, where the app has a `Component.state`; so this is zero when the scopes of all clients have closed, and before
   * that only where there is no state.
   */
  readonly open: number
  /** Sessions of which the server has heard. */
  readonly sessions: number
}

/** A stand-in server. */
export class GradioServer extends Context.Service<
  GradioServer,
  {
    /** Answers a request. */
    readonly handle: (
      request: HttpServerRequest.HttpServerRequest
    ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
    /** Reaches the server in memory, under any address. */
    readonly client: HttpClient.HttpClient
    /** Makes WebSockets to the server in memory, under any address. */
    readonly webSocket: Socket.WebSocketConstructor["Service"]
    /** Makes the server misbehave until the scope closes. Faults that came later are nearer to the client. */
    readonly inject: (fault: Fault) => Effect.Effect<void, never, Scope.Scope>
    /** Forgets all logins, as a restart of the server does; `/logout` forgets those of one user. */
    readonly forgetLogins: Effect.Effect<void>
    /** Refuses further events, as a server does that is about to end. */
    readonly stop: Effect.Effect<void>
    readonly activity: Effect.Effect<Activity>
  }
>()("effect-gradio/testing/GradioServer") {}

const number = (endpoints: ReadonlyArray<Endpoint<unknown>>): ReadonlyMap<Component.Any, number> => {
  const ids = new Map<Component.Any, number>()
  for (const { inputs, outputs } of endpoints) {
    for (const component of [...inputs, ...outputs]) if (!ids.has(component)) ids.set(component, ids.size + 1)
  }
  return ids
}

/** Whether a function has a button: not so where a change runs it, or where all of it is for programs. */
const hasButton = ({ inputs, kind, outputs }: Endpoint<unknown>): boolean => {
  const all = [...inputs, ...outputs]
  if (kind === "render") return false
  return all.length === 0 || all.some(({ type }) => type !== "api")
}

/** Gradio would number the second (`echo_1`), so that a test would call the first without knowing. */
const dieOfTwins = (endpoints: ReadonlyArray<Endpoint<unknown>>): Effect.Effect<void> => {
  const named = endpoints.filter(({ kind }) => kind !== "listener")
  const twin = named.find(({ name }, i) => named.findIndex((one) => one.name === name) < i)
  return twin === undefined
    ? Effect.void
    : Effect.die(
        new Error(`Two endpoints of the stand-in app are called "/${twin.name}": give one of them another name.`)
      )
}

/** Render blocks all have the same name. */
const numbered = <R>(endpoints: ReadonlyArray<Endpoint<R>>): ReadonlyArray<Endpoint<R>> => {
  let blocks = 0
  return endpoints.map((one) => {
    const before = one.kind === "render" ? blocks++ : 0
    return before === 0 ? one : { ...one, name: `${one.name}_${before}` }
  })
}

const randomAppId = Effect.map(
  Effect.all([Random.nextIntBetween(2 ** 31, 2 ** 32), Random.nextIntBetween(0, 2 ** 32)]),
  ([high, low]) => ((BigInt(high) << 32n) | BigInt(low)).toString()
)

/** Runs the functions in the scope of the server with the services that it was made with. */
const makeRunner = <R>(services: Context.Context<R>, endpoint: Endpoint<R>): AppFunction.Runner => {
  const runFork = Effect.runForkWith(services)
  return (rows, call, conversion, emit) =>
    Effect.suspend(() => {
      const fiber = runFork(Stream.runForEach(endpoint.run(rows, call, conversion), emit))
      return Effect.onInterrupt(Fiber.join(fiber), () => Fiber.interrupt(fiber))
    })
}

/**
 * Makes a server, not yet at any address: pass it to {@link serve}, or use its `client`.
 *
 * Failures that no client is told (defects, and all but `AppFailure`) are logged with `Effect.logError`. Two endpoints of the same name are a
 * defect. Files are kept in a temporary directory when a `FileSystem` is provided, and uploads then take constant memory; in memory otherwise.
 */
export const make = Effect.fnUntraced(function* <R = never>(options: Options<R>) {
  const services = yield* Effect.context<R>()
  const endpoints = numbered(options.endpoints)
  yield* dieOfTwins(endpoints)
  const components = number(endpoints)
  const release = Release.of(options.version ?? "6.31.0")
  const makeFunction = <A>(id: number, endpoint: Endpoint<A>, context: Context.Context<A>) =>
    AppFunction.make(id, endpoint, release, makeRunner(context, endpoint))
  const functions = endpoints.map((endpoint, id) => makeFunction(id, endpoint, services))
  const description: Description = {
    title: options.title ?? "Gradio",
    release,
    appId: options.appId ?? (yield* randomAppId),
    showError: options.showError ?? false,
    maxFileSize: options.maxFileSize ?? null,
    components,
    triggers: new Map(functions.flatMap((fn, i) => (hasButton(fn.endpoint) ? [[fn, components.size + i + 1]] : []))),
    functions
  }
  const sessions = Session.make()
  const files = yield* ServerFile.make
  const queue = yield* JobQueue.make({ showError: description.showError, release })
  const logins = yield* Login.make(
    options.auth && {
      passwords: options.auth,
      message: options.authMessage ?? null,
      tellsMessage: release.tellsLoginMessage
    }
  )
  const faults = new Set<Fault>()
  let isStopped = false
  let open = 0

  const enter = Effect.sync(() => {
    open++
  })
  const leave = Effect.sync(() => {
    open--
  })
  const route = Routes.make({
    description,
    rendered: Rendered.make(description, makeFunction),
    rootPath: options.root ?? "",
    maxSize: options.maxSize ?? null,
    heartbeatInterval: options.heartbeatInterval ?? "15 seconds",
    logins,
    unload: options.unload ?? (() => Effect.void),
    isStopped: () => isStopped,
    queue,
    sessions,
    files,
    counted: (effect) =>
      Effect.acquireUseRelease(
        enter,
        () => effect,
        () => leave
      ),
    uploads: Upload.make(files, description.maxFileSize, release),
    tamper: (frames, hash) =>
      Array.from(faults).reduce((inner, { frames: tamper }) => tamper?.(inner, hash) ?? inner, frames)
  })

  const counted = (answer: Answer.Answer): Answer.Answer =>
    Answer.mapStream(answer, (stream) =>
      Stream.unwrap(
        Effect.as(
          Effect.acquireRelease(enter, () => leave),
          stream
        )
      )
    )

  const answer: typeof route = (request, upgrade) =>
    Effect.suspend(() =>
      Array.from(faults).reduce(
        (inner, fault) => fault.request?.(request, inner) ?? inner,
        Effect.map(
          Effect.catchDefect(route(request, upgrade), () => Effect.succeed(Answer.crashed)),
          counted
        )
      )
    )
  const handle = (request: HttpServerRequest.HttpServerRequest) => answer(request)
  const scope = yield* Scope.Scope
  const runFork = Effect.runForkWith(yield* Effect.context<never>())

  return GradioServer.of({
    handle,
    client: MemoryClient.make(handle),
    webSocket: MemorySocket.make((effect) => void Fiber.runIn(runFork(effect), scope), answer),
    inject: (fault) =>
      Effect.asVoid(
        Effect.acquireRelease(
          Effect.sync(() => faults.add(fault)),
          () => Effect.sync(() => faults.delete(fault))
        )
      ),
    forgetLogins: logins.forget,
    stop: Effect.sync(() => {
      isStopped = true
    }),
    activity: Effect.sync(() => ({
      running: queue.running(),
      waiting: queue.size(),
      open,
      sessions: Array.from(sessions.all()).length
    }))
  })
})

const isLoopback = (address: string) => /^(?:127\.|::1$|::ffff:127\.)/.test(address)

/**
 * Serves a server over the `HttpServer` at hand until the scope closes, and gives its address.
 *
 * Whatever the server listens on, only peers on this machine are answered, unless `remote` is set.
 */
export const serve = Effect.fnUntraced(function* (
  server: Pick<GradioServer["Service"], "handle">,
  options: { readonly remote?: boolean | undefined } = {}
) {
  const scope = yield* Scope.Scope
  const closing = yield* Deferred.make<never, Broken>()
  const { address } = yield* HttpServer.HttpServer
  // Streams have to end before the socket does, for that waits until all of its connections are idle.
  const untilClosing = (answer: Answer.Answer): Answer.Answer =>
    Answer.mapStream(answer, Stream.interruptWhen(Deferred.await(closing)))
  yield* HttpServer.serveEffect(
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const isAllowed =
        options.remote === true || Option.match(request.remoteAddress, { onNone: () => true, onSome: isLoopback })
      if (!isAllowed) return Answer.detail(403, "This server answers its own machine only.")
      return untilClosing(yield* Effect.raceFirst(server.handle(request), Effect.orDie(Deferred.await(closing))))
    }).pipe(Effect.interruptible)
  )
  yield* Scope.addFinalizer(scope, Deferred.fail(closing, new Broken()))
  return HttpServer.formatAddress(address).replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, "//127.0.0.1")
})

/** A server with these options. */
export const layer = <R = never>(
  options: Options<R>
): Layer.Layer<GradioServer, PlatformError, Exclude<R, Scope.Scope>> => Layer.effect(GradioServer)(make(options))

/** Serves the server of the context over the `HttpServer` of the context. */
export const layerHttp: Layer.Layer<never, never, GradioServer | HttpServer.HttpServer> = Layer.effectDiscard(
  Effect.flatMap(GradioServer, (server) => serve(server))
)

/** An `HttpClient` that reaches the server of the context in memory, under any address. */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, GradioServer> = Layer.effect(HttpClient.HttpClient)(
  Effect.map(GradioServer, ({ client }) => client)
)

/** Makes WebSockets that reach the server of the context in memory, under any address: calls of a Gradio before 4.0 want one each. */
export const layerWebSocket: Layer.Layer<Socket.WebSocketConstructor, never, GradioServer> = Layer.effect(
  Socket.WebSocketConstructor
)(Effect.map(GradioServer, ({ webSocket }) => webSocket))

/** A server in memory, and the `HttpClient` and WebSockets that reach it. */
export const layerMemory = <R = never>(
  options: Options<R>
): Layer.Layer<
  GradioServer | HttpClient.HttpClient | Socket.WebSocketConstructor,
  PlatformError,
  Exclude<R, Scope.Scope>
> => Layer.provideMerge(Layer.merge(layerClient, layerWebSocket), layer(options))
