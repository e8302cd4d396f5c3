import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Data, Effect, Option, Result, Schema } from "effect"

import type { ParameterInfo } from "../../src/ApiInfo.ts"
import * as GradioFile from "../../src/GradioFile.ts"
import * as Input from "../../src/Input.ts"
import { findEndpoint, type InputSlot, type OutputSlot } from "../../src/internal/endpoints.ts"
import { buildPayload, readOutputs } from "../../src/internal/payload.ts"
import { setUnsafe } from "../../src/internal/record.ts"
import { config3, config6, info3, info6, tableOf } from "./samples.ts"

const table6 = tableOf(config6, info6)
const endpoint = (name: string) => Result.getOrThrow(findEndpoint(table6, name))
const add = endpoint("/add")
const mixed = endpoint("/mixed")
const properties = endpoint("/properties")

describe("buildPayload", () => {
  it.each<[string, Input.Input]>([
    ["by position", [1, "add", 5]],
    ["by name", { num2: 5, operation: "add", num1: 1 }],
    ["both ways", Input.make([1], { num2: 5, operation: "add" })],
    ["with the default of a parameter in the middle", Input.make([1], { num2: 5 })],
    ["with undefined for the default", [1, undefined, 5]],
    ["with undefined by position and the value by name", Input.make([1, undefined], { operation: "add", num2: 5 })],
    ["with undefined by name beside the value by position", Input.make([1, "add", 5], { num1: undefined })],
    ["with undefined too many", [1, "add", 5, undefined]],
    ["with undefined for a name that is not there", { num1: 1, num2: 5, other: undefined }]
  ])("binds arguments given %s", (_, input) => {
    assert.deepStrictEqual(buildPayload(add, input), Result.succeed([1, "add", 5]))
  })

  it("takes null for a value", () => {
    assert.deepStrictEqual(buildPayload(add, [1, null, null]), Result.succeed([1, null, null]))
    assert.deepStrictEqual(buildPayload(add, { num1: null, operation: null }), Result.succeed([null, null, 4]))
  })

  it("fills skipped slots", () => {
    assert.deepStrictEqual(buildPayload(mixed, ["a", 2]), Result.succeed(["press", "a", null, 2]))
    assert.deepStrictEqual(
      buildPayload(Result.getOrThrow(findEndpoint(tableOf(config3, info3), "counter")), { text: "a" }),
      Result.succeed(["a", null])
    )
  })

  it("puts a value among its component's properties where the server wants them", () => {
    const slider = { label: "size", value: 9, minimum: 0, maximum: 10, name: "slider" }
    assert.deepStrictEqual(
      buildPayload(properties, { plain: "p", size: 9 }),
      Result.succeed(["p", null, slider, { value: "press", name: "button" }])
    )
    assert.deepStrictEqual(
      buildPayload(properties, ["p", null]),
      Result.succeed(["p", null, { ...slider, value: null }, { value: "press", name: "button" }])
    )
    assert.strictEqual(properties.inputs[2]?.wrapProps?.["value"], 4)
  })

  it("keeps every property of the component, whatever it is called", () => {
    const props = JSON.parse(`{"__proto__":{"a":1},"constructor":2}`)
    const inputs = properties.inputs.map((slot, index) => (index === 2 ? { ...slot, wrapProps: props } : slot))
    const data = Result.getOrThrow(buildPayload({ ...properties, inputs }, ["p", 9]))
    assert.strictEqual(JSON.stringify(data[2]), `{"__proto__":{"a":1},"constructor":2,"value":9}`)
  })

  it("reports all problems at once, with name, type and component", () => {
    assert.deepStrictEqual(
      buildPayload(add, Input.make([undefined, "add", 5, 6], { operation: "sub", num_2: 1, "quite different": 2 })),
      Result.fail([
        {
          parameter: "3",
          problem: `4 values were given by position, but the endpoint takes 3: "num1" (float, Number), "operation" (str, Radio), "num2" (float, Slider)`
        },
        {
          parameter: "operation",
          problem: `"operation" (str, Radio) was given twice: as value 2 by position, and by name`
        },
        { parameter: "num_2", problem: `there is no parameter "num_2"; did you mean "num2" (float, Slider)?` },
        {
          parameter: "quite different",
          problem: `there is no parameter "quite different"; the endpoint takes "num1" (float, Number), "operation" (str, Radio), "num2" (float, Slider)`
        },
        { parameter: "num1", problem: `"num1" (float, Number) was not given` }
      ])
    )
  })

  it("names each parameter that is missing", () => {
    assert.deepStrictEqual(
      buildPayload(mixed, []),
      Result.fail([
        { parameter: "word", problem: `"word" (str, Textbox) was not given` },
        { parameter: "size", problem: `"size" (float, Slider) was not given` }
      ])
    )
  })

  it("says so when an endpoint takes nothing", () => {
    const nothing = { parameters: [], inputs: [] }
    assert.deepStrictEqual(buildPayload(nothing, {}), Result.succeed([]))
    assert.deepStrictEqual(
      buildPayload(nothing, [1]),
      Result.fail([
        { parameter: "0", problem: "1 values were given by position, but the endpoint takes 0: no parameters" }
      ])
    )
  })

  it("does not take inherited members for arguments", () => {
    const named = JSON.parse(`{"word":"a","size":1,"__proto__":"x","constructor":"y"}`)
    assert.deepStrictEqual(
      Result.getOrThrow(Result.flip(buildPayload(mixed, named))).map((problem) => problem.parameter),
      ["__proto__", "constructor"]
    )
  })
})

