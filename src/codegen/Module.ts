/**
 * A contract as one TypeScript module: a typed endpoint for each of its endpoints, all of them together as a service, and the contract itself, in comments, for
 * a comparison with the app later.
 */
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { parse } from "../internal/wire/json.ts"
import {
  call,
  type Code,
  comment,
  fields,
  type Field,
  json,
  key,
  list,
  literal,
  number,
  openFields,
  print
} from "./Code.ts"
import { Contract, type Endpoint, type Output, type Parameter } from "./Contract.ts"
import { className, identifiers } from "./identifiers.ts"
import { schemaCode, takesNull } from "./schemaCode.ts"
import { width } from "./width.ts"

/** Lines of a comment: what an app says, without what would end the comment or mean something to a compiler. */
const prose = (text: string): ReadonlyArray<string> =>
  text
    .slice(0, longest)
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) =>
      line
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff]+/gu, " ")
        .trim()
        .replaceAll("*/", "*\\/")
        .replace(/^@/, "\\@")
    )
    .filter((line) => line !== "")

const longest = 2000

const inline = (text: string): string => prose(text).join(" ")

/** With its end, if it has none. */
const sentence = (text: string): string => {
  const said = inline(text)
  return said === "" || /[.!?…:。！？]$/u.test(said) ? said : `${said}.`
}

const maxColumns = 110

/** Lines of a readable length; words stay whole. */
const wrapped = (text: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > maxColumns) {
      lines.push(line)
      line = word.replace(/^@/, "\\@")
    } else line = line === "" ? word : `${line} ${word}`
  }
  return line === "" ? lines : [...lines, line]
}

/** Letters and digits of a name, to see whether a label says more. */
const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "")

const range = ({
  maximum,
  minimum,
  step
}: {
  readonly minimum?: number
  readonly maximum?: number
  readonly step?: number
}): string => {
  const steps = step === undefined || step === 1 ? "" : `, in steps of ${number(step)}`
  if (minimum !== undefined && maximum !== undefined) return `From ${number(minimum)} to ${number(maximum)}${steps}.`
  if (minimum !== undefined) return `At least ${number(minimum)}${steps}.`
  return maximum === undefined ? "" : `At most ${number(maximum)}${steps}.`
}

const precisionText = (precision: number | undefined): string =>
  precision === undefined ? "" : precision === 0 ? "A whole number." : `Rounded to ${number(precision)} digits.`

const fileTypes = (types: ReadonlyArray<string> | undefined): string =>
  types === undefined ? "" : `Of type ${types.map((type) => `\`${type}\``).join(", ")}.`

/** What the configuration says of a value that its type does not show. */
const facts = ({ type }: Parameter): string => {
  switch (type.kind) {
    case "number":
      return [range(type), precisionText(type.precision)].filter((text) => text !== "").join(" ")
    case "file":
    case "files":
      return fileTypes(type.types)
    case "dateTime":
      return type.timeZone === undefined ? "" : `In the time zone ${type.timeZone}.`
    default:
      return ""
  }
}

const longestDefault = 80

const defaultText = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  const text = json(value)
  return text.length > longestDefault ? "Has a default." : `Default: ${text}.`
}

const unknownText = (reasons: ReadonlyArray<string>): string =>
  reasons.length === 0 ? "" : `Any value: ${reasons.join("; ")}.`

/** The lines of a comment. */
const doc = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  wrapped(
    texts
      .map(sentence)
      .filter((text) => text !== "")
      .join(" ")
  )

const parameterDoc = (parameter: Parameter, unknown: ReadonlyArray<string>): ReadonlyArray<string> =>
  doc([
    plain(parameter.label) === plain(parameter.name) ? "" : parameter.label,
    parameter.description ?? "",
    facts(parameter),
    unknownText(unknown),
    defaultText(parameter.default)
  ])

/** The schema of a parameter, and whether it may be left out. */
const parameterCode = (parameter: Parameter): { readonly code: Code; readonly unknown: ReadonlyArray<string> } => {
  const { code, unknown } = schemaCode(parameter.type, "input")
  const fits = parameter.required || parameter.default !== null || takesNull(parameter.type)
  return { code: fits ? code : call("Schema.NullOr", code), unknown }
}

/** Names that cannot be told apart, or that objects keep for themselves, leave the place of a value. */
const byPosition = ({ parameters }: Endpoint): boolean =>
  new Set(parameters.map(({ name }) => name)).size < parameters.length ||
  parameters.some(({ name }) => name === "__proto__")

const namedInput = (parameters: ReadonlyArray<Parameter>): Code =>
  call(
    "Schema.Struct",
    openFields(
      parameters.map((parameter): Field => {
        const { code, unknown } = parameterCode(parameter)
        return {
          key: key(parameter.name),
          value: parameter.required ? code : call("Schema.optional", code),
          doc: parameterDoc(parameter, unknown)
        }
      })
    )
  )

const listedInput = (parameters: ReadonlyArray<Parameter>): Code => {
  const lastRequired = parameters.findLastIndex(({ required }) => required)
  return call(
    "Schema.Tuple",
    list(
      parameters.map((parameter, index) => {
        const { code } = parameterCode(parameter)
        if (parameter.required) return code
        // What stands before a value that has to be given cannot be left out, but need not be said.
        return call(index < lastRequired ? "Schema.UndefinedOr" : "Schema.optional", code)
      })
    )
  )
}

const outputName = ({ component, label }: Output): string => {
  const name = inline(label).replaceAll("`", "'")
  return `\`${name === "" ? inline(component) : name}\``
}

