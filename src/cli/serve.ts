/** `effect-gradio serve`: an app to try things out on, without Python. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { Refusal } from "./failure.ts"
import { Screen } from "./screen.ts"
import { oneLine } from "./text.ts"

/** The demo app, which listens until its scope ends. */
export interface DemoApp {
  readonly serve: (port: number) => Effect.Effect<string, Refusal, Scope.Scope>
}

/** The demo app, which listens until its scope ends. */
export const DemoApp: Context.Service<DemoApp, DemoApp> = Context.Service<DemoApp>("effect-gradio/cli/DemoApp")

/** Why it does not listen. */
export const notServed = (port: number, cause: unknown): Refusal => {
  const refuse = (problem: string): Refusal => new Refusal({ ending: "usage", problem: `Port ${port} ${problem}` })
  switch (cause instanceof Error && "code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return refuse("is taken; choose another with --port, 0 for any.")
    case "EACCES":
      return refuse("may not be listened at; choose one from 1024 on with --port, 0 for any.")
    default:
      return refuse(`cannot be listened at: ${oneLine(cause instanceof Error ? cause.message : String(cause))}.`)
  }
}

/** An app to try things out on. */
export const serve = Command.make(
  "serve",
  {
    port: Flag.Int("port").pipe(
      Flag.withAlias("p"),
      Flag.withMetavar("PORT"),
      Flag.withDescription("Where it listens; 0 for a free one"),
      Flag.withDefault(7860)
    )
  },
  Effect.fn(function* ({ port }) {
    const screen = yield* Screen
    if (port < 0 || port > 65_535) {
      return yield* new Refusal({ ending: "usage", problem: `There is no port ${port}: they go from 0 to 65535.` })
    }
    const demo = yield* DemoApp
    const console = yield* Console.Console
    // What the app tells is no result, and holds what its callers sent.
    const quietly = {
      ...console,
      log: (...parts: ReadonlyArray<unknown>) => screen.line(oneLine(parts.map(String).join(" ")))
    }
    const url = yield* Effect.provideService(demo.serve(port), Console.Console, quietly)
    yield* screen.result(url)
    screen.line("Serves until Ctrl-C. Try: effect-gradio info " + url)
    return yield* Effect.never
  }, Effect.scoped)
).pipe(
  Command.withDescription("Serve a demo app on this machine, in this process and without Python, to try things out"),
  Command.withShortDescription("Serve a demo app to try things out on"),
  Command.withExamples([
    { command: "effect-gradio serve", description: "Serve it on http://127.0.0.1:7860" },
    { command: "effect-gradio serve --port 0", description: "Let the system choose the port" }
  ])
)
