/**
 * Logins on real servers that were started with `auth=`: right and wrong, and cookies that a restart or a logout elsewhere made invalid, between calls
 * and in the middle of a stream. The table that is printed holds what came.
 */
import * as path from "node:path"

import { NodeHttpClient, NodeSocket } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, type Scope, Stream } from "effect"
import { HttpClient } from "effect/http"

import * as Gradio3 from "../../src/Gradio3.ts"
import { GradioClient, GradioFile } from "../../src/index.ts"
import type { GradioVersion } from "../gradio/environments.ts"
import { type Server, startServer } from "../gradio/server.ts"

const versions: ReadonlyArray<GradioVersion> = ["3.50.2", "4.44.1", "5.49.1", "6.31.0"]
const args = ["--auth", "ann:s3cret", "--auth-message", "Ask Ann."]
const ann = { username: "ann", password: Redacted.make("s3cret") }

/** What came, by the row of the table and the version. */
const table = new Map<string, Map<string, string>>()
const servers = new Map<GradioVersion, Server>()

const serverOf = (version: GradioVersion): Server => {
  const server = servers.get(version)
  assert(server !== undefined)
  return server
}

/** A client that counts its logins. */
const connected = (version: GradioVersion, options: GradioClient.ConnectOptions = { auth: ann }) =>
  Effect.suspend(() => {
    let logins = 0
    const counting = HttpClient.tapRequest((request) =>
      Effect.sync(() => {
        if (request.url.endsWith("/login")) logins++
      })
    )
    return Effect.map(
      GradioClient.connect(serverOf(version).url, { ...options, transformClient: counting }),
      (app) => ({ app, logins: () => logins })
    )
  })

/** At the same address, as a service that was restarted. */
const restart = (version: GradioVersion) =>
  Effect.promise(async () => {
    const old = serverOf(version)
    old.kill("SIGKILL")
    await old.stop()
    servers.set(version, await startServer({ version, args, port: Number(new URL(old.url).port) }))
  })

/** As the user does in a browser. */
const logOutElsewhere = (version: GradioVersion) =>
  Effect.promise(async () => {
    const { url } = serverOf(version)
    const body = new URLSearchParams({ username: "ann", password: "s3cret" })
    const login = await fetch(`${url}/login`, { method: "POST", body })
    const cookie = login.headers
      .getSetCookie()
      .map((one) => one.split(";", 1)[0])
      .join("; ")
    const logout = await fetch(`${url}/logout?all_session=true`, { headers: { cookie }, redirect: "manual" })
    assert.deepStrictEqual([login.status, logout.status], [200, 302])
    const check = await fetch(`${url}/config`, { headers: { cookie } })
    assert.strictEqual(check.status, 401)
  })

/** Calls of 3.50.2 go over WebSockets. */
const platform = Layer.merge(
  NodeHttpClient.layerUndici,
  Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)
)

type Case = (version: GradioVersion) => Effect.Effect<string, unknown, HttpClient.HttpClient | Scope.Scope>

