import { inspect } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Logger } from "effect"

import {
  AppError,
  AppProtocolError,
  AppRateLimitError,
  AppResponseError,
  AppUnreachableError,
  AppValidationError,
  AuthenticationError,
  type Circumstances,
  circumstances,
  EndpointInputError,
  EndpointNotFoundError,
  EndpointOutputError,
  type GradioError,
  GradioFileError,
  isGradioError,
  isSafeToRetry,
  JobCancelledError,
  JobDisconnectedError,
  JobOverflowError,
  QueueFullError,
  type Reached,
  ZeroGpuQuotaError
} from "../src/GradioError.ts"

const app = { url: "http://app.test/" }
const where = { ...app, endpoint: "/f" }

/** One of each class. */
const each: ReadonlyArray<(common: Circumstances) => GradioError> = [
  (common) => new AppUnreachableError({ ...common, tried: [] }),
  (common) => new AppResponseError({ ...common, status: 500, body: "" }),
  (common) => new AppRateLimitError(common),
  (common) => new AppProtocolError({ ...common, part: "it", received: "" }),
  (common) => new AuthenticationError({ ...common, authMessage: undefined }),
  (common) => new EndpointNotFoundError({ ...common, asked: "/g", available: [], nearest: [] }),
  (common) => new EndpointInputError({ ...common, problems: [] }),
  (common) => new EndpointOutputError({ ...common, issue: "it", received: [] }),
  (common) => new AppValidationError({ ...common, problems: [] }),
  (common) => new QueueFullError({ ...common, size: undefined }),
  (common) => new ZeroGpuQuotaError({ ...common, text: "t", requested: undefined, left: undefined }),
  (common) =>
    new AppError({
      ...common,
      text: "t",
      title: "Error",
      duration: undefined,
      visible: true,
      printException: true,
      hidden: false
    }),
  (common) => new JobDisconnectedError({ ...common, reason: "closed" }),
  (common) => new JobCancelledError({ ...common, by: "client" }),
  (common) => new JobOverflowError({ ...common, waitingBytes: 1 }),
  (common) => new GradioFileError({ ...common, file: "a.txt", reason: "unreadable", problem: "is gone" })
]
const tags = each.map((make) => make(circumstances({ where }))._tag)

describe("circumstances", () => {
  it("are by default those of a request that was not sent and will not go better", () => {
    assert.deepStrictEqual(circumstances({ where }), {
      where,
      reached: "nothing-sent",
      mayHaveRun: false,
      isTransient: false,
      retryAfter: undefined
    })
  })

  it.each<readonly [Reached, boolean]>([
    ["nothing-sent", false],
    ["sent", true],
    ["queued", false],
    ["started", true]
  ])("of a call that was %s say whether its function may have run: %j", (reached, mayHaveRun) => {
    assert.strictEqual(circumstances({ where, reached }).mayHaveRun, mayHaveRun)
    assert.strictEqual(circumstances({ where, reached, mayHaveRun: !mayHaveRun }).mayHaveRun, !mayHaveRun)
  })

  it("keep what is given, and have a cause only where there is one", () => {
    const given: Circumstances = {
      where,
      reached: "queued",
      mayHaveRun: true,
      isTransient: true,
      retryAfter: Duration.seconds(3),
      cause: "why"
    }
    assert.deepStrictEqual(circumstances(given), given)
    assert.isFalse("cause" in circumstances({ where, cause: undefined }))
  })
})

describe("isGradioError", () => {
  it("holds for each class, and the classes are told apart by their tags", () => {
    assert.strictEqual(new Set(tags).size, each.length)
    for (const make of each) {
      const error = make(circumstances({ where }))
      assert.isTrue(isGradioError(error))
      assert.instanceOf(error, Error)
      assert.strictEqual(error.name, error._tag)
    }
  })

  it.each<unknown>([
    undefined,
    null,
    1,
    "AppError",
    {},
    new Error("AppError"),
    new Cause.TimeoutError(),
    { _tag: "AppError", where, isTransient: true, mayHaveRun: false },
    { ...new AppRateLimitError(circumstances({ where, isTransient: true })) }
  ])("does not hold for %s, which is not safe to retry either", (value) => {
    assert.isFalse(isGradioError(value))
    assert.isFalse(isSafeToRetry(value))
  })
})

