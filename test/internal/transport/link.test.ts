import { once } from "node:events"
import * as http from "node:http"
import { inspect } from "node:util"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Redacted, type Scope, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"

import * as GradioClient from "../../../src/GradioClient.ts"
import {
  AppRateLimitError,
  AppResponseError,
  AppUnreachableError,
  AuthenticationError,
  isGradioError,
  isSafeToRetry
} from "../../../src/GradioError.ts"
import * as direct from "../../../src/internal/protocol/direct.ts"
import { ask, jsonOf } from "../../../src/internal/transport/answer.ts"
import * as Credentials from "../../../src/internal/transport/credentials.ts"
import { type About, type Link, send } from "../../../src/internal/transport/link.ts"
import { body as multipart } from "../../../src/internal/transport/multipart.ts"
import { defaultSchedule, retrySafe } from "../../../src/internal/transport/retrySafe.ts"
import { baseUrl } from "../../../src/internal/wire/routes.ts"
import * as Limits from "../../../src/Limits.ts"
import { forAllEffect, randomFrom, seed } from "../../laws/generated.ts"
import { rest } from "../../laws/play.ts"
import { callOf } from "../../laws/rigs.ts"

const where = { url: "http://app.test/", endpoint: "/f" }
const about: About = { where, reached: "sent" }

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const known = {
  login: undefined,
  token: undefined,
  place: { hub: new URL("https://huggingface.co"), isSpace: false }
}

/** A link over answers of the test's own, and what was asked of them. */
const linkTo = Effect.fnUntraced(function* (
  answer: (seen: Seen) => Response | Effect.Effect<Response, HttpClientError.HttpClientError>,
  more: Partial<Link> = {}
) {
  const seen: Array<Seen> = []
  const client = HttpClient.make((request, url) => {
    const one: Seen = { method: request.method, url: url.href, headers: request.headers }
    seen.push(one)
    const given = answer(one)
    return Effect.map(Effect.isEffect(given) ? given : Effect.succeed(given), (response) =>
      HttpClientResponse.fromWeb(request, response)
    )
  })
  const base = baseUrl("http://app.test")
  assert(base !== undefined)
  const credentials = yield* Credentials.make(base, {
    headers: { authorization: "Bearer t0ken" },
    cookies: { session: Redacted.make("c00kie") },
    ...known
  })
  const link: Link = {
    base,
    prefix: "",
    version: "6.31.0",
    client,
    credentials,
    query: {},
    limits: Limits.make({ maxAnswerBytes: 1000 }),
    retry: undefined,
    ...more
  }
  return { link, seen }
})

const redirect = (status: number, location?: string) =>
  new Response(null, { status, headers: location === undefined ? {} : { location } })
const get = HttpClientRequest.get("http://app.test/a")
const post = HttpClientRequest.post("http://app.test/a", { body: HttpBody.jsonUnsafe({ secret: 1 }) })

