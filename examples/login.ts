/** An app that wants a login. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { GradioClient } from "effect-gradio"

const program = Effect.gen(function* () {
  const url = yield* Config.String("GRADIO_URL")
  const password = yield* Config.Redacted("APP_PASSWORD")

  // #region login
  const app = yield* GradioClient.connect(url, { auth: { username: "alice", password } })
  const [sum] = yield* app.predict("/add", [2, "add", 2])
  // #endregion
  yield* Console.log("sum:", sum)

  // #region refused
  yield* GradioClient.connect(url).pipe(
    Effect.catchTag("AuthenticationError", (error) => Console.log("the app says:", error.authMessage))
  )
  // #endregion
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
