/** The schema of a value as source text. */
import { isRecord } from "../internal/record.ts"
import { call, type Code, constant, fields, key, list, literal, number } from "./Code.ts"
import type { Output, ValueType } from "./Contract.ts"
import { resolve } from "./reference.ts"

/** The text of a schema, and why parts of it say nothing about the value. */
export interface SchemaCode {
  readonly code: Code
  readonly unknown: ReadonlyArray<string>
}

const known = (code: Code): SchemaCode => ({ code, unknown: [] })
const unknown = (reason: string): SchemaCode => ({ code: "Schema.Unknown", unknown: [reason] })

type Side = "input" | "output"

/** What a parameter or an output is written as. */
export const schemaCode = ({ component, type }: Pick<Output, "component" | "type">, side: Side): SchemaCode => {
  if (type.kind === "schema") {
    const said = fromJsonSchema(type.schema, { root: type.schema, side, depth: 0, within: ["#"] })
    // A type of Python says itself whether there may be nothing; any component may have no value.
    return component === "api" ? said : { ...said, code: nullOr(said.code) }
  }
  const plain = `Component.${type.name}.${side}`
  switch (type.kind) {
    case "component":
      return known(plain)
    case "number": {
      const { maximum, minimum, open } = type
      const all = open === true ? [] : bounds({ minimum, maximum })
      return known(
        all.length === 0 ? plain : call(type.name === "Slider" ? "Component.slider" : "Component.number", fields(all))
      )
    }
    case "choice":
    case "choices":
      return known(
        type.choices.length === 0
          ? plain
          : call(`Component.${type.custom ? suggestion[type.kind] : type.kind}`, list(type.choices.map(constant)))
      )
    case "file":
    case "files":
      return known(
        type.types === undefined || type.open === true
          ? plain
          : call(
              `Component.${ofTypes.get(type.name) ?? type.kind}`,
              fields([{ key: "types", value: list(type.types.map(constant)) }])
            )
      )
    case "dateTime": {
      const all = [
        ...(type.timeZone === undefined ? [] : [{ key: "timeZone", value: literal(type.timeZone) }]),
        ...(type.time ? [] : [{ key: "includeTime", value: "false" }])
      ]
      return known(all.length === 0 ? plain : call("Component.dateTime", fields(all)))
    }
  }
}

/** What adds types to a component that holds files beside other things. */
const ofTypes = new Map([
  ["Gallery", "gallery"],
  ["MultimodalTextbox", "multimodal"]
])

const suggestion = { choice: "suggestion", choices: "suggestions" } as const

const withoutNull = new Set("Chatbot ChatbotMessages ChatbotTuples CheckboxGroup Dataframe Dialogue Slider".split(" "))

/** Whether the schema of a parameter takes `null`, for nothing. */
export const takesNull = (type: ValueType): boolean =>
  type.kind !== "schema" && !withoutNull.has(type.name) && !(type.kind === "choices" && type.choices.length > 0)

/** The schema of what `code` is the schema of, or `null`. */
export const nullOr = (code: Code): Code => (isNullable(code) ? code : call("Schema.NullOr", code))

const isNullable = (code: Code): boolean =>
  typeof code === "string"
    ? ["Schema.Null", "Schema.Unknown", "Component.File.input", "Component.File.output"].includes(code)
    : "callee" in code && code.callee === "Schema.NullOr"

const bounds = (all: Readonly<Record<string, number | undefined>>) =>
  Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [{ key: name, value: number(value) }]))

const nameless = "its app says nothing about its type"
const maxDepth = 8

const isPrimitive = (value: unknown): value is string | number | boolean | null =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value))

const combined = (parts: ReadonlyArray<SchemaCode>, code: (codes: ReadonlyArray<Code>) => Code): SchemaCode => ({
  code: code(parts.map((part) => part.code)),
  unknown: [...new Set(parts.flatMap((part) => part.unknown))]
})

const union = (parts: ReadonlyArray<SchemaCode>): SchemaCode =>
  combined(parts, (codes) => {
    const some = codes.filter((code) => code !== "Schema.Null")
    const [only = "Schema.Null", ...others] = some
    const code = others.length === 0 ? only : call("Schema.Union", list(some))
    return some.length === codes.length ? code : nullOr(code)
  })

