/** `effect-gradio info`: what an app can do. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

import { versionNumbers } from "../AppConfig.ts"
import * as AppDescription from "../codegen/AppDescription.ts"
import { appTable, endpointsOf, endpointTable } from "./appTable.ts"
import { findEndpoint } from "./call.ts"
import { app, connect, connectionFlags } from "./connection.ts"
import { Refusal } from "./failure.ts"
import { programOf } from "./program.ts"
import { fitted, Screen } from "./screen.ts"
import { sourceOf } from "./source.ts"
import { jsonText, prose } from "./text.ts"
import { writeText } from "./textFile.ts"

const config = {
  app,
  endpoint: Argument.String("endpoint").pipe(
    Argument.withDescription("Only this endpoint. Default: all of them"),
    Argument.optional
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withoutNegation,
    Flag.withDescription("The same as JSON"),
    Flag.withDefault(false)
  ),
  code: Flag.String("code").pipe(
    Flag.withMetavar("ENDPOINT"),
    Flag.withDescription("Print a TypeScript program that calls this endpoint"),
    Flag.optional
  ),
  save: Flag.String("save").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Write the description of the app to a file, for generate and check; - is the standard output"
    ),
    Flag.optional
  ),
  force: Flag.Boolean("force").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Overwrite the file whatever it holds. Default: only what effect-gradio wrote"),
    Flag.withDefault(false)
  ),
  ...connectionFlags
}

const isOurs = (text: string): boolean => Result.isSuccess(AppDescription.fromJson(text))

const numbered = (endpoint: string): string | number => (/^\d+$/.test(endpoint) ? Number(endpoint) : endpoint)

/** What an app can do. */
export const info = Command.make(
  "info",
  config,
  Effect.fn(function* (input) {
    const screen = yield* Screen
    if (Option.isSome(input.code) && Option.contains(input.save, "-")) {
      return yield* new Refusal({
        ending: "usage",
        problem: "--code and --save - both write to the standard output: give --save a file."
      })
    }
    const client = yield* connect(input.app, input, screen)
    const { title, version } = client.config
    const url = client.url.href
    if (Option.isSome(input.save)) {
      const description = AppDescription.toJson(AppDescription.fromClient(client))
      if (input.save.value === "-") return yield* screen.result(description.trimEnd())
      yield* writeText(input.save.value, description, { force: input.force, isOurs })
      if (Option.isNone(input.code)) return
    }
    if (Option.isSome(input.code)) {
      const endpoint = yield* findEndpoint(client, numbered(input.code.value))
      const isGradio3 = versionNumbers(version)[0] === 3
      return yield* screen.result(programOf({ source: sourceOf(input.app), isGradio3, endpoint }))
    }
    const only = Option.isSome(input.endpoint) ? yield* findEndpoint(client, numbered(input.endpoint.value)) : undefined
    const endpoints = only === undefined ? endpointsOf(client.api) : [only]
    if (input.json) return yield* screen.result(jsonText({ title, url, version, endpoints }, 2))
    const lines =
      only === undefined ? appTable({ title: String(title ?? "App"), url, version, endpoints }) : endpointTable(only)
    return yield* screen.result(lines.map((line) => fitted(screen.device, line)).join("\n"))
  }, Effect.scoped)
).pipe(
  Command.withDescription(
    prose(
      "Show the endpoints of an app: what each takes, with types, defaults and examples, and what it gives; or one of them as a program in TypeScript."
    )
  ),
  Command.withShortDescription("Show the endpoints of an app"),
  Command.withExamples([
    { command: "effect-gradio info :7860", description: "An app on this machine" },
    { command: "effect-gradio info user/space --code /predict > call.ts", description: "Begin a program with a Space" },
    { command: "effect-gradio info user/space --save space.json", description: "Keep what the app is now" },
    { command: "effect-gradio info user/space --json | jq '.endpoints[].name'", description: "For scripts" }
  ])
)
