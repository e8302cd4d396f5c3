/** Logins by user and password, against the stand-in. `test/logins` has the same against real servers. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Deferred, Effect, Exit, Fiber, Layer, Redacted, Scope, Stream } from "effect"
import {
  Cookies,
  HttpBody,
  HttpClient,
  type HttpClientRequest,
  HttpClientResponse,
  HttpServerResponse
} from "effect/http"
import * as Socket from "effect/socket/Socket"

import * as Gradio3 from "../src/Gradio3.ts"
import { GradioClient, GradioFile } from "../src/index.ts"
import { rest } from "./laws/play.ts"
import { standinMemory, type StandinOptions } from "./standin/app.ts"

const ann = { username: "ann", password: Redacted.make("s3cret") }
const users: StandinOptions = { auth: { ann: "s3cret" }, authMessage: "Ask Ann." }

const pathOf = ({ method, url }: HttpClientRequest.HttpClientRequest): string => `${method} ${new URL(url).pathname}`

/** The stand-in with a login, and what it was asked for. `before` may hold a request back. */
const standin = Effect.fnUntraced(function* (
  options: StandinOptions = users,
  before: (path: string) => Effect.Effect<void> = () => Effect.void
) {
  const server = yield* standinMemory(options)
  const seen: Array<string> = []
  const client = HttpClient.make((request) =>
    Effect.suspend(() => {
      seen.push(pathOf(request))
      return Effect.andThen(before(pathOf(request)), server.client.execute(request))
    })
  )
  const connect = (more: GradioClient.ConnectOptions = {}, url = "http://app.test") =>
    Effect.provideService(
      GradioClient.connect(url, { retry: "none", auth: ann, ...more }),
      HttpClient.HttpClient,
      client
    )
  return { server, connect, seen, logins: () => seen.filter((path) => path.endsWith("/login")).length }
})

/** Logs the user out everywhere, as another program of theirs does. */
const logOutElsewhere = (client: HttpClient.HttpClient) =>
  Effect.gen(function* () {
    const form = new FormData()
    form.append("username", "ann")
    form.append("password", "s3cret")
    const { cookies } = yield* client.post("http://app.test/login", { body: HttpBody.formData(form) })
    yield* client.get("http://app.test/logout?all_session=true", {
      headers: { cookie: Cookies.toCookieHeader(cookies) }
    })
  })

