/**
 * From the arguments of a call to the data array that the server wants, and from the data array of an answer to the outputs.
 *
 * Nothing is converted or uploaded here: every value arrives in the slot of its parameter as it was given.
 */
import * as Result from "effect/Result"

import type { ParameterInfo } from "../ApiInfo.ts"
import { type Input, isMixed, type NamedInput } from "../Input.ts"
import type { ResolvedEndpoint } from "./endpoints.ts"
import { refusal } from "./files/nested.ts"
import { isFileLike } from "./files/outgoing.ts"
import { nearest } from "./nearest.ts"
import { get, isRecord, set } from "./record.ts"

/** Something wrong with the arguments, in words for whoever wrote the call. */
export interface InputProblem {
  readonly parameter: string
  readonly problem: string
}

const show = (parameter: ParameterInfo): string =>
  `"${parameter.name}" (${parameter.pythonType}, ${parameter.component})`

const showAll = (parameters: ReadonlyArray<ParameterInfo>): string =>
  parameters.length === 0 ? "no parameters" : parameters.map(show).join(", ")

interface Arguments {
  readonly positional: ReadonlyArray<unknown>
  readonly named: NamedInput
}

const isList = (input: unknown): input is ReadonlyArray<unknown> => Array.isArray(input)

/** Whether the keys of an object are names of parameters: it is no value that means something by itself, such as a file, a date or an Effect. */
const isNamed = (input: unknown): input is NamedInput => {
  if (!isRecord(input) || isFileLike(input) || isMixed(input)) return false
  const prototype: unknown = Object.getPrototypeOf(input)
  if (prototype === Object.prototype || prototype === null) return true
  return refusal(input) === undefined && typeof Reflect.get(input, "toJSON") !== "function"
}

/** The types cannot say all that is no input, and programs in JavaScript have none. */
const split = (input: unknown): Arguments | undefined => {
  if (isMixed(input)) return isList(input.positional) && isNamed(input.named) ? input : undefined
  if (isList(input)) return { positional: input, named: {} }
  return isNamed(input) ? { positional: [], named: input } : undefined
}

const noInput: InputProblem = {
  parameter: "input",
  problem: "the input is a list of values or an object by parameter name; put a single value into a list: [value]"
}

/** A schema of `gradio.FileData`, as Gradio 4 and later describe a file; Gradio 3 takes texts for files. */
const isFileSchema = (schema: unknown): boolean => {
  const properties = isRecord(schema) ? get(schema, "properties") : undefined
  return isRecord(properties) && Object.hasOwn(properties, "path") && Object.hasOwn(properties, "meta")
}

