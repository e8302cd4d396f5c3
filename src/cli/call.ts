/** What `predict` and `stream` have in common: their options, and a call from its words to its outputs. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"

import type { EndpointInfo } from "../ApiInfo.ts"
import * as GradioClient from "../GradioClient.ts"
import { circumstances, EndpointNotFoundError } from "../GradioError.ts"
import * as GradioFile from "../GradioFile.ts"
import { nearest } from "../internal/nearest.ts"
import { parameterTable } from "./appTable.ts"
import { bind, isStdin, splitWords } from "./arguments.ts"
import { app, connect, connectionFlags, type ConnectionInput, timeOf } from "./connection.ts"
import { InputProblem, Refusal } from "./failure.ts"
import { loadFiles } from "./fileArguments.ts"
import * as Keeping from "./keeping.ts"
import { cancelling, ended, sending } from "./progress.ts"
import { jsonOf, linesOf } from "./result.ts"
import { Screen } from "./screen.ts"
import { jsonText } from "./text.ts"
import { decodeText } from "./textFile.ts"
import { limited } from "./timeLimit.ts"

/** The options and arguments of both commands. */
export const callConfig = {
  app,
  endpoint: Argument.String("endpoint").pipe(
    Argument.withDescription("Its name, or the number of one without a name. Not needed for an app with one endpoint"),
    Argument.optional
  ),
  values: Argument.String("name=value").pipe(
    Argument.withDescription(
      "name=text, name:=json, name=@file; or one JSON object, or - for one on the standard input"
    ),
    Argument.variadic()
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Results as JSON, each in one line, and what happens on the way as lines of JSON too"),
    Flag.withDefault(false)
  ),
  quiet: Flag.Boolean("quiet").pipe(
    Flag.withAlias("q"),
    Flag.withoutNegation,
    Flag.withDescription("Results only: tell nothing on the way"),
    Flag.withDefault(false)
  ),
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("DIR"),
    Flag.withDescription("Write the files of the result to this directory. Default: print where the app serves them"),
    Flag.optional
  ),
  timeout: Flag.String("timeout").pipe(
    Flag.withMetavar("TIME"),
    Flag.withDescription("End after this time, connecting included, and cancel the call: 30s, 5m, 1h"),
    Flag.optional
  ),
  ...connectionFlags
}

/** What they gave. */
export interface CallInput extends ConnectionInput {
  readonly app: string
  readonly endpoint: Option.Option<string>
  readonly values: ReadonlyArray<string>
  readonly json: boolean
  readonly quiet: boolean
  readonly output: Option.Option<string>
  readonly timeout: Option.Option<string>
}

/** The endpoint as the app describes it. What it does not list has no parameters by which words could be read. */
const endpointOf = (client: GradioClient.GradioClient, asked: string | number): EndpointInfo | undefined => {
  if (typeof asked === "number") {
    return client.api.unnamed[String(asked)] ?? Object.values(client.api.named).find(({ fnIndex }) => fnIndex === asked)
  }
  return client.api.named[asked] ?? client.api.named[`/${asked.replace(/^\/+/, "")}`]
}

/** The endpoint that is meant, or what to write. */
export const findEndpoint = Effect.fn(function* (
  client: GradioClient.GradioClient,
  asked: string | number | undefined
) {
  const name = asked ?? (yield* GradioClient.single(client))
  const endpoint = endpointOf(client, name)
  if (endpoint !== undefined) return endpoint
  const available = Object.keys(client.api.named)
  return yield* new EndpointNotFoundError({
    ...circumstances({ where: { url: client.url.href } }),
    asked: name,
    available,
    nearest: typeof name === "number" ? [] : nearest(name, available)
  })
})

/** The standard input in place of the word that stands for it. */
const withStdin = Effect.fn(function* (words: ReadonlyArray<string>) {
  if (!words.some(isStdin)) return words
  const stdio = yield* Stdio.Stdio
  const bytes = yield* Stream.mkUint8Array(stdio.stdin).pipe(
    Effect.mapError(() => new Refusal({ ending: "file", problem: "The standard input cannot be read." }))
  )
  const text = yield* Effect.fromResult(decodeText(bytes, "The standard input"))
  if (text.trim() === "") {
    return yield* new Refusal({ ending: "usage", problem: "The standard input is empty; write a JSON object to it." })
  }
  return words.map((word) => (isStdin(word) ? text.trim() : word))
})

