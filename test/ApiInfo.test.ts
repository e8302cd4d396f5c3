import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"

import * as ApiInfo from "../src/ApiInfo.ts"
import { listed } from "../src/internal/endpoints.ts"
import { config3, config6, info3, info6, tableOf } from "./internal/samples.ts"

const endpoint = (name: string | undefined, fnIndex = 0): ApiInfo.EndpointInfo => ({
  name,
  fnIndex,
  visibility: "public",
  description: "",
  generator: false,
  queue: true,
  actsForUser: undefined,
  parameters: [],
  returns: []
})

describe("decodeWireInfo", () => {
  it("gives back everything that Gradio 3 and 6 send", () => {
    assert.deepStrictEqual<unknown>(ApiInfo.decodeWireInfo(info3), Result.succeed(info3))
    assert.deepStrictEqual<unknown>(ApiInfo.decodeWireInfo(info6), Result.succeed(info6))
  })

  it("takes an answer without lists, and endpoints with any name", () => {
    const sent = JSON.parse(`{"named_endpoints":{"__proto__":{"parameters":null},"constructor":{}}}`)
    assert.strictEqual(JSON.stringify(Result.getOrThrow(ApiInfo.decodeWireInfo(sent))), JSON.stringify(sent))
    assert.deepStrictEqual<unknown>(ApiInfo.decodeWireInfo({}), Result.succeed({}))
  })

  it("refuses other shapes without throwing", () => {
    for (const u of [
      null,
      [],
      "x",
      { named_endpoints: [] },
      { named_endpoints: { "/a": { parameters: [{ label: 1 }] } } }
    ]) {
      assert.isTrue(Result.isFailure(ApiInfo.decodeWireInfo(u)))
    }
  })
})

describe("make", () => {
  it("sorts endpoints by whether they have a name", () => {
    const api = ApiInfo.make([endpoint("/a", 1), endpoint(undefined, 2), endpoint("/b", 3)])
    assert.deepStrictEqual(Object.entries(api.named), [
      ["/a", endpoint("/a", 1)],
      ["/b", endpoint("/b", 3)]
    ])
    assert.deepStrictEqual(Object.entries(api.unnamed), [["2", endpoint(undefined, 2)]])
  })

  it("loses no name and finds none that is not there", () => {
    const names = ["__proto__", "constructor", "toString", "/__proto__"]
    const { named, unnamed } = ApiInfo.make(names.map((name) => endpoint(name)))
    assert.deepStrictEqual(Object.keys(named), names)
    for (const name of names) assert.deepStrictEqual(named[name], endpoint(name))
    assert.isUndefined(named["hasOwnProperty"])
    assert.isUndefined(unnamed["__proto__"])
  })

  it("keeps the first of two endpoints with the same name", () => {
    assert.strictEqual(ApiInfo.make([endpoint("/a", 1), endpoint("/a", 2)]).named["/a"]?.fnIndex, 1)
  })

  it("shows the public fields of an endpoint and nothing internal", () => {
    const { named } = ApiInfo.make(listed(tableOf(config6, info6)))
    assert.deepStrictEqual(named["/add"], {
      name: "/add",
      fnIndex: 3,
      visibility: "public",
      description: "Adds two numbers.",
      generator: false,
      queue: true,
      actsForUser: "optional",
      parameters: [
        {
          name: "num1",
          label: "NUM1",
          component: "Number",
          type: { type: "string" },
          pythonType: "float",
          description: "",
          hasDefault: false,
          default: undefined,
          example: "Hello!!"
        },
        {
          name: "operation",
          label: "OPERATION",
          component: "Radio",
          type: { type: "string" },
          pythonType: "str",
          description: "",
          hasDefault: true,
          default: "add",
          example: "Hello!!"
        },
        {
          name: "num2",
          label: "NUM2",
          component: "Slider",
          type: { type: "string" },
          pythonType: "float",
          description: "",
          hasDefault: true,
          default: 4,
          example: "Hello!!"
        }
      ],
      returns: [{ label: "sum", component: "Number", type: { type: "string" }, pythonType: "float", description: "" }]
    })
  })

  it("has the unnamed endpoints of Gradio 3 by their number", () => {
    const api = ApiInfo.make(listed(tableOf(config3, info3)))
    assert.deepStrictEqual(Object.keys(api.named), ["/counter"])
    assert.deepStrictEqual(Object.keys(api.unnamed), ["2"])
  })
})
