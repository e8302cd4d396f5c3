import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, DateTime, Effect, Result, Schema, Stream } from "effect"

import { Component, Endpoint, GradioFile } from "../src/index.ts"
import { byName } from "./components/schemas.ts"
import { dialogues, messages, values } from "./components/values.ts"

const encode = (schema: Schema.Codec<unknown, unknown>) => Schema.encodeUnknownEffect(schema)
const decode = (schema: Schema.Codec<unknown, unknown>) => Schema.decodeUnknownEffect(schema)

/** What a value is refused for. */
const refusal = <A>(effect: Effect.Effect<A, Schema.SchemaError>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

const file = GradioFile.fromBytes(new Uint8Array([1, 2, 3]), { name: "a.png" })
const other = GradioFile.fromBytes(new Uint8Array([4]), { name: "b.vtt" })

const holds = <A>(arb: Arbitrary.Arbitrary<A>, property: (value: A) => Effect.Effect<void, Schema.SchemaError>) =>
  Effect.map(
    Arbitrary.checkEffect(arb, (value) => Effect.as(property(value), true), { runs: 200 }),
    (result) => assert.isUndefined(Arbitrary.formatCheckFailure(result))
  )

describe("Component", () => {
  for (const [name, arb] of Object.entries(values)) {
    const component = Object.entries(byName).find(([one]) => one === name)?.[1]
    it.effect(`${name}: what is encoded is decoded as it was, in and out`, () =>
      Effect.gen(function* () {
        assert.isDefined(component)
        for (const schema of component === undefined ? [] : [component.input, component.output]) {
          yield* holds(arb, (value) =>
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* decode(schema)(yield* encode(schema)(value)), value)
            })
          )
        }
      })
    )
  }

  it.effect("what is sent as an input of a component comes as its output", () =>
    Effect.forEach(Object.entries(values), ([name, arb]) => {
      const component = Object.entries(byName).find(([one]) => one === name)?.[1]
      return component === undefined
        ? Effect.die(name)
        : holds(arb, (value) =>
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* decode(component.output)(yield* encode(component.input)(value)), value)
            })
          )
    })
  )
})

describe("whatever a server sends", () => {
  it.effect("nothing is read as an output of every component", () =>
    Effect.gen(function* () {
      const read: Record<string, unknown> = {}
      for (const [name, one] of Object.entries(byName)) {
        if (typeof one === "object" && "output" in one) read[name] = yield* decode(one.output)(null)
      }
      const lists = ["Chatbot", "ChatbotMessages", "ChatbotTuples", "CheckboxGroup", "Gallery"]
      assert.sameMembers(Object.keys(read), Object.keys(values))
      assert.deepStrictEqual(read, {
        ...Object.fromEntries(Object.keys(read).map((name) => [name, null])),
        ...Object.fromEntries(lists.map((name) => [name, []])),
        Checkbox: false
      })
      assert.isNull(yield* decode(Component.suggestion(["a"]))(null))
      assert.deepStrictEqual(yield* decode(Component.suggestions(["a"]))(null), [])
      assert.isNull(yield* decode(Component.dateTime({ includeTime: false }))(null))
    })
  )

  const parts = [null, "text", 1, true, [], {}, file, [["a", null]], { text: "t" }, { image: file }, { label: 1 }]
  const part = Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: parts.length - 1 }))),
    (i) => parts[i]
  )
  const keys = ["headers", "data", "image", "video", "content", "role", "plot", "type", "label", "__proto__", "files"]
  const key = Arbitrary.schema(Schema.Literals(keys))
  const record = Arbitrary.map(Arbitrary.array(Arbitrary.all([key, part]), { maxLength: 4 }), (entries) =>
    Object.fromEntries(entries)
  )
  const junk = Arbitrary.all([part, record, Arbitrary.array(record, { maxLength: 3 })])

  it.effect("is read or refused by every component", () =>
    Effect.forEach(Object.entries(byName), ([, one]) =>
      typeof one === "object" && "output" in one
        ? holds(junk, (values) =>
            Effect.forEach([...values, ...Object.values(values[1])], (value) =>
              Effect.forEach([one.input, one.output], (schema) => Effect.ignore(decode(schema)(value)))
            )
          )
        : Effect.void
    )
  )

  it.effect("keeps names that objects have by nature", () =>
    Effect.gen(function* () {
      const text = '{"__proto__":{"type":"a","description":"b","default":null}}'
      const came = yield* Schema.decodeUnknownEffect(Component.ParamViewer.output)(JSON.parse(text))
      assert.strictEqual(JSON.stringify(came), text)
    })
  )
})

