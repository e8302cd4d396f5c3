import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"

import {
  callable,
  findEndpoint,
  listed,
  nameOf,
  shownAsked,
  shownName,
  toApiInfo
} from "../../src/internal/endpoints.ts"
import { config3, config6, info3, info6, tableOf } from "./samples.ts"

const table3 = tableOf(config3, info3)
const table6 = tableOf(config6, info6)

const minimal = (dependency: object, config: object = {}) =>
  tableOf({ version: "6.31.0", protocol: "sse_v3", components: [], dependencies: [dependency], ...config })

describe("makeEndpoints", () => {
  it("reads a function of Gradio 3, whose number is its position", () => {
    assert.deepStrictEqual(table3[0], {
      name: "/counter",
      fnIndex: 0,
      visibility: "public",
      description: "",
      generator: false,
      queue: true,
      actsForUser: undefined,
      parameters: [
        {
          name: "text",
          label: "text",
          component: "Textbox",
          type: { type: "string" },
          pythonType: "str",
          description: "",
          hasDefault: false,
          default: undefined,
          example: "Howdy!"
        }
      ],
      returns: [
        { label: "len", component: "Number", type: { type: "number" }, pythonType: "int | float", description: "" }
      ],
      backendFn: true,
      cancels: [],
      cancellers: [{ fnIndex: 2, cancels: [0] }],
      connection: "sse",
      streamEvery: 0.5,
      timeLimit: undefined,
      renderedIn: undefined,
      stateless: false,
      complete: true,
      inputs: [
        {
          componentId: 1,
          componentType: "textbox",
          skipped: false,
          parameter: table3[0]?.parameters[0],
          filler: null,
          wrapProps: undefined
        },
        {
          componentId: 10,
          componentType: "state",
          skipped: true,
          parameter: undefined,
          filler: null,
          wrapProps: undefined
        }
      ],
      outputs: [
        { componentId: 4, componentType: "number", label: "len", skipped: false },
        { componentId: 10, componentType: "state", label: "value_10", skipped: true }
      ]
    })
  })

  it("numbers functions by their id where they have one", () => {
    assert.deepStrictEqual(
      table3.map((e) => e.fnIndex),
      [0, 1, 2, 3]
    )
    assert.deepStrictEqual(
      table6.map((e) => e.fnIndex),
      [3, 4, 5, 6, 7, 8, 9, 11, 12]
    )
  })

  it("fills skipped inputs with null for a state and with the initial value for the rest", () => {
    assert.deepStrictEqual(
      table6[1]?.inputs.map((slot) => [slot.componentType, slot.skipped, slot.parameter?.name, slot.filler]),
      [
        ["button", true, undefined, "press"],
        ["textbox", false, "word", null],
        ["state", true, undefined, null],
        ["slider", false, "size", null]
      ]
    )
    assert.deepStrictEqual(table6[1]?.outputs, [
      { componentId: 10, componentType: "state", label: "value_10", skipped: true },
      { componentId: 2, componentType: "textbox", label: "out", skipped: false },
      { componentId: 15, componentType: "button", label: "value_15", skipped: true },
      { componentId: 5, componentType: "number", label: "a", skipped: false }
    ])
  })

  it("gives the properties of inputs that are wanted with them, not those of a state", () => {
    assert.deepStrictEqual(
      table6[6]?.inputs.map((slot) => slot.wrapProps),
      [
        undefined,
        undefined,
        { label: "size", value: 4, minimum: 0, maximum: 10, name: "slider" },
        { value: "press", name: "button" }
      ]
    )
  })

  it("makes parameters from the components where info has nothing about a function", () => {
    for (const table of [table6, tableOf(config6)]) {
      assert.deepStrictEqual(table[4]?.parameters, [
        {
          name: "text",
          label: "text",
          component: "Textbox",
          type: { type: "string" },
          pythonType: "Any",
          description: "",
          hasDefault: false,
          default: undefined,
          example: "Hello!!"
        }
      ])
    }
    assert.deepStrictEqual(tableOf(config3)[0]?.parameters, [
      {
        name: "text",
        label: "text",
        component: "Textbox",
        type: { type: "string" },
        pythonType: "Any",
        description: "",
        hasDefault: false,
        default: undefined,
        example: "Howdy!"
      }
    ])
    assert.deepStrictEqual(tableOf(config3)[0]?.returns, [
      { label: "len", component: "Number", type: {}, pythonType: "Any", description: "" }
    ])
  })

  it("makes parameters from the components where info describes another number of them", () => {
    const info = {
      named_endpoints: {
        "/add": {
          parameters: info6.named_endpoints["/mixed"].parameters,
          returns: info6.named_endpoints["/add"].returns
        }
      }
    }
    const [add] = tableOf(config6, info)
    assert.deepStrictEqual(
      add?.parameters.map((p) => p.name),
      ["a", "op", "size"]
    )
    assert.deepStrictEqual(
      add?.returns.map((r) => r.label),
      ["sum"]
    )
  })

  it("has a label for a name where no other parameter has the same, and the initial value for the default", () => {
    const component = (id: number, props: object) => ({ id, type: "textbox", props })
    const [endpoint] = minimal(
      { id: 0, inputs: [1, 2, 3, 4, 5], outputs: [], api_name: "f" },
      {
        components: [
          component(1, { label: "same", value: "one" }),
          component(2, { label: "same", value: "" }),
          component(3, { label: "How many?", value: 0 }),
          component(4, { label: "" }),
          component(5, { value: null })
        ]
      }
    )
    assert.deepStrictEqual(
      endpoint?.parameters.map((one) => [one.name, one.label, one.hasDefault, one.default]),
      [
        ["parameter_1", "same", true, "one"],
        ["parameter_2", "same", false, undefined],
        ["How many?", "How many?", true, 0],
        ["parameter_4", "", false, undefined],
        ["parameter_5", "parameter_5", false, undefined]
      ]
    )
  })

  it("names functions and parameters like prototype members without confusion", () => {
    const sent = JSON.parse(
      `{"named_endpoints":{"/__proto__":{"parameters":[{"parameter_name":"__proto__"}]}},"unnamed_endpoints":{}}`
    )
    const config = {
      version: "6.31.0",
      components: [{ id: 1, type: "constructor", props: {} }],
      dependencies: [
        { id: 0, inputs: [1], outputs: [], api_name: "__proto__" },
        { id: 1, inputs: [1], outputs: [], api_name: "constructor" }
      ]
    }
    const table = tableOf(config, sent)
    assert.deepStrictEqual(
      table.map((e) => [e.name, e.parameters.map((p) => p.name)]),
      [
        ["/__proto__", ["__proto__"]],
        ["/constructor", ["parameter_1"]]
      ]
    )
    assert.deepStrictEqual(Object.keys(toApiInfo(table).named), ["/__proto__", "/constructor"])
  })

  it.each([
    [{ api_visibility: "public" }, "public"],
    [{ api_visibility: "undocumented" }, "undocumented"],
    [{ api_visibility: "private", api_name: "a" }, "private"],
    [{ api_visibility: "of a later version" }, "undocumented"],
    [{ api_name: false }, "private"],
    [{ api_name: false, show_api: false }, "private"],
    [{ api_name: "a", show_api: false }, "undocumented"],
    [{ api_name: "a", show_api: true }, "public"],
    [{ api_name: null }, "public"],
    [{}, "public"]
  ])("%j is %s", (dependency, visibility) => {
    assert.strictEqual(minimal(dependency)[0]?.visibility, visibility)
  })

  it.each([
    [{ queue: true }, {}, true],
    [{ queue: false }, { enable_queue: true }, false],
    [{ queue: null }, { enable_queue: false }, false],
    [{ queue: null }, { enable_queue: true }, true],
    [{}, {}, true],
    [{}, { protocol: null }, false]
  ])("%j in an app with %j is queued: %s", (dependency, config, queue) => {
    assert.strictEqual(minimal(dependency, config)[0]?.queue, queue)
  })

  it("knows what gives several outputs, from functions that never end on", () => {
    const types = [{ generator: true }, { continuous: true }, { generator: false, continuous: false }, null, undefined]
    assert.deepStrictEqual(
      types.map((t) => minimal(t === undefined ? {} : { types: t })[0]?.generator),
      [true, true, false, false, false]
    )
  })

  it("keeps who is cancelled, what a stream of inputs needs, and what belongs to a render block", () => {
    const [endpoint] = minimal({ id: 8, cancels: [1, 2], connection: "stream", rendered_in: 3 })
    assert.deepStrictEqual([endpoint?.cancels, endpoint?.connection, endpoint?.renderedIn], [[1, 2], "stream", 3])
  })

  it("changes nothing that it was given", () => {
    const before = JSON.stringify([config6, info6])
    tableOf(config6, info6)
    assert.strictEqual(JSON.stringify([config6, info6]), before)
  })
})

