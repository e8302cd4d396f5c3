/** Each example as its reader runs it: in a process of its own, against the demo app. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { endpoint } from "effect-gradio/testing"

import { socket, tokens } from "../test/huggingface/app.ts"
import { describe as describePicked } from "./browser.ts"
import { serve, serveApp } from "./demo-app.ts"

const here = fileURLToPath(new URL(".", import.meta.url))
const processes = promisify(execFile)

const run = (file: string, url: string, more: Readonly<Record<string, string>> = {}) =>
  Effect.promise((signal) =>
    processes(process.execPath, ["--import", `${here}fromSource.ts`, `${here}${file}`], {
      env: { ...process.env, GRADIO_URL: url, ...more },
      signal
    })
  ).pipe(Effect.map(({ stderr, stdout }) => ({ stderr, lines: stdout.trimEnd().split("\n") })))

/** What the app prints, which runs in this process. */
const appLines: Array<string> = []
vi.spyOn(console, "log").mockImplementation((line: unknown) => {
  appLines.push(String(line))
})

const expected: Readonly<Record<string, ReadonlyArray<string | RegExp>>> = {
  "quickstart.ts": [
    "4 + 5 = 9",
    "progress: before 0",
    "output: 0",
    "progress: before 1",
    "output: 1",
    "progress: before 2",
    "output: 2",
    "note.txt: Hello, app!",
    "the app said: no such luck",
    "endless: 0",
    /^endless: \d$/,
    /^endless: \d$/,
    /^endless: \d$/
  ],
  "connect.ts": ["total: 3", "both: [ [ 3 ], [ 7 ] ]"],
  "call.ts": [
    "/add [ 'a', 'op', 'b' ]",
    "/progress_generator [ 'n' ]",
    "/grow [ 'n' ]",
    "/file_io [ 'value' ]",
    "/make_files [ 'n' ]",
    "/error [ 'text' ]",
    "/endless [ 'tag' ]",
    "/counter [ 'word' ]",
    "/stream_short [ 'sound', 'tag' ]",
    /^token0 ?$/,
    /^token0 token1 ?$/,
    /^token0 token1 token2 ?$/,
    "0 before it, 1 in all",
    "[ 'before 0 0' ]",
    "0 [ '0' ]",
    "[ 'before 1 0.5' ]",
    "1 [ '1' ]",
    "\r.................... before 0\r##########.......... before 1"
  ],
  "inputStreams.ts": [
    "heard piece of 3 bytes",
    "heard piece of 3 bytes",
    "heard piece of 5 bytes",
    "the same app: true",
    "plainly: 4"
  ],
  "generated.ts": ["-1: token0 ", "-1: token0 token1 ", "2", "1: made up"],
  "changes.ts": ["nothing []", 'breaking: "operation" is called "op" now.'],
  "typed.ts": [
    "[",
    /^ {2}\{$/,
    "    parameter: 'b',",
    /^ {4}problem: '"b": expected /,
    /^ {2}\}$/,
    "]",
    "-1 token0 token1 token2 ",
    "9: token0 ",
    "9: token0 token1 ",
    "9: made up"
  ],
  "jobs.ts": [
    "token0 ",
    "token1 ",
    "token2 ",
    "token3 ",
    "whole: token0 token1 token2 token3  phase: succeeded",
    "cancelled: stopping",
    /^The call to \/endless of the app at http:\S+ was cancelled by this client\.$/,
    "first: [ 2 ]"
  ],
  "files.ts": ["speech.txt: 12 of 12 bytes", "file 0.txt 9", "[ '/downloads/file 0.txt', '/downloads/file 1.txt' ]"],
  "failures.ts": [
    "[ 'the app said: no such luck' ]",
    /^The input does not fit \/add of the app at http:\S+: .*"B"/,
    "sum: [ 9 ]"
  ],
  "sessions.ts": ["{ again: [ 1 ], fresh: [ 0 ] }"]
}

const matches = (lines: ReadonlyArray<string>, patterns: ReadonlyArray<string | RegExp>): boolean =>
  lines.length === patterns.length &&
  patterns.every((pattern, i) => (typeof pattern === "string" ? lines[i] === pattern : pattern.test(lines[i] ?? "")))

