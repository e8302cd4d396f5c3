/** The process of one row: one client, one case. Its task comes as JSON in the first argument; the result is its last line. */
import { cases, type Files } from "./cases.ts"
import { type ClientName, clients } from "./clients/client.ts"
import { measure, peakBytes, type Sample } from "./measure.ts"

export interface Task {
  readonly caseName: string
  readonly client: ClientName
  readonly url: string
  readonly amount: number
  readonly repeat: number
  readonly files: Files
}

export interface RowResult {
  readonly samples: ReadonlyArray<Sample>
  /** Memory with everything loaded and connected, before any work. */
  readonly idleBytes: number
  readonly peakBytes: number
}

const runStart = async (task: Task, measured: "import" | "connect"): Promise<RowResult> => {
  const entry = clients[task.client]
  const idleBytes = process.memoryUsage.rss()
  if (measured === "import") {
    const sample = await measure(async () => {
      for (const name of entry.imports) await import(name)
    })
    return { samples: [sample], idleBytes, peakBytes: peakBytes() }
  }
  const { client } = await entry.load()
  let close = (): Promise<void> => Promise.resolve()
  const sample = await measure(async () => {
    const session = await client.connect(task.url)
    close = session.close
  })
  const peak = peakBytes()
  await close()
  return { samples: [sample], idleBytes, peakBytes: peak }
}

const runTask = async (task: Task): Promise<RowResult> => {
  const item = cases[task.caseName]
  if (item === undefined) throw new Error(`no case ${task.caseName}`)
  if (item.kind === "start") return runStart(task, item.measured)
  const { client } = await clients[task.client].load()
  const session = await client.connect(task.url)
  const idleBytes = process.memoryUsage.rss()
  await item.run(session, item.warmUp, task.files)
  const samples: Array<Sample> = []
  for (let repetition = 0; repetition < task.repeat; repetition++) {
    samples.push(await measure(() => item.run(session, task.amount, task.files)))
  }
  const peak = peakBytes()
  await session.close()
  return { samples, idleBytes, peakBytes: peak }
}

// The parent closes this pipe when it ends, however it ends.
process.stdin.on("end", () => process.exit(1))
process.stdin.resume()

const [task] = process.argv.slice(2)
if (task === undefined) throw new Error("row.ts is started by main.ts")
const result = await runTask(JSON.parse(task) as Task)
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0))
