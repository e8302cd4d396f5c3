/** Runs one task with `@gradio/client`, in the way that its documentation shows. */
import { Client } from "@gradio/client"

import { polluted, watchMemory } from "./measure.ts"
import { brief, type Ending, isTelling, type Report, secrets, type Task } from "./task.ts"

const uncaught: Array<string> = []
process.on("unhandledRejection", (reason) => uncaught.push(`rejection: ${text(reason)}`))
process.on("uncaughtException", (error) => uncaught.push(`exception: ${text(error)}`))

const text = (thrown: unknown): string => {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`.slice(0, 300)
  try {
    return JSON.stringify(thrown).slice(0, 300)
  } catch {
    return String(thrown).slice(0, 300)
  }
}

const outward: Array<string> = []
const realFetch = globalThis.fetch
globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input)
  if (!/^https?:\/\/127\./.test(url) && !url.startsWith("data:")) {
    outward.push(url)
    return Promise.reject(new TypeError("fetch failed"))
  }
  return realFetch(input, init)
}

const secretHeaders = { "x-secret": secrets.header }

const fetched = async (data: unknown): Promise<ReadonlyArray<string>> => {
  const files = (Array.isArray(data) ? data : []).filter(
    (one: unknown): one is { readonly url: string } =>
      typeof one === "object" && one !== null && "url" in one && typeof one.url === "string"
  )
  // The client leaves the download of a file to its user, who has its URL and no header.
  return Promise.all(
    files.map(async ({ url }) => {
      const answer = await fetch(url)
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      return answer.text()
    })
  )
}

const act = async (app: Client, task: Task): Promise<unknown> => {
  switch (task.action) {
    case "direct":
    case "json":
    case "echo":
      return (await app.predict(`/${task.action}`, [secrets.argument])).data
    case "acts":
      return (await app.predict("/acts", [secrets.argument])).data
    case "events": {
      const kinds: Array<string> = []
      for await (const message of app.submit("/echo", [secrets.argument])) kinds.push(message.type)
      return kinds
    }
    case "stream":
    case "leave": {
      const all: Array<unknown> = []
      for await (const message of app.submit("/gen", [secrets.argument])) {
        if (message.type === "data") all.push(message.data)
        if (task.action === "leave") break
      }
      return all
    }
    case "two":
      return Promise.race([
        app.predict("/echo", [secrets.argument]),
        new Promise((resolve) => setTimeout(resolve, 300)).then(() => app.predict("/echo", ["second"]))
      ]).then((result) => (result as { readonly data: unknown }).data)
    case "upload": {
      const result = await app.predict("/file", [new Blob([secrets.file])])
      return Array.isArray(result.data) ? result.data.length : result.data
    }
    case "download":
    case "save":
      return fetched((await app.predict("/file", [null])).data)
  }
}

const settled = (promise: Promise<unknown>, task: Task): Promise<Ending> =>
  promise.then(
    (value): Ending => ({ kind: "value", value: task.brief ? brief(value) : value }),
    (error: unknown): Ending => ({ kind: "error", tag: text(error), fields: {} })
  )

process.on("message", async (task: Task) => {
  const peak = watchMemory()
  const begun = performance.now()
  let seconds = 0
  let again: Ending | undefined
  const whole = async (): Promise<unknown> => {
    const app = await Client.connect(task.url, { token: "hf_" + secrets.header, headers: secretHeaders } as never)
    const value = act(app, task)
    const ending = await settled(value, task)
    seconds = (performance.now() - begun) / 1000
    // A hang of the call after tells more than the call itself, so it is told while it lasts.
    process.send?.({ first: ending })
    if (task.again)
      again = await settled(
        app.predict("/echo", ["again"]).then((result: { readonly data: unknown }) => result.data),
        task
      )
    return value
  }
  const first = await settled(whole(), task)
  // What nobody caught comes a turn later.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const report: Report = {
    first,
    again,
    seconds: seconds === 0 ? (performance.now() - begun) / 1000 : seconds,
    mebibytes: peak(),
    polluted: polluted(),
    escaped: [],
    told: first.kind === "error" && isTelling(first.tag),
    outward,
    uncaught
  }
  process.send?.({ report }, () => process.exit(0))
})
process.send?.("ready")
