/** How Python writes a JSON value as text, for values that end up in a text although they are none. */

const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  return quote + text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replaceAll(quote, `\\${quote}`) + quote
}

const repr = (value: unknown): string => {
  if (typeof value === "string") return quoted(value)
  if (value === null || value === undefined) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, item]) => `${quoted(key)}: ${repr(item)}`)
      .join(", ")}}`
  }
  return String(value)
}

/** Python's `str` of a JSON value: a text as it is, everything else as its `repr`. */
export const pythonText = (value: unknown): string => (typeof value === "string" ? value : repr(value))
