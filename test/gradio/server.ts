/**
 * Real Gradio servers: `app.py` under one of the versions of `environments.ts`.
 *
 *     node test/gradio/server.ts 6.31.0 [switches of app.py]     runs one until Ctrl-C
 */
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs/promises"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { cacheDirectory, type GradioVersion, gradioVersions, isAlive, prepareEnvironment } from "./environments.ts"
import { freePort } from "./ports.ts"

export interface ServerOptions {
  readonly version: GradioVersion
  /** Switches of `app.py`, without `--port`. */
  readonly args?: ReadonlyArray<string>
  /** Environment variables on top of the inherited ones. */
  readonly env?: Readonly<Record<string, string>>
  /** Another app than `app.py`, which takes `--port` and `--exit-with-stdin`. */
  readonly app?: string
  /** Where it listens: that of a server which ended. Default: a free one. */
  readonly port?: number
}

export interface Server {
  /** `http://127.0.0.1:<port>`, with the root path if one was given. */
  readonly url: string
  readonly version: GradioVersion
  readonly pid: number
  /** Where its output goes. */
  readonly log: string
  /** Ends it and removes its temporary files. */
  stop(): Promise<void>
  /** Sends it a signal (`SIGKILL` for a crash, `SIGSTOP` for a hang) and returns. */
  kill(signal: NodeJS.Signals): void
}

const startLimit = 180_000

