import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"

import { Component, endpoint, GradioServer } from "../../src/testing/index.ts"
import { standinSocket } from "../standin/app.ts"
import { base, call, elapse, get, outputs } from "./wire.ts"

const inMemory = (options: Partial<GradioServer.Options<never>> = {}) =>
  Effect.provide(
    GradioServer.layerMemory({
      endpoints: [
        endpoint("/info", {
          inputs: [Component.file({ name: "file" })],
          outputs: [Component.textbox()],
          run: ([file]) =>
            Effect.map(file === null ? Effect.succeed(new Uint8Array()) : file.bytes, (bytes) => [
              `${file?.name} ${new TextDecoder().decode(bytes)}`
            ])
        }),
        endpoint("/make", {
          inputs: [Component.textbox({ name: "name" }), Component.textbox({ name: "content" })],
          outputs: [Component.file()],
          run: ([name, content], { files }) => Effect.map(files.make(name, content), (file) => [file])
        })
      ],
      showError: true,
      ...options
    })
  )

const upload = Effect.fnUntraced(function* (
  parts: ReadonlyArray<readonly [key: string, content: string, name: string]>,
  query = ""
) {
  const form = new FormData()
  for (const [key, content, name] of parts) form.append(key, new Blob([content]), name)
  const response = yield* HttpClient.post(`${base}/gradio_api/upload${query}`, { body: HttpBody.formData(form) })
  const text = yield* response.text
  return { status: response.status, body: text.startsWith("[") || text.startsWith("{") ? JSON.parse(text) : text }
})

