/**
 * `npm run demo`: the quickstart against the demo app of this folder, or against the app at GRADIO_URL. In an app without the quickstart's
 * endpoints it calls the first few that need no input.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"

import { NodeHttpClient, NodeRuntime, NodeSocket } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Option } from "effect"
import { GradioClient } from "effect-gradio"
import * as Gradio3 from "effect-gradio/Gradio3"

import { serve } from "./demo-app.ts"

const ofQuickstart = ["/add", "/progress_generator", "/file_io", "/error", "/endless"]
const triedOfOthers = 3

const gradio3 = Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)

/** The quickstart as a reader would run it, in a process of its own; with one layer more, so that it takes apps of Gradio 3 too. */
const withGradio3 = (code: string): string =>
  `import { NodeSocket } from "@effect/platform-node"
import { Layer } from "effect"
import * as Gradio3 from "effect-gradio/Gradio3"
${code.replace(
  "Effect.provide(NodeHttpClient.layerUndici)",
  "Effect.provide([NodeHttpClient.layerUndici, Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)])"
)}`

const quickstart = (url: string) =>
  Effect.callback<void>((resume) => {
    const code = withGradio3(fs.readFileSync(new URL("quickstart.ts", import.meta.url), "utf8"))
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
      stdio: "inherit",
      cwd: import.meta.dirname,
      env: { ...process.env, GRADIO_URL: url }
    })
    child.on("exit", (code) =>
      resume(code === 0 ? Effect.void : Effect.die(new Error(`the quickstart ended with ${code}`)))
    )
    return Effect.sync(() => child.kill())
  })

const tour = Effect.fn(function* (app: GradioClient.GradioClient) {
  yield* Console.log(GradioClient.describe(app))
  const callable = Object.entries(app.api.named).filter(([, { parameters }]) =>
    parameters.every((one) => one.hasDefault)
  )
  for (const [name] of callable.slice(0, triedOfOthers)) {
    yield* Console.log(`\n${name} with its defaults:`)
    yield* app.predict(name).pipe(
      Effect.timeout("20 seconds"),
      Effect.flatMap((outputs) => Console.log(outputs)),
      Effect.catch((error) => Console.log(`${error._tag}: ${error.message}`))
    )
  }
})

const program = Effect.gen(function* () {
  const given = yield* Config.option(Config.String("GRADIO_URL"))
  const url = Option.isSome(given) ? given.value : yield* serve()
  const app = yield* GradioClient.connect(url)
  yield* Console.log(`Gradio ${app.config.version} at ${app.url}, ${Object.keys(app.api.named).length} endpoints\n`)
  if (!ofQuickstart.every((name) => name in app.api.named)) return yield* tour(app)
  yield* quickstart(url)
  // The fixture app of the tests keeps a journal of the generators that were stopped.
  if ("/interrupted_jobs" in app.api.named) {
    const [tags] = yield* app.predict("/interrupted_jobs").pipe(Effect.delay("500 millis"))
    yield* Console.log("  [app] stopped before their end:", tags)
  }
}).pipe(Effect.scoped, Effect.provide([NodeHttpClient.layerUndici, gradio3]))

NodeRuntime.runMain(program)
