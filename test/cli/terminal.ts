/**
 * Sessions at a terminal, as text: the command, what stayed on the screen, and what stood on the last line until it was redrawn, which begins with
 * `~`. They are held against the files of `sessions`; `UPDATE_SESSIONS=1` writes these anew.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { text } from "node:stream/consumers"

import { assert } from "@effect/vitest"

import { tokens } from "../huggingface/app.ts"

/** What was done at a terminal. */
export interface Session {
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly directory: string
  readonly columns?: number
  /** What is typed, each after a text has been seen. */
  readonly answers?: ReadonlyArray<readonly [after: string, text: string]>
  /** What must not be shown. */
  readonly secrets?: ReadonlyArray<string>
  /** With colours, which are shown as `‹31›`. */
  readonly colors?: boolean
  /** What is different each time, by what stands for it. */
  readonly names?: ReadonlyArray<readonly [from: string | RegExp, to: string]>
}

export interface Recorded {
  readonly text: string
  readonly exit: number
}

const limit = 60

/** The token of one of the accounts of the stand-in, which is shown nowhere. */
const secret = tokens.bob

/** The lines of a screen that is only written at its end, and what was wiped off the last one. */
export const linesOf = (output: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  let column = 0
  const wiped = (text: string): void => {
    const frame = `~ ${text.trimEnd()}`
    if (text.trim() !== "" && frame !== lines.findLast((one) => one.startsWith("~ "))) lines.push(frame)
  }
  // eslint-disable-next-line no-control-regex -- it is these characters that are read here.
  for (const [token, number = "", command] of output.matchAll(/\u001b\[([0-9;?]*)([A-Za-z])|[\s\S]/gu)) {
    if (token === "\n") {
      lines.push(line.trimEnd())
      line = ""
      column = 0
    } else if (token === "\r") column = 0
    else if (command === "J" || command === "K") {
      const isWhole = number === "2"
      if (column === 0 || isWhole) wiped(line)
      line = isWhole ? "" : line.slice(0, column)
    } else if (command === "G") column = Number(number || 1) - 1
    else if (command === "D") column = Math.max(0, column - Number(number || 1))
    else if (command === undefined && token !== "\u0007") {
      line = line.slice(0, column).padEnd(column) + token + line.slice(column + 1)
      column++
    }
  }
  if (line.trimEnd() !== "") lines.push(line.trimEnd())
  return lines
}

const shown = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** Runs a session in which `bin` is the command line. */
export const record = async (bin: string, session: Session): Promise<Recorded> => {
  const { HOME: _, ...inherited } = process.env
  const env = {
    PATH: inherited["PATH"] ?? "",
    // Nobody's token is found there.
    HOME: session.directory,
    TERM: "xterm",
    LANG: "C.UTF-8",
    NO_COLOR: session.colors === true ? "" : "1",
    HF_TOKEN: secret,
    ...session.env
  }
  const child = spawn("python3", [path.join(import.meta.dirname, "terminal.py")], {
    stdio: ["pipe", "pipe", "inherit"]
  })
  child.stdin.end(
    JSON.stringify({
      command: [process.execPath, bin, ...session.args],
      env,
      directory: session.directory,
      columns: session.columns ?? 100,
      answers: session.answers ?? [],
      limit
    })
  )
  const result: { readonly output: string; readonly exit: number } = JSON.parse(await text(child.stdout))
  for (const hidden of [secret, ...(session.secrets ?? [])]) assert.notInclude(result.output, hidden)
  // eslint-disable-next-line no-control-regex -- it is these characters that are shown here.
  const visible = session.colors === true ? result.output.replace(/\u001b\[([0-9;]*)m/g, "‹$1›") : result.output
  const screen = linesOf(visible.replaceAll("\r\n", "\n"))
  let transcript = [
    `$ effect-gradio ${session.args.map(shown).join(" ")}`,
    ...screen,
    `[exit ${result.exit}]`,
    ""
  ].join("\n")
  for (const [from, to] of session.names ?? []) transcript = transcript.replaceAll(from, to)
  return { text: transcript, exit: result.exit }
}

/** Holds a session against its file. */
export const matches = (name: string, text: string): void => {
  const file = path.join(import.meta.dirname, "sessions", `${name}.txt`)
  if (process.env["UPDATE_SESSIONS"] === "1") fs.writeFileSync(file, text)
  assert.strictEqual(text, fs.readFileSync(file, "utf8"))
}
