/**
 * Every component of the fixture app, in and out: the function gives back what it was given. What a component makes of a value on its way
 * through a real server is not imitated, files apart.
 */
import { createHash } from "node:crypto"

import { Effect } from "effect"

// The form of files on the wire, for components that are not part of the package.
import * as FileData from "../../src/testing/FileData.ts"
import { type Call, Component, type Endpoint, endpoint, type ServerFile, update } from "../../src/testing/index.ts"

type Conversion = Component.Conversion

const isFile = (value: unknown): boolean =>
  FileData.isRecord(value) &&
  typeof value["path"] === "string" &&
  FileData.isRecord(value["meta"]) &&
  value["meta"]["_type"] === "gradio.FileData"

/** Files of the server in place of references, at any depth, and new references for them. */
const passFiles = (value: unknown, conversion: Conversion): Effect.Effect<unknown, unknown> => {
  if (isFile(value)) {
    // Most components lose the size on the way.
    return Effect.map(FileData.decode(value, conversion.files), (file) => ({
      ...FileData.encode(file, conversion.root),
      size: null
    }))
  }
  if (Array.isArray(value)) return Effect.forEach(value, (one: unknown) => passFiles(one, conversion))
  if (FileData.isRecord(value)) {
    return Effect.map(
      Effect.forEach(Object.entries(value), ([key, one]) =>
        Effect.map(passFiles(one, conversion), (passed) => [key, passed] as const)
      ),
      Object.fromEntries
    )
  }
  return Effect.succeed(value)
}

/** Components whose value is a text. */
const texts = new Set(["textbox", "radio", "dropdown", "html", "markdown", "code", "datetime", "colorpicker"])

const fileReference = {
  properties: {
    path: { title: "Path", type: "string" },
    meta: { properties: { _type: { const: "gradio.FileData", type: "string" } }, type: "object" }
  },
  type: "object"
}

/** A component of a kind that passes wire values on. */
const wire = (
  type: string,
  options: Component.Options<unknown>,
  { impliedValue, ...props }: Readonly<Record<string, unknown>> = {},
  schema: Readonly<Record<string, unknown>> = texts.has(type) ? { type: "string" } : fileReference
) =>
  Component.make<unknown, unknown>({
    type,
    options,
    props,
    impliedValue,
    schema,
    preprocess: passFiles,
    postprocess: (value) => Effect.succeed(value)
  })

const identity = (
  name: string,
  type: string,
  props?: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown = (value) => value
) =>
  endpoint(`/${name}_io`, {
    inputs: [wire(type, { name: "value", label: `${name} in` }, props)],
    outputs: [wire(type, { label: `${name} out` }, props)],
    run: ([value]) => Effect.succeed([change(value)])
  })

const choices = (values: ReadonlyArray<string | readonly [string, string | number]>) => ({
  choices: values.map((value) => (typeof value === "string" ? [value, value] : value))
})

const explored = ["one.txt", "two.txt"].map((name) => ({ name, type: "file", valid: true }))

/** Whether the app stands in for this Gradio or a later one. */
type Since = (version: string) => boolean

/** Before 4.19 the whole tree comes at once, as soon as it has been read. */
const explorer = (since: Since) =>
  endpoint("/file_explorer_io", {
    inputs: [
      Component.withFunctions(wire("fileexplorer", { name: "value", label: "file_explorer in" }), {
        ls: (folder) => Effect.succeed(since("4.19") && Array.isArray(folder) && folder.length === 0 ? explored : [])
      })
    ],
    outputs: [wire("fileexplorer", { label: "file_explorer out" })],
    run: ([value]) => Effect.succeed([value])
  })

