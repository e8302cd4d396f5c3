/** What to do with each kind of failure, and what may be sent again. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schedule } from "effect"
import { GradioClient, isSafeToRetry } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")

  // #region catch
  const answer = yield* app.predict("/error", { text: "no such luck" }).pipe(
    Effect.catchTags({
      AppError: (error) => Effect.succeed([`the app said: ${error.message}`]),
      QueueFullError: () => Effect.succeed(["busy, come back later"]),
      JobDisconnectedError: (error) =>
        Effect.succeed([error.mayHaveRun ? "lost; it may have run" : "lost before it ran"])
    })
  )
  // #endregion
  yield* Console.log(answer)

  yield* app.predict("/add", { a: 1, B: 2 }).pipe(
    // Refused here: nothing was sent.
    Effect.catchTag("EndpointInputError", (error) => Console.log(error.message))
  )

  // #region retry
  // Only what failed for a while and surely did not run; never a call that might run twice.
  const sum = yield* app.predict("/add", [4, "add", 5]).pipe(
    Effect.retry({
      while: isSafeToRetry,
      schedule: Schedule.exponential("200 millis").pipe(Schedule.upTo({ times: 5 }))
    })
  )
  // #endregion
  yield* Console.log("sum:", sum)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
