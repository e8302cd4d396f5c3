/** Components whose value is a number, or yes or no. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import type { Component } from "./payload.ts"

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** A number. One of NumPy comes as a text where the queue of the server writes it (from Gradio 4 on). */
const given: Schema.Codec<number, unknown> = Schema.Union([
  Schema.Finite,
  Schema.String.check(Schema.isPattern(numeral, { expected: "a number" })).pipe(
    Schema.decodeTo(Schema.Finite, SchemaTransformation.numberFromString)
  )
])

const nullableNumber: Component<number | null> = { input: Schema.NullOr(Schema.Finite), output: Schema.NullOr(given) }

/**
 * A number. `null` for an empty field. With bounds, {@link number}.
 *
 * @example
 * 1.5
 */
const NumberComponent: Component<number | null> = nullableNumber

/**
 * A number between two limits; with them, {@link slider}. `null` comes for an update without a value.
 *
 * @example
 * 5
 */
export const Slider: Component<number, number | null> = { input: Schema.Finite, output: nullableNumber.output }

/**
 * The seconds between two ticks of a timer. Since Gradio 4.38.
 *
 * @example
 * 1.5
 */
export const Timer: Component<number | null> = nullableNumber

/**
 * Yes or no. `null` goes in for neither, and is read as `false`, which Gradio from 4 on makes of `None` itself.
 *
 * @example
 * true
 */
export const Checkbox: Component<boolean | null, boolean> = {
  input: Schema.NullOr(Schema.Boolean),
  output: Schema.NullOr(Schema.Boolean).pipe(
    Schema.decodeTo(
      Schema.Boolean,
      SchemaTransformation.transform<boolean, boolean | null>({
        decode: (value) => value ?? false,
        encode: (value) => value
      })
    )
  )
}

export { NumberComponent as Number }

/** Limits of a number, both of them allowed. */
export interface Bounds {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

const bounded = ({ maximum, minimum }: Bounds): Schema.Codec<number, unknown> => {
  const above = minimum === undefined ? Schema.Finite : Schema.Finite.check(Schema.isGreaterThanOrEqualTo(minimum))
  return maximum === undefined ? above : above.check(Schema.isLessThanOrEqualTo(maximum))
}

/** A number for a {@link Number} with limits: `Component.number({ minimum: 0, maximum: 10 })`. Every Gradio refuses others, and `null` passes. */
export const number = (bounds: Bounds): Schema.Codec<number | null, unknown> => Schema.NullOr(bounded(bounds))

/** A number for a {@link Slider}: `Component.slider({ minimum: 0, maximum: 10 })`. Gradio refuses others from 5.39 on. */
export const slider = (bounds: Bounds): Schema.Codec<number, unknown> => bounded(bounds)
