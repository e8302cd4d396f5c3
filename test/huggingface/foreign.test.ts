/**
 * Clients that others wrote, against the stand-in of Hugging Face over sockets: what each asked, and what it made of the answer. A route that
 * answered otherwise than Hugging Face's would show here.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"

import { Fault } from "../../src/testing/index.ts"
import { prepareEnvironment } from "../gradio/environments.ts"
import { socket, tokens } from "./app.ts"
import { type ForeignCall, shown } from "./foreign.ts"
import { javascriptCalls, pythonCalls, type Row } from "./foreignCalls.ts"

const clients = {
  python: async () => ({ command: (await prepareEnvironment("6.31.0")).python, script: "python.py" }),
  javascript: async () => ({ command: process.execPath, script: "javascript.ts" })
} as const

/** What a client made of the answers. */
const answers = (client: keyof typeof clients, endpoint: string, calls: ReadonlyArray<ForeignCall>) =>
  Effect.promise(async (signal) => {
    const work = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-foreign-"))
    try {
      const { command, script } = await clients[client]()
      const [source, target] = [path.join(work, "calls.json"), path.join(work, "answers.json")]
      fs.writeFileSync(source, JSON.stringify(calls))
      await new Promise<void>((resolve, reject) => {
        const child = spawn(command, [path.join(import.meta.dirname, script), source, target], {
          stdio: ["ignore", "ignore", "pipe"],
          signal,
          env: {
            ...process.env,
            HF_ENDPOINT: endpoint,
            HF_HOME: work,
            HF_TOKEN: "",
            HF_HUB_DISABLE_TELEMETRY: "1",
            GRADIO_ANALYTICS_ENABLED: "False",
            TOKENS: JSON.stringify(tokens)
          }
        })
        let errors = ""
        child.stderr.on("data", (chunk) => (errors = (errors + String(chunk)).slice(-4000)))
        child.on("error", reject)
        child.on("close", (code) =>
          code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}: ${errors}`))
        )
      })
      const read: ReadonlyArray<unknown> = JSON.parse(fs.readFileSync(target, "utf8"))
      return read
    } finally {
      fs.rmSync(work, { recursive: true, force: true })
    }
  })

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Ports are different ones each time. */
const withoutPorts = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer ?? null).replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:0"))

/** Long enough for what is asked while a Space is built. */
const times = {
  python: { builds: "300 millis", starts: "300 millis" },
  javascript: { builds: "800 millis", starts: "0 millis" }
} as const

/** Prints what each call was answered, and gives it. */
const table = Effect.fnUntraced(function* (client: keyof typeof clients, rows: ReadonlyArray<Row>, endpoint: string) {
  const calls = rows.map(([call]) => call)
  const seen = (yield* answers(client, endpoint, calls)).map(withoutPorts)
  show(`${client}: ${seen.length} calls`)
  calls.forEach((call, i) => show(`  ${shown(call)} -> ${JSON.stringify(seen[i])}`))
  return calls.map((call, i) => [shown(call), seen[i]] as const)
})

const understood = (rows: ReadonlyArray<Row>) => rows.map(([call, answer]) => [shown(call), answer] as const)

describe("clients of Hugging Face that others wrote", () => {
  for (const [client, rows] of [
    ["python", pythonCalls],
    ["javascript", javascriptCalls]
  ] as const) {
    it.live(
      `${client}: each call is answered as Hugging Face answers it`,
      () =>
        Effect.gen(function* () {
          const { endpoint } = yield* socket(times[client])
          assert.deepStrictEqual(yield* table(client, rows, endpoint), understood(rows))
        }),
      120_000
    )
  }

  it.live(
    "an answer that Hugging Face would not give shows in what a client understands",
    () =>
      Effect.gen(function* () {
        const { endpoint, huggingFace } = yield* socket(times.python)
        const wrong: Fault.Fault = {
          request: () => Effect.succeed(HttpServerResponse.jsonUnsafe({ stage: "AWAKE", hardware: "cpu-basic" }))
        }
        yield* huggingFace.inject(Fault.on({ path: "/api/spaces/gradio/demo/runtime" }, wrong))
        const rows = pythonCalls.filter(([{ call, as }]) => call === "get_space_runtime" && as === "nobody").slice(0, 2)
        const seen = yield* table("python", rows, endpoint)
        assert.deepStrictEqual(
          seen.map((row, i) => JSON.stringify(row) === JSON.stringify(understood(rows)[i])),
          [false, true]
        )
      }),
    60_000
  )
})