describe("an input", () => {
  const noInput = {
    parameter: "input",
    problem: "the input is a list of values or an object by parameter name; put a single value into a list: [value]"
  }

  it.each<readonly [string, unknown]>([
    ["a file", GradioFile.fromBytes(new Uint8Array(1), { name: "a" })],
    ["a Blob", new Blob(["a"])],
    ["bytes", new Uint8Array(1)],
    ["an ArrayBuffer", new ArrayBuffer(1)],
    ["a string", "word"],
    ["a number", 1],
    ["null", null],
    ["a function", () => 1],
    ["a Map", new Map()],
    ["a Date", new Date(0)],
    ["an Effect", Effect.succeed([1])],
    ["an Option", Option.some([1])],
    ["a RegExp", /a/],
    ["an Error", new Error("no")],
    ["a promise", Promise.resolve([1])],
    ["a list that is none", Object.assign(Input.make([], {}), { positional: "word" })],
    ["names that are none", Input.make([], new Uint8Array(1))]
  ])("that is %s is refused", (_, input) => {
    // As a program in JavaScript would call it.
    assert.deepStrictEqual(Reflect.apply(buildPayload, undefined, [mixed, input]), Result.fail([noInput]))
  })

  it("may be an interface or an instance of a class", () => {
    interface Words {
      readonly word: string
      readonly size: number
    }
    class Decoded extends Schema.Class<Decoded>("Decoded")({ word: Schema.String, size: Schema.Number }) {}
    class Made extends Data.Class<Words> {}
    const words: Words = { word: "a", size: 2 }
    for (const input of [words, Decoded.make(words), new Made(words), Object.assign(Object.create(null), words)]) {
      assert.deepStrictEqual(buildPayload(mixed, input), Result.succeed(["press", "a", null, 2]))
    }
    assert.deepStrictEqual(
      buildPayload(mixed, Input.make(["a"], new Made({ ...words, word: "b" }))),
      Result.fail([
        { parameter: "word", problem: `"word" (str, Textbox) was given twice: as value 1 by position, and by name` }
      ])
    )
  })

  it("with a getter that throws is refused", () => {
    const input = {
      get word(): string {
        throw new Error("no")
      },
      size: 1
    }
    assert.deepStrictEqual(
      Result.getOrThrow(Result.flip(buildPayload(mixed, input)))[0]?.problem,
      `"word" cannot be read: its getter throws`
    )
  })

  it("takes no text for a file where the app describes one as Gradio 4 and later do", () => {
    const fileData = { properties: { path: { type: "string" }, meta: {} }, title: "FileData", type: "object" }
    const takes = (type: unknown, hasDefault = false) => ({
      parameters: [
        {
          name: "value",
          label: "",
          component: "File",
          type,
          pythonType: "filepath",
          description: "",
          hasDefault,
          default: "given/by/the.app",
          example: undefined
        }
      ],
      inputs: [
        {
          componentId: 1,
          componentType: "file",
          skipped: false,
          parameter: undefined,
          filler: null,
          wrapProps: undefined
        }
      ]
    })
    const one = `"value" (filepath, File) takes a file; make one with GradioFile.fromPath or fromUrl`
    const many = `"value" (filepath, File) takes files; make them with GradioFile.fromPath or fromUrl`
    const list = { type: "array", items: fileData }
    const listOfDefs = { type: "array", items: { $ref: "#/$defs/FileData" }, $defs: { FileData: fileData } }
    const oneOf = { oneOf: [{ type: "string" }, { properties: { name: {}, data: {} } }] }
    for (const [type, value, problem] of [
      [fileData, "a.png", one],
      [list, ["a.png"], many],
      [list, "a.png", many],
      [listOfDefs, [null, "a.png"], many],
      [fileData, { path: "a.png", meta: { _type: "gradio.FileData" } }, undefined],
      [fileData, null, undefined],
      [list, [{ path: "a.png" }], undefined],
      [oneOf, "a.png", undefined],
      [{ type: "string" }, "a.png", undefined],
      [undefined, "a.png", undefined]
    ] as const) {
      for (const input of [[value], { value }]) {
        assert.deepStrictEqual(
          buildPayload(takes(type), input),
          problem === undefined ? Result.succeed([value]) : Result.fail([{ parameter: "value", problem }])
        )
      }
    }
    assert.deepStrictEqual(buildPayload(takes(fileData, true), []), Result.succeed(["given/by/the.app"]))
  })
})

