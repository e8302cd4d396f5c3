import { assert, describe, it } from "@effect/vitest"

import { excerpt, parse, same } from "../../../src/internal/wire/json.ts"

/** Brackets around a value, this many. */
const lists = (depth: number, inner = ""): string => "[".repeat(depth) + inner + "]".repeat(depth)
const objects = (depth: number): string => '{"a":'.repeat(depth) + "1" + "}".repeat(depth)
/** Longer than the depth that is allowed, so that its depth is looked at. */
const long = (text: string): string => text.padEnd(1001)

/** A list in a list, this many. */
const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

describe("parse", () => {
  const values: ReadonlyArray<readonly [text: string, value: unknown]> = [
    ["null", null],
    [' {"a": [1, true, "x"]} ', { a: [1, true, "x"] }],
    [
      '[NaN, -Infinity, {"Infinity": Infinity, "a": "NaN\\"", "b": -1}]',
      [null, null, { Infinity: null, a: 'NaN"', b: -1 }]
    ],
    ['"ü漢🎈\\u2028\\n"', "ü漢🎈\u2028\n"],
    [long('{"a": []}'), { a: [] }],
    [`["${"[".repeat(2000)}"]`, ["[".repeat(2000)]],
    [`["\\"${"{".repeat(2000)}"]`, [`"${"{".repeat(2000)}`]],
    [`["\\\\", "${"[".repeat(2000)}"]`, ["\\", "[".repeat(2000)]],
    [`["${"\\\\".repeat(600)}", 1]`, ["\\".repeat(600), 1]],
    [`[${"[],".repeat(2000)}1]`, [...Array.from({ length: 2000 }, () => []), 1]]
  ]
  it.each(values.map(([text, value]) => [text.trim().slice(0, 40), text, value] as const))(
    "reads %j",
    (_, text, value) => {
      assert.deepStrictEqual(parse(text), value)
    }
  )

  it("keeps keys of prototypes as keys", () => {
    const value = parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}')
    assert.deepStrictEqual(Object.entries(Object(value)), [
      ["__proto__", { polluted: 1 }],
      ["constructor", 2],
      ["toString", 3]
    ])
    assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
    assert.isFalse("polluted" in {})
  })

  it.each(["", "{", "[1,]", "NaNa", "undefined", "{'a': 1}", '"\n"', long("[1"), long('"abc')])(
    "throws a SyntaxError for %j",
    (text) => {
      assert.throws(() => parse(text), SyntaxError)
    }
  )

  it("reads a thousand levels, and no level more", () => {
    assert.strictEqual(JSON.stringify(parse(lists(1000))), lists(1000))
    assert.strictEqual(JSON.stringify(parse(objects(1000))), objects(1000))
    for (const text of [lists(1001), objects(1001), `{"a":${lists(1000)}}`, "[".repeat(1_000_000)]) {
      assert.throws(() => parse(text), SyntaxError, "nested deeper than 1000 levels")
    }
  })

  it("finds the depth behind strings that hold brackets, quotes and backslashes", () => {
    for (const string of ['"]"', '"]\\""', '"\\\\"', '"}}}\\\\\\""']) {
      const text = "[".repeat(1000) + string + "]".repeat(1000)
      assert.strictEqual(JSON.stringify(parse(text)), text)
      assert.throws(() => parse(`[${text}]`), SyntaxError, "nested deeper than 1000 levels")
    }
  })

  it("looks at a text once, however many quotes and backslashes it has", () => {
    for (const text of [`["${"\\\\".repeat(2_000_000)}"]`, `[${'"a",'.repeat(1_000_000)}1]`]) {
      const began = performance.now()
      parse(text)
      // Linear, it takes some tens of milliseconds; by squares, it would take minutes.
      assert.isBelow(performance.now() - began, 5000)
    }
  })
})

describe("excerpt", () => {
  const circular: Record<string, unknown> = {}
  circular["self"] = circular

  it.each<readonly [unknown, string]>([
    [{ a: [1, "x", null] }, '{"a":[1,"x",null]}'],
    ["text", '"text"'],
    [undefined, ""],
    [() => 1, ""],
    [nested(100_000), "(a value that is nested too deeply to be shown)"],
    [circular, "(a value that is nested too deeply to be shown)"]
  ])("of a value is its JSON, or says why there is none (%#)", (value, text) => {
    assert.strictEqual(excerpt(value), text)
  })

  it("is the beginning of a long one", () => {
    assert.strictEqual(excerpt("x".repeat(5000)), `"${"x".repeat(999)}`)
    assert.strictEqual(excerpt([1, 2, 3], 4), "[1,2")
  })
})

describe("same", () => {
  const proto: unknown = JSON.parse('{"__proto__": 1}')

  const pairs: ReadonlyArray<readonly [unknown, unknown, boolean]> = [
    [1, 1, true],
    [1, 2, false],
    [1, true, false],
    [0, false, false],
    [0, -0, false],
    [1, "1", false],
    [null, null, true],
    [null, undefined, false],
    [null, {}, false],
    [{}, [], false],
    [[], [], true],
    [[1, [2]], [1, [2]], true],
    [[1, [2]], [1, [3]], false],
    [[1], [1, 2], false],
    [[undefined], [null], false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: undefined }, { b: undefined }, false],
    [{ toString: undefined }, { x: undefined }, false],
    [proto, JSON.parse('{"__proto__": 1}'), true],
    [proto, {}, false],
    [proto, JSON.parse('{"__proto__": 2}'), false],
    [nested(499), nested(499), true],
    [nested(1000), nested(1000), false]
  ]
  it.each(pairs.map(([a, b, expected]) => [excerpt(a, 40), excerpt(b, 40), expected, a, b] as const))(
    "compares %s with %s: %j",
    (_, __, expected, a, b) => {
      assert.strictEqual(same(a, b), expected)
      assert.strictEqual(same(b, a), expected)
    }
  )

  it("looks as deep as asked", () => {
    assert.isTrue(same([[1]], [[1]], 2))
    assert.isFalse(same([[1]], [[1]], 1))
  })
})
