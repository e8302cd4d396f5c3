/** A call in the background: its status, its text as it grows, its result, its end. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Fiber, Stream } from "effect"
import { GradioClient, Job } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")

  // #region job
  const job = yield* app.submit("/grow", { n: 4 })
  // Only the new text of each output, as language models write it.
  const written = yield* Effect.forkChild(Stream.runForEach(Job.deltas(job), (text) => Console.log(text)))
  const [whole] = yield* job.result
  yield* Fiber.join(written)
  yield* Console.log("whole:", whole, "phase:", (yield* job.status).phase)
  // #endregion

  // #region cancel
  const endless = yield* app.submit("/endless", { tag: "a job" })
  yield* Stream.runDrain(Stream.take(Job.outputs(endless), 3))
  yield* Console.log("cancelled:", yield* endless.cancel) // a generator: "stopping"
  yield* endless.result.pipe(Effect.catchTag("JobCancelledError", (error) => Console.log(error.message)))
  // #endregion

  // #region race
  // Interruption of any kind does the same: a race, a time-out, the end of a scope, `Stream.take`.
  const first = yield* Effect.race(
    app.predict("/add", [1, "add", 1]),
    app.predict("/endless", { tag: "the loser of a race" })
  )
  // #endregion
  yield* Console.log("first:", first)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
