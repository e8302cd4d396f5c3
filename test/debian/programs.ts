/**
 * Programs of Debian packages that tests need: those of the machine, or else the packages with all that they depend on, downloaded once and unpacked
 * beside the Python environments. Nothing is installed, so no rights are needed and nothing is started.
 *
 *     node test/debian/programs.ts [nginx] [chromium]     makes what is missing
 */
import { execFile } from "node:child_process"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { promisify } from "node:util"

import { cacheDirectory, madeOnce } from "../gradio/environments.ts"

export type Program = "nginx" | "chromium"

/** A program that can be started, with the environment that it needs. */
export interface Executable {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

const execute = promisify(execFile)
const buffer = { maxBuffer: 1 << 24 }

const installed: Readonly<Record<Program, ReadonlyArray<string>>> = {
  nginx: ["/usr/sbin/nginx"],
  // The one in /usr/bin is a script around it.
  chromium: ["/usr/lib/chromium/chromium"]
}

const firstExisting = async (files: ReadonlyArray<string>): Promise<string | undefined> => {
  for (const file of files) {
    if (
      await fs.access(file, fs.constants.X_OK).then(
        () => true,
        () => false
      )
    )
      return file
  }
  return undefined
}

const progress = (line: string): void => {
  process.stderr.write(`test programs: ${line}\n`)
}

/** Lists of our own: those of the machine may be missing, or name files that the mirror has replaced. */
const unpack = async (program: Program, directory: string): Promise<void> => {
  const state = path.join(directory, "apt")
  const tree = path.join(directory, "root")
  await fs.mkdir(path.join(state, "lists", "partial"), { recursive: true })
  await fs.mkdir(path.join(state, "archives", "partial"), { recursive: true })
  const own = ["-q", "-o", `Dir::State::Lists=${state}/lists`, "-o", `Dir::Cache=${state}`, "-o", "APT::Sandbox::User="]
  await execute("apt-get", [...own, "update"], buffer)
  const planned = await execute(
    "apt-get",
    [...own, "--no-install-recommends", "--print-uris", "-qq", "install", program],
    buffer
  )
  // Each line: 'URI' name_version_arch.deb size hash
  const names = planned.stdout.split("\n").flatMap((line) => {
    const [, file] = line.split(" ")
    return file?.endsWith(".deb") === true ? [file.slice(0, file.indexOf("_"))] : []
  })
  await execute("apt-get", [...own, "download", ...names], { ...buffer, cwd: path.join(state, "archives") })
  for (const file of await fs.readdir(path.join(state, "archives"))) {
    if (file.endsWith(".deb")) await execute("dpkg-deb", ["-x", path.join(state, "archives", file), tree], buffer)
  }
  await fs.rm(state, { recursive: true, force: true })
}

/** Finds a program, or makes it. Safe to call from several processes at once. */
export const prepareProgram = async (program: Program): Promise<Executable> => {
  const there = await firstExisting(installed[program])
  if (there !== undefined) return { path: there, env: {} }
  const directory = path.join(cacheDirectory(), "debian", program)
  await madeOnce(directory, async (temporary) => {
    const started = Date.now()
    progress(`unpacking ${program}`)
    await unpack(program, temporary)
    progress(`unpacked ${program} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  })
  const tree = path.join(directory, "root")
  const found = await firstExisting(installed[program].map((file) => path.join(tree, file)))
  if (found === undefined) throw new Error(`no ${program} in ${tree}`)
  const triplet = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, `usr/lib/${triplet}/pulseaudio`].map((folder) =>
    path.join(tree, folder)
  )
  return { path: found, env: { LD_LIBRARY_PATH: libraries.join(":") } }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const asked = process.argv.slice(2)
  for (const program of ["nginx", "chromium"] as const) {
    if (asked.length > 0 && !asked.includes(program)) continue
    progress(`${program} is ready: ${(await prepareProgram(program)).path}`)
  }
}
