/** Real networks: what a program does through each arrangement, as a table with the proxy's own count of the requests. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Stream } from "effect"
import { HttpClient } from "effect/http"
import { afterAll, beforeAll } from "vitest"

import { GradioClient, GradioError, GradioFile } from "../../src/index.ts"
import { prepareProgram } from "../debian/programs.ts"
import { prepareEnvironment } from "../gradio/environments.ts"
import { type Server, startServer } from "../gradio/server.ts"
import {
  arrangements,
  buffering,
  forward,
  type Hosts,
  impatient,
  type Reach,
  overTls,
  redirected,
  roundRobin,
  smallBodies
} from "./arrangements.ts"
import { resolving } from "./clients.ts"
import { connect, journey, parts } from "./journey.ts"

const missing = await Promise.all([
  prepareProgram("nginx"),
  prepareEnvironment("6.31.0"),
  prepareEnvironment("4.44.1")
]).then(
  () => undefined,
  (error: unknown) => (error instanceof Error ? error.message : String(error))
)

if (missing !== undefined) {
  const line = "█".repeat(100)
  process.stderr.write(
    `\n${line}\n█  NO REAL NETWORK WAS TESTED: nginx or a Gradio server cannot be had.\n█  ${missing.split("\n").join("\n█  ")}\n${line}\n\n`
  )
}

const servers: Array<Server> = []
let hosts: Hosts = { plain: "", replica: "", rooted: "", mounted: "", old: "", open: ["", ""] }

beforeAll(async () => {
  if (missing !== undefined) return
  const login = ["--auth", "user:pass"]
  const start = async (options: Parameters<typeof startServer>[0]) => {
    const server = await startServer(options)
    servers.push(server)
    return new URL(server.url).host
  }
  const version = "6.31.0"
  // Two at a time: a start takes a core.
  const [plain, replica] = await Promise.all([start({ version, args: login }), start({ version, args: login })])
  const [rooted, mounted] = await Promise.all([
    start({ version, args: [...login, "--root-path", "/app"] }),
    start({ version, app: `${import.meta.dirname}/mounted.py` })
  ])
  const [first, second] = await Promise.all([start({ version }), start({ version })])
  const old = await start({ version: "4.44.1", args: login })
  hosts = { plain, replica, rooted, mounted, old, open: [first, second] }
}, 240_000)

const rows: Array<ReadonlyArray<string>> = []
const notes: Array<string> = []

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  const head = ["arrangement (requests that the proxy counted)", ...parts, "taken away"]
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join(" │ ")
      .trimEnd()
  const table = [line(head), "─".repeat(widths.reduce((sum, width) => sum + width + 3, -3)), ...rows.map(line)]
  process.stdout.write(`\n${[...table, "", ...notes].join("\n")}\n\n`)
})

/** What a transport found where a proxy was, and is no more. */
const isAway = (text: string) => text.includes("connection refused") || text.includes("connection was reset")

const count = ({ proxy }: Reach) => Effect.map(Effect.promise(proxy.log), (lines) => lines.filter(Boolean).length)

/** The error of a program that had to fail in one of this library's ways. */
const refusal = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.flip(effect), (error) =>
    GradioError.isGradioError(error) ? Effect.succeed(error) : Effect.die(error)
  )

let tags = 0

