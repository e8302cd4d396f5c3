/** What went wrong, in words for whoever sits before the terminal: what, where, and what to do. Pure; no stack, no secret. */
import * as Cause from "effect/Cause"
import type * as CliError from "effect/cli/CliError"
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Option from "effect/Option"

import { type GradioError, isGradioError } from "../GradioError.ts"
import { codeOf, type Ending, endingOf } from "./exitCode.ts"
import { oneLine } from "./text.ts"

/** The words after APP do not fit the endpoint. */
export class InputProblem extends Data.TaggedError("InputProblem")<{
  readonly problems: ReadonlyArray<{ readonly problem: string }>
  /** What would fit, as lines of a table. */
  readonly help?: ReadonlyArray<string> | undefined
}> {}

/** Something else that the user can mend: an option, a file of options, a terminal that is missing. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly ending: Ending
  readonly problem: string
}> {}

/** How a program that failed ends, and what it says. */
export interface Failure {
  readonly code: number
  /** Nothing where it was told already. */
  readonly lines: ReadonlyArray<string>
  /** What would have been right, as lines for people. */
  readonly help?: ReadonlyArray<string> | undefined
}

const login =
  "Give the user with --user NAME; the password is asked for, or taken from GRADIO_PASSWORD. A token comes from HF_TOKEN, `hf auth login`, or --token-file."

const wording = (error: GradioError): ReadonlyArray<string> => {
  if (error._tag === "AppError" && !error.hidden) {
    const title = error.title === "" || error.title === "Error" ? "" : ` (${oneLine(error.title)})`
    return [`${error.where.endpoint ?? "The function"} failed${title}: ${error.message}`]
  }
  return error._tag === "AuthenticationError" && error.problem === undefined ? [error.message, login] : [error.message]
}

const usage = (commandPath: ReadonlyArray<string>): string => `See ${commandPath.join(" ")} --help.`

const known = (error: unknown): Failure | undefined => {
  if (isGradioError(error)) return { code: codeOf(endingOf(error)), lines: wording(error) }
  if (error instanceof InputProblem) {
    const lines = error.problems.map(({ problem }) => problem)
    return { code: codeOf("usage"), lines, ...(error.help === undefined ? {} : { help: error.help }) }
  }
  if (error instanceof Refusal) return { code: codeOf(error.ending), lines: [error.problem] }
  if (error instanceof Config.ConfigError) return { code: codeOf("usage"), lines: [oneLine(error.message)] }
  return undefined
}

/** Commands whose last words are parameters of an app. */
const calling = new Set(["predict", "stream"])

/** What is wrong with an option. The short ones are near to everything that is short. */
const wrongOption = ({ command = [], option, suggestions }: CliError.UnrecognizedOption): string => {
  const near = suggestions.filter((one) => one.startsWith("--"))
  const hint =
    near.length > 0
      ? `; did you mean ${near.join(" or ")}?`
      : calling.has(command.at(-1) ?? "")
        ? `. Parameters are written without dashes: ${option.replace(/^-+/, "")}=value.`
        : "."
  return `Unrecognized flag: ${option} in command ${command.join(" ")}${hint}`
}

/** The parser puts what may have been meant on lines of its own. */
const compact = (message: string): string =>
  message
    .replace(/\s*Did you mean this\?\s*/, "; did you mean ")
    .replace(/(; did you mean .*)$/s, (all) => `${oneLine(all)}?`)

/** The failure of a command line that could not be read; without errors its help was shown. */
export const usageFailure = (error: CliError.ShowHelp): Failure =>
  error.errors.length === 0
    ? { code: codeOf("ok"), lines: [] }
    : {
        code: codeOf("usage"),
        lines: error.errors.map((one) => (one._tag === "UnrecognizedOption" ? wrongOption(one) : compact(one.message))),
        help: [usage(error.commandPath)]
      }

/** What a program that failed says, and the code that it ends with. */
export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const told = known(Option.getOrElse(Cause.findErrorOption(cause), () => Cause.squash(cause)))
  if (told !== undefined) return told
  if (Cause.hasInterruptsOnly(cause)) return { code: codeOf("interrupted"), lines: [] }
  const error = Cause.squash(cause)
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    code: codeOf("unexpected"),
    lines: [oneLine(text), "That is a mistake of effect-gradio; please report it with the command that you gave."]
  }
}