const outputText = ({ generator, outputs }: Endpoint): string =>
  outputs.length === 0 ? "Gives nothing." : `${generator ? "Yields" : "Gives"} ${outputs.map(outputName).join(", ")}.`

const endpointDoc = (endpoint: Endpoint, unknown: ReadonlyArray<string>): ReadonlyArray<string> => {
  const described = prose(endpoint.description ?? "").flatMap((line) => wrapped(line))
  const token =
    endpoint.oauthToken === undefined
      ? ""
      : `Can act in your name: takes your Hugging Face token (\`oauthToken\`), which is ${endpoint.oauthToken}.`
  const more = doc([
    outputText(endpoint),
    ...unknown,
    endpoint.inputStream === true ? "Takes a stream of inputs: `GradioClient.streamInput`." : "",
    token,
    endpoint.undocumented === true ? "The app does not list it." : "",
    byPosition(endpoint)
      ? `Takes its values by position: ${endpoint.parameters.map(({ name }) => JSON.stringify(name)).join(", ")}.`
      : ""
  ])
  const [first = "", ...others] = [...described, ...more]
  // Both in one line where they fit into one.
  return described.length === 1 && more.length === 1 && first.length + 1 + others.join("").length <= maxColumns
    ? [`${sentence(first)} ${others.join("")}`]
    : described.length === 0
      ? more
      : [...described, "", ...more]
}

interface Declaration {
  readonly doc: ReadonlyArray<string>
  readonly code: Code
}

const declaration = (endpoint: Endpoint): Declaration => {
  const outputs = endpoint.outputs.map(({ type }) => schemaCode(type, "output"))
  return {
    doc: endpointDoc(
      endpoint,
      endpoint.outputs.flatMap((output, index) => {
        const { unknown = [] } = outputs[index] ?? {}
        return unknown.length === 0 ? [] : [`${outputName(output)} is any value: ${unknown.join("; ")}`]
      })
    ),
    code: call(
      endpoint.generator ? "Endpoint.generator" : "Endpoint.make",
      typeof endpoint.name === "number" ? number(endpoint.name) : literal(endpoint.name),
      openFields([
        {
          key: "input",
          value: byPosition(endpoint) ? listedInput(endpoint.parameters) : namedInput(endpoint.parameters)
        },
        { key: "output", value: call("Schema.Tuple", list(outputs.map(({ code }) => code))) }
      ])
    )
  }
}

/** Whether an expression takes something from a module that is imported under this name. */
const uses = (code: Code, name: string): boolean => {
  if (typeof code === "string") return code.startsWith(`${name}.`)
  if ("callee" in code) return code.callee.startsWith(`${name}.`) || code.args.some((arg) => uses(arg, name))
  return "items" in code
    ? code.items.some((item) => uses(item, name))
    : code.fields.some(({ value }) => value !== undefined && uses(value, name))
}

const imported = ["App", "Component", "Context", "Endpoint", "GradioClient", "Layer", "Schema"]

