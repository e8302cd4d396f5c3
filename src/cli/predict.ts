/** `effect-gradio predict`: one call and its result. */
import * as Command from "effect/cli/Command"

import { call, callConfig } from "./call.ts"

/** One call and its result. */
export const predict = Command.make("predict", callConfig, (input) => call(input, "last")).pipe(
  Command.withDescription(
    `Call an endpoint and print its result.

Values are written name=value, and read as the app's types: numbers, true/false, one name=value for each item of a list. name:=JSON gives JSON as it is, name=@FILE a file (for a text: what the file holds), name=@@text a text that begins with @. One JSON object, or - for one on the standard input, holds all values by name; texts in it that begin with @ are files where a file is wanted.

Words that begin with - are options, wherever they stand; after -- nothing is.

The result goes to the standard output, everything else to the standard error. Ctrl-C cancels the call on the server.`
  ),
  Command.withShortDescription("Call an endpoint and print its result"),
  Command.withExamples([
    { command: "effect-gradio predict :7860 /add a=4 op=add b:=5", description: "Call an app on this machine" },
    {
      command: "effect-gradio predict user/space /caption image=@cat.png",
      description: "Send a file to a Space"
    },
    {
      command: "effect-gradio predict https://my-app.example /draw prompt='a cat' --output pictures",
      description: "Save the files that come back"
    },
    {
      command: `echo '{"a": 4, "op": "add", "b": 5}' | effect-gradio predict :7860 /add - --json`,
      description: "JSON in, JSON out"
    }
  ])
)
