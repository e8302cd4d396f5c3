/** JSON values of servers, which may be nested deeper than a stack of calls goes. */
import { isRecord } from "../record.ts"

/** Deeper than any server writes (the writer of Gradio 4.24 and later stops at 254), and shallow enough for every walk through a value. */
const maxDepth = 1000

/** Whether the containers of a JSON text are nested deeper than that; one pass, without looking into its strings. */
const isTooDeep = (text: string): boolean => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true
    } else if (code === 0x5d || code === 0x7d) depth--
    else if (code === 0x22) at = endOfString(text, at + 1)
  }
  return false
}

/** The position of the quote that ends a string, or the length of the text where none does. */
const endOfString = (text: string, from: number): number => {
  let start = from
  while (true) {
    const quote = text.indexOf('"', start)
    if (quote === -1) return text.length
    let before = quote - 1
    while (before >= start && text.charCodeAt(before) === 0x5c) before--
    if ((quote - before) % 2 === 1) return quote
    start = quote + 1
  }
}

/**
 * Reads JSON. Throws where it is none, or is nested too deeply: a parser takes a hundred bytes for each bracket that opens, so that a small text
 * fills the memory, and no value of that depth can be compared or shown.
 */
export const parse = (text: string): unknown => {
  if (text.length > maxDepth && isTooDeep(text)) throw new SyntaxError(`nested deeper than ${maxDepth} levels`)
  try {
    return JSON.parse(text)
  } catch (error) {
    const finite = withoutNonFinite(text)
    if (finite === text) throw error
    return JSON.parse(finite)
  }
}

const notFinite = ["-Infinity", "Infinity", "NaN"]

/** Python writes numbers that are not finite bare (before Gradio 4.24); later servers write null for them, and so it is read. */
const withoutNonFinite = (text: string): string => {
  let finite = ""
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = endOfString(text, at + 1)
    else if (code === 0x2d || code === 0x49 || code === 0x4e) {
      const word = notFinite.find((one) => text.startsWith(one, at))
      if (word === undefined) continue
      finite += `${text.slice(from, at)}null`
      from = at + word.length
      at = from - 1
    }
  }
  return finite + text.slice(from)
}

/** A value as text for a message: its beginning, or what it is where it cannot be written. */
export const excerpt = (value: unknown, length = 1000): string => {
  try {
    return (JSON.stringify(value) ?? "").slice(0, length)
  } catch {
    return "(a value that is nested too deeply to be shown)"
  }
}

type JsonObject = Readonly<Record<string, unknown>>

/** Whether two JSON values are the same. What lies deeper than `depth` levels counts as different, and different objects as the same where `alike` says so. */
export const same = (
  a: unknown,
  b: unknown,
  depth = 500,
  alike: (a: JsonObject, b: JsonObject, depth: number) => boolean = () => false
): boolean => {
  if (Object.is(a, b)) return true
  if (depth === 0 || typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index], depth - 1, alike))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return (
    (keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key], depth - 1, alike))) ||
    alike(a, b, depth)
  )
}
