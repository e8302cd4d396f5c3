import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"

import { AppDescription, Contract, Module } from "../../src/codegen/index.ts"
import { takesNull } from "../../src/codegen/schemaCode.ts"
import { Component } from "../../src/index.ts"
import { byName } from "../components/schemas.ts"

interface Given {
  readonly type: string
  readonly props?: object
  readonly schema?: unknown
  readonly name?: string
  readonly default?: unknown
}

/** An app with one function of these parameters and one output. */
const contractOf = (parameters: ReadonlyArray<Given>, version = "6.31.0", options: Contract.Options = {}) => {
  const description = {
    config: {
      version,
      title: "Demo",
      components: [
        ...parameters.map(({ props, schema, type }, index) => ({
          id: index + 1,
          type,
          props: { label: `Label ${index + 1}`, ...props },
          skip_api: type === "state",
          api_info: schema ?? {}
        })),
        { id: 0, type: "textbox", props: { label: "out" }, skip_api: false }
      ],
      dependencies: [
        {
          id: 0,
          inputs: parameters.map((_, index) => index + 1),
          outputs: [0],
          api_name: "run",
          api_description: "Runs."
        }
      ]
    },
    info: {
      named_endpoints: {
        "/run": {
          description: "Runs.",
          parameters: parameters.flatMap((one, index) =>
            one.type === "state"
              ? []
              : [
                  {
                    label: `Label ${index + 1}`,
                    parameter_name: one.name ?? `p${index + 1}`,
                    parameter_has_default: Object.hasOwn(one, "default"),
                    parameter_default: one.default ?? null,
                    type: one.schema ?? {},
                    component: one.type
                  }
                ]
          ),
          returns: [{ label: "out", type: { type: "string" }, component: "Textbox" }]
        }
      }
    }
  }
  return Contract.make(Result.getOrThrow(AppDescription.fromJson(JSON.stringify(description))), options)
}

/** The declaration of the endpoint, without the rest of the module. */
const moduleOf = (parameters: ReadonlyArray<Given>, version?: string) =>
  Effect.map(Module.generate(contractOf(parameters, version)), (text) => {
    const start = text.indexOf("/**", 5)
    return text.slice(start, text.indexOf("\n})\n", start) + 4)
  })

