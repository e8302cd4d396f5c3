import { assert, describe, it } from "@effect/vitest"

import { kindOf, spaceSource } from "../../../src/internal/wire/space.ts"

const hub = new URL("https://huggingface.co")
const own = new URL("http://127.0.0.1:8080/hub")

/** `owner/name`, or the subdomain and the address under it. */
const meant = (source: string | URL, at = hub): string | undefined => {
  const space = spaceSource(source, at)
  return space?._tag === "Hosted" ? `${space.subdomain} at ${space.base.href}` : space?.id
}

describe("spaceSource", () => {
  it("finds the Space in a name, a page and a host", () => {
    const table: ReadonlyArray<readonly [source: string | URL, space: string | undefined]> = [
      ["gradio/demo", "gradio/demo"],
      ["  gradio/demo/ ", "gradio/demo"],
      ["a_b-c/d.e_f-2", "a_b-c/d.e_f-2"],
      ["https://huggingface.co/spaces/gradio/demo", "gradio/demo"],
      ["http://huggingface.co/spaces/gradio/demo/", "gradio/demo"],
      ["https://huggingface.co/spaces/gradio/demo/tree/main?x=1#y", "gradio/demo"],
      ["https://huggingface.co/spaces/gradio/demo/discussions/3", "gradio/demo"],
      ["https://www.huggingface.co/spaces/gradio/demo", "gradio/demo"],
      ["https://hf.co/spaces/gradio/demo", "gradio/demo"],
      [new URL("https://huggingface.co/spaces/gradio/demo"), "gradio/demo"],
      ["https://hf.space/embed/gradio/demo/+", "gradio/demo"],
      ["https://gradio-demo.hf.space", "gradio-demo at https://gradio-demo.hf.space/"],
      ["http://gradio-demo.hf.space", "gradio-demo at https://gradio-demo.hf.space/"],
      ["https://gradio-demo.hf.space/?__theme=dark", "gradio-demo at https://gradio-demo.hf.space/"],
      ["https://gradio-demo.hf.space/second/page", "gradio-demo at https://gradio-demo.hf.space/second/page/"],
      ["https://gradio-site.static.hf.space", "gradio-site at https://gradio-site.static.hf.space/"],
      ["demo", undefined],
      ["gradio/..", undefined],
      ["gradio/./", undefined],
      ["app.example/path", undefined],
      ["gradio/demo/more", undefined],
      ["https://app.example/gradio/demo", undefined],
      ["https://huggingface.co/gradio/model", undefined],
      ["https://hf.space.example/gradio/demo", undefined],
      ["https://evil.example/?x=.hf.space", undefined]
    ]
    assert.deepStrictEqual(
      table.map(([source]) => [source, meant(source)]),
      table.map(([source, space]) => [source, space])
    )
  })

  it("knows the pages of the hub that the program has", () => {
    assert.strictEqual(meant("http://127.0.0.1:8080/spaces/gradio/demo", own), "gradio/demo")
    assert.strictEqual(meant("http://127.0.0.1:8080/spaces/gradio/demo"), undefined)
    assert.strictEqual(meant("http://127.0.0.1:8081/spaces/gradio/demo", own), undefined)
  })
})

describe("kindOf", () => {
  it("says what each stage means, those of later hubs by their names", () => {
    const stages: Readonly<Record<string, string>> = {
      RUNNING: "running",
      RUNNING_BUILDING: "running",
      RUNNING_APP_STARTING: "starting",
      SLEEPING: "sleeping",
      STOPPED: "sleeping",
      BUILDING: "building",
      APP_STARTING: "starting",
      PAUSED: "paused",
      NO_APP_FILE: "error",
      CONFIG_ERROR: "error",
      BUILD_ERROR: "error",
      RUNTIME_ERROR: "error",
      DELETING: "error",
      RUNNING_SOMEWHERE: "running",
      CONTAINER_STARTING: "starting",
      QUOTA_ERROR: "error",
      HIBERNATING: "unknown",
      constructor: "unknown"
    }
    assert.deepStrictEqual(
      Object.keys(stages).map((stage): [string, string] => [stage, kindOf(stage)]),
      Object.entries(stages)
    )
  })
})
