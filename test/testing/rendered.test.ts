/** Functions that render blocks make, as clients see them on the wire. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"

import { Component, endpoint, GradioServer, render } from "../../src/testing/index.ts"
import { call, get, outputs, post } from "./wire.ts"

class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

const given = Component.textbox({ name: "given" })
const said = Component.textbox({ label: "said" })

/** One function for each word. */
const words = (greeting: (word: string) => Effect.Effect<string, never, Greeting>) =>
  render({
    inputs: [given],
    run: ([text]) =>
      Effect.succeed(
        text.split(" ").map((word) =>
          endpoint(`/say_${word}`, {
            inputs: [Component.textbox({ name: "to", label: word })],
            outputs: [said],
            run: ([to]) => Effect.map(greeting(word), (greeted) => [`${greeted} ${to}`])
          })
        )
      )
  })

const server = GradioServer.layerMemory({
  endpoints: [
    endpoint("/echo", { inputs: [given], outputs: [said], run: ([text]) => Effect.succeed([text]) }),
    words((word) => Effect.map(Greeting, (hello) => `${hello}, ${word}`)),
    words((word) => Effect.succeed(`second ${word}`))
  ]
}).pipe(Layer.provide(Layer.succeed(Greeting)("hello")))

/** What a run of a block tells of what it made. */
const rendered = (block: number, text: string, session = "s") =>
  Effect.map(call(block, [text], session), ({ messages }) => {
    const { output } = Object(messages.find(({ msg }) => msg === "process_completed"))
    return Object(output.render_config)
  })

const numbers = (config: { readonly dependencies: ReadonlyArray<{ readonly id: number }> }) =>
  config.dependencies.map(({ id }) => id)

describe("a render block", () => {
  it.effect("is a function without a button that is in no documentation", () =>
    Effect.gen(function* () {
      const { components, dependencies } = Object((yield* get("/config")).body)
      const [, first, second] = dependencies
      const column = components.find(({ id }: { readonly id: number }) => id === first.outputs[0])
      assert.deepStrictEqual(
        [first.api_name, first.targets, first.trigger_mode, first.api_visibility, first.render_id, column.type],
        [
          "apply",
          [
            [0, "load"],
            [1, "change"]
          ],
          "always_last",
          "undocumented",
          0,
          "column"
        ]
      )
      assert.deepStrictEqual([second.api_name, second.render_id], ["apply_1", 1])
      const { body } = yield* get("/gradio_api/info")
      assert.deepStrictEqual(Object.keys(Object(body).named_endpoints), ["/echo"])
    }).pipe(Effect.provide(server))
  )

  it.effect("makes functions with components of their own and of the app", () =>
    Effect.gen(function* () {
      const config = yield* rendered(1, "red green")
      assert.deepStrictEqual(
        config.dependencies.map((one: { readonly [key: string]: unknown }) => [
          one["id"],
          one["api_name"],
          one["inputs"],
          one["outputs"],
          one["targets"],
          one["rendered_in"],
          one["render_id"]
        ]),
        [
          [3, "say_red", [8], [2], [[10, "click"]], 0, null],
          [4, "say_green", [9], [2], [[11, "click"]], 0, null]
        ]
      )
      assert.deepStrictEqual(
        config.components.map((one: { readonly [key: string]: unknown }) => [
          one["id"],
          one["type"],
          one["renderable"],
          one["rendered_in"]
        ]),
        [
          [3, "column", 0, undefined],
          [8, "textbox", 0, 0],
          [9, "textbox", 0, 0],
          [10, "button", 0, 0],
          [11, "button", 0, 0]
        ]
      )
      assert.deepStrictEqual(outputs((yield* call(4, ["you"])).messages), [["hello, green you"]])
      const direct = yield* post("/run/any", { data: ["you"], fn_index: 3, session_hash: "s" })
      assert.deepStrictEqual(Object(direct.body).data, ["hello, red you"])
    }).pipe(Effect.provide(server))
  )

  it.effect("takes back what it made before, in its session alone", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(numbers(yield* rendered(1, "red")), [3])
      assert.deepStrictEqual(numbers(yield* rendered(2, "other")), [4])
      assert.deepStrictEqual(numbers(yield* rendered(1, "blue")), [5])
      assert.deepStrictEqual(numbers(yield* rendered(1, "red", "elsewhere")), [3])
      const status = (fnIndex: number, session: string) =>
        Effect.map(
          post("/run/any", { data: ["x"], fn_index: fnIndex, session_hash: session }),
          (answer) => answer.status
        )
      assert.deepStrictEqual(
        [yield* status(3, "s"), yield* status(4, "s"), yield* status(5, "s"), yield* status(5, "elsewhere")],
        [500, 200, 200, 500]
      )
    }).pipe(Effect.provide(server))
  )
})