/** What only a file has, as Gradio 4 and later describe one. */
const isFile = (properties: Readonly<Record<string, unknown>>): boolean =>
  Object.hasOwn(properties, "path") && Object.hasOwn(properties, "meta")

interface Place {
  readonly root: unknown
  readonly side: Side
  readonly depth: number
  /** The references that led here. */
  readonly within: ReadonlyArray<string>
}

/** Total: what cannot be said is `Schema.Unknown`, with the reason. */
const fromJsonSchema = (schema: unknown, place: Place): SchemaCode => {
  const { depth, root, side, within } = place
  const inner = (one: unknown) => fromJsonSchema(one, { ...place, depth: depth + 1 })
  if (depth > maxDepth) return unknown("its type is nested too deeply")
  if (!isRecord(schema)) return unknown(nameless)
  const reference = schema["$ref"]
  if (typeof reference === "string") {
    return within.includes(reference)
      ? unknown("its type contains itself")
      : fromJsonSchema(resolve(root, reference), { ...place, depth: depth + 1, within: [...within, reference] })
  }
  const constants = Object.hasOwn(schema, "const") ? [schema["const"]] : schema["enum"]
  if (Array.isArray(constants)) {
    const listed = constants.filter(isPrimitive)
    return listed.length === constants.length && listed.length > 0
      ? known(literals(listed))
      : unknown("its values are lists and objects")
  }
  const alternatives = schema["anyOf"] ?? schema["oneOf"]
  if (Array.isArray(alternatives) && alternatives.length > 0) return union(alternatives.map(inner))
  const all = schema["allOf"]
  if (Array.isArray(all)) return all.length === 1 ? inner(all[0]) : unknown("its type is several at once (allOf)")
  const type = schema["type"]
  if (Array.isArray(type) && type.length > 0) return union(type.map((one: unknown) => inner({ ...schema, type: one })))
  switch (type) {
    case "string":
      return known("Schema.String")
    case "number":
      return known("Schema.Finite")
    case "integer":
      return known("Schema.Int")
    case "boolean":
      return known("Schema.Boolean")
    case "null":
      return known("Schema.Null")
    case "array": {
      const { items, prefixItems } = schema
      if (Array.isArray(prefixItems))
        return combined(prefixItems.map(inner), (codes) => call("Schema.Tuple", list(codes)))
      return combined([inner(items)], ([item = "Schema.Unknown"]) => call("Schema.Array", item))
    }
    case "object":
      return fromObject(schema, side, inner)
    default:
      return unknown(nameless)
  }
}

const literals = (values: ReadonlyArray<string | number | boolean | null>): Code => {
  const some = [...new Set(values)].filter((value) => value !== null)
  const code = call("Schema.Literals", list(some.map(constant)))
  return some.length === 0 ? "Schema.Null" : values.includes(null) ? nullOr(code) : code
}

const fromObject = (
  schema: Readonly<Record<string, unknown>>,
  side: Side,
  inner: (schema: unknown) => SchemaCode
): SchemaCode => {
  const { additionalProperties: rest, properties, required } = schema
  if (!isRecord(properties) || Object.keys(properties).length === 0) {
    return rest === undefined || rest === true || rest === false
      ? unknown("an object whose fields its app does not name")
      : combined([inner(rest)], ([value = "Schema.Unknown"]) => call("Schema.Record", "Schema.String", value))
  }
  if (isFile(properties)) return known(`Component.File.${side}`)
  // A constructor of objects would take it for their prototype.
  if (Object.hasOwn(properties, "__proto__")) return unknown("it has a field that is called __proto__")
  const names = Object.keys(properties)
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  return combined(
    names.map((name) => inner(properties[name])),
    (codes) => {
      const struct = call(
        "Schema.Struct",
        fields(
          names.map((name, index) => {
            const code = codes[index] ?? "Schema.Unknown"
            return { key: key(name), value: isRequired(name) ? code : call("Schema.optional", code) }
          })
        )
      )
      // Fields that the type does not name come and go too, unless it says that there are none.
      return rest === false
        ? struct
        : call("Schema.StructWithRest", struct, list([call("Schema.Record", "Schema.String", "Schema.Unknown")]))
    }
  )
}