describe("a login", () => {
  it.live("is made when the app first wants one, once for a connection", () =>
    Effect.gen(function* () {
      const { connect, seen } = yield* standin()
      const app = yield* connect()
      assert.deepStrictEqual(seen, ["GET /config", "POST /login", "GET /config", "GET /gradio_api/info"])
      assert.strictEqual(app.config.username, "ann")
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      yield* connect()
      assert.strictEqual(seen.filter((path) => path === "POST /login").length, 2)
    })
  )

  it.live("is not made where none is wanted", () =>
    Effect.gen(function* () {
      const { connect, logins } = yield* standin({})
      const app = yield* connect()
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      assert.strictEqual(logins(), 0)
    })
  )

  it.live("is made relative to the path of the app", () =>
    Effect.gen(function* () {
      const { connect, seen } = yield* standin({ ...users, root: "/sub" })
      const app = yield* connect({}, "http://app.test/sub")
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      assert.strictEqual(seen[1], "POST /sub/login")
    })
  )

  it.live("behind a redirect to https is made there: the password never goes without TLS", () =>
    Effect.gen(function* () {
      const { server } = yield* standin()
      const seen: Array<string> = []
      const http = HttpClient.make((request, url) =>
        Effect.suspend(() => {
          seen.push(`${url.protocol}${url.pathname}${request.headers["cookie"] === undefined ? "" : " with cookies"}`)
          return url.protocol === "https:"
            ? server.client.execute(request)
            : Effect.succeed(
                HttpClientResponse.fromWeb(
                  request,
                  new Response("", { status: 301, headers: { location: url.href.replace("http:", "https:") } })
                )
              )
        })
      )
      const app = yield* Effect.provideService(
        GradioClient.connect("http://app.test", { auth: ann, retry: "none" }),
        HttpClient.HttpClient,
        http
      )
      assert.strictEqual(app.url.href, "https://app.test/")
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      assert.deepStrictEqual(seen.slice(0, 6), [
        "http:/config",
        "https:/config",
        "https:/config",
        "https:/login",
        "https:/config with cookies",
        "https:/gradio_api/info with cookies"
      ])
    })
  )

  it.live.each(["6.31.0", "4.44.1"])("with a wrong password says so, with the author's message (%s)", (version) =>
    Effect.gen(function* () {
      const { connect } = yield* standin({ ...users, version })
      const error = yield* Effect.flip(connect({ auth: { username: "ann", password: Redacted.make("wr0ng") } }))
      assert(error._tag === "AuthenticationError")
      assert.strictEqual(
        error.message,
        'The app at http://app.test/ refused the login of "ann": wrong user name or password. Its login page says: "Ask Ann.". Check the headers, cookies, token or password that were given.'
      )
      assert.deepStrictEqual(
        [error.authMessage, error.reached, error.mayHaveRun, error.isTransient],
        ["Ask Ann.", "nothing-sent", false, false]
      )
      assert.notInclude(JSON.stringify(error) + String(error.stack), "wr0ng")
    })
  )

  it.live("that the app has no form for says what is meant instead", () =>
    Effect.gen(function* () {
      const server = yield* standinMemory()
      const guarded = HttpClient.make((request) =>
        request.headers["x-key"] === "k"
          ? server.client.execute(request)
          : request.method === "POST"
            ? server.client.execute(request)
            : Effect.map(server.client.get("http://app.test/none"), (response) =>
                Object.create(response, { status: { value: 401 } })
              )
      )
      const connect = (options: GradioClient.ConnectOptions) =>
        Effect.provideService(GradioClient.connect("http://app.test", options), HttpClient.HttpClient, guarded)
      const error = yield* Effect.flip(connect({ auth: ann }))
      assert(error._tag === "AuthenticationError")
      assert.include(error.message, "has none by user name and password: its host wants a header, a cookie or a token")
      const app = yield* connect({ headers: { "x-key": Redacted.make("k") } })
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
    })
  )

  it.live("comes from the configuration of the program", () =>
    Effect.gen(function* () {
      const { server } = yield* standin()
      const program = (env: Record<string, string>) =>
        Effect.flatMap(GradioClient.GradioClient, (app) => app.predict("/echo", ["x"])).pipe(
          Effect.provide(GradioClient.layerConfig()),
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
          Effect.provideService(HttpClient.HttpClient, server.client)
        )
      const env = { GRADIO_URL: "http://app.test", GRADIO_USERNAME: "ann" }
      assert.deepStrictEqual(yield* program({ ...env, GRADIO_PASSWORD: "s3cret" }), ["x"])
      assert.strictEqual((yield* Effect.flip(program(env)))._tag, "ConfigError")
    })
  )
})

