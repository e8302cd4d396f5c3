/**
 * The law of credentials: everything that is sent to an app carries what its connection is known by, and no other origin ever gets any of it. For each
 * kind of credential, a program uses an app in every way; what the app got is counted by kind of request, and what the others got is searched for
 * secrets.
 */
import { inspect } from "node:util"

import { afterAll, assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Redacted, References, Stream, Tracer } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import * as Socket from "effect/socket/Socket"

import * as Gradio3 from "../../src/Gradio3.ts"
import { GradioClient, GradioFile, HuggingFaceToken } from "../../src/index.ts"
import { Fault } from "../../src/testing/index.ts"
import { standinMemory, type StandinOptions } from "../standin/app.ts"
import { rest } from "./play.ts"
import { tracing } from "./spans.ts"

const foreign = "https://foreign.test"
const hub = "https://huggingface.co"
const selfHosted = "https://app.test"
const ofSpace = "https://ann-app.hf.space"

interface Sent {
  readonly origin: string
  readonly kind: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** The kinds of requests, by their paths. */
const kinds: ReadonlyArray<readonly [kind: string, path: RegExp]> = [
  ["config", /^\/config$/],
  ["page", /^\/$/],
  ["login", /^\/login$/],
  ["info", /\/info$/],
  ["app id", /\/app_id$/],
  ["join", /\/queue\/join$/],
  ["event stream", /\/queue\/data$/],
  ["cancel", /\/cancel$/],
  ["heartbeat", /\/heartbeat\//],
  ["direct call", /\/run\//],
  ["/call", /\/call\/[^/]+$/],
  ["its events", /\/call\/[^/]+\/[^/]+$/],
  ["input stream", /\/stream\/[^/]+$/],
  ["its end", /\/stream\/[^/]+\/close$/],
  ["upload", /\/upload$/],
  ["file", /\/file=/],
  ["component server", /\/component_server$/]
]
const kindOf = (url: URL): string =>
  kinds.find(([, path]) => path.test(url.pathname))?.[0] ?? `unknown: ${url.pathname}`

/** Of one program; `login` only where there is one. */
const due = kinds.map(([kind]) => kind).filter((kind) => kind !== "login" && kind !== "page")

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : body._tag === "Raw" ? String(body.body) : ""

/** A file's download leads elsewhere, and an output names a file that is elsewhere. */
const redirected = /redirected\.bin$/
const jwt = `e30.${btoa(JSON.stringify({ exp: 4_000_000_000 }))}.s3cret-signature`

/** The app and the world around it, which write down what they get. */
const world = Effect.fnUntraced(function* (app: string, options: StandinOptions) {
  const server = yield* standinMemory(options)
  const sent: Array<Sent> = []
  yield* server.inject(
    Fault.mapMessages((message) => {
      const json = JSON.stringify(message)
      if (!json.includes("elsewhere.bin")) return [message]
      return [JSON.parse(json.replace(/"(path|url)":"[^"]*elsewhere\.bin"/g, `"$1":"${foreign}/elsewhere.bin"`))]
    })
  )
  const answer = (request: HttpClientRequest.HttpClientRequest, url: URL) => {
    if (url.origin === foreign) return new Response(new Uint8Array([1, 2, 3]))
    if (url.origin === hub) return Response.json({ id: "ann/app", token: jwt })
    if (url.origin !== app) return new Response("", { status: 404 })
    if (redirected.test(url.pathname))
      return new Response("", { status: 302, headers: { location: `${foreign}/r.bin` } })
    if (url.pathname.endsWith("/component_server")) return Response.json(["a row"])
    return server.client.execute(request)
  }
  const http = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      sent.push({ origin: url.origin, kind: kindOf(url), url, headers: request.headers, body: bodyOf(request) })
      const given = answer(request, url)
      return given instanceof Response ? Effect.succeed(HttpClientResponse.fromWeb(request, given)) : given
    })
  )
  return { http, sent, server }
})

/** Uses an app in every way. Files come from elsewhere, are elsewhere, and turn out to be elsewhere. */
const useEverything = (app: GradioClient.GradioClient, plain: GradioClient.GradioClient, sent: ReadonlyArray<Sent>) =>
  Effect.gen(function* () {
    yield* app.predict("/echo", ["x"])
    yield* app.predict("/direct", ["x"])
    yield* Stream.runDrain(Stream.take(app.stream("/endless", ["t"]), 1))
    yield* Stream.runDrain(GradioClient.streamInput(app, "/stream_short", Stream.make([null, "t"], [null, "t"])))
    yield* plain.predict("/echo", ["x"])
    const fetched = GradioFile.fromUrl(`${foreign}/a.bin`, { via: "client" })
    for (const name of ["plain.bin", "redirected.bin", "elsewhere.bin"]) {
      const [file] = yield* app.predict("/file_io", [GradioFile.fromBytes(new Uint8Array([1, 2, 3]), { name })])
      assert(GradioFile.isGradioFile(file))
      assert.strictEqual((yield* file.bytes).byteLength, 3)
    }
    yield* app.predict("/file_io", [fetched])
    yield* GradioClient.componentServer(app, 1, "rows")
    yield* GradioClient.isSameApp(app)
    yield* Effect.flip(app.predict("/error", ["x"]))
    while (!due.every((kind) => sent.some((one) => one.kind === kind))) yield* rest(100)
  })

interface Credential {
  readonly name: string
  readonly app: string
  readonly options: GradioClient.ConnectOptions
  readonly server?: StandinOptions
  /** What nobody but the app may see. */
  readonly secrets: ReadonlyArray<string>
  readonly carries: (sent: Sent) => boolean
  /** The hub gets a token, which it gave. */
  readonly hubMayKnow?: boolean
  /** It goes to Hugging Face alone, so that this app gets none. */
  readonly goesNowhere?: boolean
}

const header =
  (name: string, value: string) =>
  ({ headers }: Sent): boolean =>
    headers[name] === value
const cookie = (pattern: RegExp) => (sent: Sent) => pattern.test(sent.headers["cookie"] ?? "")
const secret = (text: string) => Redacted.make(text)
const basic = `Basic ${btoa("ann:s3cret-basic")}`

const credentials: ReadonlyArray<Credential> = [
  {
    name: "a header",
    app: selfHosted,
    options: { headers: { "X-Key": secret("s3cret-header") } },
    secrets: ["s3cret-header"],
    carries: header("x-key", "s3cret-header")
  },
  {
    name: "basic authentication",
    app: selfHosted,
    options: { headers: { Authorization: secret(basic) } },
    secrets: ["s3cret-basic", basic],
    carries: header("authorization", basic)
  },
  {
    name: "cookies that were given",
    app: selfHosted,
    options: { cookies: { session: secret("s3cret-cookie") } },
    secrets: ["s3cret-cookie"],
    carries: cookie(/\bsession=s3cret-cookie\b/)
  },
  {
    name: "a login",
    app: selfHosted,
    options: { auth: { username: "ann", password: secret("s3cret-password") } },
    server: { auth: { ann: "s3cret-password" } },
    secrets: ["s3cret-password", "access-token"],
    carries: cookie(/\baccess-token-(?!unsecure)[\w-]+=[\w-]+; access-token-unsecure-[\w-]+=[\w-]+/)
  },
  {
    name: "a token that was given, to a host of one's own",
    app: selfHosted,
    options: { token: secret("hf_s3cret") },
    secrets: ["hf_s3cret"],
    carries: header("authorization", "Bearer hf_s3cret")
  },
  {
    name: "a token that was given, beside an Authorization of the app's",
    app: selfHosted,
    options: { token: secret("hf_s3cret"), headers: { authorization: secret(basic) } },
    secrets: ["hf_s3cret", basic],
    carries: (sent) => header("x-hf-authorization", "Bearer hf_s3cret")(sent) && header("authorization", basic)(sent)
  },
  {
    name: "a token that was given, to a Space",
    app: ofSpace,
    options: { token: secret("hf_s3cret"), headers: { authorization: secret(basic) } },
    secrets: ["hf_s3cret", basic],
    carries: (sent) => header("x-hf-authorization", "Bearer hf_s3cret")(sent) && header("authorization", basic)(sent)
  },
  {
    name: "a token that was found, to a Space",
    app: ofSpace,
    options: { token: HuggingFaceToken.found(secret("hf_s3cret")) },
    secrets: ["hf_s3cret"],
    carries: header("x-hf-authorization", "Bearer hf_s3cret")
  },
  {
    name: "a token that was found, to a host of one's own",
    app: selfHosted,
    options: { token: HuggingFaceToken.found(secret("hf_s3cret")) },
    secrets: ["hf_s3cret"],
    carries: ({ headers, url }) => JSON.stringify([headers, url.href]).includes("hf_s3cret"),
    goesNowhere: true
  },
  {
    name: "signed links",
    app: ofSpace,
    options: { token: HuggingFaceToken.found(secret("hf_s3cret")), signedLinks: true },
    secrets: ["hf_s3cret", jwt],
    carries: ({ headers, url }) =>
      url.searchParams.get("__sign") === jwt &&
      headers["authorization"] === undefined &&
      !("x-hf-authorization" in headers),
    hubMayKnow: true
  },
  {
    name: "a visitor's tokens for GPU time",
    app: ofSpace,
    options: { headers: HuggingFaceToken.forwarded({ "X-IP-Token": "s3cret-ip", "x-zerogpu-token": "s3cret-gpu" }) },
    secrets: ["s3cret-ip", "s3cret-gpu"],
    carries: (sent) => header("x-ip-token", "s3cret-ip")(sent) && header("x-zerogpu-token", "s3cret-gpu")(sent)
  }
]

/** In every way that a secret could be written into a request or a text. */
const shows = (text: string, secrets: ReadonlyArray<string>): boolean =>
  secrets.some((one) => [one, encodeURIComponent(one), btoa(one)].some((written) => text.includes(written)))

const whole = ({ body, headers, url }: Sent): string => `${url.href} ${JSON.stringify(headers)} ${body}`

const leaks = (sent: ReadonlyArray<Sent>, { app, hubMayKnow, secrets }: Credential): number =>
  sent.filter((one) => one.origin !== app && !(hubMayKnow === true && one.origin === hub) && shows(whole(one), secrets))
    .length

/** Everything that a program may print: its log, spans, errors, and the client itself. */
const told = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const lines: Array<unknown> = []
  const { spans, tracer } = tracing()
  const exit = yield* Effect.exit(effect).pipe(
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(message))])),
    Effect.provideService(References.MinimumLogLevel, "All")
  )
  const shown = spans.map(({ attributes, events, name, status }) => [name, [...attributes], events, status])
  return {
    exit,
    text: [inspect(lines, { depth: 20 }), inspect(shown, { depth: 20 }), inspect(exit, { depth: 20 })].join("\n")
  }
})

