/** Whether every value of one type is a value of another. */
import { holdsType } from "../internal/component/file.ts"
import { isRecord } from "../internal/record.ts"
import { same } from "../internal/wire/json.ts"
import type { ValueType } from "./Contract.ts"
import { resolve } from "./reference.ts"

type JsonSchema = Readonly<Record<string, unknown>>

// Components whose values are texts.
const texts = new Set(["Textbox", "Markdown", "HTML", "Code", "ColorPicker", "Button"])
// Those whose value is one file.
const files = new Set(["Image", "Audio", "Video", "Model3D", "DownloadButton"])
// Those whose value is a list of files and no more.
const listed = new Set(["Files", "UploadButtons"])
// Outputs that are read in each other's form.
const alike: ReadonlyArray<ReadonlySet<string>> = [
  new Set(["Chatbot", "ChatbotMessages", "ChatbotTuples"]),
  new Set(["Video", "SubtitledVideo"])
]
const json = new Set(["JSON", "BrowserState", "Fallback"])

const text: JsonSchema = { type: "string" }
const file: JsonSchema = { const: "a file" }

type Side = "wide" | "narrow"

/** Choices that are suggestions are of any type, and come as texts and as what is suggested. */
const choice = (choices: ReadonlyArray<unknown>, custom: boolean, side: Side): JsonSchema => {
  if (!custom && choices.length > 0) return { enum: choices }
  return side === "wide" || choices.length === 0
    ? { type: ["string", "number", "boolean"] }
    : { anyOf: [text, { enum: choices }] }
}

/** A type as a JSON schema. What has a form of its own is a constant that only equals itself. */
const schemaOf = (type: ValueType, side: Side): unknown => {
  switch (type.kind) {
    case "component":
      if (texts.has(type.name)) return text
      if (json.has(type.name)) return {}
      if (type.name === "Checkbox") return { type: "boolean" }
      return type.name === "Timer" ? { type: "number" } : { const: type.name }
    case "number": {
      const { maximum, minimum, open, precision } = type
      return { type: "number", precision, ...(open === true ? {} : { minimum, maximum }) }
    }
    case "choice":
      return choice(type.choices, type.custom, side)
    case "choices":
      return { type: "array", items: choice(type.choices, type.custom, side) }
    case "file":
      return file
    case "files":
      return listed.has(type.name) ? { type: "array", items: file } : { const: type.name }
    case "dateTime":
      return { const: ["date", type.time, type.timeZone ?? null] }
    case "schema":
      return type.schema
  }
}

const meaningful = ["type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"]
const saysNothing = (schema: unknown): boolean =>
  !isRecord(schema) || !meaningful.some((key) => Object.hasOwn(schema, key))

const resolved = (schema: unknown, root: unknown): unknown => {
  const reference = isRecord(schema) ? schema["$ref"] : undefined
  return typeof reference === "string" ? resolve(root, reference) : schema
}

const constantsOf = (schema: JsonSchema): ReadonlyArray<unknown> | undefined => {
  if (Object.hasOwn(schema, "const")) return [schema["const"]]
  const listed = schema["enum"]
  return Array.isArray(listed) ? listed : undefined
}

const alternativesOf = (schema: JsonSchema): ReadonlyArray<unknown> | undefined => {
  const { anyOf, oneOf, type } = schema
  const listed = anyOf ?? oneOf
  if (Array.isArray(listed)) return listed
  return Array.isArray(type) ? type.map((one: unknown) => ({ ...schema, type: one })) : undefined
}

const holds = (schema: JsonSchema, value: unknown): boolean =>
  isOfType(value, schema["type"]) &&
  (typeof value !== "number" ||
    isWithin(schema, { type: Number.isInteger(value) ? "integer" : "number", minimum: value, maximum: value }))

const isOfType = (value: unknown, type: unknown): boolean => {
  if (type === "null") return value === null
  if (type === "integer") return Number.isInteger(value)
  if (type === "array") return Array.isArray(value)
  if (type === "object") return isRecord(value)
  return typeof value === type
}

const numberOr = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise)

/** Digits after the point that a number can have; what is rounded to fewer is another number. `precision` is a word of this module only. */
const digitsOf = ({ precision, type }: JsonSchema): number => numberOr(precision, type === "integer" ? 0 : Infinity)

const isWithin = (wide: JsonSchema, narrow: JsonSchema): boolean =>
  digitsOf(wide) >= digitsOf(narrow) &&
  numberOr(wide["minimum"], -Infinity) <= numberOr(narrow["minimum"], -Infinity) &&
  numberOr(wide["maximum"], Infinity) >= numberOr(narrow["maximum"], Infinity)

interface Roots {
  readonly wide: unknown
  readonly narrow: unknown
}

