/** What a program does with an app, in six parts, each of which proves that it was done. */
import { createHash } from "node:crypto"

import { Effect, Fiber, Redacted, Stream } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient, GradioFile } from "../../src/index.ts"
import { eventually, has, record, same } from "../conformance/look.ts"

export const parts = ["login", "call", "stream", "upload", "download", "cancel"] as const
export type Part = (typeof parts)[number]

const auth = { username: "user", password: Redacted.make("pass") }
const sha = (data: Uint8Array) => createHash("sha256").update(data).digest("hex")
/** Bytes that no proxy can mistake for text, in a size that goes in pieces. */
const bytes = new Uint8Array(300_000).map((_, i) => (i * i) % 251)

/** Connects through an arrangement; `login`: the app was started with `auth=`. */
export const connect = (url: string, http: HttpClient.HttpClient, login: boolean) =>
  Effect.provideService(
    GradioClient.connect(url, { retry: "none", ...(login ? { auth } : {}) }),
    HttpClient.HttpClient,
    http
  )

/** The parts on a connection; each gives what its cell says, the hashes of bytes among it. */
export const journey = (
  app: GradioClient.GradioClient,
  tag: string
): Readonly<Record<Part, Effect.Effect<string, unknown>>> => ({
  login: Effect.map(app.predict("/request_info", ["x"]), ([info]) => `as ${Object(info).username}`),
  call: Effect.map(app.predict("/add", [4, "add", 5]), (answer) => {
    same(answer, [9])
    return "9"
  }),
  stream: Effect.map(Stream.runCollect(app.stream("/count", [5])), (outputs) => {
    same(
      outputs,
      ["0", "1", "2", "3", "4"].map((n) => [n])
    )
    return `${outputs.length} outputs`
  }),
  upload: Effect.map(app.predict("/file_info", [GradioFile.fromBytes(bytes, { name: "data.bin" })]), ([said]) => {
    same(said, `data.bin:${bytes.length}:${sha(bytes)}`)
    return String(said).split(":").at(-1)?.slice(0, 10) ?? ""
  }),
  download: Effect.gen(function* () {
    const [file] = yield* app.predict("/file_io", [GradioFile.fromBytes(bytes, { name: "data.bin" })])
    if (!GradioFile.isGradioFile(file)) return yield* Effect.die("an output file is a GradioFile")
    const back = yield* file.bytes
    same(sha(back), sha(bytes))
    return sha(back).slice(0, 10)
  }),
  cancel: Effect.gen(function* () {
    const reading = yield* Effect.forkChild(Stream.runDrain(app.stream("/endless_async", [tag])))
    yield* eventually(record(app, "/steps"), (steps) => Object(steps)[tag] > 1)
    yield* Fiber.interrupt(reading)
    yield* eventually(record(app, "/interrupted_jobs"), has(tag))
    return "stopped"
  })
})
