/** The numbers as tables for people. */
import type { Case, Target } from "./cases.ts"
import { type ClientName, clients } from "./clients/client.ts"
import type { RowResult } from "./row.ts"

const MiB = 1024 * 1024

export interface Row {
  readonly client: ClientName
  /** Units in each sample. */
  readonly amount: number
  readonly outcome: RowResult | { readonly failure: string }
}

export interface CaseReport {
  readonly name: string
  readonly item: Case
  readonly rows: ReadonlyArray<Row>
}

interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

const spread = (values: ReadonlyArray<number>): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? Number.NaN
  return { median: (lower + upper) / 2, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

export interface Figures {
  readonly cpuMicros: Spread
  readonly wallMicros: Spread
  readonly peakMiB: number
  readonly overIdleMiB: number
}

/** CPU and wall time for each unit. */
export const figures = (row: Row): Figures | undefined => {
  if ("failure" in row.outcome) return undefined
  const { samples, idleBytes, peakBytes } = row.outcome
  return {
    cpuMicros: spread(samples.map((sample) => sample.cpuMicros / row.amount)),
    wallMicros: spread(samples.map((sample) => sample.wallMicros / row.amount)),
    peakMiB: peakBytes / MiB,
    overIdleMiB: (peakBytes - idleBytes) / MiB
  }
}

const figuresOf = (report: CaseReport, client: ClientName): Figures | undefined => {
  const row = report.rows.find((candidate) => candidate.client === client)
  return row === undefined ? undefined : figures(row)
}

const short = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)

/** Starts are read in milliseconds, all else in microseconds for each unit. */
const shownSpread = ({ median, least, most }: Spread, item: Case): string => {
  const scale = item.kind === "start" ? 1000 : 1
  return `${short(median / scale)} (${short(least / scale)}–${short(most / scale)})`
}

const ratio = (mine: Figures | undefined, other: Figures | undefined): number | undefined =>
  mine === undefined || other === undefined ? undefined : mine.cpuMicros.median / other.cpuMicros.median

const table = (lines: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

export interface TargetResult {
  readonly target: string
  readonly measured: number | undefined
  readonly isMet: boolean | undefined
}

const judge = (report: CaseReport, target: Target): TargetResult => {
  const mine = figuresOf(report, "effect")
  switch (target.kind) {
    case "cpu-over-floor": {
      const measured = ratio(mine, figuresOf(report, "floor"))
      const isMet = measured === undefined ? undefined : measured <= target.atMost
      return { target: `CPU at most ${target.atMost} × the floor's`, measured, isMet }
    }
    case "cpu-under-gradio": {
      const measured = ratio(figuresOf(report, "gradio"), mine)
      const isMet = measured === undefined ? undefined : measured >= target.atLeast
      return { target: `CPU at least ${target.atLeast} × less than @gradio/client's`, measured, isMet }
    }
    case "memory-over-idle": {
      const measured = mine?.overIdleMiB
      const isMet = measured === undefined ? undefined : measured <= target.atMostMiB
      return { target: `peak memory within ${target.atMostMiB} MiB over the idle process`, measured, isMet }
    }
  }
}

export const judged = (report: CaseReport): ReadonlyArray<TargetResult> =>
  report.item.targets.map((target) => judge(report, target))

export const shownReport = (report: CaseReport): string => {
  const { item } = report
  const floor = figuresOf(report, "floor")
  const gradio = figuresOf(report, "gradio")
  const shownRatio = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(2))
  const unit = item.kind === "start" ? "ms" : `µs/${item.unit}`
  const lines = report.rows.map((row) => {
    const mine = figures(row)
    const { title } = clients[row.client]
    if (mine === undefined) return [title, "failed", "", "", "", "", ""]
    return [
      title,
      shownSpread(mine.cpuMicros, item),
      shownSpread(mine.wallMicros, item),
      mine.peakMiB.toFixed(0),
      mine.overIdleMiB.toFixed(0),
      shownRatio(ratio(mine, floor)),
      shownRatio(ratio(mine, gradio))
    ]
  })
  const { amount = 1 } = report.rows[0] ?? {}
  const heading = item.kind === "start" ? item.title : `${item.title}; one repetition: ${amount} × ${item.unit}`
  const header = ["", `CPU ${unit}`, `wall ${unit}`, "peak MiB", "over idle", "CPU ÷ floor", "CPU ÷ @gradio/client"]
  const failures = report.rows.flatMap((row) =>
    "failure" in row.outcome ? [`  ${clients[row.client].title} failed: ${row.outcome.failure.slice(0, 2000)}`] : []
  )
  const targets = judged(report).map(({ target, measured, isMet }) =>
    isMet === undefined
      ? `  target: ${target}: not measured`
      : `  target: ${target}: ${shownRatio(measured)}, ${isMet ? "met" : "MISSED"}`
  )
  return [`[${report.name}] ${heading}`, table([header, ...lines]), ...failures, ...targets].join("\n")
}
