import { execFileSync } from "node:child_process"

import { assert, describe, it } from "@effect/vitest"

import { unquote } from "../../../src/internal/wire/unquote.ts"
import { forAll, randomFrom, seed } from "../../laws/generated.ts"

describe("unquote", () => {
  it.each([
    ["'bad thing'", "bad thing"],
    [`"it's"`, "it's"],
    [String.raw`'it\'s "both"'`, `it's "both"`],
    [String.raw`'a\nb\tc\rd'`, "a\nb\tc\rd"],
    [String.raw`'\\n'`, String.raw`\n`],
    [String.raw`'\x00\x1b\u2028\U000e0001'`, "\u0000\u001b\u2028\u{e0001}"],
    ["'grüße 🎈'", "grüße 🎈"],
    ["''", ""]
  ])("reads %s as Python wrote it", (text, meant) => {
    assert.strictEqual(unquote(text), meant)
  })

  it.each(["", "'", `"`, "plain", "'a' and 'b'", `"a" or "b"`, "'mixed\"", "it's", String.raw`'ends in \'`, "('a',)"])(
    "leaves %s as it is",
    (text) => {
      assert.strictEqual(unquote(text), text)
    }
  )

  it("takes time in proportion to the length", () => {
    assert.strictEqual(unquote(`'${"\\\\".repeat(500_000)}'`).length, 500_000)
    assert.strictEqual(unquote(`'${"\\".repeat(500_001)}x`).length, 500_003)
  })
})

const parts = [
  "a",
  "ü",
  "🎈",
  "漢",
  "'",
  '"',
  "\\",
  "\n",
  "\r",
  "\t",
  "\0",
  "\u001b",
  "\u007f",
  "\u00ad",
  "\u200b",
  "\u2028",
  "\u{e0001}",
  "n",
  "x41",
  " ",
  "\ufeff",
  "\u0085"
] as const

describe("laws of unquote", () => {
  it("gives the text of every literal that Python's repr writes", () => {
    const random = randomFrom(seed)
    const [one, ...more] = parts
    const texts = Array.from({ length: 10_000 }, () =>
      Array.from({ length: random.below(8) }, () => random.pick([one, ...more])).join("")
    )
    const python = process.env["GRADIO_TEST_PYTHON"] ?? "python3"
    const script = "import json, sys; print(json.dumps([repr(t) for t in json.load(sys.stdin)]))"
    const literals: unknown = JSON.parse(
      execFileSync(python, ["-c", script], { input: JSON.stringify(texts), encoding: "utf8", maxBuffer: 1e9 })
    )
    assert(Array.isArray(literals))
    forAll(
      "unquote of repr",
      texts.length,
      (_, number) => ({ text: texts[number], literal: String(literals[number]) }),
      ({ literal, text }) => assert.strictEqual(unquote(literal), text)
    )
  })
})
