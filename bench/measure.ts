/** What one repetition took. */
import { readFileSync } from "node:fs"

export interface Sample {
  /** User and system time of the whole process, all threads. */
  readonly cpuMicros: number
  readonly wallMicros: number
}

export const measure = async (work: () => Promise<void>): Promise<Sample> => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const wallMicros = (performance.now() - start) * 1000
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMicros: user + system, wallMicros }
}

/**
 * The most memory this process ever had. On Linux `maxRSS` starts at what the parent had, because it outlives `exec`, so the
 * kernel's own mark for this process image is read where there is one.
 */
export const peakBytes = (): number => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}