describe("redirects", () => {
  it.effect("within the app carry headers and cookies", () =>
    Effect.gen(function* () {
      const { link, seen } = yield* linkTo(({ url }) =>
        url.endsWith("/a") ? redirect(302, "/b") : Response.json("there")
      )
      assert.strictEqual((yield* send(link, get, about)).status, 200)
      assert.deepStrictEqual(
        seen.map(({ headers, url }) => [url, headers["authorization"], headers["cookie"]]),
        ["http://app.test/a", "http://app.test/b"].map((url) => [url, "Bearer t0ken", "session=c00kie"])
      )
    })
  )

  it.effect.each([301, 302, 303, 307, 308])("%i to another origin carries no header and no cookie", (status) =>
    Effect.gen(function* () {
      const { link, seen } = yield* linkTo(({ url }) =>
        url.startsWith("http://app.test") ? redirect(status, "http://other.test/x") : Response.json("there")
      )
      yield* send(link, HttpClientRequest.setHeader(get, "x-key", "s3cret"), about)
      assert.strictEqual(seen.length, 2)
      const [, second] = seen
      assert.strictEqual(second?.url, "http://other.test/x")
      assert.notMatch(JSON.stringify(second?.headers), /t0ken|c00kie|s3cret/)
    })
  )

  it.effect.each([
    [301, "/b"],
    [302, "/b"],
    [303, "/b"],
    [307, "http://other.test/"],
    [308, "http://other.test/"],
    [307, "http://app.test:81/"]
  ] as const)("of a body by %i to %s is refused: it is neither sent elsewhere nor made a GET", ([status, location]) =>
    Effect.gen(function* () {
      const { link, seen } = yield* linkTo(() => redirect(status, location))
      const error = yield* Effect.flip(send(link, post, about))
      assert(error instanceof AppResponseError)
      assert.deepStrictEqual([seen.length, error.status, error.mayHaveRun], [1, status, false])
    })
  )

  it.effect.each([307, 308])("of a body by %i within the app sends it again", (status) =>
    Effect.gen(function* () {
      const { link, seen } = yield* linkTo(({ url }) =>
        url.endsWith("/a") ? redirect(status, "/b") : Response.json(1)
      )
      yield* send(link, post, about)
      assert.deepStrictEqual(
        seen.map(({ method }) => method),
        ["POST", "POST"]
      )
    })
  )

  it.effect("that lead in a circle, nowhere, or out of the web end", () =>
    Effect.gen(function* () {
      const circle = yield* linkTo(() => redirect(302, "/a"))
      assert(Exit.isFailure(yield* Effect.exit(send(circle.link, get, about))))
      assert.strictEqual(circle.seen.length, 6)
      for (const location of [undefined, "http://[", "file:///etc/passwd", "javascript:1"]) {
        const odd = yield* linkTo(() => redirect(302, location))
        assert.instanceOf(yield* Effect.flip(send(odd.link, get, about)), AppResponseError)
        assert.strictEqual(odd.seen.length, 1)
      }
    })
  )
})

describe("cookies", () => {
  it.effect(
    "set on the way are sent from the next hop on, to the app alone, until the clock says that they ended",
    () =>
      Effect.gen(function* () {
        const setting = (cookie: string, location?: string) =>
          new Response(null, {
            status: location === undefined ? 200 : 302,
            headers: { "set-cookie": cookie, ...(location === undefined ? {} : { location }) }
          })
        const { link, seen } = yield* linkTo(({ url }) =>
          url.endsWith("/a")
            ? setting("hop=1; Path=/; Max-Age=10", "/b")
            : url.endsWith("/b")
              ? setting("seen=1; Path=/b", "http://other.test/c")
              : setting("foreign=1; Path=/")
        )
        yield* send(link, get, about)
        yield* TestClock.adjust("9 seconds")
        yield* send(link, HttpClientRequest.get("http://app.test/b"), about)
        yield* TestClock.adjust("1 second")
        yield* send(link, HttpClientRequest.get("http://app.test/b"), about)
        assert.deepStrictEqual(
          seen.map(({ headers, url }) => [url, headers["cookie"]]),
          [
            ["http://app.test/a", "session=c00kie"],
            ["http://app.test/b", "session=c00kie; hop=1"],
            ["http://other.test/c", undefined],
            ["http://app.test/b", "seen=1; session=c00kie; hop=1"],
            ["http://other.test/c", undefined],
            ["http://app.test/b", "seen=1; session=c00kie"],
            ["http://other.test/c", undefined]
          ]
        )
      })
  )
})

const limits = { timeout: Duration.seconds(60), maxBytes: 1000 }

