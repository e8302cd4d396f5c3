/** One table: conformance case × server. */
import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, it } from "vitest"

import { prepareEnvironment } from "../gradio/environments.ts"
import { always, type Case, type Column, isStandin, versionOf } from "./Case.ts"
import { groups } from "./cases.ts"
import { type Outcome, runColumn, table } from "./matrix.ts"
import { start } from "./servers.ts"

const missing = await Promise.all(
  always.filter((column) => !isStandin(column)).map((column) => prepareEnvironment(versionOf(column)))
).then(
  () => undefined,
  (error: unknown) => (error instanceof Error ? error.message : String(error))
)
const present = always.filter((column) => missing === undefined || isStandin(column))
const cases = groups.flatMap((group) => group.cases)

if (missing !== undefined) {
  const line = "█".repeat(100)
  process.stderr.write(
    `\n${line}\n█  NO REAL GRADIO SERVER WAS TESTED: their Python 3.11 environments cannot be made.\n█  ${missing.split("\n").join("\n█  ")}\n${line}\n\n`
  )
}

const outcomes = new Map<Column, Map<Case, Outcome>>(present.map((column) => [column, new Map()]))
const cells = new Map<Column, Map<Case, Deferred.Deferred<Outcome, unknown>>>(
  present.map((column) => [column, new Map(cases.map((one) => [one, Deferred.makeUnsafe<Outcome, unknown>()]))])
)
const scope = Scope.makeUnsafe()

const run = (column: Column) =>
  Effect.gen(function* () {
    const servers = yield* Effect.provideService(start(column), Scope.Scope, scope)
    yield* runColumn(column, servers, cases, (one, outcome) =>
      Effect.sync(() => {
        outcomes.get(column)?.set(one, outcome)
        const cell = cells.get(column)?.get(one)
        if (cell !== undefined) Deferred.doneUnsafe(cell, Effect.succeed(outcome))
      })
    )
  }).pipe(
    Effect.scoped,
    // A server that does not start is the failure of each of its cells.
    Effect.onExit((exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) return
        for (const cell of cells.get(column)?.values() ?? []) Deferred.doneUnsafe(cell, Effect.failCause(exit.cause))
      })
    ),
    Effect.provide(NodeServices.layer)
  )

const started = Date.now()

beforeAll(() => {
  void Effect.runFork(Effect.forEach(present, (column) => Effect.exit(run(column)), { concurrency: 2 }))
})

afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  process.stdout.write(`\n${table(groups, present, outcomes)}\n\n${seconds} s for all servers\n`)
}, 60_000)

describe("real servers", () => {
  it.skipIf(missing !== undefined && process.env["CI"] === undefined)("are there", () => {
    if (missing !== undefined) throw new Error(`real Gradio servers cannot be started: ${missing}`)
  })
})

for (const column of present) {
  describe(column, () => {
    for (const { cases: own, concept } of groups) {
      describe(concept, () => {
        for (const one of own) {
          it(
            one.title,
            async () => {
              const cell = cells.get(column)?.get(one)
              if (cell === undefined) throw new Error("every case has a cell")
              const outcome = await Effect.runPromise(Deferred.await(cell))
              if (outcome._tag === "Fail") await Effect.runPromise(Effect.failCause(outcome.cause))
            },
            // The cells are filled while the tests wait for them, those of the last column at the end of all.
            600_000
          )
        }
      })
    }
  })
}
