/** Runs cases in child processes, each with a server of its own beside it, and holds what happened against what was expected. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"

import { type Case, type Expected, rights } from "./matrix.ts"
import { type App, receivedElsewhere, start, stop } from "./server.ts"
import { type Ending, isLeaking, type Report, type Task } from "./task.ts"

export interface Result {
  readonly case: Case
  readonly report: Report | undefined
  /** What was not as expected; empty for a good case. */
  readonly problems: ReadonlyArray<string>
}

const childOf = (file: string): ChildProcess =>
  fork(new URL(file, import.meta.url), {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced"
  })

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGKILL")
  await once(child, "exit")
}

/** Messages of a child until one is taken as its answer, or undefined when it is silent for too long or ends. */
const answerOf = <A>(
  child: ChildProcess,
  millis: number,
  take: (message: unknown) => A | undefined
): Promise<A | undefined> =>
  new Promise((resolve) => {
    const settle = (answer: A | undefined): void => {
      clearTimeout(timer)
      child.off("message", onMessage)
      child.off("exit", onExit)
      resolve(answer)
    }
    const onMessage = (message: unknown): void => {
      const answer = take(message)
      if (answer !== undefined) settle(answer)
    }
    const onExit = (): void => settle(undefined)
    const timer = setTimeout(() => settle(undefined), millis)
    child.on("message", onMessage)
    child.on("exit", onExit)
    if (child.exitCode !== null) settle(undefined)
  })

const isReport = (u: unknown): Report | undefined =>
  typeof u === "object" && u !== null && "first" in u && "seconds" in u ? (u as Report) : undefined

const ready = (child: ChildProcess): Promise<boolean | undefined> =>
  answerOf(child, 30_000, (message) => (message === "ready" ? true : undefined))

const taskOf = (one: Case, app: App, directory: string): Task => ({
  name: one.name,
  url: one.url ?? app.base,
  foreign: app.foreign?.base ?? "",
  action: one.action,
  options: one.options,
  retry: one.retry,
  transport: one.transport,
  patience: one.patience,
  planted: one.planted,
  again: one.again,
  directory,
  brief: one.brief
})

export const withServer = async <A>(one: Case, use: (app: App, directory: string) => Promise<A>): Promise<A> => {
  const app = await start(one.faults, one.lies)
  const outer = await mkdtemp(join(tmpdir(), "hostile-"))
  const directory = join(outer, "a", "b", "downloads")
  await mkdir(directory, { recursive: true })
  try {
    return await use(app, directory)
  } finally {
    await stop(app)
    await rm(outer, { recursive: true, force: true })
  }
}

const contains = (actual: unknown, wanted: unknown): boolean =>
  typeof wanted === "string" && typeof actual === "string" ? actual.includes(wanted) : isDeepStrictEqual(actual, wanted)

export const show = (ending: Ending | undefined): string => {
  if (ending === undefined) return "nothing"
  if (ending.kind === "value") return `value ${(JSON.stringify(ending.value) ?? "undefined").slice(0, 80)}`
  if (ending.kind === "defect") return `DEFECT ${ending.text.slice(0, 300)}`
  const { reason, status, problem } = ending.fields
  const details = [reason, status, problem]
    .filter((field) => field !== undefined)
    .map((field) => String(field).slice(0, 60))
  return details.length === 0 ? ending.tag : `${ending.tag} (${details.join(", ")})`
}

const mismatch = (ending: Ending, expected: Expected): string | undefined => {
  if ("value" in expected) {
    return ending.kind === "value" && isDeepStrictEqual(ending.value, expected.value)
      ? undefined
      : `${show(ending)} instead of value ${JSON.stringify(expected.value)}`
  }
  const wanted = Object.entries(expected.fields ?? {})
  if (
    ending.kind === "error" &&
    ending.tag === expected.error &&
    wanted.every(([key, field]) => field === undefined || contains(ending.fields[key], field))
  ) {
    return undefined
  }
  return `${show(ending)} instead of ${expected.error} ${wanted.length === 0 ? "" : JSON.stringify(expected.fields)}`
}

/** What reached the foreign origin and should not have. */
export const leaked = (app: App): ReadonlyArray<string> =>
  receivedElsewhere(app).flatMap((one) => {
    const all = `${one.line}\n${one.headers}\n${one.body}`
    return isLeaking(all) ? [`${one.line}: ${all.match(/SECRET-\w+/g)?.join(" ")}`] : []
  })

/** Beyond what is expected a child is given this much for its own start and end. */
const grace = 4000

const judge = (one: Case, report: Report | undefined, app: App): ReadonlyArray<string> => {
  const leaks = leaked(app).map((leak) => `a secret left: ${leak}`)
  if (report === undefined) return ["no answer within the time: it hangs, or the process died", ...leaks]
  const problems: Array<string> = [...leaks]
  const first = mismatch(report.first, one.expected)
  if (first !== undefined) problems.push(first)
  if (one.again && report.again !== undefined) {
    const again = mismatch(report.again, { value: ["again"] })
    if (again !== undefined && one.faults.every((fault) => fault.times !== undefined || fault.route !== "join"))
      problems.push(`the next call: ${again}`)
  }
  if (report.seconds > one.seconds) problems.push(`took ${report.seconds.toFixed(1)} s of ${one.seconds}`)
  if (report.mebibytes > one.mebibytes) problems.push(`took ${report.mebibytes} MiB of ${one.mebibytes}`)
  if (report.polluted.length > 0) problems.push(`prototypes gained ${report.polluted.join(", ")}`)
  if (report.escaped.length > 0) problems.push(`files escaped: ${report.escaped.join(", ")}`)
  if (report.told) problems.push("a secret is in an error or a log line")
  if (report.outward.length > 0) problems.push(`would have asked ${report.outward.join(", ")}`)
  if (report.uncaught.length > 0) problems.push(`uncaught: ${report.uncaught.join(", ")}`)
  return problems
}

