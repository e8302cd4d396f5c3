/** Runs cases against servers, and prints what became of each. */
import { Cause, Clock, Effect, Exit, type FileSystem, Layer, type Path, Random } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient } from "../../src/index.ts"
import { type Case, type Column, explanation, type Group, isStandin, sinceIn, versionOf, type World } from "./Case.ts"
import type { Address, Servers } from "./servers.ts"

/** What became of a case on a server. */
export type Outcome =
  | { readonly _tag: "Pass"; readonly millis: number }
  | { readonly _tag: "Explained"; readonly reason: string }
  | { readonly _tag: "Fail"; readonly cause: Cause.Cause<unknown> }

/** No case takes a tenth of this on an idle machine. */
const limit = "120 seconds"

/** As a program provides what it connects with. */
const provided =
  ({ http, sockets = Layer.empty }: Address) =>
  <A, E, R>(connecting: Effect.Effect<A, E, R>) =>
    connecting.pipe(Effect.provideService(HttpClient.HttpClient, http), Effect.provide(sockets))

const worldOf = Effect.fnUntraced(function* (column: Column, address: Address, base: GradioClient.GradioClient) {
  const { url } = address
  const world: World = {
    version: versionOf(column),
    since: sinceIn(column),
    isStandin: isStandin(column),
    url,
    app: yield* base.withSession(),
    connect: ({ at = "", ...options } = {}) => provided(address)(GradioClient.connect(`${url}${at}`, options)),
    tag: `t${(yield* Random.nextIntBetween(0, 2 ** 32)).toString(36)}`
  }
  return world
})

/** Runs one case in a scope of its own. */
export const runCase = (
  one: Case,
  column: Column,
  address: Address,
  base: GradioClient.GradioClient,
  patience: typeof limit | "10 seconds" = limit
): Effect.Effect<Outcome, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const reason = explanation(one, column)
    if (reason !== undefined) {
      const shown =
        address.probe === undefined
          ? Exit.void
          : yield* address.probe(reason).pipe(Effect.timeout(patience), provided(address), Effect.exit)
      const explained: Outcome = Exit.isSuccess(shown)
        ? { _tag: "Explained", reason }
        : { _tag: "Fail", cause: shown.cause }
      return explained
    }
    const since = yield* Clock.currentTimeMillis
    const exit = yield* Effect.gen(function* () {
      yield* one.run(yield* worldOf(column, address, base))
    }).pipe(Effect.scoped, Effect.timeout(patience), provided(address), Effect.exit)
    const outcome: Outcome = Exit.isSuccess(exit)
      ? { _tag: "Pass", millis: (yield* Clock.currentTimeMillis) - since }
      : { _tag: "Fail", cause: exit.cause }
    return outcome
  })

/** Connects once for all cases of a server. */
export const connectTo = (address: Address) => provided(address)(GradioClient.connect(address.url))

/** How many cases run side by side where nothing but their own values is looked at. */
const fourTogether = 4

/** Runs the cases on the servers of a column; each outcome is told as it comes. */
export const runColumn = Effect.fnUntraced(function* (
  column: Column,
  servers: Servers,
  cases: ReadonlyArray<Case>,
  tell: (one: Case, outcome: Outcome) => Effect.Effect<void>,
  together = fourTogether
) {
  const bases = { plain: yield* connectTo(servers.plain), strict: yield* connectTo(servers.strict) }
  const run = (one: Case) => {
    const which = one.onStrictServer === true ? "strict" : "plain"
    return Effect.flatMap(runCase(one, column, servers[which], bases[which]), (outcome) => tell(one, outcome))
  }
  const isAlone = (one: Case) => one.alone === true || one.onStrictServer === true
  yield* Effect.forEach(
    cases.filter((one) => !isAlone(one)),
    run,
    { concurrency: together, discard: true }
  )
  yield* Effect.forEach(cases.filter(isAlone), run, { discard: true })
})

const mark = (outcome: Outcome | undefined): string =>
  outcome === undefined
    ? "not run"
    : outcome._tag === "Pass"
      ? "pass"
      : outcome._tag === "Explained"
        ? "explained"
        : "FAIL"

/** The outcomes of all columns. */
export type Outcomes = ReadonlyMap<Column, ReadonlyMap<Case, Outcome>>

/** Conformance case × server. */
export const table = (groups: ReadonlyArray<Group>, columns: ReadonlyArray<Column>, outcomes: Outcomes): string => {
  const cell = (one: Case, column: Column) => mark(outcomes.get(column)?.get(one))
  const titles = groups.flatMap((group) => group.cases.map((one) => one.title.length + 2))
  const width = Math.max(...titles)
  const widths = columns.map((column) => Math.max(column.length, "explained".length))
  const row = (title: string, cells: ReadonlyArray<string>) =>
    `${title.padEnd(width)} │ ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" │ ")}`.trimEnd()
  const lines = [row("conformance case", columns), "─".repeat(width + 3 + widths.reduce((sum, n) => sum + n + 3, 0))]
  for (const { cases, concept } of groups) {
    lines.push(concept)
    for (const one of cases) {
      lines.push(
        row(
          `  ${one.title}`,
          columns.map((column) => cell(one, column))
        )
      )
    }
  }
  const all = groups.flatMap((group) => group.cases)
  const count = (column: Column, text: string) => all.filter((one) => cell(one, column) === text).length
  lines.push("", ...reasons(all, columns, outcomes), "", row("in all", columns))
  for (const text of ["pass", "explained", "FAIL", "not run"]) {
    lines.push(
      row(
        text,
        columns.map((column) => String(count(column, text)))
      )
    )
  }
  return [...lines, ...failures(all, columns, outcomes)].join("\n")
}

/** Each reason once, with how many cells of which columns it explains. */
const reasons = (all: ReadonlyArray<Case>, columns: ReadonlyArray<Column>, outcomes: Outcomes): Array<string> => {
  const cells = new Map<string, Map<Column, number>>()
  for (const column of columns) {
    for (const one of all) {
      const outcome = outcomes.get(column)?.get(one)
      if (outcome?._tag !== "Explained") continue
      const where = cells.get(outcome.reason) ?? new Map<Column, number>()
      cells.set(outcome.reason, where.set(column, (where.get(column) ?? 0) + 1))
    }
  }
  return [
    "explained by, with the number of cases",
    ...[...cells].map(
      ([reason, where]) => `  ${reason}: ${[...where].map(([column, count]) => `${column} ${count}`).join(", ")}`
    )
  ]
}

/** Each failed cell with the first lines of its cause. */
const failures = (all: ReadonlyArray<Case>, columns: ReadonlyArray<Column>, outcomes: Outcomes): Array<string> =>
  columns.flatMap((column) =>
    all.flatMap((one) => {
      const outcome = outcomes.get(column)?.get(one)
      if (outcome?._tag !== "Fail") return []
      return [`FAIL on ${column}: ${one.title}`, ...Cause.pretty(outcome.cause).split("\n").slice(0, 12)]
    })
  )
