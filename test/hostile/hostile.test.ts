/**
 * The hostile server against this library as it is published, and against the official client. Everything stays on this machine. The matrix is
 * printed with what each case took.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

import { assert, beforeAll, describe, it } from "vitest"

import { cases, forOfficial } from "./matrix.ts"
import { leaked, officialSeconds, runLibrary, runOfficial, show, withServer } from "./run.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const newest = (directory: string): number =>
  Math.max(
    ...readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs)
  )

beforeAll(() => {
  // What is published are the built files.
  if (existsSync(`${root}/dist/index.js`) && newest(`${root}/dist`) > newest(`${root}/src`)) return
  execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, "-p", `${root}/tsconfig.build.json`], {
    cwd: root
  })
}, 120_000)

const print = (lines: ReadonlyArray<string>): void => {
  process.stdout.write(`${lines.join("\n")}\n`)
}

const titleOf = (one: { readonly name: string; readonly route: string }): string => `${one.name} × ${one.route}`

describe("a hostile server", () => {
  it(
    "ends each call as was written down, in its time and memory, and learns no secret",
    { timeout: 600_000 },
    async () => {
      assert.isAtLeast(cases.length, 80)
      const results = await runLibrary(cases)
      print(
        results.map(({ case: one, problems, report }) => {
          const cost =
            report === undefined
              ? ""
              : `${report.seconds.toFixed(1)} of ${one.seconds} s, ${report.mebibytes} of ${one.mebibytes} MiB`
          return `${problems.length === 0 ? "ok " : "BAD"} ${titleOf(one)}: ${show(report?.first).split("\n")[0]} (${cost})`
        })
      )
      const bad = results.filter((one) => one.problems.length > 0)
      print([`${results.length - bad.length} of ${results.length} hostile cases ended as expected`])
      assert.deepStrictEqual(
        bad.map((one) => `${titleOf(one.case)}: ${one.problems.join("; ")}`),
        []
      )
    }
  )

  it("is seen to learn a secret, where a client is wrong on purpose", { timeout: 60_000 }, async () => {
    const one = cases.find((some) => some.route === "config" && some.name === "says plain text")
    assert(one !== undefined)
    const [result] = await runLibrary([{ ...one, planted: true }])
    assert(result?.problems.some((problem) => problem.startsWith("a secret left: GET /copy")) === true)
    const clean = await withServer(one, async (app) => leaked(app))
    assert.deepStrictEqual(clean, [])
  })

  it("breaks the official client in at least 20 of the same cases", { timeout: 600_000 }, async () => {
    const results = await runOfficial(forOfficial)
    const broken = results.filter((one) => one.broken !== undefined)
    print(broken.map((one) => `breaks @gradio/client: ${titleOf(one.case)}: ${one.broken}`))
    print([`${broken.length} of ${results.length} break @gradio/client, each within ${officialSeconds} s`])
    assert.isAtLeast(broken.length, 20)
  })
})
