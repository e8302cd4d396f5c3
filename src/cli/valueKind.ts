/** What kind of value a parameter takes, read from the JSON schema that the app sends for it. Pure. */
import type { ParameterInfo } from "../ApiInfo.ts"
import { get, isRecord } from "../internal/record.ts"

/** What a value may be; `any` where the schema does not say. */
export interface Kind {
  readonly text: boolean
  readonly number: boolean
  readonly boolean: boolean
  readonly object: boolean
  readonly file: boolean
  readonly any: boolean
  /** The values that the schema lists. */
  readonly choices: ReadonlyArray<string | number | boolean>
  /** What its items are, where it may be a list. */
  readonly list: Kind | undefined
  /** What its fields are, where it may be an object that the schema describes. */
  readonly fields: ReadonlyMap<string, Kind>
}

const none: Kind = {
  text: false,
  number: false,
  boolean: false,
  object: false,
  file: false,
  any: false,
  choices: [],
  list: undefined,
  fields: new Map()
}
const anything: Kind = { ...none, any: true }
const file: Kind = { ...none, file: true }

const either = (a: Kind, b: Kind): Kind => ({
  text: a.text || b.text,
  number: a.number || b.number,
  boolean: a.boolean || b.boolean,
  object: a.object || b.object,
  file: a.file || b.file,
  any: a.any || b.any,
  choices: [...a.choices, ...b.choices],
  list: a.list === undefined ? b.list : b.list === undefined ? a.list : either(a.list, b.list),
  fields: new Map([...b.fields, ...a.fields])
})

const isList = (u: unknown): u is ReadonlyArray<unknown> => Array.isArray(u)
const isChoice = (u: unknown): u is string | number | boolean =>
  typeof u === "string" || typeof u === "number" || typeof u === "boolean"

/** As `gradio.FileData` is described from Gradio 4 on. */
const isFileData = (properties: Readonly<Record<string, unknown>>): boolean =>
  Object.hasOwn(properties, "path") && Object.hasOwn(properties, "meta")

/** A schema may refer to itself. */
const deepest = 12

const ofType = (type: unknown, schema: Readonly<Record<string, unknown>>, read: (inner: unknown) => Kind): Kind => {
  switch (type) {
    case "string":
      return { ...none, text: true }
    case "number":
    case "integer":
      return { ...none, number: true }
    case "boolean":
      return { ...none, boolean: true }
    case "array":
      return { ...none, list: read(get(schema, "items")) }
    case "object": {
      const properties = get(schema, "properties")
      if (!isRecord(properties)) return { ...none, object: true }
      if (isFileData(properties)) return file
      return {
        ...none,
        object: true,
        fields: new Map(Object.entries(properties).map(([name, inner]) => [name, read(inner)]))
      }
    }
    case "null":
      return none
    default:
      return anything
  }
}

const ofSchema = (schema: unknown, root: unknown, depth: number): Kind => {
  if (!isRecord(schema) || depth > deepest) return anything
  const read = (inner: unknown): Kind => ofSchema(inner, root, depth + 1)
  const reference = get(schema, "$ref")
  if (typeof reference === "string") {
    const definitions = isRecord(root) ? get(root, "$defs") : undefined
    return read(isRecord(definitions) ? get(definitions, reference.replace(/^#\/\$defs\//, "")) : undefined)
  }
  const listed = get(schema, "enum") ?? (Object.hasOwn(schema, "const") ? [get(schema, "const")] : undefined)
  const choices = isList(listed) ? listed.filter(isChoice) : []
  const types = get(schema, "type")
  const alternatives = [get(schema, "anyOf"), get(schema, "oneOf"), get(schema, "allOf")].find(isList)
  const kinds =
    alternatives !== undefined
      ? alternatives.map(read)
      : isList(types)
        ? types.map((type) => ofType(type, schema, read))
        : types === undefined && choices.length > 0
          ? choices.map((choice) => ofType(typeof choice, schema, read))
          : [ofType(types, schema, read)]
  return { ...kinds.reduce(either, none), choices: [...choices, ...kinds.flatMap((kind) => kind.choices)] }
}

/** The components whose values Gradio 3 describes as texts, although they are files. */
const fileComponents = new Set("audio file image model3d timeseries uploadbutton video".split(" "))

/** Gradio 3 describes files as texts, or as objects with their data. */
const asFile = (kind: Kind): Kind =>
  kind.file || kind.list?.file === true ? kind : kind.list === undefined ? file : { ...none, list: file }

/** The kind of value that a parameter takes. */
export const kindOf = (parameter: Pick<ParameterInfo, "component" | "type">): Kind => {
  const kind = ofSchema(parameter.type, parameter.type, 0)
  return fileComponents.has(parameter.component.toLowerCase()) ? asFile(kind) : kind
}

/** Whether it is a text with files, as chats take it. */
export const isMessage = ({ fields }: Kind): boolean =>
  fields.get("text")?.text === true && fields.get("files")?.list?.file === true
