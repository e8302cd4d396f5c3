/** What goes into a component and what comes out of it, and the files in both. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import * as GradioFile from "../../GradioFile.ts"
import { type FileLike, isFileLike } from "../files/outgoing.ts"

/** The two sides of a component: the value that it takes and the value that it gives, as a program holds them. */
export interface Component<out Input, out Output = Input> {
  /** A value for a parameter. Encodes to what the client takes. */
  readonly input: Schema.Codec<Input, unknown>
  /** A value of an output. Decodes what the client gives, whatever version of Gradio it came from. */
  readonly output: Schema.Codec<Output, unknown>
}

/** A component that gives what it takes. */
export const same = <A>(schema: Schema.Codec<A, unknown>): Component<A> => ({ input: schema, output: schema })

/** The same with nothing, which is `null`. */
export const nullableSame = <A>(schema: Schema.Codec<A, unknown>): Component<A | null> => same(Schema.NullOr(schema))

/** What can be sent as a file; it goes as it is. */
export const FileInput: Schema.Codec<FileLike> = Schema.declare(isFileLike, {
  expected: "a GradioFile, Blob or Uint8Array"
})

/** A file that came. */
export const FileOutput: Schema.Codec<GradioFile.GradioFile> = GradioFile.schema

/** A field that a server leaves out or sends as `null` for the same thing, and that is not there for the program. */
export const absent = <A>(schema: Schema.Codec<A, unknown>) => Schema.optionalKey(Schema.NullOr(schema))

/** None where there is nothing. */
export const listOf = <A>(value: Schema.Codec<A, unknown>): Schema.Codec<ReadonlyArray<A>, unknown> => {
  const list = Schema.Array(value)
  return Schema.NullOr(list).pipe(
    Schema.decodeTo(
      Schema.toType(list),
      SchemaTransformation.transform<ReadonlyArray<A>, ReadonlyArray<A> | null>({
        decode: (some) => some ?? [],
        encode: (some) => some
      })
    )
  )
}

/** A text, for which functions give numbers and booleans too. */
export const Shown: Schema.Codec<string, unknown> = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]).pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform<string, string | number | boolean>({ decode: String, encode: (text) => text })
  )
)

export type { FileLike }
