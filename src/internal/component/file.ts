/** Components whose value is a file, or several. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import type * as GradioFile from "../../GradioFile.ts"
import { type Component, type FileLike, FileInput, FileOutput, nullableSame } from "./payload.ts"

/** One file, or none. */
const one: Component<FileLike | null, GradioFile.GradioFile | null> = {
  input: Schema.NullOr(FileInput),
  output: Schema.NullOr(FileOutput)
}

/** One where several could be counts as a list of one. */
const listed = <A>(schema: Schema.Codec<A>): Schema.Codec<ReadonlyArray<A>, unknown> => {
  const list = Schema.Array(schema)
  return Schema.Union([list, schema]).pipe(
    Schema.decodeTo(
      Schema.toType(list),
      SchemaTransformation.transform<ReadonlyArray<A>, ReadonlyArray<A> | A>({
        decode: (value) => (isList(value) ? value : [value]),
        encode: (value) => value
      })
    )
  )
}

const isList = <A>(value: ReadonlyArray<A> | A): value is ReadonlyArray<A> => Array.isArray(value)

const several: Component<ReadonlyArray<FileLike> | null, ReadonlyArray<GradioFile.GradioFile> | null> = {
  input: Schema.NullOr(Schema.Array(FileInput)),
  output: Schema.NullOr(listed(FileOutput))
}

/** A file: `GradioFile.fromBytes(bytes, { name: "a.txt" })`. `null` for none. */
const FileComponent: Component<FileLike | null, GradioFile.GradioFile | null> = one

/** Files (a `File` with `file_count` `multiple` or `directory`): `[GradioFile.fromBytes(bytes, { name: "a.txt" })]`. */
export const Files: Component<ReadonlyArray<FileLike> | null, ReadonlyArray<GradioFile.GradioFile> | null> = several

/** A file from a button: as {@link File}. */
export const UploadButton: Component<FileLike | null, GradioFile.GradioFile | null> = one

/** Files from a button: as {@link Files}. */
export const UploadButtons: Component<ReadonlyArray<FileLike> | null, ReadonlyArray<GradioFile.GradioFile> | null> =
  several

/** A file to take away: as {@link File}. Since Gradio 4.21. */
export const DownloadButton: Component<FileLike | null, GradioFile.GradioFile | null> = one

/** A body with its surface: a file such as `chair.glb`, `.obj`, `.stl`, `.gltf`, `.splat` or `.ply`. */
export const Model3D: Component<FileLike | null, GradioFile.GradioFile | null> = one

/** Sound: a file such as `speech.wav`. While an app still streams it `isStream` is true. */
export const Audio: Component<FileLike | null, GradioFile.GradioFile | null> = one

/** A picture: a file such as `photo.png`. */
export const Image: Component<FileLike | null, GradioFile.GradioFile | null> = one

const path: Schema.Codec<string, unknown> = Schema.Array(Schema.String).pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform<string, ReadonlyArray<string>>({
      decode: (parts) => parts.join("/"),
      encode: (joined) => (joined === "" ? [] : joined.split("/"))
    })
  )
)

/** Files and folders of the server that are chosen, from the folder that is shown: `["data/a.csv"]`. */
export const FileExplorer: Component<ReadonlyArray<string> | null> = nullableSame(Schema.Array(path))

export { FileComponent as File }

/** What a file has to be. */
export interface FileOptions {
  /** Endings with their dot, and kinds: `[".csv", "image"]`. `file` is any. */
  readonly types?: ReadonlyArray<string> | undefined
}

/** A file of some types for a `File`, `UploadButton`: `Component.file({ types: [".csv", "image"] })`. Gradio refuses others from 5 on. */
export const file = (_options: FileOptions): Schema.Codec<FileLike | null, unknown> => one.input

/** The same for several. */
export const files = (_options: FileOptions): Schema.Codec<ReadonlyArray<FileLike> | null, unknown> => several.input
