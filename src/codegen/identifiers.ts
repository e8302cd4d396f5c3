/** Names of endpoints as names of a module. */

// Words that no constant of a module can be called, and `then`, which would make a module that is imported at run time look like a promise.
const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export exports extends false finally for function globalThis " +
    "if implements import in instanceof interface let new null package private protected public require return static super switch then this throw true try typeof undefined var void " +
    "while with yield"
  ).split(" ")
)

const maxLength = 60

/** `add_numbers`, `/add-numbers`: `addNumbers`. */
const camelCase = (name: string): string => {
  const words = name
    .normalize("NFC")
    .split(/[^\p{ID_Continue}]+|_+/u)
    .filter((word) => word !== "")
  const [first = "", ...others] = words.map((word) => (word === word.toUpperCase() ? word.toLowerCase() : word))
  return first.slice(0, 1).toLowerCase() + first.slice(1) + others.map(capitalized).join("")
}

const capitalized = (word: string): string => {
  const [first = ""] = word
  return first.toUpperCase() + word.slice(first.length)
}

const shortened = (name: string): string => Array.from(name).slice(0, maxLength).join("")

/** `fallback` where nothing of the name can stand. */
const legal = (name: string, fallback: string): string => {
  const found = shortened(camelCase(name))
  if (found === "") return fallback
  if (!/^\p{ID_Start}/u.test(found)) return `_${found}`
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
    const found = free(legal(typeof name === "number" ? `fn${name}` : name, "endpoint"), used)
    used.add(found)
    return found
  })
}

/** The name of a class. */
export const className = (title: string, fallback: string, taken: ReadonlySet<string>): string =>
  free(capitalized(legal(title, fallback)), taken)