const identities: ReadonlyArray<Endpoint<never>> = [
  identity("text", "textbox"),
  identity("number", "number"),
  identity("slider", "slider", { value: 0, minimum: 0, maximum: 10, step: 0.5 }),
  identity("checkbox", "checkbox"),
  identity("checkbox_group", "checkboxgroup", choices(["p", "q", ["shown", "value"]])),
  identity("radio", "radio", choices(["p", "q", ["one", 1]])),
  identity("dropdown", "dropdown", { ...choices(["p", "q", ["one", 1]]), impliedValue: "p" }),
  identity("dropdown_multi", "dropdown", { ...choices(["p", "q", "r"]), multiselect: true, impliedValue: [] }),
  identity("audio", "audio"),
  identity("video", "video"),
  identity("gallery", "gallery", {}, (value) => value ?? []),
  identity("dataframe", "dataframe"),
  identity("label", "label"),
  identity("plot", "plot"),
  identity("chatbot", "chatbot", { value: [] }),
  identity("chatbot_tuples", "chatbot", { value: [] }),
  identity("multimodal", "multimodaltextbox"),
  identity("html", "html"),
  identity("markdown", "markdown"),
  identity("code", "code"),
  identity("datetime", "datetime"),
  identity("color", "colorpicker"),
  identity("highlighted", "highlightedtext"),
  identity("annotated_image", "annotatedimage"),
  identity("model3d", "model3d"),
  identity("image_editor", "imageeditor"),
  identity("upload_button", "uploadbutton"),
  identity("download_button", "downloadbutton"),
  identity("timer", "timer"),
  identity("browser_state", "browserstate"),
  identity("upload_buttons", "uploadbutton", { file_count: "multiple" }),
  identity("dropdown_custom", "dropdown", { ...choices(["p", "q"]), allow_custom_value: true, impliedValue: "p" }),
  identity("datetime_zoned", "datetime", { timezone: "Europe/Berlin", include_time: true }),
  identity("date", "datetime", { include_time: false }),
  identity("dataset", "dataset"),
  identity("param_viewer", "paramviewer"),
  identity("fallback", "fallback"),
  identity("image_slider", "imageslider"),
  identity("dialogue", "dialogue"),
  identity("navbar", "navbar"),
  identity("line_plot", "nativeplot"),
  identity("sketch", "image", { tool: "sketch", source: "upload" }, (value) =>
    FileData.isRecord(value) ? value["image"] : value
  ),
  identity("timeseries", "timeseries"),
  identity("button", "button"),
  endpoint("/file_typed_io", {
    inputs: [Component.file({ name: "value", label: "file_typed in", types: [".txt", "image"] })],
    outputs: [Component.file({ label: "file_typed out", types: [".txt", "image"] })],
    run: ([value]) => Effect.succeed([value])
  }),
  endpoint("/number_bounded_io", {
    inputs: [Component.number({ name: "value", label: "number_bounded in", minimum: 0, maximum: 10 })],
    outputs: [Component.number({ label: "number_bounded out", minimum: 0, maximum: 10 })],
    run: ([value]) => Effect.succeed([value])
  })
]

const updated: ReadonlyArray<Endpoint<never>> = [
  endpoint("/upd_choices", {
    inputs: [Component.textbox({ name: "text", label: "text" })],
    outputs: [wire("dropdown", { label: "updated" }, choices(["p", "q"]))],
    run: ([text]) =>
      Effect.succeed([update({ value: text, choices: ["p", "q", text].map((choice) => [choice, choice]) })])
  })
]

/** Whole, as the function of a parameter that is a component sees it: the value with the properties around it. */
const properties = (type: string, options: Component.Options<unknown>, props?: Readonly<Record<string, unknown>>) =>
  wire(type, options, props, { type: type === "slider" ? "number" : "string" })

const withProperties: ReadonlyArray<Endpoint<never>> = [
  endpoint("/properties", {
    inputs: [
      Component.textbox({ name: "plain", label: "plain" }),
      properties("textbox", { name: "box", label: "box", value: "boxed" }),
      properties("slider", { name: "size", label: "size", value: 4 }, { minimum: 0, maximum: 10, step: 1 })
    ],
    outputs: [Component.json({ label: "seen" })],
    componentPropInputs: [1, 2],
    run: ([plain, box, size]) => Effect.succeed([{ plain, value: box, label: "box", size, maximum: 10 }])
  })
]

const picture = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (c) => c.charCodeAt(0)
)

/** A file of the server as most components show it: without its size. */
const made = (call: Call, name: string, content: string | Uint8Array) =>
  Effect.map(call.files.make(name, content), (file) => ({ ...FileData.encode(file, call.root), size: null }))

const makes = (
  name: string,
  outputs: ReadonlyArray<Component.Any>,
  run: (call: Call) => Effect.Effect<ReadonlyArray<unknown>, unknown>
) => endpoint(name, { inputs: [], outputs, run: (_, call) => run(call) })

const text = (name: string, value: string) => Component.textbox({ name, label: "text", value })

const message = (role: string, content: unknown) => ({ role, metadata: null, content: [content], options: null })

