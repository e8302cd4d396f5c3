/** Calls of typed endpoints, made of calls by name: the input is encoded before, the outputs are decoded as they come. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import type { Endpoint } from "../Endpoint.ts"
import type { GradioClient, Outputs, SubmitOptions, Untyped } from "../GradioClient.ts"
import {
  type CallError,
  circumstances,
  EndpointInputError,
  type EndpointNotFoundError,
  EndpointOutputError,
  type JobError,
  type Where
} from "../GradioError.ts"
import type { GradioFile } from "../GradioFile.ts"
import type { Input } from "../Input.ts"
import type { Job } from "../Job.ts"
import type { JobEvent } from "../JobEvent.ts"
import type { CallOptions, TypedCallOptions } from "./calls.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "MissingKey") return missing
    if (issue._tag === "UnexpectedKey") return surplus
    return SchemaIssue.defaultLeafHook(issue)
  }
})

const missing = "is missing"
const surplus = "is not expected"

/** `["a"][0]`. */
const shown = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((key) => `[${typeof key === "number" ? key : JSON.stringify(String(key))}]`).join("")

interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const problemsOf = (issue: SchemaIssue.Issue): ReadonlyArray<Problem> =>
  format(issue).issues.map(({ message, path = [] }) => ({
    path: path.map((part) => (typeof part === "object" ? part.key : part)),
    message: message.replace(/^Expected/, "expected")
  }))

const fileKey: keyof GradioFile = "~effect-gradio/GradioFile"

/** A file where something that holds files is wanted is surplus in each of its members: that is said once. */
const withFilesAsOne = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const files = problems.filter(({ path }) => path.at(-1) === fileKey).map(({ path }) => path.slice(0, -1))
  const isInFile = ({ path }: Problem) => files.some((file) => file.every((key, index) => path[index] === key))
  return [
    ...problems.filter((problem) => !isInFile(problem)),
    ...files.map((path) => ({ path, message: "expected something that holds a file, not the file itself" }))
  ]
}

const placed = (place: string, message: string): string =>
  message.startsWith("is ") ? `${place} ${message}` : `${place}: ${message}`

const ofParameter: Readonly<Record<string, string>> = {
  [missing]: "is missing, and has no default",
  [surplus]: "is no parameter of the endpoint"
}

const inputProblem = ({ message, path: [parameter = "", ...inside] }: Problem) => {
  const name = String(parameter)
  if (name === "") return { parameter: name, problem: placed("the input", message) }
  const said = inside.length === 0 ? (ofParameter[message] ?? message) : message
  return { parameter: name, problem: placed(`${JSON.stringify(name)}${shown(inside)}`, said) }
}

const ofOutput: Readonly<Record<string, string>> = {
  [missing]: "is missing: the app gives fewer outputs",
  [surplus]: "is not expected: the app gives more outputs"
}

const outputProblem = ({ message, path }: Problem): string =>
  `${shown(path)} ${path.length === 1 ? (ofOutput[message] ?? message) : message}`.trimStart()

/** The arguments by name that an input is written as. */
export const encode = <I, O, RI, RO>(
  where: Where,
  endpoint: Endpoint<I, O, RI, RO>,
  input: unknown
): Effect.Effect<object, EndpointInputError, RI> =>
  Effect.mapError(
    endpoint.encode(input),
    (issue) =>
      new EndpointInputError({
        ...circumstances({ where }),
        problems: withFilesAsOne(problemsOf(issue)).map(inputProblem)
      })
  )

/** What the outputs of a call are held as. */
const decode = <I, O, RI, RO>(
  where: Where,
  endpoint: Endpoint<I, O, RI, RO>,
  outputs: Outputs
): Effect.Effect<O, EndpointOutputError, RO> =>
  Effect.mapError(
    endpoint.decode(outputs),
    (issue) =>
      new EndpointOutputError({
        ...circumstances({ where, reached: "started" }),
        issue: problemsOf(issue).map(outputProblem).join("; "),
        received: outputs
      })
  )

/** Decodes the outputs of one call. A completion repeats the last output, which is then the same value. */
const decoder = <I, O, RI, RO>(where: Where, endpoint: Endpoint<I, O, RI, RO>) => {
  let last: { readonly outputs: Outputs; readonly held: O } | undefined
  return (outputs: Outputs): Effect.Effect<O, EndpointOutputError, RO> =>
    last !== undefined && last.outputs === outputs
      ? Effect.succeed(last.held)
      : Effect.map(decode(where, endpoint, outputs), (held) => {
          last = { outputs, held }
          return held
        })
}

/** The events of a call with its outputs decoded. */
export const decodedEvents = <I, O, RI, RO, E, R>(
  where: Where,
  endpoint: Endpoint<I, O, RI, RO>,
  untyped: Stream.Stream<JobEvent<Outputs>, E, R>
): Stream.Stream<JobEvent<O>, E | EndpointOutputError, R | RO> =>
  Stream.suspend(() => {
    const decodeNext = decoder(where, endpoint)
    return Stream.mapEffect(untyped, (event): Effect.Effect<JobEvent<O>, EndpointOutputError, RO> =>
      event._tag === "Output" || event._tag === "Completed"
        ? Effect.map(decodeNext(event.output), (output) => ({ ...event, output }))
        : Effect.succeed(event)
    )
  })

