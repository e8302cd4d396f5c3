/** The endpoints of an app as text for people: how each is called, what it takes and what it gives. */
import type { ParameterInfo, ReturnInfo } from "../ApiInfo.ts"
import { callable, listed, type ResolvedEndpoint } from "./endpoints.ts"

export interface DescribeOptions {
  /** Also the endpoints that the app does not list: undocumented and rendered ones. Default: false. */
  readonly hidden?: boolean | undefined
  /** The endpoints without a name, which are called by number. By default they are counted, and shown where there are no others. */
  readonly unnamed?: boolean | undefined
}

// Texts come from the server and end up in terminals: one line each, without control sequences.
const plain = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()

const withDescription = (description: string): string => (plain(description) === "" ? "" : ` (${plain(description)})`)

const isFile = (value: object): value is { readonly url: string } =>
  "url" in value && typeof value.url === "string" && "path" in value

const longestDefault = 200

/** As JSON; a file by its address, since its description would hide the rest. */
const showDefault = (value: unknown): string => {
  const shown: string =
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && isFile(inner) ? `file ${inner.url}` : inner
    ) ?? "null"
  return shown.length > longestDefault ? `${shown.slice(0, longestDefault)}…` : shown
}

const parameterLine = (parameter: ParameterInfo): string => {
  const nullable = parameter.hasDefault && (parameter.default ?? null) === null ? " | None" : ""
  const need = parameter.hasDefault ? `optional, default ${showDefault(parameter.default)}` : "required"
  const label = parameter.label === parameter.name ? "" : ` "${plain(parameter.label)}"`
  return `    - ${plain(parameter.name)}: ${plain(parameter.pythonType)}${nullable}, ${need} [${plain(parameter.component)}${label}]${withDescription(parameter.description)}`
}

const returnLine = (result: ReturnInfo): string =>
  `    - ${plain(result.label)}: ${plain(result.pythonType)} [${plain(result.component)}]${withDescription(result.description)}`

const lines = <A>(title: string, items: ReadonlyArray<A>, line: (item: A) => string): ReadonlyArray<string> =>
  items.length === 0 ? [`  ${title}: none`] : [`  ${title}:`, ...items.map(line)]

const marks = (endpoint: ResolvedEndpoint): string => {
  const found = [
    endpoint.generator ? "several outputs" : "",
    endpoint.queue ? "" : "not queued",
    endpoint.visibility === "undocumented" ? "undocumented" : "",
    endpoint.renderedIn === undefined ? "" : "this session only"
  ].filter((mark) => mark !== "")
  return found.length === 0 ? "" : `  [${found.join(", ")}]`
}

const describeEndpoint = (endpoint: ResolvedEndpoint): string => {
  const asked = endpoint.name === undefined ? String(endpoint.fnIndex) : plain(endpoint.name)
  const parameters = endpoint.parameters.map((parameter) => plain(parameter.name)).join(", ")
  const results = endpoint.returns.map((result) => plain(result.label)).join(", ")
  return [
    `${asked}(${parameters}) -> [${results}]${marks(endpoint)}`,
    ...(plain(endpoint.description) === "" ? [] : [`  ${plain(endpoint.description)}`]),
    ...(endpoint.actsForUser === undefined
      ? []
      : [
          `  Acts on your behalf: takes your Hugging Face token (${endpoint.actsForUser}), which is sent only when you give one for this.`
        ]),
    ...lines("Parameters", endpoint.parameters, parameterLine),
    ...lines("Returns", endpoint.returns, returnLine)
  ].join("\n")
}

/**
 * The API of an app as text.
 *
 * Shows what `view_api` of the Python client shows (gradio_client/client.py), and which endpoints give several outputs, skip the queue or are hidden.
 */
export const describe = (
  title: string,
  table: ReadonlyArray<ResolvedEndpoint>,
  options?: DescribeOptions | undefined
): string => {
  const shown = options?.hidden === true ? callable(table) : listed(table)
  const named = shown.filter((endpoint) => endpoint.name !== undefined)
  const unnamed = shown.filter((endpoint) => endpoint.name === undefined)
  const showUnnamed = options?.unnamed ?? named.length === 0
  return [
    `${plain(title)}: ${named.length} named ${named.length === 1 ? "endpoint" : "endpoints"}`,
    ...named.map(describeEndpoint),
    ...(unnamed.length === 0 ? [] : [`${unnamed.length} without a name, called by number${showUnnamed ? ":" : ""}`]),
    ...(showUnnamed ? unnamed.map(describeEndpoint) : [])
  ].join("\n\n")
}
