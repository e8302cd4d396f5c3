/** An app of Gradio 3, whose queue is reached over WebSockets. */
import { NodeHttpClient, NodeRuntime, NodeSocket } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { GradioClient } from "effect-gradio"
import * as Gradio3 from "effect-gradio/Gradio3"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))
  const [sum] = yield* app.predict("/add", [2, "add", 2])
  yield* Console.log(`Gradio ${app.config.version}: ${sum}`)
})

// #region layer
const Live = Layer.merge(NodeHttpClient.layerUndici, Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor))
// #endregion

NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(Live)))
