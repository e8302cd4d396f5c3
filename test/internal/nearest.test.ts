import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

import { editDistance, nearest } from "../../src/internal/nearest.ts"

const Word = Schema.Array(Schema.Literals(["a", "b", "c"])).check(Schema.isMaxLength(8))

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["flaw", "lawn", 2],
    ["same", "same", 0]
  ])("from %j to %j is %i", (from, to, distance) => {
    assert.strictEqual(editDistance(from, to), distance)
  })

  it.prop(
    "is a distance",
    [Word, Word, Word],
    ([x, y, z]) => {
      const [a, b, c] = [x.join(""), y.join(""), z.join("")]
      assert.strictEqual(editDistance(a, b), editDistance(b, a))
      assert.strictEqual(editDistance(a, b) === 0, a === b)
      assert.isAtMost(editDistance(a, c), editDistance(a, b) + editDistance(b, c))
    },
    { arbitrary: { runs: 1000 } }
  )
})

describe("nearest", () => {
  it("gives the likely names, best first, three at most", () => {
    assert.deepStrictEqual(nearest("predit", ["/predict_1", "/predict", "/edit", "/predit2", "/chat"]), [
      "/predict",
      "/predit2",
      "/edit"
    ])
  })

  it("looks at neither case nor slashes", () => {
    assert.deepStrictEqual(nearest("/PREDICT", ["predict"]), ["predict"])
  })

  it("suggests nothing for what nobody can have meant", () => {
    assert.deepStrictEqual(nearest("x", ["predict", "ab"]), [])
    assert.deepStrictEqual(nearest("", ["abc"]), [])
    assert.deepStrictEqual(nearest("abc", []), [])
  })

  it("is quick with long names", () => {
    const started = performance.now()
    nearest(
      "a".repeat(1e6),
      Array.from({ length: 100 }, (_, i) => "b".repeat(1e5) + i)
    )
    assert.isBelow(performance.now() - started, 5000)
  })
})
