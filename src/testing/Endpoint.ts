/** A function of a stand-in app with the description of its inputs and outputs. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Call } from "./Call.ts"
import type * as Component from "./Component.ts"
import { BadInput } from "./FileData.ts"
import { Update } from "./Update.ts"

/** The values that a function with these inputs is given. */
export type Inputs<I extends ReadonlyArray<Component.Any>> = {
  readonly [K in keyof I]: I[K] extends Component.Component<infer In, infer _> ? In : never
}

/** The list of values, or of changes, that a function with these outputs gives. */
export type Outputs<O extends ReadonlyArray<Component.Any>> = {
  readonly [K in keyof O]: O[K] extends Component.Component<infer _, infer Out> ? Out | Update<Out> : never
}

/** What a validator says about one input: `true`, or why not. */
export type Verdict = true | string

/** Settings that every kind of endpoint takes. */
export interface Settings<I extends ReadonlyArray<Component.Any>, O extends ReadonlyArray<Component.Any>> {
  readonly inputs: I
  readonly outputs: O
  readonly description?: string | undefined
  /** `false`: clients are told to post directly. Default `true`. The endpoint can be queued all the same. */
  readonly queue?: boolean | undefined
  /** How many calls of the group run at once; `null` for any number. Default 1. */
  readonly concurrencyLimit?: number | null | undefined
  /** Endpoints with the same id share one group, and the lowest of their limits. Default: a group of its own. */
  readonly concurrencyId?: string | undefined
  /** `undocumented` is missing in `/info`, `private` is to be refused by clients. The server runs them all. Default `public`. */
  readonly visibility?: "public" | "undocumented" | "private" | undefined
  /** Checks the inputs before the call is queued; one verdict for each. It does not run for direct calls. */
  readonly validator?: ((inputs: Inputs<I>) => Effect.Effect<ReadonlyArray<Verdict>>) | undefined
  /** Positions of inputs that arrive as an object of the component's properties, of which the function gets the value. */
  readonly componentPropInputs?: ReadonlyArray<number> | undefined
}

/** What an endpoint does: `run` gives one list of outputs, `stream` is a generator, `batch` answers many calls at once. */
export type Behaviour<I extends ReadonlyArray<Component.Any>, O extends ReadonlyArray<Component.Any>, E, R> =
  | { readonly run: (inputs: Inputs<I>, call: Call) => Effect.Effect<Outputs<O>, E, R> }
  | { readonly stream: (inputs: Inputs<I>, call: Call) => Stream.Stream<Outputs<O>, E, R> }
  | {
      readonly batch: (rows: ReadonlyArray<Inputs<I>>, call: Call) => Effect.Effect<ReadonlyArray<Outputs<O>>, E, R>
      /** Default 4. */
      readonly maxBatchSize?: number | undefined
    }

/** The data of one call, as the wire has it. */
export type Row = ReadonlyArray<unknown>

/** An endpoint whose functions need `R`. */
export interface Endpoint<out R> {
  /** Without the leading slash. */
  readonly name: string
  readonly kind: "function" | "generator" | "batch"
  readonly inputs: ReadonlyArray<Component.Any>
  readonly outputs: ReadonlyArray<Component.Any>
  readonly description: string
  readonly queue: boolean
  readonly concurrencyLimit: number | null
  readonly concurrencyId: string | undefined
  readonly visibility: "public" | "undocumented" | "private"
  readonly componentPropInputs: ReadonlyArray<number>
  readonly maxBatchSize: number
  /** Rows of the wire in, lists of rows out: one list for a function, one for each yield of a generator. */
  readonly run: (
    rows: ReadonlyArray<Row>,
    call: Call,
    conversion: Component.Conversion
  ) => Stream.Stream<ReadonlyArray<Row>, unknown, R>
  readonly validate: ((row: Row, conversion: Component.Conversion) => Effect.Effect<ReadonlyArray<Verdict>, unknown>) | undefined
}

const decodeRow = Effect.fnUntraced(function* (
  inputs: ReadonlyArray<Component.Any>,
  propInputs: ReadonlyArray<number>,
  row: Row,
  conversion: Component.Conversion
) {
  if (row.length < inputs.length) {
    return yield* new BadInput({
      message: `An event handler didn't receive enough input values (needed: ${inputs.length}, got: ${row.length}).`
    })
  }
  return yield* Effect.forEach(inputs, (component, i) => {
    const sent = row[i]
    const isProps = propInputs.includes(i) && typeof sent === "object" && sent !== null && "value" in sent
    return component.preprocess(isProps ? sent.value : sent, conversion)
  })
})