const run = (credential: Credential, transformClient?: GradioClient.ConnectOptions["transformClient"]) =>
  Effect.gen(function* () {
    const { app, options, server } = credential
    const { http, sent } = yield* world(app, server ?? {})
    const program = Effect.gen(function* () {
      const all = { retry: "none", ...options, transformClient } as const
      const client = yield* GradioClient.connect(app, all)
      yield* useEverything(client, yield* GradioClient.connect(app, { ...all, protocol: "call" }), sent)
      const error = yield* Effect.flip(client.predict("/error", ["x"]))
      const log = [
        inspect(client, { depth: 20, showHidden: true }),
        JSON.stringify(client),
        inspect(error),
        JSON.stringify(error)
      ]
      yield* Effect.logInfo(...log, options)
    })
    const { exit, text } = yield* told(Effect.provideService(program, HttpClient.HttpClient, http))
    assert.strictEqual(exit._tag, "Success", text)
    return { sent: [...sent], text }
  })

/** What the app got, by kind: how many of how many carried it. A login is there once it was wanted. */
const carried = (sent: ReadonlyArray<Sent>, { app, carries, options }: Credential) => {
  const own = sent.filter(
    ({ kind, origin }, i) =>
      origin === app && !(options.auth !== undefined && kind === "config" && sent[i + 1]?.kind === "login")
  )
  return due.map((kind) => {
    const ofKind = own.filter((one) => one.kind === kind)
    return [kind, ofKind.filter(carries).length, ofKind.length] as const
  })
}

