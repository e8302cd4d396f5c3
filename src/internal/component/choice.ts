/** Components whose values are chosen from a list. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

import { type Component, listOf, nullableSame } from "./payload.ts"

/** What can be chosen: the value of a choice, not the name that is shown for it. */
export type ChoiceValue = string | number | boolean

const isChoiceValue = (u: unknown): u is ChoiceValue =>
  typeof u === "string" || typeof u === "number" || typeof u === "boolean"

const ChoiceValue: Schema.Codec<ChoiceValue> = Schema.declare(isChoiceValue, {
  expected: "a string, number or boolean"
})

/**
 * Whether inputs made by {@link choice} and {@link choices} are held against their lists. Default: they are. An app may change its choices while it
 * runs; a program that knows better switches the check off.
 *
 * ```ts
 * app.predict(endpoint, input).pipe(Effect.provideService(Component.CheckChoices, false))
 * ```
 */
export const CheckChoices: Context.Reference<boolean> = Context.Reference<boolean>(
  "effect-gradio/Component/CheckChoices",
  {
    defaultValue: () => true
  }
)

/**
 * One of several, all shown. `null` where none is chosen. With its choices, {@link choice}.
 *
 * @example
 * "red"
 */
export const Radio: Component<ChoiceValue | null> = nullableSame(ChoiceValue)

/**
 * One of several, from a menu. `null` where none is chosen. With its choices, {@link choice}, or {@link suggestion} where it takes other values
 * too. A function that makes its menu one for several while it runs (`gr.update(multiselect=True)`) gives a list, which is no value of this output:
 * read it with {@link MultiselectDropdown}.
 *
 * @example
 * "red"
 */
export const Dropdown: Component<ChoiceValue | null> = nullableSame(ChoiceValue)

/**
 * Some of several, from a menu (a `Dropdown` with `multiselect`). With its choices, {@link choices}, or {@link suggestions}.
 *
 * @example
 * ["red", "blue"]
 */
export const MultiselectDropdown: Component<ReadonlyArray<ChoiceValue> | null> = nullableSame(Schema.Array(ChoiceValue))

/**
 * Some of several, all shown; nothing comes as an empty list. With its choices, {@link choices}.
 *
 * @example
 * ["red", "blue"]
 */
export const CheckboxGroup: Component<ReadonlyArray<ChoiceValue>> = {
  input: Schema.Array(ChoiceValue),
  output: listOf(ChoiceValue)
}

/** Of the type of the choices, whatever they are by now: an app may have changed them. */
const anyOf = <Choice extends ChoiceValue>(): Schema.Codec<Choice> =>
  Schema.declare((u): u is Choice => isChoiceValue(u), { expected: "a string, number or boolean" })

const mostShown = 10

const inWords = (list: ReadonlyArray<ChoiceValue>): string => {
  const shown = list.slice(0, mostShown).map((one) => JSON.stringify(one))
  const rest = list.length - shown.length
  return rest === 0 ? shown.join(", ") : `${shown.join(", ")} and ${rest} more`
}

const checked = <Choice extends ChoiceValue>(list: ReadonlyArray<Choice>): Schema.Codec<Choice, unknown> => {
  const known: ReadonlySet<ChoiceValue> = new Set(list)
  return anyOf<Choice>().pipe(
    Schema.decode({
      decode: SchemaGetter.passthrough(),
      encode: SchemaGetter.checkEffect((value) =>
        Effect.map(Effect.service(CheckChoices), (isOn) =>
          !isOn || known.has(value) ? undefined : `is none of the choices: ${inWords(list)}`
        )
      )
    })
  )
}

/**
 * One of the choices of a `Radio`, or of a `Dropdown` that takes no other values, or `null`: `Component.choice(["add", "subtract"])`. For inputs: another
 * value is refused when it is encoded, as Gradio does from 5 on, unless {@link CheckChoices} is off. Decoding refuses no value for its choice.
 */
export const choice = <const Choice extends ChoiceValue>(
  choices: ReadonlyArray<Choice>
): Schema.Codec<Choice | null, unknown> => Schema.NullOr(checked(choices))

/**
 * Some of the choices of a `CheckboxGroup`, or of a `Dropdown` with `multiselect`: `Component.choices(["a", "b"])`. Checked as by {@link choice}; a
 * `None` of such a `Dropdown` is read as an empty list.
 */
export const choices = <const Choice extends ChoiceValue>(
  list: ReadonlyArray<Choice>
): Schema.Codec<ReadonlyArray<Choice>, unknown> => listOf(checked(list))

/** The choices for an editor to show, and any other value. */
export type Suggested<Choice extends ChoiceValue> = Choice | (string & {}) | (number & {}) | boolean

const suggested = <Choice extends ChoiceValue>(): Schema.Codec<Suggested<Choice>> =>
  Schema.declare((u): u is Suggested<Choice> => isChoiceValue(u), { expected: "a string, number or boolean" })

/** One of the choices, or a value that is none of them, or `null`: for a `Dropdown` that takes custom values, and for outputs. */
export const suggestion = <const Choice extends ChoiceValue>(
  _choices: ReadonlyArray<Choice>
): Schema.Codec<Suggested<Choice> | null, unknown> => Schema.NullOr(suggested<Choice>())

/** The same for several. */
export const suggestions = <const Choice extends ChoiceValue>(
  _choices: ReadonlyArray<Choice>
): Schema.Codec<ReadonlyArray<Suggested<Choice>>, unknown> => listOf(suggested<Choice>())