describe("an answer", () => {
  it.effect.each([
    ["declared", { "content-length": "1001" }],
    ["undeclared", {}],
    ["compressed, whatever it declares", { "content-length": "10", "content-encoding": "gzip" }]
  ] as const)("of more bytes than allowed, %s, is an AppResponseError", ([, headers]) =>
    Effect.gen(function* () {
      const { link } = yield* linkTo(() => new Response("x".repeat(1001), { headers }))
      const error = yield* Effect.flip(ask(link, get, about, limits))
      assert(error instanceof AppResponseError)
      assert.include(error.message, "1000 bytes")
    })
  )

  it.effect("without an end is left after the limit", () =>
    Effect.gen(function* () {
      let given = 0
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          given++
          controller.enqueue(new Uint8Array(100))
        }
      })
      const { link } = yield* linkTo(() => new Response(endless))
      assert.instanceOf(yield* Effect.flip(ask(link, get, about, limits)), AppResponseError)
      assert.isBelow(given, 30)
    })
  )

  it.effect("that does not come, or not to its end, is an AppUnreachableError after its time", () =>
    Effect.gen(function* () {
      const dripping = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
      for (const answer of [Effect.never, Effect.succeed(new Response(dripping))]) {
        const { link } = yield* linkTo(() => answer)
        const asking = yield* Effect.forkChild(Effect.flip(ask(link, get, about, limits)), { startImmediately: true })
        yield* TestClock.adjust("59 seconds")
        assert.isUndefined(asking.pollUnsafe())
        yield* TestClock.adjust("1 second")
        const error = yield* Fiber.join(asking)
        assert(error instanceof AppUnreachableError)
        assert.deepStrictEqual([error.reached, error.mayHaveRun, error.isTransient], ["sent", true, true])
        assert.include(error.message, "1m")
      }
    })
  )

  it.effect.each([
    [400, "AppResponseError", false, false],
    [401, "AuthenticationError", false, false],
    [404, "AppResponseError", false, false],
    [408, "AppResponseError", false, true],
    [429, "AppRateLimitError", false, true],
    [500, "AppResponseError", true, true],
    [501, "AppResponseError", true, false],
    [503, "AppResponseError", true, true]
  ] as const)("of status %i is %s", ([status, tag, mayHaveRun, isTransient]) =>
    Effect.gen(function* () {
      const { link } = yield* linkTo(() => new Response("why", { status, headers: { "retry-after": "7" } }))
      const answer = yield* ask(link, post, about, limits)
      const error = yield* Effect.flip(jsonOf(answer, about, "it"))
      assert.deepStrictEqual(
        [error._tag, error.reached, error.mayHaveRun, error.isTransient, error.retryAfter, isSafeToRetry(error)],
        [tag, "sent", mayHaveRun, isTransient, Duration.seconds(7), isTransient && !mayHaveRun]
      )
      const before = yield* Effect.flip(jsonOf(answer, { where, reached: "nothing-sent" }, "it"))
      assert.isFalse(before.mayHaveRun)
    })
  )

  it.effect("of 401 says what the author of the app does", () =>
    Effect.gen(function* () {
      const detail = { detail: { error: "x", auth_message: "Ask Ann." } }
      const { link } = yield* linkTo(() => Response.json(detail, { status: 401 }))
      const error = yield* Effect.flip(jsonOf(yield* ask(link, get, about, limits), about, "it"))
      assert(error instanceof AuthenticationError && error.authMessage === "Ask Ann.")
    })
  )
})

describe("repeating", () => {
  const flaky = (errors: ReadonlyArray<AppRateLimitError | AppResponseError>) => {
    let tries = 0
    return {
      tries: () => tries,
      effect: Effect.suspend(() => {
        const error = errors[tries++]
        return error === undefined ? Effect.succeed("fine") : Effect.fail(error)
      })
    }
  }
  const rateLimit = (seconds: number | undefined) =>
    new AppRateLimitError({
      where,
      reached: "nothing-sent",
      mayHaveRun: false,
      isTransient: true,
      retryAfter: seconds === undefined ? undefined : Duration.seconds(seconds)
    })

  it.effect("waits as long as the server asks", () =>
    Effect.gen(function* () {
      const { link } = yield* linkTo(() => new Response())
      const { effect, tries } = flaky([rateLimit(30)])
      const asking = yield* Effect.forkChild(retrySafe({ ...link, retry: defaultSchedule })(effect), {
        startImmediately: true
      })
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(tries(), 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(asking), "fine")
      assert.strictEqual(tries(), 2)
    })
  )

  it.effect(
    "does not wait for a server that asks for more than an answer takes, nor after the last try, nor for what is not safe",
    () =>
      Effect.gen(function* () {
        const { link } = yield* linkTo(() => new Response())
        const patient = retrySafe({ ...link, retry: defaultSchedule })
        const long = flaky([rateLimit(999_999_999)])
        assert.strictEqual((yield* Effect.flip(patient(long.effect)))._tag, "AppRateLimitError")
        assert.strictEqual(long.tries(), 1)
        const unsafe = flaky([new AppResponseError({ ...rateLimit(30), mayHaveRun: true, status: 500, body: "" })])
        assert.strictEqual((yield* Effect.flip(patient(unsafe.effect)))._tag, "AppResponseError")
        const often = flaky(Array.from({ length: 9 }, () => rateLimit(1)))
        const asking = yield* Effect.forkChild(Effect.flip(patient(often.effect)), { startImmediately: true })
        for (let second = 0; second < 4; second++) yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(asking))._tag, "AppRateLimitError")
        assert.strictEqual(often.tries(), 4)
      })
  )
})