// ---------------------------------------------------------------------------------------------------------------- laws

const names = ["a", "b_2", "__proto__", "constructor", "toString", "Größe", "value", "0"]

interface Case {
  readonly parameters: ReadonlyArray<ParameterInfo>
  readonly inputs: ReadonlyArray<InputSlot>
  readonly values: ReadonlyArray<unknown>
  /** How many of the values are given by position in the mixed form. */
  readonly split: number
}

const Slot = Schema.Struct({
  skipped: Schema.Boolean,
  wrapped: Schema.Boolean,
  hasDefault: Schema.Boolean,
  value: Schema.Json,
  filler: Schema.Json
})

const cases = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(Arbitrary.schema(Slot), { maxLength: names.length }),
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 })))
  ]),
  ([slots, split]): Case => {
    const inputs = slots.map((slot, index): InputSlot => ({
      componentId: index,
      componentType: "textbox",
      skipped: slot.skipped,
      parameter: slot.skipped
        ? undefined
        : {
            name: names[index] ?? "",
            label: "",
            component: "Textbox",
            type: {},
            pythonType: "str",
            description: "",
            hasDefault: slot.hasDefault,
            default: "the default",
            example: undefined
          },
      filler: slot.filler,
      wrapProps: slot.wrapped ? { label: "l", value: "initial" } : undefined
    }))
    return {
      inputs,
      parameters: inputs.flatMap((slot) => slot.parameter ?? []),
      values: slots.filter((slot) => !slot.skipped).map((slot) => slot.value),
      split: Math.min(split, slots.filter((slot) => !slot.skipped).length)
    }
  }
)

const byName = (parameters: ReadonlyArray<ParameterInfo>, values: ReadonlyArray<unknown>): Input.NamedInput => {
  const named = {}
  for (const [index, { name }] of [...parameters.entries()].reverse()) setUnsafe(named, name, values[index])
  return named
}

const runs = { arbitrary: { runs: 1000 } }