const maxDepth = 12

const within = (wideOrReference: unknown, narrowOrReference: unknown, roots: Roots, depth: number): boolean => {
  const wide = resolved(wideOrReference, roots.wide)
  const narrow = resolved(narrowOrReference, roots.narrow)
  const next = (a: unknown, b: unknown) => within(a, b, roots, depth + 1)
  if (saysNothing(wide) || !isRecord(wide)) return true
  if (saysNothing(narrow) || !isRecord(narrow)) return false
  if (depth > maxDepth) return same(wide, narrow)
  const narrowOnes = alternativesOf(narrow)
  if (narrowOnes !== undefined) return narrowOnes.every((one) => next(wide, one))
  const wideOnes = alternativesOf(wide)
  if (wideOnes !== undefined) return wideOnes.some((one) => next(one, narrow))
  const [wideConstants, narrowConstants] = [constantsOf(wide), constantsOf(narrow)]
  if (narrowConstants !== undefined) {
    return narrowConstants.every((value) =>
      wideConstants === undefined ? holds(wide, value) : wideConstants.some((one) => same(one, value))
    )
  }
  if (wideConstants !== undefined) return false
  const type = wide["type"]
  if (type !== narrow["type"]) return type === "number" && narrow["type"] === "integer" && isWithin(wide, narrow)
  if (type === "array") return arrayWithin(wide, narrow, next)
  if (type === "object") return objectWithin(wide, narrow, next)
  return isWithin(wide, narrow)
}

const arrayWithin = (wide: JsonSchema, narrow: JsonSchema, next: (a: unknown, b: unknown) => boolean): boolean => {
  const [wideItems, narrowItems] = [wide["prefixItems"], narrow["prefixItems"]]
  if (!Array.isArray(wideItems)) {
    return Array.isArray(narrowItems)
      ? narrowItems.every((item) => next(wide["items"], item))
      : next(wide["items"], narrow["items"])
  }
  return (
    Array.isArray(narrowItems) &&
    narrowItems.length === wideItems.length &&
    narrowItems.every((item, index) => next(wideItems[index], item))
  )
}

const names = (list: unknown): ReadonlyArray<unknown> => (Array.isArray(list) ? list : [])

const objectWithin = (wide: JsonSchema, narrow: JsonSchema, next: (a: unknown, b: unknown) => boolean): boolean => {
  const [wideFields, narrowFields] = [wide["properties"], narrow["properties"]]
  if (!isRecord(wideFields)) {
    const rest = wide["additionalProperties"]
    return !isRecord(rest) || Object.values(isRecord(narrowFields) ? narrowFields : {}).every((one) => next(rest, one))
  }
  if (!isRecord(narrowFields)) return false
  return (
    names(wide["required"]).every((name) => names(narrow["required"]).includes(name)) &&
    Object.keys(narrowFields).every(
      (name) => Object.hasOwn(wideFields, name) && next(wideFields[name], narrowFields[name])
    )
  )
}

const isFile = (type: ValueType): boolean => type.kind === "file" || (type.kind === "component" && files.has(type.name))

const typesOf = (type: ValueType): ReadonlyArray<string> | undefined =>
  (type.kind === "file" || type.kind === "files") && type.open !== true ? type.types : undefined

const typesWithin = (wide: ValueType, narrow: ValueType): boolean => {
  const [held, given] = [typesOf(wide), typesOf(narrow)]
  return held === undefined || (given !== undefined && given.every((type) => holdsType(held, type)))
}

/** Whether a parameter of type `wide` takes every value of type `narrow`. `null`, for nothing, does not count. */
export const accepts = (wide: ValueType, narrow: ValueType): boolean => {
  if (same(wide, narrow)) return true
  if (wide.kind === "files" && narrow.kind === "files") {
    const isAlike = wide.name === narrow.name || (listed.has(wide.name) && listed.has(narrow.name))
    return isAlike && typesWithin(wide, narrow)
  }
  if (wide.kind === "file" && isFile(narrow)) return typesWithin(wide, narrow)
  const [wideSchema, narrowSchema] = [schemaOf(wide, "wide"), schemaOf(narrow, "narrow")]
  return within(wideSchema, narrowSchema, { wide: wideSchema, narrow: narrowSchema }, 0)
}

/** Whether the schema of an output of type `before` reads every value of type `now`. */
export const reads = (before: ValueType, now: ValueType): boolean =>
  (isFile(before) && isFile(now)) ||
  (before.kind === "files" && listed.has(before.name) && isFile(now)) ||
  (before.kind === "component" &&
    now.kind === "component" &&
    alike.some((group) => group.has(before.name) && group.has(now.name))) ||
  accepts(before, now)
