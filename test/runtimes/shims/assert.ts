/** What the cases use of `node:assert/strict`, for browsers. */
import { Equal } from "effect"

export const deepStrictEqual = (actual: unknown, expected: unknown): void => {
  if (Equal.equals(actual, expected)) return
  throw new Error(`not the same:\n${JSON.stringify(actual, null, 1)}\nexpected:\n${JSON.stringify(expected, null, 1)}`)
}

export const ok = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(what)
}
