/**
 * From the words after APP to the endpoint and its input. Parameter names are known at run time only and may be anything, so words are read by the list
 * of parameters: `name=text`, `name:=json`, `name=@file`, one JSON object by name, or one JSON list by position. Pure: files are left as marks that
 * `loadFiles` of `fileArguments.ts` replaces.
 */
import * as Result from "effect/Result"

import type { ParameterInfo } from "../ApiInfo.ts"
import { nearest } from "../internal/nearest.ts"
import { get, isRecord, setUnsafe } from "../internal/record.ts"
import { isMessage, type Kind, kindOf } from "./valueKind.ts"

/** Something wrong with the words, for whoever wrote them. */
export interface Problem {
  readonly problem: string
}

const MarkTypeId: unique symbol = Symbol("effect-gradio/cli/FileMark")

/** Stands for a file that is still to be read: as a file to send, or for its text, of which `read` makes the value. */
export interface FileMark {
  readonly [MarkTypeId]: typeof MarkTypeId
  /** A path of this machine, or a URL where a file is wanted. */
  readonly at: string
  readonly read: "file" | ((text: string) => Result.Result<unknown, Problem>)
}

export const isFileMark = (u: unknown): u is FileMark => typeof u === "object" && u !== null && MarkTypeId in u

export const fileMark = (at: string, read: FileMark["read"]): FileMark => ({ [MarkTypeId]: MarkTypeId, at, read })

/** What the words after APP are: an endpoint, where the first can be none of its input, and the input. */
export interface Words {
  readonly endpoint: string | number | undefined
  readonly input: ReadonlyArray<string>
}

/** A first word that begins with a slash, or that is no input, is the endpoint; a whole number means one without a name. */
export const splitWords = (words: ReadonlyArray<string>): Words => {
  const [first, ...rest] = words
  if (first === undefined) return { endpoint: undefined, input: words }
  if (/^\d+$/.test(first)) return { endpoint: Number(first), input: rest }
  return first.startsWith("/") || !/=|^[{[]|^-$|^$/.test(first)
    ? { endpoint: first, input: rest }
    : { endpoint: undefined, input: words }
}

type Form = "text" | "json" | "file"

interface Assignment {
  readonly parameter: ParameterInfo
  readonly form: Form
  readonly value: string
}

const listOf = (parameters: ReadonlyArray<ParameterInfo>): string =>
  parameters.length === 0 ? "it takes none" : `it takes ${parameters.map(({ name }) => name).join(", ")}`

const unknownParameter = (name: string, parameters: ReadonlyArray<ParameterInfo>): Problem => {
  const [near] = nearest(
    name,
    parameters.map((parameter) => parameter.name)
  )
  const hint = near === undefined ? `${listOf(parameters)}.` : `did you mean ${near}?`
  return { problem: `There is no parameter ${JSON.stringify(name)}; ${hint}` }
}

/** The forms that a word can have for a name, each with the sign between name and value; the first that fits counts. */
const signs: ReadonlyArray<readonly [sign: string, form: Form]> = [
  [":=", "json"],
  ["=@", "file"],
  ["=", "text"]
]

/** Of the parameters whose name the word begins with, the one with the longest name is meant: names may hold any sign themselves. */
const assignmentOf = (word: string, parameters: ReadonlyArray<ParameterInfo>): Result.Result<Assignment, Problem> => {
  const fitting = parameters.flatMap((parameter) => {
    const [sign, form] = signs.find(([one]) => word.startsWith(parameter.name + one)) ?? []
    return sign === undefined || form === undefined
      ? []
      : [{ parameter, form, value: word.slice(parameter.name.length + sign.length) }]
  })
  const [meant] = fitting.toSorted((a, b) => b.parameter.name.length - a.parameter.name.length)
  if (meant !== undefined) {
    // `name=@@text` is a text that begins with @.
    return Result.succeed(
      meant.form === "file" && meant.value.startsWith("@") ? { ...meant, form: "text" as const } : meant
    )
  }
  const at = word.search(/:?=/)
  return Result.fail(
    at < 0
      ? { problem: `${JSON.stringify(word)} is no input; write name=value, and ${listOf(parameters)}.` }
      : unknownParameter(word.slice(0, at), parameters)
  )
}

/** The digits of a number without a fraction, as JSON has them: the shortest that are read as the same number. */
const digitsOf = (number: number): string => {
  const [mantissa = "", exponent = ""] = String(Math.abs(number)).split("e+")
  const [whole = "", fraction = ""] = mantissa.split(".")
  return whole + fraction.padEnd(Number(exponent), "0")
}

const isTooLarge = (text: string): boolean => Math.abs(Number(text)) === Infinity

/** Whether a number is sent as it is written. Of whole ones, as identifiers are, no digit may change; fractions are rounded everywhere. */
const isHeld = (text: string): boolean => {
  if (isTooLarge(text)) return false
  const whole = /^[+-]?0*(\d+)$/.exec(text.trim())?.[1]
  return whole === undefined || whole === digitsOf(Number(text))
}

const unheld = (name: string, text: string): Problem => ({
  problem: isTooLarge(text)
    ? `${name}: the number ${text.trim()} is too large.`
    : `${name}: the number ${text.trim()} has too many digits, and would be sent as ${Number(text)}.`
})

const jsonOf = (text: string, what: string): Result.Result<unknown, Problem> =>
  Result.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) => ({ problem: `${what} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}.` })
  })

