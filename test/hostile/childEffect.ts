/** Runs tasks, one after the other, with this library as it is published: by its own name, from the built files. */
import { join } from "node:path"

import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Cause, Duration, Effect, Exit, type FileSystem, Logger, type Path, Redacted, Stream } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

import type * as Library from "../../src/index.ts"
import { escapedFrom, polluted, watchMemory } from "./measure.ts"
import { brief, type Ending, isTelling, type Report, secrets, type Task } from "./task.ts"

// By a name that the compiler does not follow, so that the types need no built files.
const published: string = "effect-gradio"
const library: typeof Library = await import(published)
const { GradioClient, GradioFile } = library

const uncaught: Array<string> = []
process.on("unhandledRejection", (reason) => uncaught.push(String(reason)))
process.on("uncaughtException", (error) => uncaught.push(String(error)))

const isLoopback = (url: string): boolean => {
  try {
    return new URL(url).hostname.startsWith("127.")
  } catch {
    return true
  }
}

/** Keeps the tests on this machine: what would leave it is written down and not sent. */
const fenced =
  (task: Task, outward: Array<string>) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    const inside = HttpClient.mapRequestEffect(client, (request) => {
      if (isLoopback(request.url)) return Effect.succeed(request)
      outward.push(request.url)
      return Effect.fail(
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, description: "outside of this machine" })
        })
      )
    })
    if (!task.planted) return inside
    return HttpClient.tap(inside, (response) =>
      Effect.ignore(
        client.execute(
          HttpClientRequest.get(`${task.foreign}/copy`, {
            headers: { authorization: response.request.headers["authorization"] ?? "" }
          })
        )
      )
    )
  }

const millis = (n: number | undefined): { readonly is: Duration.Duration } | undefined =>
  n === undefined ? undefined : { is: Duration.millis(n) }

const connectOptions = (task: Task, outward: Array<string>): Library.GradioClient.ConnectOptions => ({
  headers: { authorization: Redacted.make(`Bearer ${secrets.header}`) },
  cookies: { sid: Redacted.make(secrets.cookie) },
  query: { key: secrets.query },
  retry: task.retry ? undefined : "none",
  transformClient: fenced(task, outward),
  answerTimeout: millis(task.options.answerTimeout)?.is,
  joinTimeout: millis(task.options.joinTimeout)?.is,
  directTimeout: millis(task.options.directTimeout)?.is,
  silence: millis(task.options.silence)?.is,
  firstMessage: millis(task.options.firstMessage)?.is,
  maxAnswerBytes: task.options.maxAnswerBytes,
  maxMessageBytes: task.options.maxMessageBytes
})

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const act = (
  app: Library.GradioClient.GradioClient,
  task: Task
): Effect.Effect<unknown, Library.GradioError.CallError, FileSystem.FileSystem | Path.Path> => {
  const call = {
    headers: { "x-call": Redacted.make(secrets.callHeader) },
    buffer: task.options.buffer
  }
  switch (task.action) {
    case "echo":
      return app.predict("/echo", [secrets.argument], call)
    case "direct":
      return app.predict("/direct", [secrets.argument], call)
    case "json":
      return app.predict("/json", [secrets.argument], call)
    case "acts":
      return app.predict("/acts", [secrets.argument], { ...call, oauthToken: Redacted.make(secrets.oauth) })
    case "stream":
      return Stream.runCollect(app.stream("/gen", [secrets.argument], call))
    case "events":
      return Effect.map(Stream.runCollect(app.events("/echo", [secrets.argument], call)), (events) =>
        events.map((one) => one._tag)
      )
    case "leave":
      return Stream.runCollect(Stream.take(app.stream("/gen", [secrets.argument], call), 1))
    case "two": {
      // The second one joins while the stream of the first is open.
      const later = Effect.andThen(Effect.sleep("300 millis"), app.predict("/echo", ["second"], call))
      return Effect.raceFirst(app.predict("/echo", [secrets.argument], call), later)
    }
    case "upload": {
      const file = GradioFile.fromBytes(new TextEncoder().encode(secrets.file), { name: "up.bin" })
      return Effect.map(app.predict("/file", [file], call), (outputs) => GradioFile.all(outputs).length)
    }
    case "download":
      return Effect.flatMap(app.predict("/file", [null], call), (outputs) =>
        Effect.map(
          Effect.forEach(GradioFile.all(outputs), (file) => file.bytes),
          (all) => all.map(decode)
        )
      )
    case "save":
      return Effect.flatMap(app.predict("/file", [null], call), (outputs) =>
        Effect.map(GradioFile.saveAll(outputs, task.directory), (paths) =>
          paths.map((path) => (path.startsWith(task.directory) ? path.slice(task.directory.length + 1) : path))
        )
      )
  }
}

