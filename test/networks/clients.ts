/** Transports as programs have them on Node, over a dispatcher of undici. */
import { NodeHttpClient } from "@effect/platform-node"
import { Agent, buildConnector, type Dispatcher } from "@effect/platform-node/Undici"
import { Context, Effect, Layer } from "effect"
import { HttpClient } from "effect/http"

export const overDispatcher = (make: () => Dispatcher) =>
  Effect.map(
    Layer.build(
      Layer.provide(
        NodeHttpClient.layerUndiciNoDispatcher,
        Layer.effect(NodeHttpClient.Dispatcher)(
          Effect.acquireRelease(Effect.sync(make), (dispatcher) => Effect.promise(() => dispatcher.destroy()))
        )
      )
    ),
    Context.get(HttpClient.HttpClient)
  )

/** A client for which every host is this machine, with the standard ports of http and https at these. */
export const resolving = (ports: readonly [http: number, https: number], ca?: string) =>
  overDispatcher(() => {
    const connect = buildConnector(ca === undefined ? {} : { ca })
    return new Agent({
      connect: (options, callback) => {
        const standard = options.port === "" || options.port === "80" || options.port === "443"
        const port = standard ? String(ports[options.protocol === "https:" ? 1 : 0]) : options.port
        connect({ ...options, hostname: "127.0.0.1", port }, callback)
      }
    })
  })
