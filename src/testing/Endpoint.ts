/** A function of a stand-in app with the description of its inputs and outputs. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

import type { Call } from "./Call.ts"
import type * as Component from "./Component.ts"
import { BadInput } from "./FileData.ts"
import * as Layout from "./skippedComponents.ts"
import { Update } from "./Update.ts"

type List = ReadonlyArray<Component.Any>

/** The values that a function with these inputs is given. */
export type Inputs<I extends List> = {
  readonly [K in keyof I]: I[K] extends Component.Component<infer In, infer _> ? In : never
}

/** A value, or a change, for one of these outputs. */
export type Output<O extends List> = {
  readonly [K in keyof O]: O[K] extends Component.Component<infer _, infer Out> ? Out | Update<Out> : never
}[number]

/**
 * What a function with these outputs gives: one value, or change, for each.
 *
 * It is a list and not a tuple, because TypeScript would take `Effect.succeed([1])` for a list all the same in many places. The number is
 * checked when the function has run.
 */
export type Outputs<O extends List> = ReadonlyArray<Output<O>>

/** What a validator says about one input: nothing against it, why not, or either with a message as `gr.validate` has it. */
export type Verdict = true | string | { readonly valid: boolean; readonly message: string }

/** Settings that every kind of endpoint takes. */
export interface Settings<I extends List, O extends List> {
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
  /** Gives the outputs of an earlier call with the same data, without running, as a function with `@gr.cache` does (Gradio 6.12). Default `false`. */
  readonly cache?: boolean | undefined
  /** Checks the inputs before the call is queued; one verdict for each. It does not run for direct calls. */
  readonly validator?: ((inputs: Inputs<I>) => Effect.Effect<ReadonlyArray<Verdict>>) | undefined
  /** Positions of inputs that arrive as an object of the component's properties, of which the function gets the value. */
  readonly componentPropInputs?: ReadonlyArray<number> | undefined
}

/** The data of one call, as the wire has it. */
export type Row = ReadonlyArray<unknown>

/** An endpoint whose functions need `R`. */
export interface Endpoint<out R> {
  /** Without the leading slash. */
  readonly name: string
  readonly kind: "function" | "generator" | "batch" | "inputStream" | "listener" | "render"
  readonly inputs: ReadonlyArray<Component.Any>
  readonly outputs: ReadonlyArray<Component.Any>
  readonly description: string
  readonly queue: boolean
  readonly concurrencyLimit: number | null
  readonly concurrencyId: string | undefined
  readonly cache: boolean
  readonly visibility: "public" | "undocumented" | "private"
  readonly componentPropInputs: ReadonlyArray<number>
  readonly maxBatchSize: number
  /** Seconds between two inputs of a stream, and those that an event of it may run. */
  readonly streamEvery: number
  readonly timeLimit: number | null
  /** Names of the endpoints that a {@link listener} cancels. */
  readonly cancels: ReadonlyArray<string>
  /** What a {@link listener} runs in the browser. */
  readonly js: string | null
  /** Rows of the wire in, lists of rows out: one list for a function, one for each yield of a generator. */
  readonly run: (
    rows: ReadonlyArray<Row>,
    call: Call,
    conversion: Component.Conversion
  ) => Stream.Stream<ReadonlyArray<Row>, unknown, R>
  readonly validate:
    | ((row: Row, conversion: Component.Conversion) => Effect.Effect<ReadonlyArray<Verdict>, unknown>)
    | undefined
}

const decodeRow = Effect.fnUntraced(function* (
  name: string,
  inputs: List,
  propInputs: ReadonlyArray<number>,
  row: Row,
  conversion: Component.Conversion
) {
  if (row.length < inputs.length) {
    return yield* new BadInput({
      message:
        `An event handler (${name}) didn't receive enough input values (needed: ${inputs.length}, got: ${row.length}).\n` +
        "Check if the event handler calls a Javascript function, and make sure its return value is correct.\n" +
        `Wanted inputs:\n    [${inputs.map(({ type }) => `<${type}>`).join(", ")}]\nReceived inputs:\n    ${JSON.stringify(row)}`
    })
  }
  return yield* Effect.forEach(inputs, (component, i) => {
    const sent = row[i]
    const isProps = propInputs.includes(i) && typeof sent === "object" && sent !== null && "value" in sent
    return component.preprocess(isProps ? sent.value : sent, conversion)
  })
})

