/** A value for each parameter of an app, as it goes over the wire: what a caller without types writes. */
import type { Contract } from "../../src/codegen/index.ts"
import { GradioFile } from "../../src/index.ts"
import { wav } from "../conformance/components.ts"
import { png } from "../conformance/files.ts"

const file = (name: string, content: string | Uint8Array = "hello") =>
  GradioFile.fromBytes(typeof content === "string" ? new TextEncoder().encode(content) : content, { name })
const picture = (name: string) => file(name, png)

/** By what `Component` calls it. */
const byName: Readonly<Record<string, unknown>> = {
  AnnotatedImage: { image: picture("p.png"), annotations: [{ image: picture("m.png"), label: "cat" }] },
  Audio: file("sound.wav", wav),
  BrowserState: { a: 1 },
  Button: "pressed",
  Chatbot: [{ role: "user", content: [{ type: "text", text: "hi" }], metadata: null, options: null }],
  ChatbotMessages: [{ role: "user", content: "hi" }],
  ChatbotTuples: [["hi", "yo"]],
  Checkbox: true,
  Code: "x = 1",
  ColorPicker: "#ff0000",
  Dataframe: { headers: ["a", "b"], data: [[1, "x"]], metadata: null },
  Dataset: 1,
  Dialogue: [{ speaker: "Ada", text: "Hello." }],
  DownloadButton: file("d.txt"),
  Fallback: { a: [1] },
  FileExplorer: [["one.txt"]],
  Gallery: [{ image: picture("p.png"), caption: "c" }],
  HTML: "<b>x</b>",
  HighlightedText: [
    { token: "a", class_or_confidence: "POS" },
    { token: "b", class_or_confidence: null }
  ],
  Image: picture("p.png"),
  ImageEditor: { background: picture("b.png"), layers: [picture("l.png")], composite: picture("c.png"), id: null },
  ImageSlider: [picture("p.png"), picture("q.png")],
  JSON: { a: [1, { b: null }] },
  Label: { label: "cat", confidences: [{ label: "cat", confidence: 0.75 }] },
  Markdown: "**x**",
  Model3D: file("m.obj", "v 0 0 0\n"),
  MultimodalTextbox: { text: "hi", files: [file("1.txt")] },
  NativePlot: {
    columns: ["x", "y"],
    data: [[1, 2]],
    datatypes: { x: "quantitative", y: "quantitative" },
    mark: "line"
  },
  Navbar: [["Home", ""]],
  ParamViewer: { x: { type: "int", description: "How many.", default: "1" } },
  Plot: { type: "altair", plot: '{"mark":"bar"}' },
  SketchedImage: { image: picture("p.png"), mask: picture("m.png") },
  // Before Gradio 6 a film is looked at by ffmpeg, which the environments do not have.
  SubtitledVideo: null,
  Textbox: "hello",
  Timer: 1,
  Timeseries: { headers: ["a", "b"], data: [[1, 2]] },
  Video: file("clip.mp4")
}

const ofSchema = (schema: unknown): unknown => {
  const { type } = Object(schema)
  return type === "string" ? "word" : type === "integer" || type === "number" ? 2 : type === "boolean" ? true : null
}

/** A value that this type of parameter takes. */
export const wireValue = ({ type }: Contract.Parameter): unknown => {
  switch (type.kind) {
    case "component":
      if (!Object.hasOwn(byName, type.name)) throw new Error(`no sample of a ${type.name}`)
      return byName[type.name]
    case "number":
      return type.minimum === undefined ? 3 : type.minimum + 1
    case "choice":
      return type.choices[0] ?? "x"
    case "choices":
      return type.choices.slice(0, 1)
    case "file":
      return file(`a${type.types?.find((one) => one.startsWith(".")) ?? ".txt"}`)
    case "files":
      return byName[type.name] ?? [file("1.txt"), file("2.txt")]
    case "dateTime":
      return type.time ? "2024-05-06 07:08:09" : "2024-05-06"
    case "schema":
      return ofSchema(type.schema)
  }
}

/** The default where it can be written down, so that steps and seconds stay few. */
export const wireInput = ({ parameters }: Contract.Endpoint): Record<string, unknown> =>
  Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name,
      typeof parameter.default === "number" || typeof parameter.default === "string"
        ? parameter.default
        : wireValue(parameter)
    ])
  )
