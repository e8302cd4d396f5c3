/** Objects as JSON has them. Pure. */

/** An object of the wire. */
export type Fields = Readonly<Record<string, unknown>>

/** The same object without some of its fields. */
export const without = (fields: Fields, ...names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
