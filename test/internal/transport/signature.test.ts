/** Signed links against the stand-in for Hugging Face, whose hosts refuse strangers of a private Space. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { HttpClient, HttpClientResponse, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"

import { GradioClient, GradioFile, HuggingFaceToken } from "../../../src/index.ts"
import * as HuggingFace from "../../../src/testing/HuggingFace.ts"
import { standinMemory } from "../../standin/app.ts"

const token = HuggingFaceToken.found(Redacted.make("hf_reader"))
const url = "https://ann-app.hf.space"

const setUp = Effect.fnUntraced(function* () {
  const app = yield* standinMemory()
  const hub = yield* HuggingFace.make({
    accounts: [{ name: "ann", token: "hf_reader" }],
    spaces: [{ id: "ann/app", private: true, app }],
    signatureLifetime: "1 hour"
  })
  const seen: Array<string> = []
  const client = HttpClient.make((request, to) => {
    seen.push(`${request.method} ${to.origin}${to.pathname}${to.searchParams.has("__sign") ? " signed" : ""}`)
    assert.strictEqual(request.headers["authorization"] !== undefined, to.hostname === "huggingface.co")
    return hub.client.execute(request)
  })
  const connect = (options: GradioClient.ConnectOptions) =>
    Effect.provideService(GradioClient.connect(url, { retry: "none", ...options }), HttpClient.HttpClient, client)
  return { hub, seen, connect, jwts: () => seen.filter((one) => one.endsWith("/jwt")).length }
})

describe("signed links", () => {
  it.effect("take the place of the header in everything that is sent to the Space", () =>
    Effect.gen(function* () {
      const { connect, jwts, seen } = yield* setUp()
      const app = yield* connect({ token, signedLinks: true })
      assert.deepStrictEqual(yield* app.predict("/direct", ["x"]), ["x"])
      const file = yield* app.upload(GradioFile.fromBytes(new Uint8Array([1]), { name: "a.bin" }))
      assert.deepStrictEqual(yield* file.bytes, new Uint8Array([1]))
      assert.deepStrictEqual(seen.slice(0, 4), [
        "GET https://huggingface.co/api/spaces/by-subdomain/ann-app",
        "GET https://huggingface.co/api/spaces/ann/app/jwt",
        "GET https://ann-app.hf.space/config signed",
        "GET https://ann-app.hf.space/gradio_api/info signed"
      ])
      assert.isTrue(seen.slice(2).every((one) => one.endsWith(" signed")))
      assert.strictEqual(jwts(), 1)
    })
  )

  it.effect("are made anew before they expire, once for all who need one", () =>
    Effect.gen(function* () {
      const { connect, jwts } = yield* setUp()
      const app = yield* connect({ token, signedLinks: true })
      yield* TestClock.adjust("58 minutes")
      yield* app.predict("/direct", ["x"])
      assert.strictEqual(jwts(), 1)
      yield* TestClock.adjust("90 seconds")
      yield* Effect.forEach([1, 2, 3], () => app.predict("/direct", ["x"]), { concurrency: "unbounded" })
      assert.strictEqual(jwts(), 2)
    })
  )

  it.effect("are made anew, once, when they are refused", () =>
    Effect.gen(function* () {
      const { connect, hub, jwts } = yield* setUp()
      const app = yield* connect({ token, signedLinks: true })
      let refused = 0
      yield* hub.inject({
        request: (request, answer) =>
          request.url.includes("/run/") && refused++ === 0
            ? Effect.succeed(HttpServerResponse.empty({ status: 401 }))
            : answer
      })
      assert.deepStrictEqual(yield* app.predict("/direct", ["x"]), ["x"])
      assert.deepStrictEqual([refused, jwts()], [2, 2])
    })
  )

  it.effect("are had for single addresses of the app, and for no others", () =>
    Effect.gen(function* () {
      const { connect, hub, seen } = yield* setUp()
      const app = yield* connect({ token })
      assert.isFalse(seen.some((one) => one.endsWith(" signed")))
      const [file] = yield* app.predict("/make_download", ["x"])
      assert(GradioFile.isGradioFile(file) && file.url !== undefined)
      const signed = yield* GradioClient.signedUrl(app, file.url)
      assert.notInclude(JSON.stringify(signed), "sign")
      assert.strictEqual((yield* hub.client.get(file.url)).status, 401)
      assert.strictEqual((yield* hub.client.get(Redacted.value(signed))).status, 200)
      for (const other of ["https://other.hf.space/file=x", "http://ann-app.hf.space/file=x", "/file=x", ""]) {
        assert.strictEqual(Redacted.value(yield* GradioClient.signedUrl(app, other)), other)
      }
    })
  )

  it.effect("are asked for under the path of the hub, of Spaces of any size, and leave with no redirect", () =>
    Effect.gen(function* () {
      const app = yield* standinMemory()
      const sent: Array<string> = []
      const client = HttpClient.make((request, url) => {
        sent.push(`${url.origin}${url.pathname}${url.search.replace(/s1gn.*/, "…")}`)
        const answer = (response: Response) => Effect.succeed(HttpClientResponse.fromWeb(request, response))
        if (url.pathname.endsWith("/jwt")) return answer(Response.json({ token: "s1gn" }))
        if (url.origin === "https://mirror.test") {
          const siblings = Array.from({ length: 5000 }, (_, n) => ({ rfilename: `file-${n}.txt` }))
          return answer(Response.json({ siblings, id: "ann/app" }))
        }
        if (url.origin === "https://cdn.test") return answer(new Response("elsewhere"))
        if (url.pathname.includes("/file=")) {
          const location = `https://cdn.test/a.bin${url.search}&key=a%20b`
          return answer(new Response("", { status: 302, headers: { location } }))
        }
        return Effect.orDie(app.client.execute(request))
      })
      const connected = yield* GradioClient.connect(url, { token, signedLinks: true, retry: "none" }).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromEnv({ env: { HF_ENDPOINT: "https://mirror.test/hf/" } })
        )
      )
      const file = yield* connected.upload(GradioFile.fromBytes(new Uint8Array([1]), { name: "a.bin" }))
      yield* file.bytes
      assert.deepStrictEqual(sent.slice(0, 3), [
        "https://mirror.test/hf/api/spaces/by-subdomain/ann-app",
        "https://mirror.test/hf/api/spaces/ann/app/jwt",
        "https://ann-app.hf.space/config?__sign=…"
      ])
      assert.strictEqual(sent.at(-1), "https://cdn.test/a.bin?key=a+b")
    })
  )

  it.effect("for a token that may not read the Space are an AuthenticationError", () =>
    Effect.gen(function* () {
      const { connect } = yield* setUp()
      const error = yield* Effect.flip(
        connect({ token: HuggingFaceToken.found(Redacted.make("hf_stranger")), signedLinks: true })
      )
      assert(error._tag === "AuthenticationError")
      assert.include(error.message, "gives this token no signature for links")
      assert.notInclude(JSON.stringify(error) + String(error.stack), "hf_stranger")
    })
  )
})
