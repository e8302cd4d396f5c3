/** Input by position, by name, or both; what an app offers; the last output or all that happens. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { GradioClient, Input, type JobEvent } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")

  // #region api
  for (const [name, endpoint] of Object.entries(app.api.named)) {
    yield* Console.log(
      name,
      endpoint.parameters.map((parameter) => parameter.name)
    )
  }
  // #endregion

  // #region input
  yield* app.predict("/add", [4, "add", 5]) // by position
  yield* app.predict("/add", { b: 5, a: 4 }) // by name; `op` has a default
  yield* app.predict("/add", Input.make([4], { b: 5 })) // both
  // #endregion

  // #region stream
  yield* app.stream("/grow", { n: 3 }).pipe(Stream.runForEach(([text]) => Console.log(text)))
  // #endregion

  // #region events
  yield* app.events("/progress_generator", { n: 2 }).pipe(
    Stream.runForEach((event) => {
      switch (event._tag) {
        case "Queued":
          return Console.log(`${event.position} before it, ${event.size} in all`)
        case "Progress":
          return Console.log(event.bars.map((bar) => `${bar.description} ${bar.index ?? bar.fraction}`))
        case "Log":
          return Console.log(`${event.level}: ${event.message}`)
        case "Output":
          return Console.log(event.index, event.output)
        default:
          return Effect.void
      }
    })
  )
  // #endregion

  // #region bar
  const draw = ({ description = "", fraction = 0 }: JobEvent.ProgressBar) =>
    Effect.sync(() => process.stdout.write(`\r${"#".repeat(fraction * 20).padEnd(20, ".")} ${description}`))
  yield* app
    .events("/progress_generator", { n: 2 })
    .pipe(Stream.runForEach((event) => (event._tag === "Progress" ? Effect.forEach(event.bars, draw) : Effect.void)))
  // #endregion
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
