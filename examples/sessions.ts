/** State that an app keeps for each session, and calls that share none. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { GradioClient } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")

  // #region session
  yield* app.predict("/counter", { word: "tea" }) // [0]
  const again = yield* app.predict("/counter", { word: "tea" }) // [1]: `gr.State` belongs to the session

  const other = yield* app.withSession() // the same app, as another user sees it
  const fresh = yield* other.predict("/counter", { word: "tea" }) // [0]
  // #endregion
  yield* Console.log({ again, fresh })
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
