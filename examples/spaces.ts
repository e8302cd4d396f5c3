/** Spaces of Hugging Face: by name, with a token, how one is doing, and one of your own. */
import { NodeHttpClient, NodeRuntime, NodeServices } from "@effect/platform-node"
import { Config, Console, Effect, Option, Stream } from "effect"
import { GradioClient, HuggingFaceToken, Space } from "effect-gradio"

const program = Effect.gen(function* () {
  // #region connect
  // Also https://huggingface.co/spaces/gradio/demo and https://gradio-demo.hf.space. One that sleeps is woken up and waited for.
  const app = yield* GradioClient.connect("gradio/demo", { wait: "10 minutes" })
  const [greeting] = yield* app.predict("/greet", { name: "Space" })
  // #endregion
  yield* Console.log(greeting)

  // #region private
  // The token of HF_TOKEN, or the one that `hf auth login` left behind: it goes to Hugging Face's hosts only.
  const token = Option.getOrUndefined(yield* HuggingFaceToken.find)
  const own = yield* GradioClient.connect("alice/secret", { token })
  // #endregion
  yield* Console.log(own.config.title)

  // #region status
  yield* Space.status("gradio/asleep", { wait: "none" }).pipe(
    Stream.runForEach(({ kind, message, stage }) => Console.log(`${stage}: ${message} (${kind})`))
  )
  // #endregion

  // #region failure
  yield* GradioClient.connect("gradio/paused").pipe(
    Effect.catchTag("SpaceError", (error) => Console.log(error.reason, error.stage, error.discussionsOpen))
  )
  // #endregion

  // #region duplicate
  // Private, on the hardware of the original, asleep after ten minutes; the next time it is found and used as it is.
  const mine = yield* GradioClient.duplicate("gradio/gpu", {
    token: yield* Config.Redacted("HF_TOKEN"),
    sleepTimeout: "10 minutes",
    secrets: { API_KEY: yield* Config.Redacted("API_KEY") }
  })
  // #endregion
  yield* Console.log(yield* mine.predict("/greet", { name: "duplicate" }))
}).pipe(Effect.scoped, Effect.provide([NodeHttpClient.layerUndici, NodeServices.layer]))

NodeRuntime.runMain(program)
