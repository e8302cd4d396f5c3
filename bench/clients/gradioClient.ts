/** `@gradio/client`, used as its documentation says; files over it as its users must: a file-backed Blob up, `fetch` down. */
import { createWriteStream, openAsBlob } from "node:fs"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"

import { Client } from "@gradio/client"

import { checkSingle, echoAnswer, echoInput, stepsCheck, textCheck, WrongAnswerError } from "../answers.ts"
import type { BenchClient, Session } from "./client.ts"

export const client: BenchClient = {
  async connect(url): Promise<Session> {
    const app = await Client.connect(url)
    const checked = async (name: string, call: number): Promise<void> => {
      const input = echoInput(call)
      checkSingle((await app.predict(name, [input])).data, echoAnswer(input))
    }
    return {
      async predictInTurn(calls) {
        for (let call = 0; call < calls; call++) await checked("/echo", call)
      },
      async predictTogether(calls, inFlight) {
        let next = 0
        const worker = async (): Promise<void> => {
          while (next < calls) await checked("/work", next++)
        }
        await Promise.all(Array.from({ length: inFlight }, worker))
      },
      async generator(steps) {
        const check = stepsCheck(steps)
        for await (const message of app.submit("/count", [steps])) {
          if (message.type === "data") check.see(message.data)
        }
        check.end()
      },
      async longText(pieces) {
        const check = textCheck(pieces)
        for await (const message of app.submit("/write", [pieces])) {
          if (message.type === "data") check.see(message.data)
        }
        check.end()
      },
      async jobsAtOnce(jobs) {
        const one = async (job: number): Promise<void> => {
          const input = echoInput(job)
          let last: unknown
          for await (const message of app.submit("/gather", [input, jobs])) {
            if (message.type === "data") last = message.data
          }
          checkSingle(last, echoAnswer(input))
        }
        await Promise.all(Array.from({ length: jobs }, (_, job) => one(job)))
      },
      async upload(path) {
        const { data } = await app.predict<ReadonlyArray<unknown>>("/inspect", [await openAsBlob(path)])
        return String(data[0])
      },
      async download(directory) {
        const { data } = await app.predict<ReadonlyArray<unknown>>("/large_file", [])
        const [file] = data
        if (typeof file !== "object" || file === null || !("url" in file) || typeof file.url !== "string") {
          throw new WrongAnswerError("the output is no file")
        }
        const response = await fetch(file.url)
        if (!response.ok || response.body === null) throw new Error(`download: ${response.status}`)
        const target = join(directory, "large.bin")
        await pipeline(response.body, createWriteStream(target))
        return target
      },
      close: () => Promise.resolve(app.close())
    }
  }
}