describe("isSafeToRetry", () => {
  it.each(tags.map((tag, index) => [tag, index] as const))(
    "of an %s is that nothing ran and it may go better later",
    (_, index) => {
      const safe = [true, false].flatMap((isTransient) =>
        [true, false].map((mayHaveRun) => {
          const error = each[index]?.(circumstances({ where, isTransient, mayHaveRun }))
          return [isTransient, mayHaveRun, isSafeToRetry(error)]
        })
      )
      assert.deepStrictEqual(safe, [
        [true, true, false],
        [true, false, true],
        [false, true, false],
        [false, false, false]
      ])
    }
  )

  it.effect("decides in Effect.retry", () =>
    Effect.gen(function* () {
      let tries = 0
      const failing = (error: GradioError) =>
        Effect.suspend(() => {
          tries++
          return Effect.fail(error)
        })
      const full = new QueueFullError({ ...circumstances({ where, isTransient: true }), size: 1 })
      yield* Effect.flip(Effect.retry(failing(full), { while: isSafeToRetry, times: 4 }))
      assert.strictEqual(tries, 5)
      tries = 0
      const lost = new JobDisconnectedError({
        ...circumstances({ where, reached: "started", isTransient: true }),
        reason: "closed"
      })
      yield* Effect.flip(Effect.retry(failing(lost), { while: isSafeToRetry, times: 4 }))
      assert.strictEqual(tries, 1)
    })
  )
})

const never = circumstances({ where })
const atApp = circumstances({ where: app })
const sent = circumstances({ where, reached: "sent" })
const transient = circumstances({ where: app, isTransient: true })
const appError = { text: "bad thing", title: "Error", duration: undefined, visible: true, printException: true }

