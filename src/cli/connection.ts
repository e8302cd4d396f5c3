/** The options that all commands have which talk to an app, and the connection that they make. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"

import * as GradioClient from "../GradioClient.ts"
import * as HuggingFaceToken from "../HuggingFaceToken.ts"
import { durationOf } from "./duration.ts"
import { Refusal } from "./failure.ts"
import { connecting, ended } from "./progress.ts"
import { Screen } from "./screen.ts"
import { appOf } from "./source.ts"
import { readText } from "./textFile.ts"

/** The app, as every command takes it. */
export const app = Argument.String("app").pipe(
  Argument.withDescription("A URL, a Space as user/space, or :7860 for an app on this machine")
)

const tokenFlags = {
  tokenFile: Flag.String("token-file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("A Hugging Face token, read from a file. Default: HF_TOKEN, or that of `hf auth login`"),
    Flag.optional
  ),
  askToken: Flag.Boolean("ask-token").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Ask for a Hugging Face token"),
    Flag.withDefault(false)
  )
}

/** How to get into an app. */
export const connectionFlags = {
  user: Flag.String("user").pipe(
    Flag.withAlias("u"),
    Flag.withMetavar("NAME"),
    Flag.withDescription("Log in as this user; the password is asked for, or taken from GRADIO_PASSWORD"),
    Flag.optional
  ),
  ...tokenFlags,
  header: Flag.String("header").pipe(
    Flag.withMetavar("NAME: VALUE"),
    Flag.withDescription("Send a header with every request; @FILE reads headers from a file, as secret ones must be"),
    Flag.atLeast(0)
  ),
  wait: Flag.String("wait").pipe(
    Flag.withMetavar("TIME"),
    Flag.withDescription("How long to wait for a Space that does not run yet: 30s, 5m, none. Default 5m"),
    Flag.optional
  )
}

/** What the flags of {@link connectionFlags} gave. */
export interface ConnectionInput extends TokenInput {
  readonly user: Option.Option<string>
  readonly header: ReadonlyArray<string>
  readonly wait: Option.Option<string>
}

/** What the flags of a token gave. */
export interface TokenInput {
  readonly tokenFile: Option.Option<string>
  readonly askToken: boolean
}

export { tokenFlags }

const refuse = (problem: string, ending: Refusal["ending"] = "usage"): Refusal => new Refusal({ ending, problem })

/** Asks on the terminal, without showing what is typed. */
const ask = (message: string, otherwise: string) =>
  Effect.gen(function* () {
    const stdio = yield* Stdio.Stdio
    if (!((yield* stdio.stdinIsTerminal) && (yield* stdio.stderrIsTerminal))) {
      return yield* refuse(`There is no terminal to ask on: ${otherwise}.`)
    }
    const screen = yield* Screen
    return yield* Effect.onError(Prompt.run(Prompt.Hidden({ message })), () => Effect.sync(() => screen.line("")))
  })

/** What goes into a header is one line of Latin-1. What is not is shown nowhere: it may be secret. */
const sendable = (value: Redacted.Redacted<string>, what: string): Effect.Effect<Redacted.Redacted<string>, Refusal> =>
  /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(Redacted.value(value))
    ? Effect.succeed(value)
    : Effect.fail(refuse(`${what} cannot be sent: it holds a line break, or a character that headers cannot have.`))

/** The token that the options mean: one that was given goes to the app, one that was found to Hugging Face's hosts only. */
export const tokenOf = Effect.fn(function* (input: TokenInput) {
  if (input.askToken) {
    const answer = yield* ask("Hugging Face token", "set HF_TOKEN, or give --token-file FILE")
    return yield* sendable(answer, "The token")
  }
  if (Option.isSome(input.tokenFile)) {
    const text = (yield* readText(input.tokenFile.value)).trim()
    if (text === "") return yield* refuse(`File ${JSON.stringify(input.tokenFile.value)} holds no token.`, "file")
    return yield* sendable(Redacted.make(text), `The token in file ${JSON.stringify(input.tokenFile.value)}`)
  }
  const found = Option.getOrUndefined(yield* HuggingFaceToken.find)
  if (found !== undefined) yield* sendable(found.value, "The Hugging Face token of HF_TOKEN or `hf auth login`")
  return found
})

const password = (user: string) =>
  Effect.gen(function* () {
    const given = yield* Config.option(Config.Redacted("GRADIO_PASSWORD"))
    return Option.isSome(given)
      ? given.value
      : yield* ask(`Password of ${user}`, "set the password as GRADIO_PASSWORD in the environment")
  })

/** Headers that may say who somebody is: a list of processes shows every argument. */
const secretNames = /passw|auth|secret|token|key|cookie|session|credential|signature/i

const headerOf = (line: string, isArgument: boolean) =>
  Effect.suspend(() => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)\s*:\s*([^]*)$/.exec(line) ?? []
    // What stands there may be secret, and is not repeated.
    if (name === undefined || value === undefined) return Effect.fail(refuse("A header is written NAME: VALUE."))
    return isArgument && secretNames.test(name)
      ? Effect.fail(refuse(`Header ${name} is secret: write it into a file, and give --header @FILE.`))
      : Effect.map(sendable(Redacted.make(value.trimEnd()), `Header ${name}`), (one) => [name, one] as const)
  })

const headersOf = (given: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(given, (one) =>
      one.startsWith("@")
        ? Effect.flatMap(readText(one.slice(1)), (text) =>
            Effect.forEach(
              text.split(/\r?\n/).filter((line) => line.trim() !== ""),
              (line) => headerOf(line, false)
            )
          )
        : Effect.map(headerOf(one, true), (header) => [header])
    ),
    (headers) => Object.fromEntries(headers.flat())
  )

/** A time as people write it. */
export const timeOf = (flag: string, text: string): Effect.Effect<Duration.Duration, Refusal> => {
  const time = durationOf(text)
  return time === undefined
    ? Effect.fail(refuse(`--${flag} takes a time such as 30s, 5m or 1h, not ${JSON.stringify(text)}.`))
    : Effect.succeed(time)
}

/** How long to wait for a Space. */
export const waitOf = (wait: Option.Option<string>): Effect.Effect<Duration.Duration | "none" | undefined, Refusal> =>
  Option.match(wait, {
    onNone: () => Effect.undefined,
    onSome: (text) => (text === "none" ? Effect.succeed("none" as const) : timeOf("wait", text))
  })

/** What stands before the @ of an address, with a scheme or without. */
const hasCredentials = (source: string): boolean => /^\s*([a-z][a-z\d+.-]*:)?[\\/]*[^\\/?#]*@/i.test(source)

/** Connects to the app, and tells that it does. */
export const connect = Effect.fn(function* (source: string, input: ConnectionInput, screen: Screen) {
  if (hasCredentials(source)) {
    return yield* refuse(
      "APP holds a user or a password before its @, which a list of processes shows. Log in with --user NAME, or GRADIO_USERNAME and GRADIO_PASSWORD; for a proxy before the app, write the header Authorization into a file, and give --header @FILE."
    )
  }
  const app = yield* appOf(source)
  const user = Option.isSome(input.user) ? input.user : yield* Config.option(Config.NonEmptyString("GRADIO_USERNAME"))
  const auth = Option.isSome(user) ? { username: user.value, password: yield* password(user.value) } : undefined
  const token = yield* tokenOf(input)
  const headers = yield* headersOf(input.header)
  const wait = yield* waitOf(input.wait)
  yield* screen.show(connecting)
  return yield* GradioClient.connect(app, { auth, token, headers, wait }).pipe(Effect.onExit(() => screen.show(ended)))
})