/** A job with its outputs decoded. One that does not fit fails the readers of its events and its result; the status has none then. */
const decodedJob = <I, O, RI, RO>(
  where: Where,
  endpoint: Endpoint<I, O, RI, RO>,
  untyped: Job<Outputs>
): Effect.Effect<Job<O, JobError | EndpointOutputError>, never, RO> =>
  Effect.contextWith((context) => {
    const decodeNext = (outputs: Outputs) => Effect.provideContext(decode(where, endpoint, outputs), context)
    return Effect.succeed({
      eventId: untyped.eventId,
      events: Stream.provideContext(decodedEvents(where, endpoint, untyped.events), context),
      status: Effect.flatMap(untyped.status, (status) =>
        Effect.map(
          Option.isNone(status.last) ? Effect.succeedNone : Effect.option(decodeNext(status.last.value)),
          (last) => ({ ...status, last })
        )
      ),
      result: Effect.flatMap(untyped.result, decodeNext),
      cancel: untyped.cancel
    })
  })

/** The calls of a client, for endpoints by name and with types. */
export const overloads = (
  whereOf: (asked: string | number) => Where,
  untyped: Untyped
): Pick<GradioClient, "events" | "stream" | "predict" | "submit"> => {
  function events<I, O, RI, RO>(
    endpoint: Endpoint<I, O, RI, RO>,
    input: I,
    options?: TypedCallOptions
  ): Stream.Stream<JobEvent<O>, CallError | EndpointOutputError, RI | RO>
  function events(
    endpoint: string | number,
    input?: Input,
    options?: CallOptions
  ): Stream.Stream<JobEvent<Outputs>, CallError>
  function events<I, O, RI, RO>(
    endpoint: string | number | Endpoint<I, O, RI, RO>,
    input?: Input,
    options?: CallOptions
  ) {
    if (typeof endpoint !== "object") return untyped.events(endpoint, input, options)
    const where = whereOf(endpoint.name)
    return Stream.unwrap(
      Effect.map(encode(where, endpoint, input), (encoded) =>
        decodedEvents(where, endpoint, untyped.events(endpoint.name, encoded, options))
      )
    )
  }

  function stream<I, O, RI, RO>(
    endpoint: Endpoint<I, O, RI, RO>,
    input: I,
    options?: TypedCallOptions
  ): Stream.Stream<O, CallError | EndpointOutputError, RI | RO>
  function stream(endpoint: string | number, input?: Input, options?: CallOptions): Stream.Stream<Outputs, CallError>
  function stream<I, O, RI, RO>(
    endpoint: string | number | Endpoint<I, O, RI, RO>,
    input?: Input,
    options?: CallOptions
  ) {
    if (typeof endpoint !== "object") return untyped.stream(endpoint, input, options)
    const where = whereOf(endpoint.name)
    return Stream.unwrap(
      Effect.map(encode(where, endpoint, input), (encoded) =>
        Stream.mapEffect(untyped.stream(endpoint.name, encoded, options), (outputs) => decode(where, endpoint, outputs))
      )
    )
  }

  function predict<I, O, RI, RO>(
    endpoint: Endpoint<I, O, RI, RO>,
    input: I,
    options?: TypedCallOptions
  ): Effect.Effect<O, CallError | EndpointOutputError, RI | RO>
  function predict(endpoint: string | number, input?: Input, options?: CallOptions): Effect.Effect<Outputs, CallError>
  function predict<I, O, RI, RO>(
    endpoint: string | number | Endpoint<I, O, RI, RO>,
    input?: Input,
    options?: CallOptions
  ) {
    if (typeof endpoint !== "object") return untyped.predict(endpoint, input, options)
    const where = whereOf(endpoint.name)
    return Effect.flatMap(encode(where, endpoint, input), (encoded) =>
      Effect.flatMap(untyped.predict(endpoint.name, encoded, options), (outputs) => decode(where, endpoint, outputs))
    )
  }

  function submit<I, O, RI, RO>(
    endpoint: Endpoint<I, O, RI, RO>,
    input: I,
    options?: Omit<SubmitOptions, "raw">
  ): Effect.Effect<
    Job<O, JobError | EndpointOutputError>,
    EndpointNotFoundError | EndpointInputError,
    Scope.Scope | RI | RO
  >
  function submit(
    endpoint: string | number,
    input?: Input,
    options?: SubmitOptions
  ): Effect.Effect<Job<Outputs>, EndpointNotFoundError | EndpointInputError, Scope.Scope>
  function submit<I, O, RI, RO>(
    endpoint: string | number | Endpoint<I, O, RI, RO>,
    input?: Input,
    options?: SubmitOptions
  ) {
    if (typeof endpoint !== "object") return untyped.submit(endpoint, input, options)
    const where = whereOf(endpoint.name)
    return Effect.flatMap(encode(where, endpoint, input), (encoded) =>
      Effect.flatMap(untyped.submit(endpoint.name, encoded, options), (job) => decodedJob(where, endpoint, job))
    )
  }

  return { events, stream, predict, submit }
}
