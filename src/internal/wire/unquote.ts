/**
 * The text of a Python string literal. `gr.Error` sent its text as `repr` wrote it before Gradio 5.2: in single quotes, or in double ones where
 * it holds a single quote, with backslash escapes. A text that is no such literal stays as it is: other exceptions were never quoted.
 */
export const unquote = (text: string): string => {
  const quote = text.at(0)
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return text
  const inner = text.slice(1, -1)
  // An unescaped quote of its own kind inside, or an escaped one at the end, means that the quotes belong to the text.
  if (new RegExp(`(^|[^\\\\])(\\\\\\\\)*${quote}`).test(inner) || /(^|[^\\])(\\\\)*\\$/.test(inner)) return text
  return inner.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs,
    (whole: string, x?: string, u?: string, U?: string, one?: string) => {
      const hex = x ?? u ?? U
      if (hex === undefined) return one === undefined ? whole : (escapes.get(one) ?? whole)
      const code = Number.parseInt(hex, 16)
      return code > 0x10ffff ? whole : String.fromCodePoint(code)
    }
  )
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"']
])
