/** What the components of an app take and give. */
import { Effect } from "effect"

import { GradioFile } from "../../src/index.ts"
import { before, between, type Case, type Group, type World } from "./Case.ts"
import { png } from "./files.ts"
import { same } from "./look.ts"

const file = (name: string, content: string | Uint8Array = "hello") =>
  GradioFile.fromBytes(typeof content === "string" ? new TextEncoder().encode(content) : content, { name })
const picture = (name: string) => file(name, png)

/** Files by name and type; most components do not tell the size. */
const shape = (value: unknown): unknown => {
  if (GradioFile.isGradioFile(value)) return { file: value.name, type: value.mimeType }
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)]))
  }
  return value
}

/** A value goes in and comes out in this shape. */
const io = (
  component: string,
  value: unknown,
  expected: unknown = value,
  more: Partial<Case> & { readonly what?: string; readonly again?: unknown } = {}
): Case => ({
  title: `${component}${more.what === undefined ? "" : `, ${more.what}`}`,
  endpoints: [`/${component}_io`],
  run: (world) =>
    Effect.gen(function* () {
      const given = typeof value === "function" ? value(world) : value
      const wanted = typeof expected === "function" ? expected(world) : expected
      const [out] = yield* world.app.predict(`/${component}_io`, [given])
      same(shape(out), wanted)
      // What a component gave, it takes.
      const [again] = yield* world.app.predict(`/${component}_io`, [out])
      const wantedAgain = typeof more.again === "function" ? more.again(world) : more.again
      same(shape(again), wantedAgain === undefined || world.isStandin ? wanted : wantedAgain)
    }),
  ...(more.notOffered === undefined ? {} : { notOffered: more.notOffered })
})

/** A function gives this from nothing or from a text. */
const makes = (
  endpoint: string,
  args: ReadonlyArray<unknown>,
  expected: (world: World) => ReadonlyArray<unknown>
): Case => ({
  title: `what ${endpoint} gives`,
  endpoints: [endpoint],
  run: (world) => Effect.map(world.app.predict(endpoint, args), (outputs) => same(shape(outputs), expected(world)))
})

const text = (name: string) => ({ file: name, type: "text/plain" })
const image = (name: string) => ({ file: name, type: "image/png" })
const webp = { file: "image.webp", type: "image/webp" }
const sound = (name: string) => ({ file: name, type: "audio/wav" })
const clip = { file: "clip.mp4", type: "video/mp4" }
/** A picture that the server makes of pixels. */
const made = ({ since }: Pick<World, "since">) => (since("4.22") ? webp : image("image.png"))

/** What an editor of images makes of pixels. */
const edited = (world: Pick<World, "since">) => ({
  background: made(world),
  layers: [made(world)],
  composite: made(world),
  ...(world.since("4.22") ? { id: null } : {})
})

const chat = (version: World["version"], role: string, content: string) => {
  switch (version) {
    case "6.31.0":
      return { role, metadata: null, content: [{ text: content, type: "text" }], options: null }
    case "5.49.1":
      return { role, metadata: null, content, options: null }
    default:
      return { role, metadata: { title: null }, content }
  }
}

const chatFile = (version: World["version"]) => {
  const said = { file: text("said.txt"), alt_text: "alt" }
  switch (version) {
    case "6.31.0":
      return { role: "assistant", metadata: null, content: [{ ...said, type: "file" }], options: null }
    case "5.49.1":
      return { role: "assistant", metadata: null, content: said, options: null }
    default:
      return { role: "assistant", metadata: { title: null }, content: said }
  }
}

const cat = {
  label: "cat",
  confidences: [
    { label: "cat", confidence: 0.75 },
    { label: "dog", confidence: 0.25 }
  ]
}
const words = [
  { token: "a", class_or_confidence: "POS" },
  { token: "b", class_or_confidence: null }
]
const table = {
  headers: ["a", "b"],
  data: [
    [1, "x"],
    [2, "ü漢"]
  ],
  metadata: null
}

