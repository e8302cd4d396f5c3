/**
 * Both official clients make the same calls on the stand-in server and on Gradio 6.31.0, and get the same answers: all outputs, logs, files by their
 * content, and errors. Where they do not, the reason stands below.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { Fault } from "../../src/testing/index.ts"
import { prepareEnvironment } from "../gradio/environments.ts"
import { startServer } from "../gradio/server.ts"
import { standinSocket } from "../standin/app.ts"
import { calls, type OfficialCall } from "./calls.ts"

type ClientName = "@gradio/client" | "gradio_client"
const clientNames: ReadonlyArray<ClientName> = ["@gradio/client", "gradio_client"]

interface Reason {
  /** Names of calls as the table has them, or endpoints for all calls of one. */
  readonly calls: ReadonlyArray<string>
  readonly clients?: ReadonlyArray<ClientName>
  readonly why: string
}

/** Answers that differ although none is wrong. */
const reasons: ReadonlyArray<Reason> = [
  {
    calls: ["/add [4]", '/middle_button ["a","b"]'],
    clients: ["@gradio/client"],
    why: "it leaves arguments out, which are null in Python; in the stand-in only a component that is `nullable` takes that"
  },
  { calls: ["/image_io"], why: "Gradio encodes images anew, the stand-in keeps their bytes" },
  {
    calls: ["/make_image", "/make_audio", "/make_gallery", "/make_plot", "/make_annotated", "/nested_files_out"],
    why: "the stand-in's app makes other pixels and samples"
  },
  {
    calls: ["/properties"],
    why: "both clients send bare values, which Gradio's function fails on and the stand-in takes"
  },
  {
    calls: ["/chatbot_io"],
    why: "Gradio wants the content of a message as a list of parts, the stand-in takes text as well"
  },
  {
    calls: ["/json_files"],
    clients: ["gradio_client"],
    why: "the client downloads what looks like a file; Gradio does not serve what only JSON names, the stand-in serves what it made"
  }
]

/** Endpoints of the fixture app that the stand-in's does not have. */
const withoutTwin: Readonly<Record<string, string>> = {
  "/image_pixels_io": "takes pictures apart into pixels",
  "/stream_chunks": "they send one input to it, and wait for the end of its time limit",
  "/gradio_has": "tells what the installed Gradio has"
}

/** Endpoints that the official clients cannot make much of. */
const notForThem: Readonly<Record<string, string>> = {
  "/stream_short": "they send one input to it, and wait for the end of its time limit",
  "/stream_audio": "their outputs are playlists, which they do not read",
  "/stream_video": "their outputs are playlists, which they do not read",
  "/selected": "takes event data, which they do not send"
}

const reasonOf = (client: ClientName, call: OfficialCall): string | undefined =>
  reasons.find(
    ({ calls, clients = clientNames }) =>
      clients.includes(client) && (calls.includes(call.name) || calls.includes(call.endpoint))
  )?.why

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const clients = {
  "@gradio/client": () => ({ command: process.execPath, script: "javascript.ts" }),
  gradio_client: async () => ({ command: (await prepareEnvironment("6.31.0")).python, script: "python.py" })
} as const

const work = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-official-"))
let files = 0

const run = (name: ClientName, url: string, list: ReadonlyArray<OfficialCall>) =>
  Effect.promise(async (signal) => {
    const { command, script } = await clients[name]()
    const from = path.join(work, `${++files}.calls.json`)
    const to = path.join(work, `${files}.answers.json`)
    const text = JSON.stringify(list)
    fs.writeFileSync(
      from,
      text.replace(/\{"\$file":"(\w+)"\}/g, (_, name: string) => JSON.stringify({ $file: paths[name] }))
    )
    const child = spawn(command, [path.join(import.meta.dirname, script), url, from, to], {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      env: {
        ...process.env,
        HF_HUB_OFFLINE: "1",
        GRADIO_ANALYTICS_ENABLED: "False",
        TMPDIR: work,
        NO_PROXY: "127.0.0.1"
      }
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4000)
      })
    }
    await new Promise<void>((resolve) => child.on("close", () => resolve()))
    if (!fs.existsSync(to)) throw new Error(`${name} gave no answers:\n${output}`)
    const read: unknown = JSON.parse(fs.readFileSync(to, "utf8"))
    return Array.isArray(read) ? read : []
  })

