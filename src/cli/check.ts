/** `effect-gradio check`: whether a module still fits its app. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { type Change, compare, verdictOf } from "../codegen/compare.ts"
import * as Contract from "../codegen/Contract.ts"
import * as Module from "../codegen/Module.ts"
import { connectionFlags } from "./connection.ts"
import { described, descriptionOf } from "./description.ts"
import { Refusal } from "./failure.ts"
import { Screen } from "./screen.ts"
import { jsonText, oneLine } from "./text.ts"
import { readText } from "./textFile.ts"

const config = {
  app: described,
  module: Argument.String("module").pipe(Argument.withDescription("The file that generate wrote")),
  json: Flag.Boolean("json").pipe(
    Flag.withoutNegation,
    Flag.withDescription("The changes as JSON"),
    Flag.withDefault(false)
  ),
  ...connectionFlags
}

/** Endpoint by endpoint, what breaks calls marked. */
const linesOf = (changes: ReadonlyArray<Change>): ReadonlyArray<string> =>
  [...new Set(changes.map(({ endpoint }) => endpoint))].flatMap((endpoint) => [
    String(endpoint),
    ...changes
      .filter((change) => change.endpoint === endpoint)
      .map(({ text, verdict }) => `  ${verdict === "breaking" ? "breaking  " : "compatible"}  ${oneLine(text)}`)
  ])

/** Whether a module still fits its app. */
export const check = Command.make(
  "check",
  config,
  Effect.fn(function* (input) {
    const screen = yield* Screen
    const before = yield* Effect.mapError(
      Module.verify(yield* readText(input.module)),
      (problem) => new Refusal({ ending: "file", problem: `File ${JSON.stringify(input.module)}: ${problem}` })
    )
    const description = yield* descriptionOf(input.app, input, screen)
    const now = Contract.make(description, { unnamed: true, undocumented: true })
    const changes = compare(before, now)
    const verdict = verdictOf(changes)
    const printing = screen.result(
      input.json
        ? jsonText({ verdict, changes }, 2)
        : changes.length === 0
          ? "Nothing has changed."
          : linesOf(changes).join("\n")
    )
    const broken = changes.filter((change) => change.verdict === "breaking").length
    if (broken === 0) return yield* printing
    // The verdict counts, whether the list of changes arrived or not.
    const printed = yield* Effect.result(printing)
    const verdictText = `${broken} ${broken === 1 ? "change breaks" : "changes break"} calls of ${input.module}.`
    return yield* new Refusal({
      ending: "changed",
      problem:
        Result.isFailure(printed) && printed.failure._tag === "Refusal"
          ? `${verdictText} ${printed.failure.problem}`
          : verdictText
    })
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Compare an app with a module that generate wrote for it: nothing, changes that its calls do not notice, or changes that break some.

Ends with 10 where a change breaks calls, and with 0 otherwise.`
  ),
  Command.withShortDescription("Compare an app with its module"),
  Command.withExamples([
    { command: "effect-gradio check user/space src/space.ts", description: "In CI: fails before a user meets it" },
    { command: "effect-gradio check space.json src/space.ts --json", description: "For scripts" }
  ])
)
