/** A function that takes a stream of inputs, as a microphone gives them, and an app that is read anew. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { GradioClient, GradioFile } from "effect-gradio"

const program = Effect.gen(function* () {
  const url = process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860"
  const app = yield* GradioClient.connect(url)

  // #region stream
  const microphone = Stream.map(Stream.make("one", "two", "three"), (sound) => ({
    sound: GradioFile.fromBytes(new TextEncoder().encode(sound), { name: "piece.wav" }),
    tag: "piece"
  }))
  // One output for each piece. The next piece is sent when the one before is answered, and no faster than the app wants them.
  yield* GradioClient.streamInput(app, "/stream_short", microphone).pipe(
    Stream.runForEach((event) => (event._tag === "Output" ? Console.log("heard", event.output[0]) : Effect.void))
  )
  // #endregion

  // #region refresh
  // An app that started again has another id, and perhaps other functions; the session stays.
  const now = (yield* GradioClient.isSameApp(app)) ? app : yield* GradioClient.refresh(app)
  // #endregion
  yield* Console.log("the same app:", now === app)

  // #region call
  // Behind a gateway that lets only /call through: outputs and failures, but no place in the queue, progress, logs or state.
  const plain = yield* GradioClient.connect(url, { protocol: "call" })
  // #endregion
  const [sum] = yield* plain.predict("/add", [2, "add", 2])
  yield* Console.log("plainly:", sum)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
