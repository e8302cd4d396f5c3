/** JSON values of servers, which may be nested deeper than a stack of calls goes. */
import { isRecord } from "../record.ts"

/** A value as text for a message: its beginning, or what it is where it cannot be written. */
export const excerpt = (value: unknown, length = 1000): string => {
  try {
    return (JSON.stringify(value) ?? "").slice(0, length)
  } catch {
    return "(a value that is nested too deeply to be shown)"
  }
}

/** Whether two JSON values are the same. What lies deeper than `depth` levels counts as different. */
export const same = (a: unknown, b: unknown, depth = 500): boolean => {
  if (Object.is(a, b)) return true
  if (depth === 0 || typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index], depth - 1))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key], depth - 1))
  )
}