/** Without what no two servers have in common; null and what is not there are the same to a caller. */
const settled = (value: unknown, volatile: ReadonlyArray<string>): unknown => {
  if (Array.isArray(value)) return value.map((inner) => settled(inner, volatile))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([name, inner]): [string, unknown] => [
        name,
        volatile.includes(name) ? typeof inner : settled(inner, volatile)
      ])
      .toSorted(([a], [b]) => a.localeCompare(b))
  )
}

const lastOf = (answer: unknown): unknown => {
  const outputs = typeof answer === "object" && answer !== null && "outputs" in answer ? answer.outputs : answer
  return Array.isArray(outputs) ? { count: outputs.length, last: outputs.at(-1) } : outputs
}

interface Compared {
  readonly client: ClientName
  readonly call: OfficialCall
  readonly standin: string
  readonly real: string
}

const compare = (
  client: ClientName,
  list: ReadonlyArray<OfficialCall>,
  standin: ReadonlyArray<unknown>,
  real: ReadonlyArray<unknown>
) =>
  list.map((call, index): Compared => {
    const text = (answers: ReadonlyArray<unknown>) => {
      const answer = settled(answers[index], call.volatile ?? [])
      return JSON.stringify(call.edited === true && client === "@gradio/client" ? lastOf(answer) : answer)
    }
    return { client, call, standin: text(standin), real: text(real) }
  })

const differing = (compared: ReadonlyArray<Compared>) => compared.filter(({ real, standin }) => real !== standin)

const file = path.join(work, "hello ü.txt")
fs.writeFileSync(file, "hello\n")
const picture = path.join(work, "dot.png")
fs.writeFileSync(
  picture,
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64"
  )
)
/** A tenth of a second of silence. */
const sound = path.join(work, "silence.wav")
const wave = Buffer.alloc(44 + 1600)
wave.write("RIFF", 0)
wave.writeUInt32LE(36 + 1600, 4)
wave.write("WAVEfmt ", 8)
for (const [at, bytes, value] of [
  [16, 4, 16],
  [20, 2, 1],
  [22, 2, 1],
  [24, 4, 8000],
  [28, 4, 16_000],
  [32, 2, 2],
  [34, 2, 16],
  [40, 4, 1600]
] as const) {
  wave.writeUIntLE(value, at, bytes)
}
wave.write("data", 36)
fs.writeFileSync(sound, wave)
const model = path.join(work, "point.obj")
fs.writeFileSync(model, "v 0 0 0\n")
const all = calls("FILE", "PICTURE", "SOUND", "MODEL")
const paths: Readonly<Record<string, string>> = { FILE: file, PICTURE: picture, SOUND: sound, MODEL: model }

const publicNames = (url: string) =>
  Effect.promise(async () => {
    const info: unknown = await fetch(`${url}/gradio_api/info`).then((answer) => answer.json())
    const named: unknown =
      typeof info === "object" && info !== null && "named_endpoints" in info ? info.named_endpoints : {}
    return Object.keys(Object(named))
  })

/** Each client on one server after the other, so that all journals tell the same. */
const both = (url: string, some: ReadonlyArray<OfficialCall>) =>
  Effect.forEach(clientNames, (name) => Effect.map(run(name, url, some), (answers) => [name, answers] as const))

const real = await startServer({ version: "6.31.0" }).catch((error: unknown) => {
  if (process.env["CI"] !== undefined) throw error
  show(`\n!!!! THE OFFICIAL CLIENTS WERE NOT COMPARED, for want of a real Gradio server: ${String(error)}\n`)
  return undefined
})

const excerpt = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text)