describe("Module.generate", () => {
  it.effect("writes what the configuration says of components", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* moduleOf([
          { type: "textbox", name: "prompt", props: { label: "Prompt", info: "What to draw" } },
          { type: "state" },
          { type: "slider", name: "steps", props: { minimum: 1, maximum: 50, step: 0.5 }, default: 20 },
          { type: "number", name: "seed", props: { minimum: 0, precision: 0 } },
          {
            type: "radio",
            name: "style",
            props: {
              choices: [
                ["Oil", "oil"],
                ['It\'s "ink"', 'it\'s "ink"'],
                ["Two", 2]
              ]
            }
          },
          { type: "dropdown", name: "model", props: { choices: ["a", "b"], allow_custom_value: true }, default: "a" },
          { type: "dropdown", name: "tags", props: { choices: ["x"], multiselect: true }, default: null },
          { type: "file", name: "files", props: { file_count: "multiple", file_types: [".csv", "image"] } },
          { type: "gallery", name: "pictures", props: { file_types: ["image"] } },
          { type: "multimodaltextbox", name: "message", props: { file_types: [".txt"] } },
          { type: "gallery", name: "any", props: { file_types: null } },
          { type: "datetime", name: "when", props: { timezone: "Europe/Berlin", include_time: false } },
          { type: "datetime", name: "somewhere", props: { timezone: "Nowhere/Land" } },
          { type: "slider", name: "odd", props: { minimum: 0, maximum: 1 }, default: null }
        ]),
        `/** Runs. Gives \`out\`. */
export const run = Endpoint.make("/run", {
  input: Schema.Struct({
    /** Label 1. What to draw. */
    prompt: Component.Textbox.input,
    /** Label 3. From 1 to 50, in steps of 0.5. Default: 20. */
    steps: Schema.optional(Component.slider({ minimum: 1, maximum: 50 })),
    /** Label 4. At least 0. A whole number. */
    seed: Component.number({ minimum: 0 }),
    /** Label 5. */
    style: Component.choice(["oil", 'it\\'s "ink"', 2]),
    /** Label 6. Default: "a". */
    model: Schema.optional(Component.suggestion(["a", "b"])),
    /** Label 7. */
    tags: Schema.optional(Schema.NullOr(Component.choices(["x"]))),
    /** Label 8. Of type \`.csv\`, \`image\`. */
    files: Component.files({ types: [".csv", "image"] }),
    /** Label 9. Of type \`image\`. */
    pictures: Component.gallery({ types: ["image"] }),
    /** Label 10. Of type \`.txt\`. */
    message: Component.multimodal({ types: [".txt"] }),
    /** Label 11. */
    any: Component.Gallery.input,
    /** Label 12. In the time zone Europe/Berlin. */
    when: Component.dateTime({ timeZone: "Europe/Berlin", includeTime: false }),
    /** Label 13. In the time zone Nowhere/Land. */
    somewhere: Component.dateTime({ timeZone: "Nowhere/Land" }),
    /** Label 14. From 0 to 1. */
    odd: Schema.optional(Schema.NullOr(Component.slider({ minimum: 0, maximum: 1 })))
  }),
  output: Schema.Tuple([Component.Textbox.output])
})
`
      )
    })
  )

  it.effect("is no stricter than the server of the app", () =>
    Effect.gen(function* () {
      assert.include(
        yield* moduleOf(
          [
            { type: "slider", name: "steps", props: { minimum: 1, maximum: 50 } },
            { type: "radio", name: "style", props: { choices: ["oil", "ink"] } },
            { type: "file", name: "file", props: { file_types: [".csv"] } }
          ],
          "4.44.1"
        ),
        `    /** Label 1. From 1 to 50. */
    steps: Component.Slider.input,
    /** Label 2. */
    style: Component.suggestion(["oil", "ink"]),
    /** Label 3. Of type \`.csv\`. */
    file: Component.File.input
`
      )
    })
  )

  it.effect("writes the types of functions without components, and says why a value may be any", () =>
    Effect.gen(function* () {
      const file = { type: "object", properties: { path: { type: "string" }, meta: { $ref: "#/$defs/Meta" } } }
      assert.include(
        yield* moduleOf([
          { type: "api", name: "count", schema: { type: "integer" }, default: 2 },
          {
            type: "api",
            name: "words",
            schema: { oneOf: [{ type: "null" }, { type: "array", items: { type: "string" } }] }
          },
          { type: "api", name: "mode", schema: { enum: ["fast", "slow", null] } },
          {
            type: "api",
            name: "place",
            schema: {
              $ref: "#/$defs/P",
              $defs: {
                P: { type: "object", properties: { x: { type: "number" }, "y z": { type: "string" } }, required: ["x"] }
              }
            }
          },
          {
            type: "api",
            name: "open",
            schema: {
              type: "object",
              properties: { x: { type: "number" } },
              required: ["x"],
              additionalProperties: true
            }
          },
          {
            type: "api",
            name: "closed",
            schema: { type: "object", properties: { x: { type: "number" } }, additionalProperties: false }
          },
          { type: "api", name: "table", schema: { type: "object", additionalProperties: { type: "number" } } },
          { type: "api", name: "file", schema: file },
          { type: "api", name: "tree", schema: { type: "array", items: { $ref: "#" } } },
          { type: "pdf_viewer", name: "pdf" }
        ]),
        `    /** Label 1. Default: 2. */
    count: Schema.optional(Schema.Int),
    /** Label 2. */
    words: Schema.NullOr(Schema.Array(Schema.String)),
    /** Label 3. */
    mode: Schema.NullOr(Schema.Literals(["fast", "slow"])),
    /** Label 4. */
    place: Schema.StructWithRest(Schema.Struct({ x: Schema.Finite, "y z": Schema.optional(Schema.String) }), [
      Schema.Record(Schema.String, Schema.Unknown)
    ]),
    /** Label 5. */
    open: Schema.StructWithRest(Schema.Struct({ x: Schema.Finite }), [Schema.Record(Schema.String, Schema.Unknown)]),
    /** Label 6. */
    closed: Schema.Struct({ x: Schema.optional(Schema.Finite) }),
    /** Label 7. */
    table: Schema.Record(Schema.String, Schema.Finite),
    /** Label 8. */
    file: Component.File.input,
    /** Label 9. Any value: its type contains itself. */
    tree: Schema.Array(Schema.Unknown),
    /** Label 10. Any value: its app says nothing about its type. */
    pdf: Schema.Unknown
`
      )
    })
  )

  it.effect("takes values by position where names cannot tell them apart", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* moduleOf([
          { type: "textbox", name: "__proto__" },
          { type: "number", name: "n", default: 1 },
          { type: "textbox", name: "text" },
          { type: "number", name: "m", default: 2 }
        ]),
        `/** Runs. Gives \`out\`. Takes its values by position: "__proto__", "n", "text", "m". */
export const run = Endpoint.make("/run", {
  input: Schema.Tuple([
    Component.Textbox.input,
    Schema.UndefinedOr(Component.Number.input),
    Component.Textbox.input,
    Schema.optional(Component.Number.input)
  ]),
  output: Schema.Tuple([Component.Textbox.output])
})
`
      )
    })
  )

  it.effect("knows which schemas take nothing", () =>
    Effect.gen(function* () {
      // The functions that refine them are there too.
      const components = Object.entries(byName).filter(([name]) => /^[A-Z]/.test(name) && name !== "CheckChoices")
      assert.isAbove(components.length, 30)
      const chosen = ["CheckboxGroup", "MultiselectDropdown"]
      const types: ReadonlyArray<readonly [Contract.ValueType, Schema.Codec<unknown, unknown>]> = [
        ...components.map(([name, { input }]) => [{ kind: "component", name }, input] as const),
        ...chosen.flatMap((name) => [
          [{ kind: "choices", name, choices: ["a"], custom: false }, Component.choices(["a"])] as const,
          [{ kind: "choices", name, choices: ["a"], custom: true }, Component.suggestions(["a"])] as const
        ]),
        [{ kind: "choice", name: "Radio", choices: ["a"], custom: false }, Component.choice(["a"])],
        [{ kind: "number", name: "Number", minimum: 0 }, Component.number({ minimum: 0 })],
        [{ kind: "number", name: "Slider", minimum: 0 }, Component.slider({ minimum: 0 })],
        [{ kind: "files", name: "Gallery", types: ["image"] }, Component.gallery({ types: ["image"] })]
      ]
      for (const [type, schema] of types) {
        const isTaken = Result.isSuccess(yield* Effect.result(Schema.encodeUnknownEffect(schema)(null)))
        assert.strictEqual(takesNull(type), isTaken, JSON.stringify(type))
      }
    })
  )

  it.effect("lets any component have no value, and a type of Python as it says", () =>
    Effect.gen(function* () {
      const contract = contractOf([{ type: "pdf", schema: { type: "string" } }])
      const type = { kind: "schema", schema: { type: "string" } } as const
      const file = { kind: "schema", schema: { type: "object", properties: { path: {}, meta: {} } } } as const
      const output = (component: string, type: Contract.ValueType) => ({ label: "", component, type })
      const outputs = [output("pdf", type), output("pdf", file), output("api", type)]
      const text = yield* Module.generate({
        ...contract,
        endpoints: contract.endpoints.map((endpoint) => ({ ...endpoint, outputs }))
      })
      assert.include(text, "    p1: Schema.NullOr(Schema.String)\n")
      assert.include(text, "output: Schema.Tuple([Schema.NullOr(Schema.String), Component.File.output, Schema.String])")
    })
  )

  it.effect("takes no name that its own text means something by", () =>
    Effect.gen(function* () {
      const text = yield* Module.generate({ ...contractOf([]), title: "U R L" })
      assert.include(text, 'export class URL2 extends Context.Service<URL2, App.App<typeof endpoints>>()("URL2") {')
      assert.include(text, "static readonly layer = (source: string | URL,")
    })
  )
})

