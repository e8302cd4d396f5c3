/** What goes into a component and what comes out of it, and the files in both. */
import * as Schema from "effect/Schema"

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

export type { FileLike }