/** The input of the call, or everything that is wrong with it beside what would fit. */
const inputOf = Effect.fn(function* (endpoint: EndpointInfo, words: ReadonlyArray<string>) {
  const bound = bind(yield* withStdin(words), endpoint.parameters)
  if (Result.isSuccess(bound)) return yield* loadFiles(bound.success)
  const help = ["", `Parameters of ${endpoint.name ?? endpoint.fnIndex}:`, ...parameterTable(endpoint.parameters)]
  return yield* new InputProblem({ problems: bound.failure, help })
})

/** What became of a call that was given up, in words. */
const outcomes = {
  removed: "Cancelled: the call was not running yet, and did not run.",
  stopping: "Cancelled: the app was asked to stop the function.",
  "not-stoppable": "Cancelled here, but the app's function may run on to its end: Gradio can stop generators only.",
  "already-ended": "Interrupted: the call had ended already."
} as const

/** Which outputs are results: each, or the last. */
export type Wanted = "each" | "last"

const callWithoutLimit = Effect.fn(function* (input: CallInput, wanted: Wanted) {
  const screen = yield* Screen
  const words = splitWords([...Option.toArray(input.endpoint), ...input.values])
  const client = yield* connect(input.app, input, screen)
  const endpoint = yield* findEndpoint(client, words.endpoint)
  const values = yield* inputOf(endpoint, words.input)
  const directory = Option.getOrUndefined(input.output)
  if (directory !== undefined) yield* Keeping.checkDirectory(directory)
  const { complete, keep, saved } = Keeping.make(directory, screen)
  /** A sound or a film that the app still writes comes with each output anew. */
  const streamed = new Map<string, GradioFile.GradioFile>()
  const print = (outputs: ReadonlyArray<unknown>) => {
    const files: Array<GradioFile.GradioFile> = []
    for (const file of GradioFile.all(outputs)) {
      if (wanted === "each" && file.isStream && file.url !== undefined) streamed.set(file.url.href, file)
      else files.push(file)
    }
    const printed = Effect.suspend(() =>
      screen.result(input.json ? jsonOf(outputs, saved) : linesOf(outputs, endpoint.returns, saved))
    )
    // The function has run: what it gave is shown, whether its files got here or not.
    return Effect.andThen(
      Effect.onInterrupt(keep(files), () => Effect.ignore(printed)),
      printed
    )
  }
  /** Outputs that were printed as they came name the addresses of what was streamed. */
  const keepStreamed = Effect.gen(function* () {
    yield* keep([...streamed.values()])
    for (const file of streamed.values()) {
      const path = saved.get(file)
      if (path !== undefined) yield* screen.event({ _tag: "Saved", file: file.name, path, url: file.url?.href })
    }
  })
  yield* Effect.gen(function* () {
    yield* screen.show(sending)
    const job = yield* client.submit(endpoint.name ?? endpoint.fnIndex, values)
    const cancel = Effect.gen(function* () {
      yield* screen.show(cancelling)
      const outcome = yield* job.cancel
      yield* screen.show(ended)
      screen.line(input.json ? jsonText({ event: "cancelled", outcome }) : outcomes[outcome])
    })
    yield* job.events.pipe(
      Stream.runForEach((event) => {
        const told = screen.event(event)
        if (event._tag === (wanted === "each" ? "Output" : "Completed"))
          return Effect.andThen(told, print(event.output))
        return event._tag === "Completed" ? Effect.andThen(told, keepStreamed) : told
      }),
      Effect.onInterrupt(() => cancel)
    )
    yield* complete
  }).pipe(
    Effect.scoped,
    Effect.onExit(() => screen.show(ended))
  )
}, Effect.scoped)

/** Calls an endpoint and prints what comes of it. Interrupting it cancels on the server and says what became of the call. */
export const call = Effect.fn(function* (input: CallInput, wanted: Wanted) {
  const screen = yield* Screen
  yield* screen.tellAs(input)
  const timeout = yield* Option.match(input.timeout, {
    onNone: () => Effect.undefined,
    onSome: (text) => timeOf("timeout", text)
  })
  return yield* limited(timeout, callWithoutLimit(input, wanted))
})
