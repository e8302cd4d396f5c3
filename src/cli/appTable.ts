/** The endpoints of an app as tables for people. Pure. */
import type { ApiInfo, EndpointInfo, ParameterInfo, ReturnInfo } from "../ApiInfo.ts"
import { replaced } from "../internal/files/nested.ts"
import { isRecord } from "../internal/record.ts"
import { fit, oneLine, table } from "./text.ts"
import { isMessage, type Kind, kindOf } from "./valueKind.ts"

const longestCell = 36
const longestChoices = 48

/** A kind of value in a few words: `number`, `text`, `add | subtract`, `list of file`. */
export const kindText = (kind: Kind): string => {
  if (kind.choices.length > 0 && kind.list === undefined) {
    const listed = kind.choices.map(String).join(" | ")
    return oneLine(listed.length <= longestChoices ? listed : `one of ${kind.choices.length}`)
  }
  if (isMessage(kind)) return "text and files"
  const parts = [
    kind.file ? "file" : "",
    kind.text ? "text" : "",
    kind.number ? "number" : "",
    kind.boolean ? "true/false" : "",
    kind.list === undefined ? "" : `list of ${kindText(kind.list)}`,
    kind.object ? "JSON object" : ""
  ].filter((part) => part !== "")
  return parts.length === 0 ? "any" : parts.join(" or ")
}

/** A file is shown by its address or its name: the rest of its description says nothing. */
const shownFile = (part: unknown): string | undefined => {
  if (!isRecord(part) || !("meta" in part) || !("path" in part)) return undefined
  const { path, url } = part
  return typeof url === "string" ? url : typeof path === "string" ? path : undefined
}

/** A value as somebody would write it: text as it is, all else as JSON. */
export const valueText = (value: unknown): string => {
  const shown = replaced(value, shownFile)
  return oneLine(typeof shown === "string" ? shown : (JSON.stringify(shown) ?? ""))
}

const defaultText = ({ default: value, hasDefault }: ParameterInfo): string =>
  hasDefault ? (value === "" ? '""' : valueText(value ?? null)) : "(required)"

const cell = (text: string): string => fit(text, longestCell)

const note = (label: string, name: string, component: string): string => {
  const said = oneLine(label)
  // Without a label of its own a component has one of its number.
  const isOwn = said !== "" && said.toLowerCase() !== name.toLowerCase() && !/^parameter_\d+$/.test(said)
  return isOwn ? `${component}: ${said}` : component
}

const parameterRow = (parameter: ParameterInfo): ReadonlyArray<string> => [
  `  ${oneLine(parameter.name)}`,
  kindText(kindOf(parameter)),
  cell(defaultText(parameter)),
  cell(valueText(parameter.example ?? "")),
  note(parameter.label, parameter.name, parameter.component)
]

const returnRow = (result: ReturnInfo): ReadonlyArray<string> => [
  `  ${oneLine(result.label)}`,
  kindText(kindOf(result)),
  "",
  "",
  result.component
]

/** The parameters of an endpoint with what each takes. */
export const parameterTable = (parameters: ReadonlyArray<ParameterInfo>): ReadonlyArray<string> =>
  parameters.length === 0
    ? ["  none"]
    : table([["  NAME", "TYPE", "DEFAULT", "EXAMPLE", "COMPONENT"], ...parameters.map(parameterRow)])

const marks = (endpoint: EndpointInfo): string => {
  const found = [endpoint.generator ? "several outputs" : "", endpoint.queue ? "" : "not queued"].filter(
    (mark) => mark !== ""
  )
  return found.length === 0 ? "" : `  (${found.join(", ")})`
}

/** One endpoint: what it is called, what it takes and what it gives, in one table. */
export const endpointTable = (endpoint: EndpointInfo): ReadonlyArray<string> => {
  const description = oneLine(endpoint.description)
  const { parameters, returns } = endpoint
  return [
    `${endpoint.name === undefined ? endpoint.fnIndex : oneLine(endpoint.name)}${marks(endpoint)}`,
    ...(description === "" ? [] : [`  ${description}`]),
    ...(endpoint.actsForUser === undefined ? [] : [`  Takes your Hugging Face token (${endpoint.actsForUser}).`]),
    ...table([
      ...(parameters.length === 0 ? [["  TAKES nothing"]] : [["  TAKES", "TYPE", "DEFAULT", "EXAMPLE", "COMPONENT"]]),
      ...parameters.map(parameterRow),
      [returns.length === 0 ? "  GIVES nothing" : "  GIVES"],
      ...returns.map(returnRow)
    ])
  ]
}

/** The endpoints of an app in their order, those without a name last. */
export const endpointsOf = (api: ApiInfo): ReadonlyArray<EndpointInfo> => [
  ...Object.values(api.named),
  ...Object.values(api.unnamed)
]

/** An app with all its endpoints. */
export const appTable = (about: {
  readonly title: string
  readonly url: string
  readonly version: string
  readonly endpoints: ReadonlyArray<EndpointInfo>
}): ReadonlyArray<string> => {
  const { endpoints } = about
  const count = `${endpoints.length} ${endpoints.length === 1 ? "endpoint" : "endpoints"}`
  return [
    `${oneLine(about.title)} at ${about.url} (Gradio ${oneLine(about.version)}), ${count}`,
    ...endpoints.flatMap((endpoint) => ["", ...endpointTable(endpoint)])
  ]
}