const file = (path: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  HttpClient.execute(HttpClientRequest.make(method)(`${base}/gradio_api/file=${path}`, { headers })).pipe(
    Effect.flatMap((response) =>
      Effect.map(response.text, (body) => ({ status: response.status, body, headers: response.headers }))
    )
  )

const meta = { _type: "gradio.FileData" }

describe("files", () => {
  it.effect("are uploaded to a path that their content and their base name make", () =>
    Effect.gen(function* () {
      const { body, status } = yield* upload([
        ["files", "hello", "a b#é.txt"],
        ["files", "hello", "../../evil.html"],
        ["other", "ignored", "x.txt"],
        ["files", "", "empty.txt"]
      ])
      assert.strictEqual(status, 200)
      const [first, second, third, ...more] = body
      assert.match(first, /^\/tmp\/gradio\/[0-9a-f]{64}\/a b#é\.txt$/)
      assert.strictEqual(second, first.replace("a b#é.txt", "evil.html"))
      assert.match(third, /\/empty\.txt$/)
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual((yield* upload([["files", "hello", "a b#é.txt"]])).body, [first])
      assert.deepStrictEqual(outputs((yield* call(0, [{ path: first, meta }])).messages), [["a b#é.txt hello"]])
      assert.deepStrictEqual(outputs((yield* call(0, [{ path: first, orig_name: "o.txt", meta }])).messages), [
        ["a b#é.txt hello"]
      ])
      assert.strictEqual((yield* file(encodeURI(first).replace("#", "%23"))).body, "hello")
    }).pipe(inMemory())
  )

  it.effect("are refused as inputs when the server does not have them", () =>
    Effect.gen(function* () {
      const [known] = (yield* upload([["files", "x", "x.txt"]])).body
      const inputs = [
        { path: "/etc/passwd", meta },
        { path: "/tmp/gradio/gone/x.txt", meta },
        { path: "http://127.0.0.1/x", meta },
        { path: known },
        known
      ]
      const unmarked = (input: string, type: string) =>
        "1 validation error for FileData\n  Value error, The 'meta' field must be explicitly provided in the input data and be equal to " +
        `{'_type': 'gradio.FileData'}. [type=value_error, input_value=${input}, input_type=${type}]`
      const errors = yield* Effect.forEach(inputs, (input) =>
        Effect.map(call(0, [input]), ({ messages }) => outputs(messages)[0])
      )
      assert.deepStrictEqual(
        errors.map((error) => Object(error).error),
        [
          "Cannot move /etc/passwd to the gradio cache dir because it was not uploaded by a user.",
          "[Errno 2] No such file or directory: '/tmp/gradio/gone/x.txt'",
          "Hostname 127.0.0.1 failed validation",
          unmarked(`{'path': '${known}'}`, "dict"),
          unmarked(`'${known}'`, "str")
        ]
      )
    }).pipe(inMemory())
  )

  it.effect("of functions are announced with their address and served", () =>
    Effect.gen(function* () {
      const made = Object(outputs((yield* call(1, ["hello wörld #1.txt", "12345"])).messages)[0])[0]
      const path = String(made.path)
      assert.deepStrictEqual(made, {
        path,
        url: `http://gradio.test/gradio_api/file=${path.replace("hello wörld #1.txt", "hello%20w%C3%B6rld%20%231.txt")}`,
        size: 5,
        orig_name: "hello wörld #1.txt",
        mime_type: null,
        is_stream: false,
        meta
      })
      const whole = yield* file(made.url.split("file=")[1])
      assert.deepStrictEqual([whole.status, whole.body, whole.headers["content-length"]], [200, "12345", "5"])
      assert.strictEqual(whole.headers["content-type"], "text/plain; charset=utf-8")
      assert.strictEqual(whole.headers["content-disposition"], "inline; filename*=utf-8''hello%20w%C3%B6rld%20%231.txt")
      assert.strictEqual(whole.headers["accept-ranges"], "bytes")
    }).pipe(inMemory())
  )

  it.effect("of any name are served under a path that is safe", () =>
    Effect.gen(function* () {
      const served = yield* Effect.forEach(
        [
          "../../evil.txt",
          "a/b.txt",
          "C:\\x\\evil.txt",
          "a:b*?.txt",
          "..",
          "",
          ".hidden",
          "a%2Fb.txt",
          "a\nb\ud800.txt"
        ],
        (name) =>
          Effect.gen(function* () {
            const made = Object(outputs((yield* call(1, [name, name])).messages)[0])[0]
            assert.strictEqual(made.orig_name, name)
            const { body, headers, status } = yield* file(made.url.split("file=")[1])
            assert.deepStrictEqual([status, body], [200, name.toWellFormed()])
            const [folder, ...rest] = String(made.path).split("/").slice(3)
            assert.match(String(folder), /^[0-9a-f]{64}$/)
            return [rest.join("/"), headers["content-disposition"]?.split("=")[1]]
          })
      )
      assert.deepStrictEqual(served, [
        ["evil.txt", '"evil.txt"'],
        ["b.txt", '"b.txt"'],
        ["evil.txt", '"evil.txt"'],
        ["ab.txt", '"ab.txt"'],
        ["file", '"file"'],
        ["file", '"file"'],
        [".hidden", '".hidden"'],
        ["a%2Fb.txt", "utf-8''a%252Fb.txt"],
        ["ab.txt", '"ab.txt"']
      ])
      assert.match((yield* upload([["files", "hello", "a:b*.txt"]])).body[0], /\/ab\.txt$/)
    }).pipe(inMemory())
  )

  it.effect("are served in part, and not at all when they are not the server's", () =>
    Effect.gen(function* () {
      const [path] = (yield* upload([["files", "12345", "x.html"]])).body
      const part = (range: string, method?: "HEAD") =>
        Effect.map(file(path, { range }, method), ({ body, headers, status }) => [
          status,
          body,
          headers["content-range"] ?? headers["content-length"]
        ])
      assert.deepStrictEqual(
        [
          yield* part("bytes=1-2"),
          yield* part("bytes=3-"),
          yield* part("bytes=-2"),
          yield* part("bytes=9-"),
          yield* part("", "HEAD")
        ],
        [
          [206, "23", "bytes 1-2/5"],
          [206, "45", "bytes 3-4/5"],
          [206, "45", "bytes 3-4/5"],
          [416, "", "bytes */5"],
          [400, "", "24"]
        ]
      )
      const { headers } = yield* file(path)
      assert.deepStrictEqual(
        [headers["content-type"], headers["content-disposition"]],
        ["application/octet-stream", 'attachment; filename="x.html"']
      )
      assert.deepStrictEqual(yield* get("/gradio_api/file=/etc/passwd"), {
        status: 403,
        body: { detail: "File not allowed: /etc/passwd." }
      })
      assert.deepStrictEqual(yield* get("/gradio_api/file=nope.txt"), {
        status: 403,
        body: { detail: "File not allowed: nope.txt." }
      })
      assert.strictEqual((yield* get(`/file=${path}`)).status, 404)
    }).pipe(inMemory())
  )

  it.effect("that are too large are refused, to the byte", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.forEach(["x".repeat(10), "x".repeat(11)], (content) =>
        upload([["files", content, "x.txt"]])
      )
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [200, 413]
      )
      assert.strictEqual(answers[1]?.body, "File size exceeded maximum allowed size of 10 bytes.")
    }).pipe(inMemory({ maxFileSize: 10 }))
  )

  it.effect("are refused when they are not sent as Gradio wants them", () =>
    Effect.gen(function* () {
      const response = yield* HttpClient.post(`${base}/gradio_api/upload`, { body: HttpBody.text("x") })
      assert.deepStrictEqual([response.status, yield* response.text], [400, '{"detail":"Invalid content type."}'])
      assert.deepStrictEqual(yield* upload([["other", "x", "x.txt"]]), { status: 200, body: [] })
    }).pipe(inMemory())
  )

  it.effect("can be watched while they arrive", () =>
    Effect.gen(function* () {
      const watch = (id: string) =>
        HttpClient.get(`${base}/gradio_api/upload_progress?upload_id=${id}`).pipe(
          Effect.flatMap((response) => Effect.map(response.text, (body) => [response.status, body]))
        )
      const fiber = yield* Effect.forkChild(watch("u1"))
      yield* elapse(1)
      yield* upload([["files", "hello", "a.txt"]], "?upload_id=u1")
      yield* elapse(1)
      assert.deepStrictEqual(yield* Fiber.join(fiber), [
        200,
        'data: {"msg":"update","orig_name":"a.txt","chunk_size":5}\n\ndata: {"msg":"done"}\n\n'
      ])
      const unknown = yield* Effect.forkChild(watch("u2"))
      yield* elapse(5)
      assert.deepStrictEqual(yield* Fiber.join(unknown), [404, "Upload not found"])
    }).pipe(inMemory())
  )

  it.live(
    "of any size take the memory of a piece over a socket",
    () =>
      Effect.gen(function* () {
        const { url } = yield* standinSocket()
        const mib = 320
        const piece = new Uint8Array(1024 * 1024)
        const text = new TextEncoder()
        const body = Stream.make(
          text.encode('--b\r\ncontent-disposition: form-data; name="files"; filename="big.bin"\r\n\r\n')
        ).pipe(
          Stream.concat(Stream.take(Stream.forever(Stream.succeed(piece)), mib)),
          Stream.concat(Stream.succeed(text.encode("\r\n--b--\r\n")))
        )
        const before = process.memoryUsage.rss()
        const response = yield* HttpClient.post(`${url}/gradio_api/upload`, {
          body: HttpBody.stream(body, "multipart/form-data; boundary=b")
        })
        const path = String(Object(yield* response.json)[0])
        const download = yield* HttpClient.get(`${url}/gradio_api/file=${path}`)
        const size = yield* Stream.runFold(
          download.stream,
          () => 0,
          (sum, chunk) => sum + chunk.length
        )
        assert.strictEqual(size, mib * 1024 * 1024)
        const grown = (process.memoryUsage.rss() - before) / 1024 / 1024
        // Client and server are in this process, and its collector is in no hurry.
        assert.isBelow(grown, 240)
      }).pipe(Effect.provide(NodeHttpClient.layerUndici)),
    60_000
  )
})
