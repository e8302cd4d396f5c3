/**
 * How long command lines take to start, on Gradio 6.31.0: this one's, `hf-gradio` of the same environment, and `gradio_client`, which has no
 * command of its own, by the shortest program that says the same. Each round runs all of them once, one after the other.
 *
 *     npm run build && node bench/cli.ts [rounds]     default 9
 */
import { execFileSync } from "node:child_process"
import { loadavg } from "node:os"
import * as path from "node:path"

import { prepareEnvironment } from "../test/gradio/environments.ts"
import { startServer } from "../test/gradio/server.ts"

interface Start {
  readonly cpu: number
  readonly wall: number
}

const rounds = Number(process.argv[2] ?? 9)
const version = "6.31.0"
const { python } = await prepareEnvironment(version)
const server = await startServer({ version })
const bin = path.join(import.meta.dirname, "..", "dist", "cli", "bin.js")

// The scripts of an environment name the folder in which it was made, so that their functions are called as they do it.
const script = (code: string, ...args: ReadonlyArray<string>) => [
  python,
  "-c",
  `import sys; sys.argv[0] = "it"; ${code}`,
  ...args
]
const hfGradio = "from hf_gradio.cli import app; app()"

const cases: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  "says its version, or helps": {
    "effect-gradio --version": [process.execPath, bin, "--version"],
    "effect-gradio --help": [process.execPath, bin, "--help"],
    "hf-gradio --help": script(hfGradio, "--help"),
    "gradio_client: its version": script("import gradio_client; print(gradio_client.__version__)")
  },
  "shows what an app can do": {
    "effect-gradio info APP": [process.execPath, bin, "info", server.url],
    "hf-gradio info APP": script(hfGradio, "info", server.url),
    "gradio_client: Client(APP).view_api()": script(
      `from gradio_client import Client; Client(${JSON.stringify(server.url)}, verbose=False).view_api()`
    )
  }
}

const run = (command: ReadonlyArray<string>): Start => {
  const begun = performance.now()
  // Of bash, which counts the time of a process. Some end with a fault of their interpreter after they have said all.
  const measured = 'TIMEFORMAT="%U %S"; { time said=$("$@" 2>&1); } 2>&1; [ -n "$said" ]'
  const times = execFileSync("bash", ["-c", measured, "bash", ...command], { env: { ...process.env, NO_COLOR: "1" } })
  const wall = performance.now() - begun
  const [user = 0, system = 0] = (times.toString().trim().split("\n").at(-1) ?? "").split(" ").map(Number)
  return { cpu: (user + system) * 1000, wall }
}

const shown = (values: ReadonlyArray<number>): string => {
  const sorted = [...values].sort((a, b) => a - b)
  const [least = 0, middle = 0, most = 0] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  return `${middle.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`
}
const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

try {
  console.log(
    `${rounds} rounds, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}; milliseconds: median (least–most)\n`
  )
  for (const [what, commands] of Object.entries(cases)) {
    const samples = new Map(Object.keys(commands).map((name): [string, Array<Start>] => [name, []]))
    // Once for the page cache.
    for (const command of Object.values(commands)) run(command)
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of Object.entries(commands)) samples.get(name)?.push(run(command))
    }
    const [first] = samples.values()
    const own = first?.map(({ cpu }) => cpu) ?? []
    console.log(`${what.padEnd(40)} ${"CPU".padStart(18)} ${"wall".padStart(18)}  CPU to ours`)
    for (const [name, starts] of samples) {
      const cpu = starts.map((one) => one.cpu)
      const wall = starts.map((one) => one.wall)
      const ratio = median(cpu) / median(own)
      console.log(`${name.padEnd(40)} ${shown(cpu).padStart(18)} ${shown(wall).padStart(18)}  ${ratio.toFixed(2)}`)
    }
    console.log("")
  }
} finally {
  await server.stop()
}