describe("what an app demands of an input", () => {
  const operation = Component.choice(["add", "subtract", 3])
  const off = Effect.provideService(Component.CheckChoices, false)

  it.effect("one of the choices, or nothing; another one only where choices are not checked", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* encode(operation)("add"), "add")
      assert.strictEqual(yield* encode(operation)(3), 3)
      assert.strictEqual(yield* encode(operation)(null), null)
      assert.strictEqual(yield* refusal(encode(operation)("divide")), 'is none of the choices: "add", "subtract", 3')
      assert.strictEqual(yield* refusal(encode(operation)({})), "Expected a string, number or boolean")
      assert.strictEqual(yield* off(encode(operation)("divide")), "divide")
      assert.strictEqual(yield* refusal(off(encode(operation)({}))), "Expected a string, number or boolean")
    })
  )

  it.effect("one of very many choices, of which a refusal names the first", () =>
    Effect.gen(function* () {
      const numbers = Array.from({ length: 20_000 }, (_, index) => index)
      assert.strictEqual(
        yield* refusal(encode(Component.choice(numbers))(-1)),
        "is none of the choices: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 19990 more"
      )
    })
  )

  it.effect("some of the choices, each of which is looked at", () =>
    Effect.gen(function* () {
      const colours = Component.choices(["red", "blue"])
      assert.deepStrictEqual(yield* encode(colours)(["blue", "red"]), ["blue", "red"])
      assert.deepStrictEqual(yield* encode(colours)([]), [])
      assert.strictEqual(
        yield* refusal(encode(colours)(["red", "green"])),
        'is none of the choices: "red", "blue"\n  at [1]'
      )
      assert.deepStrictEqual(yield* off(encode(colours)(["green"])), ["green"])
    })
  )

  it.effect("no value is refused for its choice when it is read, or where any may be given", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* decode(operation)("divide"), "divide")
      assert.deepStrictEqual(yield* decode(Component.choices(["red"]))(["green"]), ["green"])
      assert.strictEqual(yield* encode(Component.suggestion(["a"]))("my own"), "my own")
      assert.deepStrictEqual(yield* encode(Component.suggestions(["a"]))(["a", "my own"]), ["a", "my own"])
      assert.deepStrictEqual(yield* decode(Component.suggestions(["a"]))(null), [])
    })
  )

  it.effect("the check of choices is switched off for a typed endpoint too", () =>
    Effect.gen(function* () {
      const endpoint = Endpoint.make("/calculate", {
        input: Schema.Struct({ operation: Schema.optionalKey(operation), colours: Component.choices(["red"]) }),
        output: Schema.Tuple([])
      })
      const input = { operation: "divide", colours: ["green"] }
      assert.deepStrictEqual(yield* off(endpoint.encode(input)), input)
      assert.isTrue(Result.isFailure(yield* Effect.result(endpoint.encode(input))))
    })
  )

  it.effect("a number between its bounds", () =>
    Effect.gen(function* () {
      const number = Component.number({ minimum: 0, maximum: 10 })
      assert.strictEqual(yield* encode(number)(0), 0)
      assert.strictEqual(yield* encode(number)(10), 10)
      assert.strictEqual(yield* encode(number)(null), null)
      assert.strictEqual(yield* refusal(encode(number)(-0.5)), "Expected a value greater than or equal to 0")
      assert.strictEqual(yield* refusal(encode(number)(11)), "Expected a value less than or equal to 10")
      assert.strictEqual(yield* refusal(encode(number)(Number.NaN)), "Expected a finite number")
      assert.strictEqual(yield* encode(Component.number({ minimum: 0 }))(11), 11)
      assert.strictEqual(yield* encode(Component.slider({ maximum: 10 }))(-11), -11)
      assert.strictEqual(yield* refusal(encode(Component.slider({}))(null)), "Expected number")
    })
  )

  it.effect("a file of one of its types, known by its name or by what it says", () =>
    Effect.gen(function* () {
      const typed = Component.file({ types: [".CSV", "image"] })
      const named = (name: string, mimeType?: string) => GradioFile.fromBytes(new Uint8Array(1), { name, mimeType })
      for (const taken of [
        named("a.csv"),
        named("A.CSV"),
        named("photo.png"),
        named("photo", "image/png"),
        // The server may know it.
        named("photo.unheard-of"),
        new File([], "a.csv"),
        new Blob([], { type: "image/png" }),
        GradioFile.fromUrl("https://example.com/a.pdf"),
        null
      ]) {
        assert.strictEqual(yield* encode(typed)(taken), taken)
      }
      assert.strictEqual(yield* refusal(encode(typed)(named("a.pdf"))), 'is "a.pdf", but has to be one of: .CSV, image')
      assert.strictEqual(
        yield* refusal(encode(typed)(new File([], "a.txt"))),
        'is "a.txt", but has to be one of: .CSV, image'
      )
      assert.strictEqual(
        yield* refusal(encode(Component.files({ types: [".txt"] }))([named("a.txt"), named("b.pdf")])),
        'is "b.pdf", but has to be one of: .txt\n  at [1]'
      )
      assert.deepStrictEqual(yield* encode(Component.file({ types: ["file"] }))(file), file)
      assert.deepStrictEqual(yield* encode(Component.files({}))([file]), [file])
    })
  )

  it.effect("files of some types beside a text or in a gallery", () =>
    Effect.gen(function* () {
      const named = (name: string) => GradioFile.fromBytes(new Uint8Array(1), { name })
      const message = Component.multimodal({ types: [".txt", "image"] })
      const said = { text: "hi", files: [named("a.txt"), named("b.png")] }
      assert.deepStrictEqual(yield* encode(message)(said), said)
      assert.strictEqual(yield* encode(message)(null), null)
      assert.strictEqual(
        yield* refusal(encode(message)({ text: "hi", files: [named("a.txt"), named("b.pdf")] })),
        'is "b.pdf", but has to be one of: .txt, image\n  at ["files"][1]'
      )
      const pictures = Component.gallery({ types: ["image"] })
      assert.deepStrictEqual(yield* encode(pictures)([{ file }]), [{ image: file, caption: null }])
      assert.strictEqual(yield* encode(pictures)(null), null)
      assert.strictEqual(
        yield* refusal(encode(pictures)([{ file }, { file: named("b.mp4") }])),
        'is "b.mp4", but has to be one of: image\n  at [1]["file"]'
      )
    })
  )

  it.effect("no file whose ending stands for two kinds is refused for its kind", () =>
    Effect.forEach(
      [
        ["a.ts", "text"],
        ["a.ts", "video"],
        ["a.3gp", "audio"],
        ["a.3gp", "video"]
      ] as const,
      ([name, type]) => encode(Component.file({ types: [type] }))(GradioFile.fromBytes(new Uint8Array(1), { name }))
    )
  )

  it.effect("a text for a JSON component goes as it is, which is how functions get it", () =>
    Effect.gen(function* () {
      for (const text of ["x", '{"a":1}', "null"]) {
        assert.strictEqual(yield* encode(Component.JSON.input)(text), text)
      }
    })
  )

  it.effect("a plain string is no file", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusal(encode(Component.File.input)("/etc/passwd")),
        "Expected a GradioFile, Blob or Uint8Array"
      )
    })
  )
})

