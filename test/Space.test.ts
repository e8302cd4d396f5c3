import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Exit, Fiber, Logger, Redacted, Result, Schedule, Stream } from "effect"
import { HttpClient, HttpClientResponse, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"

import { GradioClient, HuggingFaceToken, isSafeToRetry, Space, type GradioError } from "../src/index.ts"
import { Fault, type HuggingFace } from "../src/testing/index.ts"
import { memory, socket, tokens } from "./huggingface/app.ts"

const alice = Redacted.make(tokens.alice)

/** A stand-in in memory, and what reaches it. */
const world = Effect.fnUntraced(function* (options?: Parameters<typeof memory>[0]) {
  const huggingFace = yield* memory(options)
  const use = Effect.provideService(HttpClient.HttpClient, huggingFace.client)
  const requests = yield* recorded(huggingFace)
  return { huggingFace, use, requests }
})

/** Each request to the hub and to hosts, as `GET 200 /path`. */
const recorded = Effect.fnUntraced(function* (huggingFace: HuggingFace.HuggingFace["Service"]) {
  const requests: Array<string> = []
  yield* huggingFace.inject({
    request: (request, answer) =>
      Effect.tap(answer, ({ status }) => {
        requests.push(`${request.method} ${status} ${new URL(request.originalUrl).host}${request.url}`)
        return Effect.void
      })
  })
  return requests
})

/** Log lines, without time and level. */
const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel}: ${[message].flat().join(" ")}`)
  })
  return { lines, layer: Logger.layer([logger]) }
}

/** What a program can tell from a failure. */
const failure = (error: GradioError.ConnectError): object =>
  error._tag === "SpaceError"
    ? { tag: error._tag, reason: error.reason, stage: error.stage, discussionsOpen: error.discussionsOpen }
    : { tag: error._tag }

const running: HuggingFace.Stage = "RUNNING"

const greet = (client: GradioClient.GradioClient) => client.predict("/greet", { name: "you" })

describe("Space.status", () => {
  it.effect("tells each stage of a Space as it comes, and ends when it stays", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const fiber = yield* Effect.forkChild(use(Stream.runCollect(Space.status("gradio/new"))), {
        startImmediately: true
      })
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(
        (yield* Fiber.join(fiber)).map(({ hardware, kind, message, stage }) => [stage, kind, message, hardware]),
        [
          ["BUILDING", "building", "It is building.", undefined],
          ["APP_STARTING", "starting", "It is starting.", "cpu-basic"],
          ["RUNNING", "running", "It is running.", "cpu-basic"]
        ]
      )
    })
  )

  it.effect(
    "tells every stage that Hugging Face reports, with what it says of failures and whether discussions are open",
    () =>
      Effect.gen(function* () {
        const { use } = yield* world()
        const table = yield* Effect.forEach(
          [
            "gradio/demo",
            "gradio/next",
            "gradio/asleep",
            "gradio/stopped",
            "gradio/new",
            "gradio/starting",
            "gradio/broken",
            "gradio/crashed",
            "gradio/config",
            "gradio/empty",
            "gradio/paused",
            "gradio/quiet",
            "gradio/going"
          ],
          (space) =>
            Effect.map(use(Stream.runCollect(Space.status(space, { wait: "none" }))), ([status]) => [
              status?.stage,
              status?.kind,
              status?.message,
              status?.discussionsOpen
            ])
        )
        assert.deepStrictEqual(table, [
          ["RUNNING", "running", "It is running.", undefined],
          ["RUNNING_BUILDING", "running", "It is running.", undefined],
          ["SLEEPING", "sleeping", "It is asleep; a request to it wakes it up.", undefined],
          ["STOPPED", "sleeping", "It is asleep; a request to it wakes it up.", undefined],
          ["BUILDING", "building", "It is building.", undefined],
          ["APP_STARTING", "starting", "It is starting.", undefined],
          ["BUILD_ERROR", "error", "It does not work: Job failed with exit code: 1", true],
          ["RUNTIME_ERROR", "error", "It does not work.", false],
          ["CONFIG_ERROR", "error", "It does not work.", true],
          ["NO_APP_FILE", "error", "It does not work.", true],
          ["PAUSED", "paused", "Its owner has paused it.", true],
          ["PAUSED", "paused", "Its owner has paused it.", false],
          ["DELETING", "error", "It does not work.", true]
        ])
      })
  )

  it.effect("looks only: a sleeping Space goes on sleeping, and the stream ends with the time", () =>
    Effect.gen(function* () {
      const { requests, use } = yield* world()
      const fiber = yield* Effect.forkChild(
        use(Stream.runCollect(Space.status("gradio/asleep", { wait: Schedule.recurs(3) }))),
        { startImmediately: true }
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        (yield* Fiber.join(fiber)).map(({ stage }) => stage),
        ["SLEEPING"]
      )
      assert.deepStrictEqual(
        requests,
        Array.from({ length: 4 }, () => "GET 200 huggingface.co/api/spaces/gradio/asleep")
      )
    })
  )

  it.effect("tells hardware and sleep time", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const [status] = yield* use(Stream.runCollect(Space.status("https://gradio-gpu.hf.space")))
      assert.deepStrictEqual(status, {
        space: "gradio/gpu",
        stage: "RUNNING",
        kind: "running",
        message: "It is running.",
        discussionsOpen: undefined,
        hardware: "t4-small",
        requestedHardware: "t4-small",
        sleepTimeout: Duration.hours(1)
      })
    })
  )
})

describe("connecting to a Space", () => {
  it.live("works by its name, its page, its host, and a private one by a token that was given or found", () =>
    Effect.gen(function* () {
      const { requests, use } = yield* world()
      const connect = (source: string | URL, options?: GradioClient.ConnectOptions) =>
        Effect.flatMap(use(GradioClient.connect(source, options)), (client) =>
          Effect.map(use(greet(client)), (outputs) => [client.url.href, ...outputs])
        ).pipe(Effect.scoped)
      const demo = ["https://gradio-demo.hf.space/", "Hello, you!"]
      for (const source of [
        "gradio/demo",
        "https://huggingface.co/spaces/gradio/demo",
        "https://huggingface.co/spaces/gradio/demo/tree/main",
        "https://gradio-demo.hf.space",
        "https://gradio-demo.hf.space/?__theme=dark",
        new URL("https://gradio-demo.hf.space")
      ]) {
        assert.deepStrictEqual(yield* connect(source), demo)
      }
      const secret = ["https://alice-secret.hf.space/", "Hello, you!"]
      for (const token of [alice, HuggingFaceToken.found(alice)]) {
        assert.deepStrictEqual(yield* connect("alice/secret", { token }), secret)
        assert.deepStrictEqual(yield* connect("https://alice-secret.hf.space", { token }), secret)
      }
      // A host that answers as an app does is asked alone.
      requests.length = 0
      yield* connect("https://gradio-demo.hf.space")
      assert.deepStrictEqual(
        requests.filter((one) => one.includes("huggingface.co")),
        []
      )
    })
  )

  it.live("the address of one page of an app leads to the app", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      const home = yield* Effect.flatMap(huggingFace.client.get("https://gradio-demo.hf.space/"), (page) => page.text)
      const second = home.replace('"current_page":""', '"current_page":"deep/second"')
      assert.notStrictEqual(second, home)
      yield* huggingFace.inject(
        Fault.on({ path: /^\/deep\/second\/?$/ }, { request: () => Effect.succeed(HttpServerResponse.html(second)) })
      )
      const client = yield* use(GradioClient.connect("https://gradio-demo.hf.space/deep/second"))
      assert.strictEqual(client.url.href, "https://gradio-demo.hf.space/")
      assert.deepStrictEqual(yield* greet(client), ["Hello, you!"])
    })
  )

  for (const source of ["gradio/asleep", "https://gradio-asleep.hf.space", "gradio/stopped"]) {
    it.effect(`wakes up ${source} and waits until it runs`, () =>
      Effect.gen(function* () {
        const { use } = yield* world()
        const { layer, lines } = logged()
        const fiber = yield* Effect.forkChild(
          use(Effect.scoped(Effect.flatMap(GradioClient.connect(source), greet))).pipe(Effect.provide(layer)),
          {
            startImmediately: true
          }
        )
        yield* TestClock.adjust("5 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("30 seconds")
        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Hello, you!"])
        const name = source.includes("stopped") ? "gradio/stopped" : "gradio/asleep"
        const asleep = name === "gradio/stopped" ? "STOPPED" : "SLEEPING"
        assert.deepStrictEqual(lines, [
          // The host was asked first, which woke it up.
          ...(source.startsWith("https")
            ? []
            : [`Info: Space ${name} (${asleep}): It is asleep; a request to it wakes it up.`]),
          `Info: Space ${name} (APP_STARTING): It is starting.`,
          `Info: Space ${name} (RUNNING): It is running.`
        ])
      })
    )
  }

  it.effect("wakes up once more one that sleeps on, because the first request was lost", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      const { layer, lines } = logged()
      yield* huggingFace.inject(Fault.on({ path: /^\/$/, times: 1 }, Fault.refuse({ status: 502 })))
      const fiber = yield* Effect.forkChild(
        use(Effect.scoped(Effect.flatMap(GradioClient.connect("gradio/asleep"), greet))).pipe(Effect.provide(layer)),
        { startImmediately: true }
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(fiber.pollUnsafe(), Exit.succeed(["Hello, you!"]))
      assert.deepStrictEqual(
        lines.map((line) => line.split(":", 2).join()),
        ["SLEEPING", "APP_STARTING", "RUNNING"].map((stage) => `Info, Space gradio/asleep (${stage})`)
      )
    })
  )

  it.effect("waits for one that is being built, and tells each stage once", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const { layer, lines } = logged()
      const fiber = yield* Effect.forkChild(
        use(Effect.scoped(Effect.flatMap(GradioClient.connect("gradio/new"), greet))).pipe(Effect.provide(layer)),
        {
          startImmediately: true
        }
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Hello, you!"])
      assert.deepStrictEqual(lines, [
        "Info: Space gradio/new (BUILDING): It is building.",
        "Info: Space gradio/new (APP_STARTING): It is starting.",
        "Info: Space gradio/new (RUNNING): It is running."
      ])
    })
  )

  it.effect("a private one that sleeps is woken up with the token", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const fiber = yield* Effect.forkChild(
        use(Effect.scoped(Effect.flatMap(GradioClient.connect("alice/secret-asleep", { token: alice }), greet))),
        { startImmediately: true }
      )
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["Hello, you!"])
    })
  )

  it.effect("gives up after the time, after the schedule, or at once, with an error that may be tried again", () =>
    Effect.gen(function* () {
      const { use } = yield* world({ builds: "1 hour" })
      const gaveUp = (wait: Space.Wait | undefined) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            use(Effect.scoped(Effect.flip(GradioClient.connect("gradio/new", { wait })))).pipe(Effect.timed),
            { startImmediately: true }
          )
          yield* TestClock.adjust("10 minutes")
          const [took, error] = yield* Fiber.join(fiber)
          return [Duration.format(took), failure(error), isSafeToRetry(error), error.message]
        })
      const expected = { tag: "SpaceError", reason: "not-ready", stage: "BUILDING", discussionsOpen: undefined }
      const message =
        "Space gradio/new does not run yet. Try again later, or give it more time with `wait`. Its stage is BUILDING."
      assert.deepStrictEqual(yield* gaveUp(undefined), ["5m", expected, true, message])
      assert.deepStrictEqual(yield* gaveUp("20 seconds"), ["20s", expected, true, message])
      assert.deepStrictEqual(yield* gaveUp(Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 3 }))), [
        "3s",
        expected,
        true,
        message
      ])
      assert.deepStrictEqual(yield* gaveUp("none"), ["0", expected, true, message])
    })
  )

  it.effect("fails at once, and says what to do, where waiting would not help", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const failed = (source: string, options?: GradioClient.ConnectOptions) =>
        Effect.map(
          use(Effect.scoped(Effect.flip(GradioClient.connect(source, { retry: "none", ...options })))),
          (error) => [failure(error), error.message, isSafeToRetry(error)]
        )
      const space = (reason: string, stage?: string, discussionsOpen?: boolean) => ({
        tag: "SpaceError",
        reason,
        stage,
        discussionsOpen
      })
      const missing = (name: string) => [
        space("missing"),
        `There is no Space ${name}, or it is private. Check its name; for a private one give a token that may read it.`,
        false
      ]
      assert.deepStrictEqual(yield* failed("gradio/paused"), [
        space("paused", "PAUSED", true),
        "Space gradio/paused is paused. Its owner can restart it; others can duplicate it. Its stage is PAUSED. Write to its owner at https://huggingface.co/spaces/gradio/paused/discussions.",
        false
      ])
      assert.deepStrictEqual(yield* failed("https://gradio-quiet.hf.space"), [
        space("paused", "PAUSED", false),
        "Space gradio/quiet is paused. Its owner can restart it; others can duplicate it. Its stage is PAUSED.",
        false
      ])
      assert.deepStrictEqual(yield* failed("gradio/broken"), [
        space("failed", "BUILD_ERROR", true),
        'Space gradio/broken does not work. Its owner has to mend it. Its stage is BUILD_ERROR. Hugging Face says: "Job failed with exit code: 1". Write to its owner at https://huggingface.co/spaces/gradio/broken/discussions.',
        false
      ])
      assert.deepStrictEqual((yield* failed("gradio/empty"))[0], space("failed", "NO_APP_FILE", true))
      assert.deepStrictEqual(yield* failed("gradio/missing"), missing("gradio/missing"))
      assert.deepStrictEqual(yield* failed("gradio/missing", { token: alice }), missing("gradio/missing"))
      assert.deepStrictEqual(yield* failed("https://gradio-missing.hf.space"), missing("gradio-missing"))
      assert.deepStrictEqual(yield* failed("alice/secret"), missing("alice/secret"))
      assert.deepStrictEqual(yield* failed("https://alice-secret.hf.space"), missing("alice-secret"))
      assert.deepStrictEqual(
        yield* failed("alice/secret", { token: Redacted.make(tokens.bob) }),
        missing("alice/secret")
      )
      assert.deepStrictEqual(yield* failed("gradio/demo", { token: Redacted.make("hf_unknown") }), [
        { tag: "AuthenticationError" },
        "Hugging Face at https://huggingface.co/spaces/gradio/demo refuses this token: Invalid credentials in Authorization header. Check the headers, cookies, token or password that were given.",
        false
      ])
      assert.deepStrictEqual(yield* failed("gradio/website"), [
        space("not-gradio"),
        'Space gradio/website is no Gradio app but of the kind "static", so there is nothing to connect to.',
        false
      ])
      assert.deepStrictEqual((yield* failed("https://gradio-container.hf.space"))[0], space("not-gradio"))
    })
  )

  it.effect("a Space that fails while it is built is waited for no longer", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const { layer, lines } = logged()
      const fiber = yield* Effect.forkChild(
        use(Effect.scoped(Effect.flip(GradioClient.connect("gradio/never-builds")))).pipe(
          Effect.timed,
          Effect.provide(layer)
        ),
        { startImmediately: true }
      )
      yield* TestClock.adjust("5 minutes")
      const [took, error] = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        [Duration.format(took), failure(error)],
        ["30s", { tag: "SpaceError", reason: "failed", stage: "BUILD_ERROR", discussionsOpen: true }]
      )
      assert.deepStrictEqual(lines, [
        "Info: Space gradio/never-builds (BUILDING): It is building.",
        "Info: Space gradio/never-builds (BUILD_ERROR): It does not work: Job failed with exit code: 1"
      ])
    })
  )

  it.effect(
    "a hub that cannot be asked says so, is asked again where that helps, and is not needed for a Space's own host",
    () =>
      Effect.gen(function* () {
        const { huggingFace, requests, use } = yield* world()
        const once = (status: number, headers = {}) =>
          huggingFace.inject(Fault.on({ path: "/api/spaces/gradio/demo", times: 1 }, Fault.refuse({ status, headers })))
        const connect = (source: string, options?: GradioClient.ConnectOptions) =>
          use(Effect.scoped(Effect.result(Effect.flatMap(GradioClient.connect(source, options), greet))))
        yield* once(500)
        const fiber = yield* Effect.forkChild(connect("gradio/demo"), { startImmediately: true })
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(yield* Fiber.join(fiber), Result.succeed(["Hello, you!"]))
        yield* once(429, { "retry-after": "120" })
        const limited = yield* connect("gradio/demo", { retry: "none" })
        assert.strictEqual(
          Result.isFailure(limited) ? limited.failure.message : "",
          "Hugging Face at https://huggingface.co/spaces/gradio/demo refuses further requests for now (HTTP 429). Try again in 2m."
        )
        requests.length = 0
        yield* huggingFace.inject(
          Fault.on({ path: /^\/api\// }, { request: () => Effect.succeed(HttpServerResponse.empty({ status: 502 })) })
        )
        assert.deepStrictEqual(yield* connect("https://gradio-demo.hf.space"), Result.succeed(["Hello, you!"]))
        assert.isFalse(requests.some((one) => one.includes("huggingface.co")))
      })
  )

  it.live("the hub is HF_ENDPOINT, which also names hosts elsewhere; a found token goes there too", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* socket()
      const env = ConfigProvider.fromEnv({ env: { HF_ENDPOINT: `${endpoint}/` } })
      const client = yield* GradioClient.connect("alice/secret", { token: HuggingFaceToken.found(alice) }).pipe(
        Effect.provideService(ConfigProvider.ConfigProvider, env)
      )
      assert.notStrictEqual(client.url.origin, endpoint)
      assert.deepStrictEqual(yield* greet(client), ["Hello, you!"])
      for (const HF_ENDPOINT of ["ftp://hub.test", "hub.test"]) {
        const bad = yield* Effect.forEach(["gradio/demo", "https://app.test"], (source) =>
          Effect.flip(Effect.scoped(GradioClient.connect(source, { token: alice })))
        ).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { HF_ENDPOINT } })))
        const message =
          "No answer from Hugging Face at HF_ENDPOINT: the variable HF_ENDPOINT is no http or https address. Check the address, and that the app is running and reachable from here."
        assert.deepStrictEqual(
          bad.map((error) => error.message),
          [message, message]
        )
      }
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})

describe("secrets", () => {
  it.effect(
    "the token reaches the hub and the Space, what else the app is given the Space alone, and no other origin anything",
    () =>
      Effect.gen(function* () {
        const { huggingFace } = yield* world()
        const seen = new Map<string, Set<string>>()
        const spy = HttpClient.transform(huggingFace.client, (effect, request) => {
          const { origin, searchParams } = new URL(request.url)
          const told = seen.get(origin) ?? new Set<string>()
          seen.set(origin, told)
          // A header that is not known to a server may be refused by it in browsers.
          if (origin === "https://huggingface.co")
            assert.deepStrictEqual(Object.keys(request.headers), ["authorization"])
          const all = [...Object.values(request.headers), ...searchParams.values()].join(" ")
          for (const secret of [tokens.alice, "app-header", "app-cookie", "app-query"])
            if (all.includes(secret)) told.add(secret)
          return origin === "https://elsewhere.test"
            ? Effect.succeed(HttpClientResponse.fromWeb(request, Response.json({})))
            : effect
        })
        const options = {
          token: alice,
          headers: { "x-app": Redacted.make("app-header") },
          cookies: { app: Redacted.make("app-cookie") },
          query: { q: "app-query" }
        }
        const use = Effect.provideService(HttpClient.HttpClient, spy)
        yield* use(Effect.scoped(Effect.flatMap(GradioClient.connect("alice/secret", options), greet)))
        // A hub that sends its clients away learns nothing more.
        yield* huggingFace.inject(
          Fault.on(
            { path: "/api/spaces/alice/secret" },
            Fault.refuse({ status: 307, headers: { location: "https://elsewhere.test/x" } })
          )
        )
        yield* use(Effect.scoped(Effect.flip(GradioClient.connect("alice/secret", options))))
        assert.deepStrictEqual(Object.fromEntries(Array.from(seen, ([origin, told]) => [origin, [...told].sort()])), {
          "https://huggingface.co": [tokens.alice],
          "https://alice-secret.hf.space": ["app-cookie", "app-header", "app-query", tokens.alice].sort(),
          "https://elsewhere.test": []
        })
      })
  )
})

describe("Space.duplicate", () => {
  const secrets = { API_KEY: Redacted.make("s3cret") }

  it.effect("makes a private copy with all that was asked for, waits until it runs, and finds it the next time", () =>
    Effect.gen(function* () {
      const { huggingFace, requests, use } = yield* world()
      const { layer, lines } = logged()
      const duplicate = (options?: Partial<Space.DuplicateOptions>) =>
        Effect.gen(function* () {
          requests.length = 0
          lines.length = 0
          const fiber = yield* Effect.forkChild(
            use(Space.duplicate("gradio/gpu", { token: alice, ...options })).pipe(Effect.provide(layer)),
            { startImmediately: true }
          )
          yield* TestClock.adjust("2 minutes")
          return yield* Fiber.join(fiber)
        })
      assert.strictEqual(
        yield* duplicate({ secrets, variables: { MODE: "test" }, sleepTimeout: "10 minutes" }),
        "alice/gpu"
      )
      const copy = {
        id: "alice/gpu",
        stage: running,
        private: true,
        hardware: "t4-small",
        sleepTime: 600,
        secrets: { API_KEY: "s3cret" },
        variables: { MODE: "test" },
        duplicatedFrom: "gradio/gpu",
        host: "https://alice-gpu.hf.space"
      }
      assert.deepStrictEqual(yield* huggingFace.space("alice/gpu"), copy)
      assert.deepStrictEqual(requests.slice(0, 5), [
        "GET 200 huggingface.co/api/spaces/gradio/gpu",
        "GET 200 huggingface.co/api/whoami-v2",
        "GET 404 huggingface.co/api/spaces/alice/gpu",
        "POST 200 huggingface.co/api/spaces/gradio/gpu/duplicate",
        "GET 200 huggingface.co/api/spaces/alice/gpu"
      ])
      assert.deepStrictEqual(lines, [
        "Info: Space alice/gpu (BUILDING): It is building.",
        "Info: Space alice/gpu (APP_STARTING): It is starting.",
        "Info: Space alice/gpu (RUNNING): It is running."
      ])

      assert.strictEqual(
        yield* duplicate({ secrets: { API_KEY: Redacted.make("other") }, hardware: "a100-large", private: false }),
        "alice/gpu"
      )
      assert.deepStrictEqual(yield* huggingFace.space("alice/gpu"), copy)
      assert.deepStrictEqual(requests, [
        "GET 200 huggingface.co/api/spaces/gradio/gpu",
        "GET 200 huggingface.co/api/whoami-v2",
        "GET 200 huggingface.co/api/spaces/alice/gpu",
        "GET 200 huggingface.co/api/spaces/alice/gpu"
      ])
      assert.deepStrictEqual(lines, ["Info: Space alice/gpu is there already and used as it is"])
      assert.isFalse(JSON.stringify([requests, lines]).includes("s3cret"))
    })
  )

  it.effect("gives a copy that is there what was given, and nothing else, when told to", () =>
    Effect.gen(function* () {
      const { huggingFace, requests, use } = yield* world()
      const run = (options: Partial<Space.DuplicateOptions>) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            use(Space.duplicate("gradio/demo", { token: alice, to: "acme/copy", ...options })),
            { startImmediately: true }
          )
          yield* TestClock.adjust("2 minutes")
          assert.strictEqual(yield* Fiber.join(fiber), "acme/copy")
          return yield* huggingFace.space("acme/copy")
        })
      const first = yield* run({ secrets, private: false })
      const at = {
        host: "https://acme-copy.hf.space",
        duplicatedFrom: "gradio/demo",
        id: "acme/copy",
        stage: running
      }
      assert.deepStrictEqual(first, {
        ...at,
        private: false,
        hardware: "cpu-basic",
        sleepTime: 172_800,
        secrets: { API_KEY: "s3cret" },
        variables: {}
      })
      const more = {
        update: true,
        private: true,
        hardware: "t4-small",
        sleepTimeout: Duration.infinity,
        variables: { MODE: "live" }
      } as const
      const second = {
        ...at,
        private: true,
        hardware: "t4-small",
        sleepTime: null,
        secrets: { API_KEY: "s3cret" },
        variables: { MODE: "live" }
      }
      assert.deepStrictEqual(yield* run(more), second)
      requests.length = 0
      assert.deepStrictEqual(yield* run({ update: true, sleepTimeout: "1 hour" }), { ...second, sleepTime: 3600 })
      assert.deepStrictEqual(
        requests.filter((one) => !one.startsWith("GET")),
        ["POST 200 huggingface.co/api/spaces/acme/copy/sleeptime"]
      )
    })
  )

  it.effect("changes no Space of that name that does not say it is a copy, the original neither", () =>
    Effect.gen(function* () {
      const { huggingFace, requests, use } = yield* world()
      const doubts = [
        ["gradio/demo", "it does not say that it is of gradio/demo"],
        ["alice/secret", "it is the original"]
      ] as const
      for (const [space, doubt] of doubts) {
        const before = yield* huggingFace.space("alice/secret")
        requests.length = 0
        const options = { token: alice, to: "alice/secret", secrets, wait: "none" } as const
        const error = yield* Effect.flip(use(Space.duplicate(space, { ...options, update: true })))
        assert(error._tag === "SpaceError")
        assert.deepStrictEqual(
          [error.reason, error.message],
          [
            "name-taken",
            `Space alice/secret is there already (${doubt}) and not changed. Give another name with \`to\`, or leave \`update\` out to use it as it is.`
          ]
        )
        assert.strictEqual(yield* use(Space.duplicate(space, options)), "alice/secret")
        assert.deepStrictEqual(yield* huggingFace.space("alice/secret"), before)
        assert.isTrue(requests.every((one) => one.startsWith("GET")))
      }
    })
  )

  it.effect("starts the copy of a paused Space, and one that was paused since only when told to change it", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      const run = (options?: Partial<Space.DuplicateOptions>) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            Effect.result(use(Space.duplicate("gradio/paused", { token: alice, ...options }))),
            { startImmediately: true }
          )
          yield* TestClock.adjust("2 minutes")
          return Result.mapError(yield* Fiber.join(fiber), failure)
        })
      assert.deepStrictEqual(yield* run(), Result.succeed("alice/paused"))
      assert.strictEqual((yield* use(Space.pause("alice/paused", { token: alice }))).kind, "paused")
      assert.deepStrictEqual(
        yield* run(),
        Result.fail({ tag: "SpaceError", reason: "paused", stage: "PAUSED", discussionsOpen: true })
      )
      assert.deepStrictEqual(yield* run({ update: true }), Result.succeed("alice/paused"))
      assert.strictEqual((yield* huggingFace.space("alice/paused"))?.stage, "RUNNING")
    })
  )

  it.effect("leaves the sleep time of free hardware alone, and says so when one was asked for", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      const { layer, lines } = logged()
      const run = (to: string, options?: Partial<Space.DuplicateOptions>) =>
        use(Space.duplicate("gradio/demo", { token: alice, to, wait: "none", ...options })).pipe(Effect.provide(layer))
      assert.strictEqual(yield* run("one"), "alice/one")
      assert.strictEqual(yield* run("two", { sleepTimeout: "1 minute" }), "alice/two")
      assert.deepStrictEqual(lines, [
        "Warn: The sleep time on cpu-basic is Hugging Face's own and cannot be set: it is left as it is"
      ])
      assert.strictEqual((yield* huggingFace.space("alice/two"))?.sleepTime, 172_800)
      // Hardware that is billed goes to sleep after five minutes, unless told otherwise.
      assert.strictEqual(yield* run("three", { hardware: "t4-small" }), "alice/three")
      assert.strictEqual((yield* huggingFace.space("alice/three"))?.sleepTime, 300)
    })
  )

  it.effect("fails by what is in the way: a plan, a payment method, a right, a name, the original, the token", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      const failed = (space: string, options: Partial<Space.DuplicateOptions>) =>
        Effect.map(Effect.flip(use(Space.duplicate(space, { token: alice, ...options }))), (error) => [
          error._tag === "SpaceError" ? error.reason : error._tag,
          error.message
        ])
      assert.deepStrictEqual(yield* failed("gradio/demo", { token: Redacted.make(tokens.carol) }), [
        "payment-required",
        'Hugging Face wants a paid plan or a payment method for carol/demo: see https://huggingface.co/settings/billing. Hugging Face says: "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription.".'
      ])
      assert.deepStrictEqual((yield* failed("gradio/gpu", { token: Redacted.make(tokens.bob) }))[0], "payment-required")
      assert.deepStrictEqual(yield* failed("gradio/demo", { to: "gradio/mine" }), [
        "not-allowed",
        'The account of this token may not do that to gradio/mine. Give a token with write access, of somebody who may. Hugging Face says: "You don\'t have the rights to create a space under the namespace "gradio".".'
      ])
      assert.strictEqual((yield* failed("gradio/demo", { token: Redacted.make(tokens.reader) }))[0], "not-allowed")
      for (const to of ["alice/..", "../../whoami", "..", "a b", ""]) {
        assert.deepStrictEqual(yield* failed("gradio/demo", { to }), [
          "not-allowed",
          `${JSON.stringify(to)} is no name for a Space: give \`name\` or \`owner/name\`.`
        ])
      }
      assert.strictEqual((yield* failed("gradio/missing", {}))[0], "missing")
      assert.strictEqual((yield* failed("gradio/website", {}))[0], "not-gradio")
      assert.strictEqual(
        (yield* failed("gradio/demo", { token: Redacted.make("hf_unknown") }))[0],
        "AuthenticationError"
      )

      yield* huggingFace.put({ id: "alice/demo", duplicatedFrom: "other/demo" })
      assert.deepStrictEqual(yield* failed("gradio/demo", {}), [
        "name-taken",
        "The name alice/demo is taken: that Space is a duplicate of other/demo, not of gradio/demo. Give another name with `to`."
      ])
      yield* huggingFace.put({ id: "alice/demo", sdk: "static" })
      assert.deepStrictEqual(yield* failed("gradio/demo", {}), [
        "name-taken",
        "The name alice/demo is taken by a Space of another kind (static). Give another name with `to`."
      ])
      yield* huggingFace.put({ id: "acme/hidden" })
      // The hub refuses the name and does not tell by what it is taken.
      yield* huggingFace.inject(Fault.on({ path: "/api/spaces/acme/hidden" }, Fault.refuse({ status: 404 })))
      assert.strictEqual((yield* failed("gradio/demo", { to: "acme/hidden" }))[0], "name-taken")
    })
  )

  it.effect("knows its copy of a Space that had another name then, or is a copy itself", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      yield* huggingFace.put({ id: "gradio/old", duplicatedFrom: "first/one" })
      yield* huggingFace.inject(
        Fault.on(
          { path: "/api/spaces/gradio/renamed" },
          Fault.refuse({ status: 307, headers: { location: "/api/spaces/gradio/old" } })
        )
      )
      for (const duplicatedFrom of ["gradio/old", "gradio/renamed", "first/one"]) {
        yield* huggingFace.put({ id: "alice/old", duplicatedFrom })
        assert.strictEqual(yield* use(Space.duplicate("gradio/old", { token: alice })), "alice/old")
      }
    })
  )

  it.effect("two at once make one copy, which both use", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const one = use(Space.duplicate("gradio/demo", { token: alice }))
      const fiber = yield* Effect.forkChild(Effect.all([one, one], { concurrency: 2 }), { startImmediately: true })
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["alice/demo", "alice/demo"])
    })
  )

  it.live("GradioClient.duplicate makes it and connects, over sockets, the first time and again", () =>
    Effect.gen(function* () {
      const { endpoint, huggingFace } = yield* socket({ builds: "200 millis", starts: "200 millis" })
      const run = GradioClient.duplicate("gradio/demo", {
        token: alice,
        secrets,
        wait: Schedule.spaced("50 millis")
      }).pipe(
        Effect.flatMap((client) => Effect.map(greet(client), (outputs) => [client.url.href, ...outputs])),
        Effect.scoped,
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { HF_ENDPOINT: endpoint } }))
      )
      const first = yield* run
      assert.deepStrictEqual(first, [`${(yield* huggingFace.space("alice/demo"))?.host}/`, "Hello, you!"])
      assert.deepStrictEqual(yield* run, first)
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})

