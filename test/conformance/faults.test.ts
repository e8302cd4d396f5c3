/** Faults planted in the stand-in turn the suite red. */
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"

import type { Column } from "./Case.ts"
import { groups } from "./cases.ts"
import { faults, type Planted } from "./faults.ts"
import { connectTo, runCase } from "./matrix.ts"
import { inMemory } from "./servers.ts"

const cases = groups.flatMap((group) => group.cases)

const caught: Array<readonly [fault: string, by: ReadonlyArray<string>]> = []

/** The titles of the cases that failed, of those that should notice. A server that nobody can connect to is noticed by all. */
const noticed = ({ fault, noticedBy, version }: Planted) =>
  Effect.gen(function* () {
    const column: Column = version === undefined ? "stand-in, memory" : `stand-in ${version}`
    const address = yield* inMemory({ version }, [fault])
    const base = yield* Effect.result(connectTo(address))
    if (base._tag === "Failure") return noticedBy
    const relevant = cases.filter((one) => noticedBy.includes(one.title))
    const outcomes = yield* Effect.forEach(
      relevant,
      (one) =>
        Effect.map(runCase(one, column, address, base.success, "10 seconds"), (outcome) =>
          outcome._tag === "Fail" ? [one.title] : []
        ),
      // One after the other: what they notice must be the fault, and not each other.
      { concurrency: 1 }
    )
    return outcomes.flat()
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("faults planted in the stand-in", () => {
  it("are twenty at least, and name cases that there are", () => {
    expect(faults.length).toBeGreaterThanOrEqual(20)
    const titles = new Set(cases.map((one) => one.title))
    expect(faults.flatMap(({ noticedBy }) => noticedBy).filter((title) => !titles.has(title))).toEqual([])
  })

  it("are none: the same cases pass", async () => {
    const versions = new Set(faults.map(({ version }) => version))
    for (const version of versions) {
      const own = faults.filter((one) => one.version === version).flatMap(({ noticedBy }) => noticedBy)
      const healthy: Planted = {
        what: "none",
        ...(version === undefined ? {} : { version }),
        fault: {},
        noticedBy: [...new Set(own)]
      }
      expect([version, await Effect.runPromise(noticed(healthy))]).toEqual([version, []])
    }
  }, 240_000)

  for (const planted of faults) {
    it.concurrent(
      planted.what,
      async () => {
        const by = await Effect.runPromise(noticed(planted))
        caught.push([planted.what, by])
        expect(by.length, `noticed by ${by.join("; ")}`).toBeGreaterThan(0)
      },
      120_000
    )
  }

  afterAll(() => {
    const width = Math.max(...faults.map(({ what }) => what.length))
    const by = new Map(caught)
    const lines = faults.map(
      ({ what }) => `${what.padEnd(width)} │ ${(by.get(what) ?? []).join("; ") || "NOT NOTICED"}`
    )
    const count = faults.filter(({ what }) => (by.get(what) ?? []).length > 0).length
    process.stdout.write(
      `\nfault planted in the stand-in → case that notices\n${lines.join("\n")}\n${count} of ${faults.length} noticed\n`
    )
  })
})