describe("dates and times", () => {
  const berlin = Component.dateTime({ timeZone: "Europe/Berlin" })

  it.effect("come in the zone of the component, and are sent from any", () =>
    Effect.gen(function* () {
      const came = yield* decode(berlin)("2024-05-06 07:08:09")
      assert.isTrue(DateTime.isDateTime(came) && DateTime.isZoned(came))
      assert.deepStrictEqual(came, DateTime.makeZonedUnsafe("2024-05-06T05:08:09Z", { timeZone: "Europe/Berlin" }))
      assert.strictEqual(yield* encode(berlin)(came), "2024-05-06 07:08:09")
      assert.strictEqual(yield* encode(berlin)(DateTime.makeUnsafe("2024-01-06T05:08:09.999Z")), "2024-01-06 06:08:09")
      assert.strictEqual(
        yield* encode(Component.DateTime.input)(
          DateTime.makeZonedUnsafe("2024-05-06T05:08:09Z", { timeZone: "Asia/Tokyo" })
        ),
        "2024-05-06 05:08:09"
      )
    })
  )

  it.effect("come in the zone of the component from texts with another, as functions give them", () =>
    Effect.forEach(["2024-05-06T05:08:09Z", "2024-05-06 05:08:09+00:00", "2024-05-05T22:08:09.000-0700"], (text) =>
      Effect.map(decode(berlin)(text), (came) =>
        assert.deepStrictEqual(came, DateTime.makeZonedUnsafe("2024-05-06T05:08:09Z", { timeZone: "Europe/Berlin" }))
      )
    )
  )

  it.effect("have no time of day where the component has none", () =>
    Effect.gen(function* () {
      const day = Component.dateTime({ includeTime: false })
      assert.strictEqual(yield* encode(day)(DateTime.makeUnsafe("0099-05-06T07:08:09Z")), "0099-05-06")
      assert.deepStrictEqual(
        yield* decode(day)("2024-05-06"),
        DateTime.makeZonedUnsafe("2024-05-06T00:00:00Z", { timeZone: "UTC" })
      )
    })
  )

  it.effect("that are none, or of a zone that nobody knows, are refused", () =>
    Effect.gen(function* () {
      const otherwise =
        'Expected a date as YYYY-MM-DD HH:MM:SS; an output that may be another text, as "now - 5m" is, is Component.Textbox.output'
      for (const text of ["yesterday", "now - 5m", "2024-13-06 00:00:00", "2024-05-06Z", "2024-05-06 07:08:09 CET"]) {
        assert.strictEqual(yield* refusal(decode(berlin)(text)), otherwise)
      }
      const nowhere = Component.dateTime({ timeZone: "Middle/Earth" })
      const expected = 'Expected a time zone that this machine knows instead of "Middle/Earth"'
      assert.strictEqual(yield* refusal(decode(nowhere)("2024-05-06 07:08:09")), expected)
      assert.strictEqual(yield* refusal(encode(nowhere)(DateTime.makeUnsafe(0))), expected)
    })
  )
})

