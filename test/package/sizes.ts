/**
 * `npm run size`: what each entry of the built package weighs in a bundle, minified and gzipped, held against `sizes.json`.
 *
 *     npm run size                 compares; a budget that is exceeded fails
 *     npm run size -- --update     writes today's sizes, with a tenth to spare, as the new budgets
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { gzipSync } from "node:zlib"

import { rolldown } from "rolldown"

const root = path.join(import.meta.dirname, "..", "..")
const budgetFile = path.join(import.meta.dirname, "sizes.json")

/** With all that it brings, `effect` too: what a page loads. */
const wholePrograms = {
  "a program that connects and calls, with effect": `
import { FetchHttpClient } from "effect/http"
import * as Effect from "effect/Effect"
import * as GradioClient from "effect-gradio/GradioClient"
export const program = GradioClient.connect("http://127.0.0.1:7860").pipe(
  Effect.flatMap((app) => app.predict("/add", [1, "add", 2])),
  Effect.scoped,
  Effect.provide(FetchHttpClient.layer)
)`
}

/** What each entry leaves to be loaded beside itself. */
const imports = new Map<string, ReadonlyArray<string>>()

const bundledSize = async (name: string, code: string, external: ReadonlyArray<RegExp>): Promise<number> => {
  // Inside the package, so that its own name and `effect` are found from there.
  const entry = path.join(root, "dist", "size-entry.js")
  const build = await rolldown({
    input: entry,
    platform: "browser",
    external: [...external],
    plugins: [
      { name: "entry", load: (id) => (id === entry ? code : null), resolveId: (id) => (id === entry ? id : null) }
    ]
  })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  imports.set(
    name,
    output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))
  )
  return gzipSync(output.map((chunk) => ("code" in chunk ? chunk.code : "")).join("")).length
}

const entriesOf = (manifest: { readonly exports: Readonly<Record<string, string | null>> }): ReadonlyArray<string> =>
  Object.entries(manifest.exports)
    .filter(([, target]) => target?.endsWith(".js") === true)
    .map(([entry]) => entry)

const sizes = new Map<string, number>()
for (const entry of entriesOf(JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")))) {
  sizes.set(entry, await bundledSize(entry, `export * from "effect-gradio${entry.slice(1)}"`, [/^effect($|\/)/]))
}
for (const [name, code] of Object.entries(wholePrograms)) sizes.set(name, await bundledSize(name, code, []))

if (process.argv.includes("--update")) {
  const spared = Object.fromEntries(Array.from(sizes, ([name, size]) => [name, Math.ceil((size * 1.1) / 100) * 100]))
  fs.writeFileSync(budgetFile, `${JSON.stringify(spared, null, 2)}\n`)
}

const budgets: Readonly<Record<string, number>> = JSON.parse(fs.readFileSync(budgetFile, "utf8"))
const names = Array.from(new Set([...sizes.keys(), ...Object.keys(budgets)]))
const width = Math.max(...names.map((name) => name.length))
let wrong = 0
for (const name of names) {
  const size = sizes.get(name)
  const budget = budgets[name]
  const verdict =
    size === undefined
      ? "is gone: take it out of sizes.json"
      : budget === undefined
        ? "has no budget in sizes.json"
        : size > budget
          ? "is over its budget"
          : "ok"
  if (verdict !== "ok") wrong++
  process.stdout.write(
    `${name.padEnd(width)} ${String(size ?? "-").padStart(7)} of ${String(budget ?? "-").padStart(7)} bytes  ${verdict}\n`
  )
}
const withSocket = Array.from(imports, ([name, from]) =>
  from.some((one) => one.includes("socket")) ? [name] : []
).flat()
const others = withSocket.filter((name) => name !== "./Gradio3" && name !== "./testing")
if (!withSocket.includes("./Gradio3") || others.length > 0) wrong++
process.stdout.write(`a socket is loaded by ${withSocket.join(", ")}${others.length > 0 ? ": one too many" : ""}\n`)
process.exitCode = wrong === 0 ? 0 : 1