describe("examples", () => {
  for (const [file, patterns] of Object.entries(expected)) {
    it.live(`${file} prints what it should`, () =>
      Effect.gen(function* () {
        const { lines, stderr } = yield* run(file, yield* serve())
        assert.isTrue(matches(lines, patterns), `printed:\n${lines.join("\n")}\n${stderr}`)
        assert.strictEqual(stderr, "")
      })
    )
  }

  it.live("the interruptions of the quickstart and of the jobs reach the app", () =>
    Effect.sync(() => {
      for (const tag of ["the endless one", "a job", "the loser of a race"]) {
        assert.include(appLines, `  [app] ${tag} has ended`)
      }
    })
  )

  it.live("demo-app.ts serves until it is told to end", () =>
    Effect.gen(function* () {
      const child = spawn(process.execPath, ["--import", `${here}fromSource.ts`, `${here}demo-app.ts`])
      const ended = once(child, "exit")
      const [line] = yield* Effect.promise(() => once(child.stdout, "data"))
      const url = /^http:\S+/.exec(String(line))?.[0] ?? ""
      const { lines } = yield* run("sessions.ts", url)
      assert.deepStrictEqual(lines, ["{ again: [ 1 ], fresh: [ 0 ] }"])
      child.kill("SIGINT")
      yield* Effect.promise(() => ended)
    })
  )

  it.live("browser.ts runs on fetch", () =>
    Effect.gen(function* () {
      const [url] = yield* describePicked(yield* serve(), new File(["picked"], "picked.txt"))
      assert.match(url ?? "", /\/picked\.txt$/)
    })
  )

  it.live("the demo looks at an app that it does not know", () =>
    Effect.gen(function* () {
      const hello = endpoint("/hello", { inputs: [], outputs: [], run: () => Effect.succeed([]) })
      const { lines } = yield* run("demo.ts", yield* serveApp([hello]))
      assert.include(lines.join("\n"), "/hello")
      assert.deepStrictEqual(lines.slice(-2), ["/hello with its defaults:", "[]"])
    })
  )

  it.live("spaces.ts runs on Spaces of the stand-in", () =>
    Effect.gen(function* () {
      const { endpoint, huggingFace } = yield* socket({ builds: "200 millis", starts: "200 millis" })
      const env = { HF_ENDPOINT: endpoint, HF_TOKEN: tokens.alice, API_KEY: "s3cret" }
      const { lines, stderr } = yield* run("spaces.ts", "", env)
      assert.deepStrictEqual(
        lines.filter((line) => !line.includes(" INFO ")),
        [
          "Hello, Space!",
          "demo",
          "SLEEPING: It is asleep; a request to it wakes it up. (sleeping)",
          "paused PAUSED true",
          "[ 'Hello, duplicate!' ]"
        ]
      )
      assert.strictEqual(stderr, "")
      const copy = yield* huggingFace.space("alice/gpu")
      assert.deepStrictEqual(
        [copy?.private, copy?.hardware, copy?.sleepTime, copy?.secrets],
        [true, "t4-small", 600, { API_KEY: "s3cret" }]
      )
    })
  )

  it.live("login.ts logs in, and is told what the app says to strangers", () =>
    Effect.gen(function* () {
      const url = yield* serve({ auth: { alice: "wonderland" }, authMessage: "Ask Bob for a password." })
      const { lines } = yield* run("login.ts", url, { APP_PASSWORD: "wonderland" })
      assert.deepStrictEqual(lines, ["sum: 4", "the app says: Ask Bob for a password."])
    })
  )

  it.live("gradio3.ts calls an app of Gradio 3", () =>
    Effect.gen(function* () {
      const { lines } = yield* run("gradio3.ts", yield* serve({ version: "3.50.2" }))
      assert.deepStrictEqual(lines, ["Gradio 3.50.2: 4"])
    })
  )

  it("every example is run", () => {
    const files = fs.readdirSync(here).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    const run = [
      ...Object.keys(expected),
      "browser.ts",
      "demo-app.ts",
      "demo.ts",
      "demo.gradio.ts",
      "fromSource.ts",
      "gradio3.ts",
      "login.ts",
      "spaces.ts"
    ]
    assert.deepStrictEqual(files.sort(), run.sort())
  })
})
