/** `effect-gradio space`: how a Space of Hugging Face is doing, waiting for it, and a copy of one's own. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

import * as Space from "../Space.ts"
import { timeOf, tokenFlags, tokenOf, waitOf } from "./connection.ts"
import { Refusal } from "./failure.ts"
import { Screen } from "./screen.ts"
import { copyOf, spaceOf } from "./source.ts"
import { jsonText, oneLine, table, time } from "./text.ts"

const name = Argument.String("space").pipe(Argument.withDescription("user/space, its page or its address"))

const json = Flag.Boolean("json").pipe(
  Flag.withoutNegation,
  Flag.withDescription("The same as JSON"),
  Flag.withDefault(false)
)

const wait = Flag.String("wait").pipe(
  Flag.withMetavar("TIME"),
  Flag.withDescription("How long to wait until it runs: 30s, 5m. Default 5m"),
  Flag.optional
)

const statusText = (status: Space.SpaceStatus): string =>
  table([
    ["space", status.space],
    ["stage", status.stage],
    ["", oneLine(status.message)],
    ["hardware", status.hardware ?? "none"],
    ["sleeps", status.sleepTimeout === undefined ? "never" : `after ${time(Duration.toSeconds(status.sleepTimeout))}`]
  ]).join("\n")

const statusJson = (status: Space.SpaceStatus): string =>
  jsonText({
    ...status,
    sleepTimeout: status.sleepTimeout === undefined ? undefined : Duration.toSeconds(status.sleepTimeout)
  })

const show = (status: Space.SpaceStatus, asJson: boolean) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    yield* screen.result(asJson ? statusJson(status) : statusText(status))
  })

const statusCommand = Command.make(
  "status",
  { space: name, json, ...tokenFlags },
  Effect.fn(function* (input) {
    const space = yield* spaceOf(input.space)
    const token = yield* tokenOf(input)
    const [status] = yield* Stream.runCollect(Stream.take(Space.status(space, { token, wait: "none" }), 1))
    if (status !== undefined) yield* show(status, input.json)
  })
).pipe(
  Command.withDescription("Show how a Space is doing"),
  Command.withExamples([{ command: "effect-gradio space status gradio/hello_world", description: "Does it run?" }])
)

const waitCommand = Command.make(
  "wait",
  { space: name, json, wait, ...tokenFlags },
  Effect.fn(function* (input) {
    const space = yield* spaceOf(input.space)
    const token = yield* tokenOf(input)
    const limit = yield* waitOf(input.wait)
    yield* show(yield* Space.waitUntilRunning(space, { token, wait: limit }), input.json)
  })
).pipe(
  Command.withDescription("Wake a Space up and wait until it runs"),
  Command.withExamples([
    { command: "effect-gradio space wait user/space --wait 10m", description: "Before a batch of calls" }
  ])
)

const duplicateCommand = Command.make(
  "duplicate",
  {
    space: name,
    to: Flag.String("to").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("The name of the copy. Default: that of the original, under your account"),
      Flag.optional
    ),
    public: Flag.Boolean("public").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Let everybody see it. Default: it is private"),
      Flag.withDefault(false)
    ),
    hardware: Flag.String("hardware").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription(
        "What it runs on, such as t4-small; all but cpu-basic is billed to you. Default: that of the original"
      ),
      Flag.optional
    ),
    sleep: Flag.String("sleep").pipe(
      Flag.withMetavar("TIME"),
      Flag.withDescription(
        "After how long without requests it goes to sleep, on billed hardware: 30m, never. Default 5m"
      ),
      Flag.optional
    ),
    wait,
    ...tokenFlags
  },
  Effect.fn(function* (input) {
    const original = yield* spaceOf(input.space)
    const to = Option.isSome(input.to) ? yield* copyOf(input.to.value) : undefined
    const token = yield* tokenOf(input)
    if (token === undefined) {
      return yield* new Refusal({
        ending: "login",
        problem:
          "Duplicating a Space needs a token that may write: set HF_TOKEN, log in with `hf auth login`, or give --token-file."
      })
    }
    const limit = yield* waitOf(input.wait)
    const sleepTimeout = yield* Option.match(input.sleep, {
      onNone: () => Effect.undefined,
      onSome: (text) => (text === "never" ? Effect.succeed(Duration.infinity) : timeOf("sleep", text))
    })
    const screen = yield* Screen
    const id = yield* Space.duplicate(original, {
      token,
      to,
      private: !input.public,
      hardware: Option.getOrUndefined(input.hardware),
      sleepTimeout,
      wait: "none"
    })
    if (limit !== "none") {
      yield* Effect.onError(Space.waitUntilRunning(id, { token, wait: limit }), () =>
        Effect.sync(() =>
          screen.note(
            `${id} is there and goes on without this program; hardware that costs is billed. To wait for it: effect-gradio space wait ${id}`
          )
        )
      )
    }
    yield* screen.result(id)
  })
).pipe(
  Command.withDescription(
    "Make a copy of a Space under your own account, or find the one that is there, and wait until it runs"
  ),
  Command.withExamples([
    {
      command: "effect-gradio space duplicate user/space --hardware t4-small --sleep 10m",
      description: "A copy on a GPU"
    }
  ])
)

/** How a Space is doing, waiting for it, and a copy of one's own. */
export const space = Command.make("space").pipe(
  Command.withDescription("Look after Spaces of Hugging Face"),
  Command.withSubcommands([statusCommand, waitCommand, duplicateCommand])
)
