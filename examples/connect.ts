/** The client as a service: from an address in the configuration, with headers of its own, and two apps under tags of one's own. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Context, Effect, Layer, Redacted } from "effect"
import { GradioClient } from "effect-gradio"

// #region layer
const total = Effect.gen(function* () {
  const app = yield* GradioClient.GradioClient
  const [sum] = yield* app.predict("/add", [1, "add", 2])
  return sum
})

// Reads GRADIO_URL.
const Live = GradioClient.layerConfig({
  headers: { "x-caller": "examples", authorization: Redacted.make("Bearer a-secret") },
  retry: "none"
}).pipe(Layer.provide(NodeHttpClient.layerUndici))
// #endregion

// #region several
class Speech extends Context.Service<Speech, GradioClient.GradioClient>()("my-program/Speech") {}
class Pictures extends Context.Service<Pictures, GradioClient.GradioClient>()("my-program/Pictures") {}

const url = Config.String("GRADIO_URL").pipe(Config.withDefault("http://127.0.0.1:7860"))
const connect = Effect.flatMap(url, (address) => GradioClient.connect(address))

const Apps = Layer.mergeAll(Layer.effect(Speech)(connect), Layer.effect(Pictures)(connect)).pipe(
  Layer.provide(NodeHttpClient.layerUndici)
)

const both = Effect.gen(function* () {
  const speech = yield* Speech
  const pictures = yield* Pictures
  return yield* Effect.all([speech.predict("/add", [1, "add", 2]), pictures.predict("/add", [3, "add", 4])], {
    concurrency: 2
  })
})
// #endregion

const program = Effect.gen(function* () {
  yield* Console.log("total:", yield* Effect.provide(total, Live))
  yield* Console.log("both:", yield* Effect.provide(both, Apps))
})

NodeRuntime.runMain(program)
