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
import { doc, endpointDoc, inline, outputName, parameterDoc } from "./comments.ts"
import { Contract, type Endpoint, isByPosition, type Parameter } from "./Contract.ts"
import { className, identifiers } from "./identifiers.ts"
import { nullOr, schemaCode, takesNull } from "./schemaCode.ts"
import { width } from "./width.ts"

/** The schema of a parameter; of one that is `null` where it is not given, one that takes that. */
const parameterCode = (parameter: Parameter): { readonly code: Code; readonly unknown: ReadonlyArray<string> } => {
  const { code, unknown } = schemaCode(parameter, "input")
  const fits = parameter.required || parameter.default !== null || takesNull(parameter.type)
  return { code: fits ? code : nullOr(code), unknown }
}

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

interface Declaration {
  readonly doc: ReadonlyArray<string>
  readonly code: Code
}

const declaration = (endpoint: Endpoint): Declaration => {
  const outputs = endpoint.outputs.map((output) => schemaCode(output, "output"))
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
          value: isByPosition(endpoint) ? listedInput(endpoint.parameters) : namedInput(endpoint.parameters)
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
// What a module has from its surroundings.
const global = "URL"

const importing = (names: string, source: string): string => `import ${names} from ${literal(source)}`

const exported = (name: string, { code, doc: lines }: Declaration): string => {
  const head = `export const ${name} = `
  return `${comment(lines, 0)}\n${head}${print(code, 0, head.length, 0)}\n`
}

const marker = "// The contract that this module was made from:"

/** An endpoint on each line, so that a change shows where it is. */
const linesOf = ({ endpoints, ...header }: Contract): ReadonlyArray<string> => {
  const head = json({ ...header, endpoints: [] }).slice(0, -2)
  const lines = endpoints.map((endpoint, index) => json(endpoint) + (index === endpoints.length - 1 ? "" : ","))
  return [head, ...lines, "]}"]
}

const sha256 = (text: string): Effect.Effect<string> =>
  Effect.map(
    Effect.flatMap(WebCrypto.WebCrypto, (crypto) =>
      Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
    ),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

/** The SHA-256 of a contract, in hexadecimal digits. */
export const hash = (contract: Contract): Effect.Effect<string> => sha256(linesOf(contract).join(""))

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
    const service = className(contract.title, "GradioApp", new Set([...imported, global, ...names]))
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
      ...linesOf(contract).map((line) => `// ${line}`),
      ""
    ].join("\n")
  })

const serviceHead = (name: string): string => {
  const head = `export class ${name} extends Context.Service<${name}, App.App<typeof endpoints>>()`
  return `${head}${print(call("", literal(name)), 0, width(head), 2)} {`
}

const decode = Schema.decodeUnknownResult(Contract)

/** The lines of the contract in the text of a module, as they were written. */
const writtenIn = (text: string): ReadonlyArray<string> | undefined => {
  const lines = text.split(/\r?\n/)
  const at = lines.lastIndexOf(marker)
  if (at < 0) return undefined
  const written = lines.slice(at + 1)
  const end = written.findIndex((line) => !line.startsWith("// "))
  return written.slice(0, end < 0 ? undefined : end).map((line) => line.slice(3))
}

const edited = (problem: string): string =>
  `the contract in the module was edited by hand after it was made, ${problem}; generate it anew`

/** The contract in the text of a module as it stands there, or why there is none. {@link verify} knows as well whether it is still that of `generate`. */
export const read = (text: string): Result.Result<Contract, string> => {
  const written = writtenIn(text)
  if (written === undefined) {
    return Result.fail("this is no module that effect-gradio generated: it has no contract in it")
  }
  return Result.flatMap(
    Result.try({ try: () => parse(written.join("\n")), catch: () => edited("and is no JSON any more") }),
    (json) => Result.mapError(decode(json), (error) => edited(`and does not fit: ${error.message}`))
  )
}

/** The contract in the text of a module, which has the SHA-256 that the head of the module says; or why there is none. */
export const verify = (text: string): Effect.Effect<Contract, string> =>
  Effect.gen(function* () {
    const contract = yield* Effect.fromResult(read(text))
    const [, said] = /^ \* sha256: ([0-9a-f]{64})\r?$/m.exec(text) ?? []
    return said === (yield* sha256(writtenIn(text)?.join("") ?? ""))
      ? contract
      : yield* Effect.fail(edited("and has another SHA-256 than its head says"))
  })
