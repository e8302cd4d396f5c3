/** The same at a terminal against real servers. How often they tell how far they are is theirs: only what stays on the screen is held against a file. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

import { bundle } from "../../build/cli.ts"
import { type Server, startServer } from "../gradio/server.ts"
import { matches, record, type Session } from "./terminal.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-cli-real-"))
const bin = path.join(directory, "cli", "bin.js")

beforeAll(() => bundle(path.join(directory, "cli")), 120_000)
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

const isStatus = (line: string): boolean => line.startsWith("~ ")

describe.each(["6.31.0", "3.50.2"] as const)("Gradio %s", (version) => {
  let server: Server
  const work = path.join(directory, version)

  beforeAll(async () => {
    fs.mkdirSync(work)
    fs.writeFileSync(path.join(work, "note.txt"), "Hello, app!")
    server = await startServer({ version })
  }, 120_000)
  afterAll(() => server.stop())

  /** Gives what stood on the line that is redrawn. */
  const session = async (name: string, exit: number, args: ReadonlyArray<string>, more: Partial<Session> = {}) => {
    const recorded = await record(bin, {
      args,
      directory: work,
      names: [[server.url, "http://127.0.0.1:7860"]],
      ...more
    })
    const lines = recorded.text.split("\n")
    matches(`${version}-${name}`, lines.filter((line) => !isStatus(line)).join("\n"))
    assert.strictEqual(recorded.exit, exit)
    return lines.filter(isStatus).map((line) => line.slice(2))
  }

  it("info shows what an endpoint takes", () => session("info", 0, ["info", server.url, "/several"]))

  it("predict reads values by their types", () => {
    const words = "a text=5,a number=5,a flag=yes,a choice=y,some choices=p,some choices=r,a whole number=9".split(",")
    const values =
      version === "3.50.2" ? words : words.map((word) => word.replace(/^[^=]+/, (label) => names6[label] ?? ""))
    return session("predict", 0, ["predict", server.url, "/several", ...values])
  })

  it("predict sends a file and saves the one that comes back", async () => {
    const value = version === "3.50.2" ? "file in=@note.txt" : "value=@note.txt"
    const shown = await session("predict-file", 0, ["predict", server.url, "/file_io", value, "--output", "out"])
    assert.strictEqual(fs.readFileSync(path.join(work, "out", "note.txt"), "utf8"), "Hello, app!")
    assert.include(shown, "uploading note.txt  [████████████████████] 100 %  11 B of 11 B")
    assert.include(shown, "downloading note.txt  [████████████████████] 100 %  11 B of 11 B")
  })

  // Gradio 3 has no such component.
  if (version === "6.31.0")
    it("predict takes a text with files as chats do", () =>
      session("predict-message", 0, [
        "predict",
        server.url,
        "/multimodal_io",
        "value=Look!",
        "value=@note.txt",
        "-o",
        "said"
      ]))

  it("stream shows the progress and prints each output", async () => {
    const shown = await session("stream", 0, ["stream", server.url, "/progress_generator", "n=3"])
    assert.isTrue(
      shown.some((line) => /^\[█*░+\] \d+ %  before \d$/.test(line)),
      shown.join("\n")
    )
  })

  it("Ctrl-C stops a generator, and the server knows", async () => {
    const shown = await session("ctrl-c", 130, ["predict", server.url, "/endless_async", "tag=stopped"], {
      answers: [["running", "\u0003"]]
    })
    assert.include(shown, "cancelling…")
    let printed = ""
    for (let tries = 0; tries < 40 && !printed.includes("stopped"); tries++) {
      printed = (await record(bin, { args: ["predict", server.url, "/interrupted_jobs", "--quiet"], directory: work }))
        .text
    }
    assert.include(printed, '["stopped"]')
  })
})

/** The parameters of the function, which Gradio 6 goes by. */
const names6: Readonly<Record<string, string>> = {
  "a text": "text",
  "a number": "number",
  "a flag": "flag",
  "a choice": "choice",
  "some choices": "choices",
  "a whole number": "whole"
}
