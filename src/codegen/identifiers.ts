/** Names of endpoints as names of a module. */
import { width } from "./width.ts"

// Words that no constant of a module can be called, and `then`, which would make a module that is imported at run time look like a promise.
const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export exports extends false finally for function globalThis " +
    "if implements import in instanceof interface let new null package private protected public require return static super switch then this throw true try typeof undefined var void " +
    "while with yield"
  ).split(" ")
)

// Letters as TypeScript knows them, whatever the version of Unicode that the program has which runs this: none beyond 16 bits, none that came after Unicode 15.
const late = String.raw`\u088f\u0897\u0c5c\u0cdc\u1acf-\u1aeb\u1c89\u1c8a\u200c\u200d\u30fb\ua7cb-\ua7dc\ua7f1\uff65`
const known = (property: string): string => String.raw`[[\p{${property}}&&[\0-\uffff]]--[${late}]]`
const start = new RegExp(`^${known("ID_Start")}`, "v")
const unknown = new RegExp(`[^${known("ID_Continue")}]`, "v")
const apart = new RegExp(`_|[^${known("ID_Continue")}]`, "v")

/** Whether a name can stand as it is. */
export const isIdentifier = (name: string): boolean =>
  (start.test(name) || /^[$_]/.test(name)) && !unknown.test(name.replaceAll("$", ""))

// In columns, so that a declaration begins on one line.
const maxConstant = 60
const maxClass = 24

/** `add_numbers`, `/add-numbers`: `addNumbers`. */
const camelCase = (name: string): string => {
  const words = name
    .normalize("NFC")
    .split(apart)
    .filter((word) => word !== "")
  const [first = "", ...others] = words.map((word) => (word === word.toUpperCase() ? lower(word) : word))
  return lower(first.slice(0, 1)) + first.slice(1) + others.map(capitalized).join("")
}

// Some letters got their other case late.
const cased = (given: string, other: string): string => (unknown.test(other) ? given : other)
const lower = (word: string): string => cased(word, word.toLowerCase())
const capitalized = (word: string): string => cased(word.slice(0, 1), word.slice(0, 1).toUpperCase()) + word.slice(1)

const shortened = (name: string, columns: number): string => {
  let short = ""
  for (const character of name) if (width(short + character) <= columns) short += character
  return short
}

/** `fallback` where nothing of the name can stand. */
const legal = (name: string, fallback: string, columns: number): string => {
  const found = shortened(camelCase(name), columns)
  if (found === "") return fallback
  if (!start.test(found)) return `_${found}`
  return reserved.has(found) ? `${found}_` : found
}

/** A name that is not taken yet, with a number behind it if need be. */
const free = (wanted: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(wanted)) return wanted
  let count = 2
  while (taken.has(`${wanted}${count}`)) count++
  return `${wanted}${count}`
}

/** A legal identifier for each name, all different, none of those that are taken. The first of two that are alike keeps the plain form. */
export const identifiers = (
  names: ReadonlyArray<string | number>,
  taken: ReadonlySet<string>
): ReadonlyArray<string> => {
  const used = new Set(taken)
  return names.map((name) => {
    const found = free(legal(typeof name === "number" ? `fn${name}` : name, "endpoint", maxConstant), used)
    used.add(found)
    return found
  })
}

/** The name of a class. */
export const className = (title: string, fallback: string, taken: ReadonlySet<string>): string =>
  free(capitalized(legal(title, fallback, maxClass)), taken)
