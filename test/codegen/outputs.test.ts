/** What functions of real servers give beside what the types of their outputs promise, read by generated modules. */
import * as path from "node:path"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"

import { AppDescription, Contract, Module } from "../../src/codegen/index.ts"
import { GradioClient } from "../../src/index.ts"
import { shape } from "../components/roundTrips.ts"
import { startServer } from "../gradio/server.ts"
import { evaluate } from "./compile.ts"

for (const version of ["4.44.1", "5.49.1", "6.31.0"] as const) {
  describe(`Gradio ${version}`, () => {
    it.live(
      "gives no value that a typed call fails for, but a text that is no date",
      () =>
        Effect.gen(function* () {
          const server = yield* Effect.acquireRelease(
            Effect.promise(() => startServer({ version, app: path.join(import.meta.dirname, "outputs.py") })),
            ({ stop }) => Effect.promise(() => stop())
          )
          const app = yield* GradioClient.connect(server.url)
          const module = evaluate(yield* Module.generate(Contract.make(AppDescription.fromClient(app))))
          const outputs = (name: string, input: Readonly<Record<string, unknown>> = {}) => {
            const endpoint = module[name]
            assert(endpoint !== undefined, name)
            return Effect.map(Stream.runCollect(app.stream(endpoint, input)), (all) => all.map(shape))
          }

          const nothing = [[], null, [], null, false, null, null]
          assert.deepStrictEqual(yield* outputs("onlyShown"), [["done", ...nothing]])
          assert.deepStrictEqual(yield* outputs("shownFirst"), [
            ["working", ...nothing],
            ["done", [], { headers: ["a"], rows: [[1]] }, ["a"], 3, true, null, "x"]
          ])
          assert.deepStrictEqual(yield* outputs("nothing"), [[null]])
          assert.deepStrictEqual(yield* outputs("whatCame", { value: null }), [["None"]])

          const display = {
            text: [
              ["1.50", "true", version === "6.31.0" ? "nan" : ""],
              ["2.00", "false", "x"]
            ],
            css: [
              ["", "", ""],
              ["", "", ""]
            ]
          }
          const rows = [
            [1.5, true, null],
            [2, false, "x"]
          ]
          assert.deepStrictEqual(yield* outputs("styled"), [[{ headers: ["n", "b", "t"], rows, display }]])
          assert.deepStrictEqual(yield* outputs("notANumber"), [
            [
              {
                label: "a",
                confidences: [
                  { label: "a", confidence: Number.NaN },
                  { label: "b", confidence: 0.25 }
                ]
              }
            ]
          ])
          assert.deepStrictEqual(yield* outputs("parameters"), [
            [
              {
                x: { type: "int", description: "How many.", default: null },
                y: { type: null, description: "", default: "3" }
              }
            ]
          ])

          for (const text of ["2024-05-06 07:08:09", "2024-05-06T05:08:09Z", "2024-05-06 00:08:09-05:00"]) {
            assert.deepStrictEqual(yield* outputs("moment", { text }), [
              ["2024-05-06T07:08:09.000+02:00[Europe/Berlin]"]
            ])
          }
          const { _tag, message } = yield* Effect.flip(outputs("moment", { text: "now - 5m" }))
          assert.strictEqual(_tag, "EndpointOutputError")
          assert.include(message, 'as "now - 5m" is, is Component.Textbox.output')
        }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
      200_000
    )
  })
}