const rows: Array<string> = []

describe("the law of credentials", () => {
  it.live.each(credentials)("$name", (credential) =>
    Effect.gen(function* () {
      const shown: Array<string> = []
      const showing = HttpClient.tapRequest((request) =>
        Effect.sync(() => void shown.push(JSON.stringify(request), inspect(request, { depth: 9 })))
      )
      const { sent, text } = yield* run(credential, showing)
      const counts = carried(sent, credential)
      const elsewhere = sent.filter(({ origin }) => origin === foreign).length
      const wants = credential.goesNowhere === true ? 0 : 1
      assert.deepStrictEqual(
        counts,
        counts.map(([kind, , all]) => [kind, wants * all, all] as const)
      )
      assert.isTrue(counts.every(([, , all]) => all > 0))
      assert.deepStrictEqual(
        sent.filter(({ kind, origin }) => origin === credential.app && kind.startsWith("unknown")),
        []
      )
      assert.isAtLeast(elsewhere, 3)
      assert.strictEqual(leaks(sent, credential), 0)
      // Not in what the program prints, and not in what a client of its own prints of requests.
      const secrets = credential.secrets.filter((one) => one !== "access-token")
      assert.strictEqual(shown.length, 2 * sent.length)
      assert.deepStrictEqual([shows(text, secrets), shows(shown.join(), secrets)], [false, false])
      const requests = counts.reduce((sum, [, , all]) => sum + all, 0)
      const withIt = counts.reduce((sum, [, some]) => sum + some, 0)
      rows.push(
        `| ${credential.name} | ${counts.filter(([, some]) => some > 0).length} of ${counts.length} | ${withIt} of ${requests} | ${elsewhere} | 0 |`
      )
    }).pipe(Effect.scoped)
  )

  it.live.each(credentials)("sees a leak: $name", (credential) =>
    Effect.gen(function* () {
      const planted = (client: HttpClient.HttpClient) =>
        HttpClient.mapRequest(client, (request) =>
          request.url.startsWith(foreign)
            ? HttpClientRequest.setHeader(
                request,
                "referer",
                `https://x.test/?from=${encodeURIComponent(credential.secrets[0] ?? "")}`
              )
            : request
        )
      const { sent } = yield* run(credential, planted)
      const elsewhere = sent.filter(({ origin }) => origin === foreign).length
      assert.strictEqual(leaks(sent, credential), elsewhere)
      rows.push(`| ${credential.name}, with a planted leak | | | ${elsewhere} | ${leaks(sent, credential)} |`)
    }).pipe(Effect.scoped)
  )

  it.live("holds for the headers of a call, which are shown no more than those of a connection", () =>
    Effect.gen(function* () {
      const { http, sent } = yield* world(selfHosted, {})
      const shown: Array<string> = []
      const showing = HttpClient.tapRequest((request) =>
        Effect.sync(() => void shown.push(inspect(request, { depth: 9 })))
      )
      const app = yield* Effect.provideService(
        GradioClient.connect(selfHosted, { retry: "none", transformClient: showing }),
        HttpClient.HttpClient,
        http
      )
      const headers = { "X-Call": secret("s3cret-call") }
      yield* app.predict("/file_io", [GradioFile.fromUrl(`${foreign}/a.bin`, { via: "client" })], { headers })
      yield* app.predict("/direct", ["x"], { headers })
      yield* Stream.runDrain(Stream.take(app.stream("/endless", ["t"], { headers }), 1))
      while (!sent.some(({ kind }) => kind === "cancel")) yield* rest(100)
      const withIt = sent.filter((one) => shows(whole(one), ["s3cret-call"]))
      assert.deepStrictEqual(
        withIt.map(({ kind, origin }) => [origin, kind]),
        ["upload", "join", "direct call", "join", "cancel"].map((kind) => [selfHosted, kind])
      )
      assert.isTrue(sent.some(({ origin }) => origin === foreign))
      assert.isFalse(shows(shown.join(), ["s3cret-call"]))
      rows.push(`| a header of 3 calls | 4 of 4 | ${withIt.length} of ${withIt.length} | 1 | 0 |`)
    }).pipe(Effect.scoped)
  )

  it.live("holds for the page of an app that has its configuration there", () =>
    Effect.gen(function* () {
      const { http, sent } = yield* world(selfHosted, {})
      const pageOnly = HttpClient.make((request, url) =>
        url.pathname === "/config"
          ? Effect.succeed(HttpClientResponse.fromWeb(request, new Response("", { status: 404 })))
          : http.execute(request)
      )
      const headers = { "x-key": secret("s3cret") }
      yield* Effect.provideService(GradioClient.connect(selfHosted, { headers }), HttpClient.HttpClient, pageOnly)
      assert.deepStrictEqual(
        sent.map(({ headers: got, kind }) => [kind, got["x-key"]]),
        [
          ["page", "s3cret"],
          ["info", "s3cret"]
        ]
      )
    })
  )

  it.live.each(credentials.filter(({ options }) => options.auth === undefined))(
    "WebSocket of Gradio 3: $name",
    (credential) =>
      Effect.gen(function* () {
        const { app, carries, goesNowhere, options } = credential
        const { http, server } = yield* world(app, { version: "3.50.2" })
        const opened: Array<Sent> = []
        const constructor: Socket.WebSocketConstructor["Service"] = (address, settings) => {
          const url = new URL(address)
          const headers: Record<string, string> = Object(settings)["headers"] ?? {}
          opened.push({ origin: url.origin, kind: "WebSocket", url, headers: { ...headers }, body: "" })
          return server.webSocket(address, settings)
        }
        const platform = Layer.provide(Gradio3.layer, Layer.succeed(Socket.WebSocketConstructor)(constructor))
        const client = yield* GradioClient.connect(app, { retry: "none", ...options }).pipe(
          Effect.provide(platform),
          Effect.provideContext(Context.make(HttpClient.HttpClient, http))
        )
        yield* client.predict("/echo", ["x"])
        assert.strictEqual(opened.length, 1)
        assert.deepStrictEqual(opened.map(carries), [goesNowhere !== true])
        rows.push(
          `| ${credential.name}, WebSocket of Gradio 3 | ${goesNowhere === true ? 0 : 1} of 1 | ${goesNowhere === true ? 0 : 1} of 1 | | |`
        )
      }).pipe(Effect.scoped)
  )

  it.live("an OAuth token goes to no endpoint that does not declare one, and to nobody else", () =>
    Effect.gen(function* () {
      const { http, sent } = yield* world(selfHosted, {})
      const info = { ...(yield* describing(http, ["/echo", "/direct"])) }
      const declaring = HttpClient.make((request, url) =>
        url.pathname.endsWith("/info")
          ? Effect.succeed(HttpClientResponse.fromWeb(request, Response.json(info)))
          : http.execute(request)
      )
      const client = yield* Effect.provideService(
        GradioClient.connect(selfHosted, { retry: "none" }),
        HttpClient.HttpClient,
        declaring
      )
      const oauth = { oauthToken: secret("hf_oauth_s3cret") }
      for (const name of ["/echo", "/direct", "/request_info", "/add"]) {
        yield* client.predict(name, name === "/add" ? { a: 1, b: 2 } : ["x"], oauth)
      }
      const [file] = yield* client.predict(
        "/file_io",
        [GradioFile.fromUrl(`${foreign}/a.bin`, { via: "client" })],
        oauth
      )
      assert(GradioFile.isGradioFile(file))
      yield* file.bytes
      const withIt = sent.filter((one) => shows(whole(one), ["hf_oauth_s3cret"]))
      assert.deepStrictEqual(
        withIt.map(({ body, kind, origin }) => [origin, kind, JSON.parse(body).oauth_token]),
        [
          [selfHosted, "join", "hf_oauth_s3cret"],
          [selfHosted, "direct call", "hf_oauth_s3cret"]
        ]
      )
      rows.push(`| an OAuth token, by 2 endpoints that declare it and 3 that do not | | 2 of ${sent.length} | 1 | 0 |`)
    }).pipe(Effect.scoped)
  )
})

/** `/info` in which these endpoints declare to act for the user. */
const describing = (http: HttpClient.HttpClient, names: ReadonlyArray<string>) =>
  Effect.map(
    Effect.flatMap(http.get(`${selfHosted}/gradio_api/info`), ({ json }) => json),
    (info) => {
      const { named_endpoints: named } = JSON.parse(JSON.stringify(info))
      for (const name of names) named[name].oauth_token = "optional"
      return { named_endpoints: named, unnamed_endpoints: {} }
    }
  )

afterAll(() => {
  process.stdout.write(
    `law: credentials (${due.join(", ")})\n| credential | kinds of requests that carried it | requests to the app | requests elsewhere | of them with a secret |\n${rows.map((row) => `${row}\n`).join("")}`
  )
})
