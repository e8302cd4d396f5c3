/** Components whose value is a class or a text with classes. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import { absent, type Component, nullableSame, same } from "./payload.ts"

/** What something was taken for. */
export interface Classification {
  /** The class with the highest confidence, or the only one. */
  readonly label: string | number
  /** From the highest to the lowest; empty where a class is named alone. One that the function gave as NaN is NaN, which JSON can only say as `null`. */
  readonly confidences: ReadonlyArray<{ readonly label: string | number; readonly confidence: number }>
}

const Name = Schema.Union([Schema.String, Schema.Finite])

const Confidence: Schema.Codec<number, unknown> = Schema.NullOr(Schema.Finite).pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform<number, number | null>({
      decode: (given) => given ?? Number.NaN,
      encode: (held) => (Number.isFinite(held) ? held : null)
    })
  )
)

const Wire = Schema.Struct({
  label: absent(Name),
  confidences: absent(Schema.Array(Schema.Struct({ label: Name, confidence: Confidence })))
})

const Held = Schema.Struct({
  label: Name,
  confidences: Schema.Array(Schema.Struct({ label: Name, confidence: Schema.Number }))
})

const label: Schema.Codec<Classification | null, unknown> = Schema.NullOr(Wire).pipe(
  Schema.decodeTo(
    Schema.NullOr(Held),
    SchemaTransformation.transform<Classification | null, typeof Wire.Type | null>({
      // Nothing is an object without a label.
      decode: (value) =>
        value === null || value.label === undefined || value.label === null
          ? null
          : { label: value.label, confidences: value.confidences ?? [] },
      encode: (value) => value
    })
  )
)

/**
 * A class with the confidences of all, or `null` for none.
 *
 * @example
 * { label: "cat", confidences: [{ label: "cat", confidence: 0.75 }, { label: "dog", confidence: 0.25 }] }
 */
export const Label: Component<Classification | null> = same(label)

/** A piece of a text with its class, or its number, or nothing. */
export interface Token {
  readonly text: string
  readonly label: string | number | null
}

const token: Schema.Codec<Token, unknown> = Schema.Struct({
  token: Schema.String,
  class_or_confidence: absent(Schema.Union([Schema.String, Schema.Finite]))
}).pipe(
  Schema.decodeTo(
    Schema.Struct({ text: Schema.String, label: Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])) }),
    SchemaTransformation.transform({
      decode: ({ class_or_confidence, token: text }) => ({ text, label: class_or_confidence ?? null }),
      encode: ({ label: kind, text }) => ({ token: text, class_or_confidence: kind })
    })
  )
)

/**
 * A text in pieces, some with a class or a number; or `null`.
 *
 * @example
 * [{ text: "Berlin", label: "place" }, { text: " is large", label: null }]
 */
export const HighlightedText: Component<ReadonlyArray<Token> | null> = nullableSame(Schema.Array(token))

/** What one speaker says. */
export interface Line {
  readonly speaker: string
  readonly text: string
}

/**
 * A conversation for voices, by line or as one text; `null` may come. Since Gradio 5.40.
 *
 * @example
 * [{ speaker: "Ada", text: "Hello." }]
 */
export const Dialogue: Component<ReadonlyArray<Line> | string, ReadonlyArray<Line> | string | null> = {
  input: Schema.Union([Schema.Array(Schema.Struct({ speaker: Schema.String, text: Schema.String })), Schema.String]),
  output: Schema.Union([
    Schema.Array(Schema.Struct({ speaker: Schema.String, text: Schema.String })),
    Schema.String,
    Schema.Null
  ])
}
