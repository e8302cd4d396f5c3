/** Dates and times. */
import * as DateTimes from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

import { type Component, same } from "./payload.ts"

/** How a component writes its dates. */
export interface DateTimeOptions {
  /** Its `timezone`: where its clock hangs. Default: UTC, as Gradio does not say where a clock without a zone hangs. */
  readonly timeZone?: string | undefined
  /** Its `include_time`. Default: true. Without the time a value is the start of its day. */
  readonly includeTime?: boolean | undefined
}

const pad = (number: number, digits: number): string => String(number).padStart(digits, "0")

const format = (value: DateTimes.DateTime, zone: DateTimes.TimeZone, includeTime: boolean): string => {
  const { day, hour, minute, month, second, year } = DateTimes.toParts(DateTimes.setZone(value, zone))
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  return includeTime ? `${date} ${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}` : date
}

// A date or a time that a function gives is written so by Gradio; a text goes as it is, in Python's own form too.
const shape = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:(Z)|([+-]\d{2}):?(\d{2}))?)?$/

const parse = (text: string, zone: DateTimes.TimeZone): Option.Option<DateTimes.Zoned> => {
  const [, date, time = "00:00:00", utc, hours, minutes] = shape.exec(text.trim()) ?? []
  if (date === undefined) return Option.none()
  const offset = hours === undefined ? utc : `${hours}:${minutes}`
  return DateTimes.makeZoned(`${date}T${time}${offset ?? "Z"}`, {
    timeZone: zone,
    adjustForTimeZone: offset === undefined
  })
}

const expected =
  'a date as YYYY-MM-DD HH:MM:SS; an output that may be another text, as "now - 5m" is, is Component.Textbox.output'

const held: Schema.Codec<DateTimes.DateTime> = Schema.declare(DateTimes.isDateTime, { expected: "a DateTime" })

/**
 * A `DateTime` of Effect for a component with a zone, or without time of day, or `null`: `Component.dateTime({ timeZone: "Europe/Berlin" })`. It comes in
 * the zone of the component, also where a function gave a text with another (`2024-05-06T07:08:09Z`); one to send may be in any. Parts of a second are lost.
 */
export const dateTime = (options: DateTimeOptions): Schema.Codec<DateTimes.DateTime | null, unknown> => {
  const { includeTime = true, timeZone = "UTC" } = options
  const zone = Option.getOrUndefined(DateTimes.zoneMakeNamed(timeZone))
  const unknownZone = (value: unknown, parseOptions: SchemaAST.ParseOptions) =>
    new SchemaIssue.InvalidValue(
      { expected: `a time zone that this machine knows instead of ${JSON.stringify(timeZone)}` },
      value,
      parseOptions
    )
  return Schema.NullOr(Schema.String).pipe(
    Schema.decodeTo(
      Schema.NullOr(held),
      SchemaTransformation.transformEffect<DateTimes.DateTime | null, string | null>({
        decode: (text, parseOptions) =>
          // An empty field.
          text === null || text.trim() === ""
            ? Effect.succeed(null)
            : zone === undefined
              ? Effect.fail(unknownZone(text, parseOptions))
              : Effect.mapError(
                  Effect.fromOption(parse(text, zone)),
                  () => new SchemaIssue.InvalidValue({ expected }, text, parseOptions)
                ),
        encode: (date, parseOptions) =>
          date === null
            ? Effect.succeed(null)
            : zone === undefined
              ? Effect.fail(unknownZone(date, parseOptions))
              : Effect.succeed(format(date, zone, includeTime))
      })
    )
  )
}

/**
 * A date with its time, or `null`. It is taken to be in UTC; for another zone, {@link dateTime}. A function may give a text that is no date, such as
 * `"now - 5m"`, which Gradio sends as it is: that is an error of the output, which is to be read with {@link Textbox}. Since Gradio 4.38.
 *
 * @example
 * DateTime.makeUnsafe("2024-05-06T07:08:09Z")
 */
const DateTimeComponent: Component<DateTimes.DateTime | null> = same(dateTime({}))

export { DateTimeComponent as DateTime }
