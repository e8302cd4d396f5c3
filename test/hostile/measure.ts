/** Peak memory of this process since a moment, and what a hostile server may have left behind in it. */
import { readFileSync, writeFileSync, readdirSync } from "node:fs"
import { join, relative, sep } from "node:path"

const fromStatus = (field: string): number | undefined => {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]
    return found === undefined ? undefined : Number(found) / 1024
  } catch {
    return undefined
  }
}

/** Starts to watch; what it gives tells the peak since then, above what there was, in MiB. */
export const watchMemory = (): (() => number) => {
  globalThis.gc?.()
  try {
    // Sets the peak that the kernel keeps back to what is in use.
    writeFileSync("/proc/self/clear_refs", "5")
  } catch {
    // Elsewhere the peak of the whole life of the process counts, which is no smaller.
  }
  const before = process.memoryUsage.rss() / 2 ** 20
  return () => {
    const peak = fromStatus("VmHWM") ?? process.resourceUsage().maxRSS / 1024
    return Math.max(0, Math.round(peak - before))
  }
}

const prototypes: ReadonlyArray<readonly [string, object]> = [
  ["Object", Object.prototype],
  ["Array", Array.prototype],
  ["String", String.prototype],
  ["Function", Function.prototype]
]

const names = (): ReadonlyArray<string> =>
  prototypes.flatMap(([of, prototype]) => Reflect.ownKeys(prototype).map((key) => `${of}.${String(key)}`))

const before = new Set(names())

/** What was added to the prototypes since this module was loaded. */
export const polluted = (): ReadonlyArray<string> => names().filter((name) => !before.has(name))

/** Files below `root` that are not below `meant`. */
export const escapedFrom = (root: string, meant: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => relative(meant, path).startsWith(`..${sep}`))
