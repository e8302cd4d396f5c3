/**
 * TypeScript as data and as text. The text is laid out as oxfmt and Prettier would with 120 columns, no semicolons and no trailing commas, so that a formatter in
 * a project that has these settings finds nothing to do.
 */

import { isIdentifier } from "./identifiers.ts"
import { width } from "./width.ts"

/** An expression. Texts are names and literals, which stay on one line. */
export type Code = string | Call | List | Fields

/** `callee(…)`. */
export interface Call {
  readonly callee: string
  readonly args: ReadonlyArray<Code>
}

/** `[…]`. */
export interface List {
  readonly items: ReadonlyArray<Code>
}

/** `{ … }`. */
export interface Fields {
  readonly fields: ReadonlyArray<Field>
  /** On lines of its own, however short it is. */
  readonly isOpen: boolean
}

/** `key: value`, or `name` alone. */
export interface Field {
  readonly key: string
  /** Default: the key. */
  readonly value?: Code | undefined
  /** Lines of its comment; empty for none. */
  readonly doc?: ReadonlyArray<string> | undefined
}

/** The call of a function. */
export const call = (callee: string, ...args: ReadonlyArray<Code>): Call => ({ callee, args })

/** A list. */
export const list = (items: ReadonlyArray<Code>): List => ({ items })

/** An object, on one line where it fits there. */
export const fields = (all: ReadonlyArray<Field>): Fields => ({ fields: all, isOpen: false })

/** An object on lines of its own. */
export const openFields = (all: ReadonlyArray<Field>): Fields => ({ fields: all, isOpen: true })

const columns = 120
// Line ends of JavaScript, and characters that show a text in another order than it is read.
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/gu
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** JSON on one line that stays one in a comment. */
export const json = (value: unknown): string => JSON.stringify(value).replace(hidden, escaped)

/** A text as a literal, in the quotes that need fewer escapes. */
export const literal = (text: string): string => {
  const quoted = json(text)
  const count = (quote: string) => text.split(quote).length
  return count('"') > count("'") ? `'${quoted.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : quoted
}

/** A number as a literal. */
export const number = (value: number): string => String(value).replace("e+", "e")

/** A text, number or yes or no as a literal. */
export const constant = (value: string | number | boolean | null): string =>
  typeof value === "string" ? literal(value) : typeof value === "number" ? number(value) : String(value)

/** A name as the key of an object. */
export const key = (name: string): string => (isIdentifier(name) ? name : literal(name))

const isName = (code: Code): code is string => typeof code === "string"

/** On one line, or none where it cannot be. */
const flat = (code: Code): string | undefined => {
  if (isName(code)) return code
  if ("callee" in code) {
    const args = allFlat(code.args)
    return args && `${code.callee}(${args.join(", ")})`
  }
  if ("items" in code) {
    const items = allFlat(code.items)
    return items && `[${items.join(", ")}]`
  }
  if (code.fields.length === 0) return "{}"
  if (code.isOpen || code.fields.some(({ doc = [] }) => doc.length > 0)) return undefined
  const values = allFlat(code.fields.map(({ key: name, value }) => value ?? name))
  return values && `{ ${code.fields.map((field, index) => flatField(field, values[index] ?? "")).join(", ")} }`
}

const flatField = ({ key: name, value }: Field, text: string): string =>
  value === undefined ? name : `${name}: ${text}`

const allFlat = (codes: ReadonlyArray<Code>): ReadonlyArray<string> | undefined => {
  const texts: Array<string> = []
  for (const code of codes) {
    const text = flat(code)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return texts
}

const spaces = (indent: number): string => " ".repeat(indent)

/** Each on a line of its own. */
const lines = (codes: ReadonlyArray<string>, indent: number): string =>
  `\n${codes.map((code) => spaces(indent + 2) + code).join(",\n")}\n${spaces(indent)}`

const printAll = (codes: ReadonlyArray<Code>, indent: number): ReadonlyArray<string> =>
  codes.map((code, index) => print(code, indent + 2, indent + 2, index === codes.length - 1 ? 0 : 1))

/** Numbers fill lines. */
const filled = (numbers: ReadonlyArray<string>, indent: number): string => {
  const rows: Array<string> = []
  let row = ""
  for (const [index, text] of numbers.entries()) {
    const word = index === numbers.length - 1 ? text : `${text},`
    if (row !== "" && indent + 2 + row.length + 1 + word.length > columns) {
      rows.push(row)
      row = word
    } else row = row === "" ? word : `${row} ${word}`
  }
  return `\n${[...rows, row].map((one) => spaces(indent + 2) + one).join("\n")}\n${spaces(indent)}`
}

const isNumber = (code: Code): code is string => isName(code) && /^-?[\d.]/.test(code)

/** What may open on the line of the call whose last argument it is. */
const opens = (code: Code | undefined): code is List | Fields =>
  code !== undefined &&
  !isName(code) &&
  (("items" in code && code.items.length > 0) || ("fields" in code && code.fields.length > 0))

/** The lines of a doc comment. */
export const comment = (doc: ReadonlyArray<string>, indent: number): string => {
  const [first = "", ...others] = doc
  return others.length === 0 && indent + width(first) + 7 <= columns
    ? `/** ${first} */`
    : ["/**", ...doc.map((line) => `${spaces(indent)} * ${line}`.trimEnd()), `${spaces(indent)} */`].join("\n")
}

/** What of an expression has to stand together at its beginning. */
const opening = (code: Code): string => (isName(code) ? code : "callee" in code ? `${code.callee}(` : "[")

const printField = ({ doc = [], key: name, value }: Field, indent: number, after: number): string => {
  const head = `${name}: `
  const column = indent + width(head)
  const text =
    value === undefined
      ? name
      : column + width(opening(value)) + (isName(value) ? after : 0) > columns
        ? `${name}:\n${spaces(indent + 2)}${print(value, indent + 2, indent + 2, after)}`
        : head + print(value, indent, column, after)
  return doc.length === 0 ? text : `${comment(doc, indent)}\n${spaces(indent)}${text}`
}

const broken = (code: Exclude<Code, string>, indent: number, column: number): string => {
  if ("fields" in code) {
    const last = code.fields.length - 1
    return `{${lines(
      code.fields.map((field, index) => printField(field, indent + 2, index === last ? 0 : 1)),
      indent
    )}}`
  }
  if ("items" in code) {
    const numbers = code.items.filter(isNumber)
    return numbers.length > 1 && numbers.length === code.items.length
      ? `[${filled(numbers, indent)}]`
      : `[${lines(printAll(code.items, indent), indent)}]`
  }
  const last = code.args.at(-1)
  const before = allFlat(code.args.slice(0, -1))
  if (opens(last) && before !== undefined) {
    const head = `${code.callee}(${before.map((arg) => `${arg}, `).join("")}`
    if (column + width(head) + 1 <= columns) return `${head}${broken(last, indent, column + width(head))})`
  }
  return code.args.length === 0 ? `${code.callee}()` : `${code.callee}(${lines(printAll(code.args, indent), indent)})`
}

/** The text of an expression that begins at a column, in lines with this indent, with as many characters after it on its last line. */
export const print = (code: Code, indent: number, column: number, after: number): string => {
  const text = flat(code)
  if (isName(code)) return code
  return text !== undefined && column + width(text) + after <= columns ? text : broken(code, indent, column)
}
