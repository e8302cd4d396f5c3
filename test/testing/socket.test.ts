import { connect } from "node:net"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Ref, Scope, Stream } from "effect"
import { HttpBody, HttpClient } from "effect/http"

import { Fault } from "../../src/testing/index.ts"
import { standinMemory, standinSocket } from "../standin/app.ts"

const join = Effect.fnUntraced(function* (url: string, name: string, data: ReadonlyArray<unknown>, session: string) {
  const config = Object(yield* Effect.flatMap(HttpClient.get(`${url}/config`), (response) => response.json))
  const { id } = config.dependencies.find((one: { readonly api_name: string }) => one.api_name === name)
  const body = HttpBody.jsonUnsafe({ data, fn_index: id, session_hash: session })
  yield* Effect.flatMap(HttpClient.post(`${url}/gradio_api/queue/join`, { body }), (response) => response.json)
})

const stream = (url: string, session: string) =>
  Stream.unwrap(
    Effect.map(HttpClient.get(`${url}/gradio_api/queue/data?session_hash=${session}`), (response) =>
      Stream.decodeText(response.stream)
    )
  )

/** Waits for what another process or another fiber brings about in real time. */
const eventually = <E, R>(check: Effect.Effect<boolean, E, R>) =>
  check.pipe(Effect.delay("10 millis"), Effect.repeat({ until: (isTrue) => isTrue }), Effect.timeout("3 seconds"))

const raw = (url: string, request: string) =>
  Effect.callback<string>((resume) => {
    let answer = ""
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(request))
    socket.on("data", (data) => (answer += data.toString()))
    socket.on("close", () => resume(Effect.succeed(answer)))
    return Effect.sync(() => socket.destroy())
  })

describe("over a socket", () => {
  it.live("the app is told as it is in memory, with a number larger than JavaScript's", () =>
    Effect.gen(function* () {
      const options = { appId: "11444699058468907729", root: "http://app.test" }
      const { url } = yield* standinSocket(options)
      const { client } = yield* standinMemory(options)
      const texts = Effect.forEach(["/config", "/gradio_api/info", "/", "/gradio_api/app_id"], (path) =>
        Effect.flatMap(HttpClient.get(`${url}${path}`), (response) => response.text)
      )
      const socket = yield* texts
      assert.deepStrictEqual(socket, yield* Effect.provideService(texts, HttpClient.HttpClient, client))
      assert.include(socket[0], '"app_id":11444699058468907729,')
      assert.strictEqual(socket[3], '{"app_id":11444699058468907729}')
      assert.match(socket[2] ?? "", /window\.gradio_config = \{.*\};<\/script>/)
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("the root is the address that the client used, or a proxy says", () =>
    Effect.gen(function* () {
      const { url } = yield* standinSocket({ root: "/sub" })
      const root = (path: string, headers: Record<string, string>) =>
        Effect.flatMap(HttpClient.get(`${url}${path}`, { headers }), (response) => response.json).pipe(
          Effect.map((config) => Object(config).root)
        )
      assert.deepStrictEqual(
        [
          yield* root("/config?__theme=dark", {}),
          yield* root("/sub/config", {}),
          yield* root("/config", { "x-forwarded-host": "a.com, b.com", "x-forwarded-proto": "https,http" }),
          yield* root("/config", { "x-gradio-server": "http://gs:7860/at" })
        ],
        [`${url}/sub`, `${url}/sub`, "https://a.com/sub", "http://gs:7860/at"]
      )
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("a client that closes its stream ends what runs for it", () =>
    Effect.gen(function* () {
      const { server, url } = yield* standinSocket()
      yield* join(url, "endless", ["gone"], "s")
      const heard = yield* Ref.make("")
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(stream(url, "s"), (text) => Ref.update(heard, (all) => all + text))
      )
      yield* eventually(Effect.map(Ref.get(heard), (text) => text.includes("process_generating")))
      yield* Fiber.interrupt(fiber)
      yield* eventually(Effect.map(server.activity, ({ open, running }) => running + open === 0))
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("a broken stream is no clean end, and what was sent before arrives", () =>
    Effect.gen(function* () {
      const { server, url } = yield* standinSocket()
      const heard = yield* Ref.make("")
      const listen = Effect.exit(Stream.runForEach(stream(url, "s"), (text) => Ref.update(heard, (all) => all + text)))
      assert.isTrue(Exit.isFailure(yield* listen))
      assert.include(yield* Ref.get(heard), '"session_not_found":true')
      yield* join(url, "count", [3], "s")
      yield* server.inject(Fault.cutAfterMessages(3))
      assert.isTrue(Exit.isFailure(yield* listen))
      assert.include(yield* Ref.get(heard), "process_generating")
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("a crash closes the connection", () =>
    Effect.gen(function* () {
      const { url } = yield* standinSocket()
      const body = '{"data":[],"fn_index":999,"session_hash":"s"}'
      const head = "POST /gradio_api/queue/join HTTP/1.1\r\nhost: x\r\ncontent-type: application/json"
      const answer = yield* raw(url, `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      assert.match(answer, /^HTTP\/1\.1 500 Internal Server Error\r\n/)
      assert.match(answer, /\r\n\r\nInternal Server Error$/)
    })
  )

  it.live("the end of the scope breaks streams off and frees the port", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { url } = yield* Scope.provide(standinSocket(), scope)
      yield* join(url, "endless", ["end"], "s")
      const fiber = yield* Effect.forkChild(Effect.exit(Stream.runDrain(stream(url, "s"))))
      yield* Effect.sleep("200 millis")
      yield* Effect.timeout(Scope.close(scope, Exit.void), "2 seconds")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(fiber)))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(HttpClient.get(`${url}/config`))))
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})
