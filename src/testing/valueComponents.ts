/** Components whose values are texts, numbers and choices. */
import * as Effect from "effect/Effect"

import { AppFailure } from "./AppFailure.ts"
import { asIs, type Component, make, type Options } from "./ComponentKind.ts"
import { BadInput } from "./FileData.ts"
import { pythonRepr, pythonText, pythonType } from "./pythonText.ts"

const none = new BadInput({ message: "unsupported operand type(s): 'NoneType'" })

const text =
  (type: string, schema: Readonly<Record<string, unknown>>, example: unknown) =>
  (options: Options<string> = {}): Component<string, string | null> =>
    make<string, string | null>({
      type,
      options,
      schema,
      pythonType: "str",
      example,
      preprocess: (value) => (value === null ? Effect.fail(none) : Effect.succeed(pythonText(value))),
      postprocess: asIs
    })

/** A text. Anything else than a text arrives as Python's `str` of it. */
export const textbox: (options?: Options<string>) => Component<string, string | null> = text(
  "textbox",
  { type: "string" },
  "Hello!!"
)

/** A text that is shown as Markdown. */
export const markdown: (options?: Options<string>) => Component<string, string | null> = text(
  "markdown",
  { type: "string" },
  "# Hello!"
)

/** Limits of a number; a call that breaks them fails as Gradio's does. */
export interface Limits {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly step?: number | undefined
}

const bounded = (value: unknown, { maximum, minimum }: Limits): Effect.Effect<number, BadInput | AppFailure> => {
  if (value === null) return Effect.fail(none)
  if (typeof value !== "number")
    return Effect.fail(new BadInput({ message: `could not convert to a number: ${pythonText(value)}` }))
  if (minimum !== undefined && value < minimum) {
    return Effect.fail(new AppFailure({ message: `Value ${value} is less than minimum value ${minimum}.` }))
  }
  return maximum !== undefined && value > maximum
    ? Effect.fail(new AppFailure({ message: `Value ${value} is greater than maximum value ${maximum}.` }))
    : Effect.succeed(value)
}

/** A number. */
export const number = (options: Options<number> & Limits = {}): Component<number, number | null> =>
  make<number, number | null>({
    type: "number",
    options,
    props: {
      buttons: [],
      step: options.step ?? 1,
      ...(options.minimum === undefined ? {} : { minimum: options.minimum }),
      ...(options.maximum === undefined ? {} : { maximum: options.maximum })
    },
    schema: { type: "number" },
    pythonType: "float",
    example: options.minimum ?? 3,
    preprocess: (value) => bounded(value, options),
    postprocess: asIs
  })

const stepOf = (range: number) => Number(`1e${Math.floor(Math.log10(range) - 2)}`)

/**
 * A number between two limits, 0 and 100 unless told otherwise. Its initial value is the minimum, which `null` is in an output too. Its step is the power
 * of ten of which the range has 100 to 999.
 */
export const slider = (options: Options<number> & Limits = {}): Component<number, number | null> => {
  const { maximum = 100, minimum = 0 } = options
  const limits = { minimum, maximum, step: options.step ?? stepOf(maximum - minimum) }
  return make<number, number | null>({
    type: "slider",
    options: { ...options, value: options.value ?? limits.minimum },
    props: limits,
    schema: { type: "number", description: `numeric value between ${limits.minimum} and ${limits.maximum}` },
    pythonType: "float",
    example: limits.minimum,
    preprocess: (value) => bounded(value, limits),
    postprocess: (value) => Effect.succeed(value ?? minimum)
  })
}

/** A yes or no. Whatever comes in arrives as it is, so that a client that sends something else shows; `null` goes out as `false`. */
export const checkbox = (options: Options<boolean> = {}): Component<unknown, boolean | null> =>
  make<unknown, boolean | null>({
    type: "checkbox",
    options: { ...options, value: options.value ?? false },
    schema: { type: "boolean" },
    pythonType: "bool",
    example: true,
    preprocess: asIs,
    postprocess: (value) => Effect.succeed(value ?? false)
  })

/** A list to choose from. */
export interface Choices<Value extends string> extends Options<Value> {
  readonly choices: ReadonlyArray<Value>
}

