import { assert, describe, it } from "@effect/vitest"

import * as Input from "../src/Input.ts"

describe("Input", () => {
  it("keeps what it is made of", () => {
    const positional = [1, null]
    const named = { b: undefined }
    const mixed = Input.make(positional, named)
    assert.strictEqual(mixed.positional, positional)
    assert.strictEqual(mixed.named, named)
  })

  it("tells its own values from arguments that look like them", () => {
    assert.isTrue(Input.isMixed(Input.make([], {})))
    for (const u of [
      [],
      {},
      { positional: [], named: {} },
      JSON.parse(JSON.stringify(Input.make([], {}))),
      null,
      undefined,
      "x"
    ]) {
      assert.isFalse(Input.isMixed(u))
    }
  })
})
