/** A program in TypeScript that calls an endpoint with this library, for whoever goes on from the command line. Pure. */
import type { EndpointInfo, ParameterInfo } from "../ApiInfo.ts"
import { isRecord } from "../internal/record.ts"
import { valueText } from "./appTable.ts"
import { kindOf } from "./valueKind.ts"

/** What the program is for. */
export interface About {
  readonly source: string
  /** Gradio 3 is reached by a layer of its own. */
  readonly isGradio3: boolean
  readonly endpoint: EndpointInfo
}

/** A text of JSON is one of TypeScript, but for two line breaks that are none in JSON. */
const literal = (value: unknown): string =>
  (JSON.stringify(value) ?? "undefined").replace(/[\u2028\u2029]/g, (one) =>
    one === "\u2028" ? String.raw`\u2028` : String.raw`\u2029`
  )

/** `__proto__` as a name would set the prototype: in brackets it is a name. */
const key = (name: string): string =>
  name === "__proto__" ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)

/** Something to begin with where an app gives no example. */
const placeholder = (parameter: ParameterInfo): string => {
  const kind = kindOf(parameter)
  const [choice] = kind.choices
  if (choice !== undefined) return literal(choice)
  if (kind.text || kind.any) return '""'
  if (kind.number) return "0"
  if (kind.boolean) return "false"
  return kind.list === undefined ? "{}" : "[]"
}

const isFile = (parameter: ParameterInfo): boolean => {
  const kind = kindOf(parameter)
  return kind.file || kind.list?.file === true
}

const fileExpression = (parameter: ParameterInfo): string => {
  const { example } = parameter
  const [first] = Array.isArray(example) ? example : [example]
  const text = isRecord(first) || typeof first === "string" ? valueText(first) : ""
  const file = /^https?:/.test(text) ? `GradioFile.fromUrl(${literal(text)})` : `yield* GradioFile.fromPath("file")`
  return kindOf(parameter).file ? file : `[${file}]`
}

const expression = (parameter: ParameterInfo): string => {
  if (isFile(parameter)) return fileExpression(parameter)
  const value = parameter.example ?? parameter.default ?? undefined
  return value === undefined ? placeholder(parameter) : literal(value)
}

/** Files that may be left out are: what an app shows for them is an address of its own. */
const isWritten = (parameter: ParameterInfo): boolean => !parameter.hasDefault || !isFile(parameter)

/** The program, which runs on Node beside `effect` and `@effect/platform-node`. */
export const programOf = ({ endpoint, isGradio3, source }: About): string => {
  const written = endpoint.parameters.filter(isWritten)
  // A name that several parameters have is no key.
  const isByName = new Set(endpoint.parameters.map(({ name }) => name)).size === endpoint.parameters.length
  const last = endpoint.parameters.findLastIndex(isWritten)
  const entries = isByName
    ? written.map((parameter) => `${key(parameter.name)}: ${expression(parameter)}`)
    : endpoint.parameters.slice(0, last + 1).map((one) => (isWritten(one) ? expression(one) : "undefined"))
  const [start, end] = isByName ? ["{", "}"] : ["[", "]"]
  const short = isByName ? `{ ${entries.join(", ")} }` : `[${entries.join(", ")}]`
  const input =
    entries.length === 0
      ? "{}"
      : short.length <= 60
        ? short
        : `${start}\n${entries.map((one) => `    ${one}`).join(",\n")}\n  ${end}`
  const called = `app.${endpoint.generator ? "stream" : "predict"}(${literal(endpoint.name ?? endpoint.fnIndex)}, ${input})`
  const names = ["GradioClient", ...(input.includes("GradioFile.") ? ["GradioFile"] : [])]
  const readsFiles = input.includes("fromPath")
  const services = [
    "NodeHttpClient.layerUndici",
    ...(readsFiles ? ["NodeServices.layer"] : []),
    ...(isGradio3 ? ["Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)"] : [])
  ]
  const platform = [
    "NodeHttpClient",
    "NodeRuntime",
    ...(readsFiles ? ["NodeServices"] : []),
    ...(isGradio3 ? ["NodeSocket"] : [])
  ]
  const effect = ["Console", "Effect", ...(isGradio3 ? ["Layer"] : []), ...(endpoint.generator ? ["Stream"] : [])]
  return [
    `import { ${platform.join(", ")} } from "@effect/platform-node"`,
    `import { ${effect.join(", ")} } from "effect"`,
    `import { ${names.join(", ")} } from "effect-gradio"`,
    ...(isGradio3 ? [`import * as Gradio3 from "effect-gradio/Gradio3"`] : []),
    "",
    "const program = Effect.gen(function* () {",
    `  const app = yield* GradioClient.connect(${literal(source)})`,
    ...(endpoint.generator
      ? [`  yield* ${called}.pipe(Stream.runForEach((outputs) => Console.log(outputs)))`]
      : [`  const outputs = yield* ${called}`, "  yield* Console.log(outputs)"]),
    `}).pipe(Effect.scoped, Effect.provide(${services.length === 1 ? services[0] : `[${services.join(", ")}]`}))`,
    "",
    "NodeRuntime.runMain(program)"
  ].join("\n")
}
