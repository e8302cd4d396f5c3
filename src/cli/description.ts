/** The app that `generate` and `check` look at: one that runs, or the description of one in a file. */
import * as Argument from "effect/cli/Argument"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import * as AppDescription from "../codegen/AppDescription.ts"
import { connect, type ConnectionInput } from "./connection.ts"
import { Refusal } from "./failure.ts"
import type { Screen } from "./screen.ts"
import { readText } from "./textFile.ts"

/** The app, or a file that `info --save` wrote. */
export const described = Argument.String("app").pipe(
  Argument.withDescription(
    "A URL, a Space as user/space, :7860 for an app on this machine, or a file of info --save, named .json or by its path"
  )
)

/** A path, which no app begins like, or a name that ends as files of `info --save` do: any other may be a Space. */
const isFile = (text: string): boolean =>
  /^\.{0,2}[\\/]/.test(text) || (text.endsWith(".json") && !text.includes("://"))

/** What the app says of itself. */
export const descriptionOf = Effect.fn(function* (source: string, input: ConnectionInput, screen: Screen) {
  if (!isFile(source)) return AppDescription.fromClient(yield* connect(source, input, screen))
  const description = AppDescription.fromJson(yield* readText(source))
  return Result.isSuccess(description)
    ? description.success
    : yield* new Refusal({
        ending: "file",
        problem: `File ${JSON.stringify(source)} is no description of an app, as info --save writes one: ${description.failure}`
      })
})
