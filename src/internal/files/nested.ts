/**
 * Walks through values that came from a server or a caller: arrays and plain objects, as deep as JSON of real apps goes. Deeper ones are
 * refused, so that no stack of calls overflows on a hostile answer.
 */
import { isRecord, setUnsafe } from "../record.ts"

/** The deepest nesting that is read or sent. Gradio's own writer of JSON stops at 254. */
export const maxDepth = 500

/** What a walk found out of place: its path, as `[0].name`, and what is wrong. */
export interface Misfit {
  readonly path: string
  readonly problem: string
}

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Every part of a value that is meant, in order; what is below such a part, or too deep, is not looked at. */
export const nested = <A>(value: unknown, isMeant: (u: unknown) => u is A): ReadonlyArray<A> => {
  const found: Array<A> = []
  const walk = (one: unknown, depth: number): void => {
    if (isMeant(one)) found.push(one)
    else if (depth > maxDepth) return
    else if (Array.isArray(one)) for (const item of one) walk(item, depth + 1)
    else if (isPlain(one)) for (const key of Object.keys(one)) walk(one[key], depth + 1)
  }
  walk(value, 0)
  return found
}

/**
 * The value with some of its parts replaced; the rest is shared with the original, which is not changed. `replace` gives the part for those it
 * knows, and `undefined` for all others. Fails where the nesting is too deep.
 */
export const replaced = (value: unknown, replace: (part: unknown) => unknown): unknown => {
  const walk = (one: unknown, depth: number): unknown => {
    if (typeof one !== "object" || one === null) return one
    const replacement = replace(one)
    if (replacement !== undefined) return replacement
    if (depth > maxDepth) throw new TooDeep()
    if (Array.isArray(one)) {
      let changed = false
      const items = one.map((item: unknown) => {
        const next = walk(item, depth + 1)
        changed ||= next !== item
        return next
      })
      return changed ? items : one
    }
    if (!isPlain(one)) return one
    let copy: Record<string, unknown> | undefined
    for (const key of Object.keys(one)) {
      const next = walk(one[key], depth + 1)
      if (next === one[key]) continue
      copy ??= { ...one }
      setUnsafe(copy, key, next)
    }
    return copy ?? one
  }
  return walk(value, 0)
}

/** Thrown by `replaced`, caught by its callers. */
export class TooDeep extends Error {
  override readonly message = `nested deeper than ${maxDepth} levels`
}

/** What cannot be sent as JSON without a loss, each with its path; `isSendable` names parts that are taken care of elsewhere. */
export const misfits = (value: unknown, isSendable: (part: unknown) => boolean): ReadonlyArray<Misfit> => {
  const found: Array<Misfit> = []
  const refuse = (path: string, problem: string) => found.push({ path, problem })
  const around = new Set<object>()
  const walk = (one: unknown, path: string, depth: number): void => {
    switch (typeof one) {
      case "bigint":
        return void refuse(path, "a bigint cannot be sent as JSON; give a number or a string")
      case "function":
      case "symbol":
        return void refuse(path, `a ${typeof one} cannot be sent`)
      case "number":
        if (!Number.isFinite(one)) refuse(path, `${one} cannot be sent as JSON`)
        return
      case "object":
        break
      default:
        return
    }
    if (one === null || isSendable(one)) return
    if (depth > maxDepth) return void refuse(path.slice(0, 60) + "…", `nested deeper than ${maxDepth} levels`)
    if (around.has(one)) return void refuse(path, "contains itself: a cycle cannot be sent as JSON")
    if (one instanceof Map || one instanceof Set) {
      return void refuse(
        path,
        `a ${one instanceof Map ? "Map" : "Set"} cannot be sent as JSON; give an object or an array`
      )
    }
    around.add(one)
    if (Array.isArray(one)) one.forEach((item, index) => walk(item, `${path}[${index}]`, depth + 1))
    else if (isPlain(one)) for (const key of Object.keys(one)) walk(one[key], `${path}.${key}`, depth + 1)
    around.delete(one)
  }
  walk(value, "", 0)
  return found
}