const encodeSlot = (
  component: Component.Any,
  value: unknown,
  conversion: Component.Conversion
): Effect.Effect<unknown, unknown> => {
  if (!(value instanceof Update)) return component.postprocess(value, conversion)
  const marked = (change: object) => ({ ...value.props, ...change, __type__: "update" })
  // The value of a state never leaves the server, changed or not.
  if (component.type === "state")
    return value.value === undefined ? Effect.succeed(null) : component.postprocess(value.value.some, conversion)
  return value.value === undefined
    ? Effect.succeed(marked({}))
    : Effect.map(component.postprocess(value.value.some, conversion), (encoded) => marked({ value: encoded }))
}

const encodeRow = Effect.fnUntraced(function* (
  name: string,
  outputs: ReadonlyArray<Component.Any>,
  row: ReadonlyArray<unknown>,
  conversion: Component.Conversion
) {
  const counts = `(needed: ${outputs.length}, returned: ${row.length})`
  if (row.length < outputs.length) {
    return yield* Effect.die(new Error(`A function didn't return enough output values ${counts}.`))
  }
  // The others are ignored, as by Gradio.
  if (row.length > outputs.length) {
    yield* Effect.logError(`/${name} of the stand-in app returned too many output values ${counts}`)
  }
  return yield* Effect.forEach(outputs, (component, i) => encodeSlot(component, row[i], conversion))
})

