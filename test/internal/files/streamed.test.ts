/** Streamed outputs: playlists that grow, segments elsewhere; files of apps that this one loaded, and files elsewhere. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { TestClock } from "effect/testing"

import { GradioClient, GradioFile } from "../../../src/index.ts"
import { Component, Fault, GradioServer, endpoint } from "../../../src/testing/index.ts"

/** A component whose function gives references as they go over the wire. */
const reference = Component.make<unknown, unknown>({
  type: "audio",
  options: {},
  schema: {},
  preprocess: Effect.succeed,
  postprocess: Effect.succeed
})

const marked = (fields: object) => ({ meta: { _type: "gradio.FileData" }, ...fields })
const playlist = marked({
  path: "hash/run/7/playlist.m3u8",
  url: "https://wrong.example/gradio_api/stream/hash/run/7/playlist.m3u8",
  is_stream: true,
  orig_name: "sound.mp3"
})

interface Setting {
  readonly data: unknown
  /** What the playlist says, one after the other; the last is repeated. */
  readonly playlists?: ReadonlyArray<string>
  readonly options?: GradioClient.ConnectOptions
}

/** The file that an app gave, and what was asked of it and of others. */
const open = Effect.fnUntraced(function* ({ data, options = {}, playlists = [] }: Setting) {
  const server = yield* GradioServer.make({
    root: "/sub",
    endpoints: [endpoint("/play", { inputs: [], outputs: [reference], run: () => Effect.succeed([data]) })]
  })
  let looked = 0
  yield* server.inject(
    Fault.on(
      { path: ".m3u8" },
      {
        request: () =>
          Effect.sync(() => HttpServerResponse.text(playlists[Math.min(looked++, playlists.length - 1)] ?? ""))
      }
    )
  )
  yield* server.inject(
    Fault.on(
      { path: /\.aac$|proxy=/ },
      { request: ({ url }) => Effect.succeed(HttpServerResponse.text(`<${url.split("/").at(-1)}>`)) }
    )
  )
  const requests: Array<readonly [url: string, secret: string | undefined]> = []
  const http = HttpClient.make((request, url) => {
    requests.push([url.href, request.headers["x-secret"]])
    return url.host === "app.test"
      ? server.client.execute(request)
      : Effect.succeed(HttpClientResponse.fromWeb(request, new Response("<elsewhere>")))
  })
  const app = yield* Effect.provideService(
    GradioClient.connect("http://app.test/sub", { headers: { "x-secret": Redacted.make("s3cret") }, ...options }),
    HttpClient.HttpClient,
    http
  )
  const [file] = yield* app.predict("/play")
  assert(GradioFile.isGradioFile(file))
  requests.length = 0
  return { file, requests, text: Stream.mkString(Stream.decodeText(file.stream)) }
})

const head = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
const segment = (name: string) => `#EXTINF:1.000000,\n${name}\n`

const inTime = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    for (let i = 0; i < 2000 && fiber.pollUnsafe() === undefined; i++) yield* TestClock.adjust("250 millis")
    return yield* Fiber.join(fiber)
  })

