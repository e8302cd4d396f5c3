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

/** JSON as Python's `json.dumps` writes it: in ASCII, and with blanks unless the separators say otherwise. */
export const pythonJson = (
  value: unknown,
  separators: { readonly item: string; readonly key: string } = { item: ", ", key: ": " }
): string => {
  const write = (one: unknown): string => {
    if (Array.isArray(one)) return `[${one.map(write).join(separators.item)}]`
    if (typeof one === "object" && one !== null) {
      return `{${Object.entries(one)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${write(key)}${separators.key}${write(item)}`)
        .join(separators.item)}}`
    }
    return JSON.stringify(one ?? null).replace(
      /[\u0080-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`
    )
  }
  return write(value)
}

/** The name of the Python type that a JSON value becomes. */
export const pythonType = (value: unknown): string => {
  if (typeof value === "string") return "str"
  if (value === null || value === undefined) return "NoneType"
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float"
  if (typeof value === "boolean") return "bool"
  return Array.isArray(value) ? "list" : "dict"
}

/** Python's `repr` of a JSON value. */
export const pythonRepr = (value: unknown): string => repr(value)

/** Python's `str` of a JSON value: a text as it is, everything else as its `repr`. */
export const pythonText = (value: unknown): string => (typeof value === "string" ? value : repr(value))
