import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { HttpClient } from "effect/http"

import { Component, endpoint, GradioServer } from "../../src/testing/index.ts"
import { base, call, get, join, outputs } from "./wire.ts"

const text = Component.textbox({ name: "text", label: "a text", value: "hi" })

const words = { label: "1st", schema: { type: "array", items: { type: "string" } }, pythonType: "list[str]" }

describe("an app", () => {
  it.effect("describes its endpoints with names, labels, defaults and without its hidden slots", () =>
    Effect.gen(function* () {
      const echo = {
        parameters: [
          {
            label: "a text",
            parameter_name: "text",
            parameter_has_default: true,
            parameter_default: "hi",
            type: { type: "string" },
            python_type: { type: "str", description: "" },
            component: "Textbox",
            example_input: "Hello!!"
          },
          {
            label: "parameter_3",
            parameter_name: "param_2",
            parameter_has_default: true,
            parameter_default: null,
            type: { type: "number" },
            python_type: { type: "float", description: "" },
            component: "Number",
            example_input: 3
          }
        ],
        returns: [
          {
            label: "value_4",
            type: { type: "boolean" },
            python_type: { type: "bool", description: "" },
            component: "Checkbox"
          }
        ],
        api_visibility: "public",
        description: "Says it."
      }
      const secret = { parameters: [], returns: [], api_visibility: "undocumented", description: "" }
      const info = (query: string) => Effect.map(get(`/gradio_api/info${query}`), ({ body }) => body)
      assert.deepStrictEqual(yield* info("?serialize=False"), {
        named_endpoints: { "/echo": echo, "/echo_1": { ...secret, api_visibility: "public" } },
        unnamed_endpoints: {}
      })
      assert.deepStrictEqual(yield* info("?all_endpoints=true"), {
        named_endpoints: { "/echo": echo, "/echo_1": { ...secret, api_visibility: "public" }, "/secret": secret },
        unnamed_endpoints: {}
      })
      const config = Object((yield* get("/config")).body)
      assert.deepStrictEqual(
        config.dependencies.map((one: { readonly [key: string]: unknown }) => [
          one["id"],
          one["api_name"],
          one["inputs"],
          one["outputs"],
          one["queue"]
        ]),
        [
          [0, "echo", [1, 2, 3], [4], true],
          [1, "echo_1", [], [], false],
          [2, "secret", [], [], true],
          [3, "private", [], [], true]
        ]
      )
      assert.deepStrictEqual(
        [
          config.protocol,
          config.version,
          config.api_prefix,
          config.root,
          config.connect_heartbeat,
          config.enable_queue,
          config.title
        ],
        ["sse_v3", "6.31.0", "/gradio_api", base, true, true, "fixture"]
      )
      assert.deepStrictEqual(outputs((yield* call(3, [])).messages), [[]])
    }).pipe(
      Effect.provide(
        GradioServer.layerMemory({
          title: "fixture",
          endpoints: [
            endpoint("/echo", {
              description: "Says it.",
              inputs: [text, Component.state(0), Component.optional(Component.number())],
              outputs: [Component.checkbox()],
              run: () => Effect.succeed([true])
            }),
            endpoint("/echo_1", { inputs: [], outputs: [], queue: false, run: () => Effect.succeed([]) }),
            endpoint("/secret", { inputs: [], outputs: [], visibility: "undocumented", run: () => Effect.succeed([]) }),
            endpoint("/private", { inputs: [], outputs: [], visibility: "private", run: () => Effect.succeed([]) })
          ]
        })
      )
    )
  )

  for (const { menu, version } of [
    { version: "6.31.0", menu: "x" },
    { version: "5.2.0", menu: "x" },
    { version: "5.1.0", menu: null },
    { version: "4.44.1", menu: null }
  ]) {
    it.effect(
      `begins with no messages in a chat and ${menu === null ? "no" : "the first"} choice of a menu, as ${version} does`,
      () =>
        Effect.gen(function* () {
          const { client } = yield* GradioServer.make({
            version,
            endpoints: [
              endpoint("/all", {
                inputs: [
                  Component.dropdown({ choices: ["x", "y"] }),
                  Component.dropdown({ choices: ["x", "y"], value: "y" }),
                  Component.dropdown({ choices: ["x", "y"], value: null }),
                  Component.radio({ choices: ["x", "y"] }),
                  Component.chatbot(),
                  Component.chatbot({ value: [{ role: "user", content: "hi" }] })
                ],
                outputs: [],
                run: () => Effect.succeed([])
              })
            ]
          })
          const read = (path: string) => Effect.flatMap(client.get(`${base}${path}`), ({ json }) => json)
          const prefix = version.startsWith("4.") ? "" : "/gradio_api"
          const { parameters } = Object(yield* read(`${prefix}/info`)).named_endpoints["/all"]
          const defaults = [menu, "y", null, null, [], [{ role: "user", content: "hi" }]]
          assert.deepStrictEqual(
            parameters.map((one: { readonly [key: string]: unknown }) => [
              one["parameter_has_default"],
              one["parameter_default"]
            ]),
            defaults.map((value) => [value !== null, value])
          )
          const { components } = Object(yield* read("/config"))
          assert.deepStrictEqual(
            components
              .slice(0, 6)
              .map((one: { readonly props: { readonly value?: unknown } }) => one.props.value ?? null),
            defaults
          )
        })
    )
  }

  it.effect("gives its functions the request, the event and the services that it was made with", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
      const ask = endpoint("/ask", {
        inputs: [text],
        outputs: [Component.json()],
        run: Effect.fnUntraced(function* ([value], { eventData, request, sessionHash, triggerId }) {
          const greeting = yield* Greeting
          const { headers, query } = request
          return [
            { said: `${greeting} ${value}`, eventData, sessionHash, triggerId, agent: headers["x-gradio-user"], query }
          ]
        })
      })
      yield* Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        yield* join(0, ["you"], "s", { event_data: { index: 3 }, trigger_id: 7 }).pipe(
          Effect.provideService(
            HttpClient.HttpClient,
            HttpClient.mapRequest(client, (request) => ({
              ...request,
              headers: { ...request.headers, "x-gradio-user": "api" }
            }))
          )
        )
        const { messages } = yield* call(0, ["you"], "s", {})
        assert.deepStrictEqual(outputs(messages)[0], [
          { said: "hello you", eventData: { index: 3 }, sessionHash: "s", triggerId: 7, agent: "api", query: {} }
        ])
      }).pipe(
        Effect.provide(
          GradioServer.layerMemory({ endpoints: [ask] }).pipe(Layer.provide(Layer.succeed(Greeting)("hello")))
        )
      )
    })
  )

  it.effect("takes the value out of an object of properties where the function asks for a component", () =>
    Effect.gen(function* () {
      const { messages } = yield* call(0, ["a", { value: "b", label: "any" }])
      assert.deepStrictEqual(outputs(messages), [["a b"]])
    }).pipe(
      Effect.provide(
        GradioServer.layerMemory({
          endpoints: [
            endpoint("/properties", {
              inputs: [text, Component.textbox()],
              outputs: [text],
              componentPropInputs: [1],
              run: ([plain, box]) => Effect.succeed([`${plain} ${box}`])
            })
          ]
        })
      )
    )
  )

  it.effect("has no button for a function without components, whose values are JSON by its schema", () =>
    Effect.gen(function* () {
      const { components, dependencies } = Object((yield* get("/config")).body)
      const [typed] = dependencies
      assert.deepStrictEqual(
        [typed.targets, typed.show_progress, components.map((one: { readonly type: string }) => one.type)],
        [[], "hidden", ["api", "api"]]
      )
      const { body } = yield* get("/gradio_api/info")
      const { parameters, returns } = Object(body).named_endpoints["/typed"]
      const schema = { type: "array", items: { type: "string" } }
      const described = {
        label: "1st",
        type: schema,
        python_type: { type: "list[str]", description: "" },
        component: "Api"
      }
      assert.deepStrictEqual(parameters, [
        {
          ...described,
          parameter_name: "words",
          parameter_has_default: false,
          parameter_default: null,
          example_input: "..."
        }
      ])
      assert.deepStrictEqual(returns, [described])
      assert.deepStrictEqual(outputs((yield* call(0, [["a", "b"]])).messages), [[["a", "b"]]])
    }).pipe(
      Effect.provide(
        GradioServer.layerMemory({
          endpoints: [
            endpoint("/typed", {
              inputs: [Component.api({ name: "words", ...words })],
              outputs: [Component.api(words)],
              run: ([given]) => Effect.succeed([given])
            })
          ]
        })
      )
    )
  )
})
