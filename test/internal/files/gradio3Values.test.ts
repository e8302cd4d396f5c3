/** What Gradio 3.50.2 sends for its components, and what programs have of it; and the other way round. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import * as GradioFile from "../../../src/GradioFile.ts"
import { gradio3Values } from "../../../src/internal/files/gradio3Values.ts"
import { type FileData, isFileData } from "../../../src/internal/files/source.ts"
import { randomFrom, seed } from "../../laws/generated.ts"

const onWire = (name: string, more: object = {}) => ({ name, data: null, is_file: true, ...more })
const reference = (path: string, more: Partial<FileData> = {}): FileData => ({
  path,
  url: null,
  size: null,
  orig_name: path.split("/").at(-1) ?? "",
  mime_type: null,
  is_stream: false,
  ...more,
  meta: { _type: "gradio.FileData" }
})
/** As it goes back, with the name that the program may have given. */
const sent = (name: string, more: object = {}) => onWire(name, { orig_name: name.split("/").at(-1), ...more })

const pixel = "data:image/png;base64,iVBORw0KGgo="
const picture = (url: string, name = "image.png") => ({
  path: name,
  url,
  orig_name: name,
  mime_type: "image/png",
  is_stream: false,
  meta: { _type: "gradio.FileData" }
})

describe.each<readonly [component: string, wire: unknown, value: unknown, back: unknown]>([
  ["textbox", "data:text/plain,hi", "data:text/plain,hi", "data:text/plain,hi"],
  ["file", null, null, null],
  [
    "file",
    { orig_name: "a ü #1.txt", name: "/tmp/g/a ü 1.txt", size: 7, data: null, is_file: true },
    reference("/tmp/g/a ü 1.txt", { orig_name: "a ü #1.txt", size: 7 }),
    { name: "/tmp/g/a ü 1.txt", data: null, is_file: true, orig_name: "a ü #1.txt", size: 7 }
  ],
  ["file", [onWire("/a.txt"), null], [reference("/a.txt"), null], [sent("/a.txt"), null]],
  ["audio", onWire("/a.wav"), reference("/a.wav"), sent("/a.wav")],
  [
    "audio",
    { name: "hash/1/2", is_stream: true },
    reference("hash/1/2", { is_stream: true }),
    { name: "hash/1/2", data: null, is_file: true, orig_name: "2" }
  ],
  [
    "file",
    { name: "x.png", data: pixel, is_file: false },
    picture(pixel, "x.png"),
    { name: "x.png", data: pixel, is_file: false }
  ],
  ["image", pixel, picture(pixel), pixel],
  ["image", { image: pixel, mask: null }, { image: picture(pixel), mask: null }, { image: pixel, mask: null }],
  ["uploadbutton", "/tmp/u.txt", reference("/tmp/u.txt"), sent("/tmp/u.txt")],
  ["uploadbutton", ["/u.txt", "/v.txt"], [reference("/u.txt"), reference("/v.txt")], [sent("/u.txt"), sent("/v.txt")]],
  ["video", null, null, null],
  ["video", [onWire("/v.mp4"), null], { video: reference("/v.mp4"), subtitles: null }, [sent("/v.mp4"), null]],
  [
    "video",
    [onWire("/v.mp4"), onWire("/v.vtt")],
    { video: reference("/v.mp4"), subtitles: reference("/v.vtt") },
    [sent("/v.mp4"), sent("/v.vtt")]
  ],
  [
    "gallery",
    [[onWire("/p.png"), "cap"], onWire("/q.png")],
    [
      { image: reference("/p.png"), caption: "cap" },
      { image: reference("/q.png"), caption: null }
    ],
    [
      [sent("/p.png"), "cap"],
      [sent("/q.png"), null]
    ]
  ],
  [
    "annotatedimage",
    [onWire("/p.png"), [[onWire("/m.png"), "box"]]],
    { image: reference("/p.png"), annotations: [{ image: reference("/m.png"), label: "box" }] },
    [sent("/p.png"), [[sent("/m.png"), "box"]]]
  ],
  [
    "chatbot",
    [
      ["hi", null],
      [null, onWire("/said.txt", { mime_type: "text/plain", alt_text: "alt" })]
    ],
    [
      ["hi", null],
      [null, { file: reference("/said.txt", { mime_type: "text/plain" }), alt_text: "alt" }]
    ],
    [
      ["hi", null],
      [null, sent("/said.txt", { mime_type: "text/plain", alt_text: "alt" })]
    ]
  ],
  [
    "highlightedtext",
    [
      ["a", "POS"],
      ["b", null]
    ],
    [
      { token: "a", class_or_confidence: "POS" },
      { token: "b", class_or_confidence: null }
    ],
    [
      ["a", "POS"],
      ["b", null]
    ]
  ],
  [
    "dataframe",
    { data: [[1, 2]], headers: [1, ["a", 2]], metadata: null },
    { data: [[1, 2]], headers: ["1", ["a", 2]], metadata: null },
    { data: [[1, 2]], headers: ["1", ["a", 2]], metadata: null }
  ],
  // The value of a JSON component is data, whatever it looks like.
  ["json", [onWire("/etc/passwd")], [onWire("/etc/passwd")], [onWire("/etc/passwd")]]
])("the value of a component %s", (component, wire, value, back) => {
  it(`comes: ${JSON.stringify(wire).slice(0, 60)}`, () => {
    const before = structuredClone(wire)
    assert.deepStrictEqual(gradio3Values.fromWire(component, wire), value)
    assert.deepStrictEqual(wire, before)
  })

  it(`goes back: ${JSON.stringify(back).slice(0, 60)}`, () => {
    const before = structuredClone(value)
    assert.deepStrictEqual(gradio3Values.toWire(component, value), back)
    assert.deepStrictEqual(value, before)
  })

  it("goes as it is where it is of Gradio 3 already", () => {
    assert.deepStrictEqual(
      gradio3Values.toWire(component, wire),
      component === "file" && wire === undefined ? null : wire
    )
  })
})

