/**
 * The code in the README and in `docs` is code of these files: each block is a whole file, or the region that its comment names, after the imports of its
 * file where the name begins with `imports+`.
 *
 *     UPDATE_README=1 npx vitest run examples/readme.test.ts     writes the blocks anew
 */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { GradioError } from "effect-gradio"

const root = path.join(import.meta.dirname, "..")
const readmeFile = path.join(root, "README.md")

const dedent = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length)
  return lines.map((line) => line.slice(Math.min(...indents)))
}

const codeOf = (source: string): string => {
  const [file = "", name] = source.split("#")
  const withImports = name?.startsWith("imports+") === true
  const region = name?.replace("imports+", "")
  const text = fs.readFileSync(path.join(root, file), "utf8").trimEnd()
  if (region === undefined) return text
  const lines = text.split("\n")
  // What is generated has no regions: a declaration with its comment.
  const declared = lines.findIndex((line) => line.startsWith(`export const ${region} = `))
  if (declared >= 0) {
    const from = lines.slice(0, declared).findLastIndex((line) => line.startsWith("/**"))
    return lines.slice(from, declared + lines.slice(declared).indexOf("})") + 1).join("\n")
  }
  const start = lines.findIndex((line) => line.trim() === `// #region ${region}`)
  const length = lines.slice(start + 1).findIndex((line) => line.trim() === "// #endregion")
  assert.isTrue(start >= 0 && length > 0, `no region ${region} in ${file}`)
  const code = dedent(lines.slice(start + 1, start + 1 + length))
  return [...(withImports ? [...lines.filter((line) => line.startsWith("import ")), ""] : []), ...code].join("\n")
}

const block = /^<!-- (\S+) -->\n\n```ts\n([\s\S]*?)```$/gm

const docs = path.join(root, "docs")
const pages = [readmeFile, ...fs.readdirSync(docs).map((name) => path.join(docs, name))].filter((file) =>
  file.endsWith(".md")
)

describe("README", () => {
  for (const page of pages) {
    it(`shows code of the examples: ${path.relative(root, page)}`, () => {
      const text = fs.readFileSync(page, "utf8")
      const expected = text.replace(
        block,
        (_, source: string) => `<!-- ${source} -->\n\n\`\`\`ts\n${codeOf(source)}\n\`\`\``
      )
      if (process.env["UPDATE_README"] !== undefined) fs.writeFileSync(page, expected)
      else assert.strictEqual(text, expected)
      assert.strictEqual(Array.from(expected.matchAll(block)).length, Array.from(expected.matchAll(/^```ts/gm)).length)
    })
  }

  it("shows every region", () => {
    const text = pages.map((page) => fs.readFileSync(page, "utf8")).join("\n")
    const shown = new Set(Array.from(text.matchAll(block), ([, source = ""]) => source.replace("imports+", "")))
    const regions = fs
      .readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        Array.from(
          fs.readFileSync(path.join(import.meta.dirname, file), "utf8").matchAll(/^\s*\/\/ #region (\S+)$/gm),
          ([, region]) => `examples/${file}#${region}`
        )
      )
    assert.deepStrictEqual(
      regions.filter((region) => !shown.has(region)),
      []
    )
  })

  it("lists every error, and every reason of those that have reasons", () => {
    const source = fs.readFileSync(path.join(root, "src", "GradioError.ts"), "utf8")
    // Each with what stands before it, where its fields may be.
    const classes = Array.from(source.matchAll(/[\s\S]*?^export class (\w+)[\s\S]*?^}/gm), ([text, name = ""]) => ({
      name,
      reasons: Array.from(
        /readonly reason:([^}]*?)readonly/.exec(text)?.[1]?.matchAll(/"([a-z-]+)"/g) ?? [],
        ([, reason = ""]) => reason
      )
    }))
    assert.sameMembers(
      classes.map(({ name }) => name),
      Object.keys(GradioError).filter((name) => name.endsWith("Error") && name !== "isGradioError")
    )
    const rows = fs
      .readFileSync(readmeFile, "utf8")
      .split("\n")
      .filter((line) => /^\| `\w+Error` \|/.test(line))
    assert.deepStrictEqual(
      rows.map((row) => /\w+Error/.exec(row)?.[0]),
      classes.map(({ name }) => name)
    )
    for (const [i, { reasons }] of classes.entries()) {
      for (const reason of reasons) assert.include(rows[i] ?? "", `\`${reason}\``)
    }
    assert.isAbove(classes.flatMap(({ reasons }) => reasons).length, 10)
  })

  it("has the defaults of the limits", () => {
    const readme = fs.readFileSync(readmeFile, "utf8")
    const options = fs.readFileSync(path.join(root, "src", "Limits.ts"), "utf8")
    const defaults = Array.from(options.matchAll(/Default ([^.*]+)\.\s+\*\/\n\s+readonly (\w+)/g))
    assert.strictEqual(defaults.length, Array.from(options.matchAll(/readonly \w+\?:/g)).length)
    for (const [, byDefault = "", name = ""] of defaults) {
      const row = readme.split("\n").find((line) => line.startsWith("| ") && line.includes(`\`${name}\``)) ?? ""
      assert.include(row, byDefault)
    }
  })
})
