/** Arbitrary values of components, as a program holds them. */
import { Arbitrary, DateTime, Schema } from "effect"

import { type Component, GradioFile } from "../../src/index.ts"

type Arb<A> = Arbitrary.Arbitrary<A>

/** One of several: what is made of the first shrinks last. */
const either = <A, B>(first: Arb<A>, second: Arb<B>): Arb<A | B> =>
  Arbitrary.flatMap(Arbitrary.schema(Schema.Boolean), (isFirst): Arb<A | B> => (isFirst ? first : second))

const nullOr = <A>(arb: Arb<A>): Arb<A | null> => either(arb, Arbitrary.Constant(null))

/** With some of the fields of the second, which are never `undefined`. */
const withSome = <A extends object, B extends Record<string, Arb<unknown>>>(must: Arb<A>, may: B): Arb<A> =>
  Object.entries(may).reduce(
    (arb: Arb<A>, [key, value]) =>
      Arbitrary.flatMap(arb, (held) =>
        either(
          Arbitrary.Constant(held),
          Arbitrary.map(value, (one) => ({ ...held, [key]: one }))
        )
      ),
    must
  )

const few = { maxLength: 3 }
const some = <A>(arb: Arb<A>): Arb<ReadonlyArray<A>> => Arbitrary.array(arb, few)
const arb = <A>(schema: Schema.Codec<A, unknown>): Arb<A> => Arbitrary.schema(schema)

const text = arb(Schema.String)
// JSON knows no negative zero.
const number = Arbitrary.map(arb(Schema.Finite), (n) => n + 0)
const yes = arb(Schema.Boolean)
const choice = either(text, either(number, yes))
const cell = either(nullOr(text), either(number, yes))
const attributes = Arbitrary.map(arb(Schema.Record(Schema.String, Schema.String)), (record) => ({ ...record }))

const files = ["a.png", "ü 漢.jpg", "clip.mp4", "no-ending"].map((name) =>
  GradioFile.fromBytes(new Uint8Array([1, 2]), { name })
)
const file: Arb<GradioFile.GradioFile> = Arbitrary.map(
  arb(Schema.Literals([0, 1, 2, 3])),
  (i) => files[i] ?? GradioFile.fromBytes(new Uint8Array(1), { name: "never" })
)

const part = either(
  Arbitrary.all({ type: Arbitrary.Constant("text"), text }),
  either(
    withSome(Arbitrary.all({ type: Arbitrary.Constant("file"), file }), { altText: text }),
    Arbitrary.all({
      type: Arbitrary.Constant("component"),
      component: text,
      value: cell,
      props: attributes,
      constructorArgs: attributes
    })
  )
)

const role = arb(Schema.Literals(["user", "assistant", "system"]))

/** At least one field, without which there is no metadata. */
const metadata = withSome(Arbitrary.all({ title: text }), {
  id: either(text, number),
  parentId: either(text, number),
  log: text,
  duration: number,
  status: text
})

const around = { metadata, options: some(withSome(Arbitrary.all({ value: text }), { label: text })) }

/** Messages of any parts, as Gradio 6 has them. */
export const messages: Arb<ReadonlyArray<Component.ChatMessage>> = some(
  withSome(Arbitrary.all({ role, content: some(part) }), around)
)

/** Messages of one part each. */
export const singleMessages: Arb<ReadonlyArray<Component.ChatMessage>> = some(
  withSome(Arbitrary.all({ role, content: Arbitrary.map(part, (one) => [one]) }), around)
)

/** What the user and the assistant say, in whatever order, as pairs can hold it. */
export const dialogues: Arb<ReadonlyArray<Component.ChatMessage>> = Arbitrary.array(
  Arbitrary.all({ role: arb(Schema.Literals(["user", "assistant"])), content: Arbitrary.map(part, (one) => [one]) }),
  { maxLength: 6 }
)

const rows = some(some(cell))
const table = withSome(Arbitrary.all({ headers: some(text), rows }), {
  display: Arbitrary.all({ text: some(some(text)), css: some(some(text)) })
})