it("an input of Gradio 4 and later has its files alone or with what goes beside them", () => {
  assert.deepStrictEqual(gradio3Values.toWire("video", reference("/v.mp4")), sent("/v.mp4"))
  assert.deepStrictEqual(gradio3Values.toWire("gallery", [reference("/p.png"), { image: reference("/q.png") }]), [
    sent("/p.png"),
    [sent("/q.png"), null]
  ])
})

const embeddedFile = (value: unknown): GradioFile.GradioFile => {
  const file = isFileData(value) ? gradio3Values.embedded(value) : undefined
  assert(file !== undefined)
  return file
}

describe("a file inside a value", () => {
  it.effect("has the same bytes after it went and came, whatever they are", () =>
    Effect.gen(function* () {
      const random = randomFrom(seed)
      for (let n = 0; n < 300; n++) {
        const bytes = Uint8Array.from({ length: random.below(300) }, () => random.below(256))
        const reference = yield* gradio3Values.embed(GradioFile.fromBytes(bytes, { name: "p.png" }))
        const url = gradio3Values.toWire("image", reference)
        const back = embeddedFile(gradio3Values.fromWire("image", url))
        assert.deepStrictEqual(
          [yield* back.bytes, back.size, back.name, back.mimeType],
          [bytes, bytes.length, "image.png", "image/png"]
        )
      }
    })
  )

  it.effect("may be a text", () =>
    Effect.gen(function* () {
      const file = embeddedFile(gradio3Values.fromWire("image", "data:image/svg+xml,%3Csvg%2F%3E"))
      assert.deepStrictEqual([new TextDecoder().decode(yield* file.bytes), file.name], ["<svg/>", "image.svg"])
    })
  )

  it.effect("that cannot be read fails when it is read, not the call", () =>
    Effect.gen(function* () {
      for (const url of ["data:image/png;base64,!", "data:image/png,%E0%A4%A"]) {
        const error = yield* Effect.flip(embeddedFile(gradio3Values.fromWire("image", url)).bytes)
        assert.deepStrictEqual(
          [error._tag, error._tag === "GradioFileError" ? error.reason : ""],
          ["GradioFileError", "unreadable"]
        )
      }
    })
  )
})
