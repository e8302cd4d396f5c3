/** A function of the app with its number and the record of how long it takes, and the running of it, queued or not. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

import * as Cache from "./Cache.ts"
import type { Stored } from "./Cache.ts"
import type { Call } from "./Call.ts"
import type { Conversion } from "./Component.ts"
import type { Endpoint, Row } from "./Endpoint.ts"
import type { Fields } from "./fields.ts"
import * as Recode from "./recode.ts"
import type { Release } from "./Release.ts"

/** Sums of times, in seconds. */
export interface Timing {
  readonly add: (seconds: number) => void
  /** `null` before the first. */
  readonly average: () => number | null
}

/** Nothing added yet. */
export const makeTiming = (): Timing => {
  let sum = 0
  let count = 0
  return {
    add: (seconds) => {
      sum += seconds
      count++
    },
    average: () => (count === 0 ? null : sum / count)
  }
}

/** What a function gave, with the times that go with it on the wire. */
export interface Output {
  readonly rows: ReadonlyArray<Row>
  readonly duration: number
  readonly average: number | null
}

/** A function of the app. */
export interface AppFunction {
  readonly id: number
  readonly endpoint: Endpoint<unknown>
  /** Its concurrency group. */
  readonly groupId: string
  /** How long whole calls take; estimates are made of it. */
  readonly calls: Timing
  readonly stored: Stored
  /**
   * Runs it. Each output is handed to `emit` before the function goes on. The answer is the time since the last output, which for a
   * generator is that of the step that found its end.
   */
  readonly run: (
    rows: ReadonlyArray<Row>,
    call: Call,
    conversion: Conversion,
    emit: (output: Output) => Effect.Effect<void>
  ) => Effect.Effect<{ readonly duration: number; readonly average: number | null }, unknown>
}

/** The time in seconds, with fractions. */
export const seconds: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e9)

/** Runs the stream of an endpoint with what it needs. */
export type Runner = (
  rows: ReadonlyArray<Row>,
  call: Call,
  conversion: Conversion,
  emit: (rows: ReadonlyArray<Row>) => Effect.Effect<void, unknown>
) => Effect.Effect<void, unknown>

/** A function that has not run yet. */
export const make = (id: number, endpoint: Endpoint<unknown>, release: Release, runner: Runner): AppFunction => {
  const steps = makeTiming()
  const { inputs, outputs } = endpoint
  return {
    id,
    endpoint,
    groupId: endpoint.concurrencyId ?? `fn ${id}`,
    calls: makeTiming(),
    stored: Cache.make(),
    run: Effect.fnUntraced(function* (rows, call, conversion, emit) {
      let since = yield* seconds
      const step = Effect.fnUntraced(function* () {
        const now = yield* seconds
        const duration = now - since
        since = now
        steps.add(duration)
        return { duration, average: steps.average() }
      })
      let last = { duration: 0, average: steps.average() }
      yield* runner(
        yield* Effect.forEach(rows, (row) => Recode.fromWire(release, inputs, row, conversion)),
        call,
        conversion,
        Effect.fnUntraced(function* (produced) {
          last = yield* step()
          yield* emit({
            rows: yield* Effect.forEach(produced, (row) => Recode.toWire(release, outputs, row, conversion)),
            ...last
          })
        })
      )
      return endpoint.kind === "generator" ? yield* step() : last
    })
  }
}

/** How much of an output was stored before. */
export type UsedCache = "full" | "partial" | null

/** The `output` of a message, or the answer of a direct call. */
export const toWire = (
  release: Release,
  data: unknown,
  isGenerating: boolean | null,
  times: Omit<Output, "rows">,
  usedCache: UsedCache = null,
  rendered: Fields | null = null
) =>
  release.output({
    data,
    is_generating: isGenerating,
    duration: times.duration,
    average_duration: times.average,
    render_config: rendered,
    changed_state_ids: [],
    used_cache: usedCache
  })

/** A copy as it would arrive: functions may go on changing what they gave. */
export const snapshot = (row: Row): Row => {
  const copy: unknown = JSON.parse(JSON.stringify(row))
  return Array.isArray(copy) ? copy : []
}