describe("laws of payloads", () => {
  it.prop(
    "arguments give the same payload by position, by name and mixed",
    [cases],
    ([{ parameters, inputs, values, split }]) => {
      const one = buildPayload({ parameters, inputs }, values)
      assert.isTrue(Result.isSuccess(one))
      assert.deepStrictEqual(buildPayload({ parameters, inputs }, byName(parameters, values)), one)
      const rest = byName(parameters.slice(split), values.slice(split))
      assert.deepStrictEqual(buildPayload({ parameters, inputs }, Input.make(values.slice(0, split), rest)), one)
    },
    runs
  )

  it.prop(
    "every value arrives in the slot of its parameter, and every other slot holds its filler",
    [cases],
    ([{ parameters, inputs, values }]) => {
      const data = Result.getOrThrow(buildPayload({ parameters, inputs }, values))
      const left = [...values]
      assert.strictEqual(data.length, inputs.length)
      for (const [index, slot] of inputs.entries()) {
        const expected = slot.skipped ? slot.filler : left.shift()
        if (slot.wrapProps === undefined) assert.strictEqual(data[index], expected)
        else assert.deepStrictEqual(data[index], { label: "l", value: expected })
      }
    },
    runs
  )

  it.prop(
    "what is not given is the default or a problem, one for each",
    [cases],
    ([{ parameters, inputs, values, split }]) => {
      const built = buildPayload({ parameters, inputs }, values.slice(0, split))
      const missing = parameters.slice(split).filter((parameter) => !parameter.hasDefault)
      if (missing.length > 0) {
        assert.deepStrictEqual(
          Result.getOrThrow(Result.flip(built)).map((p) => p.parameter),
          missing.map((p) => p.name)
        )
      } else {
        const data = Result.getOrThrow(built).filter((_, index) => inputs[index]?.skipped === false)
        assert.strictEqual(data.length, parameters.length)
      }
    },
    runs
  )

  it.prop(
    "nothing that was given is changed",
    [cases],
    ([{ parameters, inputs, values, split }]) => {
      const given = Input.make(values.slice(0, split), byName(parameters.slice(split), values.slice(split)))
      const before = JSON.stringify([parameters, inputs, values, given])
      const data = Result.getOrThrow(buildPayload({ parameters, inputs }, given))
      assert.notStrictEqual<unknown>(data, given.positional)
      assert.strictEqual(JSON.stringify([parameters, inputs, values, given]), before)
    },
    runs
  )

  it.prop(
    "outputs are the data without the skipped slots, in order",
    [cases, Arbitrary.array(Arbitrary.schema(Schema.Json), { maxLength: 10 })],
    ([{ inputs }, data]) => {
      const outputs = inputs.map((slot): OutputSlot => ({
        componentId: slot.componentId,
        componentType: "x",
        label: "",
        skipped: slot.skipped
      }))
      const read = readOutputs({ outputs }, data)
      let next = 0
      for (const [index, value] of data.entries())
        if (outputs[index]?.skipped !== true) assert.strictEqual(read[next++], value)
      assert.strictEqual(read.length, next)
    },
    runs
  )

  it.prop(
    "what a payload put into skipped slots does not come back as an output",
    [cases],
    ([{ parameters, inputs, values }]) => {
      const plain = inputs.map((slot) => ({ ...slot, wrapProps: undefined }))
      const data = Result.getOrThrow(buildPayload({ parameters, inputs: plain }, values))
      const outputs = inputs.map((slot): OutputSlot => ({
        componentId: slot.componentId,
        componentType: "x",
        label: "",
        skipped: slot.skipped
      }))
      assert.deepStrictEqual(readOutputs({ outputs }, data), values)
    },
    runs
  )
})

describe("readOutputs", () => {
  it("drops the slots that are no results, and nothing that a server adds", () => {
    assert.deepStrictEqual(readOutputs(mixed, [null, "out", "press", 3]), ["out", 3])
    assert.deepStrictEqual(readOutputs(mixed, [null, "out", "press", 3, "more"]), ["out", 3, "more"])
    assert.deepStrictEqual(readOutputs(mixed, [null]), [])
  })
})
