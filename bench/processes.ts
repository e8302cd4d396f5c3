/** The processes of a run: the app on one core, the measured client on another. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

import type { RowResult, Task } from "./row.ts"

export interface Cores {
  readonly client: number
  readonly server: number
}

const allowedCores = (): ReadonlyArray<number> => {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? ""
    return list.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
  } catch {
    return []
  }
}

/** A core for each side, or none where there is no `taskset` or a single core. */
export const findCores = (): Cores | undefined => {
  const [client, server] = allowedCores()
  if (client === undefined || server === undefined) return undefined
  return spawnSync("taskset", ["--version"]).status === 0 ? { client, server } : undefined
}

const start = (
  core: number | undefined,
  nodeOptions: ReadonlyArray<string>,
  file: string,
  argument: string
): ChildProcessWithoutNullStreams => {
  const command = [process.execPath, ...nodeOptions, fileURLToPath(new URL(file, import.meta.url)), argument]
  const [program = process.execPath, ...rest] =
    core === undefined ? command : ["taskset", "-c", String(core), ...command]
  return spawn(program, rest)
}

const ended = (child: ChildProcessWithoutNullStreams): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => resolve(signal ?? String(code)))
  })

/** Runs the app for as long as `use` runs. */
export const withServer = async <A>(
  cores: Cores | undefined,
  largeFile: string,
  use: (url: string) => Promise<A>
): Promise<A> => {
  const child = start(cores?.server, [], "./server.ts", largeFile)
  const end = ended(child)
  let errors = ""
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString()
  })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once("line", resolve)
      end.then((how) => reject(new Error(`the server ended (${how}): ${errors}`)), reject)
    })
    return await use(url)
  } finally {
    child.kill()
    await end
  }
}

export interface RowOptions {
  readonly cores: Cores | undefined
  /** Where each row leaves a CPU profile. */
  readonly profiles: string | undefined
  readonly limitSeconds: number
}

/** Runs one row. Fails with what the row said when it ends badly or takes longer than `limitSeconds`. */
export const runRow = async (
  { cores, profiles, limitSeconds }: RowOptions,
  task: Task
): Promise<{ readonly result: RowResult; readonly said: string }> => {
  const profiling =
    profiles === undefined
      ? []
      : [
          "--cpu-prof",
          `--cpu-prof-dir=${profiles}`,
          `--cpu-prof-name=${task.caseName}-${task.client}-${Date.now()}.cpuprofile`
        ]
  const child = start(cores?.client, profiling, "./row.ts", JSON.stringify(task))
  let output = ""
  let said = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < 20_000) said += chunk.toString()
  })
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    child.kill("SIGKILL")
  }, limitSeconds * 1000)
  const how = await ended(child)
  clearTimeout(limit)
  if (isLate) throw new Error(`no end after ${limitSeconds} s. ${said}`)
  if (how !== "0") throw new Error(`ended with ${how}. ${said}`)
  return { result: JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as RowResult, said }
}