const encodeSlot = (component: Component.Any, value: unknown, conversion: Component.Conversion): Effect.Effect<unknown, unknown> => {
  if (!(value instanceof Update)) return component.postprocess(value, conversion)
  const marked = (change: object) => ({ ...value.props, ...change, __type__: "update" })
  // The value of a state never leaves the server, changed or not.
  if (component.type === "state") return value.value === undefined ? Effect.succeed(null) : component.postprocess(value.value.some, conversion)
  return value.value === undefined
    ? Effect.succeed(marked({}))
    : Effect.map(component.postprocess(value.value.some, conversion), (encoded) => marked({ value: encoded }))
}

const encodeRow = (outputs: ReadonlyArray<Component.Any>, row: ReadonlyArray<unknown>, conversion: Component.Conversion) =>
  Effect.forEach(outputs, (component, i) => encodeSlot(component, row[i], conversion))

/**
 * Describes an endpoint. `name` is the API name, with or without its leading slash.
 *
 * A function that fails with `AppFailure` shows the client its message; any other failure and any defect is a plain exception, whose
 * text is hidden unless the app says `showError`.
 */
export const endpoint = <
  const I extends ReadonlyArray<Component.Any>,
  const O extends ReadonlyArray<Component.Any>,
  E = never,
  R = never
>(
  name: string,
  spec: Settings<I, O> & Behaviour<I, O, E, R>
): Endpoint<R> => {
  const { componentPropInputs = [], inputs, outputs, validator } = spec
  // Each value was made by the component of its place, so that the types of the components are the types of the list.
  const isInputs = (values: unknown): values is Inputs<I> => Array.isArray(values) && values.length === inputs.length
  const decode = (row: Row, conversion: Component.Conversion): Effect.Effect<Inputs<I>, unknown> =>
    Effect.flatMap(decodeRow(inputs, componentPropInputs, row, conversion), (values) =>
      isInputs(values) ? Effect.succeed(values) : Effect.die("the inputs do not match their components")
    )
  const encode = (conversion: Component.Conversion) => (values: ReadonlyArray<unknown>) => encodeRow(outputs, values, conversion)

  const behaviour = (): Pick<Endpoint<R>, "kind" | "run" | "maxBatchSize"> => {
    if ("batch" in spec) {
      return {
        kind: "batch",
        maxBatchSize: spec.maxBatchSize ?? 4,
        run: (rows, call, conversion) =>
          Stream.fromEffect(
            Effect.forEach(rows, (row) => decode(row, conversion)).pipe(
              Effect.flatMap((decoded) => spec.batch(decoded, call)),
              Effect.flatMap((answers) => Effect.forEach(answers, encode(conversion)))
            )
          )
      }
    }
    const first = (rows: ReadonlyArray<Row>) => rows[0] ?? []
    if ("stream" in spec) {
      return {
        kind: "generator",
        maxBatchSize: 4,
        run: (rows, call, conversion) =>
          Stream.fromEffect(decode(first(rows), conversion)).pipe(
            Stream.flatMap((values) => spec.stream(values, call)),
            Stream.mapEffect((values) => Effect.map(encode(conversion)(values), (row) => [row]))
          )
      }
    }
    return {
      kind: "function",
      maxBatchSize: 4,
      run: (rows, call, conversion) =>
        Stream.fromEffect(
          decode(first(rows), conversion).pipe(
            Effect.flatMap((values) => spec.run(values, call)),
            Effect.flatMap(encode(conversion)),
            Effect.map((row) => [row])
          )
        )
    }
  }

  return {
    name: name.replace(/^\//, ""),
    inputs,
    outputs,
    description: spec.description ?? "",
    queue: spec.queue ?? true,
    concurrencyLimit: spec.concurrencyLimit === undefined ? 1 : spec.concurrencyLimit,
    concurrencyId: spec.concurrencyId,
    visibility: spec.visibility ?? "public",
    componentPropInputs,
    ...behaviour(),
    validate:
      validator === undefined ? undefined : (row, conversion) => Effect.flatMap(decode(row, conversion), (values) => validator(values))
  }
}
