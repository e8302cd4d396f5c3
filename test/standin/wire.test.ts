/**
 * The stand-in says on the wire what the real server of the same version said, message by message and field by field. What it says otherwise on purpose
 * stands below.
 */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"

import { gradioVersions } from "../gradio/environments.ts"
import { standinMemory } from "./app.ts"
import { play } from "./wire.ts"

/** Requests to which the stand-in answers otherwise, by version. */
const otherwise: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "3.50.2": { "call: a generator of two outputs": "its app makes a table of pandas, which numbers its columns" },
  "4.8.0": { "call: rows and columns that vanish": "its app makes a table without metadata" }
}

describe("the stand-in on the wire", () => {
  for (const version of gradioVersions) {
    it.live(
      `says what Gradio ${version} says`,
      () =>
        Effect.gen(function* () {
          // What its functions fail with on purpose is logged.
          const { client, webSocket } = yield* Effect.provide(standinMemory({ version }), Logger.layer([]))
          const said = yield* play({ url: "http://gradio.test", http: client, webSocket })
          const file = path.join(import.meta.dirname, "..", "fixtures", "wire", `${version}.jsonl`)
          const lines = fs.readFileSync(file, "utf8").trim().split("\n")
          const real: Readonly<Record<string, unknown>> = Object.fromEntries(lines.map((line) => JSON.parse(line)))
          const excused = (title: string) => title in (otherwise[version] ?? {})
          const kept = (all: Readonly<Record<string, unknown>>) =>
            Object.fromEntries(Object.entries(all).filter(([title]) => !excused(title)))
          assert.deepStrictEqual(kept(JSON.parse(JSON.stringify(said))), kept(real))
        }),
      60_000
    )
  }
})