describe("what is shown", () => {
  it("lists what info lists, and on request all that may be called", () => {
    assert.deepStrictEqual(listed(table6).map(nameOf), ["/add", "/mixed", "/properties"])
    assert.deepStrictEqual(callable(table6).map(nameOf), [
      "/add",
      "/mixed",
      "/hidden",
      "/properties",
      "/inrender",
      "/apply"
    ])
    assert.deepStrictEqual(listed(table3).map(nameOf), ["/counter", "2"])
    assert.deepStrictEqual(Object.keys(toApiInfo(table6, { hidden: true }).named), callable(table6).map(nameOf))
  })
})

describe("how an endpoint is shown", () => {
  it.each<readonly [string | number, string]>([
    ["/counter", "/counter"],
    ["counter", "/counter"],
    [0, "/counter"],
    [2, "#2"],
    [99, "#99"],
    ["nothing", "/nothing"]
  ])("%s is %s", (asked, shown) => {
    assert.strictEqual(shownAsked(table3, asked), shown)
    const found = findEndpoint(table3, asked)
    if (Result.isSuccess(found)) assert.strictEqual(shownName(found.success), shown)
  })
})

describe("findEndpoint", () => {
  const available = ["/add", "/mixed", "/properties"]
  const found = (asked: string | number) => Result.map(findEndpoint(table6, asked), (e) => e.fnIndex)

  it.each([
    ["/add", 3],
    ["add", 3],
    ["//add", 3],
    [3, 3],
    ["hidden", 7],
    ["/apply", 12],
    [11, 11]
  ])("%s is function %i", (asked, fnIndex) => {
    assert.deepStrictEqual(found(asked), Result.succeed(fnIndex))
  })

  it("has the parameters of the named endpoint when asked by number", () => {
    assert.deepStrictEqual(findEndpoint(table6, 3), findEndpoint(table6, "/add"))
  })

  it.each([
    ["/secret", "private", []],
    [8, "private", []],
    ["/unnamed", "private", []],
    ["/unnamed_1", "no-backend", []],
    [6, "no-backend", []],
    ["/ad", "unknown", ["/add"]],
    ["Mixd", "unknown", ["/mixed"]],
    ["propertes", "unknown", ["/properties"]],
    ["/something quite different", "unknown", []],
    ["", "unknown", []],
    ["__proto__", "unknown", []],
    [0, "unknown", []],
    [-1, "unknown", []],
    [Number.NaN, "unknown", []]
  ] as const)("%s is refused: %s", (asked, reason, nearest) => {
    assert.deepStrictEqual(found(asked), Result.fail({ reason, available, nearest }))
  })

  it("takes the exact name before one that differs by its slash, and a callable one before a private one", () => {
    const table = tableOf({
      version: "6.31.0",
      components: [],
      dependencies: [
        { id: 1, api_name: "a" },
        { id: 2, api_name: "/a" },
        { id: 3, api_name: "b", api_visibility: "private" },
        { id: 4, api_name: "b" }
      ]
    })
    const ids = ["/a", "//a", "b"].map((asked) => Result.getOrThrow(findEndpoint(table, asked)).fnIndex)
    assert.deepStrictEqual(ids, [1, 2, 4])
  })
})
