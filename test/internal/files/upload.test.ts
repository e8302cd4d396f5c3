import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"

import * as GradioClient from "../../../src/GradioClient.ts"
import { GradioFileError } from "../../../src/GradioError.ts"
import * as GradioFile from "../../../src/GradioFile.ts"
import { Component, endpoint, GradioServer } from "../../../src/testing/index.ts"

/** An app that takes a file, a client of it, and the requests that were made. */
const start = Effect.fnUntraced(function* (
  maxFileSize?: number,
  transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient = (same) => same
) {
  const server = yield* GradioServer.make({
    maxFileSize,
    endpoints: [
      endpoint("/size", {
        inputs: [Component.file({ name: "file" })],
        outputs: [Component.textbox({ name: "size" })],
        run: ([file]) => Effect.succeed([String(file?.size)])
      })
    ]
  })
  const paths: Array<string> = []
  const counted = HttpClient.mapRequest(transform(server.client), (request) => {
    paths.push(new URL(request.url).pathname.replace("/gradio_api", ""))
    return request
  })
  const app = yield* Effect.provideService(GradioClient.connect("http://app.test"), HttpClient.HttpClient, counted)
  return { app, paths }
})

const file = (content: Stream.Stream<Uint8Array, unknown>, size?: number) =>
  GradioFile.fromStream(content, { name: "a.bin", size })

const three = Stream.make(new Uint8Array(2), new Uint8Array(1))

describe("a call with a file", () => {
  it.live("sends streams of known and of unknown size", () =>
    Effect.gen(function* () {
      const { app } = yield* start()
      assert.deepStrictEqual(yield* app.predict("/size", [file(three)]), ["3"])
      assert.deepStrictEqual(yield* app.predict("/size", [file(three, 3)]), ["3"])
      assert.deepStrictEqual(yield* app.predict("/size", [new Uint8Array(5)]), ["5"])
    })
  )

  it.live.each([
    ["whose stream fails", () => file(Stream.concat(three, Stream.fail("cut"))), "unreadable"],
    ["that became shorter", () => file(three, 4), "changed"],
    ["that became longer", () => file(three, 2), "changed"],
    ["that says it is too large", () => GradioFile.fromBytes(new Uint8Array(101), { name: "a" }), "too-large"],
    ["that turns out too large", () => file(Stream.make(new Uint8Array(60), new Uint8Array(60))), "too-large"]
  ] as const)("is never sent without one %s", ([, make, reason]) =>
    Effect.gen(function* () {
      const { app, paths } = yield* start(100)
      const error = yield* Effect.flip(app.predict("/size", [make()]))
      assert(error instanceof GradioFileError, String(error))
      assert.strictEqual(error.reason, reason)
      assert.isFalse(error.mayHaveRun)
      assert.notInclude(paths, "/queue/join")
      // The connection is as good as before.
      assert.deepStrictEqual(yield* app.predict("/size", [new Uint8Array(5)]), ["5"])
    })
  )

  it.live("is sent whole where a browser sends no streams: a Blob without being read, a stream collected", () =>
    Effect.gen(function* () {
      const kinds: Array<string> = []
      const { app } = yield* start(undefined, (client) =>
        HttpClient.make((request) => {
          if (!new URL(request.url).pathname.endsWith("/upload")) return client.execute(request)
          const { body } = request
          kinds.push(body._tag)
          if (body._tag === "Stream") {
            const cause = new TypeError("Failed to fetch")
            return Effect.fail(
              new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
            )
          }
          if (body._tag !== "Raw" || !(body.body instanceof Blob)) return client.execute(request)
          const whole = body.body
          return Effect.flatMap(
            Effect.promise(() => whole.arrayBuffer()),
            (bytes) =>
              client.execute(
                HttpClientRequest.setBody(request, HttpBody.uint8Array(new Uint8Array(bytes), body.contentType))
              )
          )
        })
      )
      assert.deepStrictEqual(yield* app.predict("/size", [new Blob([new Uint8Array(7)])]), ["7"])
      assert.deepStrictEqual(yield* app.predict("/size", [file(three)]), ["3"])
      assert.deepStrictEqual(yield* app.predict("/size", [new Uint8Array(2 ** 21)]), [String(2 ** 21)])
      assert.deepStrictEqual(kinds, ["Stream", "Raw", "Stream", "Uint8Array", "Stream", "Uint8Array"])
      const error = yield* Effect.flip(app.predict("/size", [file(Stream.concat(three, Stream.fail("cut")))]))
      assert(error instanceof GradioFileError, String(error))
      assert.strictEqual(error.reason, "unreadable")
    })
  )

  it.live("counts the bytes anew where the request is sent again", () =>
    Effect.gen(function* () {
      let uploads = 0
      const { app } = yield* start(100, (client) =>
        HttpClient.make((request) => {
          if (!new URL(request.url).pathname.endsWith("/upload") || uploads++ > 0) return client.execute(request)
          assert(request.body._tag === "Stream")
          const location = "/gradio_api/upload?again"
          return Effect.as(
            Effect.orDie(Stream.runDrain(request.body.stream)),
            HttpClientResponse.fromWeb(request, new Response(null, { status: 307, headers: { location } }))
          )
        })
      )
      const counted: Array<number> = []
      const sixty = file(Stream.make(new Uint8Array(30), new Uint8Array(30)), 60)
      yield* app.events("/size", [sixty]).pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => {
            if (event._tag === "Uploading") counted.push(event.sent)
          })
        )
      )
      assert.strictEqual(uploads, 2)
      assert.isAtMost(Math.max(...counted), 60)
      assert.deepStrictEqual(yield* app.predict("/size", [sixty]), ["60"])
    })
  )

  it.live("interrupted while it uploads is never sent, and nothing is cancelled", () =>
    Effect.gen(function* () {
      const { app, paths } = yield* start()
      const begun = yield* Deferred.make<void>()
      const endless = Stream.unwrap(Effect.as(Deferred.succeed(begun, undefined), Stream.never))
      const call = yield* Effect.forkChild(app.predict("/size", [file(Stream.concat(three, endless))]))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(call)
      assert.notInclude(paths, "/queue/join")
      assert.notInclude(paths, "/cancel")
    })
  )
})

