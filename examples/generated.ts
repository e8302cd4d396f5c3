/** A program on a generated module: the calls, and the service with another implementation for a test. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Stream } from "effect"
import { GradioClient } from "effect-gradio"

// #region program
import { add, Demo } from "./demo.gradio.ts"

const program = Effect.gen(function* () {
  const demo = yield* Demo
  const [sum] = yield* demo.add({ a: 4, op: "subtract", b: 5 })
  yield* Stream.runForEach(demo.grow({ n: 2 }), ([text]) => Console.log(`${sum}: ${text}`))
})
// #endregion

const live = Effect.gen(function* () {
  const url = yield* Config.String("GRADIO_URL")

  // #region live
  yield* program.pipe(Effect.provide(Demo.layer(url)))

  // Or one endpoint, with a client as for calls without types.
  const app = yield* GradioClient.connect(url)
  const [sum] = yield* app.predict(add, { a: 1 }) // what is left out has its default
  // #endregion
  yield* Console.log(sum)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

// #region test
const Fake = Layer.mock(Demo)({
  add: () => Effect.succeed([1]),
  grow: () => Stream.make(["made up"])
})
// #endregion

NodeRuntime.runMain(Effect.andThen(live, Effect.provide(program, Fake)))
