/** `effect-gradio stream`: one call and each of its outputs as it comes. */
import * as Command from "effect/cli/Command"

import { call, callConfig } from "./call.ts"
import { prose } from "./text.ts"

/** One call and each of its outputs as it comes. */
export const stream = Command.make("stream", callConfig, (input) => call(input, "each")).pipe(
  Command.withDescription(
    prose(
      "Call an endpoint and print each of its outputs as it comes: one for a plain function, one for each yield of a generator.",
      "Values are written as for predict; see effect-gradio predict --help. With --json each output is one line of JSON."
    )
  ),
  Command.withShortDescription("Call an endpoint and print each output as it comes"),
  Command.withExamples([
    { command: "effect-gradio stream :7860 /count n=3", description: "Print what a generator yields" },
    {
      command: "effect-gradio stream user/chat /chat message='Hello' --json | jq -r '.[0]'",
      description: "Each output as a line of JSON"
    }
  ])
)
