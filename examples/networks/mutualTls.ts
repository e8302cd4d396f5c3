/** An app whose server wants a certificate of its clients. */
import { NodeHttpClient, NodeRuntime, NodeServices } from "@effect/platform-node"
import { Config, Console, Effect, FileSystem, Layer } from "effect"
import { GradioClient } from "effect-gradio"

const Http = Layer.unwrap(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const ca = yield* fs.readFileString(yield* Config.String("CA_FILE"))
    const cert = yield* fs.readFileString(yield* Config.String("CLIENT_CERT_FILE"))
    const key = yield* fs.readFileString(yield* Config.String("CLIENT_KEY_FILE"))
    return NodeHttpClient.layerUndiciOptions({ connect: { ca, cert, key } })
  })
)

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))
  yield* Console.log(yield* app.predict("/add", [4, "add", 5]))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(program, Layer.provide(Http, NodeServices.layer)))