describe("the forms of the versions", () => {
  /** Each form as the client gives it, with what it is held as. */
  const same = (name: Component.ComponentName, held: unknown, forms: Readonly<Record<string, unknown>>) =>
    it.effect(`${name}: ${Object.keys(forms).join(", ")}`, () =>
      Effect.forEach(Object.values(forms), (form) =>
        Effect.map(decode(byName[name].output)(form), (came) => assert.deepStrictEqual(came, held))
      )
    )

  const text = (role: string, said: string) => ({ role, content: [{ type: "text", text: said }] })
  const conversation = [text("user", "hi"), { role: "assistant", content: [{ type: "file", file, altText: "alt" }] }]
  for (const name of ["Chatbot", "ChatbotMessages", "ChatbotTuples"] as const) {
    same(name, conversation, {
      pairs: [["hi", { file, alt_text: "alt" }]],
      "pairs, one by one": [
        ["hi", null],
        [null, { file, alt_text: "alt" }]
      ],
      "messages of 4.44": [
        { role: "user", metadata: { title: null }, content: "hi" },
        { role: "assistant", metadata: { title: null }, content: { file, alt_text: "alt" } }
      ],
      "messages of 5": [
        { role: "user", metadata: null, content: "hi", options: null },
        { role: "assistant", metadata: null, content: { file, alt_text: "alt" }, options: null }
      ],
      "messages of 6": [
        { role: "user", metadata: null, content: [{ text: "hi", type: "text" }], options: null },
        { role: "assistant", metadata: null, content: [{ file, alt_text: "alt", type: "file" }], options: null }
      ]
    })
  }
  same("Chatbot", [], { nothing: null })
  same(
    "Chatbot",
    [
      {
        role: "assistant",
        content: [{ type: "component", component: "plot", value: 1, props: { a: 1 }, constructorArgs: {} }],
        metadata: { title: "t", parentId: 1 },
        options: [{ value: "v" }, { value: "w", label: "l" }]
      }
    ],
    {
      "5": [
        {
          role: "assistant",
          content: { component: "plot", value: 1, constructor_args: {}, props: { a: 1 } },
          metadata: { title: "t", parent_id: 1, log: null },
          options: [{ value: "v" }, { value: "w", label: "l" }]
        }
      ],
      "6": [
        {
          role: "assistant",
          content: [{ component: "plot", value: 1, constructor_args: {}, props: { a: 1 }, type: "component" }],
          metadata: { title: "t", parent_id: 1 },
          options: [
            { value: "v", label: null },
            { value: "w", label: "l" }
          ]
        }
      ]
    }
  )
  same("Video", file, {
    "6": file,
    "4 and 5": { video: file, subtitles: null },
    "with subtitles": { video: file, subtitles: other }
  })
  same("SubtitledVideo", { video: file, subtitles: null }, { "6": file, "4 and 5": { video: file, subtitles: null } })
  same("SubtitledVideo", { video: file, subtitles: other }, { "4 and 5": { video: file, subtitles: other } })
  same(
    "AnnotatedImage",
    { image: file, annotations: [{ mask: other, label: "cat" }] },
    { "4 to 6": { image: file, annotations: [{ image: other, label: "cat" }] } }
  )
  same("Timeseries", { headers: ["t", "1"], rows: [[1, 2]] }, { "3": { headers: ["t", 1], data: [[1, 2]] } })
  const line = { columns: ["x"], datatypes: { x: "temporal" }, mark: "line" }
  same("NativePlot", { ...line, rows: [[1]] }, { "4.39 to 6": { ...line, data: [[1]] } })
  same(
    "Plot",
    { type: "altair", specification: { mark: "bar" }, chart: "bar" },
    { "3": { type: "altair", plot: '{"mark":"bar"}', chart: "bar" } }
  )
  same("Checkbox", false, { "3": null, "4 to 6": false })
  const unsure = { label: "cat", confidences: [{ label: "cat", confidence: Number.NaN }] }
  same("Label", unsure, {
    "NaN, for which JSON has null": { ...unsure, confidences: [{ label: "cat", confidence: null }] }
  })
  same("Label", null, { "nothing of 3": null, nothing: {}, "without a label": { label: null, confidences: null } })
  same(
    "Label",
    { label: "cat", confidences: [] },
    { alone: { label: "cat" }, "4 to 6": { label: "cat", confidences: null } }
  )
  same(
    "Gallery",
    [
      { kind: "image", file, caption: null },
      { kind: "video", file, caption: "c" }
    ],
    {
      "3 and 6": [
        { image: file, caption: null },
        { video: file, caption: "c" }
      ],
      "without captions": [{ image: file }, { video: file, caption: "c" }]
    }
  )
  same("HighlightedText", [{ text: "a", label: null }], {
    "3": [{ token: "a", class_or_confidence: null }],
    "without a class": [{ token: "a" }]
  })
  same(
    "Dataframe",
    { headers: ["1", "b"], rows: [[1, null]] },
    {
      "3": { headers: [1, "b"], data: [[1, null]] },
      "4 to 6": { headers: ["1", "b"], data: [[1, null]], metadata: null }
    }
  )
  same(
    "Dataframe",
    { headers: ["a / 1", "b"], rows: [[1, 2]] },
    { "levels of pandas": { headers: [["a", 1], "b"], data: [[1, 2]] } }
  )
  same(
    "Dataframe",
    { headers: ["a"], rows: [[1, true, 2, null]], display: { text: [["1", "true", "2", ""]], css: undefined } },
    {
      "styled, with cells left alone": {
        headers: ["a"],
        data: [[1, true, 2, null]],
        metadata: { display_value: [["1", true, 2, null]], styling: null }
      }
    }
  )
  same(
    "ParamViewer",
    { x: { type: null, description: "", default: "3" }, y: { type: "int", description: "d", default: null } },
    { "what a function gave": { x: { type: null, default: 3 }, y: { type: "int", description: "d" } } }
  )
  same("Number", 0.5, { "a number": 0.5, "of NumPy": "0.5" })
  same("Number", -1e-7, { "of NumPy": "-1e-07" })
  same("Number", null, { nothing: null })
  same("Slider", 3, { "of NumPy": "3" })
  same("Timer", 1.5, { "of NumPy": "1.5" })
  same("DateTime", null, { nothing: null, "an empty field": "" })
  same("File", file, { alone: file, "in a list": [file] })
  same("File", null, { nothing: null, "a list of none": [] })
  same("UploadButton", file, { "in a list": [file] })

  it.effect("texts that are no numbers are none", () =>
    Effect.forEach(["", " ", "abc", "nan", "inf", "0x10", "1 000", "1e999", "true"], (text) =>
      Effect.map(Effect.result(decode(Component.Number.output)(text)), (read) =>
        assert.isTrue(Result.isFailure(read), text)
      )
    )
  )

  it.effect("several files where one is wanted are refused with what reads them", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusal(decode(Component.File.output)([file, other])),
        "Expected one file instead of 2; an output of several is Component.Files.output"
      )
      assert.include(
        yield* refusal(decode(Component.UploadButton.output)([file, other])),
        "Expected one file instead of 2; an output of several is Component.UploadButtons.output"
      )
    })
  )

  same("Files", [file], { "a list": [file], "one alone": file })
  same("FileExplorer", ["a/b.txt", ""], { "4 to 6": [["a", "b.txt"], []] })
  same(
    "MultimodalTextbox",
    { text: "", files: [] },
    { "4 to 6": { text: "", files: [] }, "without files": { text: "" } }
  )
  same(
    "ImageEditor",
    { background: file, layers: [], composite: null },
    {
      "4.5 to 4.21": { background: file, layers: [], composite: null },
      later: { background: file, layers: [], composite: null, id: null },
      "with nothing": { background: file, layers: null }
    }
  )

  it.effect("a gallery shows as films what says that it is one, and all else as pictures, unless told otherwise", () =>
    Effect.gen(function* () {
      const film = GradioFile.fromBytes(new Uint8Array(1), { name: "clip.mp4" })
      const blob = new Blob([], { type: "video/webm" })
      const bytes = new Uint8Array(1)
      assert.deepStrictEqual(
        yield* encode(Component.Gallery.input)([
          { file },
          { file: film, caption: "c" },
          { file: blob },
          { file: bytes },
          { file: film, kind: "image" },
          { file, kind: "video" }
        ]),
        [
          { image: file, caption: null },
          { video: film, caption: "c" },
          { video: blob, caption: null },
          { image: bytes, caption: null },
          { image: film, caption: null },
          { video: file, caption: null }
        ]
      )
    })
  )

  it.effect("a plot that was drawn is a picture with its bytes", () =>
    Effect.gen(function* () {
      const came = yield* Schema.decodeEffect(Component.Plot.output)({
        type: "matplotlib",
        plot: "data:image/webp;base64,UklGRg=="
      })
      if (came?.type !== "matplotlib") return assert.fail("a picture")
      assert.strictEqual(came.image.mimeType, "image/webp")
      assert.strictEqual(new TextDecoder().decode(yield* came.image.bytes), "RIFF")
      const message = yield* refusal(decode(Component.Plot.output)({ type: "matplotlib", plot: "no picture" }))
      assert.include(message, "Expected a data URL")
    })
  )

  it.effect("a picture of a plot that cannot be read is refused", () =>
    Effect.gen(function* () {
      const gone = GradioFile.fromStream(Stream.fail("gone"), { name: "plot.png" })
      const message = yield* refusal(encode(Component.Plot.input)({ type: "matplotlib", image: gone }))
      assert.include(message, "cannot be read")
    })
  )
})