const cases: ReadonlyArray<readonly [row: string, run: Case, logsOut?: "logs out"]> = [
  [
    "no password",
    (version) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(connected(version, {}))
        assert(error._tag === "AuthenticationError")
        assert.deepStrictEqual([error.authMessage, error.mayHaveRun], ["Ask Ann.", false])
        assert.include(error.message, 'wants a login. Its login page says: "Ask Ann."')
        return "AuthenticationError, message"
      })
  ],
  [
    "wrong password",
    (version) =>
      Effect.gen(function* () {
        const auth = { username: "ann", password: Redacted.make("wr0ng") }
        const error = yield* Effect.flip(connected(version, { auth }))
        assert(error._tag === "AuthenticationError")
        assert.strictEqual(error.authMessage, "Ask Ann.")
        assert.include(error.message, 'refused the login of "ann": wrong user name or password.')
        assert.notInclude(`${JSON.stringify(error)}${error.stack ?? ""}`, "wr0ng")
        return "AuthenticationError, message"
      })
  ],
  [
    "right password: call, upload, download",
    (version) =>
      Effect.gen(function* () {
        const { app, logins } = yield* connected(version)
        assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
        const file = yield* app.upload(GradioFile.fromBytes(new Uint8Array([1, 2, 3]), { name: "a.bin" }))
        assert.deepStrictEqual(yield* file.bytes, new Uint8Array([1, 2, 3]))
        return `works, ${logins()} login`
      })
  ],
  [
    "restart between calls, then 8 at once",
    (version) =>
      Effect.gen(function* () {
        const { app, logins } = yield* connected(version)
        yield* app.predict("/echo", ["x"])
        yield* restart(version)
        const words = ["1", "2", "3", "4", "5", "6", "7", "8"]
        const echoed = yield* Effect.forEach(words, (word) => app.predict("/echo", [word]), { concurrency: 8 })
        assert.deepStrictEqual(
          echoed,
          words.map((word) => [word])
        )
        assert.strictEqual(logins(), 2)
        return `works, ${logins()} logins`
      })
  ],
  [
    "restart in the middle of a stream",
    (version) =>
      Effect.gen(function* () {
        const { app, logins } = yield* connected(version)
        const seen: Array<unknown> = []
        const cut = yield* app.stream("/ticks", { n: 200, seconds: 0.1, tag: "cut" }).pipe(
          Stream.runForEach((output) =>
            Effect.suspend(() => {
              seen.push(output)
              return seen.length === 2 ? restart(version) : Effect.void
            })
          ),
          Effect.flip
        )
        assert.strictEqual(cut._tag, "JobDisconnectedError")
        assert.isTrue(cut.mayHaveRun)
        // Its content is sent twice: it is read anew.
        const content = new Uint8Array(300_000).fill(7)
        const file = yield* app.upload(
          GradioFile.fromStream(Stream.make(content), { name: "a.bin", size: content.byteLength })
        )
        assert.strictEqual(logins(), 2)
        assert.deepStrictEqual(yield* app.predict("/echo", ["y"]), ["y"])
        yield* logOutIfPossible(version)
        assert.deepStrictEqual(yield* file.bytes, content)
        return `${cut._tag}; next upload, call and download work, ${logins()} logins`
      })
  ],
  [
    "logout elsewhere between calls",
    (version) =>
      Effect.gen(function* () {
        const { app, logins } = yield* connected(version)
        yield* app.predict("/echo", ["x"])
        yield* logOutElsewhere(version)
        assert.deepStrictEqual(yield* app.predict("/echo", ["y"]), ["y"])
        return `works, ${logins()} logins`
      }),
    "logs out"
  ],
  [
    "logout elsewhere in the middle of a stream",
    (version) =>
      Effect.gen(function* () {
        const { app, logins } = yield* connected(version)
        let outputs = 0
        const exit = yield* app.stream("/ticks", { n: 8, seconds: 0.1, tag: "out" }).pipe(
          Stream.runForEach(() =>
            Effect.suspend(() => {
              outputs++
              return outputs === 2 ? logOutElsewhere(version) : Effect.void
            })
          ),
          Effect.exit
        )
        assert(Exit.isSuccess(exit))
        assert.strictEqual(outputs, 8)
        assert.deepStrictEqual(yield* app.predict("/echo", ["y"]), ["y"])
        return `goes to its end; next call works, ${logins()} logins`
      }),
    "logs out"
  ]
]

/** The route came with 4.20. */
const hasLogout = (version: GradioVersion): boolean => !version.startsWith("3.")

const logOutIfPossible = (version: GradioVersion) => (hasLogout(version) ? logOutElsewhere(version) : Effect.void)

describe.each(versions)("a login on %s", (version) => {
  beforeAll(async () => {
    servers.set(version, await startServer({ version, args }))
  }, 120_000)
  afterAll(async () => {
    await servers.get(version)?.stop()
  })

  for (const [row, run] of cases.filter(([, , logsOut]) => logsOut === undefined || hasLogout(version))) {
    it.live(
      row,
      () =>
        Effect.map(Effect.provide(run(version), platform), (came) => {
          const cells = table.get(row) ?? new Map<string, string>()
          table.set(row, cells.set(version, came))
        }),
      120_000
    )
  }
})

const dependencyApp = path.join(import.meta.dirname, "dependency.py")

describe.each(["4.44.1", "6.31.0"] as const)("an app with an auth_dependency on %s", (version) => {
  it.live(
    "takes who has the header, and tells all others that no password will do",
    () =>
      Effect.gen(function* () {
        const { url } = yield* Effect.acquireRelease(
          Effect.promise(() => startServer({ version, app: dependencyApp })),
          (server) => Effect.promise(() => server.stop())
        )
        const app = yield* GradioClient.connect(url, { headers: { "x-user": Redacted.make("bob") } })
        assert.deepStrictEqual(yield* app.predict("/who"), ["bob"])
        const [sent] = yield* app.predict("/file", [GradioFile.fromBytes(new Uint8Array([1, 2]), { name: "a.bin" })])
        assert(GradioFile.isGradioFile(sent))
        assert.deepStrictEqual(yield* sent.bytes, new Uint8Array([1, 2]))
        const stranger = yield* Effect.flip(GradioClient.connect(url))
        assert(stranger._tag === "AuthenticationError")
        assert.include(stranger.message, "wants a login.")
        const withPassword = yield* Effect.flip(GradioClient.connect(url, { auth: ann }))
        assert(withPassword._tag === "AuthenticationError")
        assert.include(withPassword.message, "has none by user name and password")
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
    120_000
  )
})

afterAll(() => {
  const lines = Array.from(table, ([row, cells]) =>
    [`| ${row}`, ...versions.map((version) => cells.get(version) ?? "–")].join(" | ")
  )
  process.stdout.write(
    `logins: what came\n| | ${versions.join(" | ")} |\n${lines.map((line) => `${line} |\n`).join("")}`
  )
})