describe("real networks", () => {
  it.skipIf(missing !== undefined && process.env["CI"] === undefined)("are there", () => {
    if (missing !== undefined) throw new Error(`real networks cannot be made: ${missing}`)
  })

  if (missing !== undefined) return

  it.live.each(arrangements.map((one) => [one.title, one] as const))(
    "%s: works as without it, and not when it is taken away",
    ([title, arrangement]) =>
      Effect.gen(function* () {
        const reach = yield* arrangement.start(hosts)
        const cells: Array<string> = []
        let before = 0
        const cell = Effect.fnUntraced(function* (text: string) {
          const now = yield* count(reach)
          cells.push(`${text} (${now - before})`)
          // A part that the proxy knows nothing of went around it; a tunnel is counted once.
          assert.isTrue(now > before || (title.includes("tunnel") && now > 0), `${text} went around the proxy`)
          before = now
        })
        yield* Effect.gen(function* () {
          const stranger = yield* refusal(connect(reach.url, reach.http, false))
          assert.strictEqual(stranger._tag, "AuthenticationError")
          const app = yield* connect(reach.url, reach.http, true)
          const journeys = journey(app, `t${tags++}`)
          for (const part of parts) {
            const text = yield* journeys[part]
            if (part === "login") assert.strictEqual(text, "as user")
            yield* cell(text)
          }
        }).pipe(Effect.scoped)
        yield* Effect.promise(reach.proxy.stop)
        const away = yield* refusal(Effect.scoped(connect(reach.url, reach.http, true)))
        assert.strictEqual(away._tag, "AppUnreachableError")
        assert.isTrue(isAway(away.message), away.message)
        rows.push([title, ...cells, away._tag])
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("a certificate that nobody vouches for is named", () =>
    Effect.gen(function* () {
      const reach = yield* overTls("https://app.test", hosts.plain, false)
      const error = yield* refusal(connect(reach.url, reach.http, true))
      assert.strictEqual(error._tag, "AppUnreachableError")
      assert.include(error.message, "its certificate is self-signed")
      assert.isFalse(error.mayHaveRun)
      notes.push(`no certificate given: ${error.message}`)
    }).pipe(Effect.scoped)
  )

  it.live("a redirect to https holds for the connection", () =>
    Effect.gen(function* () {
      const reach = yield* redirected.start(hosts)
      const app = yield* connect(reach.url, reach.http, true)
      assert.strictEqual(app.url.href, "https://app.test/")
      yield* app.predict("/add", [1, "add", 1])
      // Nothing of a call goes to the port of http, which answers without a server behind it.
      const lines = yield* Effect.promise(reach.proxy.log)
      assert.deepStrictEqual(
        lines.filter((line) => line.endsWith(" -")),
        ["GET /config 301 -"]
      )
    }).pipe(Effect.scoped)
  )

  it.live("buffered answers come late, and whole", () =>
    Effect.gen(function* () {
      const arrivals = Effect.fnUntraced(function* (reach: Reach) {
        const app = yield* connect(reach.url, reach.http, true)
        const times = yield* app.stream("/ticks", [4, 0.3, `t${tags++}`]).pipe(
          Stream.mapEffect(() => Clock.currentTimeMillis),
          Stream.runCollect
        )
        assert.strictEqual(times.length, 4)
        return (times.at(-1) ?? 0) - (times[0] ?? 0)
      })
      const late = yield* arrivals(yield* buffering.start(hosts))
      const live = yield* arrivals(yield* smallBodies.start(hosts))
      notes.push(`buffering: four outputs of 0.9 s arrive within ${late} ms of each other, and ${live} ms without`)
      assert.isBelow(late, 300)
      assert.isAbove(live, 500)
    }).pipe(Effect.scoped)
  )

  it.live("a body that the proxy does not take is a file too large, or the proxy's own answer", () =>
    Effect.gen(function* () {
      const reach = yield* smallBodies.start(hosts)
      const app = yield* connect(reach.url, reach.http, true)
      const large = new Uint8Array(2_000_000)
      for (const file of [
        GradioFile.fromBytes(large, { name: "large.bin" }),
        GradioFile.fromStream(Stream.make(large), { name: "large.bin" })
      ]) {
        const error = yield* refusal(app.predict("/file_info", [file]))
        assert(error._tag === "GradioFileError", error.message)
        assert.deepStrictEqual([error.reason, error.mayHaveRun], ["too-large", false])
        assert.include(error.message, 'File "large.bin" is larger than the app, or a proxy before it, accepts')
        notes.push(`1 MB at most: ${error.message}`)
      }
      const text = yield* refusal(app.predict("/echo", ["x".repeat(2_000_000)]))
      assert(text._tag === "AppResponseError", text.message)
      assert.deepStrictEqual([text.status, text.mayHaveRun], [413, false])
      notes.push(`1 MB at most: ${text.message}`)
      assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
    }).pipe(Effect.scoped)
  )

  it.live(
    "a call that is silent for longer than the proxy waits is lost, and the next is not",
    () =>
      Effect.gen(function* () {
        const reach = yield* impatient.start(hosts)
        const app = yield* connect(reach.url, reach.http, true)
        const since = yield* Clock.currentTimeMillis
        const error = yield* refusal(app.predict("/slow", [7, `t${tags++}`]))
        const took = (yield* Clock.currentTimeMillis) - since
        notes.push(`read timeout: after ${took} ms ${error.message}`)
        assert(error._tag === "JobDisconnectedError", error.message)
        assert.isTrue(error.mayHaveRun)
        assert.isBelow(took, 7000)
        const direct = yield* refusal(app.predict("/direct_slow", [7, `t${tags++}`]))
        notes.push(`read timeout: ${direct.message}`)
        assert.deepStrictEqual(yield* app.predict("/echo", ["x"]), ["x"])
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("a proxy that wants another password is named", () =>
    Effect.gen(function* () {
      for (const tunnel of [false, true]) {
        const reach = yield* forward(hosts.plain, tunnel, "pro xy:wrong")
        const error = yield* refusal(connect(reach.url, reach.http, true))
        notes.push(`wrong proxy password${tunnel ? ", tunnel" : ""}: ${error._tag}: ${error.message}`)
        assert.include(error.message, "407")
        assert.include(error.message, "proxy")
        assert.notInclude(error.message, "wrong")
        assert.isFalse(error.mayHaveRun)
      }
    }).pipe(Effect.scoped)
  )

  it.live("the routes beside a mounted app are not taken for it", () =>
    Effect.gen(function* () {
      const http = yield* resolving([Number(hosts.mounted.split(":")[1]), 0])
      const error = yield* refusal(connect("http://app.test", http, true))
      assert.strictEqual(error._tag, "AppProtocolError")
      const app = yield* connect("http://app.test/apps/fixture", http, true)
      assert.strictEqual(app.url.href, "http://app.test/apps/fixture/")
    }).pipe(Effect.scoped)
  )

  it.live(
    "replicas without sticky sessions fail by name",
    () =>
      Effect.gen(function* () {
        const withLogin = yield* roundRobin([hosts.plain, hosts.replica])
        const login = yield* refusal(connect(withLogin.url, withLogin.http, true))
        notes.push(`replicas, not sticky: ${login._tag}: ${login.message}`)
        assert.strictEqual(login._tag, "AuthenticationError")
        assert.include(login.message, "sticky sessions")
        const reach = yield* roundRobin(hosts.open)
        const app = yield* Effect.provideService(
          GradioClient.connect(reach.url, { retry: "none", firstMessage: "2 seconds" }),
          HttpClient.HttpClient,
          reach.http
        )
        const journeys = journey(app, `t${tags++}`)
        const outcomes: Record<string, Array<string>> = {}
        for (let round = 0; round < 3; round++) {
          for (const part of ["call", "stream", "upload", "download"] as const) {
            const exit = yield* Effect.exit(journeys[part])
            const error = Exit.isSuccess(exit) ? undefined : yield* refusal(exit)
            const isNamed = error?._tag === "JobDisconnectedError" && error.message.includes("sticky sessions")
            // The server that gets the call does not have the file, and says so to nobody.
            const isOfFile = error?._tag === "AppError" && error.hidden && (part === "upload" || part === "download")
            assert.isTrue(error === undefined || isNamed || isOfFile, error?.message)
            outcomes[part] = [...(outcomes[part] ?? []), error === undefined ? "works" : isNamed ? "named" : "AppError"]
          }
        }
        assert.include(Object.values(outcomes).flat(), "named")
        const cells = ["call", "stream", "upload", "download"].map((part) => outcomes[part]?.join(", ") ?? "")
        rows.push(["two replicas, not sticky", `${login._tag}, named`, ...cells, "", ""])
      }).pipe(Effect.scoped),
    60_000
  )
})
