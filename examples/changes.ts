/** What `effect-gradio check` does, in a program. */
import * as fs from "node:fs"

import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { GradioClient } from "effect-gradio"
// #region changes
import { AppDescription, compare, Contract, Module, verdictOf } from "effect-gradio/codegen"

const changes = (app: GradioClient.GradioClient, module: string) =>
  Effect.gen(function* () {
    const before = yield* Effect.fromResult(Module.read(module))
    const now = Contract.make(AppDescription.fromClient(app), { unnamed: true, undocumented: true })
    return compare(before, now)
  })
// #endregion

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(yield* Config.String("GRADIO_URL"))
  const module = fs.readFileSync(new URL("demo.gradio.ts", import.meta.url), "utf8")
  const found = yield* changes(app, module)
  yield* Console.log(verdictOf(found), found)
  const older = module.replaceAll('"name":"op"', '"name":"operation"')
  for (const { text, verdict } of yield* changes(app, older)) yield* Console.log(`${verdict}: ${text}`)
}).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

NodeRuntime.runMain(program)