const fromNothing = (since: Since): ReadonlyArray<Endpoint<never>> => {
  const kind = since("4.22") ? "webp" : "png"
  return [
    makes("/make_image", [wire("image", { label: "image" })], (call) =>
      Effect.map(made(call, `image.${kind}`, picture), (file) => [file])
    ),
    makes("/make_audio", [wire("audio", { label: "audio" })], (call) =>
      Effect.map(made(call, "audio.wav", "RIFF"), (file) => [file])
    ),
    makes("/make_gallery", [wire("gallery", { label: "gallery" })], (call) =>
      Effect.map(made(call, `image.${kind}`, picture), (image) => [
        [
          { image, caption: "first" },
          { image, caption: null }
        ]
      ])
    ),
    makes("/make_plot", [wire("plot", { label: "plot" })], () =>
      Effect.succeed([{ type: "matplotlib", plot: `data:image/${kind};base64,UklGRg==` }])
    ),
    makes("/make_dataframe", [wire("dataframe", { label: "table" })], () =>
      Effect.succeed([
        {
          headers: ["name", "size"],
          data: [
            ["a", 1],
            ["b", 2.5]
          ],
          metadata: null
        }
      ])
    ),
    makes("/make_styled", [wire("dataframe", { label: "styled" })], () =>
      Effect.succeed([
        {
          headers: ["name", "size"],
          data: [
            ["a", 1],
            ["b", 2.5]
          ],
          metadata: {
            display_value: [
              ["a", "1.0 m"],
              ["b", "2.5 m"]
            ],
            styling: [
              ["", ""],
              ["", "background-color: red"]
            ]
          }
        }
      ])
    ),
    makes("/make_line_plot", [wire(since("4.39") ? "nativeplot" : "plot", { label: "line" })], () =>
      Effect.succeed([
        since("4.39")
          ? {
              columns: ["x", "y"],
              data: [
                [1, 3.5],
                [2, 4]
              ],
              datatypes: { x: "quantitative", y: "quantitative" },
              mark: "line"
            }
          : { type: "altair", plot: "{}", chart: "line" }
      ])
    ),
    makes("/make_label", [wire("label", { label: "label" })], () =>
      Effect.succeed([
        {
          label: "cat",
          confidences: [
            { label: "cat", confidence: 0.75 },
            { label: "dog", confidence: 0.25 }
          ]
        }
      ])
    ),
    makes("/make_highlighted", [wire("highlightedtext", { label: "words" })], () =>
      Effect.succeed([
        [
          { token: "a", class_or_confidence: "POS" },
          { token: "b", class_or_confidence: null }
        ]
      ])
    ),
    makes("/make_annotated", [wire("annotatedimage", { label: "annotated" })], (call) =>
      Effect.map(
        Effect.all([made(call, `image.${kind}`, picture), made(call, "image.png", picture)]),
        ([image, mask]) => [{ image, annotations: [{ image: mask, label: "box" }] }]
      )
    ),
    makes("/make_model", [wire("model3d", { label: "model" })], (call) =>
      Effect.map(made(call, "triangle.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"), (file) => [file])
    ),
    endpoint("/make_download", {
      inputs: [text("text", "content")],
      outputs: [wire("downloadbutton", { label: "download" })],
      run: ([content], call) => Effect.map(made(call, "download.txt", content), (file) => [file])
    }),
    endpoint("/make_html", {
      inputs: [text("text", "bold")],
      outputs: [wire("html", { label: "html" }), wire("markdown", { label: "markdown" })],
      run: ([content]) => Effect.succeed([`<b>${content}</b>`, `**${content}**`])
    }),
    endpoint("/make_chat", {
      inputs: [text("text", "hi")],
      outputs: [wire("chatbot", { label: "chat" })],
      run: ([content], call) =>
        Effect.map(made(call, "said.txt", content), (file) => [
          since("4.38")
            ? [
                message("user", { text: content, type: "text" }),
                message("assistant", { file, alt_text: "alt", type: "file" })
              ]
            : [
                [content, null],
                [null, { file, alt_text: "alt" }]
              ]
        ])
    })
  ]
}

const digest = (file: ServerFile) =>
  Effect.map(file.bytes, (bytes) => `${file.name}:${file.size}:${createHash("sha256").update(bytes).digest("hex")}`)

/** The digests of all files of a value, in their places. */
const digests = (value: unknown, files: Call["files"]): Effect.Effect<unknown, unknown> => {
  if (isFile(value)) return Effect.flatMap(FileData.decode(value, files), digest)
  if (Array.isArray(value)) return Effect.forEach(value, (one: unknown) => digests(one, files))
  if (!FileData.isRecord(value)) return Effect.succeed(value)
  return Effect.map(
    Effect.forEach(Object.entries(value), ([key, one]) =>
      Effect.map(digests(one, files), (found) => [key === "image" ? "file" : key, found] as const)
    ),
    Object.fromEntries
  )
}

const nestedFiles: ReadonlyArray<Endpoint<never>> = [
  endpoint("/nested_files", {
    inputs: [
      wire("multimodaltextbox", { name: "message", label: "message" }),
      wire("gallery", { name: "gallery", label: "gallery" })
    ],
    outputs: [Component.json({ label: "infos" })],
    run: ([sent, gallery], { files }) =>
      Effect.map(Effect.all([digests(sent, files), digests(gallery, files)]), ([found, pictures]) => [
        { ...(FileData.isRecord(found) ? found : {}), gallery: pictures }
      ])
  }),
  endpoint("/nested_files_out", {
    inputs: [text("text", "inner")],
    outputs: [wire("multimodaltextbox", { label: "message" }), wire("gallery", { label: "gallery" })],
    run: ([content], call) =>
      Effect.map(
        Effect.all([
          made(call, "nested 0.txt", `${content} 0`),
          made(call, "nested 1.txt", `${content} 1`),
          made(call, "image.webp", picture)
        ]),
        ([first, second, image]) => [{ text: content, files: [first, second] }, [{ image, caption: "caption" }]]
      )
  }),
  endpoint("/json_files", {
    inputs: [text("text", "inner")],
    outputs: [Component.json({ label: "what looks like a file" })],
    run: ([content], call) =>
      Effect.map(call.files.make("inside.txt", content), ({ path }) => [
        {
          deep: [{ path, orig_name: "inside.txt", meta: { _type: "gradio.FileData" } }]
        }
      ])
  })
]

/** What of the fixture app is about components. */
export const components = (since: Since): ReadonlyArray<Endpoint<never>> => [
  explorer(since),
  ...identities,
  ...updated,
  ...withProperties,
  ...fromNothing(since),
  ...nestedFiles
]
