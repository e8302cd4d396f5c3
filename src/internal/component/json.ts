/** Components whose value is what JSON can say. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import { absent, type Component, nullableSame, same, Shown } from "./payload.ts"

/**
 * Any JSON value. What looks like a file in it is data. A text goes to the function as it is; one that a function gives is read by the server as
 * JSON, so that it comes as what it says, and fails where it says nothing.
 *
 * @example
 * { a: [1, null] }
 */
const JsonComponent: Component<unknown> = same(Schema.Unknown)

/**
 * A value that browsers keep, and programs give themselves. Since Gradio 5.6.
 *
 * @example
 * { theme: "dark" }
 */
export const BrowserState: Component<unknown> = same(Schema.Unknown)

/**
 * What stands in the place of a component that Gradio does not know: any JSON value.
 *
 * @example
 * { a: [1, null] }
 */
export const Fallback: Component<unknown> = same(Schema.Unknown)

/**
 * A row of a table of examples, by its number from 0.
 *
 * @example
 * 2
 */
export const Dataset: Component<number | null> = nullableSame(Schema.Int)

/** The documentation of one parameter. */
export interface Parameter {
  readonly type: string | null
  readonly description: string
  readonly default: string | null
}

const WireParameter = Schema.Struct({ type: absent(Shown), description: absent(Shown), default: absent(Shown) })

/** Gradio sends the dictionary of the function as it is, whatever it lacks. */
const parameter: Schema.Codec<Parameter, unknown> = WireParameter.pipe(
  Schema.decodeTo(
    Schema.Struct({
      type: Schema.NullOr(Schema.String),
      description: Schema.String,
      default: Schema.NullOr(Schema.String)
    }),
    SchemaTransformation.transform<Parameter, typeof WireParameter.Type>({
      decode: ({ default: value, description, type }) => ({
        type: type ?? null,
        description: description ?? "",
        default: value ?? null
      }),
      encode: (held) => held
    })
  )
)

/**
 * The documentation of parameters, by their names. Since Gradio 4.15.
 *
 * @example
 * { x: { type: "int", description: "How many.", default: "1" } }
 */
export const ParamViewer: Component<Readonly<Record<string, Parameter>> | null> = nullableSame(
  Schema.Record(Schema.String, parameter)
)

/**
 * The pages of an app, each with its label and its path. Since Gradio 5.45.
 *
 * @example
 * [["Home", ""], ["About", "about"]]
 */
export const Navbar: Component<ReadonlyArray<readonly [label: string, path: string]> | null> = nullableSame(
  Schema.Array(Schema.Tuple([Schema.String, Schema.String]))
)

export { JsonComponent as JSON }
