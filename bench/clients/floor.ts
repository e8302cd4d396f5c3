/**
 * The floor: what the protocol costs when written by hand for this one app, on undici and nothing else. Correct (one stream per
 * session, opened after the first join, opened again when it closed under a join; messages that outrun the answer of their join
 * are kept), but no cancellation, no timeouts, no checks of what comes, no kinds of failure.
 */
import { randomBytes } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { stat } from "node:fs/promises"
import { basename, join as joinPath } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

import { Agent } from "undici"

import { checkSingle, echoAnswer, echoInput, stepsCheck, textCheck, WrongAnswerError } from "../answers.ts"
import type { BenchClient, Session } from "./client.ts"

type Edit = readonly [op: "replace" | "append", path: ReadonlyArray<string | number>, value: string]

interface Message {
  readonly msg: string
  readonly event_id?: string | null
  readonly output?: { readonly data: Array<unknown>; readonly error?: string | null }
  readonly success?: boolean
}

interface Job {
  /** The last full values, once there are any: later ones come as edits of these. */
  values: Array<unknown> | undefined
  readonly onOutput: ((output: ReadonlyArray<unknown>) => void) | undefined
  readonly resolve: (output: ReadonlyArray<unknown>) => void
  readonly reject: (error: unknown) => void
}

interface Dependency {
  readonly id: number
  readonly api_name: string
}

/** The app of the bench edits whole values only, so paths are never walked. */
const edited = (old: unknown, edits: ReadonlyArray<Edit>): unknown => {
  let value = old
  for (const [op, , piece] of edits) value = op === "append" ? (value as string) + piece : piece
  return value
}

class Connection {
  private readonly agent = new Agent()
  private readonly hash = randomBytes(8).toString("hex")
  private readonly jobs = new Map<string, Job>()
  private readonly early = new Map<string, Array<Message>>()
  private isStreaming = false
  private readonly origin: string
  private api = ""
  private functions = new Map<string, number>()

  constructor(url: string) {
    this.origin = url
  }

  async open(): Promise<void> {
    const { body } = await this.agent.request({ origin: this.origin, path: "/config", method: "GET" })
    const config = (await body.json()) as {
      readonly api_prefix: string
      readonly dependencies: ReadonlyArray<Dependency>
    }
    this.api = config.api_prefix
    this.functions = new Map(config.dependencies.map(({ id, api_name }) => [api_name, id]))
  }

