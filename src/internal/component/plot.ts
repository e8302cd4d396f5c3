/** Plots. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

import type * as GradioFile from "../../GradioFile.ts"
import { fromDataUrl, isDataUrl, toDataUrl } from "../files/dataUrl.ts"
import { absent, type Component, FileOutput, nullableSame } from "./payload.ts"

/** A plot that was drawn on the server. */
export interface PlotImage {
  readonly type: "matplotlib"
  readonly image: GradioFile.GradioFile
}

/** A plot as what a library draws it from: the JSON of Plotly, of Vega-Lite for Altair, of Bokeh. */
export interface PlotSpecification {
  readonly type: "plotly" | "altair" | "bokeh"
  readonly specification: Schema.Json
  /** Of the ready-made plots before 4.39: `bar`, `line` or `scatter`. */
  readonly chart?: string | undefined
}

/** A plot. */
export type PlotValue = PlotImage | PlotSpecification

const WireImage = Schema.Struct({ type: Schema.Literal("matplotlib"), plot: Schema.String })

const image: Schema.Codec<PlotImage, unknown> = WireImage.pipe(
  Schema.decodeTo(
    Schema.Struct({ type: Schema.Literal("matplotlib"), image: FileOutput }),
    SchemaTransformation.transformEffect<PlotImage, typeof WireImage.Type>({
      decode: ({ plot, type }, options) =>
        isDataUrl(plot)
          ? Effect.succeed({ type, image: fromDataUrl(plot) })
          : Effect.fail(new SchemaIssue.InvalidValue({ expected: "a data URL" }, plot, options)),
      encode: ({ image: file, type }, options) =>
        Effect.mapBoth(file.bytes, {
          onSuccess: (bytes) => ({ type, plot: toDataUrl(bytes, file.mimeType) }),
          onFailure: (error) =>
            new SchemaIssue.InvalidValue({ expected: `a file that can be read: ${error.message}` }, file, options)
        })
    })
  )
)

const WireSpecification = Schema.Struct({
  type: Schema.Literals(["plotly", "altair", "bokeh"]),
  plot: Schema.fromJsonString(Schema.Json),
  chart: absent(Schema.String)
})

const specification: Schema.Codec<PlotSpecification, unknown> = WireSpecification.pipe(
  Schema.decodeTo(
    Schema.Struct({
      type: Schema.Literals(["plotly", "altair", "bokeh"]),
      specification: Schema.Json,
      chart: Schema.optional(Schema.String)
    }),
    SchemaTransformation.transform<PlotSpecification, typeof WireSpecification.Type>({
      decode: ({ chart, plot, type }) => ({
        type,
        specification: plot,
        ...(chart === undefined || chart === null ? {} : { chart })
      }),
      encode: ({ chart, specification: plot, type }) => ({ type, plot, ...(chart === undefined ? {} : { chart }) })
    })
  )
)

/**
 * A plot, or `null`: of matplotlib as the picture that it is, of others as what they are drawn from. As an input since Gradio 4.22.
 *
 * @example
 * { type: "plotly", specification: { data: [{ x: [1, 2], y: [3, 4] }], layout: {} } }
 */
export const Plot: Component<PlotValue | null> = nullableSame(Schema.Union([image, specification]))

/** What a plot of Gradio's own shows: a table, and what each column holds. */
export interface NativePlotValue {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Schema.Json>>
  /** Numbers, names, or times in milliseconds since 1970. */
  readonly datatypes: Readonly<Record<string, "quantitative" | "nominal" | "temporal">>
  /** How it is drawn: `bar`, `line` or `point`. */
  readonly mark: string
}

/**
 * A `LinePlot`, `BarPlot` or `ScatterPlot`, or `null`. From Gradio 4.39 on; those before are a {@link Plot}.
 *
 * @example
 * { columns: ["x", "y"], rows: [[1, 2]], datatypes: { x: "quantitative", y: "quantitative" }, mark: "line" }
 */
export const NativePlot: Component<NativePlotValue | null> = nullableSame(
  Schema.Struct({
    columns: Schema.Array(Schema.String),
    rows: Schema.Array(Schema.Array(Schema.Json)),
    datatypes: Schema.Record(Schema.String, Schema.Literals(["quantitative", "nominal", "temporal"])),
    mark: Schema.String
  }).pipe(Schema.encodeKeys({ rows: "data" }))
)