const pairs = (choices: ReadonlyArray<string>) => ({ choices: choices.map((choice) => [choice, choice]) })

const notAChoice = (value: unknown, choices: ReadonlyArray<string>) =>
  new AppFailure({
    message: `Value: ${pythonRepr(value)} (type: <class '${pythonType(value)}'>) is not in the list of choices: ${pythonRepr(choices)}`
  })

/** A menu says it in other words. */
const notInMenu = (value: unknown, choices: ReadonlyArray<string>) =>
  new AppFailure({
    message: `Value: ${typeof value === "string" ? value : pythonRepr(value)} is not in the list of choices: ${pythonRepr(choices)}`
  })

const oneOf = <const Value extends string>(
  type: string,
  title: string,
  options: Options<Value | null> & Pick<Choices<Value>, "choices">,
  refusal = notAChoice,
  impliedValue?: Value
): Component<Value, Value | null> =>
  make<Value, Value | null>({
    type,
    options,
    impliedValue,
    props: { ...pairs(options.choices), type: "value" },
    schema: { enum: options.choices, title, type: "string" },
    pythonType: `Literal[${options.choices.map((choice) => `'${choice}'`).join(", ")}]`,
    example: options.choices[0] ?? null,
    preprocess: (value) => {
      const chosen = options.choices.find((choice) => choice === value)
      return chosen === undefined ? Effect.fail(refusal(value, options.choices)) : Effect.succeed(chosen)
    },
    postprocess: asIs
  })

/** One of a few values, all shown. */
export const radio = <const Value extends string>(options: Choices<Value>): Component<Value, Value | null> =>
  oneOf("radio", "Radio", options)

/** One of a few values, from a menu. Its initial value is the first of them (Gradio 5.2); `value: null` is none. */
export const dropdown = <const Value extends string>(
  options: Options<Value | null> & { readonly choices: ReadonlyArray<Value> }
): Component<Value, Value | null> => oneOf("dropdown", "Dropdown", options, notInMenu, options.choices[0])

/** Several of a few values. */
export const checkboxGroup = <const Value extends string>(
  options: Options<ReadonlyArray<Value>> & { readonly choices: ReadonlyArray<Value> }
): Component<ReadonlyArray<Value>, ReadonlyArray<Value>> =>
  make<ReadonlyArray<Value>, ReadonlyArray<Value>>({
    type: "checkboxgroup",
    options: { ...options, value: options.value ?? [] },
    props: { ...pairs(options.choices), type: "value" },
    schema: { items: { enum: options.choices, type: "string" }, title: "Checkbox Group", type: "array" },
    pythonType: `list[Literal[${options.choices.map((choice) => `'${choice}'`).join(", ")}]]`,
    example: options.choices.slice(0, 1),
    preprocess: (value) =>
      Array.isArray(value)
        ? Effect.forEach(value, (one: unknown) => {
            const chosen = options.choices.find((choice) => choice === one)
            return chosen === undefined ? Effect.fail(notAChoice(one, options.choices)) : Effect.succeed(chosen)
          })
        : Effect.fail(new BadInput({ message: "'NoneType' object is not iterable" })),
    postprocess: asIs
  })

/** Any JSON value. Generators send each change of it whole. */
export const json = (options: Options<unknown> = {}): Component<unknown, unknown> =>
  make<unknown, unknown>({
    type: "json",
    options,
    schema: { type: {}, description: "any valid json" },
    pythonType: "str | float | bool | list | dict",
    example: { foo: "bar" },
    preprocess: asIs,
    postprocess: asIs
  })

/**
 * A parameter or result of a function that has no components (`gr.api`, Gradio 5): any JSON value, described by a JSON schema. An endpoint that has
 * these alone has no button on the page. `label` is its place in Gradio: `1st`, `2nd`.
 */
export const api = (
  options: Options<unknown> & {
    readonly schema: Readonly<Record<string, unknown>>
    /** Default `Any`. */
    readonly pythonType?: string | undefined
  }
): Component<unknown, unknown> =>
  make<unknown, unknown>({
    type: "api",
    options: { label: "API", ...options },
    props: { _api_info: options.schema },
    schema: options.schema,
    pythonType: options.pythonType,
    example: options.value ?? "...",
    preprocess: asIs,
    postprocess: asIs
  })
