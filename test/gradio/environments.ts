/**
 * Python environments with real Gradio versions, made once and kept outside the tree.
 *
 *     node test/gradio/environments.ts            makes all that are missing
 *     node test/gradio/environments.ts 6.31.0     makes one
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { gradioVersions, type GradioVersion } from "./versions.ts"

export { gradioVersions, type GradioVersion }

export interface Environment {
  readonly version: GradioVersion
  /** The folder of the virtual environment. */
  readonly directory: string
  /** Its interpreter. */
  readonly python: string
}

/** The requirement files are resolved for this one. */
const pythonVersion = "3.11"

const here = import.meta.dirname

/** Where environments, logs and the temporary files of servers live. */
export const cacheDirectory = (): string =>
  process.env["GRADIO_TEST_CACHE"] ??
  path.join(process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache"), "effect-gradio")

const requirementsOf = (version: GradioVersion): string => path.join(here, "requirements", `${version}.txt`)

const binary = (directory: string, name: string): string =>
  process.platform === "win32" ? path.join(directory, "Scripts", `${name}.exe`) : path.join(directory, "bin", name)

const exists = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false
  )

const progress = (line: string): void => {
  process.stderr.write(`gradio environments: ${line}\n`)
}

/** Runs a command to its end; fails with the last of its output. */
const run = (command: string, args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-8000)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", reject)
    child.on("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`))
    )
  })

const works = (command: string, args: ReadonlyArray<string>): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false
  )

/** Whether a process runs. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/**
 * Runs `body` while no other process does. The lock is a file with the holder's process id; one whose holder is gone is
 * taken over. Two that take it over in the same instant both run `body`, which is why what they make is moved into place
 * by a rename: the lock saves work, the rename keeps it right.
 */
const withLock = async <A>(file: string, body: () => Promise<A>): Promise<A> => {
  for (;;) {
    try {
      await fs.writeFile(file, String(process.pid), { flag: "wx" })
      break
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    }
    const holder = Number(await fs.readFile(file, "utf8").catch(() => ""))
    // An empty file is one whose holder is just writing its id; it counts as dead only when it stays so.
    const age = await fs.stat(file).then(
      (stat) => Date.now() - stat.mtimeMs,
      () => 0
    )
    if (holder > 0 ? !isAlive(holder) : age > 2000) await fs.rm(file, { force: true })
    else await sleep(200)
  }
  try {
    return await body()
  } finally {
    await fs.rm(file, { force: true })
  }
}

/** Half-made directories of processes that were killed. */
const removeAbandoned = async (directory: string): Promise<void> => {
  const prefix = `${path.basename(directory)}.half-`
  for (const name of await fs.readdir(path.dirname(directory))) {
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))) {
      await fs.rm(path.join(path.dirname(directory), name), { recursive: true, force: true })
    }
  }
}

/**
 * A directory that is there in full or not at all: made under another name, then moved. Nothing in it may depend on its
 * own path; an interpreter in a virtual environment does not, its console scripts do (and are not used).
 */
export const madeOnce = async (directory: string, make: (temporary: string) => Promise<void>): Promise<void> => {
  if (await exists(directory)) return
  await fs.mkdir(path.dirname(directory), { recursive: true })
  await withLock(`${directory}.lock`, async () => {
    if (await exists(directory)) return
    await removeAbandoned(directory)
    const temporary = await fs.mkdtemp(`${directory}.half-${process.pid}-`)
    try {
      await make(temporary)
      await fs.rename(temporary, directory)
    } catch (error) {
      await fs.rm(temporary, { recursive: true, force: true })
      if (!(await exists(directory))) throw error
    }
  })
}

const systemPython = async (): Promise<string> => {
  for (const name of [process.env["GRADIO_TEST_PYTHON"], `python${pythonVersion}`, "python3", "python"]) {
    if (name !== undefined && (await works(name, ["--version"]))) return name
  }
  throw new Error("No Python found: install Python 3.11, or name one in GRADIO_TEST_PYTHON.")
}

/** `uv` from the path, or one of our own; `undefined` where neither works, and pip has to do. */
const findUv = async (): Promise<string | undefined> => {
  if (await works("uv", ["--version"])) return "uv"
  const directory = path.join(cacheDirectory(), "uv")
  const uv = binary(directory, "uv")
  try {
    await madeOnce(directory, async (temporary) => {
      progress("installing uv")
      await run(await systemPython(), ["-m", "venv", temporary])
      await run(binary(temporary, "python"), ["-m", "pip", "install", "--quiet", "uv"])
    })
    return (await works(uv, ["--version"])) ? uv : undefined
  } catch (error) {
    progress(`no uv, pip takes its place (${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)})`)
    return undefined
  }
}

/** Makes the environment of a version unless it is there. Safe to call from several processes at once. */
export const prepareEnvironment = async (version: GradioVersion): Promise<Environment> => {
  const requirements = requirementsOf(version)
  const hash = createHash("sha256")
    .update(`${pythonVersion} ${process.platform} ${process.arch}\n`)
    .update(await fs.readFile(requirements))
    .digest("hex")
    .slice(0, 12)
  const directory = path.join(cacheDirectory(), "environments", `${version}-${hash}`)
  await madeOnce(directory, async (temporary) => {
    const started = Date.now()
    progress(`making ${version}`)
    const uv = await findUv()
    const python = binary(temporary, "python")
    if (uv === undefined) {
      await run(await systemPython(), ["-m", "venv", temporary])
      await run(python, ["-m", "pip", "install", "--quiet", "--requirement", requirements])
    } else {
      await run(uv, [
        "venv",
        "--quiet",
        "--allow-existing",
        "--python",
        process.env["GRADIO_TEST_PYTHON"] ?? pythonVersion,
        temporary
      ])
      await run(uv, ["pip", "install", "--quiet", "--python", python, "--requirement", requirements])
    }
    // Compiles what every start needs, so that the first server is not slower than the rest.
    await run(python, ["-c", "import gradio"])
    progress(`made ${version} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  })
  return { version, directory, python: binary(directory, "python") }
}

const isGradioVersion = (text: string): text is GradioVersion => gradioVersions.some((version) => version === text)

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const asked = process.argv.slice(2)
  for (const version of asked.length === 0 ? gradioVersions : asked) {
    if (!isGradioVersion(version))
      throw new Error(`No requirements for ${version}; there are ${gradioVersions.join(", ")}.`)
    const environment = await prepareEnvironment(version)
    progress(`${version} is ready in ${environment.directory}`)
  }
}
