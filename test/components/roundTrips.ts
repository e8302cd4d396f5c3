/** Values as a program holds them, to be sent to the identity endpoints of the fixture app, and what comes back. */
import { DateTime } from "effect"

import { type Component, GradioFile } from "../../src/index.ts"
import { wav } from "../conformance/components.ts"
import { png } from "../conformance/files.ts"

/** The server that the values are sent to. */
export interface Server {
  /** Whether it is of this version or a later one, named by its first two numbers. */
  readonly since: (version: string) => boolean
  readonly isStandin: boolean
}

export interface RoundTrip {
  readonly endpoint: string
  /** What is sent, as the schema of the input holds it; `nothing` for functions without parameters. */
  readonly value: unknown
  /** What comes back, with files by name; default: what was sent. */
  readonly expected?: ((server: Server) => unknown) | undefined
  /** The Gradio that has it first, and the one that no longer has it. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  /** Why a server cannot do it, by its column. */
  readonly not?: Readonly<Record<string, string>> | undefined
}

export const nothing: unique symbol = Symbol.for("nothing")

const file = (name: string, content: string | Uint8Array = "hello") =>
  GradioFile.fromBytes(typeof content === "string" ? new TextEncoder().encode(content) : content, { name })
const picture = (name: string) => file(name, png)

/** Files by name and type, which is what all versions tell of one; dates as texts. */
export const shape = (value: unknown): unknown => {
  if (GradioFile.isGradioFile(value)) return { file: value.name, type: value.mimeType }
  if (DateTime.isDateTime(value))
    return DateTime.isZoned(value) ? DateTime.formatIsoZoned(value) : DateTime.formatIso(value)
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, shape(one)]]))
    )
  }
  return value
}

/** What a server makes of pixels. */
const made = ({ since }: Server) =>
  since("4.22") ? { file: "image.webp", type: "image/webp" } : { file: "image.png", type: "image/png" }

const noFfmpeg = "before Gradio 6 a film is looked at by ffmpeg, which its environment does not have"

const table = {
  headers: ["a", "b"],
  rows: [
    [1, "x"],
    [2, "ü漢"]
  ]
}

const chat: ReadonlyArray<Component.ChatMessage> = [
  { role: "user", content: [{ type: "text", text: "hi" }] },
  { role: "assistant", content: [{ type: "text", text: "yo" }] },
  { role: "assistant", content: [{ type: "file", file: file("said.txt"), altText: "what was said" }] }
]

const thought: ReadonlyArray<Component.ChatMessage> = [
  {
    role: "assistant",
    content: [{ type: "text", text: "so" }],
    metadata: { title: "Thinking", log: "step 1", duration: 1.5, status: "done" },
    options: [{ value: "yes" }, { value: "no", label: "No!" }]
  }
]

const io = (component: string, value: unknown, more: Omit<RoundTrip, "endpoint" | "value"> = {}): RoundTrip => ({
  endpoint: `/${component}_io`,
  value,
  ...more
})

