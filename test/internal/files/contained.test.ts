/** Outputs with files that no app serves: their content is in the reference. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as HttpClient from "effect/http/HttpClient"

import { Component as Components, Endpoint, GradioClient, GradioFile } from "../../../src/index.ts"
import { Component, endpoint, GradioServer } from "../../../src/testing/index.ts"

const component = (type: string) =>
  Component.make<unknown, unknown>({
    type,
    options: {},
    schema: {},
    preprocess: Effect.succeed,
    postprocess: Effect.succeed
  })

// As 5.49.1 and 6.31.0 give them.
const picture = (more: object) => ({
  path: null,
  url: "data:image/svg+xml,%3Csvg%3E%C3%BC%20%25%3C/svg%3E",
  size: null,
  orig_name: "a.svg",
  mime_type: null,
  is_stream: false,
  meta: { _type: "gradio.FileData" },
  ...more
})
const data = [
  picture({}),
  [{ image: picture({ mime_type: "image/svg+xml", orig_name: null }), caption: "c" }],
  { it: picture({}) }
]

describe("a picture that is SVG", () => {
  it.effect("is a file with its bytes, where it stands alone and in a list; what a JSON component shows is data", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.make({
        endpoints: [
          endpoint("/draw", {
            inputs: [],
            outputs: [component("image"), component("gallery"), component("json")],
            run: () => Effect.succeed(data)
          })
        ]
      })
      const app = yield* Effect.provideService(
        GradioClient.connect("http://app.test"),
        HttpClient.HttpClient,
        server.client
      )
      const draw = Endpoint.make("/draw", {
        input: Schema.Struct({}),
        output: Schema.Tuple([Components.Image.output, Components.Gallery.output, Components.JSON.output])
      })
      const [alone, listed, shown] = yield* app.predict(draw, {})
      const files = [alone, ...listed.map(({ file }) => file)]
      assert.deepStrictEqual(
        yield* Effect.forEach(files, (file) =>
          file === null
            ? Effect.succeed(null)
            : Effect.map(file.bytes, (bytes) => [file.name, file.mimeType, file.size, new TextDecoder().decode(bytes)])
        ),
        [
          ["a.svg", "image/svg+xml", 15, "<svg>ü %</svg>"],
          ["image.svg", "image/svg+xml", 15, "<svg>ü %</svg>"]
        ]
      )
      assert.deepStrictEqual(shown, data[2])
      const [untyped, , raw] = yield* app.predict("/draw", {}, { raw: true })
      assert.isFalse(GradioFile.isGradioFile(untyped))
      assert.deepStrictEqual([untyped, raw], [data[0], data[2]])
    })
  )
})
