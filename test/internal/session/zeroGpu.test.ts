import { assert, describe, it } from "@effect/vitest"
import { Duration, Redacted } from "effect"

import { HuggingFaceToken } from "../../../src/index.ts"
import { quotaOf } from "../../../src/internal/session/zeroGpu.ts"

const error = "Error"
const seconds = (n: number | undefined) => (n === undefined ? undefined : Duration.seconds(n))

describe("the texts of the spaces package", () => {
  it.each<readonly [string, string, ReadonlyArray<number>]>([
    [
      "ZeroGPU quota exceeded",
      "You have exceeded your free ZeroGPU quota (146s requested vs. 62s left). Try again in 23:59:09. Authenticate with a Hugging Face token for more quota - https://huggingface.co/settings/tokens",
      [146, 62, 86349]
    ],
    [
      error,
      "'You have exceeded your Pro ZeroGPU quota (60s requested vs. -3s left). Try again in 1 day, 0:00:01. '",
      [60, -3, 86401]
    ],
    [
      error,
      "You have exceeded your GPU quota (60s requested vs. 42s left). Please retry in 2 days, 1:02:03",
      [60, 42, 176523]
    ],
    [
      error,
      "You have exceeded your GPU quota (9s left vs. 60s requested). Sign-up on Hugging Face to get more quotas or retry in 0:10:00",
      [60, 9, 600]
    ],
    [error, "You have exceeded your ZeroGPU runs limit. ", []],
    ["ZeroGPU quota exceeded", "Space app has reached its GPU limit. Try re-running outside of examples", []],
    [
      "ZeroGPU pending credits exceeded",
      "You have too many ZeroGPU credits allocated to running tasks. Try again once some of those tasks have completed.",
      []
    ]
  ])("are told from all others: %s: %s", (title, text, [requested, left, retryAfter]) => {
    assert.deepStrictEqual(quotaOf(title, text), {
      requested: seconds(requested),
      left: seconds(left),
      retryAfter: seconds(retryAfter)
    })
  })

  it.each([
    [error, "quota"],
    [error, "You have exceeded your quota of words"],
    ["ZeroGPU illegal duration", "The requested GPU duration (600s) is larger than the maximum allowed"],
    ["ZeroGPU queue timeout", "No GPU was available after 60s"]
  ])("and nothing else is a quota: %s: %s", (title, text) => {
    assert.strictEqual(quotaOf(title, text), undefined)
  })
})

describe("headers of a user's request", () => {
  it("are passed on as far as they are about GPU time, without being shown", () => {
    const forwarded = HuggingFaceToken.forwarded({
      "X-IP-Token": "ip",
      "x-zerogpu-token": ["zero", "other"],
      "x-zerogpu-uuid": "uuid",
      cookie: "c",
      authorization: "a",
      host: undefined
    })
    assert.deepStrictEqual(
      Object.entries(forwarded).map(([name, value]) => [name, Redacted.value(value)]),
      [
        ["x-ip-token", "ip"],
        ["x-zerogpu-token", "zero"],
        ["x-zerogpu-uuid", "uuid"]
      ]
    )
    assert.strictEqual(JSON.stringify(forwarded).match(/redacted/g)?.length, 3)
  })
})