/** The schema of the items of a list, which may be a reference to a definition at the root. */
const itemsOf = (schema: unknown): unknown => {
  if (!isRecord(schema)) return undefined
  const items = get(schema, "items")
  const reference = isRecord(items) ? get(items, "$ref") : undefined
  const definitions = get(schema, "$defs")
  return typeof reference === "string" && isRecord(definitions)
    ? get(definitions, reference.replace(/^#\/\$defs\//, ""))
    : items
}

/** Texts where files belong: no server of these versions takes them, and what it says then helps nobody. */
const textForFile = (parameter: ParameterInfo, value: unknown): InputProblem | undefined => {
  const isMany = isFileSchema(itemsOf(parameter.type))
  const isText =
    typeof value === "string"
      ? isMany || isFileSchema(parameter.type)
      : isMany && isList(value) && value.some((one) => typeof one === "string")
  return isText
    ? {
        parameter: parameter.name,
        problem: `${show(parameter)} takes ${isMany ? "files" : "a file"}; make ${isMany ? "them" : "one"} with GradioFile.fromPath or fromUrl`
      }
    : undefined
}

const surplusProblem = (parameters: ReadonlyArray<ParameterInfo>, given: number): InputProblem => ({
  parameter: String(parameters.length),
  problem: `${given} values were given by position, but the endpoint takes ${parameters.length}: ${showAll(parameters)}`
})

const unknownProblem = (parameters: ReadonlyArray<ParameterInfo>, name: string): InputProblem => {
  const [meant] = nearest(
    name,
    parameters.map((parameter) => parameter.name)
  )
  const near = parameters.find((parameter) => parameter.name === meant)
  const hint = near === undefined ? `the endpoint takes ${showAll(parameters)}` : `did you mean ${show(near)}?`
  return { parameter: name, problem: `there is no parameter "${name}"; ${hint}` }
}

/** The number of values that were given: trailing ones that count as not given are no surplus. */
const countGiven = (positional: ReadonlyArray<unknown>): number =>
  positional.findLastIndex((value) => value !== undefined) + 1

const bindNamed = (
  parameters: ReadonlyArray<ParameterInfo>,
  { positional, named }: Arguments,
  problems: Array<InputProblem>
): ReadonlyMap<string, unknown> => {
  const positions = new Map<string, number>()
  for (const [position, { name }] of parameters.entries()) if (!positions.has(name)) positions.set(name, position)
  const bound = new Map<string, unknown>()
  for (const name of Object.keys(named)) {
    let value: unknown
    try {
      value = Reflect.get(named, name)
    } catch {
      problems.push({ parameter: name, problem: `"${name}" cannot be read: its getter throws` })
      continue
    }
    if (value === undefined) continue
    const position = positions.get(name)
    const parameter = position === undefined ? undefined : parameters[position]
    if (position === undefined || parameter === undefined) problems.push(unknownProblem(parameters, name))
    else if (positional[position] === undefined) bound.set(name, value)
    else
      problems.push({
        parameter: name,
        problem: `${show(parameter)} was given twice: as value ${position + 1} by position, and by name`
      })
  }
  return bound
}

/** Binds the arguments to parameters; every problem found is added to the list. */
const bind = (
  parameters: ReadonlyArray<ParameterInfo>,
  args: Arguments,
  problems: Array<InputProblem>
): ReadonlyArray<unknown> => {
  const given = countGiven(args.positional)
  if (given > parameters.length) problems.push(surplusProblem(parameters, given))
  const unusedNames = new Map(bindNamed(parameters, args, problems))
  const checked = (parameter: ParameterInfo, value: unknown): unknown => {
    const problem = textForFile(parameter, value)
    if (problem !== undefined) problems.push(problem)
    return value
  }
  return parameters.map((parameter, position) => {
    const byPosition = args.positional[position]
    if (byPosition !== undefined) return checked(parameter, byPosition)
    if (unusedNames.has(parameter.name)) {
      const byName = unusedNames.get(parameter.name)
      // Should a server ever use a name twice, it means the first of the two.
      unusedNames.delete(parameter.name)
      return checked(parameter, byName)
    }
    if (parameter.hasDefault) return parameter.default
    problems.push({ parameter: parameter.name, problem: `${show(parameter)} was not given` })
    return undefined
  })
}

/**
 * The data array for a call: one value for each input of the endpoint, in order.
 *
 * Arguments are bound by position, then by name; then defaults are used. Slots that are no parameters get their filler. Where the endpoint wants a
 * component with its properties (`component_prop_inputs`), the value is put into a copy of them: the server reads `inputs[i].get("value")` and hands the
 * function all properties (`Blocks.preprocess_data`, gradio/blocks.py). All problems are reported at once.
 */
export const buildPayload = (
  endpoint: Pick<ResolvedEndpoint, "parameters" | "inputs">,
  input: Input
): Result.Result<ReadonlyArray<unknown>, ReadonlyArray<InputProblem>> => {
  const args = split(input)
  if (args === undefined) return Result.fail([noInput])
  const problems: Array<InputProblem> = []
  const bound = bind(endpoint.parameters, args, problems)
  if (problems.length > 0) return Result.fail(problems)
  let next = 0
  return Result.succeed(
    endpoint.inputs.map((slot) => {
      const value = slot.skipped ? slot.filler : bound[next++]
      return slot.wrapProps === undefined ? value : set(slot.wrapProps, "value", value)
    })
  )
}

/** The outputs that a caller sees: the data array of an answer without the slots that are no results. */
export const readOutputs = (
  endpoint: Pick<ResolvedEndpoint, "outputs">,
  data: ReadonlyArray<unknown>
): ReadonlyArray<unknown> => data.filter((_, index) => endpoint.outputs[index]?.skipped !== true)