/** A component whose function gets references as they come over the wire. */
const reference = Component.make<unknown, unknown>({
  type: "video",
  options: {},
  schema: {},
  preprocess: Effect.succeed,
  postprocess: Effect.succeed
})

describe("a file that the app has", () => {
  it.live("is not sent again, and a copy with another name or type is the same file with these", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const server = yield* GradioServer.make({
        endpoints: [
          endpoint("/keep", {
            inputs: [reference],
            outputs: [reference],
            run: ([file]) => Effect.sync(() => [void seen.push(file)])
          })
        ]
      })
      let uploads = 0
      const counted = HttpClient.mapRequest(server.client, (request) => {
        if (new URL(request.url).pathname.endsWith("/upload")) uploads++
        return request
      })
      const app = yield* Effect.provideService(GradioClient.connect("http://app.test"), HttpClient.HttpClient, counted)
      const file = yield* app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "a.bin", mimeType: "x/y" }))
      const copies = [
        file,
        { ...file, name: "b.txt" },
        { ...file, mimeType: "text/plain" },
        { ...file, mimeType: undefined },
        { ...file, name: "c.txt", mimeType: "text/csv" }
      ]
      for (const copy of copies) yield* app.predict("/keep", [copy])
      const [first] = seen
      assert.deepInclude(first, { orig_name: "a.bin", mime_type: "x/y", size: 3 })
      assert.deepStrictEqual(
        seen.map((one) => ({ ...Object(one) })),
        [
          {},
          { orig_name: "b.txt" },
          { mime_type: "text/plain" },
          { mime_type: null },
          { orig_name: "c.txt", mime_type: "text/csv" }
        ].map((differs) => ({ ...Object(first), ...differs }))
      )
      assert.strictEqual(uploads, 1)
    })
  )
})
