/** `effect-gradio generate`: a module with types for an app. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import * as Contract from "../codegen/Contract.ts"
import * as Module from "../codegen/Module.ts"
import { connectionFlags } from "./connection.ts"
import { described, descriptionOf } from "./description.ts"
import { Screen } from "./screen.ts"
import { writeText } from "./textFile.ts"

const config = {
  app: described,
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where to write the module. Default: the standard output"),
    Flag.optional
  ),
  unnamed: Flag.Boolean("unnamed").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Also endpoints without a name, by their numbers. Default: only where none has a name"),
    Flag.withDefault(false)
  ),
  undocumented: Flag.Boolean("undocumented").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Also endpoints that the app does not list"),
    Flag.withDefault(false)
  ),
  ...connectionFlags
}

/** A module with types for an app. */
export const generate = Command.make(
  "generate",
  config,
  Effect.fn(function* (input) {
    const screen = yield* Screen
    const description = yield* descriptionOf(input.app, input, screen)
    const contract = Contract.make(description, {
      unnamed: input.unnamed || undefined,
      undocumented: input.undocumented
    })
    const text = yield* Module.generate(contract)
    if (Option.isNone(input.output)) return yield* screen.result(text.trimEnd())
    yield* writeText(input.output.value, text)
    const count = contract.endpoints.length
    screen.note(`${input.output.value}: ${count} ${count === 1 ? "endpoint" : "endpoints"}`)
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    `Write a TypeScript module for an app: an endpoint with types for each of its functions, and the app as a service.

The same app gives the same module. The module holds what it was made from, for check.`
  ),
  Command.withShortDescription("Write a TypeScript module for an app"),
  Command.withExamples([
    { command: "effect-gradio generate user/space -o src/space.ts", description: "From a Space" },
    { command: "effect-gradio generate space.json -o src/space.ts", description: "From a file of info --save" }
  ])
)
