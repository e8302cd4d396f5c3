/** The pages of the documentation show sessions as they were recorded. `UPDATE_SESSIONS=1` writes them into it anew. */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { exitCodes } from "../../src/cli/exitCode.ts"

const page = path.join(import.meta.dirname, "..", "..", "docs", "cli.md")
const modules = path.join(import.meta.dirname, "..", "..", "docs", "codegen.md")
const folder = path.join(import.meta.dirname, "sessions")

/** What stays on the screen, by the command. */
const sessions = new Map(
  fs.readdirSync(folder).map((file) => {
    const lines = fs.readFileSync(path.join(folder, file), "utf8").split("\n")
    const staying = lines.filter((line) => !line.startsWith("~ ") && line !== "[exit 0]")
    return [lines[0] ?? "", staying.join("\n").trimEnd()]
  })
)

const shown = /```console\n(\$ [^\n]*)\n?[\s\S]*?```/g
const table = exitCodes.map(({ code, meaning }) => `| ${code} | ${meaning} |`).join("\n")
const inTable = (text: string): string => text.replace(/^\|\s*(.*?)\s*\|\s*(.*?)\s*\|$/gm, "| $1 | $2 |")

const withSessions = (text: string): string =>
  text.replace(shown, (_, command: string) => `\`\`\`console\n${sessions.get(command) ?? command}\n\`\`\``)

describe("docs/codegen.md", () => {
  if (process.env["UPDATE_SESSIONS"] === "1") fs.writeFileSync(modules, withSessions(fs.readFileSync(modules, "utf8")))

  it("shows a session as it was recorded", () => {
    const text = fs.readFileSync(modules, "utf8")
    assert.isAbove([...text.matchAll(shown)].length, 0)
    assert.strictEqual(text, withSessions(text))
  })
})

describe("docs/cli.md", () => {
  if (process.env["UPDATE_SESSIONS"] === "1") {
    const text = fs.readFileSync(page, "utf8")
    fs.writeFileSync(
      page,
      withSessions(text).replace(/(\| -+: \| -+ \|\n)(\|.*\n)*/, (_, head: string) => `${head}${table}\n`)
    )
  }
  const text = fs.readFileSync(page, "utf8")

  it("shows sessions as they were recorded", () => {
    const blocks = [...text.matchAll(shown)]
    assert.isAbove(blocks.length, 3)
    for (const [block, command = ""] of blocks) {
      assert.strictEqual(block, `\`\`\`console\n${sessions.get(command)}\n\`\`\``)
    }
  })

  it("lists every exit code", () => assert.include(inTable(text), table))
})