describe("Module.read", () => {
  it.effect("finds the contract in the text, whatever the line ends, and says where there is none", () =>
    Effect.gen(function* () {
      const contract = contractOf([{ type: "textbox", name: "*/", props: { label: "\u2028*/ `${" } }])
      const text = yield* Module.generate(contract)
      assert.deepStrictEqual(Module.read(text), Result.succeed(contract))
      assert.deepStrictEqual(Module.read(text.replaceAll("\n", "\r\n")), Result.succeed(contract))
      assert.include(text, yield* Module.hash(contract))
      assert.isTrue(Result.isFailure(Module.read("export const x = 1\n")))
      const cut = Module.read(text.replace('{"name":"/run"', ""))
      assert.deepStrictEqual(
        cut,
        Result.fail(
          "the contract in the module was edited by hand after it was made, and is no JSON any more; generate it anew"
        )
      )
    })
  )
})

describe("Module.verify", () => {
  it.effect("refuses a contract that is not that of the head of the module", () =>
    Effect.gen(function* () {
      const contract = contractOf([{ type: "textbox", name: "a" }])
      const [run] = contract.endpoints
      assert(run !== undefined)
      const two = { ...contract, endpoints: [run, { ...run, name: "/other" }] }
      const text = yield* Module.generate(two)
      assert.deepStrictEqual(yield* Module.verify(text), two)
      assert.deepStrictEqual(yield* Module.verify(text.replaceAll("\n", "\r\n")), two)
      // The order in which a program has the members of a contract is no part of it.
      const { endpoints, ...header } = two
      assert.strictEqual(yield* Module.generate({ endpoints, ...header }), text)
      const line = text.split("\n").find((one) => one.startsWith('// {"name":"/run"'))
      const edits = [
        text.replace(`${line}\n`, ""),
        text.replace('"name":"a"', '"name":"b"'),
        text.replace(/ \* sha256: .*\n/, ""),
        text.replace(/sha256: ./, "sha256: x")
      ]
      for (const edit of edits) {
        assert.isTrue(Result.isSuccess(Module.read(edit)))
        assert.strictEqual(
          yield* Effect.flip(Module.verify(edit)),
          "the contract in the module was edited by hand after it was made, and has another SHA-256 than its head says; generate it anew"
        )
      }
      assert.strictEqual(
        yield* Effect.flip(Module.verify("export const x = 1\n")),
        "this is no module that effect-gradio generated: it has no contract in it"
      )
    })
  )
})
