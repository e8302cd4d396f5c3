/** What a function keeps of earlier calls: whole results, as `gr.cache` does, and whatever it stores itself, as in a `gr.Cache`. */
import * as Effect from "effect/Effect"

import type { Row } from "./Endpoint.ts"

/** A place for values of a function's own, shared by all of its calls. A call that finds something there says so when it completes. */
export interface Cache {
  /** The value under a key, or `undefined`. */
  readonly get: (key: string) => Effect.Effect<unknown>
  readonly set: (key: string, value: unknown) => Effect.Effect<void>
}

/** What one function keeps. */
export interface Stored {
  /** The outputs of a call with this data, if there was one. */
  readonly outputs: (data: Row) => ReadonlyArray<Row> | undefined
  readonly keep: (data: Row, outputs: ReadonlyArray<Row>) => void
  /** The cache as one call sees it, and whether it found anything there. */
  readonly open: () => { readonly cache: Cache; readonly isUsed: () => boolean }
}

/** Nothing kept yet. */
export const make = (): Stored => {
  const results = new Map<string, ReadonlyArray<Row>>()
  const values = new Map<string, unknown>()
  return {
    outputs: (data) => results.get(JSON.stringify(data)),
    keep: (data, outputs) => void results.set(JSON.stringify(data), outputs),
    open: () => {
      let isUsed = false
      return {
        isUsed: () => isUsed,
        cache: {
          get: (key) =>
            Effect.sync(() => {
              isUsed ||= values.has(key)
              return values.get(key)
            }),
          set: (key, value) => Effect.sync(() => void values.set(key, value))
        }
      }
    }
  }
}