const name = either(text, number)
const confidences = some(Arbitrary.all({ label: name, confidence: number }))

const plot = either(
  withSome(
    Arbitrary.all({
      type: arb(Schema.Literals(["plotly", "altair", "bokeh"])),
      specification: either(cell, attributes)
    }),
    { chart: text }
  ),
  Arbitrary.Constant(null)
)

const nativePlot = Arbitrary.all({
  columns: some(text),
  rows,
  datatypes: Arbitrary.map(
    arb(Schema.Record(Schema.String, Schema.Literals(["quantitative", "nominal", "temporal"]))),
    (record) => ({ ...record })
  ),
  mark: text
})

const second = Arbitrary.map(
  arb(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4_102_444_799 }))),
  (seconds) => DateTime.makeZonedUnsafe(seconds * 1000, { timeZone: "UTC" })
)

const path = Arbitrary.map(
  Arbitrary.array(arb(Schema.String.check(Schema.isPattern(/^[^/]+$/))), { minLength: 1, maxLength: 3 }),
  (parts) => parts.join("/")
)

/** For each component values that are the same when they are sent and when they come. */
export const values: Readonly<Record<Component.ComponentName, Arb<unknown>>> = {
  Textbox: nullOr(text),
  Markdown: nullOr(text),
  HTML: nullOr(text),
  Code: nullOr(text),
  ColorPicker: nullOr(text),
  Button: nullOr(text),
  Number: nullOr(number),
  Slider: number,
  Timer: nullOr(number),
  Checkbox: yes,
  CheckboxGroup: some(choice),
  Radio: nullOr(choice),
  Dropdown: nullOr(choice),
  MultiselectDropdown: nullOr(some(choice)),
  JSON: either(cell, attributes),
  BrowserState: either(cell, attributes),
  Fallback: either(cell, attributes),
  Dataset: nullOr(Arbitrary.map(arb(Schema.Int), (n) => n + 0)),
  ParamViewer: nullOr(
    Arbitrary.map(
      some(Arbitrary.all([text, Arbitrary.all({ type: text, description: text, default: nullOr(text) })])),
      (entries) => Object.fromEntries(entries)
    )
  ),
  Navbar: nullOr(some(Arbitrary.all([text, text]))),
  File: nullOr(file),
  Files: nullOr(some(file)),
  UploadButton: nullOr(file),
  UploadButtons: nullOr(some(file)),
  DownloadButton: nullOr(file),
  Model3D: nullOr(file),
  Audio: nullOr(file),
  Image: nullOr(file),
  FileExplorer: nullOr(some(path)),
  Video: nullOr(file),
  SubtitledVideo: nullOr(Arbitrary.all({ video: file, subtitles: nullOr(file) })),
  ImageSlider: nullOr(Arbitrary.all([nullOr(file), nullOr(file)])),
  // What it takes is not what it gives.
  SketchedImage: Arbitrary.Constant(null),
  ImageEditor: nullOr(Arbitrary.all({ background: nullOr(file), layers: some(file), composite: nullOr(file) })),
  AnnotatedImage: nullOr(Arbitrary.all({ image: file, annotations: some(Arbitrary.all({ mask: file, label: text })) })),
  Gallery: some(Arbitrary.all({ kind: arb(Schema.Literals(["image", "video"])), file, caption: nullOr(text) })),
  Dataframe: table,
  Timeseries: nullOr(Arbitrary.all({ headers: some(text), rows })),
  Label: nullOr(Arbitrary.all({ label: name, confidences })),
  HighlightedText: nullOr(some(Arbitrary.all({ text, label: nullOr(name) }))),
  Dialogue: either(some(Arbitrary.all({ speaker: text, text })), text),
  MultimodalTextbox: nullOr(Arbitrary.all({ text, files: some(file) })),
  Plot: plot,
  NativePlot: nullOr(nativePlot),
  Chatbot: messages,
  ChatbotMessages: singleMessages,
  ChatbotTuples: dialogues,
  DateTime: nullOr(second)
}