const server = (
  handle: http.RequestListener
): Effect.Effect<{ readonly url: string; readonly connections: Effect.Effect<number> }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const listening = http.createServer(handle)
      listening.listen(0, "127.0.0.1")
      await once(listening, "listening")
      return listening
    }),
    (listening) =>
      Effect.promise(async () => {
        listening.closeAllConnections()
        listening.close()
        await once(listening, "close")
      })
  ).pipe(
    Effect.map((listening) => {
      const address = listening.address()
      assert(typeof address === "object" && address !== null)
      return {
        url: `http://127.0.0.1:${address.port}`,
        connections: Effect.callback<number>((resume) => {
          listening.getConnections((_, count) => resume(Effect.succeed(count)))
        })
      }
    })
  )

const overSocket = Effect.fnUntraced(function* (url: string) {
  const client = yield* HttpClient.HttpClient
  const base = baseUrl(url)
  assert(base !== undefined)
  const link: Link = {
    base,
    prefix: "",
    version: "6.31.0",
    client,
    credentials: yield* Credentials.make(base, { headers: {}, cookies: {}, ...known }),
    query: {},
    limits: Limits.make({ maxAnswerBytes: 1000 }),
    retry: undefined
  }
  return link
})

/** Until something holds; the clock of the test is the real one here. */
const until = (holds: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.flatMap(holds, (yes) => (yes ? Effect.void : Effect.andThen(Effect.sleep("5 millis"), until(holds))))

const posting = (link: Link) => (path: string) =>
  ask(link, HttpClientRequest.post(`${link.base.href}${path}`, { body: HttpBody.jsonUnsafe(1) }), about, limits)

const oneConnection = NodeHttpClient.layerUndiciOptions({ connections: 1 })

describe("a socket", () => {
  it.live("of an answer that is too large, or of a redirect with a body without end, is closed", () =>
    Effect.gen(function* () {
      const { connections, url } = yield* server((request, response) => {
        if (request.url === "/declared") response.writeHead(200, { "content-length": "1000000000" })
        else if (request.url === "/redirect") response.writeHead(302, { location: "http://[" })
        else response.writeHead(200)
        response.write("x".repeat(100_000))
      })
      const link = yield* overSocket(url)
      for (const path of ["declared", "redirect", "undeclared"]) {
        for (let n = 0; n < 5; n++) {
          const request = HttpClientRequest.get(`${url}/${path}`)
          assert.instanceOf(yield* Effect.flip(ask(link, request, about, limits)), AppResponseError)
        }
      }
      yield* until(Effect.map(connections, (count) => count === 0))
    }).pipe(Effect.timeout("5 seconds"), Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("that a server closed while it was idle is replaced once, without a failure", () =>
    Effect.gen(function* () {
      let requests = 0
      const { url } = yield* server((request, response) => {
        requests++
        response.writeHead(200, { "content-type": "text/plain" })
        response.end("ok")
        // As servers do after a 500: the answer is whole, and the connection goes while the client thinks it idle.
        response.on("finish", () => request.socket.end())
      })
      const link = yield* overSocket(url)
      for (let n = 0; n < 200; n++) {
        const request = HttpClientRequest.post(`${url}/${n}`, { body: HttpBody.jsonUnsafe(n) })
        assert.strictEqual((yield* ask(link, request, about, limits)).text, "ok")
      }
      assert.strictEqual(requests, 200)
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("that a server closes while it works is not replaced, since the request may have been heeded", () =>
    Effect.gen(function* () {
      const requests: Array<string> = []
      const { url } = yield* server((request, response) => {
        requests.push(`${request.method} ${request.url}`)
        if (request.url === "/first") response.end("ok")
        else setTimeout(() => request.socket.end(), 400)
      })
      const posted = posting(yield* overSocket(url))
      yield* posted("first")
      const error = yield* Effect.flip(posted("slow"))
      assert(error instanceof AppUnreachableError)
      assert.deepStrictEqual([error.reached, error.mayHaveRun], [about.reached, true])
      assert.deepStrictEqual(requests, ["POST /first", "POST /slow"])
    }).pipe(Effect.provide(oneConnection))
  )

  it.live("that was replaced and then found nobody may have been heeded the first time", () =>
    Effect.gen(function* () {
      const { url } = yield* server((request, response) => {
        if (request.url === "/first") response.end("ok")
        else {
          const { server: listening } = Object(request.socket)
          listening.close()
          request.socket.end()
        }
      })
      const posted = posting(yield* overSocket(url))
      yield* posted("first")
      const error = yield* Effect.flip(posted("second"))
      assert(error instanceof AppUnreachableError)
      assert.deepStrictEqual([error.reached, error.mayHaveRun], [about.reached, true])
      assert.include(error.message, "ECONNREFUSED")
    }).pipe(Effect.provide(oneConnection))
  )

  it.live("that nobody listens on means that nothing was sent", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(server(() => {}))
      const link = yield* overSocket(url)
      const error = yield* Effect.flip(ask(link, HttpClientRequest.get(`${url}/?token=s3cret`), about, limits))
      assert(error instanceof AppUnreachableError)
      assert.deepStrictEqual([error.reached, error.mayHaveRun, error.isTransient], ["nothing-sent", false, true])
      assert.include(error.message, "ECONNREFUSED")
      assert.notInclude(inspect(error, { depth: null }), "s3cret")
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})

describe("a direct call", () => {
  it.effect("ends with its connection", () =>
    Effect.gen(function* () {
      let aborted = false
      const { link } = yield* linkTo(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => (aborted = true))))
      const calling = yield* Effect.scoped(
        Effect.gen(function* () {
          const connection = yield* direct.protocol.open(link)
          const pull = yield* connection.run(callOf(0))
          const fiber = yield* Effect.forkDetach(Effect.exit(pull), { startImmediately: true })
          yield* rest(5)
          return { fiber, connection }
        })
      )
      const exit = yield* Fiber.join(calling.fiber)
      assert(Exit.isFailure(exit))
      const error = Cause.squash(exit.cause)
      assert(isGradioError(error) && error._tag === "JobDisconnectedError" && error.reason === "client-closed")
      assert.isTrue(aborted)
      const later = yield* Effect.flip(Effect.flatten(calling.connection.run(callOf(0))))
      assert(isGradioError(later) && later._tag === "JobDisconnectedError" && later.reached === "nothing-sent")
    })
  )
})

const bytesOf = (body: HttpBody.HttpBody): Effect.Effect<Uint8Array<ArrayBuffer>, unknown> =>
  body._tag === "Uint8Array"
    ? Effect.succeed(new Uint8Array(body.body))
    : body._tag === "Stream"
      ? Effect.map(Stream.runCollect(body.stream), (chunks) => new Uint8Array(Buffer.concat([...chunks])))
      : Effect.die(body._tag)

describe("laws of form bodies", () => {
  it.effect("another parser reads the same name, type and bytes, and the length that was announced is right", () =>
    forAllEffect(
      "form bodies",
      10_000,
      (random) => ({
        name: Array.from({ length: 1 + random.below(6) }, () =>
          random.pick(["a", ".txt", "ü", "🎈", '"', ";", "=", "\\", " ", "漢", "%", "--"])
        ).join(""),
        content: Array.from({ length: random.below(40) }, () => random.pick([13, 10, 45, 0, 255, 97])),
        streamed: random.chance(0.5)
      }),
      ({ content, name, streamed }) =>
        Effect.gen(function* () {
          const given = Uint8Array.from(content)
          const cut = given.length >> 1
          const body = multipart(
            {
              field: "files",
              name,
              mimeType: "x/y; charset=z",
              size: given.length,
              content: streamed ? Stream.make(given.subarray(0, cut), given.subarray(cut)) : given
            },
            "boundary-0123456789abcdef"
          )
          const bytes = yield* bytesOf(body)
          assert(body._tag === "Uint8Array" || body._tag === "Stream")
          assert.strictEqual(body.contentLength, bytes.length)
          const form = yield* Effect.promise(() =>
            new Response(bytes, { headers: { "content-type": body.contentType ?? "" } }).formData()
          )
          const file = form.get("files")
          assert(file instanceof File)
          assert.strictEqual(file.name, name)
          assert.strictEqual(file.type, "x/y; charset=z")
          assert.deepStrictEqual(new Uint8Array(yield* Effect.promise(() => file.arrayBuffer())), given)
        })
    )
  )
})

describe("what is secret", () => {
  it.effect("is in no error, however it is shown", () =>
    Effect.gen(function* () {
      const random = randomFrom(seed)
      const secret = () => `s3cret${random.below(2 ** 31).toString(36)}x`
      const secrets = {
        user: secret(),
        password: secret(),
        token: secret(),
        cookie: secret(),
        key: secret(),
        call: secret(),
        oauth: secret()
      }
      const transport = (request: HttpClientRequest.HttpClientRequest) =>
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({
            request,
            cause: Object.assign(new Error("reset"), { code: "ECONNRESET" })
          })
        })
      const config = {
        version: "6.31.0",
        protocol: "sse_v3",
        components: [],
        dependencies: [true, false].map((queue, id) => ({
          id,
          targets: [],
          inputs: [],
          outputs: [],
          backend_fn: true,
          queue,
          api_name: `f${id}`,
          types: {},
          cancels: []
        }))
      }
      type Answer = (
        request: HttpClientRequest.HttpClientRequest
      ) => Effect.Effect<Response, HttpClientError.HttpClientError>
      const answers: ReadonlyArray<Answer> = [
        ...[302, 400, 401, 403, 404, 422, 429, 500, 503].map(
          (status): Answer =>
            () =>
              Effect.succeed(new Response("no", { status, headers: { location: "http://other.test/?x=1" } }))
        ),
        (request) => Effect.fail(transport(request)),
        () => Effect.succeed(new Response("<html>")),
        () => Effect.succeed(Response.json({})),
        () => Effect.succeed(Response.json({ event_id: 5 }))
      ]
      let shown = 0
      const check = (error: unknown) => {
        assert(isGradioError(error), inspect(error))
        for (const text of [
          error.message,
          String(error),
          JSON.stringify(error),
          inspect(error, { depth: null, showHidden: true }),
          Cause.pretty(Cause.fail(error))
        ]) {
          shown++
          for (const [name, value] of Object.entries(secrets)) assert.notInclude(text, value, name)
        }
      }
      const source = `http://${secrets.user}:${secrets.password}@app.test/?token=${secrets.token}#${secrets.token}`
      const options = {
        retry: "none",
        headers: { authorization: Redacted.make(`Bearer ${secrets.token}`), "x-key": secrets.key },
        cookies: { session: Redacted.make(secrets.cookie) },
        query: { key: secrets.key }
      } as const
      for (const answer of answers) {
        for (const failing of ["/config", "/queue/join", "/run/f1"]) {
          const client = HttpClient.make((request, url) => {
            const given = url.pathname.endsWith(failing)
              ? answer(request)
              : Effect.succeed(
                  url.pathname.endsWith("/config") ? Response.json(config) : new Response("", { status: 404 })
                )
            return Effect.map(given, (response) => HttpClientResponse.fromWeb(request, response))
          })
          const failure = yield* GradioClient.connect(source, options).pipe(
            Effect.flatMap((app) =>
              app.predict(failing === "/run/f1" ? "/f1" : "/f0", [], {
                headers: { "x-call": Redacted.make(secrets.call) },
                oauthToken: Redacted.make(secrets.oauth)
              })
            ),
            Effect.provideService(HttpClient.HttpClient, client),
            Effect.scoped,
            Effect.exit
          )
          if (Exit.isFailure(failure)) check(Cause.squash(failure.cause))
        }
      }
      for (const odd of [
        `ftp://${secrets.user}:${secrets.password}@app.test/?token=${secrets.token}`,
        `${secrets.user}:${secrets.password}@app.test?token=${secrets.token}`
      ]) {
        const { link } = yield* linkTo(() => new Response())
        check(
          yield* Effect.flip(
            Effect.scoped(Effect.provideService(GradioClient.connect(odd, options), HttpClient.HttpClient, link.client))
          )
        )
      }
      assert.isAbove(shown, 150)
    })
  )
})
