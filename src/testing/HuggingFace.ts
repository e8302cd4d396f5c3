/**
 * Hugging Face as far as apps and their clients need it, to stand in for the real one in tests: its API with accounts and Spaces, and the hosts of
 * these Spaces, which sleep, build, start, run and fail as the clock goes on. In memory under the real addresses ({@link layerMemory}), or over
 * sockets (its `serve`).
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

import * as Answer from "./Answer.ts"
import type { Fault } from "./Fault.ts"
import * as GradioServer from "./GradioServer.ts"
import * as HubRoutes from "./HubRoutes.ts"
import * as HubSpace from "./HubSpace.ts"
import * as MemoryClient from "./memoryClient.ts"

export type { Account } from "./HubRoutes.ts"
export type { SpaceApp, SpaceOptions, Stage } from "./HubSpace.ts"

/** What there is on the stand-in. */
export interface Options {
  readonly accounts?: ReadonlyArray<HubRoutes.Account> | undefined
  readonly spaces?: ReadonlyArray<HubSpace.SpaceOptions> | undefined
  /** How long a token of `/jwt` opens the host of a private Space. Default 1 hour. */
  readonly signatureLifetime?: Duration.Input | undefined
}

/** A Space as its owner sees it. Secrets are in it, so that a test can tell which ones arrived. */
export interface SpaceView {
  readonly id: string
  readonly stage: HubSpace.Stage
  readonly private: boolean
  readonly hardware: string
  /** In seconds; null: it never sleeps. */
  readonly sleepTime: number | null
  readonly secrets: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  readonly duplicatedFrom: string | undefined
  /** The address of its host. */
  readonly host: string
}