/** What all kinds have in common, and the conversion of a row from and to the wire. */
const describe = <const I extends List, const O extends List>(name: string, settings: Settings<I, O>) => {
  const { componentPropInputs = [], inputs, outputs, validator } = settings
  // Each value was made by the component of its place, so that the types of the components are the types of the list.
  const isInputs = (values: unknown): values is Inputs<I> => Array.isArray(values) && values.length === inputs.length
  const decode = (row: Row, conversion: Component.Conversion): Effect.Effect<Inputs<I>, unknown> =>
    Effect.flatMap(decodeRow(base.name, inputs, componentPropInputs, row, conversion), (values) =>
      isInputs(values) ? Effect.succeed(values) : Effect.die("the inputs do not match their components")
    )
  const encode = (conversion: Component.Conversion) => (values: ReadonlyArray<unknown>) =>
    encodeRow(base.name, outputs, values, conversion)
  const base = {
    name: name.replace(/^\//, ""),
    inputs,
    outputs,
    description: settings.description ?? "",
    queue: settings.queue ?? true,
    concurrencyLimit: settings.concurrencyLimit === undefined ? 1 : settings.concurrencyLimit,
    concurrencyId: settings.concurrencyId,
    cache: settings.cache ?? false,
    visibility: settings.visibility ?? "public",
    componentPropInputs,
    maxBatchSize: 4,
    streamEvery: 0.5,
    timeLimit: null,
    cancels: [],
    js: null,
    validate:
      validator === undefined
        ? undefined
        : (row: Row, conversion: Component.Conversion) =>
            Effect.flatMap(decode(row, conversion), (values) => validator(values))
  }
  return { base, decode, encode }
}

/**
 * Describes a function of the app: one list of inputs in, one list of outputs out. `name` is the API name; its slash may be left out.
 *
 * A function that fails with `AppFailure` shows the client its message; any other failure and any defect is a plain exception, whose
 * text is hidden from it unless the app says `showError`. Those are logged, and so is an output list of the wrong length.
 */
export const endpoint = <const I extends List, const O extends List, E = never, R = never>(
  name: string,
  settings: Settings<I, O> & { readonly run: (inputs: Inputs<I>, call: Call) => Effect.Effect<Outputs<O>, E, R> }
): Endpoint<R> => {
  const { base, decode, encode } = describe(name, settings)
  return {
    ...base,
    kind: "function",
    run: ([row = []], call, conversion) =>
      Stream.fromEffect(
        decode(row, conversion).pipe(
          Effect.flatMap((values) => settings.run(values, call)),
          Effect.flatMap(encode(conversion)),
          Effect.map((outputs) => [outputs])
        )
      )
  }
}

/** Describes a generator: each element of its stream is a list of outputs, shown as it comes. Fails as {@link endpoint} does. */
export const generator = <const I extends List, const O extends List, E = never, R = never>(
  name: string,
  settings: Settings<I, O> & { readonly run: (inputs: Inputs<I>, call: Call) => Stream.Stream<Outputs<O>, E, R> }
): Endpoint<R> => {
  const { base, decode, encode } = describe(name, settings)
  return {
    ...base,
    kind: "generator",
    run: ([row = []], call, conversion) =>
      Stream.fromEffect(decode(row, conversion)).pipe(
        Stream.flatMap((values) => settings.run(values, call)),
        Stream.mapEffect((values) => Effect.map(encode(conversion)(values), (outputs) => [outputs]))
      )
  }
}

/**
 * Describes a function that takes a stream of inputs (a `.stream` listener of Gradio, 5.0 and later): it runs for each chunk, one after the other.
 * Clients send one each `streamEvery` seconds (default 0.5); after `timeLimit` seconds of running, or of waiting for a chunk, its event ends. Fails as
 * {@link endpoint} does.
 */
export const inputStream = <const I extends List, const O extends List, E = never, R = never>(
  name: string,
  settings: Settings<I, O> & {
    readonly run: (inputs: Inputs<I>, call: Call) => Effect.Effect<Outputs<O>, E, R>
    readonly streamEvery?: number | undefined
    readonly timeLimit?: number | undefined
  }
): Endpoint<R> => ({
  ...endpoint(name, settings),
  kind: "inputStream",
  streamEvery: settings.streamEvery ?? 0.5,
  timeLimit: settings.timeLimit ?? null
})

/**
 * Describes a function that answers several calls at once, up to `maxBatchSize` (default 4): a list of outputs for each row of inputs.
 * Its progress and logs go nowhere, and a failure concerns all calls of the batch.
 */
export const batch = <const I extends List, const O extends List, E = never, R = never>(
  name: string,
  settings: Settings<I, O> & {
    readonly run: (rows: ReadonlyArray<Inputs<I>>, call: Call) => Effect.Effect<ReadonlyArray<Outputs<O>>, E, R>
    readonly maxBatchSize?: number | undefined
  }
): Endpoint<R> => {
  const { base, decode, encode } = describe(name, settings)
  return {
    ...base,
    kind: "batch",
    maxBatchSize: settings.maxBatchSize ?? base.maxBatchSize,
    run: (rows, call, conversion) =>
      Stream.fromEffect(
        Effect.forEach(rows, (row) => decode(row, conversion)).pipe(
          Effect.flatMap((decoded) => settings.run(decoded, call)),
          Effect.flatMap((answers) => Effect.forEach(answers, encode(conversion)))
        )
      )
  }
}

/**
 * Describes a render block (`gr.render`, Gradio 4.31 and later): a function that makes endpoints, which take the place of those that it made before. They
 * exist in the session of the call alone, where clients call them by their numbers. Its own name is `/apply`, or `/apply_1` for the second.
 */
export const render = <const I extends List, E = never, R = never>(settings: {
  readonly inputs: I
  readonly run: (inputs: Inputs<I>, call: Call) => Effect.Effect<ReadonlyArray<Endpoint<R>>, E, R>
}): Endpoint<R> => {
  const { base, decode, encode } = describe("apply", {
    inputs: settings.inputs,
    outputs: [Layout.column()],
    visibility: "undocumented"
  })
  return {
    ...base,
    kind: "render",
    run: ([row = []], call, conversion) =>
      Stream.fromEffect(
        Effect.gen(function* () {
          const made = yield* settings.run(yield* decode(row, conversion), call)
          conversion.render?.(made, yield* Effect.context<R>())
          return [yield* encode(conversion)([null])]
        })
      )
  }
}

/**
 * Describes a listener without a function: it cancels calls of endpoints, or runs in the browser only. It has a number and no name to call.
 *
 * Before Gradio 4.31 a client that wants a call cancelled posts to a listener that `cancels` its endpoint: all calls of the session to these endpoints
 * then stop, and their clients are not told. Later versions have a route for it, and their listeners cannot be called.
 */
export const listener = (
  settings: { readonly cancels: ReadonlyArray<string> } | { readonly js: string }
): Endpoint<never> => {
  const { base } = describe("", { inputs: [], outputs: [], queue: false, visibility: "private" })
  return {
    ...base,
    kind: "listener",
    cancels: "cancels" in settings ? settings.cancels.map((name) => name.replace(/^\//, "")) : [],
    js: "js" in settings ? settings.js : null,
    run: () => Stream.fail(new BadInput({ message: "function has no backend method." }))
  }
}