describe("the message of", () => {
  const all: ReadonlyArray<readonly [GradioError, string]> = [
    [
      new AppUnreachableError({ ...atApp, tried: [{ url: "http://app.test/", answer: "connection refused (X)" }] }),
      "No answer from the app at http://app.test/: connection refused (X). Check the address, and that the app is running and reachable from here."
    ],
    [
      new AppUnreachableError({
        ...sent,
        tried: [
          { url: "http://app.test/", answer: "reset" },
          { url: "http://other.test/", answer: "no such host" }
        ]
      }),
      "No answer from /f of the app at http://app.test/: reset; no such host at http://other.test/. The app's function may have run."
    ],
    [
      new AppResponseError({ ...atApp, status: 404, body: "" }),
      "Unexpected answer from the app at http://app.test/: HTTP 404."
    ],
    [
      new AppResponseError({ ...transient, status: 503, body: " <h1>Bad\r\n\tgateway</h1>\u001b[31m " }),
      'Unexpected answer from the app at http://app.test/: HTTP 503. It said: "<h1>Bad gateway</h1> [31m". Try again later.'
    ],
    [
      new AppResponseError({
        ...transient,
        retryAfter: Duration.seconds(90),
        status: 503,
        body: "",
        problem: "a pause"
      }),
      "Unexpected answer from the app at http://app.test/: a pause. Try again in 1m 30s."
    ],
    [
      new AppResponseError({ ...sent, status: 500, body: "x".repeat(400), problem: "what?" }),
      `Unexpected answer from /f of the app at http://app.test/: what? It said: "${"x".repeat(300)}…". The app's function may have run.`
    ],
    [
      new AppRateLimitError(transient),
      "The app at http://app.test/ refuses further requests for now (HTTP 429). Try again later."
    ],
    [
      new AppRateLimitError({ ...never, retryAfter: Duration.seconds(7) }),
      "/f of the app at http://app.test/ refuses further requests for now (HTTP 429). Try again in 7s."
    ],
    [
      new AppProtocolError({ ...atApp, part: "its configuration", received: "" }),
      "Cannot read what came from the app at http://app.test/: its configuration."
    ],
    [
      new AppProtocolError({ ...never, part: "a log", problem: "which\nis none.", received: '{"msg":\n1}' }),
      'Cannot read what came from /f of the app at http://app.test/: a log, which is none. Received: "{"msg": 1}".'
    ],
    [
      new AuthenticationError({ ...atApp, authMessage: undefined }),
      "The app at http://app.test/ wants a login. Give a user and a password, or a token, a cookie or a header that it accepts."
    ],
    [
      new AuthenticationError({ ...atApp, authMessage: "Ask\nAnn.", problem: "refused the login" }),
      'The app at http://app.test/ refused the login. Its login page says: "Ask Ann.". Check the headers, cookies, token or password that were given.'
    ],
    [
      new EndpointNotFoundError({ ...atApp, asked: "/ad", available: ["/add", "/echo"], nearest: ["/add"] }),
      'The app at http://app.test/ has no endpoint "/ad". Did you mean /add? It offers /add, /echo.'
    ],
    [
      new EndpointNotFoundError({ ...atApp, asked: 7, available: [], nearest: [] }),
      "The app at http://app.test/ has no endpoint 7. It offers no named endpoints."
    ],
    [
      new EndpointNotFoundError({
        ...atApp,
        asked: "/a",
        available: Array.from({ length: 22 }, (_, i) => `/${i}`),
        nearest: ["/1", "/2"],
        problem: "is asleep"
      }),
      "The app at http://app.test/ is asleep. Did you mean /1 or /2? It offers /0, /1, /2, /3, /4, /5, /6, /7, /8, /9, /10, /11, /12, /13, /14, /15, /16, /17, /18, /19 and 2 more."
    ],
    [
      new EndpointInputError({
        ...never,
        problems: [
          { parameter: "a", problem: "a is missing" },
          { parameter: "b", problem: "there is no b" }
        ]
      }),
      "The input does not fit /f of the app at http://app.test/: a is missing; there is no b."
    ],
    [
      new AppValidationError({
        ...never,
        problems: [
          { parameter: "text", message: "too short" },
          { parameter: "n", message: "must not be negative!" }
        ]
      }),
      "/f of the app at http://app.test/ refused the input: text: too short; n: must not be negative!"
    ],
    [
      new QueueFullError({ ...never, size: undefined }),
      "The queue of /f of the app at http://app.test/ is full; nothing ran. Try again later."
    ],
    [
      new QueueFullError({ ...never, size: 3, retryAfter: Duration.minutes(2) }),
      "The queue of /f of the app at http://app.test/ is full (3 waiting); nothing ran. Try again in 2m."
    ],
    [
      new ZeroGpuQuotaError({
        ...sent,
        text: "You have exceeded your GPU quota.",
        requested: undefined,
        left: undefined,
        retryAfter: Duration.hours(2)
      }),
      '/f of the app at http://app.test/ got no GPU time from Hugging Face: the quota is used up. It said: "You have exceeded your GPU quota.". Try again in 2h.'
    ],
    [new AppError({ ...never, ...appError, hidden: false }), "bad thing"],
    [
      new AppError({ ...never, ...appError, text: "", hidden: true }),
      "/f of the app at http://app.test/ failed without saying why. Its owner can show the reason with gr.Error(…) or launch(show_error=True)."
    ],
    [
      new JobDisconnectedError({ ...sent, reason: "closed", problem: "ECONNRESET" }),
      "Lost the call to /f of the app at http://app.test/: the connection closed before the result (ECONNRESET). The app's function may have run."
    ],
    [
      new JobDisconnectedError({ ...never, reason: "silent" }),
      "Lost the call to /f of the app at http://app.test/: nothing was heard for too long. The app's function did not run."
    ],
    [
      new JobDisconnectedError({ ...never, reason: "session-lost" }),
      "Lost the call to /f of the app at http://app.test/: the server dropped the session of the call. The app's function did not run."
    ],
    [
      new JobDisconnectedError({ ...never, reason: "server-stopped" }),
      "Lost the call to /f of the app at http://app.test/: the server stopped. The app's function did not run."
    ],
    [
      new JobDisconnectedError({ ...never, reason: "client-closed" }),
      "Lost the call to /f of the app at http://app.test/: the client was closed. The app's function did not run."
    ],
    [
      new JobCancelledError({ ...never, by: "client" }),
      "The call to /f of the app at http://app.test/ was cancelled by this client."
    ],
    [
      new JobCancelledError({ ...never, by: "server" }),
      "The call to /f of the app at http://app.test/ was cancelled by the server."
    ],
    [
      new JobOverflowError({ ...never, waitingBytes: 70_000_000 }),
      'The call to /f of the app at http://app.test/ was cancelled: 70000000 bytes of it wait for readers, more than its buffer may hold. Read faster, raise `buffer`, or use session: "own", which slows the server down instead; replay: "all" keeps what was read too.'
    ],
    [
      new GradioFileError({ ...never, file: 'a"b.txt', reason: "unreadable", problem: "cannot be\nread" }),
      'File "a\\"b.txt" cannot be read (/f of the app at http://app.test/).'
    ],
    [
      new GradioFileError({
        ...circumstances({ where: { url: "" } }),
        file: "a.txt",
        reason: "not-found",
        problem: "does not exist"
      }),
      'File "a.txt" does not exist.'
    ]
  ]
  it.each(all.map(([error, message]) => [error._tag, message, error] as const))(
    "%s is a sentence for a person: %s",
    (_, message, error) => {
      assert.strictEqual(error.message, message)
    }
  )

  it("a cause is not in the message, and the cause is kept", () => {
    const cause = new Error("s3cret")
    const error = new AppRateLimitError(circumstances({ where, cause }))
    assert.strictEqual(error.cause, cause)
    assert.notInclude(error.message, "s3cret")
  })

  it.effect("is in whatever prints, logs or serializes the error, with its stack and cause", () =>
    Effect.gen(function* () {
      const cause = new Error("the cause")
      for (const make of each) {
        const error = make(circumstances({ where, cause }))
        assert.isAbove(error.message.length, 0)
        assert.isTrue(Object.hasOwn(error, "message"))
        assert.include(error.stack, `${error._tag}: ${error.message}\n    at `)
        assert.strictEqual(error.cause, cause)
        assert.strictEqual(JSON.parse(JSON.stringify(error)).message, error.message)
        assert.strictEqual(String(error), `${error._tag}: ${error.message}`)
        const logged: Array<string> = []
        const logger = Logger.map(Logger.formatStructured, (entry) => void logged.push(JSON.stringify(entry)))
        const simple = Logger.map(Logger.formatSimple, (line) => void logged.push(line))
        yield* Effect.logError(error).pipe(Effect.provide(Logger.layer([logger, simple])))
        yield* Effect.logError(Cause.fail(error)).pipe(Effect.provide(Logger.layer([simple])))
        assert.strictEqual(logged.length, 3)
        for (const text of [inspect(error), Cause.pretty(Cause.fail(error)), ...logged]) {
          // Loggers quote what they are given.
          const plain = text.replaceAll("\\", "").replaceAll('"', "'")
          assert.include(plain, error.message.replaceAll("\\", "").replaceAll('"', "'"))
        }
      }
    })
  )

  it("has no control characters of a server; an app's own text keeps its lines", () => {
    const evil = "a\u001b[31m\r\n\u0007b\u009b"
    const evilAt = circumstances({ where: { url: "http://app.test/", endpoint: `/${evil}` } })
    const errors = [
      new AppUnreachableError({ ...evilAt, tried: [{ url: evil, answer: evil }] }),
      new AppResponseError({ ...evilAt, status: 500, body: evil, problem: evil }),
      new AppRateLimitError(evilAt),
      new AppProtocolError({ ...evilAt, part: evil, problem: evil, received: evil }),
      new AuthenticationError({ ...evilAt, authMessage: evil, problem: evil }),
      new EndpointNotFoundError({ ...evilAt, asked: evil, available: [evil], nearest: [evil], problem: evil }),
      new EndpointInputError({ ...evilAt, problems: [{ parameter: evil, problem: evil }] }),
      new AppValidationError({ ...evilAt, problems: [{ parameter: evil, message: evil }] }),
      new QueueFullError({ ...evilAt, size: 1 }),
      new AppError({ ...evilAt, ...appError, text: evil, hidden: true }),
      new JobDisconnectedError({ ...evilAt, reason: "closed", problem: evil }),
      new JobCancelledError({ ...evilAt, by: "server" }),
      new JobOverflowError({ ...evilAt, waitingBytes: 1 }),
      new GradioFileError({ ...evilAt, file: evil, reason: "refused", problem: evil })
    ]
    for (const error of errors) assert.notMatch(error.message, /\p{Cc}/u)
    const text = `${evil}\n\tline 2`
    const error = new AppError({ ...evilAt, ...appError, text, hidden: false })
    assert.strictEqual(error.message, "a[31m\nb\n\tline 2")
    assert.strictEqual(error.text, text)
  })

  it.each(["", " \n", "\u0007"])("an AppError with the text %j says that there is none", (text) => {
    assert.strictEqual(
      new AppError({ ...never, ...appError, text, hidden: false }).message,
      "/f of the app at http://app.test/ raised an error with an empty message."
    )
  })
})