/** A stand-in for Hugging Face. */
export class HuggingFace extends Context.Service<
  HuggingFace,
  {
    /** Answers a request to the API. */
    readonly handle: (
      request: HttpServerRequest.HttpServerRequest
    ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
    /**
     * Reaches `https://huggingface.co` and `https://<owner>-<name>.hf.space` in memory, and nothing else: every other host is unknown to it.
     */
    readonly client: HttpClient.HttpClient
    /** A Space as it is now, if there is one of that id. */
    readonly space: (id: string) => Effect.Effect<SpaceView | undefined>
    /** Puts a Space in place, over one of the same id: what happens to Spaces from elsewhere. */
    readonly put: (space: HubSpace.SpaceOptions) => Effect.Effect<void>
    /** Makes the API and all hosts misbehave until the scope closes. */
    readonly inject: (fault: Fault) => Effect.Effect<void, never, Scope.Scope>
    /**
     * Serves the API and each Space, those of later too, over a server of its own, and so at an origin of its own, until the scope closes. Gives the
     * address of the API: the value of `HF_ENDPOINT` for its clients. `server` is built for each of them: on Node
     * `NodeHttpServer.layerServer(() => createServer(), { port: 0 })`.
     */
    readonly serve: <E>(server: Layer.Layer<HttpServer.HttpServer, E>) => Effect.Effect<string, E, Scope.Scope>
  }
>()("effect-gradio/testing/HuggingFace") {}

const hubOrigin = "https://huggingface.co"

/** What comes of the host of a Space that does not serve, whatever the reason. */
const unavailable = (page: string): Answer.Answer =>
  HttpServerResponse.setHeader(
    Answer.text("Your space is in error, check its status on hf.co", 503),
    "link",
    `<${page}>; rel="canonical"`
  )

const page = (status: number, text: string): Answer.Answer =>
  HttpServerResponse.html(`<!DOCTYPE html><html><body><h1>${status}</h1><p>${text}</p></body></html>`).pipe(
    HttpServerResponse.setStatus(status)
  )

const noSuchSpace = page(404, "Sorry, we can't find the page you are looking for.")
const privateSpace = page(401, "This Space is private. Log in to see it.")

/** Makes a stand-in, not yet at any address. Its clock is the program's: under a `TestClock` a Space sleeps and wakes up as the test says. */
export const make = Effect.fnUntraced(function* (options: Options = {}) {
  const start = yield* Clock.currentTimeMillis
  const spaces = new Map<string, HubSpace.HubSpace>()
  for (const space of options.spaces ?? []) spaces.set(space.id.toLowerCase(), HubSpace.make(space, start))
  const accounts = options.accounts ?? []
  const signatures = new Map<string, { readonly id: string; readonly until: number }>()
  const lifetime = Duration.toMillis(options.signatureLifetime ?? "1 hour")
  const faults = new Set<Fault>()

  let endpoint = hubOrigin
  let hostOf = (space: HubSpace.HubSpace): Effect.Effect<string> =>
    Effect.succeed(`https://${HubSpace.subdomain(space)}.hf.space`)

  const faulty = (
    request: HttpServerRequest.HttpServerRequest,
    answer: Effect.Effect<Answer.Answer>
  ): Effect.Effect<Answer.Answer> =>
    Effect.suspend(() => Array.from(faults).reduce((inner, fault) => fault.request?.(request, inner) ?? inner, answer))

  const routes = HubRoutes.make({
    endpoint: () => endpoint,
    accounts,
    spaces,
    hostOf: (space) => Effect.suspend(() => hostOf(space)),
    sign: Effect.fnUntraced(function* (space) {
      const until = (yield* Clock.currentTimeMillis) + lifetime
      const random = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
      const claims = { sub: `/spaces/${space.id}`, exp: Math.trunc(until / 1000) }
      const encoded = [{ alg: "none" }, claims].map((part) => btoa(JSON.stringify(part)).replace(/=+$/, ""))
      const token = [...encoded, random.toString(36)].join(".")
      signatures.set(token, { id: space.id, until })
      return token
    })
  })

  /** Whether a request may pass to a private Space: by a token in either header, or by a signature in its address. */
  const mayPass = Effect.fnUntraced(function* (
    request: HttpServerRequest.HttpServerRequest,
    space: HubSpace.HubSpace,
    now: number
  ) {
    if (!space.private) return true
    const signed = signatures.get(new URL(request.url, "http://localhost").searchParams.get("__sign") ?? "")
    if (signed !== undefined && signed.id === space.id && signed.until > now) return true
    const bearers = [request.headers["authorization"], request.headers["x-hf-authorization"]]
    const allowed = yield* Effect.forEach(bearers, (bearer) =>
      HubRoutes.accountOf({ accounts }, bearer).pipe(
        Effect.map((account) => HubRoutes.maySee(account, space)),
        Effect.orElseSucceed(() => false)
      )
    )
    return allowed.includes(true)
  })

  /** Answers at the host of a Space. */
  const handleAt = Effect.fnUntraced(function* (
    find: () => HubSpace.HubSpace | undefined,
    request: HttpServerRequest.HttpServerRequest
  ) {
    const now = yield* Clock.currentTimeMillis
    const space = find()
    if (space === undefined) return noSuchSpace
    if (!(yield* mayPass(request, space, now))) return privateSpace
    const stage = HubSpace.stageAt(space, now)
    spaces.set(space.id.toLowerCase(), HubSpace.requested(space, now))
    if (!HubSpace.isServing(stage)) return unavailable(`${endpoint}/spaces/${space.id}`)
    return space.app === undefined ? Answer.notFound : yield* space.app.handle(request)
  })

  const handle = (request: HttpServerRequest.HttpServerRequest) => faulty(request, routes(request))
  const handleSpace = (id: string) => (request: HttpServerRequest.HttpServerRequest) =>
    faulty(
      request,
      handleAt(() => spaces.get(id.toLowerCase()), request)
    )

  const memory = MemoryClient.make((request) => {
    const { hostname } = new URL(request.originalUrl)
    if (hostname === new URL(hubOrigin).hostname) return handle(request)
    const space = () => [...spaces.values()].find((one) => `${HubSpace.subdomain(one)}.hf.space` === hostname)
    return faulty(request, handleAt(space, request))
  })

  const client = HttpClient.make((request, url) =>
    url.origin === hubOrigin || url.hostname.endsWith(".hf.space")
      ? memory.execute(request)
      : Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({
              request,
              cause: Object.assign(new Error(`getaddrinfo ENOTFOUND ${url.hostname}`), { code: "ENOTFOUND" })
            })
          })
        )
  )

  const serve = Effect.fnUntraced(function* <E>(server: Layer.Layer<HttpServer.HttpServer, E>) {
    const scope = yield* Effect.scope
    const serveOne = (one: Parameters<typeof GradioServer.serve>[0]) =>
      Effect.flatMap(Layer.buildWithScope(Layer.fresh(server), scope), (services) =>
        Effect.provide(GradioServer.serve(one), services)
      ).pipe(Scope.provide(scope))
    const addresses = new Map<string, string>()
    const one = yield* Semaphore.make(1)
    const addressOf = (space: HubSpace.HubSpace) =>
      one.withPermits(1)(
        Effect.suspend(() => {
          const key = HubSpace.subdomain(space)
          const known = addresses.get(key)
          if (known !== undefined) return Effect.succeed(known)
          return Effect.tap(serveOne({ handle: handleSpace(space.id) }), (address) =>
            Effect.sync(() => addresses.set(key, address))
          )
        })
      )
    const address = yield* serveOne({ handle })
    yield* Effect.forEach(spaces.values(), addressOf)
    endpoint = address
    hostOf = (space) => Effect.orDie(addressOf(space))
    return address
  })

  return HuggingFace.of({
    handle,
    client,
    space: Effect.fnUntraced(function* (id) {
      const space = spaces.get(id.toLowerCase())
      if (space === undefined) return undefined
      const now = yield* Clock.currentTimeMillis
      const values = (settings: HubSpace.HubSpace["secrets"]) =>
        Object.fromEntries(Array.from(settings, ([key, { value }]) => [key, value]))
      return {
        id: space.id,
        stage: HubSpace.stageAt(space, now),
        private: space.private,
        hardware: space.hardware,
        sleepTime: space.sleepTime,
        secrets: values(space.secrets),
        variables: values(space.variables),
        duplicatedFrom: space.duplicatedFrom,
        host: yield* hostOf(space)
      }
    }),
    put: (space) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        spaces.set(space.id.toLowerCase(), HubSpace.make(space, now))
      }),
    inject: (fault) =>
      Effect.asVoid(
        Effect.acquireRelease(
          Effect.sync(() => faults.add(fault)),
          () => Effect.sync(() => faults.delete(fault))
        )
      ),
    serve
  })
})

/** A stand-in with these accounts and Spaces. */
export const layer = (options?: Options): Layer.Layer<HuggingFace> => Layer.effect(HuggingFace)(make(options))

/** An `HttpClient` that reaches the stand-in of the context in memory. */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, HuggingFace> = Layer.effect(HttpClient.HttpClient)(
  Effect.map(HuggingFace, ({ client }) => client)
)

/** A stand-in in memory, and the `HttpClient` that reaches it. */
export const layerMemory = (options?: Options): Layer.Layer<HuggingFace | HttpClient.HttpClient> =>
  Layer.provideMerge(layerClient, layer(options))
