import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { HttpClient } from "effect/http"

import * as AppDescription from "../../src/codegen/AppDescription.ts"
import { ApiInfo, AppConfig, GradioClient } from "../../src/index.ts"
import { makeEndpoints } from "../../src/internal/endpoints.ts"
import { config3, config6, info3, info6 } from "../internal/samples.ts"
import { standinMemory } from "../standin/app.ts"

const shuffled = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shuffled)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, shuffled(inner)])
        )
      : value

const read = (text: string) => Result.getOrThrow(AppDescription.fromJson(text))

/** What the page of one app holds, with a file of the server in a component and in a default. */
const withFile = (run: string) => ({
  config: {
    version: "6.31.0",
    app_id: run,
    root: `http://127.0.0.1:${run}`,
    theme_hash: run,
    components: [
      {
        id: 1,
        type: "image",
        props: { label: "image", value: file(run), proxy_url: null, root_url: run },
        skip_api: false
      },
      { id: 2, type: "row", props: {}, skip_api: true }
    ],
    dependencies: [
      { id: 3, inputs: [1], outputs: [1], api_name: "blur", targets: [[2, "click"]] },
      { id: 4, inputs: [2], outputs: [], api_name: "rendered", rendered_in: 7 }
    ]
  },
  info: {
    named_endpoints: {
      "/blur": {
        parameters: [
          {
            label: "image",
            parameter_name: "image",
            parameter_has_default: true,
            parameter_default: file(run),
            component: "Image"
          }
        ],
        returns: [{ label: "image", component: "Image" }],
        code_snippets: { python: run }
      }
    }
  }
})
const file = (run: string) => ({
  path: `/tmp/${run}/a/cat.png`,
  url: `http://127.0.0.1:${run}/gradio_api/file=/tmp/${run}/a/cat.png`,
  orig_name: "cat.png",
  meta: { _type: "gradio.FileData" }
})

describe("AppDescription", () => {
  it("keeps what endpoints are made of, for every version, and gives the same text when it is read again", () => {
    for (const [config, info] of [
      [config3, info3],
      [config6, info6],
      [config6, undefined]
    ] as const) {
      const whole = Result.getOrThrow(AppConfig.decodeAppConfig(config))
      const described = info && Result.getOrThrow(ApiInfo.decodeWireInfo(info))
      const description = AppDescription.make(whole, described)
      const again = read(AppDescription.toJson(description))
      const withoutExamples = (table: ReturnType<typeof makeEndpoints>) =>
        JSON.parse(JSON.stringify(table, (key, value: unknown) => (key === "example" ? undefined : value)))
      assert.deepStrictEqual(
        withoutExamples(makeEndpoints(again.config, again.info)),
        withoutExamples(makeEndpoints(whole, described))
      )
      assert.strictEqual(AppDescription.toJson(again), AppDescription.toJson(description))
    }
  })

  it("is the same text for the same app, whatever its start, its address and the order of keys", () => {
    const text = AppDescription.toJson(read(JSON.stringify(withFile("1234"))))
    assert.strictEqual(AppDescription.toJson(read(JSON.stringify(shuffled(withFile("5678"))))), text)
    assert.deepStrictEqual(JSON.parse(text), {
      config: {
        components: [
          {
            id: 1,
            props: {
              label: "image",
              value: { meta: { _type: "gradio.FileData" }, orig_name: "cat.png", path: "cat.png" }
            },
            skip_api: false,
            type: "image"
          }
        ],
        dependencies: [{ api_name: "blur", id: 3, inputs: [1], outputs: [1] }],
        version: "6.31.0"
      },
      info: {
        named_endpoints: {
          "/blur": {
            parameters: [
              {
                component: "Image",
                example_input: null,
                label: "image",
                parameter_default: { meta: { _type: "gradio.FileData" }, orig_name: "cat.png", path: "cat.png" },
                parameter_has_default: true,
                parameter_name: "image"
              }
            ],
            returns: [{ component: "Image", label: "image" }]
          }
        },
        unnamed_endpoints: {}
      }
    })
    assert.isTrue(text.endsWith("}\n"))
  })

  it("holds hostile names as they are", () => {
    const description = read(
      `{"config":{"version":"6","components":[{"id":1,"type":"textbox","props":{"__proto__":{"a":1}}}],"dependencies":[{"inputs":[1],"api_name":"__proto__"}]},"info":{"named_endpoints":{"__proto__":{"parameters":[]}}}}`
    )
    const text = AppDescription.toJson(description)
    assert.include(text, `"__proto__": {\n            "a": 1`)
    assert.include(text, `"__proto__": {\n        "parameters": []`)
  })

  it("says why a text is none", () => {
    assert.deepStrictEqual(AppDescription.fromJson("nothing"), Result.fail("this is no JSON"))
    const without = Result.getFailure(AppDescription.fromJson(`{"info":{}}`))
    assert.include(JSON.stringify(without), "config")
  })

  it.effect("is taken from a client, with /info where there is one", () =>
    Effect.gen(function* () {
      const server = yield* standinMemory({})
      const app = yield* GradioClient.connect("http://gradio.test").pipe(
        Effect.provideService(HttpClient.HttpClient, server.client)
      )
      const description = AppDescription.fromClient(app)
      assert.deepStrictEqual(
        makeEndpoints(description.config, description.info).map(({ name, parameters }) => [name, parameters.length]),
        makeEndpoints(app.config, GradioClient.wireInfo(app)).map(({ name, parameters }) => [name, parameters.length])
      )
      assert.isDefined(description.info)
      const double = GradioClient.makeWith(app)
      assert.isUndefined(AppDescription.fromClient(double).info)
    }).pipe(Effect.scoped)
  )
})
