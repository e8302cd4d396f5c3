/**
 * `npm run runtimes`: the conformance suite of the built package over `fetch`, in Chromium, Deno and Bun, each against a real Gradio server of its own.
 *
 *     npm run runtimes -- [chromium|deno|bun]… [--only text]
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs/promises"
import { createServer } from "node:http"
import * as os from "node:os"
import * as path from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"

import { chromium } from "playwright-core"

import { prepareProgram } from "../debian/programs.ts"
import { type Server, startServer } from "../gradio/server.ts"
import { bundle } from "./bundle.ts"
import { prepareDeno } from "./deno.ts"
import type { Report } from "./suite.ts"

const runtimes = ["chromium", "deno", "bun"] as const
type Runtime = (typeof runtimes)[number]

const { positionals, values } = parseArgs({
  options: { only: { type: "string", default: "" } },
  allowPositionals: true
})
const asked = runtimes.filter((runtime) => positionals.length === 0 || positionals.includes(runtime))

const packages = path.join(import.meta.dirname, "..", "..", "node_modules")
const arm = process.arch === "arm64"

/** Their packages run scripts when they are installed, which ours does without: the programs are in the packages of the platform. */
const commands: Readonly<Record<"deno" | "bun", () => Promise<ReadonlyArray<string>>>> = {
  deno: async () => [await prepareDeno(), "run", "--allow-all", "--no-config"],
  bun: async () => [path.join(packages, "@oven", `bun-linux-${arm ? "aarch64" : "x64"}`, "bin", "bun")]
}

const inProcess = async (runtime: "deno" | "bun", url: string, tell: (report: Report) => void): Promise<string> => {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "effect-gradio-runtime-"))
  try {
    const program = path.join(directory, "suite.js")
    await fs.writeFile(program, await bundle("server.ts", "node"))
    const [command = "", ...args] = await commands[runtime]()
    const child = spawn(command, [...args, program, url, values.only], { stdio: ["ignore", "pipe", "inherit"] })
    const ended = once(child, "close")
    for await (const line of createInterface(child.stdout)) {
      // Cases may log as well.
      if (line.startsWith('{"title":')) tell(JSON.parse(line))
    }
    const [code] = await ended
    if (code !== 0) throw new Error(`${runtime} ended with ${String(code)}`)
    const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
      const version = spawn(command, ["--version"], { stdio: ["ignore", "pipe", "inherit"] })
      let stdout = ""
      version.stdout.on("data", (chunk) => (stdout += String(chunk)))
      version.on("error", reject)
      version.on("close", () => resolve({ stdout }))
    })
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? ""
  } finally {
    await fs.rm(directory, { recursive: true, force: true })
  }
}

/** A page on `localhost` is of another origin than the server on 127.0.0.1, which allows it: section 9.3 of what Gradio does about origins. */
const inChromium = async (url: string, tell: (report: Report) => void): Promise<string> => {
  const { env, path: executablePath } = await prepareProgram("chromium")
  const program = await bundle("page.ts", "browser")
  const site = createServer((request, response) => {
    const script = request.url === "/page.js"
    response.setHeader("content-type", script ? "text/javascript" : "text/html")
    response.end(script ? program : "<!doctype html><title>effect-gradio</title>")
  })
  await once(site.listen(0, "127.0.0.1"), "listening")
  const address = site.address()
  const port = address === null || typeof address === "string" ? 0 : address.port
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    // A name that no server takes for its own machine.
    args: ["--no-sandbox", "--host-resolver-rules=MAP elsewhere.test 127.0.0.1"]
  })
  try {
    const page = await browser.newPage()
    page.on("pageerror", (error) => process.stderr.write(`page: ${error.stack ?? error.message}\n`))
    await page.exposeFunction("report", tell)
    await page.goto(`http://localhost:${port}/`)
    await page.evaluate(
      async ([at, only]) => {
        const script: string = "/page.js"
        const suite = await import(script)
        await suite.start(at, only)
      },
      [url, values.only]
    )
    // The server on 127.0.0.1 allows no page of a site.
    await page.goto(`http://elsewhere.test:${port}/`)
    const refused = await page.evaluate(async (at) => {
      const script: string = "/page.js"
      return (await import(script)).refused(at)
    }, url)
    const named = refused._tag === "AppUnreachableError" && refused.message.includes("(CORS)")
    tell({
      title: "an app that does not allow the origin of a page is named as such",
      outcome: named ? "pass" : "FAIL",
      text: named ? "" : JSON.stringify(refused),
      millis: 0
    })
    return browser.version()
  } finally {
    await browser.close()
    site.close()
  }
}

const run = async ({ runtime, server }: { readonly runtime: Runtime; readonly server: Server }) => {
  const reports: Array<Report> = []
  const tell = (report: Report): void => {
    reports.push(report)
    if (report.millis > 4000) process.stdout.write(`slow in ${runtime}: ${report.title} ${report.millis} ms\n`)
    if (report.outcome === "FAIL") process.stdout.write(`FAIL in ${runtime}: ${report.title}\n${report.text}\n\n`)
  }
  const since = Date.now()
  try {
    const version =
      runtime === "chromium" ? await inChromium(server.url, tell) : await inProcess(runtime, server.url, tell)
    return { runtime, version, reports, millis: Date.now() - since }
  } finally {
    await server.stop()
  }
}

// One after the other: a start takes a core.
const started: Array<{ readonly runtime: Runtime; readonly server: Server }> = []
for (const runtime of asked) started.push({ runtime, server: await startServer({ version: "6.31.0" }) })
const outcomes = await Promise.all(started.map(run))
for (const { millis, reports, runtime, version } of outcomes) {
  const count = (outcome: Report["outcome"]) => reports.filter((report) => report.outcome === outcome).length
  process.stdout.write(
    `${`${runtime} ${version}`.padEnd(24)} ${reports.length} cases: ${count("pass")} passed, ${count("FAIL")} failed, ${count("explained")} explained, ${(millis / 1000).toFixed(0)} s\n`
  )
}
const explanations = new Set(
  outcomes.flatMap(({ reports, runtime }) =>
    reports.flatMap(({ outcome, text, title }) => (outcome === "explained" ? [`  ${runtime}: ${title}: ${text}`] : []))
  )
)
process.stdout.write(`${[...explanations].join("\n")}\n`)
const least = values.only === "" ? 150 : 1
process.exitCode = outcomes.every(
  ({ reports }) =>
    reports.every(({ outcome }) => outcome !== "FAIL") &&
    reports.filter(({ outcome }) => outcome === "pass").length >= least
)
  ? 0
  : 1
