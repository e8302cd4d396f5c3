import { assert, describe, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"

import * as AppConfig from "../src/AppConfig.ts"
import { config3, config6 } from "./internal/samples.ts"

const decoded = (u: unknown) => Result.getOrThrow(AppConfig.decodeAppConfig(u))

describe("decodeAppConfig", () => {
  it("gives back everything that Gradio 3 and 6 send, undeclared fields included", () => {
    assert.deepStrictEqual<unknown>(decoded(config3), config3)
    assert.deepStrictEqual<unknown>(decoded(config6), config6)
  })

  it("keeps unknown fields of the configuration, its components and its dependencies, whatever they are called", () => {
    const odd = JSON.parse(
      `{"version":"7.0.0","components":[{"id":1,"type":"x","props":{"__proto__":{"a":1}},"__proto__":{"b":2},"constructor":3}],
        "dependencies":[{"new_field":[1],"__proto__":4}],"__proto__":{"polluted":true},"toString":5}`
    )
    const config = decoded(odd)
    assert.strictEqual(JSON.stringify(config), JSON.stringify(odd))
    assert.strictEqual(Object.getPrototypeOf(config), Object.prototype)
    assert.isFalse("polluted" in {})
  })

  it("takes null wherever a field may be missing", () => {
    const config = {
      version: "4.0.0",
      protocol: null,
      api_prefix: null,
      root: null,
      components: [],
      dependencies: [{ inputs: null, types: null, queue: null }]
    }
    assert.deepStrictEqual<unknown>(decoded(config), config)
  })

  it("says where a configuration is wrong", () => {
    const result = AppConfig.decodeAppConfig({ ...config6, dependencies: [{ inputs: ["one"] }] })
    assert.include(Option.getOrThrow(Result.getFailure(result)), `["dependencies"][0]["inputs"][0]`)
  })

  it("refuses a Gradio 2 app by name", () => {
    assert.deepStrictEqual(
      AppConfig.decodeAppConfig({ allow_flagging: "never", version: "2.9.4" }),
      Result.fail("this is a Gradio 2 app, which no client for Gradio 3 to 6 can call")
    )
  })

  it("never throws", () => {
    for (const u of [undefined, null, 1, "x", [], {}, { version: 6 }])
      assert.isTrue(Result.isFailure(AppConfig.decodeAppConfig(u)))
  })
})

describe("decodeRenderConfig", () => {
  it("reads what a render function sends", () => {
    const render = {
      render_id: 0,
      components: [{ id: 40, type: "textbox" }],
      dependencies: [{ id: 20 }],
      layout: { id: 39 }
    }
    assert.deepStrictEqual<unknown>(AppConfig.decodeRenderConfig(render), Result.succeed(render))
    assert.isTrue(Result.isFailure(AppConfig.decodeRenderConfig({ components: [] })))
  })
})

describe("mergeRender", () => {
  const config = decoded({
    version: "6.31.0",
    components: [
      { id: 1, type: "textbox" },
      { id: 30, type: "textbox", rendered_in: 0 },
      { id: 31, type: "textbox", props: { rendered_in: 0 } },
      { id: 32, type: "textbox", rendered_in: 1 },
      { id: 33, type: "textbox", rendered_in: 7 }
    ],
    dependencies: [
      { id: 0, render_id: 0 },
      { id: 1, render_id: 7 },
      { id: 5, rendered_in: 0 },
      { id: 6, rendered_in: 0, render_id: 1 },
      { id: 7, rendered_in: 1 },
      { id: 8, rendered_in: 7 }
    ]
  })

  it("drops what the block and the blocks within it made before, and adds what it made now", () => {
    const merged = AppConfig.mergeRender(config, {
      render_id: 0,
      components: [{ id: 40, type: "slider", rendered_in: 0 }],
      dependencies: [{ id: 9, rendered_in: 0 }]
    })
    assert.deepStrictEqual(
      merged.components.map((c) => c.id),
      [1, 33, 40]
    )
    assert.deepStrictEqual(
      merged.dependencies.map((d) => d.id),
      [0, 1, 8, 9]
    )
  })

  it("changes nothing that it was given, and gives the same when merged twice", () => {
    const before = JSON.stringify(config)
    const render = {
      render_id: 0,
      components: [{ id: 40, type: "slider", rendered_in: 0 }],
      dependencies: [{ id: 9, rendered_in: 0 }]
    }
    const once = AppConfig.mergeRender(config, render)
    assert.deepStrictEqual(AppConfig.mergeRender(once, render), once)
    assert.strictEqual(JSON.stringify(config), before)
  })

  it("ends on blocks that claim to be within each other", () => {
    const round = decoded({
      version: "6.31.0",
      components: [],
      dependencies: [{ id: 1, rendered_in: 0, render_id: 1 }, { id: 2, rendered_in: 1, render_id: 0 }, { id: 3 }]
    })
    assert.deepStrictEqual(
      AppConfig.mergeRender(round, { render_id: 0, components: [], dependencies: [] }).dependencies.map((d) => d.id),
      [3]
    )
  })
})

describe("versions", () => {
  it.each([
    ["5.2.0", "5.2.0", true],
    ["5.10.0", "5.2.0", true],
    ["5.1.9", "5.2.0", false],
    ["4.44.1", "5.0.0", false],
    ["10.0.0", "9.9.9", true],
    ["5.2.1", "5.2", true],
    ["6", "6.0.0", true],
    ["5.0.0b3", "5.0.0", true],
    ["4.31.4.dev0", "4.31.4", true],
    ["4.31.3rc1", "4.31.4", false],
    ["v3.50.2", "3.50.2", true],
    ["", "3.0.0", false],
    ["unknown", "0.0.0", true]
  ])("%s is at least %s: %s", (version, wanted, expected) => {
    assert.strictEqual(AppConfig.atLeast({ version }, wanted), expected)
  })

  const Part = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
  it.prop(
    "are ordered by their numbers",
    [
      Schema.Tuple([Part, Part, Part]),
      Schema.Tuple([Part, Part, Part]),
      Schema.Literals(["", "b1", "rc2", ".dev0", "+local"])
    ],
    ([one, other, suffix]) => {
      const ordered = one[0] * 1e4 + one[1] * 100 + one[2] >= other[0] * 1e4 + other[1] * 100 + other[2]
      assert.strictEqual(AppConfig.atLeast({ version: one.join(".") + suffix }, other.join(".")), ordered)
    },
    { arbitrary: { runs: 1000 } }
  )
})

describe("defaults", () => {
  it("without a protocol the app speaks ws, without a prefix routes have none", () => {
    assert.strictEqual(AppConfig.protocolName({}), "ws")
    assert.strictEqual(AppConfig.protocolName({ protocol: null }), "ws")
    assert.strictEqual(AppConfig.protocolName({ protocol: "sse_v3" }), "sse_v3")
    assert.strictEqual(AppConfig.apiPrefix({}), "")
    assert.strictEqual(AppConfig.apiPrefix({ api_prefix: "/gradio_api" }), "/gradio_api")
  })
})

describe("loginRequired", () => {
  it("knows the stub of an app with a login, with and without a message of its author", () => {
    assert.deepStrictEqual(
      AppConfig.loginRequired({ auth_required: true, auth_message: "members only", space_id: null, root: "" }),
      Option.some({ authMessage: "members only" })
    )
    assert.deepStrictEqual(
      AppConfig.loginRequired({ auth_required: true, auth_message: null }),
      Option.some({ authMessage: undefined })
    )
    for (const u of [config6, { auth_required: false }, null, [], "x"])
      assert.deepStrictEqual(AppConfig.loginRequired(u), Option.none())
  })
})

describe("configFromPage", () => {
  const page = (script: string) => `<!doctype html><html><head><script>${script}</script></head><body>{};</body></html>`

  it("finds the object, with braces, script ends and escapes inside its texts", () => {
    const value = { a: "};</script>", b: '\\"}', c: ["{", "}}"], d: { e: "window.gradio_config = {}" } }
    const json = JSON.stringify(value).replaceAll("</", "<\\/")
    assert.deepStrictEqual(
      AppConfig.configFromPage(page(`window.gradio_config = ${json};window.gradio_api_info = {"x":1};`)),
      Option.some<unknown>(value)
    )
    assert.deepStrictEqual(
      AppConfig.configFromPage(page(`window.gradio_config\n=${json}`)),
      Option.some<unknown>(value)
    )
  })

  it("passes over mentions that assign no JSON", () => {
    assert.deepStrictEqual(
      AppConfig.configFromPage(
        page(`if (window.gradio_config) x(); window.gradio_config = {a:1}; window.gradio_config = {"a":2};`)
      ),
      Option.some<unknown>({ a: 2 })
    )
  })

  it("finds nothing in other pages", () => {
    for (const html of [
      "",
      "<html></html>",
      "window.gradio_config",
      "window.gradio_config =",
      'window.gradio_config = {"a":',
      "window.gradio_config = null;"
    ]) {
      assert.deepStrictEqual(AppConfig.configFromPage(html), Option.none())
    }
  })

  it("takes time in proportion to the page, also for a hostile one", () => {
    const started = performance.now()
    for (const piece of [
      "window.gradio_config = {",
      "window.gradio_config = ",
      'window.gradio_config = {"',
      "window.gradio_config = {{}",
      " "
    ]) {
      assert.deepStrictEqual(AppConfig.configFromPage(piece.repeat(100_000)), Option.none())
      assert.deepStrictEqual(AppConfig.configFromPage(`window.gradio_config = ${piece.repeat(100_000)}`), Option.none())
    }
    assert.isBelow(performance.now() - started, 5000)
  })
})
