/**
 * Makes calls with `@gradio/client` and writes what came: `node javascript.ts URL CALLS ANSWERS`, both files of JSON. In a process of its own, since
 * the client keeps streams open and leaves rejections unhandled.
 */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

import { Client, handle_file } from "@gradio/client"

import type { OfficialCall } from "./calls.ts"

/** What is used of the client; its own types are lost where modules are resolved as Node does. */
interface OfficialClient {
  readonly submit: (
    name: string,
    data: unknown,
    event: null,
    trigger: null,
    all: boolean
  ) => AsyncIterable<Readonly<Record<string, unknown>>> & { readonly cancel: () => Promise<void> }
}

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const withFiles = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withFiles)
  if (!isRecord(value)) return value
  if (typeof value["$file"] === "string") return handle_file(value["$file"])
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withFiles(inner)]))
}

/** Files by name and content. */
const seen = async (value: unknown): Promise<unknown> => {
  if (Array.isArray(value)) return Promise.all(value.map(seen))
  if (!isRecord(value)) return value
  if (typeof value["url"] === "string" && typeof value["path"] === "string") {
    const answer = await fetch(value["url"])
    const hash = createHash("sha256").update(new Uint8Array(await answer.arrayBuffer()))
    return { file: value["orig_name"] ?? path.basename(value["path"]), status: answer.status, hash: hash.digest("hex") }
  }
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, inner]) => [name, await seen(inner)] as const))
  )
}

const errorOf = (error: unknown): unknown =>
  error instanceof Error
    ? { message: error.message }
    : isRecord(error)
      ? { message: error["message"], title: error["title"], duration: error["duration"], visible: error["visible"] }
      : { message: String(error) }

const make = async (client: OfficialClient, call: OfficialCall): Promise<unknown> => {
  const outputs: Array<unknown> = []
  const logs: Array<unknown> = []
  const answer = { outputs, logs }
  try {
    const job = client.submit(call.endpoint, withFiles(call.input), null, null, true)
    for await (const event of job) {
      if (event["type"] === "data") outputs.push(await seen(event["data"]))
      if (event["type"] === "log") {
        const { duration, level, log, title, visible } = event
        logs.push({ duration, level, log, title, visible })
      }
      if (event["type"] === "status" && event["stage"] === "error") return { ...answer, error: errorOf(event) }
      if (event["type"] === "status" && event["stage"] === "complete") return answer
      if (call.cancelAfter !== undefined && outputs.length >= call.cancelAfter) {
        await job.cancel()
        return "cancelled"
      }
    }
    return answer
  } catch (error) {
    return { ...answer, error: errorOf(error) }
  }
}

const [url = "", from = "", to = ""] = process.argv.slice(2)
const connect = (): Promise<OfficialClient> => Client.connect(url, { events: ["data", "status", "log"] })
process.on("unhandledRejection", () => {})

const answers: Array<unknown> = []
let client = await connect()
for (const call of JSON.parse(fs.readFileSync(from, "utf8"))) {
  const silent = new Promise<string>((resolve) => setTimeout(() => resolve("no end within 15 s"), 15_000).unref())
  const answer = await Promise.race([make(client, call), silent])
  answers.push(answer)
  // A call that was cancelled, or never ended, spoils the stream that later calls of this client share.
  if (typeof answer === "string") client = await connect()
}
fs.writeFileSync(to, JSON.stringify(answers))
process.exit(0)
