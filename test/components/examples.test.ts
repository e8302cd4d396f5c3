/** The example in the docstring of each component is a value that it takes. */
import * as fs from "node:fs"
import * as path from "node:path"
import { compileFunction } from "node:vm"

import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"

import { GradioFile } from "../../src/index.ts"
import { byName } from "./schemas.ts"

const folder = path.join(import.meta.dirname, "..", "..", "src", "internal", "component")
const sources = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), "utf8"))

/** By the name under which the component is exported. */
const examples = new Map(
  sources.flatMap((source) => {
    const renamed = new Map(Array.from(source.matchAll(/export \{ (\w+) as (\w+) \}/g), ([, from, to]) => [from, to]))
    return Array.from(
      source.matchAll(/@example\n((?: \* .*\n)+) \*\/\n(?:export )?const (\w+): Component</g),
      ([, lines = "", name = ""]) => [renamed.get(name) ?? name, lines.replaceAll(/^ \* /gm, "")] as const
    )
  })
)

describe("examples in docstrings", () => {
  const components = Object.entries(byName).filter(([, one]) => typeof one === "object" && "input" in one)

  it("are there for every component", () => {
    assert.isAbove(components.length, 40)
    assert.deepStrictEqual(
      components.flatMap(([name]) => (examples.has(name) ? [] : [name])),
      []
    )
  })

  for (const [name, { input, output }] of components) {
    it.effect(`${name} takes its example`, () =>
      Effect.gen(function* () {
        const example = compileFunction(`return (${examples.get(name)})`, ["GradioFile", "DateTime", "bytes"])
        const value: unknown = example(GradioFile, DateTime, new Uint8Array([1]))
        const sent = yield* Schema.encodeUnknownEffect(input)(value)
        yield* Schema.decodeUnknownEffect(input)(sent)
        // A picture with a sketch goes in, and a picture comes out.
        if (name !== "SketchedImage") yield* Schema.decodeUnknownEffect(output)(sent)
      })
    )
  }
})
