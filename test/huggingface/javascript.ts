/**
 * Makes calls with `@huggingface/hub` and `@gradio/client`: `node javascript.ts CALLS ANSWERS`, both files of JSON; the hub is HF_ENDPOINT. The second
 * knows one hub only, so that origin is rewritten on the way out and back.
 */
import * as fs from "node:fs"

import { Client } from "@gradio/client"
import * as hub from "@huggingface/hub"

import type { ForeignCall } from "./foreign.ts"

const [source = "", target = ""] = process.argv.slice(2)
const hubUrl = process.env["HF_ENDPOINT"] ?? ""
const tokens: Readonly<Record<string, string>> = JSON.parse(process.env["TOKENS"] ?? "{}")
const known = "https://huggingface.co"

const direct = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input)
  if (!url.startsWith(known)) return direct(input, init)
  const answer = await direct(url.replace(known, hubUrl), init)
  const body = [101, 204, 304].includes(answer.status) || init?.method === "HEAD" ? null : await answer.text()
  return new Response(body?.replaceAll(`${hubUrl}/spaces/`, `${known}/spaces/`), answer)
}

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const pick = (value: unknown, names: ReadonlyArray<string>): unknown =>
  isRecord(value) ? Object.fromEntries(names.map((name) => [name, value[name]])) : value

const space = (name: unknown) => ({ type: "space" as const, name: String(name) })

/** What a client does once it is connected, and what it told about the Space before. */
const connect = async (
  open: typeof Client.connect,
  name: unknown,
  token: string | undefined,
  { follow, ...named }: Readonly<Record<string, unknown>>
) => {
  const statuses: Array<unknown> = []
  const note = (status: unknown) => {
    const { detail, discussions_enabled, status: kind }: Readonly<Record<string, unknown>> = Object(status)
    const one = [kind, detail, discussions_enabled].filter((part) => part !== undefined).join(" ")
    if (statuses.at(-1) !== one) statuses.push(one)
  }
  const options = {
    ...named,
    ...(token === undefined ? {} : { token }),
    ...(follow === true ? { status_callback: note } : {})
  }
  const client = await open.call(Client, String(name), Object(options))
  const result = await client.predict("/greet", ["client"]).catch((error: unknown) => ({ data: String(error) }))
  client.close()
  return { ...(statuses.length === 0 ? {} : { statuses }), result: result.data }
}

const make = async ({ args: [first, ...rest], as = "nobody", call, named = {} }: ForeignCall): Promise<unknown> => {
  const accessToken = as === "stranger" ? "hf_unknown" : tokens[as]
  const credentials = accessToken === undefined ? {} : { accessToken }
  switch (call) {
    case "whoAmI": {
      const me = await hub.whoAmI({ hubUrl, accessToken: accessToken ?? "" })
      return pick(me, ["type", "name", "canPay", "isPro"])
    }
    case "spaceInfo": {
      const info = await hub.spaceInfo({
        name: String(first),
        hubUrl,
        additionalFields: ["subdomain", "runtime"],
        ...credentials
      })
      return { ...Object(pick(info, ["name", "sdk", "private", "subdomain"])), stage: info.runtime?.stage }
    }
    case "repoExists":
      return hub.repoExists({ repo: space(first), hubUrl, ...credentials })
    case "checkRepoAccess":
      return hub.checkRepoAccess({ repo: space(first), hubUrl, ...credentials }).then(() => "allowed")
    case "listSpaces": {
      const names: Array<string> = []
      for await (const one of hub.listSpaces({ search: { owner: String(first) }, hubUrl, ...credentials }))
        names.push(one.name)
      return names
    }
    case "createRepo": {
      const made = await hub.createRepo({
        repo: space(first),
        hubUrl,
        accessToken: accessToken ?? "",
        sdk: "static",
        ...named
      })
      return made.id
    }
    case "deleteRepo":
      return hub.deleteRepo({ repo: space(first), hubUrl, accessToken: accessToken ?? "" }).then(() => "deleted")
    case "Client.connect":
      return connect(Client.connect, first, accessToken, named)
    case "Client.duplicate":
      return connect(Client.duplicate, first, accessToken, named)
    default:
      throw new Error(`no such call: ${call} ${JSON.stringify(rest)}`)
  }
}

process.on("unhandledRejection", () => {})
console.error = () => {}
const answers: Array<unknown> = []
for (const call of JSON.parse(fs.readFileSync(source, "utf8"))) {
  const late = new Promise((resolve) => setTimeout(() => resolve("no end within 20 s"), 20_000).unref())
  answers.push(
    await Promise.race([
      make(call).catch((error: unknown) => {
        if (error instanceof hub.HubApiError)
          return { error: "HubApiError", status: error.statusCode, said: error.data?.["error"] }
        return { error: error instanceof Error ? error.message : String(error) }
      }),
      late
    ])
  )
}
fs.writeFileSync(target, JSON.stringify(answers))
process.exit(0)
