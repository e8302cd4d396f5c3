/** `effect-gradio predict`: one call and its result. */
import * as Command from "effect/cli/Command"

import { call, callConfig } from "./call.ts"
import { prose } from "./text.ts"

/** One call and its result. */
export const predict = Command.make("predict", callConfig, (input) => call(input, "last")).pipe(
  Command.withDescription(
    prose(
      "Call an endpoint and print its result.",
      "Values are written name=value and read by the types of the app: numbers, true or false; for a list, or a text with files, one name=value for each part.",
      [
        "name=value    a value, as the app's type for it says",
        "name:=JSON    a value as JSON",
        "name=@FILE    a file; for a value that is none, what the file holds",
        "name=@@text   a text that begins with @",
        `{"name": …}   all values as one JSON object; - reads it from the standard input.`,
        "              Where a file is wanted, a text that begins with @ is one."
      ].join("\n"),
      "What begins with - is an option, wherever it stands; after -- nothing is.",
      "The result goes to the standard output, everything else to the standard error. Ctrl-C cancels the call on the server."
    )
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