const inParallel = async <A, B>(
  items: ReadonlyArray<A>,
  workers: number,
  run: () => (item: A) => Promise<B>,
  end?: (worker: number) => Promise<void>
) => {
  const results: Array<B> = Array.from({ length: items.length })
  let next = 0
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const one = run()
      while (next < items.length) {
        const index = next++
        const item = items[index]
        if (item !== undefined) results[index] = await one(item)
      }
      await end?.(worker)
    })
  )
  return results
}

/** This library, a few cases at a time. A process goes on with the next case unless one wants a process for itself, or did not survive. */
export const runLibrary = async (cases: ReadonlyArray<Case>, atOnce = 2): Promise<ReadonlyArray<Result>> => {
  const children = new Set<ChildProcess>()
  try {
    return await inParallel(cases, atOnce, () => {
      let child: ChildProcess | undefined
      const drop = async (): Promise<void> => {
        if (child !== undefined) {
          children.delete(child)
          await kill(child)
        }
        child = undefined
      }
      return (one) =>
        withServer(one, async (app, directory) => {
          if (one.alone || child?.exitCode !== null) await drop()
          if (child === undefined) {
            child = childOf("./childEffect.ts")
            children.add(child)
            await ready(child)
          }
          child.send(taskOf(one, app, directory))
          const report = await answerOf(child, one.seconds * 1000 + grace, isReport)
          const problems = judge(one, report, app)
          if (report === undefined || one.alone) await drop()
          return { case: one, report, problems }
        })
    })
  } finally {
    await Promise.all([...children].map(kill))
  }
}

/** How long the official client is waited for. */
export const officialSeconds = 10

export interface OfficialResult {
  readonly case: Case
  /** What is wrong, or undefined where the client did well. */
  readonly broken: string | undefined
  readonly saw: string
}

/** The same case with the official client, in a process of its own. */
export const runOfficial = async (cases: ReadonlyArray<Case>, atOnce = 12): Promise<ReadonlyArray<OfficialResult>> =>
  inParallel(
    cases,
    atOnce,
    () => (one) =>
      withServer(one, async (app, directory) => {
        const child = childOf("./childOfficial.ts")
        try {
          await ready(child)
          let first: Ending | undefined
          child.send(taskOf(one, app, directory))
          const report = await answerOf(child, officialSeconds * 1000, (message) => {
            if (typeof message !== "object" || message === null) return undefined
            if ("first" in message) first = message.first as Ending
            return "report" in message ? isReport(message.report) : undefined
          })
          return { case: one, ...verdict(one, report, first, child, app) }
        } finally {
          await kill(child)
        }
      })
  )

const verdict = (
  one: Case,
  report: Report | undefined,
  first: Ending | undefined,
  child: ChildProcess,
  app: App
): { readonly broken: string | undefined; readonly saw: string } => {
  const ending = report?.first ?? first
  const saw = show(ending)
  const broke = (broken: string) => ({ broken, saw })
  const leaks = leaked(app)
  if (leaks.length > 0) return broke(`a secret leaves: ${leaks[0]}`)
  if (report === undefined && child.exitCode !== null) return broke(`the process dies with ${child.exitCode}`)
  if (report === undefined && first === undefined) return broke(`hangs: no answer after ${officialSeconds} s`)
  if (report === undefined) return broke(`the next call on the same connection hangs (the first: ${saw})`)
  if (report.polluted.length > 0) return broke(`prototypes gain ${report.polluted.join(", ")}`)
  if (report.uncaught.length > 0) return broke(`nobody can catch: ${report.uncaught[0]?.slice(0, 120)}`)
  if (report.mebibytes > Math.max(one.mebibytes, 200)) return broke(`takes ${report.mebibytes} MiB`)
  if (report.outward.some((url) => url.includes("169.254"))) return broke(`asks ${report.outward[0]}`)
  if ("value" in one.expected) {
    const isRight = report.first.kind === "value" && isDeepStrictEqual(report.first.value, one.expected.value)
    // Kinds of events, file names and lists of edits have other forms there.
    if (isRight || !["echo", "direct", "json", "stream", "download"].includes(one.action))
      return { broken: undefined, saw }
    return broke(
      report.first.kind === "value" ? `wrong value: ${saw.slice(6)}` : `fails though the call is right: ${saw}`
    )
  }
  if (report.first.kind === "value") {
    // A limit of ours, or a fault that the completion repairs, is none of its business; a call without its file is.
    const isRight = isDeepStrictEqual(report.first.value, rights[one.action])
    if (one.action === "upload") return broke("the call is sent without its file")
    return isRight ? { broken: undefined, saw } : broke(`a ${saw} where the call failed`)
  }
  if (one.again && report.again?.kind === "error" && one.faults.every((fault) => fault.times !== undefined))
    return broke(`the next call on the same connection fails: ${show(report.again)}`)
  return { broken: undefined, saw }
}