export const roundTrips: ReadonlyArray<RoundTrip> = [
  io("text", "ü漢🎈\nline"),
  io("text", null),
  io("markdown", "**x**"),
  io("html", "<b>x</b>"),
  io("code", "x = 1\ny = 2"),
  io("color", "#ff0000"),
  io("button", "pressed", { until: "4.0" }),
  io("number", 1.5),
  io("number", null),
  io("number_bounded", 10),
  io("slider", 2.5),
  io("timer", 1, { from: "4.38" }),
  io("checkbox", true),
  io("checkbox_group", ["p", "value"]),
  io("checkbox_group", []),
  io("radio", 1),
  io("radio", null),
  io("dropdown", "q"),
  io("dropdown", null),
  io("dropdown_custom", "my own"),
  io("dropdown_multi", ["p", "r"]),
  io("dropdown_multi", []),
  io("json", { a: [1, { b: null }], ü: [true, "x"] }),
  io("json", null),
  io("browser_state", { a: 1 }, { from: "5.6" }),
  io("fallback", { a: [1] }, { from: "4.0" }),
  io("dataset", 1, { from: "4.22" }),
  io("param_viewer", { x: { type: "int", description: "How many.", default: "1" } }, { from: "4.15" }),
  io(
    "navbar",
    [
      ["Home", ""],
      ["About", "about"]
    ],
    { from: "5.45" }
  ),
  io("file", file("a b.txt")),
  io("file", null),
  io("file_typed", file("a.TXT")),
  io("files", [file("1.txt"), file("2.txt")]),
  io("files", null, { not: { "stand-in, memory": "its component of several files knows none as an empty list" } }),
  io("upload_button", file("u.txt")),
  io("upload_buttons", [file("1.txt"), file("2.txt")]),
  io("download_button", file("d.txt"), { from: "4.21" }),
  io("model3d", file("m.obj", "v 0 0 0\n")),
  io("file_explorer", ["one.txt"]),
  io("image", picture("p.png"), { expected: ({ since }) => (since("4.0") ? picture("p.png") : picture("image.png")) }),
  io("image", null),
  io(
    "sketch",
    { image: picture("p.png"), mask: picture("m.png") },
    { until: "4.0", expected: () => picture("image.png") }
  ),
  io("image_slider", [picture("p.png"), picture("q.png")], { from: "5.27" }),
  io("image_slider", null, { from: "5.27" }),
  io(
    "image_editor",
    { background: picture("b.png"), layers: [picture("l.png")], composite: picture("c.png") },
    {
      from: "4.5",
      expected: (server) =>
        server.since("5.0") || server.isStandin
          ? { background: picture("b.png"), layers: [picture("l.png")], composite: picture("c.png") }
          : { background: made(server), layers: [made(server)], composite: made(server) }
    }
  ),
  io("image_editor", null, { from: "4.5" }),
  io(
    "annotated_image",
    {
      image: picture("p.png"),
      annotations: [{ mask: picture("m.png"), label: "cat" }]
    },
    {
      not: { "4.16.0": "its function gets what came, and the component does not take that" },
      expected: ({ isStandin }) => ({
        image: picture("p.png"),
        // The mask comes from its pixels.
        annotations: [{ mask: picture(isStandin ? "m.png" : "image.png"), label: "cat" }]
      })
    }
  ),
  io("audio", file("sound.wav", wav), {
    // Gradio 3 tells by the name which part of it was taken.
    expected: ({ since }) => file(since("4.0") ? "sound.wav" : "sound-0-100.wav")
  }),
  io("audio", null),
  io("video", null),
  io("video", file("clip.mp4"), { from: "6.0" }),
  io(
    "video",
    { video: file("clip.mp4"), subtitles: null },
    { until: "6.0", not: { "4.44.1": noFfmpeg, "5.49.1": noFfmpeg } }
  ),
  io("gallery", [{ file: picture("p.png"), caption: "c" }, { file: picture("q.png") }], {
    expected: () => [
      { kind: "image", file: picture("p.png"), caption: "c" },
      { kind: "image", file: picture("q.png"), caption: null }
    ]
  }),
  io("gallery", null, { expected: () => [] }),
  io("dataframe", table),
  io("timeseries", table, { until: "4.0" }),
  io("label", {
    label: "cat",
    confidences: [
      { label: "cat", confidence: 0.75 },
      { label: "dog", confidence: 0.25 }
    ]
  }),
  io("highlighted", [
    { text: "a", label: "POS" },
    { text: "b", label: null }
  ]),
  io("dialogue", [{ speaker: "Ada", text: "Hello." }], { from: "5.40" }),
  io("multimodal", { text: "hi", files: [file("1.txt"), file("2.txt")] }, { from: "4.22" }),
  io("chatbot", chat, { from: "4.44" }),
  io("chatbot", thought, {
    from: "5.0",
    expected: () => thought
  }),
  io("chatbot_tuples", chat, { until: "6.0" }),
  io("datetime", DateTime.makeUnsafe("2024-05-06T07:08:09Z"), {
    from: "4.38",
    expected: () => "2024-05-06T07:08:09.000+00:00[UTC]"
  }),
  io("datetime", null, { from: "4.38" }),
  io("datetime_zoned", DateTime.makeUnsafe("2024-05-06T07:08:09Z"), {
    from: "4.38",
    expected: () => "2024-05-06T09:08:09.000+02:00[Europe/Berlin]"
  }),
  io("date", DateTime.makeUnsafe("2024-05-06T00:00:00Z"), {
    from: "4.38",
    expected: () => "2024-05-06T00:00:00.000+00:00[UTC]"
  }),
  io("plot", { type: "matplotlib", image: picture("image.png") }, { from: "4.22" }),
  io("plot", { type: "plotly", specification: { data: [], layout: { title: "ü" } } }, { from: "4.22" }),
  io("plot", { type: "altair", specification: { mark: "bar" } }, { from: "4.22" }),
  io("plot", null, { from: "4.22" }),
  io(
    "line_plot",
    { columns: ["x", "y"], rows: [[1, 2]], datatypes: { x: "quantitative", y: "quantitative" }, mark: "line" },
    { from: "4.39" }
  ),
  { endpoint: "/make_image", value: nothing, expected: made },
  { endpoint: "/make_audio", value: nothing, expected: () => ({ file: "audio.wav", type: "audio/wav" }) },
  {
    endpoint: "/make_gallery",
    value: nothing,
    expected: (server) => [
      { kind: "image", file: made(server), caption: "first" },
      { kind: "image", file: made(server), caption: null }
    ]
  },
  {
    endpoint: "/make_plot",
    value: nothing,
    expected: ({ since }) => ({
      type: "matplotlib",
      image: since("4.22") ? { file: "image.webp", type: "image/webp" } : { file: "image.png", type: "image/png" }
    })
  },
  {
    endpoint: "/make_dataframe",
    value: nothing,
    expected: () => ({
      headers: ["name", "size"],
      rows: [
        ["a", 1],
        ["b", 2.5]
      ]
    })
  },
  {
    endpoint: "/make_styled",
    value: nothing,
    expected: () => ({
      headers: ["name", "size"],
      rows: [
        ["a", 1],
        ["b", 2.5]
      ],
      display: {
        text: [
          ["a", "1.0 m"],
          ["b", "2.5 m"]
        ],
        css: [
          ["", ""],
          ["", "background-color: red"]
        ]
      }
    })
  },
  {
    endpoint: "/make_annotated",
    value: nothing,
    expected: (server) => ({
      image: made(server),
      annotations: [{ mask: { file: "image.png", type: "image/png" }, label: "box" }]
    })
  },
  {
    endpoint: "/make_line_plot",
    value: nothing,
    expected: () => ({
      columns: ["x", "y"],
      rows: [
        [1, 3.5],
        [2, 4]
      ],
      datatypes: { x: "quantitative", y: "quantitative" },
      mark: "line"
    }),
    from: "4.39"
  }
]
