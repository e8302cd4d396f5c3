import { assert, describe, it } from "@effect/vitest"

import { type Change, compare, type Contract, verdictOf } from "../../src/codegen/index.ts"

const text = { kind: "component", name: "Textbox" } as const

const parameter = (name: string, type: Contract.ValueType = text, more: Partial<Contract.Parameter> = {}) => ({
  name,
  label: name,
  component: "any",
  type,
  required: true,
  ...more
})

const endpoint = (name: string | number, more: Partial<Contract.Endpoint> = {}): Contract.Endpoint => ({
  name,
  generator: false,
  parameters: [parameter("a")],
  outputs: [{ label: "out", component: "textbox", type: text }],
  ...more
})

const contract = (endpoints: ReadonlyArray<Contract.Endpoint>, more: Partial<Contract.Contract> = {}) => ({
  title: "",
  gradio: "6.31.0",
  unnamed: false,
  undocumented: false,
  endpoints,
  ...more
})

const said = (changes: ReadonlyArray<Change>) => changes.map(({ kind, verdict }) => `${kind} ${verdict}`)

/** What is said of a parameter that has one type and then another. */
const typeVerdict = (before: Contract.ValueType, now: Contract.ValueType) =>
  verdictOf(
    compare(
      contract([endpoint("/run", { parameters: [parameter("a", before)] })]),
      contract([endpoint("/run", { parameters: [parameter("a", now)] })])
    )
  )

const outputVerdict = (before: Contract.ValueType, now: Contract.ValueType) =>
  verdictOf(
    compare(
      contract([endpoint("/run", { outputs: [{ label: "out", component: "any", type: before }] })]),
      contract([endpoint("/run", { outputs: [{ label: "out", component: "any", type: now }] })])
    )
  )

const component = (name: string) => ({ kind: "component", name }) as const
const schema = (one: unknown) => ({ kind: "schema", schema: one }) as const
const choice = (choices: ReadonlyArray<string | number>, custom = false) =>
  ({ kind: "choice", name: "Dropdown", choices, custom }) as const
const number = (minimum?: number, maximum?: number, open?: boolean): Contract.ValueType => ({
  kind: "number",
  name: "Slider",
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
  ...(open === undefined ? {} : { open })
})
const file = (types?: ReadonlyArray<string>): Contract.ValueType => ({
  kind: "file",
  name: "File",
  ...(types === undefined ? {} : { types })
})
const rounded = (precision: number): Contract.ValueType => ({ kind: "number", name: "Number", precision })
const files = { kind: "files", name: "Files" } as const
const gallery = (types?: ReadonlyArray<string>): Contract.ValueType => ({
  kind: "files",
  name: "Gallery",
  ...(types === undefined ? {} : { types })
})
const dateTime = (timeZone: string) => ({ kind: "dateTime", name: "DateTime", time: true, timeZone }) as const

