/**
 * From the arguments of a call to the data array that the server wants, and from the data array of an answer to the outputs.
 *
 * Nothing is converted or uploaded here: every value arrives in the slot of its parameter as it was given.
 */
import * as Result from "effect/Result"

import type { ParameterInfo } from "../ApiInfo.ts"
import { type Input, isMixed, type NamedInput } from "../Input.ts"
import type { ResolvedEndpoint } from "./endpoints.ts"
import { nearest } from "./nearest.ts"
import { set } from "./record.ts"

/** Something wrong with the arguments, in words for whoever wrote the call. */
export interface InputProblem {
  readonly parameter: string
  readonly problem: string
}

const show = (parameter: ParameterInfo): string =>
  `"${parameter.name}" (${parameter.pythonType}, ${parameter.component})`

const showAll = (parameters: ReadonlyArray<ParameterInfo>): string =>
  parameters.length === 0 ? "no parameters" : parameters.map(show).join(", ")

const isList = (input: Input): input is ReadonlyArray<unknown> => Array.isArray(input)

interface Arguments {
  readonly positional: ReadonlyArray<unknown>
  readonly named: NamedInput
}

const split = (input: Input): Arguments => {
  if (isMixed(input)) return input
  return isList(input) ? { positional: input, named: {} } : { positional: [], named: input }
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
  for (const [name, value] of Object.entries(named)) {
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
  return parameters.map((parameter, position) => {
    const byPosition = args.positional[position]
    if (byPosition !== undefined) return byPosition
    if (unusedNames.has(parameter.name)) {
      const byName = unusedNames.get(parameter.name)
      // Should a server ever use a name twice, it means the first of the two.
      unusedNames.delete(parameter.name)
      return byName
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
  const problems: Array<InputProblem> = []
  const bound = bind(endpoint.parameters, split(input), problems)
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