describe.runIf(real !== undefined)("the official clients on the stand-in and on Gradio 6.31.0", () => {
  afterAll(async () => {
    await real?.stop()
    fs.rmSync(work, { recursive: true, force: true })
  })

  it.live(
    "give the same answers to the same calls",
    () =>
      Effect.gen(function* () {
        const standin = yield* standinSocket()
        const realUrl = real?.url ?? ""
        const here = yield* publicNames(standin.url)
        const there = yield* publicNames(realUrl)
        const lacking = there.filter((endpoint) => !here.includes(endpoint))
        const list = all.filter(({ endpoint }) => !lacking.includes(endpoint))
        const [onStandin, onReal] = yield* Effect.all([both(standin.url, list), both(realUrl, list)], {
          concurrency: 2
        })
        const compared = clientNames.flatMap((name) => {
          const of = (answers: typeof onReal) => answers.find(([client]) => client === name)?.[1] ?? []
          return compare(name, list, of(onStandin), of(onReal))
        })
        const different = differing(compared)

        show(`\n${list.length} calls of ${new Set(list.map(({ endpoint }) => endpoint)).size} endpoints by each client`)
        for (const call of list) {
          const cells = clientNames.map((name) => {
            const difference = different.find((one) => one.client === name && one.call === call)
            if (difference === undefined) return `${name}: equal`
            return `${name}: DIFFERENT (${reasonOf(name, call) ?? "no reason known"})`
          })
          show(`${excerpt(call.name).padEnd(60)} ${cells.join("   ")}`)
        }
        for (const { call, client, real: there, standin: here } of different) {
          show(`${client} ${call.name}\n    stand-in ${excerpt(here)}\n    real     ${excerpt(there)}`)
        }

        const called = new Set(list.map(({ endpoint }) => endpoint))
        for (const endpoint of lacking) show(`${endpoint}: not called, ${withoutTwin[endpoint] ?? "no reason known"}`)
        for (const [endpoint, reason] of Object.entries(notForThem)) show(`${endpoint}: not called, ${reason}`)
        assert.deepStrictEqual(lacking.toSorted(), Object.keys(withoutTwin).toSorted())
        assert.deepStrictEqual(
          [...new Set([...here, ...there])]
            .filter((endpoint) => !lacking.includes(endpoint) && !called.has(endpoint))
            .toSorted(),
          Object.keys(notForThem).toSorted()
        )
        const unexplained = different.filter(({ call, client }) => reasonOf(client, call) === undefined)
        assert.deepStrictEqual(unexplained, [])
        const stale = compared.filter((one) => !different.includes(one) && reasonOf(one.client, one.call) !== undefined)
        assert.deepStrictEqual(stale, [])
        show(`${compared.length} answers, ${different.length} differ, each for a reason above`)
      }).pipe(Effect.scoped),
    300_000
  )

  it.live(
    "see a wrong answer that is planted in the stand-in",
    () =>
      Effect.gen(function* () {
        const { server, url } = yield* standinSocket()
        yield* server.inject(
          Fault.mapMessages((message) => {
            const text = JSON.stringify(message)
            return [
              text.includes("nothing came in")
                ? JSON.parse(text.replace("nothing came in", "something came in"))
                : message
            ]
          })
        )
        const few = all.filter(({ endpoint }) => ["/no_inputs", "/two", "/count"].includes(endpoint))
        const [onStandin, onReal] = yield* Effect.all([both(url, few), both(real?.url ?? "", few)], { concurrency: 2 })
        const found = clientNames.flatMap((name, index) =>
          differing(compare(name, few, onStandin[index]?.[1] ?? [], onReal[index]?.[1] ?? []))
        )
        show(`planted: seen by ${found.map(({ client }) => client).join(" and ")} at ${found[0]?.call.endpoint}`)
        assert.deepStrictEqual(
          found.map(({ call, client }) => `${client} ${call.endpoint}`),
          clientNames.map((name) => `${name} /no_inputs`)
        )
      }).pipe(Effect.scoped),
    120_000
  )
})
