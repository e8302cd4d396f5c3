/** Through a proxy that wants a password. For one named by `http_proxy`, `https_proxy` and `no_proxy`: `new EnvHttpProxyAgent()`. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { ProxyAgent } from "@effect/platform-node/Undici"
import { Config, Console, Effect, Layer, Redacted } from "effect"
import { GradioClient } from "effect-gradio"
import { Base64 } from "effect/encoding"

const Proxy = Layer.effect(NodeHttpClient.Dispatcher)(
  Effect.gen(function* () {
    const uri = yield* Config.String("PROXY_URL")
    const password = yield* Config.Redacted("PROXY_PASSWORD")
    const token = `Basic ${Base64.encode(`me:${Redacted.value(password)}`)}`
    return yield* Effect.acquireRelease(
      Effect.sync(() => new ProxyAgent({ uri, token })),
      (agent) => Effect.promise(() => agent.destroy())
    )
  })
)

const Http = Layer.provide(NodeHttpClient.layerUndiciNoDispatcher, Proxy)

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))
  yield* Console.log(yield* app.predict("/add", [4, "add", 5]))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(program, Http))