  async call(
    name: string,
    data: ReadonlyArray<unknown>,
    onOutput?: (output: ReadonlyArray<unknown>) => void
  ): Promise<ReadonlyArray<unknown>> {
    const { statusCode, body } = await this.agent.request({
      origin: this.origin,
      path: `${this.api}/queue/join`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data, fn_index: this.functions.get(name), session_hash: this.hash })
    })
    if (statusCode !== 200) throw new Error(`join: ${statusCode} ${await body.text()}`)
    const { event_id } = (await body.json()) as { readonly event_id: string }
    return new Promise((resolve, reject) => {
      this.jobs.set(event_id, { values: undefined, onOutput, resolve, reject })
      const early = this.early.get(event_id)
      if (early !== undefined) {
        this.early.delete(event_id)
        for (const message of early) this.receive(message)
      }
      if (!this.isStreaming && this.jobs.size > 0) void this.readStream()
    })
  }

  private async readStream(): Promise<void> {
    this.isStreaming = true
    try {
      while (this.jobs.size > 0) {
        const { body } = await this.agent.request({
          origin: this.origin,
          path: `${this.api}/queue/data?session_hash=${this.hash}`,
          method: "GET",
          headers: { accept: "text/event-stream" }
        })
        const decoder = new TextDecoder()
        let rest = ""
        for await (const chunk of body) {
          rest += decoder.decode(chunk as Uint8Array, { stream: true })
          let start = 0
          for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n", start)) {
            this.receive(JSON.parse(rest.slice(start + "data: ".length, end)) as Message)
            start = end + 2
          }
          if (start > 0) rest = rest.slice(start)
        }
      }
    } catch (error) {
      for (const job of this.jobs.values()) job.reject(error)
      this.jobs.clear()
    }
    this.isStreaming = false
  }

  private receive(message: Message): void {
    const id = message.event_id
    if (typeof id !== "string") {
      if (message.msg === "unexpected_error") throw new Error("unexpected_error")
      return
    }
    const job = this.jobs.get(id)
    if (job === undefined) {
      const early = this.early.get(id)
      if (early === undefined) this.early.set(id, [message])
      else early.push(message)
      return
    }
    if (message.output === undefined) return
    const data = message.output.data
    if (message.msg === "process_generating") {
      const old = job.values
      job.values = old === undefined ? data : data.map((edits, i) => edited(old[i], edits as ReadonlyArray<Edit>))
      job.onOutput?.(job.values)
    } else if (message.msg === "process_completed") {
      this.jobs.delete(id)
      if (message.success === true) job.resolve(data)
      else job.reject(new Error(message.output.error ?? "the app failed"))
    }
  }

  async upload(path: string): Promise<string> {
    const boundary = `bench${randomBytes(12).toString("hex")}`
    const head = Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${basename(path)}"\r\nContent-Type: application/octet-stream\r\n\r\n`
    )
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
    const { size } = await stat(path)
    const { statusCode, body } = await this.agent.request({
      origin: this.origin,
      path: `${this.api}/upload`,
      method: "POST",
      headers: {
        "content-type": `multipart/form-data; boundary=${boundary}`,
        "content-length": String(head.length + size + tail.length)
      },
      body: Readable.from(
        (async function* () {
          yield head
          yield* createReadStream(path) as AsyncIterable<Buffer>
          yield tail
        })(),
        { objectMode: false }
      )
    })
    if (statusCode !== 200) throw new Error(`upload: ${statusCode} ${await body.text()}`)
    const [uploaded] = (await body.json()) as ReadonlyArray<string>
    if (uploaded === undefined) throw new Error("the upload gave no path")
    return uploaded
  }

  async download(url: string, target: string): Promise<void> {
    const { origin, pathname, search } = new URL(url)
    const { statusCode, body } = await this.agent.request({ origin, path: pathname + search, method: "GET" })
    if (statusCode !== 200) throw new Error(`download: ${statusCode}`)
    await pipeline(body, createWriteStream(target))
  }

  close(): Promise<void> {
    return this.agent.close()
  }
}

export const client: BenchClient = {
  async connect(url): Promise<Session> {
    const connection = new Connection(url)
    await connection.open()
    const checked = async (name: string, call: number, ...more: ReadonlyArray<unknown>): Promise<void> => {
      const input = echoInput(call)
      checkSingle(await connection.call(name, [input, ...more]), echoAnswer(input))
    }
    return {
      async predictInTurn(calls) {
        for (let call = 0; call < calls; call++) await checked("echo", call)
      },
      async predictTogether(calls, inFlight) {
        let next = 0
        const worker = async (): Promise<void> => {
          while (next < calls) await checked("work", next++)
        }
        await Promise.all(Array.from({ length: inFlight }, worker))
      },
      async generator(steps) {
        const check = stepsCheck(steps)
        await connection.call("count", [steps], (output) => check.see(output))
        check.end()
      },
      async longText(pieces) {
        const check = textCheck(pieces)
        await connection.call("write", [pieces], (output) => check.see(output))
        check.end()
      },
      async jobsAtOnce(jobs) {
        await Promise.all(Array.from({ length: jobs }, (_, job) => checked("gather", job, jobs)))
      },
      async upload(path) {
        const uploaded = await connection.upload(path)
        const [answer] = await connection.call("inspect", [
          { path: uploaded, orig_name: basename(path), meta: { _type: "gradio.FileData" } }
        ])
        return String(answer)
      },
      async download(directory) {
        const [file] = await connection.call("large_file", [])
        if (typeof file !== "object" || file === null || !("url" in file) || typeof file.url !== "string") {
          throw new WrongAnswerError("the output is no file")
        }
        const target = joinPath(directory, "large.bin")
        await connection.download(file.url, target)
        return target
      },
      close: () => connection.close()
    }
  }
}
