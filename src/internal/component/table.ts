/** Tables. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import { absent, type Component, same, Shown } from "./payload.ts"

/** What stands in a cell; most often a text, a number, yes or no, or nothing. */
export type Cell = Schema.Json

/** A table. */
export interface Table {
  readonly headers: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  /** How a styled table shows its cells, row by row. */
  readonly display?:
    | {
        readonly text?: ReadonlyArray<ReadonlyArray<string>> | undefined
        readonly css?: ReadonlyArray<ReadonlyArray<string>> | undefined
      }
    | undefined
}

const Name = Schema.Union([Schema.String, Schema.Number, Schema.Boolean, Schema.Null])
/** Of a column, or of its levels. */
const Header = Schema.Union([Name, Schema.Array(Name)])

const headerText = (header: typeof Header.Type): string =>
  typeof header === "object" && header !== null ? header.map(String).join(" / ") : String(header)
const Rows = Schema.Array(Schema.Array(Schema.Json))
const Texts = Schema.Array(Schema.Array(Schema.String))

// What pandas formats is a text; what it leaves alone is still the cell.
const DisplayValues = Schema.Array(
  Schema.Array(
    Schema.NullOr(Shown).pipe(
      Schema.decodeTo(
        Schema.String,
        SchemaTransformation.transform<string, string | null>({ decode: (text) => text ?? "", encode: (text) => text })
      )
    )
  )
)

const Wire = Schema.Struct({
  headers: absent(Schema.Array(Header)),
  data: Rows,
  metadata: absent(Schema.Struct({ display_value: absent(DisplayValues), styling: absent(Texts) }))
})

const Held = Schema.Struct({
  headers: Schema.Array(Schema.String),
  rows: Rows,
  display: Schema.optional(Schema.Struct({ text: Schema.optional(Texts), css: Schema.optional(Texts) }))
})

const table: Schema.Codec<Table, unknown> = Wire.pipe(
  Schema.decodeTo(
    Held,
    SchemaTransformation.transform<Table, typeof Wire.Type>({
      decode: ({ data, headers, metadata }) => ({
        headers: (headers ?? []).map(headerText),
        rows: data,
        ...(metadata === undefined || metadata === null
          ? {}
          : { display: { text: metadata.display_value ?? undefined, css: metadata.styling ?? undefined } })
      }),
      encode: ({ display, headers, rows }) => ({
        headers,
        data: rows,
        metadata: display === undefined ? null : { display_value: display.text ?? null, styling: display.css ?? null }
      })
    })
  )
)

/**
 * A table. Headers that are numbers come as texts, and those of several levels (`MultiIndex` of pandas) as one, `"2024 / May"`; what a styled table
 * shows instead of its cells is in `display`, as texts. `null` comes for an update without a value.
 *
 * @example
 * { headers: ["name", "size"], rows: [["a", 1], ["b", 2.5]] }
 */
export const Dataframe: Component<Table, Table | null> = { input: table, output: Schema.NullOr(table) }

const WireSeries = Schema.Struct({ headers: Schema.Array(Header), data: Rows })

/**
 * Values over time, of Gradio 3; or `null`.
 *
 * @example
 * { headers: ["time", "price"], rows: [[1, 2.5], [2, 3]] }
 */
export const Timeseries: Component<Pick<Table, "headers" | "rows"> | null> = same(
  Schema.NullOr(
    WireSeries.pipe(
      Schema.decodeTo(
        Schema.Struct({ headers: Schema.Array(Schema.String), rows: Rows }),
        SchemaTransformation.transform<Pick<Table, "headers" | "rows">, typeof WireSeries.Type>({
          decode: ({ data, headers }) => ({ headers: headers.map(headerText), rows: data }),
          encode: ({ headers, rows }) => ({ headers, data: rows })
        })
      )
    )
  )
)
