/** What an app says of its endpoints, as comments of a module. */
import { json, number } from "./Code.ts"
import { type Endpoint, isByPosition, type Output, type Parameter } from "./Contract.ts"

// Of a description; the contract has all of it.
const longest = 2000

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

/** The same on one line. */
export const inline = (text: string): string => prose(text).join(" ")

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

/** The lines of a comment of these sentences. */
export const doc = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  wrapped(
    texts
      .map(sentence)
      .filter((text) => text !== "")
      .join(" ")
  )

/** What stands above a parameter, if there is something to say; `unknown` are the reasons why it may be any value. */
export const parameterDoc = (parameter: Parameter, unknown: ReadonlyArray<string>): ReadonlyArray<string> =>
  doc([
    plain(parameter.label) === plain(parameter.name) ? "" : parameter.label,
    parameter.description ?? "",
    facts(parameter),
    unknownText(unknown),
    defaultText(parameter.default)
  ])

/** What an output is called. */
export const outputName = ({ component, label }: Output): string => {
  const name = inline(label).replaceAll("`", "'")
  return `\`${name === "" ? inline(component) : name}\``
}

const outputText = ({ generator, outputs }: Endpoint): string =>
  outputs.length === 0 ? "Gives nothing." : `${generator ? "Yields" : "Gives"} ${outputs.map(outputName).join(", ")}.`

/** What stands above an endpoint; `unknown` says which outputs may be any value. */
export const endpointDoc = (endpoint: Endpoint, unknown: ReadonlyArray<string>): ReadonlyArray<string> => {
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
    isByPosition(endpoint)
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
