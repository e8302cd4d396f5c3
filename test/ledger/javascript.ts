/**
 * The public names of `@gradio/client`, read from its installed declarations: what its index exports, every type that these mention, and of each the
 * members, parameters and fields, inline objects included. TypeScript 7 has no compiler API, so the declarations are read as text.
 */
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"

const require = createRequire(import.meta.url)
const root = path.dirname(require.resolve("@gradio/client/package.json"))
const declarations = path.join(root, "dist")

export const javascriptVersion = (): string => {
  const read: unknown = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
  return typeof read === "object" && read !== null && "version" in read ? String(read.version) : "unknown"
}

/** Template types (`hf_${string}`) hold brackets that open nothing. */
const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\/\/.*$/gm, "")
    .replace(/`[^`]*`/g, "string")

const opening = "{[(<"
const closing = "}])>"

/** Where the bracket at `from` closes. The `>` of an arrow closes nothing. */
const closeOf = (text: string, from: number): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at)
    if (opening.includes(char)) depth++
    else if (closing.includes(char) && !(char === ">" && text[at - 1] === "=") && --depth === 0) return at
  }
  return text.length - 1
}

/** The parts of a text between separators that are in no bracket. */
const split = (text: string, separator: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (opening.includes(text.charAt(at))) at = closeOf(text, at)
    else if (text[at] === separator) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter((part) => part !== "")
}

interface Declaration {
  readonly kind: string
  readonly name: string
  /** What stands between the name and the body: type parameters and `extends`. */
  readonly head: string
  readonly text: string
}

const pattern = /^(?:export )?(?:declare )?(class|interface|type|function|const) (\w+)/gm

const declarationsOf = (file: string): ReadonlyArray<Declaration> => {
  const text = withoutComments(fs.readFileSync(file, "utf8"))
  return [...text.matchAll(pattern)].map((found) => {
    const [start, kind = "", name = ""] = found
    const from = found.index + start.length
    if (kind === "class" || kind === "interface") {
      const brace = text.indexOf("{", from)
      return { kind, name, head: text.slice(from, brace), text: text.slice(brace, closeOf(text, brace) + 1) }
    }
    return { kind, name, head: "", text: split(text.slice(from), ";")[0] ?? "" }
  })
}

/** Names of a parameter list without brackets; a destructured parameter gives those of its fields. */
const parametersOf = (key: string, list: string): ReadonlyArray<string> =>
  split(list, ",").flatMap((parameter) => {
    if (parameter.startsWith("{")) return fieldsOf(`${key}()`, parameter.slice(parameter.indexOf(": ") + 2))
    const name = /^(?:\.\.\.)?(\w+)/.exec(parameter)?.[1] ?? parameter
    return name === "this" || name === "_fetch" ? [] : [`${key}(${name})`]
  })

/** The parameters of a text that begins with a signature, with or without type parameters. */
const signatureOf = (key: string, text: string): ReadonlyArray<string> => {
  const from = text.startsWith("<") ? closeOf(text, 0) + 1 : 0
  return text[from] === "(" ? parametersOf(key, text.slice(from + 1, closeOf(text, from))) : []
}

/** The fields of every object type within a type; `<T>` and records have none. */
const fieldsOf = (key: string, type: string): ReadonlyArray<string> => {
  const from = type.indexOf("{")
  if (from < 0) return []
  const to = closeOf(type, from)
  return [...membersOf(key, type.slice(from + 1, to)), ...fieldsOf(key, type.slice(to + 1))]
}

const isFunctionType = (type: string): boolean => {
  const from = type.startsWith("<") ? closeOf(type, 0) + 1 : 0
  return (
    type[from] === "(" &&
    type
      .slice(closeOf(type, from) + 1)
      .trimStart()
      .startsWith("=>")
  )
}

const membersOf = (key: string, body: string): ReadonlyArray<string> =>
  split(body, ";").flatMap((member) => {
    if (member.startsWith("private ")) return []
    const found = /^(?:static |readonly )*(\w+|\[Symbol\.\w+\])\??/.exec(member)
    const name = found?.[1]
    // An index signature has no name.
    if (found === null || name === undefined) return []
    const rest = member.slice(found[0].length).trim()
    const own = `${key}.${name}`
    if (name === "constructor") return signatureOf(own, rest)
    if (rest.startsWith(":")) {
      const type = rest.slice(1).trim()
      return [own, ...(isFunctionType(type) ? signatureOf(own, type) : fieldsOf(own, type))]
    }
    return [own, ...signatureOf(own, rest)]
  })

const namesOf = ({ kind, name, text }: Declaration): ReadonlyArray<string> => {
  switch (kind) {
    case "class":
    case "interface":
      return [name, ...membersOf(name, text.slice(1, -1))]
    case "function":
      return [name, ...signatureOf(name, text)]
    case "type": {
      const type = text.replace(/^(?:<[^=]*>)?\s*=\s*/, "")
      return [name, ...(isFunctionType(type) ? signatureOf(name, type) : fieldsOf(name, type))]
    }
    default:
      return [name]
  }
}

const filesUnder = (directory: string): ReadonlyArray<string> =>
  fs
    .readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts") && !file.endsWith("index.d.ts"))
    .map((file) => path.join(directory, file))

export const javascriptNames = (): ReadonlyArray<string> => {
  const all = filesUnder(declarations).flatMap(declarationsOf)
  const index = fs.readFileSync(path.join(declarations, "index.d.ts"), "utf8")
  const exported = [...index.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = ""]) =>
    split(list, ",").map((one) => one.replace(/^type /, "").replace(/ as \w+$/, ""))
  )
  // What is reachable from the exports, by name: two files declare a `FileData`, and both count.
  const reached = new Set(exported)
  for (const name of reached) {
    for (const one of all.filter((declaration) => declaration.name === name)) {
      const mentioned = new Set(`${one.head} ${one.text}`.match(/\b[A-Za-z_]\w*\b/g))
      for (const other of all)
        if (other.kind !== "function" && other.kind !== "const" && mentioned.has(other.name)) reached.add(other.name)
    }
  }
  const found = all.filter(({ name }) => reached.has(name)).flatMap(namesOf)
  for (const name of exported) {
    if (!found.includes(name)) throw new Error(`@gradio/client exports ${name}, whose declaration was not found`)
  }
  return [...new Set(found)].toSorted()
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  process.stdout.write(`${javascriptNames().join("\n")}\n`)
}
