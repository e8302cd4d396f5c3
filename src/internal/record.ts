/**
 * Plain objects whose keys come from a server or a caller. `__proto__` and `constructor` are keys like any other here: reading looks at own
 * properties only, writing defines them, so no prototype is read or changed.
 */

/** A plain object or anything that can be read like one; arrays are not. */
export const isRecord = (u: unknown): u is Record<string, unknown> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** The value of an own property, `undefined` where there is none. */
export const get = <A>(record: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** Sets an own property of an object that the caller made; `record[key] = value` would change the prototype for `__proto__`. */
export const setUnsafe = (record: object, key: string, value: unknown): void => {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true })
}

/** A copy with one property set. Spreading defines the copied keys, so an own `__proto__` stays data. */
export const set = (
  record: Readonly<Record<string, unknown>>,
  key: string,
  value: unknown
): Record<string, unknown> => {
  const copy = { ...record }
  setUnsafe(copy, key, value)
  return copy
}

/** An object without a prototype, so that looking up a name that is not there never finds `toString` or `constructor`; the first of equal keys wins. */
export const fromEntries = <A>(entries: Iterable<readonly [string, A]>): Readonly<Record<string, A>> => {
  const record: Record<string, A> = Object.create(null)
  for (const [key, value] of entries) {
    if (!Object.hasOwn(record, key)) setUnsafe(record, key, value)
  }
  return record
}