describe("how a conversation is sent", () => {
  const said: ReadonlyArray<Component.ChatInput> = [
    { role: "user", content: "hi" },
    {
      role: "assistant",
      content: [
        { type: "text", text: "see" },
        { type: "file", file, altText: "alt" }
      ],
      metadata: { title: "t", parentId: 2 }
    }
  ]

  it.effect("to Gradio 6 as messages with lists of parts", () =>
    Effect.map(encode(Component.Chatbot.input)(said), (sent) =>
      assert.deepStrictEqual(sent, [
        { role: "user", content: [{ type: "text", text: "hi" }] },
        {
          role: "assistant",
          metadata: { title: "t", parent_id: 2 },
          content: [
            { type: "text", text: "see" },
            { type: "file", file, alt_text: "alt" }
          ]
        }
      ])
    )
  )

  it.effect("to Gradio 4.44 and 5 as messages of one part each", () =>
    Effect.map(encode(Component.ChatbotMessages.input)(said), (sent) =>
      assert.deepStrictEqual(sent, [
        { role: "user", content: "hi" },
        { role: "assistant", metadata: { title: "t", parent_id: 2 }, content: "see" },
        { role: "assistant", metadata: { title: "t", parent_id: 2 }, content: { file, alt_text: "alt" } }
      ])
    )
  )

  it.effect("to Gradio 3 to 5 as pairs, which the user begins", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* encode(Component.ChatbotTuples.input)(said), [
        ["hi", "see"],
        [null, { file, alt_text: "alt" }]
      ])
      assert.strictEqual(
        yield* refusal(encode(Component.ChatbotTuples.input)([{ role: "system", content: "obey" }])),
        "Expected messages of the user and the assistant alone, which is all that pairs can hold"
      )
    })
  )

  it.effect("so that every version reads the same of it", () =>
    holds(dialogues, (chat) =>
      Effect.gen(function* () {
        for (const { input, output } of [Component.Chatbot, Component.ChatbotMessages, Component.ChatbotTuples]) {
          assert.deepStrictEqual(yield* decode(output)(yield* encode(input)(chat)), chat)
        }
      })
    )
  )

  it.effect("part by part where a message has one, with nothing lost", () =>
    holds(messages, (chat) =>
      Effect.gen(function* () {
        const came = yield* decode(Component.ChatbotMessages.output)(
          yield* encode(Component.ChatbotMessages.input)(chat)
        )
        const parts = chat.flatMap((message) => message.content.map((part) => ({ ...message, content: [part] })))
        assert.deepStrictEqual(came, parts)
      })
    )
  )
})

