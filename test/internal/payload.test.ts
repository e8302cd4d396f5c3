import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"

import type { ParameterInfo } from "../../src/ApiInfo.ts"
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
      buildPayload(Result.getOrThrow(findEndpoint(tableOf(config3, info3), "counter")), { parameter_1: "a" }),
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
