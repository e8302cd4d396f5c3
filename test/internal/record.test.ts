import { assert, describe, it } from "@effect/vitest"

import * as record from "../../src/internal/record.ts"

describe("record", () => {
  it("finds own properties only", () => {
    const parsed = JSON.parse(`{"__proto__":1,"a":2}`)
    assert.deepStrictEqual(
      ["__proto__", "a", "constructor", "b"].map((key) => record.get(parsed, key)),
      [1, 2, undefined, undefined]
    )
    assert.isUndefined(record.get({}, "__proto__"))
  })

  it("sets any key as data, in a copy", () => {
    const before = { a: 1 }
    const after = record.set(before, "__proto__", { polluted: true })
    assert.strictEqual(JSON.stringify(after), `{"a":1,"__proto__":{"polluted":true}}`)
    assert.strictEqual(Object.getPrototypeOf(after), Object.prototype)
    assert.deepStrictEqual(before, { a: 1 })
    assert.strictEqual(JSON.stringify(record.set(after, "a", 3)), `{"a":3,"__proto__":{"polluted":true}}`)
  })

  it("makes objects without a prototype, where the first of equal keys wins", () => {
    const made = record.fromEntries([
      ["__proto__", 1],
      ["a", 2],
      ["a", 3]
    ])
    assert.deepStrictEqual(Object.entries(made), [
      ["__proto__", 1],
      ["a", 2]
    ])
    assert.isNull(Object.getPrototypeOf(made))
  })

  it("tells records from lists and other values", () => {
    assert.deepStrictEqual([{}, Object.create(null), [], null, undefined, 1, "x"].map(record.isRecord), [
      true,
      true,
      false,
      false,
      false,
      false,
      false
    ])
  })
})
