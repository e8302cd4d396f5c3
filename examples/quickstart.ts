import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { GradioClient, GradioFile } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")

  // A call, with its input by name.
  const [sum] = yield* app.predict("/add", { a: 4, op: "add", b: 5 })
  yield* Console.log(`4 + 5 = ${sum}`)

  // A generator: progress and outputs as they arrive.
  yield* app.events("/progress_generator", { n: 3 }).pipe(
    Stream.runForEach((event) => {
      if (event._tag === "Progress") return Console.log(`progress: ${event.bars[0]?.description}`)
      if (event._tag === "Output") return Console.log(`output: ${event.output[0]}`)
      return Effect.void
    })
  )

  // A file up and down.
  const note = GradioFile.fromBytes(new TextEncoder().encode("Hello, app!"), { name: "note.txt" })
  for (const file of GradioFile.all(yield* app.predict("/file_io", [note]))) {
    yield* Console.log(`${file.name}: ${new TextDecoder().decode(yield* file.bytes)}`)
  }

  // A failure of the app is a value with a type.
  yield* app
    .predict("/error", { text: "no such luck" })
    .pipe(Effect.catchTag("AppError", (error) => Console.log(`the app said: ${error.message}`)))

  // An endless generator: the time-out interrupts it, and the server is told to stop.
  yield* app.stream("/endless", { tag: "the endless one" }).pipe(
    Stream.runForEach(([count]) => Console.log(`endless: ${count}`)),
    Effect.timeoutOption("500 millis")
  )
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