/** The same where all its numbers are held. */
const parseJson = (text: string, what: string): Result.Result<unknown, Problem> => {
  const parsed = jsonOf(text, what)
  if (Result.isFailure(parsed)) return parsed
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (!isHeld(token)) return Result.fail(unheld(what, token))
  }
  return parsed
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false]
])

const isUrl = (text: string): boolean => /^https?:\/\/|^data:/i.test(text)

/** What somebody says in a chat: a text, with files or without. */
const message = (text: string, files: ReadonlyArray<FileMark>) => ({ text, files })

/** The value that a text stands for where a value of this kind is wanted. */
const convert = (kind: Kind, text: string, name: string): Result.Result<unknown, Problem> => {
  const choice = kind.choices.find((one) => String(one) === text)
  if (choice !== undefined) return Result.succeed(choice)
  if (kind.number && text.trim() !== "" && Number.isFinite(Number(text))) {
    if (isHeld(text)) return Result.succeed(Number(text))
    if (!kind.text) return Result.fail(unheld(name, text))
  }
  const flag = kind.boolean ? booleans.get(text.toLowerCase()) : undefined
  if (flag !== undefined) return Result.succeed(flag)
  if ((kind.object && /^\s*\{/.test(text)) || (kind.list !== undefined && /^\s*\[/.test(text)))
    return fromText(kind, text, name)
  if (isMessage(kind)) return Result.succeed(message(text, []))
  if (kind.list !== undefined && !kind.text) return Result.map(convert(kind.list, text, name), (one) => [one])
  if (kind.any) {
    // What is meant as JSON is never sent as a text.
    const isJson = /^\s*[{[]/.test(text) || Result.isSuccess(jsonOf(text, name))
    return isJson ? fromText(kind, text, name) : Result.succeed(text)
  }
  if (kind.text) return Result.succeed(text)
  if (kind.file) {
    return isUrl(text)
      ? Result.succeed(fileMark(text, "file"))
      : Result.fail({ problem: `${name} takes a file: write ${name}=@FILE, not ${name}=${shown(text)}.` })
  }
  const wanted = [
    kind.number ? "a number" : "",
    kind.boolean ? "true or false" : "",
    kind.object ? "a JSON object" : ""
  ].filter((one) => one !== "")
  return Result.fail({ problem: `${name} takes ${wanted.join(" or ")}, not ${shown(text)}.` })
}

/** In JSON a text that begins with @ is a file where a file is wanted, at any depth; `"@@…"` is none anywhere. */
const withMarks = (kind: Kind, value: unknown): unknown => {
  if (typeof value === "string") {
    if (kind.file && value.startsWith("@")) return fileMark(value.slice(1), "file")
    return kind.file && !kind.text && isUrl(value) ? fileMark(value, "file") : value
  }
  if (Array.isArray(value)) {
    const { list } = kind
    return list === undefined ? value : value.map((one) => withMarks(list, one))
  }
  if (typeof value !== "object" || value === null) return value
  const marked = {}
  for (const [key, one] of Object.entries(value)) {
    const inner = kind.fields.get(key)
    setUnsafe(marked, key, inner === undefined ? one : withMarks(inner, one))
  }
  return marked
}

/** The value of a JSON text. */
const fromText = (kind: Kind, text: string, name: string): Result.Result<unknown, Problem> =>
  Result.map(parseJson(text, name), (json) => withMarks(kind, json))

const valueOf = ({ form, parameter, value }: Assignment): Result.Result<unknown, Problem> => {
  const { name } = parameter
  const kind = kindOf(parameter)
  if (form === "json") return fromText(kind, value, name)
  if (form === "text") return convert(kind, value, name)
  if (kind.file) return Result.succeed(fileMark(value, "file"))
  if (kind.list?.file === true) return Result.succeed([fileMark(value, "file")])
  if (isMessage(kind)) return Result.succeed(message("", [fileMark(value, "file")]))
  return Result.succeed(fileMark(value, (text) => convert(kind, text, name)))
}

/** The parts of a message that was given in several words. */
const joined = (values: ReadonlyArray<unknown>): unknown => {
  const parts = values.filter(isRecord)
  const texts = parts.map((part) => get(part, "text")).filter((text) => text !== "")
  return {
    text: texts.join("\n"),
    files: parts.flatMap((part) => get(part, "files") ?? [])
  }
}

/** The values of one name that was given several times: a list, or a text with its files. */
const together = (parameter: ParameterInfo, values: ReadonlyArray<unknown>): Result.Result<unknown, Problem> => {
  const [only, ...others] = values
  if (others.length === 0) return Result.succeed(only)
  const kind = kindOf(parameter)
  if (isMessage(kind)) return Result.succeed(joined(values))
  return kind.list === undefined
    ? Result.fail({ problem: `${parameter.name} was given ${values.length} times, and takes one value.` })
    : Result.succeed(values.flatMap((value): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])))
}

/** A JSON object by name, or a list by position. */
const fromJson = (
  word: string,
  parameters: ReadonlyArray<ParameterInfo>
): Result.Result<ReadonlyArray<readonly [ParameterInfo, unknown]>, ReadonlyArray<Problem>> => {
  const parsed = parseJson(word, "The input")
  if (Result.isFailure(parsed)) return Result.fail([parsed.failure])
  const json = parsed.success
  if (Array.isArray(json)) {
    const values: ReadonlyArray<unknown> = json
    return values.length > parameters.length
      ? Result.fail([
          {
            problem: `The list has ${values.length} values, but there are ${parameters.length} parameters; ${listOf(parameters)}.`
          }
        ])
      : Result.succeed(
          parameters.slice(0, values.length).map((parameter, i) => [parameter, withMarks(kindOf(parameter), values[i])])
        )
  }
  if (typeof json !== "object" || json === null) {
    return Result.fail([
      { problem: "The input is no JSON object with the parameters by name, and no list of their values." }
    ])
  }
  const problems: Array<Problem> = []
  const given: Array<readonly [ParameterInfo, unknown]> = []
  for (const [name, value] of Object.entries(json)) {
    const parameter = parameters.find((one) => one.name === name)
    if (parameter === undefined) problems.push(unknownParameter(name, parameters))
    else given.push([parameter, withMarks(kindOf(parameter), value)])
  }
  return problems.length > 0 ? Result.fail(problems) : Result.succeed(given)
}

/** Whether a word of the input stands for JSON on the standard input. */
export const isStdin = (word: string): boolean => word === "-"

/**
 * The input by parameter name, or by position where a name stands for several parameters, with marks where files are still to be read; or everything
 * that is wrong with the words.
 */
export const bind = (
  words: ReadonlyArray<string>,
  parameters: ReadonlyArray<ParameterInfo>
): Result.Result<Readonly<Record<string, unknown>> | ReadonlyArray<unknown>, ReadonlyArray<Problem>> => {
  const problems: Array<Problem> = []
  const given = new Map<ParameterInfo, Array<unknown>>()
  const add = (parameter: ParameterInfo, value: unknown): void =>
    void given.set(parameter, [...(given.get(parameter) ?? []), value])
  for (const word of words) {
    const assignment = assignmentOf(word, parameters)
    if (Result.isFailure(assignment) && /^\s*[{[]/.test(word)) {
      const json = fromJson(word, parameters)
      if (Result.isFailure(json)) problems.push(...json.failure)
      else for (const [parameter, value] of json.success) add(parameter, value)
      continue
    }
    const value = Result.flatMap(assignment, valueOf)
    if (Result.isFailure(value)) problems.push(value.failure)
    else if (Result.isSuccess(assignment)) add(assignment.success.parameter, value.success)
  }
  const input = {}
  const positional: Array<unknown> = parameters.map(() => undefined)
  for (const [parameter, values] of given) {
    const value = together(parameter, values)
    if (Result.isFailure(value)) problems.push(value.failure)
    else {
      setUnsafe(input, parameter.name, value.success)
      positional[parameters.indexOf(parameter)] = value.success
    }
  }
  const isByName = [...given.keys()].every((one) => parameters.find(({ name }) => name === one.name) === one)
  for (const parameter of parameters) {
    if (!parameter.hasDefault && !given.has(parameter) && problems.length === 0) {
      problems.push({ problem: `${parameter.name} is missing.` })
    }
  }
  return problems.length > 0 ? Result.fail(problems) : Result.succeed(isByName ? input : positional)
}
