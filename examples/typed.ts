/** Endpoints with types, alone and as a service that a test can replace. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Context, Effect, Layer, Schema, Stream } from "effect"
import { App, Component, Endpoint, GradioClient } from "effect-gradio"

// #region endpoints
const add = Endpoint.make("/add", {
  input: Schema.Struct({
    a: Component.Number.input,
    op: Schema.optional(Component.choice(["add", "subtract"])), // left out, the app's default is taken
    b: Component.number({ minimum: 0, maximum: 100 })
  }),
  output: Schema.Tuple([Component.Number.output])
})

const grow = Endpoint.generator("/grow", {
  input: Schema.Struct({ n: Schema.Int }),
  output: Schema.Tuple([Component.Textbox.output])
})
// #endregion

// #region service
const endpoints = { add, grow }

class Demo extends Context.Service<Demo, App.App<typeof endpoints>>()("my-program/Demo") {
  static readonly layer = (url: string) => Layer.effect(Demo)(App.connect(url, endpoints))
}

const program = Effect.gen(function* () {
  const demo = yield* Demo
  const [sum] = yield* demo.add({ a: 4, b: 5 })
  yield* Stream.runForEach(demo.grow({ n: 2 }), ([text]) => Console.log(`${sum}: ${text}`))
})

// In a test, no app at all.
const Fake = Layer.succeed(Demo)({
  add: ({ a, b }) => Effect.succeed([(a ?? 0) + (b ?? 0)]),
  grow: () => Stream.succeed(["made up"])
})
// #endregion

const typed = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))

  // #region call
  const [difference] = yield* app.predict(add, { a: 4, op: "subtract", b: 5 }) // a number, or null
  yield* app.predict(add, { a: 4, b: 500 }).pipe(
    Effect.catchTags({
      EndpointInputError: (error) => Console.log(error.problems), // by parameter; nothing was sent
      EndpointOutputError: (error) => Console.log(error.issue) // the app gives something else by now
    })
  )
  const job = yield* app.submit(grow, { n: 3 }) // a Job whose outputs have their types
  // #endregion
  const [text] = yield* job.result
  yield* Console.log(difference, text)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

const live = Effect.flatMap(Config.String("GRADIO_URL"), (url) =>
  Effect.provide(program, Layer.provide(Demo.layer(url), NodeHttpClient.layerUndici))
)

NodeRuntime.runMain(Effect.andThen(typed, Effect.andThen(live, Effect.provide(program, Fake))))
