/** A real Gradio app as a private Space: behind the stand-in's host, which lets through only who comes with a token, as the proxy of Spaces does. */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted, Schedule, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientRequest, HttpServerResponse } from "effect/http"

import { GradioClient, GradioFile } from "../../src/index.ts"
import { HuggingFace } from "../../src/testing/index.ts"
import { startServer } from "../gradio/server.ts"
import { accounts, server, tokens } from "./app.ts"

const real = Effect.acquireRelease(
  Effect.promise(() => startServer({ version: "6.31.0" })),
  (one) => Effect.promise(() => one.stop())
)

/** Passes requests on, as the proxy of Spaces does: the app learns under which address it was asked. */
const behind = (url: string): Effect.Effect<HuggingFace.SpaceApp, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (client) => ({
    handle: (request) => {
      const {
        connection: _,
        "content-length": length,
        host,
        "transfer-encoding": chunked,
        ...headers
      } = request.headers
      const target = `${url.replace(/\/$/, "")}${request.url}`
      const passed = { ...headers, "x-forwarded-host": host ?? "", "x-forwarded-proto": "http" }
      const sent =
        length === undefined && chunked === undefined
          ? HttpClientRequest.get(target, { headers: passed })
          : HttpClientRequest.post(target, {
              headers: passed,
              body: HttpBody.stream(request.stream, headers["content-type"] ?? "")
            })
      return Effect.map(client.execute(sent), (response) => {
        const { connection: _closed, "transfer-encoding": _chunked, ...answered } = response.headers
        return HttpServerResponse.stream(response.stream, { status: response.status, headers: answered })
      }).pipe(Effect.orDie)
    }
  }))

describe("a real app as a private Space", () => {
  it.live(
    "is woken up, called, streamed from, sent files to and told to stop, by its name",
    () =>
      Effect.gen(function* () {
        const { url } = yield* real
        const huggingFace = yield* HuggingFace.make({ accounts })
        yield* huggingFace.put({
          id: "alice/real",
          private: true,
          stage: "SLEEPING",
          starts: "300 millis",
          app: yield* behind(url)
        })
        const endpoint = yield* huggingFace.serve(server)
        const env = ConfigProvider.fromEnv({ env: { HF_ENDPOINT: endpoint } })
        const options = { token: Redacted.make(tokens.alice), wait: Schedule.spaced("50 millis") }
        const app = yield* GradioClient.connect("alice/real", options).pipe(
          Effect.provideService(ConfigProvider.ConfigProvider, env)
        )
        assert.strictEqual(app.config.version, "6.31.0")
        assert.deepStrictEqual(yield* app.predict("/echo", ["hi"]), ["hi"])
        assert.deepStrictEqual(yield* Stream.runCollect(app.stream("/count", [3])), [["0"], ["1"], ["2"]])

        const file = GradioFile.fromBytes(new TextEncoder().encode("Space!"), { name: "a.txt" })
        const [back] = yield* app.predict("/file_io", [file])
        assert(GradioFile.isGradioFile(back))
        assert.strictEqual(new TextDecoder().decode(yield* back.bytes), "Space!")

        yield* Stream.runDrain(Stream.take(app.stream("/ticks", [1000, 0.05, "a Space"]), 2))
        // Told to stop, the generator takes no further step.
        const steps = Effect.map(app.predict("/steps"), ([taken]) => Object(taken)["a Space"])
        const before = yield* Effect.delay(steps, "1 second")
        assert.isAbove(before, 0)
        assert.strictEqual(yield* Effect.delay(steps, "1 second"), before)

        const stranger = yield* Effect.flip(
          GradioClient.connect("alice/real").pipe(Effect.provideService(ConfigProvider.ConfigProvider, env))
        )
        assert.strictEqual(stranger._tag === "SpaceError" ? stranger.reason : stranger._tag, "missing")
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
    240_000
  )
})