describe("changes of a Space", () => {
  it.effect("hardware, sleep time, restart and pause are asked for, and tell how the Space is doing then", () =>
    Effect.gen(function* () {
      const { huggingFace, use } = yield* world()
      yield* huggingFace.put({ id: "alice/own" })
      const told = ({ requestedHardware, sleepTimeout, stage }: Space.SpaceStatus) => [
        stage,
        requestedHardware,
        sleepTimeout === undefined ? undefined : Duration.format(sleepTimeout)
      ]
      const options = { token: alice }
      assert.deepStrictEqual(
        told(yield* use(Space.requestHardware("alice/own", "t4-small", { ...options, sleepTimeout: "1 hour" }))),
        ["BUILDING", "t4-small", "1h"]
      )
      assert.deepStrictEqual(
        told(yield* use(Space.setSleepTimeout("https://alice-own.hf.space", "2 hours", options))),
        ["BUILDING", "t4-small", "2h"]
      )
      assert.deepStrictEqual(told(yield* use(Space.setSleepTimeout("alice/own", Duration.infinity, options))), [
        "BUILDING",
        "t4-small",
        undefined
      ])
      assert.deepStrictEqual(told(yield* use(Space.pause("alice/own", options))), ["PAUSED", "t4-small", undefined])
      assert.deepStrictEqual(told(yield* use(Space.restart("alice/own", { ...options, factoryReboot: true }))), [
        "BUILDING",
        "t4-small",
        undefined
      ])
      const refused = yield* Effect.flip(use(Space.restart("alice/own", { token: Redacted.make(tokens.login) })))
      assert.strictEqual(
        refused.message,
        "Hugging Face at https://huggingface.co/spaces/alice/own refuses this token: Invalid username or password. Check the headers, cookies, token or password that were given."
      )
      const foreign = yield* Effect.flip(use(Space.pause("gradio/demo", options)))
      assert.deepStrictEqual(failure(foreign), {
        tag: "SpaceError",
        reason: "not-allowed",
        stage: undefined,
        discussionsOpen: undefined
      })
    })
  )

  it.effect("what is no Space is refused before anything is sent", () =>
    Effect.gen(function* () {
      const { requests, use } = yield* world()
      const error = yield* Effect.flip(use(Space.waitUntilRunning("https://user:pw@app.example/path")))
      assert.strictEqual(
        error.message,
        "https://app.example/path is no Space: give `owner/name`, the address of its page, or https://owner-name.hf.space."
      )
      assert.deepStrictEqual(requests, [])
    })
  )

  it.effect("waiting is interrupted at once", () =>
    Effect.gen(function* () {
      const { use } = yield* world()
      const fiber = yield* Effect.forkChild(use(Space.waitUntilRunning("gradio/new")), { startImmediately: true })
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )
})
