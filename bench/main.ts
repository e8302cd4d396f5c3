/**
 * Compares a hand-written floor, `@gradio/client` and this library in one run; see README.md for the method and the switches.
 * Tables go to the standard output, progress to the standard error. Ends with 1 when any answer was wrong.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

import { fileAnswer, WrongAnswerError } from "./answers.ts"
import { type Case, cases, type Files, transferBytes } from "./cases.ts"
import { type ClientName, clientNames, clients, isClientName } from "./clients/client.ts"
import { checksum, writeLargeFile } from "./largeFile.ts"
import type { Sample } from "./measure.ts"
import { type Cores, findCores, type RowOptions, runRow, withServer } from "./processes.ts"
import { type CaseReport, figures, judged, type Row, shownReport } from "./report.ts"
import type { RowResult, Task } from "./row.ts"

const usage = `node bench/main.ts [--case NAME]... [--client NAME]... [--repeat N] [--quick] [--json FILE] [--profile DIRECTORY]
cases: ${Object.keys(cases).join(", ")}
clients: ${clientNames.join(", ")}`

const stop = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`)

const readSwitches = () => {
  try {
    return parseArgs({
      options: {
        case: { type: "string", multiple: true },
        client: { type: "string", multiple: true },
        repeat: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return stop(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

// ------------------------------------------------------------------------------------------------------------- preparation

const packageDirectory = fileURLToPath(new URL("..", import.meta.url))

const newestChange = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).reduce(
    (newest, entry) =>
      entry.isFile() ? Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs) : newest,
    0
  )

/** What users run is `dist`, so that is what is measured: a stale one would give numbers of other code. */
const requireBuild = (): void => {
  const source = join(packageDirectory, "src")
  const built = join(packageDirectory, "dist")
  if (!existsSync(join(built, "index.js"))) stop("dist is missing: run `npm run build` first")
  if (newestChange(built) < newestChange(source)) stop("dist is older than src: run `npm run build` first")
}

const versionOf = (name: string): string => {
  const manifest: unknown = JSON.parse(
    readFileSync(join(packageDirectory, "node_modules", name, "package.json"), "utf8")
  )
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest
  return hasVersion ? String(manifest.version) : "?"
}

const machineFacts = (cores: Cores | undefined) => ({
  node: process.version,
  undiciOfNode: process.versions["undici"],
  packages: Object.fromEntries(
    ["effect", "@effect/platform-node", "undici", "@gradio/client"].map((name) => [name, versionOf(name)])
  ),
  system: `${platform()} ${release()}`,
  processor: cpus()[0]?.model ?? "?",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  load: loadavg()[0] ?? 0,
  pinning:
    cores === undefined
      ? "not pinned (no taskset, or a single core): client and server may share a core"
      : `client on core ${cores.client}, server on core ${cores.server}`
})

const shownFacts = (facts: ReturnType<typeof machineFacts>): string =>
  [
    `Node ${facts.node} (its undici ${facts.undiciOfNode}), ${Object.entries(facts.packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}`,
    `${facts.processor}, ${facts.cores} cores, ${facts.memoryGiB} GiB, ${facts.system}; load ${facts.load.toFixed(2)} before the run`,
    facts.pinning
  ].join("\n")

// --------------------------------------------------------------------------------------------------------------------- rows

const runCase = async (
  options: RowOptions,
  item: Case,
  task: Task
): Promise<{ readonly result: RowResult; readonly said: string }> => {
  const { cores } = options
  if (item.kind === "work") {
    return withServer(cores, task.files.large, (url) => runRow(options, { ...task, url }))
  }
  return withServer(cores, task.files.large, async (url) => {
    // The first process only brings the modules into the page cache.
    await runRow(options, { ...task, url })
    const samples: Array<Sample> = []
    let said = ""
    let idleBytes = 0
    let peakBytes = 0
    for (let repetition = 0; repetition < task.repeat; repetition++) {
      const row = await runRow(options, { ...task, url })
      samples.push(...row.result.samples)
      said += row.said
      idleBytes = row.result.idleBytes
      peakBytes = Math.max(peakBytes, row.result.peakBytes)
    }
    return { result: { samples, idleBytes, peakBytes }, said }
  })
}

