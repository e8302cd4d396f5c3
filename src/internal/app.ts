/** An app as a connection knows it: where it is, what it says of itself, and the ways to call it. */
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import type * as Scope from "effect/Scope"
import type * as Semaphore from "effect/Semaphore"

import type { ApiInfo, WireInfo } from "../ApiInfo.ts"
import { type AppConfig, atLeast, protocolName } from "../AppConfig.ts"
import type { ConnectOptions } from "../GradioClient.ts"
import { AppProtocolError, AppUnreachableError, circumstances, type ConnectError } from "../GradioError.ts"
import { type Connection, Protocols, type ValueForm } from "../Protocol.ts"
import { type FoundApp, type Part, partOf, readConfig, readInfo } from "./connect.ts"
import { connectSpace } from "./connectSpace.ts"
import { makeEndpoints, type ResolvedEndpoint, toApiInfo } from "./endpoints.ts"
import { layerFor } from "./protocol/unspoken.ts"
import * as Heartbeat from "./session/heartbeat.ts"
import { basicHeader } from "./transport/credentials.ts"
import type { Link } from "./transport/link.ts"
import { makeLink } from "./transport/makeLink.ts"
import * as HuggingFace from "./wire/huggingFace.ts"
import * as routes from "./wire/routes.ts"
import { spaceSource } from "./wire/space.ts"

/** What an app says of itself, and the way to it. */
export interface Description {
  readonly link: Link
  readonly config: AppConfig
  readonly info: WireInfo | undefined
  /** Those that the app begins with; a session adds what its calls render. */
  readonly endpoints: ReadonlyArray<ResolvedEndpoint>
  readonly api: ApiInfo
}

/** What calls run on, and how the app writes values. */
export interface Ways {
  readonly connections: ReadonlyMap<string, Connection>
  readonly values: ValueForm | undefined
  /** By session hash: two of one session would end each other. */
  readonly heartbeats: RcMap.RcMap<string, void>
}

/** What the sessions of one connection share. */
export interface App extends Description, Ways {
  readonly part: Part
  /** What it is called by, where that is not what it announces. */
  readonly protocol: "call" | undefined
  readonly places: Semaphore.Semaphore | undefined
  /** That of the connection. */
  readonly scope: Scope.Scope
}

/** Reads what an app says of itself beside its configuration. */
export const readDescription = (
  { config: whole, link }: FoundApp,
  part: Part
): Effect.Effect<Description, ConnectError> =>
  Effect.gen(function* () {
    const config = yield* partOf(link, whole, part)
    const info = Option.getOrUndefined(yield* readInfo(link))
    const endpoints = makeEndpoints(config, info)
    return { link, config, info, endpoints, api: toApiInfo(endpoints) }
  })

/** Opens what calls run on, and what keeps sessions alive. */
export const openWays = (
  { config, link }: Description,
  protocol: App["protocol"]
): Effect.Effect<Ways, AppProtocolError, Scope.Scope> =>
  Effect.gen(function* () {
    const { connections, values } = yield* openConnections(link, config, protocol)
    const heartbeats = yield* RcMap.make({
      lookup: (hash: string) => Effect.asVoid(Effect.forkScoped(Heartbeat.keep(link, hash)))
    })
    return { connections, heartbeats, values }
  })

/** The app that a source means: a Space, or whatever is at an address. */
export const findApp = (
  source: string | URL,
  options: ConnectOptions
): Effect.Effect<FoundApp, ConnectError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const hub = yield* Effect.orElseSucceed(HuggingFace.hub, () => HuggingFace.defaultHub)
    const space = spaceSource(source, hub)
    if (space !== undefined) return yield* connectSpace(space, options)
    const base = routes.baseUrl(source)
    const headers = { ...basicHeader(source), ...options.headers }
    if (base !== undefined) return yield* Effect.flatMap(makeLink(base, { ...options, headers }), readConfig)
    const url = routes.shownSource(source)
    return yield* new AppUnreachableError({
      ...circumstances({ where: { url } }),
      tried: [{ url, answer: noAddress(url) }]
    })
  })

/** What is wrong with an address that is none, and what was probably meant. */
const noAddress = (text: string): string =>
  /^[\w-][\w.-]*(:\d+)?(\/|$)/.test(text)
    ? `no http or https address; did you mean http://${text}?`
    : "no http or https address"

/** The ways to call the app's functions: through its queue and directly, by whichever protocols are known for them. */
const openConnections = (
  link: Link,
  config: AppConfig,
  wanted: App["protocol"]
): Effect.Effect<Pick<Ways, "connections" | "values">, AppProtocolError, Scope.Scope> =>
  Effect.gen(function* () {
    const protocols = yield* Protocols
    const queued = protocols.find((one) => one.speaks(protocolName(config)))
    const layer = layerFor(protocolName(config))
    if (layer !== undefined && queued === undefined) {
      return yield* new AppProtocolError({
        ...circumstances({ where: { url: link.base.href } }),
        part: `its protocol "${protocolName(config)}"`,
        problem: layer,
        received: ""
      })
    }
    const connections = new Map<string, Connection>()
    for (const announced of ["direct", protocolName(config)]) {
      const protocol = protocols.find((one) => one.speaks(wanted ?? announced))
      if (protocol === undefined) continue
      if (protocol.since !== undefined && !atLeast(config, protocol.since)) {
        return yield* new AppProtocolError({
          ...circumstances({ where: { url: link.base.href } }),
          part: `its protocol "${protocol.name}"`,
          problem: `which came with Gradio ${protocol.since}, and this app runs ${config.version}`,
          received: ""
        })
      }
      connections.set(announced, yield* protocol.open(link))
    }
    return { connections, values: queued?.values }
  })