describe("which schema belongs to a component of an app", () => {
  const names = (version: string, type: string, props: Readonly<Record<string, unknown>> = {}) =>
    Component.forComponent({ type, props }, version)

  it("goes by its kind, its properties and the version", () => {
    assert.deepStrictEqual(
      [
        names("6.31.0", "textbox"),
        names("6.31.0", "dropdown", { multiselect: true }),
        names("6.31.0", "dropdown", { multiselect: null }),
        names("6.31.0", "file", { file_count: "directory" }),
        names("6.31.0", "uploadbutton", { file_count: "multiple" }),
        names("6.31.0", "file"),
        names("3.50.2", "image", { tool: "sketch", source: "upload" }),
        names("3.50.2", "image", { tool: "sketch", source: "canvas" }),
        names("6.0.0", "video"),
        names("5.49.1", "video"),
        names("6.0.0", "chatbot", { type: "messages" }),
        names("5.49.1", "chatbot", { type: "messages" }),
        names("5.49.1", "chatbot", { type: "tuples" }),
        names("3.50.2", "chatbot"),
        names("6.31.0", "html", { html_template: "${value}", component_class_name: "HTML" }),
        names("6.31.0", "html", { component_class_name: "Stars" }),
        names("6.31.0", "html", { html_template: "<p>${value}</p>" }),
        Component.forComponent({ type: "textbox" }, "6.31.0"),
        names("6.31.0", "state"),
        names("6.31.0", "somebodys_own"),
        names("6.31.0", "constructor"),
        names("6.31.0", "__proto__")
      ],
      [
        "Textbox",
        "MultiselectDropdown",
        "Dropdown",
        "Files",
        "UploadButtons",
        "File",
        "SketchedImage",
        "Image",
        "Video",
        "SubtitledVideo",
        "Chatbot",
        "ChatbotMessages",
        "ChatbotTuples",
        "ChatbotTuples",
        "HTML",
        "JSON",
        "JSON",
        "Textbox",
        undefined,
        undefined,
        undefined,
        undefined
      ]
    )
  })

  const refined = (
    version: string,
    type: string,
    props: Readonly<Record<string, unknown>>,
    side: "input" | "output" = "input"
  ) => Component.refinementFor({ type, props }, version, side)

  it("with bounds, where a server holds values against them", () => {
    const bounds = { minimum: 0, maximum: 10 }
    assert.deepStrictEqual(refined("3.50.2", "number", bounds), { name: "number", ...bounds })
    assert.deepStrictEqual(refined("6.31.0", "number", { minimum: 0, maximum: null }), {
      name: "number",
      minimum: 0,
      maximum: undefined
    })
    assert.deepStrictEqual(refined("5.39.0", "slider", bounds), { name: "slider", ...bounds })
    assert.isUndefined(refined("5.38.2", "slider", bounds))
    assert.isUndefined(refined("6.31.0", "number", { minimum: null }))
    assert.isUndefined(refined("6.31.0", "number", bounds, "output"))
    assert.isUndefined(refined("6.31.0", "slider", bounds, "output"))
  })

  it("with choices, which are suggestions where no server looks at them", () => {
    const props = { choices: [["shown", "value"], ["one", 1], "plain", [null, { no: "value" }]] }
    const choices = ["value", 1, "plain"]
    assert.deepStrictEqual(refined("6.31.0", "radio", props), { name: "choice", choices })
    assert.deepStrictEqual(refined("4.44.1", "radio", props), { name: "suggestion", choices })
    assert.deepStrictEqual(refined("6.31.0", "radio", props, "output"), { name: "suggestion", choices })
    assert.deepStrictEqual(refined("6.31.0", "checkboxgroup", props), { name: "choices", choices })
    assert.deepStrictEqual(refined("6.31.0", "dropdown", { ...props, multiselect: true }), { name: "choices", choices })
    assert.deepStrictEqual(refined("6.31.0", "dropdown", { ...props, allow_custom_value: true }), {
      name: "suggestion",
      choices
    })
    assert.isUndefined(refined("6.31.0", "dropdown", { choices: [] }))
    assert.isUndefined(refined("6.31.0", "dropdown", { choices: "none" }))
  })

  it("with types of files, where a server looks at them", () => {
    const props = { file_types: [".txt", "image", 1], file_count: "single", type: "filepath" }
    const types = [".txt", "image"]
    assert.deepStrictEqual(refined("5.0.0", "file", props), { name: "file", types })
    assert.deepStrictEqual(refined("6.31.0", "uploadbutton", { ...props, file_count: "multiple" }), {
      name: "files",
      types
    })
    assert.isUndefined(refined("4.44.1", "file", props))
    assert.isUndefined(refined("6.31.0", "file", { ...props, file_count: "directory" }))
    assert.isUndefined(refined("6.31.0", "file", { ...props, type: "binary" }))
    assert.isUndefined(refined("6.31.0", "file", { file_types: null }))
    assert.isUndefined(refined("6.31.0", "file", props, "output"))
    assert.deepStrictEqual(refined("5.0.0", "gallery", props), { name: "gallery", types })
    assert.deepStrictEqual(refined("5.0.0", "multimodaltextbox", props), { name: "multimodal", types })
    assert.isUndefined(refined("4.44.1", "multimodaltextbox", props))
    assert.isUndefined(refined("6.31.0", "gallery", { file_types: null }))
    assert.isUndefined(refined("6.31.0", "gallery", props, "output"))
  })

  it("with the zone of a clock, and whether there is one", () => {
    assert.deepStrictEqual(refined("6.31.0", "datetime", { timezone: "Europe/Berlin", include_time: true }, "output"), {
      name: "dateTime",
      timeZone: "Europe/Berlin",
      includeTime: true
    })
    assert.deepStrictEqual(refined("6.31.0", "datetime", { timezone: null, include_time: false }), {
      name: "dateTime",
      timeZone: undefined,
      includeTime: false
    })
    assert.isUndefined(refined("6.31.0", "datetime", { timezone: null, include_time: true }))
    assert.isUndefined(refined("6.31.0", "textbox", {}))
  })
})
