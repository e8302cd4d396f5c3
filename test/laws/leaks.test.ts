/** Law 5: no call leaves a fiber, listener, socket or growing memory behind. */
import { execFile } from "node:child_process"
import * as path from "node:path"
import { promisify } from "node:util"

import { assert, describe, it } from "@effect/vitest"

const calls = 10_000

interface Measured {
  readonly early: number
  readonly late: number
  readonly whileOpen: number
  readonly warnings: ReadonlyArray<string>
  readonly rest: { readonly open: number; readonly running: number; readonly waiting: number }
  readonly after: { readonly open: number; readonly running: number; readonly waiting: number }
}

/** The process must end by itself: a timer, socket or listener that was left behind would hold it until the time is up. */
const measure = async (kind: string): Promise<Measured> => {
  const child = path.join(import.meta.dirname, "leaks.child.ts")
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", child, kind, String(calls)], {
    timeout: 110_000
  })
  process.stdout.write(`law: nothing is left behind (${kind}): ${calls} calls ${stdout}\n`)
  const measured: Measured = JSON.parse(stdout)
  return measured
}

describe("10,000 calls of every kind", () => {
  it.each(["memory", "socket"])("leave nothing behind: %s", { timeout: 120_000 }, async (kind) => {
    const { after, early, late, rest, warnings, whileOpen } = await measure(kind)
    const none = { open: 0, running: 0, waiting: 0 }
    const only = ({ open, running, waiting }: Measured["rest"]) => ({ open, running, waiting })
    assert.deepStrictEqual([only(rest), only(after)], [none, none])
    assert.deepStrictEqual(warnings, [])
    // A pool keeps what it needed at once, fifty calls and their streams.
    assert.isAtMost(whileOpen, 220)
    // A kilobyte for each of the 5,000 calls between would be 5 MB.
    assert.isBelow(late - early, 2_500_000)
  })
})
