/** The command tree, and a run of it from its arguments to its exit code. */
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

import { check } from "./check.ts"
import { codeOf, exitCodeLines } from "./exitCode.ts"
import { failureOf, usageFailure } from "./failure.ts"
import { generate } from "./generate.ts"
import { info } from "./info.ts"
import { predict } from "./predict.ts"
import { type Device, make, OutputClosed, Screen } from "./screen.ts"
import { serve } from "./serve.ts"
import { space } from "./space.ts"
import { stream } from "./stream.ts"
import { prose } from "./text.ts"

/** The command `effect-gradio`. */
export const command = Command.make("effect-gradio").pipe(
  Command.withDescription(
    prose(
      "Use any Gradio app from the command line: see what it can do, call it, follow it, and go on in TypeScript.",
      "APP is a URL, a Space of Hugging Face as user/space, or :7860 for an app on this machine. `effect-gradio serve` serves one to try things out on.",
      ["It ends with one of these codes:", ...exitCodeLines].join("\n")
    )
  ),
  Command.withSubcommands([info, predict, stream, generate, check, space, serve])
)

/** What the library logs while it works, such as the stages of a Space that is waited for. */
const logger = (screen: Screen) =>
  Logger.make(({ logLevel, message }) => {
    const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
    screen.note(logLevel === "Info" ? text : `${logLevel.toLowerCase()}: ${text}`)
  })

/** Everything of help and usage that is no result goes to the standard error, in few lines. */
const presenter = (device: Device): CliOutput.Presenter => ({
  present: (event) => {
    const formatter = CliOutput.defaultFormatter({ colors: device.stdoutIsTerminal && device.hasColors })
    switch (event._tag) {
      case "Help":
        return Effect.orDie(device.stdout(`${formatter.formatHelpDoc(event.helpDoc)}\n`))
      case "Version":
        return Effect.orDie(device.stdout(`${event.name} ${event.version}\n`))
      case "InvalidInvocation":
        return Effect.void
    }
  }
})

/** Without the wizard: a call begins with the names of the app's parameters, which it cannot know. */
const builtIns = [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]

/** Runs the command with these arguments; gives its exit code, and has told what went wrong. */
export const run = (args: ReadonlyArray<string>, version: string) =>
  Effect.gen(function* () {
    const screen = yield* make
    // Before the command is read, for what cannot be read is told so as well.
    const end = args.indexOf("--")
    const options = end < 0 ? args : args.slice(0, end)
    yield* screen.tellAs({ json: options.includes("--json"), quiet: false })
    return yield* Command.runWith(command, { version, renderErrors: true })(args).pipe(
      Effect.as(codeOf("ok")),
      Effect.catchCause((cause) => {
        const error = Cause.squash(cause)
        if (error instanceof OutputClosed) return Effect.succeed(codeOf("ok"))
        const failure = CliError.isCliError(error) && error._tag === "ShowHelp" ? usageFailure(error) : failureOf(cause)
        return Effect.sync(() => {
          screen.failure(failure)
          return failure.code
        })
      }),
      Effect.provideService(Logger.CurrentLoggers, new Set([logger(screen)])),
      Effect.provideService(CliOutput.Presenter, presenter(screen.device)),
      Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns })),
      Effect.provideService(Screen, screen),
      Effect.provideService(References.MinimumLogLevel, "Info")
    )
  })
