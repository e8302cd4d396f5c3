/** What components make of values that are not theirs. Real servers of these versions did the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpBody } from "effect/http"

import { Component, endpoint, GradioServer } from "../../src/testing/index.ts"
import { base } from "./wire.ts"

const server = Effect.fnUntraced(function* (version = "6.31.0") {
  const { client } = yield* GradioServer.make({
    version,
    showError: true,
    endpoints: [
      endpoint("/see", {
        inputs: [Component.checkbox(), Component.chatbot()],
        outputs: [Component.json()],
        run: ([flag, chat]) => Effect.succeed([{ flag, chat }])
      }),
      endpoint("/nulls", {
        inputs: [],
        outputs: [Component.slider({ minimum: 1, maximum: 10 }), Component.checkbox()],
        run: () => Effect.succeed([null, null])
      })
    ]
  })
  const prefix = version.startsWith("5") || version.startsWith("6") ? "/gradio_api" : ""
  return {
    run: (name: string, data: ReadonlyArray<unknown>) =>
      client.post(`${base}${prefix}/run/${name}`, { body: HttpBody.jsonUnsafe({ data }) }).pipe(
        Effect.flatMap(({ json }) => json),
        Effect.map((body) => {
          const { data: values, error } = Object(body)
          return values === undefined ? String(error).split("\n").slice(0, 3).join("\n") : values
        })
      )
  }
})

const textPart = (text: string) => ({ text, type: "text" })
const said = (...parts: ReadonlyArray<object>) => ({ role: "user", metadata: null, content: parts, options: null })

describe("values", () => {
  it.effect("a checkbox passes on what comes in; out of nothing it makes no, and a slider its minimum", () =>
    Effect.gen(function* () {
      const { run } = yield* server()
      for (const flag of ["no", null, 3, [], true]) {
        assert.deepStrictEqual(yield* run("see", [flag, []]), [{ flag, chat: [] }])
      }
      assert.deepStrictEqual(yield* run("nulls", []), [1, false])
    })
  )

  it.effect("a slider without a step takes a power of ten", () =>
    Effect.gen(function* () {
      const ranges = [[], [1, 10], [0, 1], [0, 5], [0.5, 1000], [0, 1e-3]]
      const { client } = yield* GradioServer.make({
        endpoints: [
          endpoint("/all", {
            inputs: ranges.map(([minimum, maximum]) => Component.slider({ minimum, maximum })),
            outputs: [],
            run: () => Effect.succeed([])
          })
        ]
      })
      const { components } = Object(yield* Effect.flatMap(client.get(`${base}/config`), ({ json }) => json))
      assert.deepStrictEqual(
        components
          .slice(0, ranges.length)
          .map((one: { readonly props: { readonly step?: unknown } }) => one.props.step),
        [1, 0.01, 0.01, 0.01, 1, 0.00001]
      )
    })
  )

  it.effect("a chat is a list of messages, whose parts are told apart", () =>
    Effect.gen(function* () {
      const { run } = yield* server()
      const see = (chat: unknown) => run("see", [true, chat])
      const seen = (chat: unknown) => [{ flag: true, chat }]
      assert.deepStrictEqual(yield* see(null), seen([]))
      assert.deepStrictEqual(yield* see([{ role: "user", content: [{ text: "hi" }] }]), seen([said(textPart("hi"))]))
      const invalid = "1 validation error for ChatbotDataMessages\n"
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            "hi",
            {},
            [1],
            [["a", "b"]],
            [{ role: "user" }],
            [{ role: 1, content: [] }],
            [{ role: "user", content: "hi" }],
            [{ role: "user", content: ["hi"] }]
          ],
          see
        ),
        [
          `${invalid}  Input should be a valid list [type=list_type, input_value='hi', input_type=str]`,
          `${invalid}  Input should be a valid list [type=list_type, input_value={}, input_type=dict]`,
          `${invalid}0\n  Input should be a valid dictionary or instance of Message [type=model_type, input_value=1, input_type=int]`,
          `${invalid}0\n  Input should be a valid dictionary or instance of Message [type=model_type, input_value=['a', 'b'], input_type=list]`,
          `${invalid}0.content\n  Field required [type=missing, input_value={'role': 'user'}, input_type=dict]`,
          `${invalid}0.role\n  Input should be a valid string [type=string_type, input_value=1, input_type=int]`,
          `${invalid}0.content\n  Input should be a valid list [type=list_type, input_value='hi', input_type=str]`,
          `${invalid}0.content.0.TextMessage\n  Input should be a valid dictionary or instance of TextMessage [type=model_type, input_value='hi', input_type=str]`
        ]
      )
    })
  )

  it.effect("before 6.0 a message has one content, and before 4.38 a chat is pairs", () =>
    Effect.gen(function* () {
      const seen = (chat: unknown) => [{ flag: true, chat }]
      const newer = yield* server("5.49.1")
      assert.deepStrictEqual(
        yield* newer.run("see", [true, [{ role: "user", content: "hi" }]]),
        seen([said(textPart("hi"))])
      )
      assert.match(
        yield* newer.run("see", [true, [{ role: "user", content: [textPart("hi")] }]]),
        /^1 validation error/
      )
      assert.match(yield* newer.run("see", [true, [["hi", "ho"]]]), /^1 validation error/)
      const older = yield* server("4.21.0")
      assert.deepStrictEqual(
        yield* older.run("see", [
          true,
          [
            ["hi", null],
            [null, "ho"]
          ]
        ]),
        seen([said(textPart("hi")), { ...said(textPart("ho")), role: "assistant" }])
      )
      for (const chat of [[{ role: "user", content: "hi" }], ["hi"], [["hi"]], "hi"]) {
        assert.match(yield* older.run("see", [true, chat]), /^1 validation error/)
      }
    })
  )
})
