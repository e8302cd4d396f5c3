/** Holds the ledger against the official clients that are installed, against the types of this library, and against the tests that it names. */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { prepareEnvironment } from "../gradio/environments.ts"
import { javascriptNames, javascriptVersion } from "./javascript.ts"
import { ledger, type Row, tests } from "./ledger.ts"

const root = path.resolve(import.meta.dirname, "../..")

/** `a.{b,c}` is two names; a name may have several braces. */
const expand = (pattern: string): ReadonlyArray<string> => {
  const open = pattern.indexOf("{")
  if (open < 0) return [pattern]
  const close = pattern.indexOf("}", open)
  return pattern
    .slice(open + 1, close)
    .split(",")
    .flatMap((choice) => expand(pattern.slice(0, open) + choice + pattern.slice(close + 1)))
}

const namesOf = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "")
    .split(/\s+/)
    .filter((name) => name !== "")
    .flatMap(expand)

/** Names of a client without a row, rows without such a name, and names in two rows. */
const compare = (rows: ReadonlyArray<Row>, side: "js" | "py", there: ReadonlyArray<string>) => {
  const written = rows.flatMap((row) => namesOf(row[side]))
  return {
    missing: there.filter((name) => !written.includes(name)),
    gone: written.filter((name) => !there.includes(name)),
    twice: written.filter((name, index) => written.indexOf(name) !== index)
  }
}

const nothing = { missing: [], gone: [], twice: [] }

const pythonNames = async (): Promise<{ readonly version: string; readonly names: ReadonlyArray<string> }> => {
  const { python } = await prepareEnvironment("6.31.0")
  const ran = spawnSync(python, [path.join(import.meta.dirname, "python.py")], { encoding: "utf8" })
  const read: unknown = ran.status === 0 ? JSON.parse(ran.stdout) : undefined
  if (typeof read !== "object" || read === null || !("names" in read) || !Array.isArray(read.names)) {
    throw new Error(`the names of gradio_client could not be read:\n${ran.stderr}`)
  }
  return { version: "version" in read ? String(read.version) : "unknown", names: read.names.map(String) }
}

const verdict = (row: Row): string => ("leftOut" in row ? "left out" : "ours")

const modules = Array.from(
  fs.readFileSync(path.join(root, "src/index.ts"), "utf8").matchAll(/^export \* as (\w+)/gm),
  ([, name = ""]) => name
)

/** What the compiler says of these types over this library's modules, by row. */
const compileErrors = (types: ReadonlyArray<string>): ReadonlyArray<string> => {
  // Files in folders with a dot are no part of the project, so that a check of all of it at the same time does not see them.
  const directory = fs.mkdtempSync(path.join(import.meta.dirname, ".types-"))
  try {
    const used = modules.filter((name) => types.some((type) => new RegExp(`\\b${name}\\.`).test(type)))
    const lines = types.map((type, index) => `export type T${index} = ${type}`)
    const file = path.join(directory, "ours.ts")
    fs.writeFileSync(file, `import type { ${used.join(", ")} } from "../../../src/index.ts"\n${lines.join("\n")}\n`)
    fs.writeFileSync(
      path.join(directory, "tsconfig.json"),
      JSON.stringify({
        extends: path.join(root, "tsconfig.json"),
        compilerOptions: { typeRoots: [path.join(root, "node_modules/@types")] },
        include: [],
        files: [file]
      })
    )
    const tsc = createRequire(import.meta.url).resolve("typescript/package.json")
    const ran = spawnSync(
      process.execPath,
      [path.join(path.dirname(tsc), "bin/tsc"), "--noEmit", "--pretty", "false", "-p", directory],
      {
        encoding: "utf8"
      }
    )
    // Errors elsewhere in the tree are those of other checks.
    const own = ran.stdout.matchAll(/ours\.ts\((\d+),\d+\): error (.*)/g)
    const errors = Array.from(own, ([, line = "", text = ""]) => `${types[Number(line) - 2] ?? "the imports"}: ${text}`)
    if (ran.status === 0 || errors.length > 0 || /error TS/.test(ran.stdout)) return errors
    throw new Error(`the compiler did not run: ${ran.stdout}${ran.stderr}`)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const count = (side: "js" | "py"): void => {
  const counts = new Map<string, number>()
  for (const row of ledger) counts.set(verdict(row), (counts.get(verdict(row)) ?? 0) + namesOf(row[side]).length)
  for (const [what, names] of [...counts].toSorted(([a], [b]) => b.localeCompare(a))) {
    if (names > 0) print(`  ${String(names).padStart(4)}  ${what}`)
  }
}

describe("the ledger", () => {
  it("has an entry for each public name of @gradio/client", () => {
    const names = javascriptNames()
    print(`ledger: @gradio/client ${javascriptVersion()}: ${names.length} names`)
    count("js")
    assert.deepStrictEqual(compare(ledger, "js", names), nothing)
  })

  it("has an entry for each public name of gradio_client", { timeout: 300_000 }, async (context) => {
    const read = await pythonNames().catch((error: unknown) => {
      if (process.env["CI"] !== undefined) throw error
      print(
        `\n!!!! THE LEDGER WAS NOT HELD AGAINST gradio_client, for want of its Python environment: ${String(error)}\n`
      )
      return undefined
    })
    if (read === undefined) return context.skip("no Python environment")
    print(`ledger: gradio_client ${read.version}: ${read.names.length} names`)
    count("py")
    assert.deepStrictEqual(compare(ledger, "py", read.names), nothing)
  })

  it("sees a name without an entry, an entry without a name, and one with two", () => {
    const rows: ReadonlyArray<Row> = [
      { js: "A A.{b,c}", leftOut: "" },
      { js: "A.b", leftOut: "" }
    ]
    assert.deepStrictEqual(compare(rows, "js", ["A", "A.b", "A.d"]), {
      missing: ["A.d"],
      gone: ["A.c"],
      twice: ["A.b"]
    })
  })

  it("names only what this library has", { timeout: 60_000 }, () => {
    const types = [...new Set(ledger.flatMap((row) => ("ours" in row ? row.ours : [])))]
    assert.deepStrictEqual(compileErrors(types), [])
    print(`ledger: ${types.length} types of this library compile`)
    assert.strictEqual(compileErrors([`GradioClient.GradioClient["nowhere"]`]).length, 1)
  })

  it("names only tests that there are", () => {
    const sources = new Map<string, string>()
    for (const { file, title } of Object.values(tests)) {
      if (!sources.has(file))
        sources.set(file, fs.existsSync(path.join(root, file)) ? fs.readFileSync(path.join(root, file), "utf8") : "")
      assert.match(
        sources.get(file) ?? "",
        new RegExp(`(?:it|describe|layer)[.\\w]*\\([\\s\\S]{0,200}?${title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`),
        `${file} has no test "${title}"`
      )
    }
    const used = new Set(ledger.flatMap((row) => ("tests" in row ? row.tests : [])))
    assert.deepStrictEqual(
      Object.keys(tests).filter((key) => ![...used].some((name) => name === key)),
      []
    )
    assert.isTrue(ledger.every((row) => !("tests" in row) || row.tests.length > 0))
  })
})
