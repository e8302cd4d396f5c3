/**
 * An endpoint with types: a value that `events`, `stream`, `predict`, `submit` and `GradioClient.streamInput` take wherever a name can stand. Its input is
 * checked and encoded before anything is sent, its outputs are decoded as they come.
 */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import type * as Types from "effect/Types"

import { CheckChoices } from "./internal/component/choice.ts"

const TypeId = "~effect-gradio/Endpoint"

/** An endpoint of any types. */
export interface Any extends Pipeable {
  readonly [TypeId]: (_: never) => unknown
  /** Its name, the slash optional, or its number where it has none. */
  readonly name: string | number
  /** Whether it yields several outputs; the method of a service is then a stream. */
  readonly isGenerator: boolean
  readonly input: Schema.ConstraintCodec<unknown, object, unknown, unknown>
  readonly output: Schema.ConstraintCodec<unknown, ReadonlyArray<unknown>, unknown, unknown>
  /** The arguments by name, or what does not fit. */
  readonly encode: (input: unknown) => Effect.Effect<object, SchemaIssue.Issue, unknown>
  /** What the outputs are held as, or what does not fit. */
  readonly decode: (outputs: unknown) => Effect.Effect<unknown, SchemaIssue.Issue, unknown>
}

/**
 * An endpoint of an app. `I` is what its parameters are given as, `O` what its outputs are held as, `RI` and `RO` the services that their schemas want.
 * One that takes a number is none that takes a number or a text, and the other way round.
 */
export interface Endpoint<in out I, out O, out RI = never, out RO = never> extends Any {
  readonly [TypeId]: Types.Invariant<I>
  readonly input: Schema.ConstraintCodec<I, object, unknown, RI>
  readonly output: Schema.ConstraintCodec<O, ReadonlyArray<unknown>, RO, unknown>
  readonly encode: (input: unknown) => Effect.Effect<object, SchemaIssue.Issue, RI>
  readonly decode: (outputs: unknown) => Effect.Effect<O, SchemaIssue.Issue, RO>
}

/** An endpoint that yields several outputs. */
export interface Generator<in out I, out O, out RI = never, out RO = never> extends Endpoint<I, O, RI, RO> {
  readonly isGenerator: true
}

/** What an endpoint is made of: what its input is written as by parameter, and its outputs as a list, one for each component that carries a value. */
export interface Schemas<I, E extends object, O, P extends ReadonlyArray<unknown>, RI, RO> {
  readonly input: Schema.ConstraintCodec<I, E, unknown, RI>
  readonly output: Schema.ConstraintCodec<O, P, RO, unknown>
}

// All that is wrong is told at once, and a parameter that the schema does not know is not dropped in silence.
const inputOptions = { errors: "all", onExcessProperty: "error" } as const

/**
 * Gives an endpoint its types. Parameters that have a default are `Schema.optional`. Schemas for what components take and give are in `Component`; any
 * others do too, transformations and those with services included.
 *
 * A call fails with `EndpointInputError` by parameter where the input does not fit, before anything is sent, and with `EndpointOutputError` where an
 * output is not what the schema says.
 *
 * @example
 * const calculate = Endpoint.make("/calculate", {
 *   input: Schema.Struct({ num1: Component.Number.input, operation: Component.choice(["add", "subtract"]), num2: Component.Number.input }),
 *   output: Schema.Tuple([Component.Number.output])
 * })
 * const sum = Effect.gen(function* () {
 *   const app = yield* GradioClient.GradioClient
 *   return yield* app.predict(calculate, { num1: 4, operation: "add", num2: 5 })
 * })
 */
export const make = <I, E extends object, O, P extends ReadonlyArray<unknown>, RI = never, RO = never>(
  name: string | number,
  schemas: Schemas<I, E, O, P, RI, RO>
): Endpoint<I, O, RI, RO> => of(name, schemas, false)

/** The same for an endpoint that yields several outputs, each of which is decoded: as a method of a service it is a stream. */
export const generator = <I, E extends object, O, P extends ReadonlyArray<unknown>, RI = never, RO = never>(
  name: string | number,
  schemas: Schemas<I, E, O, P, RI, RO>
): Generator<I, O, RI, RO> => of(name, schemas, true)

const of = <I, E extends object, O, P extends ReadonlyArray<unknown>, RI, RO, const G extends boolean>(
  name: string | number,
  { input, output }: Schemas<I, E, O, P, RI, RO>,
  isGenerator: G
) =>
  ({
    [TypeId]: identity<I>,
    name,
    isGenerator,
    input,
    output,
    encode: SchemaParser.encodeUnknownEffect(input, inputOptions),
    decode: SchemaParser.decodeUnknownEffect(output, { errors: "all" }),
    pipe() {
      return pipeArguments(this, arguments)
    }
  }) as const

/** A value whose choice may be any of its kind. */
export type AnyChoice<A> = A extends string
  ? string
  : A extends number
    ? number
    : A extends boolean
      ? boolean
      : A extends ReadonlyArray<infer One>
        ? ReadonlyArray<AnyChoice<One>>
        : A

/** The same for each parameter. */
export type AnyChoices<I> = { readonly [Parameter in keyof I]: AnyChoice<I[Parameter]> }

/**
 * The endpoint without the check of choices (`Component.choice`, `Component.choices`), for an app that changes them while it runs: any value of their kind
 * compiles and is sent. All else is checked as before.
 *
 * @example
 * const anyModel = Endpoint.withAnyChoice(generate)
 * app.predict(anyModel, { model: "the one that the call before has added" })
 */
export const withAnyChoice = <I, O, RI, RO, G extends boolean>(
  endpoint: Endpoint<I, O, RI, RO> & { readonly isGenerator: G }
): Endpoint<AnyChoices<I>, O, RI, RO> & { readonly isGenerator: G } => ({
  ...endpoint,
  [TypeId]: identity,
  // The values that such a schema takes are those of its kind; which of them pass is looked up when they are encoded.
  input: Schema.make<Schema.Codec<AnyChoices<I>, object, unknown, RI>>(endpoint.input.ast),
  encode: (input: unknown) => Effect.provideService(endpoint.encode(input), CheckChoices, false)
})

/** Whether a value is an endpoint with types. */
export const isEndpoint = (u: unknown): u is Any => typeof u === "object" && u !== null && TypeId in u