export const components: Group = {
  concept: "components, in and out again",
  cases: [
    io("text", "ü漢🎈\nline"),
    io("number", 1.5),
    io("slider", 2.5),
    io("checkbox", true),
    io("checkbox_group", ["p", "value"]),
    io("radio", "q"),
    io("radio", 1, 1, { what: "with a choice that is a number" }),
    io("dropdown", "q"),
    io("dropdown_multi", ["p", "r"]),
    io("dataframe", table),
    io("json", { a: [1, { b: null }], ü: [true, "x"] }),
    io("json", [1, [2, [3]]], [1, [2, [3]]], { what: "with a list" }),
    io("label", cat),
    io("html", "<b>x</b>"),
    io("markdown", "**x**"),
    io("code", "x = 1\ny = 2"),
    io("datetime", "2024-05-06 07:08:09", "2024-05-06 07:08:09", {
      notOffered: before("4.38", "gr.DateTime came with 4.38")
    }),
    io("color", "#ff0000"),
    io("highlighted", words),
    io("timer", 1, 1, { notOffered: before("4.38", "gr.Timer came with 4.38") }),
    io("browser_state", { a: 1 }, { a: 1 }, { notOffered: before("5.6", "gr.BrowserState came with 5.6") }),
    io("file_explorer", [["one.txt"]]),
    io("file", () => file("a b.txt"), text("a b.txt")),
    io("files", () => [file("1.txt"), file("2.txt")], [text("1.txt"), text("2.txt")]),
    io(
      "image",
      () => picture("p.png"),
      ({ since }: World) => image(since("4.0") ? "p.png" : "image.png")
    ),
    io(
      "audio",
      () => file("sound.wav", wav),
      // Gradio 3 tells by the name which part of it was taken.
      ({ isStandin, since }: World) => sound(since("4.0") || isStandin ? "sound.wav" : "sound-0-100.wav"),
      { again: ({ since }: World) => sound(since("4.0") ? "sound.wav" : "sound-0-100-0-100.wav") }
    ),
    io(
      "video",
      () => file("clip.mp4", "no real video"),
      ({ since }: World) => (since("4.0") ? clip : { video: clip, subtitles: null }),
      {
        notOffered: between(
          "4.0",
          "6.0",
          "before Gradio 6 a video is looked at by ffmpeg, which its environment does not have"
        )
      }
    ),
    io("video", null, null, { what: "with nothing" }),
    io("plot", { type: "matplotlib", plot: "data:image/webp;base64,UklGRg==" }, undefined, {
      notOffered: before(
        "4.22",
        "a plot is no input there: its function gets what came, and the component does not take that"
      )
    }),
    io("model3d", () => file("m.obj", "v 0 0 0\n"), { file: "m.obj", type: "model/obj" }),
    io("upload_button", () => file("u.txt"), text("u.txt")),
    io("download_button", () => file("d.txt"), text("d.txt"), {
      notOffered: before("4.21", "gr.DownloadButton came with 4.21")
    }),
    io(
      "multimodal",
      () => ({ text: "hi", files: [file("1.txt"), file("2.txt")] }),
      { text: "hi", files: [text("1.txt"), text("2.txt")] },
      { notOffered: before("4.22", "gr.MultimodalTextbox came with 4.22") }
    ),
    io(
      "gallery",
      () => [
        { image: picture("p.png"), caption: "c" },
        { image: picture("q.png"), caption: null }
      ],
      [
        { image: image("p.png"), caption: "c" },
        { image: image("q.png"), caption: null }
      ]
    ),
    io("gallery", null, [], { what: "with nothing" }),
    io(
      "image_editor",
      () => ({ background: picture("b.png"), layers: [picture("l.png")], composite: picture("c.png"), id: null }),
      ({ isStandin, since }: World) =>
        !since("5.0") && !isStandin
          ? // Before 5 it gives pictures of its own, made from the pixels.
            edited({ since })
          : { background: image("b.png"), layers: [image("l.png")], composite: image("c.png"), id: null },
      // A picture that it made once comes again under the name of those that it makes.
      {
        again: edited,
        notOffered: before("4.0", "gr.ImageEditor came with 4.0")
      }
    ),
    io(
      "chatbot",
      ({ version }: World) => [chat(version, "user", "hi"), chat(version, "assistant", "yo")],
      ({ version }: World) => [chat(version, "user", "hi"), chat(version, "assistant", "yo")],
      { notOffered: before("4.44", "chats of messages came with 4.44") }
    ),
    io(
      "chatbot_tuples",
      [
        ["hi", "yo"],
        [null, "again"]
      ],
      [
        ["hi", "yo"],
        [null, "again"]
      ],
      {
        notOffered: { "6.31.0": "chats of pairs went with Gradio 6" }
      }
    ),
    makes("/make_image", [], (world) => [made(world)]),
    makes("/make_audio", [], () => [{ file: "audio.wav", type: "audio/wav" }]),
    makes("/make_gallery", [], (world) => [
      [
        { image: made(world), caption: "first" },
        { image: made(world), caption: null }
      ]
    ]),
    {
      title: "what /make_plot gives",
      endpoints: ["/make_plot"],
      run: ({ app, since }) =>
        Effect.map(app.predict("/make_plot"), ([plot]) => {
          const { plot: data, type } = Object(plot)
          const kind = since("4.22") ? "webp" : "png"
          same([type, String(data).startsWith(`data:image/${kind};base64,`)], ["matplotlib", true])
        })
    },
    makes("/make_dataframe", [], () => [
      {
        headers: ["name", "size"],
        data: [
          ["a", 1],
          ["b", 2.5]
        ],
        metadata: null
      }
    ]),
    makes("/make_label", [], () => [cat]),
    makes("/make_highlighted", [], () => [words]),
    makes("/make_annotated", [], (world) => [
      { image: made(world), annotations: [{ image: image("image.png"), label: "box" }] }
    ]),
    makes("/make_model", [], () => [{ file: "triangle.obj", type: "model/obj" }]),
    {
      ...makes("/make_download", ["content"], () => [text("download.txt")]),
      notOffered: before("4.21", "gr.DownloadButton came with 4.21")
    },
    makes("/make_html", ["x"], () => ["<b>x</b>", "**x**"]),
    makes("/make_chat", ["hi"], ({ since, version }) => [
      since("4.44")
        ? [chat(version, "user", "hi"), chatFile(version)]
        : [
            ["hi", null],
            [null, { file: text("said.txt"), alt_text: "alt" }]
          ]
    ]),
    {
      title: "a text for a text box is one, and a number for a number",
      endpoints: ["/describe", "/describe_number"],
      run: ({ app, since }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/describe", ["x"]), ["str:'x'"])
          same(yield* app.predict("/describe_number", [3]), [since("4.11") ? "int:3" : "float:3.0"])
          same(yield* app.predict("/describe_number", [3.5]), ["float:3.5"])
          same(yield* app.predict("/describe_number", [null]), ["NoneType:None"])
        })
    }
  ]
}

/** A tenth of a second of silence. */
export const wav: Uint8Array = (() => {
  const samples = 800
  const view = new DataView(new ArrayBuffer(44 + samples * 2))
  const ascii = (at: number, chars: string) => {
    for (let i = 0; i < chars.length; i++) view.setUint8(at + i, chars.charCodeAt(i))
  }
  ascii(0, "RIFF")
  view.setUint32(4, 36 + samples * 2, true)
  ascii(8, "WAVEfmt ")
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, 8000, true)
  view.setUint32(28, 16000, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  ascii(36, "data")
  view.setUint32(40, samples * 2, true)
  return new Uint8Array(view.buffer)
})()