const importing = (names: string, source: string): string => `import ${names} from ${literal(source)}`

const exported = (name: string, { code, doc: lines }: Declaration): string => {
  const head = `export const ${name} = `
  return `${comment(lines, 0)}\n${head}${print(code, 0, head.length, 0)}\n`
}

const marker = "// The contract that this module was made from:"

/** An endpoint on each line, so that a change shows where it is. */
const contractLines = ({ endpoints, ...header }: Contract): string => {
  const head = json({ ...header, endpoints: [] }).slice(0, -2)
  const lines = endpoints.map((endpoint, index) => json(endpoint) + (index === endpoints.length - 1 ? "" : ","))
  return [head, ...lines, "]}"].map((line) => `// ${line}`).join("\n")
}

/** The SHA-256 of a contract, in hexadecimal digits. */
export const hash = (contract: Contract): Effect.Effect<string> =>
  Effect.map(
    Effect.flatMap(WebCrypto.WebCrypto, (crypto) =>
      Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(json(contract))))
    ),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

/**
 * The text of a module for a contract: one constant for each endpoint, `endpoints` with all of them, and the app as a service. It compiles under the strictest
 * options whatever names an app has, and is the same for the same contract.
 */
export const generate = (contract: Contract): Effect.Effect<string> =>
  Effect.map(hash(contract), (digest) => {
    const names = identifiers(
      contract.endpoints.map(({ name }) => name),
      new Set([...imported, "endpoints"])
    )
    const declarations = contract.endpoints.map(declaration)
    const service = className(contract.title, "GradioApp", new Set([...imported, ...names]))
    const used = ["Component", "Endpoint", "Schema"].filter((name) => declarations.some(({ code }) => uses(code, name)))
    const own = ["App", ...used.filter((name) => name !== "Schema"), "type GradioClient"]
    const version = /^[\w.+-]{1,40}$/.test(contract.gradio) ? ` for Gradio ${contract.gradio}` : ""
    const all = print(fields(names.map((name) => ({ key: name }))), 0, "export const endpoints = ".length, 0)
    const title = inline(contract.title)
    return [
      "/**",
      ` * Generated by effect-gradio${version}. \`effect-gradio check\` holds it against the app, \`effect-gradio generate\` makes it anew.`,
      " *",
      ` * sha256: ${digest}`,
      " */",
      importing(`{ ${own.join(", ")} }`, "effect-gradio"),
      importing("* as Context", "effect/Context"),
      importing("* as Layer", "effect/Layer"),
      ...(used.includes("Schema") ? [importing("* as Schema", "effect/Schema")] : []),
      "",
      ...declarations.map((one, index) => exported(names[index] ?? "", one)),
      "/** All endpoints, each under the name of its method: for `App.make` and `App.connect`. */",
      `export const endpoints = ${all}`,
      "",
      comment(doc([title === "" ? "The app as a service" : `${title}, as a service`]), 0),
      serviceHead(service),
      "  /** The app at an address, or the Space of a name. Fails as `GradioClient.connect` does. */",
      "  static readonly layer = (source: string | URL, options?: GradioClient.ConnectOptions) =>",
      `    Layer.effect(${service})(App.connect(source, endpoints, options))`,
      "}",
      "",
      marker,
      contractLines(contract),
      ""
    ].join("\n")
  })

const serviceHead = (name: string): string => {
  const head = `export class ${name} extends Context.Service<${name}, App.App<typeof endpoints>>()`
  return `${head}${print(call("", literal(name)), 0, width(head), 2)} {`
}

const decode = Schema.decodeUnknownResult(Contract)

/** The contract in the text of a module, or why there is none. */
export const read = (text: string): Result.Result<Contract, string> => {
  const lines = text.split(/\r?\n/)
  const at = lines.lastIndexOf(marker)
  if (at < 0) return Result.fail("this is no module that effect-gradio generated: it has no contract in it")
  const written = lines.slice(at + 1)
  const end = written.findIndex((line) => !line.startsWith("// "))
  const contract = written
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.slice(3))
    .join("\n")
  return Result.flatMap(
    Result.try({ try: () => parse(contract), catch: () => "the contract in the module was changed: it is no JSON" }),
    (json) => Result.mapError(decode(json), (error) => `the contract in the module was changed: ${error.message}`)
  )
}