const checkDownload = async (files: Files): Promise<void> => {
  const names = readdirSync(files.directory)
  const [name] = names
  if (name === undefined || names.length > 1) throw new WrongAnswerError(`downloads left ${names.length} files`)
  const answer = fileAnswer(files.size, await checksum(join(files.directory, name)))
  if (answer !== files.answer) throw new WrongAnswerError(`downloaded ${answer} instead of ${files.answer}`)
}

const runReported = async (options: RowOptions, item: Case, task: Task): Promise<Row> => {
  const { client, amount, files } = task
  try {
    const { result, said } = await runCase(options, item, task)
    if (task.caseName === "download") await checkDownload(files)
    if (said !== "") progress(`  ${clients[client].title} said: ${said.slice(0, 300)}`)
    return { client, amount, outcome: result }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    progress(`  FAILED: ${failure.slice(0, 300)}`)
    return { client, amount, outcome: { failure } }
  } finally {
    for (const name of readdirSync(files.directory)) await rm(join(files.directory, name))
  }
}

// --------------------------------------------------------------------------------------------------------------------- main

const switches = readSwitches()
if (switches.help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const chosen = (switches.case ?? Object.keys(cases)).map((name): readonly [string, Case] => {
  const item = cases[name]
  return item === undefined ? stop(`no case ${name}\n${usage}`) : [name, item]
})
const chosenClients: ReadonlyArray<ClientName> =
  switches.client?.map((name) => (isClientName(name) ? name : stop(`no client ${name}\n${usage}`))) ?? clientNames
const isQuick = switches.quick
const repeat = Number(switches.repeat ?? (isQuick ? 3 : 5))
if (!Number.isInteger(repeat) || repeat < 1) stop(`--repeat takes a whole number from 1 on\n${usage}`)
if (chosenClients.includes("effect")) requireBuild()

const cores = findCores()
const options: RowOptions = { cores, profiles: switches.profile, limitSeconds: 300 }
const facts = machineFacts(cores)
process.stdout.write(`${shownFacts(facts)}\n${repeat} repetitions${isQuick ? ", quick: smaller amounts" : ""}\n\n`)

const directory = await mkdtemp(join(tmpdir(), "effect-gradio-bench-"))
// An interrupted run must not leave a file of a gigabyte behind; the other processes end with this one.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    rmSync(directory, { recursive: true, force: true })
    process.exit(1)
  })
}
const reports: Array<CaseReport> = []
try {
  const size = transferBytes(
    chosen.map(([, item]) => item),
    isQuick
  )
  const large = join(directory, "large.bin")
  const answer = fileAnswer(size, await writeLargeFile(large, size))
  const files: Files = { large, size, answer, directory: await mkdtemp(join(directory, "downloads-")) }
  for (const [name, item] of chosen) {
    const amount = item.kind === "start" ? 1 : isQuick ? item.quickAmount : item.amount
    const rows: Array<Row> = []
    for (const client of chosenClients) {
      progress(`${name}, ${clients[client].title} …`)
      rows.push(await runReported(options, item, { caseName: name, client, url: "", amount, repeat, files }))
    }
    const report = { name, item, rows }
    reports.push(report)
    process.stdout.write(`${shownReport(report)}\n\n`)
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}

if (switches.json !== undefined) {
  const entries = reports.map((report) => ({
    case: report.name,
    unit: report.item.unit,
    rows: report.rows.map((row) => ({ ...row, figures: figures(row) })),
    targets: judged(report)
  }))
  writeFileSync(switches.json, `${JSON.stringify({ facts, repeat, isQuick, cases: entries }, null, 2)}\n`)
}

if (reports.some((report) => report.rows.some((row) => "failure" in row.outcome))) process.exitCode = 1