describe("a streamed output", () => {
  it.effect("is the segments of its playlist, each as it is listed, on the address of the app", () =>
    Effect.gen(function* () {
      const { file, requests, text } = yield* open({
        data: playlist,
        playlists: [
          head,
          head + segment("a.aac"),
          head + segment("a.aac"),
          head + segment("a.aac") + segment("b.aac") + "\r\n",
          head + segment("a.aac") + segment("b.aac") + segment("c.aac") + "#EXT-X-ENDLIST\n"
        ]
      })
      assert.strictEqual(file.url?.href, "http://app.test/sub/gradio_api/stream/hash/run/7/playlist.m3u8")
      assert.deepStrictEqual([file.name, file.isStream], ["sound.mp3", true])
      assert.strictEqual(yield* inTime(text), "<a.aac><b.aac><c.aac>")
      const at = "http://app.test/sub/gradio_api/stream/hash/run/7/"
      assert.deepStrictEqual(
        requests.filter(([url]) => url.endsWith(".aac")),
        ["a", "b", "c"].map((name) => [`${at}${name}.aac`, "s3cret"] as const)
      )
    }).pipe(Effect.scoped)
  )

  it.effect("is read from its beginning by each that reads it", () =>
    Effect.gen(function* () {
      const whole = `${head}${segment("a.aac")}${segment("b.aac")}#EXT-X-ENDLIST\n`
      const { file, text } = yield* open({ data: playlist, playlists: [whole] })
      const twice = yield* inTime(Effect.all([text, text], { concurrency: 2 }))
      assert.deepStrictEqual(
        [...twice, new TextDecoder().decode(yield* inTime(file.bytes))],
        ["<a.aac><b.aac>", "<a.aac><b.aac>", "<a.aac><b.aac>"]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("takes no secret along to segments elsewhere, and none from addresses of this machine's network", () =>
    Effect.gen(function* () {
      const elsewhere = yield* open({
        data: playlist,
        playlists: [`${head}${segment("https://media.example/a.aac")}#EXT-X-ENDLIST`]
      })
      assert.strictEqual(yield* inTime(elsewhere.text), "<elsewhere>")
      assert.deepStrictEqual(elsewhere.requests.at(-1), ["https://media.example/a.aac", undefined])
      const metadata = yield* open({
        data: playlist,
        playlists: [`${head}${segment("http://169.254.169.254/a.aac")}#EXT-X-ENDLIST`]
      })
      const error = yield* Effect.flip(inTime(metadata.text))
      assert.include(error, { _tag: "GradioFileError", reason: "not-allowed" })
      assert.isTrue(metadata.requests.every(([url]) => url.startsWith("http://app.test/")))
    }).pipe(Effect.scoped)
  )

  it.effect("fails as incomplete where its playlist does not go on for two minutes", () =>
    Effect.gen(function* () {
      const { text } = yield* open({ data: playlist, playlists: [head + segment("a.aac")] })
      const error = yield* Effect.flip(inTime(text))
      assert.include(error, { _tag: "GradioFileError", reason: "incomplete" })
      assert.include(error.message, "did not go on for 2m")
    }).pipe(Effect.scoped)
  )

  it.effect("fails as not found where its session is gone", () =>
    Effect.gen(function* () {
      const { text } = yield* open({ data: marked({ path: "hash/run/7/nothing", is_stream: true }) })
      assert.include(yield* Effect.flip(inTime(text)), { _tag: "GradioFileError", reason: "not-found" })
    }).pipe(Effect.scoped)
  )
})

describe("a file of an app that this one loaded", () => {
  it.effect("is had through this one, never from the address inside", () =>
    Effect.gen(function* () {
      const inside = "https://owner-name.hf.space/file=/tmp/x/a%20b.txt"
      for (const url of [`/gradio_api/proxy=${inside}`, `http://wrong.example/gradio_api/proxy=${inside}`]) {
        const { file, requests, text } = yield* open({ data: marked({ path: "/tmp/x/a b.txt", url }) })
        assert.strictEqual(file.url?.href, `http://app.test/sub/gradio_api/proxy=${inside}`)
        assert.strictEqual(yield* inTime(text), "<a%20b.txt>")
        assert.isTrue(requests.every(([asked]) => asked.startsWith("http://app.test/")))
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is not what only looks so: a file of the app with that in its path", () =>
    Effect.gen(function* () {
      const url = "http://app.test/gradio_api/file=/tmp/proxy=https://x.example/a.txt"
      const { file } = yield* open({ data: marked({ path: "/tmp/proxy=https://x.example/a.txt", url }) })
      assert.strictEqual(file.url?.href, "http://app.test/sub/gradio_api/file=/tmp/proxy%3Dhttps%3A//x.example/a.txt")
    }).pipe(Effect.scoped)
  )
})

describe("a file elsewhere", () => {
  it.effect("has the name that its address says, without the query, which may be a signature", () =>
    Effect.gen(function* () {
      const path = "https://bucket.example/pictures/my%20pic.png?X-Amz-Signature=SECRET123"
      const { file } = yield* open({ data: marked({ path, url: path, orig_name: null }) })
      assert.deepStrictEqual([file.name, file.mimeType, file.url?.href], ["my pic.png", "image/png", path])
      assert.notInclude(JSON.stringify(file), "SECRET123")
      const names = yield* Effect.forEach(
        ["https://bucket.example/100%/a%.png", "https://bucket.example/?key=/etc/SECRET123", "http://["],
        (one) => Effect.map(open({ data: marked({ path: one }) }), (opened) => opened.file.name)
      )
      assert.deepStrictEqual(names, ["a%.png", "file", "["])
    }).pipe(Effect.scoped)
  )

  it.effect("is told of without the query where it cannot be had", () =>
    Effect.gen(function* () {
      const path = "https://127.0.0.1/my%20pic.png?X-Amz-Signature=SECRET123"
      const { file } = yield* open({ data: marked({ path, url: path }) })
      const error = yield* Effect.flip(file.bytes)
      assert.include(error.message, "my pic.png")
      assert.notInclude(error.message, "SECRET123")
    }).pipe(Effect.scoped)
  )
})