describe("a login that the app forgot", () => {
  it.live("between calls is renewed, and the refused call is sent once more", () =>
    Effect.gen(function* () {
      const { connect, seen, server } = yield* standin()
      const app = yield* connect()
      for (const forget of [server.forgetLogins, logOutElsewhere(server.client)]) {
        yield* forget
        const before = seen.length
        assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
        assert.deepStrictEqual(seen.slice(before, before + 4), [
          "POST /gradio_api/queue/join",
          "POST /login",
          "POST /gradio_api/queue/join",
          "GET /gradio_api/queue/data"
        ])
      }
    })
  )

  it.live("is renewed once for all calls that were refused together", () =>
    Effect.gen(function* () {
      const { connect, logins, server } = yield* standin()
      const app = yield* connect()
      yield* server.forgetLogins
      const results = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (n) => app.predict("/add", { a: n, b: 1 }), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        results,
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n + 1])
      )
      assert.strictEqual(logins(), 2)
    })
  )

  it.live("and does not give again fails all that waited for it, with one try; a later call tries anew", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      let holds = false
      const { connect, logins, seen, server } = yield* standin(users, (path) =>
        path === "POST /login" && holds ? Deferred.await(gate) : Effect.void
      )
      const app = yield* connect()
      holds = true
      yield* server.forgetLogins
      const scope = yield* Scope.make()
      yield* Scope.provide(
        server.inject({
          request: (request, answer) =>
            request.url.endsWith("/login") ? Effect.succeed(HttpServerResponse.empty({ status: 400 })) : answer
        }),
        scope
      )
      const calls = yield* Effect.forkChild(
        Effect.forEach([1, 2, 3], (n) => Effect.flip(app.predict("/add", { a: n, b: 1 })), { concurrency: "unbounded" })
      )
      while (seen.filter((path) => path.endsWith("/join")).length < 3) yield* rest(10)
      yield* rest(100)
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(
        (yield* Fiber.join(calls)).map(({ _tag, reached }) => [_tag, reached]),
        [1, 2, 3].map(() => ["AuthenticationError", "nothing-sent"])
      )
      assert.strictEqual(logins(), 2)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* app.predict("/add", { a: 1, b: 1 }), [2])
      assert.strictEqual(logins(), 3)
    })
  )

  it.live("is renewed by the next one where the one who renews is interrupted", () =>
    Effect.gen(function* () {
      let holds = false
      const { connect, seen, server } = yield* standin(users, (path) =>
        path === "POST /login" && holds ? Effect.never : Effect.void
      )
      const app = yield* connect()
      yield* server.forgetLogins
      holds = true
      const first = yield* Effect.forkChild(app.upload(GradioFile.fromBytes(new Uint8Array(3), { name: "a.bin" })))
      while (seen.at(-1) !== "POST /login") yield* rest(10)
      const second = yield* Effect.forkChild(app.predict("/echo", ["second"]))
      yield* rest(10)
      holds = false
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual(yield* Fiber.join(second), ["second"])
    })
  )

  it.live("is renewed for the WebSockets of Gradio 3 too", () =>
    Effect.gen(function* () {
      const { connect, logins, server } = yield* standin({ ...users, version: "3.50.2" })
      const platform = Layer.provide(Gradio3.layer, Layer.succeed(Socket.WebSocketConstructor)(server.webSocket))
      const app = yield* Effect.provide(connect(), platform)
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      yield* server.forgetLogins
      assert.deepStrictEqual(yield* app.predict("/echo", ["y"]), ["y"])
      assert.strictEqual(logins(), 2)
    })
  )

  it.live("while a stream runs does not end the stream; later calls work", () =>
    Effect.gen(function* () {
      const { connect, server } = yield* standin()
      const app = yield* connect()
      const seen: Array<unknown> = []
      yield* app.stream("/count", { n: 3 }).pipe(
        Stream.runForEach((output) =>
          Effect.suspend(() => {
            seen.push(output)
            return seen.length === 1 ? server.forgetLogins : Effect.void
          })
        )
      )
      assert.strictEqual(seen.length, 3)
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
    })
  )

  it.live("is that of one connection: another one's cookies are its own", () =>
    Effect.gen(function* () {
      const { server } = yield* standin()
      const cookies: Array<string | undefined> = []
      const connect = Effect.provideService(
        GradioClient.connect("http://app.test", {
          auth: ann,
          transformClient: HttpClient.tapRequest((request) =>
            Effect.sync(() => {
              if (request.url.endsWith("/queue/join")) cookies.push(request.headers["cookie"])
            })
          )
        }),
        HttpClient.HttpClient,
        server.client
      )
      const one = yield* connect
      const other = yield* connect
      yield* one.predict("/echo", ["x"])
      yield* other.predict("/echo", ["x"])
      assert.match(
        cookies.join(" "),
        /^access-token-unsecure-[\w-]{43}=[\w-]{22} access-token-unsecure-[\w-]{43}=[\w-]{22}$/
      )
      assert.notStrictEqual(cookies[0], cookies[1])
    })
  )

  it.live("is not renewed for ever by an app that forgets at once", () =>
    Effect.gen(function* () {
      const { connect, logins, server } = yield* standin()
      const app = yield* connect()
      yield* server.inject({
        request: (request, answer) =>
          request.url.endsWith("/login") ? Effect.tap(answer, () => server.forgetLogins) : answer
      })
      yield* server.forgetLogins
      const error = yield* Effect.flip(app.predict("/echo", ["x"]))
      assert(error._tag === "AuthenticationError")
      assert.include(error.message, "refuses a login that it has just accepted")
      assert.deepStrictEqual([error.mayHaveRun, logins()], [false, 2])
      assert(Exit.isFailure(yield* Effect.exit(app.predict("/echo", ["x"]))))
    })
  )
})
