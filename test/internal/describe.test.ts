import { assert, describe, it } from "@effect/vitest"

import { describe as describeApi } from "../../src/internal/describe.ts"
import { config3, config6, info3, info6, tableOf } from "./samples.ts"

const table6 = tableOf(config6, info6)

describe("describe", () => {
  it("says how each listed endpoint is called, what it takes and what it gives", () => {
    assert.strictEqual(
      describeApi("https://app.example/", table6),
      `https://app.example/: 3 named endpoints

/add(num1, operation, num2) -> [sum]
  Adds two numbers.
  Acts on your behalf: takes your Hugging Face token (optional), which is sent only when you give one for this.
  Parameters:
    - num1: float, required [Number "NUM1"]
    - operation: str, optional, default "add" [Radio "OPERATION"]
    - num2: float, optional, default 4 [Slider "NUM2"]
  Returns:
    - sum: float [Number]

/mixed(word, size) -> [out, a]  [several outputs]
  Parameters:
    - word: str, required [Textbox "WORD"]
    - size: float, required [Slider "SIZE"]
  Returns:
    - out: str [Textbox]
    - a: float [Number]

/properties(plain, size) -> [out]
  Parameters:
    - plain: str, required [Textbox "PLAIN"]
    - size: float, required [Slider "SIZE"]
  Returns:
    - out: str [Textbox]`
    )
  })

  it("shows hidden endpoints when asked, never private ones", () => {
    const text = describeApi("app", table6, { hidden: true })
    assert.include(
      text,
      `/hidden(text) -> [out]  [not queued, undocumented]
  Parameters:
    - text: Any, required [Textbox]`
    )
    assert.include(text, "/apply(text) -> []  [undocumented]")
    assert.notInclude(text, "secret")
    assert.notInclude(describeApi("app", table6), "hidden")
  })

  it("counts the endpoints without a name, and shows them when asked or when there are no others", () => {
    const table = tableOf(config3, info3)
    const unnamed = "\n\n2() -> []  [not queued]\n  Parameters: none\n  Returns: none"
    const counted = "1 without a name, called by number"
    const text = describeApi("app", table)
    assert.isTrue(text.endsWith(counted), text)
    assert.isTrue(describeApi("app", table, { unnamed: true }).endsWith(`${counted}:${unnamed}`))
    assert.strictEqual(describeApi("app", table.slice(1)), `app: 0 named endpoints\n\n${counted}:${unnamed}`)
  })

  it("says null, files and long values in a way that can be read", () => {
    const info = structuredClone(info6)
    const shown = (value: unknown) => {
      info.named_endpoints["/mixed"].parameters = [
        {
          ...info6.named_endpoints["/mixed"].parameters[0],
          parameter_name: "word",
          parameter_has_default: true,
          parameter_default: value
        },
        { ...info6.named_endpoints["/mixed"].parameters[0], parameter_name: "size" }
      ] as (typeof info.named_endpoints)["/mixed"]["parameters"]
      return describeApi("app", tableOf(config6, info))
        .split("\n")
        .find((line) => line.includes("- word:"))
    }
    assert.strictEqual(shown(null), `    - word: str | None, optional, default null [Textbox "WORD"]`)
    assert.strictEqual(
      shown([{ path: "/tmp/x.png", url: "https://app.example/x.png", meta: { _type: "gradio.FileData" } }]),
      `    - word: str, optional, default ["file https://app.example/x.png"] [Textbox "WORD"]`
    )
    assert.isBelow(shown("x".repeat(100_000))?.length ?? Infinity, 300)
  })

  it("prints no control characters of the server", () => {
    const config = {
      version: "6.31.0",
      components: [],
      dependencies: [{ id: 1, queue: true, api_name: "a\u001b[31m\nb", api_description: "x\r\ny\u0007" }]
    }
    assert.strictEqual(
      describeApi("app\n", tableOf(config)),
      "app: 1 named endpoint\n\n/a [31m b() -> []\n  x y\n  Parameters: none\n  Returns: none"
    )
  })
})
