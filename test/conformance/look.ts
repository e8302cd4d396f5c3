/** What is compared: events, errors and files as plain values, with what differs from run to run replaced by a word. */
import * as assert from "node:assert/strict"

import { Duration, Effect, Exit, Option, Schedule, Stream } from "effect"

import { type GradioClient, GradioError, GradioFile, type JobEvent } from "../../src/index.ts"
import type { World } from "./Case.ts"

/** The whole of both values, down to the order of lists and the presence of keys. */
export const same = (actual: unknown, expected: unknown): void => assert.deepStrictEqual(actual, expected)

export const isTrue = (condition: boolean, what: string): void => assert.ok(condition, what)

/** A server's guess depends on the calls before: only whether there may be one is compared. */
const guess = (eta: Duration.Duration | undefined): "a guess or none" => {
  assert.ok(eta === undefined || Duration.toMillis(eta) >= 0, "a guess of a time is not negative")
  return "a guess or none"
}

export const guessOrNone = "a guess or none"
export const aTime = "a time"

/** A file by what of it is the same on every server. */
export const plainFile = (file: GradioFile.GradioFile) => ({
  file: file.name,
  mimeType: file.mimeType,
  size: file.size,
  isStream: file.isStream
})

/** Files in place of `GradioFile`s, everything else as it is. */
export const plain = (value: unknown): unknown => {
  if (GradioFile.isGradioFile(value)) return plainFile(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
  }
  return value
}

/** An event without its times. */
export const plainEvent = (event: JobEvent.JobEvent<GradioClient.Outputs>): unknown => {
  const { at: _, ...rest } = event
  switch (rest._tag) {
    case "Queued":
    case "Started":
      return { ...rest, eta: guess(rest.eta) }
    case "Output":
      return { ...rest, output: plain(rest.output) }
    case "Completed": {
      assert.ok(rest.took === undefined || Duration.toMillis(rest.took) >= 0, "no call takes less than no time")
      return { ...rest, output: plain(rest.output), took: rest.took === undefined ? undefined : aTime }
    }
    case "Log":
      return { ...rest, duration: rest.duration === undefined ? undefined : Duration.toSeconds(rest.duration) }
    default:
      return rest
  }
}

/** All events of a call, in order, without their times. */
export const eventsOf = <E>(events: Stream.Stream<JobEvent.JobEvent<GradioClient.Outputs>, E>) =>
  Effect.map(Stream.runCollect(events), (all) => {
    let before = 0
    for (const { at } of all) {
      assert.ok(at.epochMilliseconds >= before, "events come in the order of their times")
      before = at.epochMilliseconds
    }
    return all.map(plainEvent)
  })

/** The events up to a failure, and the failure. */
export const eventsAndFailure = <E>(events: Stream.Stream<JobEvent.JobEvent<GradioClient.Outputs>, E>) =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const exit = yield* Effect.exit(
      Stream.runForEach(events, (event) => Effect.sync(() => void seen.push(plainEvent(event))))
    )
    const error = Option.getOrUndefined(Exit.findErrorOption(exit))
    return { events: seen, error: error === undefined ? "none" : plainError(error) }
  })

// The events that every plain call of an idle endpoint has.
export const queued = (position = 0, size = 1) => ({ _tag: "Queued", position, size, eta: guessOrNone })
export const started = { _tag: "Started", eta: guessOrNone }
export const output = (values: ReadonlyArray<unknown>, index = 0, updates: object = {}) => ({
  _tag: "Output",
  output: values,
  index,
  updates
})
export const completed = (values: ReadonlyArray<unknown>, usedCache?: "full" | "partial") => ({
  _tag: "Completed",
  output: values,
  took: aTime,
  usedCache
})

const ownFields = (error: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(error).filter(([key]) => key !== "name" && key !== "stack"))

/** An error with all its fields; ids, addresses and causes by a word. */
export const plainError = (error: unknown): Readonly<Record<string, unknown>> => {
  if (!GradioError.isGradioError(error)) return { unexpected: error }
  const { cause, where, ...fields } = { cause: undefined, ...error }
  const hidden = (text: string) => text.replaceAll(where.url, "<app>")
  const shown: Readonly<Record<string, unknown>> = {
    ...ownFields(fields),
    message: hidden(error.message),
    where: {
      url: "<app>",
      ...(where.endpoint === undefined ? {} : { endpoint: where.endpoint }),
      ...(where.sessionHash === undefined ? {} : { sessionHash: "<hash>" }),
      ...(where.eventId === undefined ? {} : { eventId: "<id>" })
    },
    ...(cause === undefined ? {} : { cause: "<cause>" })
  }
  return "duration" in error && error.duration !== undefined
    ? { ...shown, duration: Duration.toSeconds(error.duration) }
    : shown
}

/** What is expected of an error by a server whose calls have no ids (Gradio 3). */
export const asKnown = <A extends { readonly where: object }>({ since }: World, error: A): A =>
  since("4.0")
    ? error
    : { ...error, where: Object.fromEntries(Object.entries(error.where).filter(([key]) => key !== "eventId")) }

/** The failure of an effect that must fail. */
export const failureOf = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.map(Effect.flip(effect), plainError)

/** The circumstances of an error as {@link plainError} shows them. */
export const circumstances = (
  endpoint: string | undefined,
  reached: GradioError.Reached,
  options: { readonly isTransient?: boolean } = {}
) => ({
  where: {
    url: "<app>",
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(reached === "nothing-sent" ? {} : { sessionHash: "<hash>" }),
    ...(reached === "queued" || reached === "started" ? { eventId: "<id>" } : {})
  },
  reached,
  mayHaveRun: reached === "sent" || reached === "started",
  isTransient: options.isTransient ?? false,
  retryAfter: undefined
})

/** Looks again until the server's record says so; fails with the last look after ten seconds. */
export const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, says: (seen: A) => boolean) =>
  Effect.flatMap(look, (seen) =>
    says(seen) ? Effect.succeed(seen) : Effect.fail(new Error(`the server's record says ${JSON.stringify(seen)}`))
  ).pipe(Effect.retry(Schedule.max([Schedule.spaced("50 millis"), Schedule.recurs(200)])))

/** The only output of a call of an endpoint that takes nothing: one of the app's own records. */
export const record = (app: GradioClient.GradioClient, endpoint: string) =>
  Effect.map(app.predict(endpoint), ([value]) => value)

/** Whether a list that the server keeps has a line. */
export const has =
  (line: unknown) =>
  (list: unknown): boolean =>
    Array.isArray(list) && list.includes(line)
