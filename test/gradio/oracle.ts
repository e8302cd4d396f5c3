/** Drives `oracle.py`: what edits would a server of this version send? */
import { spawn } from "node:child_process"
import * as path from "node:path"

import { type GradioVersion, prepareEnvironment } from "./environments.ts"

export interface Change {
  readonly old: unknown
  readonly new: unknown
}

/** The edits of one output, as they stand in a `process_generating` message. */
export type Edits = ReadonlyArray<readonly [op: string, path: ReadonlyArray<string | number>, value: unknown]>

/** One process for the whole batch: starting Python costs seconds, a change costs microseconds. */
export const serverDiffs = async (
  version: GradioVersion,
  changes: ReadonlyArray<Change>
): Promise<ReadonlyArray<Edits>> => {
  const { python } = await prepareEnvironment(version)
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(python, [path.join(import.meta.dirname, "oracle.py")], {
      env: { ...process.env, GRADIO_ANALYTICS_ENABLED: "False", PYTHONDONTWRITEBYTECODE: "1" }
    })
    const out: Array<Buffer> = []
    const err: Array<Buffer> = []
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk))
    child.stdin.on("error", () => {})
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString())
      else
        reject(new Error(`oracle.py of ${version} ended with ${code}:\n${Buffer.concat(err).toString().slice(-4000)}`))
    })
    child.stdin.end(changes.map((change) => JSON.stringify(change) + "\n").join(""))
  })
  const lines = output.split("\n").filter((line) => line !== "")
  if (lines.length !== changes.length) throw new Error(`${changes.length} changes, but ${lines.length} answers`)
  return lines.map((line): Edits => JSON.parse(line))
}
