/** The module that the documentation shows is the one that is generated for the demo app: `UPDATE_GOLDEN=1` writes it anew. */
import * as fs from "node:fs"
import * as path from "node:path"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { serve } from "../../examples/demo-app.ts"
import { AppDescription, Contract, Module } from "../../src/codegen/index.ts"
import { GradioClient } from "../../src/index.ts"

const file = path.join(import.meta.dirname, "..", "..", "examples", "demo.gradio.ts")

describe("the module of the demo app", () => {
  it.live("is what is generated", () =>
    Effect.gen(function* () {
      const app = yield* GradioClient.connect(yield* serve())
      const text = yield* Module.generate(Contract.make(AppDescription.fromClient(app)))
      if (process.env["UPDATE_GOLDEN"] !== undefined) fs.writeFileSync(file, text)
      assert.strictEqual(fs.readFileSync(file, "utf8"), text)
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))
  )
})