const lastLines = async (file: string): Promise<string> => {
  const text = await fs.readFile(file, "utf8").catch(() => "(no output)")
  return text.split("\n").slice(-30).join("\n")
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** An app that wants a login answers `/config` with 401, and is up as well. */
const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/config`, { signal: AbortSignal.timeout(5000) }).then(
    async (response) => {
      await response.body?.cancel()
      return response.status === 200 || response.status === 401
    },
    () => false
  )

const showsItself = (url: string): Promise<boolean> =>
  fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false
  )

const waitForEnd = async (child: ChildProcess, limit: number): Promise<boolean> => {
  const deadline = Date.now() + limit
  while (!ended(child) && Date.now() < deadline) await sleep(25)
  return ended(child)
}

const rootPathOf = (args: ReadonlyArray<string>): string => {
  const at = args.indexOf("--root-path")
  return at < 0 ? "" : (args[at + 1] ?? "")
}

/**
 * Another process took the port between the probe and the server's own bind; or the machine was so busy that Gradio could not see itself, for which
 * it waits three seconds and then ends.
 */
const worthAnotherTry = /Cannot find empty port|When localhost is not accessible/

export const startServer = async (options: ServerOptions): Promise<Server> => {
  const environment = await prepareEnvironment(options.version)
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port ?? (await freePort()), environment.python, options)
    } catch (error) {
      if (attempt === 3 || !(error instanceof Error && worthAnotherTry.test(error.message))) throw error
    }
  }
}

/** What runs that crashed have left: their servers' folders, and logs older than a day. */
const removeAbandoned = async (work: string, logs: string): Promise<void> => {
  for (const name of await fs.readdir(work)) {
    if (!isAlive(Number.parseInt(name, 10))) await fs.rm(path.join(work, name), { recursive: true, force: true })
  }
  for (const name of await fs.readdir(logs)) {
    const log = path.join(logs, name)
    const stat = await fs.stat(log).catch(() => undefined)
    if (stat !== undefined && Date.now() - stat.mtimeMs > 86_400_000) await fs.rm(log, { force: true })
  }
}

const startOn = async (port: number, python: string, options: ServerOptions): Promise<Server> => {
  const args = options.args ?? []
  const logs = path.join(cacheDirectory(), "logs")
  // 3 serves no file below a folder whose name begins with a dot.
  const base = options.version.startsWith("3.") ? path.join(os.tmpdir(), "effect-gradio") : cacheDirectory()
  const work = path.join(base, "servers")
  await Promise.all([fs.mkdir(logs, { recursive: true }), fs.mkdir(work, { recursive: true })])
  // A temporary folder of its own: uploads and outputs of one server are not seen by another, and go away with it.
  await removeAbandoned(work, logs)
  const temporary = await fs.mkdtemp(path.join(work, `${process.pid}-${options.version}-`))
  const log = path.join(logs, `${path.basename(temporary)}.log`)
  const output = await fs.open(log, "w")
  const child = spawn(
    python,
    [
      "-u",
      options.app ?? path.join(import.meta.dirname, "app.py"),
      "--port",
      String(port),
      "--exit-with-stdin",
      ...args
    ],
    {
      // The server reads stdin to its end, which comes however this process ends: no orphan after a crash.
      stdio: ["pipe", output.fd, output.fd],
      cwd: temporary,
      env: {
        ...process.env,
        GRADIO_ANALYTICS_ENABLED: "False",
        GRADIO_SSR_MODE: "False",
        GRADIO_TEMP_DIR: path.join(temporary, "gradio"),
        TMPDIR: temporary,
        MPLCONFIGDIR: path.join(cacheDirectory(), "matplotlib"),
        HF_HUB_OFFLINE: "1",
        // The app's folder is part of the tree.
        PYTHONDONTWRITEBYTECODE: "1",
        // Gradio looks at its own address when it starts.
        NO_PROXY: "127.0.0.1,localhost",
        no_proxy: "127.0.0.1,localhost",
        ...options.env
      }
    }
  )
  await output.close()
  let spawnError: Error | undefined
  child.on("error", (error) => {
    spawnError = error
  })
  // Writing is never done; a broken pipe of a server that was killed is no failure of the tests.
  child.stdin?.on("error", () => {})
  // A test run that forgets a server still ends: neither the child nor its pipe holds the event loop.
  child.unref()
  if (child.stdin instanceof net.Socket) child.stdin.unref()

  const stop = async (): Promise<void> => {
    if (!ended(child) && child.pid !== undefined) {
      child.kill("SIGTERM")
      if (!(await waitForEnd(child, 3000))) {
        child.kill("SIGKILL")
        await waitForEnd(child, 5000)
      }
    }
    await fs.rm(temporary, { recursive: true, force: true, maxRetries: 3 })
  }

  const address = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startLimit
  for (;;) {
    // It answers before it has looked at itself, which it does by the same request as this.
    if ((await answers(address)) && (await showsItself(address)) && !ended(child)) break
    const reason =
      spawnError !== undefined
        ? `could not be started (${spawnError.message})`
        : ended(child)
          ? `ended with ${child.exitCode ?? child.signalCode}`
          : Date.now() > deadline
            ? `did not answer within ${startLimit / 1000} s`
            : undefined
    if (reason !== undefined) {
      await stop()
      throw new Error(`Gradio ${options.version} ${reason}. The end of ${log}:\n${await lastLines(log)}`)
    }
    await sleep(100)
  }
  if (child.pid === undefined) throw new Error("a server that answers has a process id")
  return {
    url: address + rootPathOf(args),
    version: options.version,
    pid: child.pid,
    log,
    stop,
    kill: (signal) => {
      child.kill(signal)
    }
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const asked = process.argv[2] ?? gradioVersions[gradioVersions.length - 1]
  const version = gradioVersions.find((known) => known === asked)
  if (version === undefined) throw new Error(`No environment for ${asked}; there are ${gradioVersions.join(", ")}.`)
  const server = await startServer({ version, args: process.argv.slice(3) })
  process.stdout.write(`Gradio ${version} at ${server.url}, output in ${server.log}\n`)
  const end = (): void => {
    void server.stop().then(() => process.exit(0))
  }
  process.on("SIGINT", end)
  process.on("SIGTERM", end)
  // Keeps this process; the server does not.
  setInterval(() => {}, 1 << 30)
}
