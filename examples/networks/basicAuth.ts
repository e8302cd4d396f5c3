/** An app behind a server that wants a user and a password by HTTP basic authentication. (An app's own login is the option `auth`.) */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Redacted } from "effect"
import { GradioClient } from "effect-gradio"
import { Base64 } from "effect/encoding"

const program = Effect.gen(function* () {
  const password = yield* Config.Redacted("PASSWORD")
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"), {
    // Goes to this app alone, and is shown nowhere.
    headers: { authorization: Redacted.make(`Basic ${Base64.encode(`me:${Redacted.value(password)}`)}`) }
  })
  yield* Console.log(yield* app.predict("/add", [4, "add", 5]))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(program, NodeHttpClient.layerUndici))
