/** Apps of other kinds than the fixture, on real servers: several pages, Gradio without a page, and one that starts again as another. */
import * as path from "node:path"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema, Scope, Stream } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient, GradioFile } from "../../src/index.ts"
import type { GradioVersion } from "../gradio/environments.ts"
import { startServer } from "../gradio/server.ts"

const fileOf = (name: string): string => path.join(import.meta.dirname, "..", "gradio", name)

const serverOf = (version: GradioVersion, app: string, port?: number) =>
  Effect.acquireRelease(
    Effect.promise(() => startServer({ version, app: fileOf(app), ...(port === undefined ? {} : { port }) })),
    (server) => Effect.promise(() => server.stop())
  )

const names = (app: GradioClient.GradioClient): ReadonlyArray<string> => Object.keys(app.api.named)

/** What the app's own page asks for when somebody shares it. */
const share = (url: string, sessionHash: string) =>
  Effect.flatMap(HttpClient.get(`${url}/gradio_api/deep_link?session_hash=${sessionHash}`), (response) =>
    Effect.flatMap(response.json, Schema.decodeUnknownEffect(Schema.String))
  )

const valuesOf = (app: GradioClient.GradioClient) =>
  app.config.components.flatMap(({ props, type }) => (type === "textbox" ? [props?.["value"] ?? null] : []))

const long = 180_000

for (const version of ["5.49.1", "6.31.0"] as const) {
  describe(`an app of several pages on Gradio ${version}`, () => {
    it.live(
      "gives the endpoints of all pages, or of one; deep links keep values; without state it wants no heartbeat",
      () =>
        Effect.gen(function* () {
          const { url } = yield* serverOf(version, "pages.py")
          const requests: Array<string> = []
          const all = yield* GradioClient.connect(url, {
            sessionHash: "shared",
            transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          })
          assert.deepStrictEqual(names(all), ["/first", "/second", "/third"])
          const second = yield* GradioClient.connect(url, { page: "/second" })
          assert.deepStrictEqual(names(second), ["/second"])
          assert.deepStrictEqual(yield* second.predict("/second", ["x"]), ["second x"])
          assert.deepStrictEqual(names(yield* GradioClient.connect(url, { page: "" })), ["/first"])
          const missing = yield* Effect.flip(GradioClient.connect(url, { page: "fourth" }))
          assert.include(missing.message, 'without a page "fourth"; there are "", "second", "third"')

          assert.deepStrictEqual(yield* all.predict("/first", ["saved"]), ["first saved"])
          const linked = yield* GradioClient.connect(`${url}/?deep_link=${yield* share(url, "shared")}`)
          assert.deepStrictEqual(valuesOf(linked), ["saved", "first saved", "two", null, "three", null])
          assert.strictEqual(linked.config["deep_link_state"], "valid")
          const unknown = yield* GradioClient.connect(url, { deepLink: "nothing" })
          assert.deepStrictEqual(valuesOf(unknown), ["one", null, "two", null, "three", null])
          assert.strictEqual(unknown.config["deep_link_state"], "invalid")

          assert.strictEqual(all.config.connect_heartbeat, false)
          assert.deepStrictEqual(
            requests.filter((request) => request.includes("heartbeat")),
            []
          )
        }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
      long
    )
  })
}

describe("Gradio 6 without a page (gr.Server)", () => {
  it.live(
    "is called like any other app, beside the routes of its host",
    () =>
      Effect.gen(function* () {
        const { url } = yield* serverOf("6.31.0", "server_mode.py")
        const app = yield* GradioClient.connect(url)
        assert.strictEqual(app.config["mode"], "server")
        assert.deepStrictEqual(names(app), ["/greet", "/steps", "/file_size"])
        assert.deepStrictEqual(yield* app.predict("/greet", { name: "you", times: 2 }), ["Hello you Hello you"])
        assert.deepStrictEqual(yield* app.predict("/greet", ["you"]), ["Hello you"])
        assert.deepStrictEqual(yield* Stream.runCollect(app.stream("/steps", [2])), [["step 0"], ["step 1"]])
        const file = GradioFile.fromBytes(new Uint8Array(7), { name: "seven.bin" })
        assert.deepStrictEqual(yield* app.predict("/file_size", [file]), [7])
        assert.strictEqual((yield* Effect.flip(app.predict("/hidden")))._tag, "EndpointNotFoundError")
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
    long
  )
})

describe("an app that starts again as another", () => {
  it.live(
    "is told apart, and read anew under the same session",
    () =>
      Effect.gen(function* () {
        const first = yield* Scope.make()
        const { url } = yield* Scope.provide(serverOf("6.31.0", "pages.py"), first)
        const app = yield* GradioClient.connect(url, { retry: "none" })
        assert.deepStrictEqual(yield* app.predict("/first", ["x"]), ["first x"])
        assert.isTrue(yield* GradioClient.isSameApp(app))
        yield* Scope.close(first, Exit.void)
        assert.strictEqual((yield* Effect.flip(GradioClient.isSameApp(app)))._tag, "AppUnreachableError")
        assert.strictEqual((yield* Effect.flip(GradioClient.refresh(app)))._tag, "AppUnreachableError")

        yield* serverOf("5.49.1", "app.py", Number(new URL(url).port))
        assert.isFalse(yield* GradioClient.isSameApp(app))
        const now = yield* GradioClient.refresh(app)
        assert.strictEqual(now.config.version, "5.49.1")
        assert.isTrue(yield* GradioClient.isSameApp(now))
        assert.deepStrictEqual(yield* now.predict("/counter", ["a"]), [0])
        assert.deepStrictEqual(yield* now.predict("/counter", ["a"]), [1])
        // The client of before asks for what is not there any more.
        assert.strictEqual((yield* Effect.flip(now.predict("/first", ["x"])))._tag, "EndpointNotFoundError")
        assert.deepStrictEqual(
          yield* (yield* app.withSession()).predict("/second", ["x"]).pipe(Effect.exit, Effect.map(Exit.isSuccess)),
          false
        )
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
    long
  )
})