const shownFields = new Set([
  "reason",
  "status",
  "problem",
  "part",
  "mayHaveRun",
  "reached",
  "isTransient",
  "by",
  "text"
])

const endingOf = (exit: Exit.Exit<unknown, unknown>, task: Task): Ending => {
  if (Exit.isSuccess(exit)) return { kind: "value", value: task.brief ? brief(exit.value) : exit.value }
  const found = Cause.findErrorOption(exit.cause)
  if (found._tag === "Some" && library.GradioError.isGradioError(found.value)) {
    const error = found.value
    const fields: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(error)) if (shownFields.has(key)) fields[key] = value
    fields["message"] = error.message.slice(0, 400)
    if (error.retryAfter !== undefined) fields["retryAfter"] = Duration.toSeconds(error.retryAfter)
    return { kind: "error", tag: error._tag, fields }
  }
  if (found._tag === "Some" && Cause.isTimeoutError(found.value)) return { kind: "error", tag: "Patience", fields: {} }
  return { kind: "defect", text: Cause.pretty(exit.cause).slice(0, 600) }
}

/** Everything of an error that a program may print or log. */
const printed = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return ""
  const found = Cause.findErrorOption(exit.cause)
  if (found._tag === "None") return ""
  const error = found.value
  return [String(error), error instanceof Error ? error.message : "", Cause.pretty(exit.cause), safeJson(error)].join(
    "\n"
  )
}

const safeJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? ""
  } catch {
    return ""
  }
}

const run = async (task: Task): Promise<Report> => {
  const outward: Array<string> = []
  const logged: Array<string> = []
  const logger = Logger.make(({ message }) => void logged.push(safeJson(message)))
  const peak = watchMemory()
  const begun = performance.now()
  let first: Exit.Exit<unknown, unknown> = Exit.die("never ran")
  let again: Exit.Exit<unknown, unknown> | undefined
  let seconds = 0
  const patient = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Cause.TimeoutError, R> =>
    task.patience === undefined ? effect : Effect.timeout(effect, Duration.millis(task.patience))
  const program = Effect.gen(function* () {
    const app = yield* GradioClient.connect(task.url, connectOptions(task, outward))
    first = yield* Effect.exit(patient(act(app, task)))
    seconds = (performance.now() - begun) / 1000
    if (task.again) again = yield* Effect.exit(app.predict("/echo", ["again"]))
  }).pipe(
    Effect.scoped,
    Effect.provide([
      task.transport === "undici" ? NodeHttpClient.layerUndici : FetchHttpClient.layer,
      NodeServices.layer,
      Logger.layer([logger])
    ])
  )
  const exit = await Effect.runPromiseExit(program)
  if (Exit.isFailure(exit)) first = exit
  if (seconds === 0) seconds = (performance.now() - begun) / 1000
  const mebibytes = peak()
  return {
    first: endingOf(first, task),
    again: again === undefined ? undefined : endingOf(again, task),
    seconds,
    mebibytes,
    polluted: polluted(),
    escaped: escapedFrom(join(task.directory, ".."), task.directory),
    told: isTelling(printed(first)) || logged.some(isTelling),
    outward,
    uncaught: uncaught.splice(0)
  }
}

process.on("message", (task: Task) => {
  run(task).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ first: { kind: "defect", text: String(error) } })
  )
})
process.send?.("ready")