describe("compare", () => {
  it("finds nothing where nothing has changed", () => {
    const same = contract([endpoint("/run"), endpoint(3)])
    assert.deepStrictEqual(compare(same, contract(same.endpoints, { gradio: "6.32.0", title: "New" })), [])
    assert.strictEqual(verdictOf([]), "nothing")
  })

  it("tells a function whose number is another now from one that is gone", () => {
    const before = contract([endpoint(3), endpoint(4, { parameters: [] })], { unnamed: true })
    const now = contract([endpoint(3, { parameters: [parameter("n", number())] }), endpoint(5, { parameters: [] })], {
      unnamed: true
    })
    assert.deepStrictEqual(said(compare(before, now)), [
      "parameter-removed breaking",
      "parameter-added breaking",
      "endpoint-renamed breaking"
    ])
  })

  it("counts new endpoints where the module would have them", () => {
    const now = contract([endpoint("/a"), endpoint(1), endpoint("/hidden", { undocumented: true })])
    assert.deepStrictEqual(said(compare(contract([endpoint("/a")]), now)), [])
    assert.deepStrictEqual(said(compare(contract([endpoint("/a")], { unnamed: true, undocumented: true }), now)), [
      "endpoint-added compatible",
      "endpoint-added compatible"
    ])
  })

  it("tells what a function wants of its caller, and how it is called", () => {
    const change = (before: Partial<Contract.Endpoint>, now: Partial<Contract.Endpoint>) =>
      said(compare(contract([endpoint("/run", before)]), contract([endpoint("/run", now)])))
    assert.deepStrictEqual(change({}, { oauthToken: "required" }), ["endpoint-changed breaking"])
    assert.deepStrictEqual(change({ oauthToken: "optional" }, { oauthToken: "required" }), [
      "endpoint-changed breaking"
    ])
    assert.deepStrictEqual(change({}, { oauthToken: "optional" }), ["endpoint-changed compatible"])
    assert.deepStrictEqual(change({ oauthToken: "required" }, {}), ["endpoint-changed compatible"])
    assert.deepStrictEqual(change({ inputStream: true }, {}), ["endpoint-changed breaking"])
  })

  it("holds values by position where they are called so", () => {
    const change = (...names: ReadonlyArray<string>) =>
      said(
        compare(
          contract([endpoint("/run", { parameters: [parameter("x"), parameter("x")] })]),
          contract([endpoint("/run", { parameters: names.map((name) => parameter(name, text, { label: "x" })) })])
        )
      )
    assert.deepStrictEqual(change("x", "x"), [])
    assert.deepStrictEqual(change("a", "b"), [])
    assert.deepStrictEqual(change("x"), ["parameter-removed breaking"])
    assert.deepStrictEqual(change("x", "x", "x"), ["parameter-added breaking"])
  })

  it("knows which types take the values of which others", () => {
    const compatible: ReadonlyArray<readonly [Contract.ValueType, Contract.ValueType]> = [
      [component("Textbox"), component("Code")],
      [component("Textbox"), component("JSON")],
      [component("Textbox"), choice(["a"], true)],
      [choice(["a", "b"]), component("Textbox")],
      [choice(["a"]), choice(["a", "b"])],
      [choice([1, 2]), number()],
      [number(0, 5), number(0, 10)],
      [number(0, 10), number(0, 5, true)],
      [number(), schema({ type: "number" })],
      [component("Checkbox"), schema({ type: "boolean" })],
      [component("Image"), file()],
      [rounded(0), rounded(2)],
      [rounded(2), number()],
      [choice([1, 2]), rounded(0)],
      [schema({ type: "integer" }), rounded(0)],
      [file([".csv"]), file([".csv", ".txt"])],
      [file([".png"]), file(["image"])],
      [file([".PNG", ".jpg", "video"]), file(["video", "image"])],
      [file([".csv", "audio"]), file(["audio", ".CSV"])],
      [gallery(["image"]), gallery(["image", "video"])],
      [gallery(["image"]), gallery()],
      [schema({ type: "integer" }), schema({ type: "number" })],
      [schema({ type: "string" }), schema({ anyOf: [{ type: "null" }, { type: "string" }] })],
      [schema({ enum: ["a"] }), schema({ type: "string" })],
      [schema({ type: "array", items: { type: "integer" } }), schema({ type: "array", items: { type: "number" } })],
      [
        schema({ type: "object", properties: { a: { type: "string" } }, required: ["a"] }),
        schema({ type: "object", properties: { a: { type: "string" }, b: { type: "string" } } })
      ],
      [schema({ $ref: "#/$defs/A", $defs: { A: { type: "string" } } }), schema({ type: "string" })],
      [schema({ type: "string" }), schema({})]
    ]
    for (const [before, now] of compatible) {
      assert.strictEqual(typeVerdict(before, now), "compatible", JSON.stringify([before, now]))
      assert.strictEqual(outputVerdict(now, before), "compatible", JSON.stringify([now, before]))
    }
    const breaking: ReadonlyArray<readonly [Contract.ValueType, Contract.ValueType]> = [
      [component("Textbox"), number()],
      [component("Textbox"), choice(["a"])],
      [component("ImageEditor"), component("Dataframe")],
      [gallery(), gallery(["image"])],
      [gallery(), files],
      [files, gallery()],
      [choice(["a", "b"]), choice(["a"])],
      [choice(["a"], true), choice(["a"])],
      [number(0, 10), number(0, 5)],
      [number(), number(0, 5)],
      [number(), rounded(0)],
      [rounded(2), rounded(1)],
      [choice([1, 1.5]), rounded(0)],
      [choice([1, 20]), number(0, 10)],
      [schema({ type: "number" }), rounded(0)],
      [schema({ type: "integer" }), number(0, 10)],
      [file(), file([".csv"])],
      [file(["image"]), file([".png"])],
      [file([".png", ".csv"]), file(["image"])],
      // Another kind of file to Python than to the tables here.
      [file([".ts"]), file(["video"])],
      [file(), component("Image")],
      [file(), files],
      [files, file()],
      [dateTime("UTC"), dateTime("Europe/Berlin")],
      [schema({ type: "number" }), schema({ type: "integer" })],
      [schema({ anyOf: [{ type: "null" }, { type: "string" }] }), schema({ type: "string" })],
      [schema({}), schema({ type: "string" })],
      [
        schema({ type: "object", properties: { a: { type: "string" } } }),
        schema({ type: "object", properties: { a: { type: "string" } }, required: ["a"] })
      ]
    ]
    for (const [before, now] of breaking) {
      assert.strictEqual(typeVerdict(before, now), "breaking", JSON.stringify([before, now]))
    }
  })

  it("tells defaults and roundings with what they were and what they are", () => {
    const texts = (before: Partial<Contract.Parameter>, now: Partial<Contract.Parameter>) =>
      compare(
        contract([endpoint("/run", { parameters: [parameter("a", rounded(2), before)] })]),
        contract([endpoint("/run", { parameters: [parameter("a", rounded(2), now)] })])
      ).map(({ text, verdict }) => `${verdict}: ${text}`)
    assert.deepStrictEqual(texts({ required: false, default: "A" }, { required: false, default: "B" }), [
      'compatible: "a" has another default: "B" instead of "A".'
    ])
    assert.deepStrictEqual(texts({ required: false, default: null }, { required: false, default: 0 }), [
      'compatible: "a" has another default: 0 instead of null.'
    ])
    assert.deepStrictEqual(texts({}, { required: false, default: 1 }), ['compatible: "a" has a default now, 1.'])
    assert.deepStrictEqual(texts({ required: false, default: 1 }, {}), [
      'breaking: "a" has no default any more, which was 1, and has to be given.'
    ])
    assert.deepStrictEqual(texts({ type: number() }, { type: { kind: "number", name: "Slider", precision: 0 } }), [
      'breaking: "a" is rounded to 0 digits after the point now.'
    ])
    assert.deepStrictEqual(texts({}, { type: rounded(0) }), [
      'breaking: "a" is rounded to 0 digits after the point now instead of 2.'
    ])
    assert.deepStrictEqual(texts({}, { type: { kind: "number", name: "Number" } }), [
      'compatible: "a" is not rounded any more.'
    ])
  })

  it("knows which outputs are read in the form of which others", () => {
    assert.strictEqual(outputVerdict(file(), component("Image")), "compatible")
    assert.strictEqual(outputVerdict(files, file()), "compatible")
    assert.strictEqual(outputVerdict(file(), files), "breaking")
    assert.strictEqual(outputVerdict(gallery(), file()), "breaking")
    assert.strictEqual(outputVerdict(component("ChatbotTuples"), component("Chatbot")), "compatible")
    assert.strictEqual(outputVerdict(component("Video"), component("SubtitledVideo")), "compatible")
    assert.strictEqual(outputVerdict(component("JSON"), component("Textbox")), "compatible")
    assert.strictEqual(outputVerdict(component("Textbox"), component("JSON")), "breaking")
    assert.strictEqual(outputVerdict(component("Textbox"), number()), "breaking")
  })
})
