import { assert, describe, it } from "@effect/vitest"

import { diff } from "../../src/testing/index.ts"

describe("diff", () => {
  it("makes the edits that were captured from Gradio", () => {
    const cases: ReadonlyArray<readonly [before: unknown, after: unknown, edits: unknown]> = [
      ["ab", "ab", []],
      ["ab", "abab", [["append", [], "ab"]]],
      ["0", "1", [["replace", [], "1"]]],
      [1, "1", [["replace", [], "1"]]],
      [
        { l: [{ i: 0, t: "" }], d: { k0: 0 } },
        {
          l: [
            { i: 0, t: "" },
            { i: 1, t: "x" }
          ],
          d: { k0: 0, k1: 1 }
        },
        [
          ["add", ["l", 1], { i: 1, t: "x" }],
          ["add", ["d", "k1"], 1]
        ]
      ],
      [
        { k0: 0, k1: 1 },
        { k1: 1, k2: 2 },
        [
          ["delete", ["k0"], null],
          ["add", ["k2"], 2]
        ]
      ],
      ["A", { __type__: "update" }, [["replace", [], { __type__: "update" }]]],
      [
        { data: [[0, 0]], metadata: null },
        { data: [[1, 2]], metadata: null },
        [
          ["replace", ["data", 0, 0], 1],
          ["replace", ["data", 0, 1], 2]
        ]
      ]
    ]
    for (const [before, after, edits] of cases) assert.deepStrictEqual(diff(before, after), edits)
  })

  it("deletes from the tail, each at the index that it then has", () => {
    assert.deepStrictEqual(diff(["a", "b", "c", "d", "e"], ["a", "z"]), [
      ["replace", [1], "z"],
      ["delete", [2], null],
      ["delete", [2], null],
      ["delete", [2], null]
    ])
  })

  it("gets nested deletes wrong as Gradio does", () => {
    assert.deepStrictEqual(
      diff(
        {
          data: [
            [1, 2, 3],
            [4, 5, 6]
          ]
        },
        { data: [[1], [4]] }
      ),
      [
        ["delete", ["data", 0, 1], null],
        ["delete", ["data", 0, 0], null],
        ["delete", ["data", 1, -1], null],
        ["delete", ["data", 1, -2], null]
      ]
    )
  })

  it("takes true for 1 and false for 0 as Python does", () => {
    assert.deepStrictEqual(diff([1, { a: 0 }], [true, { a: false }]), [])
  })
})
