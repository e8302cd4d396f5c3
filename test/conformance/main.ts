/**
 * The conformance suite without a test runner, on all columns: the tests run those of `always` in Case.ts alone. What a real server is said to lack is
 * shown on it in the same run (probes.ts).
 *
 *     node test/conformance/main.ts [--column 6.31.0]… [--only text] [--at 6.31.0=http://127.0.0.1:7860]…
 *
 * `--at` takes a server that runs already for a column's plain one; cases for the strict server are then left out.
 */
import { parseArgs } from "node:util"

import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect } from "effect"

import { type Case, type Column, columns } from "./Case.ts"
import { groups } from "./cases.ts"
import { type Outcome, runColumn, table } from "./matrix.ts"
import { sockets, start, undici } from "./servers.ts"

const { values } = parseArgs({
  options: {
    column: { type: "string", multiple: true },
    only: { type: "string" },
    at: { type: "string", multiple: true }
  }
})

const asked = columns.filter((column) => values.column === undefined || values.column.includes(column))
const unknown = (values.column ?? []).filter((name) => !columns.some((column) => column === name))
if (unknown.length > 0) throw new Error(`There is no column ${unknown.join(", ")}; there are: ${columns.join("; ")}`)
const running = new Map(
  (values.at ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])
)
const wanted = groups
  .map((group) => ({
    ...group,
    cases: group.cases.filter((one) => `${group.concept} ${one.title}`.includes(values.only ?? ""))
  }))
  .filter((group) => group.cases.length > 0)

const serversOf = Effect.fnUntraced(function* (column: Column) {
  const url = running.get(column)
  if (url === undefined) return yield* start(column)
  const address = { url, http: yield* undici, sockets }
  return { plain: address, strict: address }
})

const main = Effect.gen(function* () {
  const outcomes = new Map<Column, Map<Case, Outcome>>(asked.map((column) => [column, new Map()]))
  yield* Effect.forEach(
    asked,
    (column) =>
      Effect.gen(function* () {
        const cases = wanted
          .flatMap((group) => group.cases)
          .filter((one) => !(running.has(column) && one.onStrictServer === true))
        yield* runColumn(column, yield* serversOf(column), cases, (one, outcome) =>
          Effect.gen(function* () {
            outcomes.get(column)?.set(one, outcome)
            if (outcome._tag === "Fail")
              yield* Console.log(`FAIL on ${column}: ${one.title}\n${Cause.pretty(outcome.cause)}\n`)
            if (outcome._tag === "Pass" && outcome.millis > 3000)
              yield* Console.log(`slow on ${column}: ${one.title} ${outcome.millis} ms`)
          })
        )
      }).pipe(Effect.scoped),
    { concurrency: "unbounded", discard: true }
  )
  yield* Console.log(table(wanted, asked, outcomes))
})

NodeRuntime.runMain(Effect.provide(main, NodeServices.layer))
