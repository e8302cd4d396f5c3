/** An app whose certificate nobody can verify. Whoever stands between can read and change everything: for one's own machine only. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { GradioClient } from "effect-gradio"

const Http = NodeHttpClient.layerUndiciOptions({ connect: { rejectUnauthorized: false } })

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))
  yield* Console.log(yield* app.predict("/add", [4, "add", 5]))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(program, Http))
