/** Components whose value is a file, or several. */
import * as Effect from "effect/Effect"
import * as Mime from "effect/http/Mime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

import * as GradioFile from "../../GradioFile.ts"
import { sourceOf } from "../files/source.ts"
import { type Component, type FileLike, FileInput, FileOutput, nullableSame } from "./payload.ts"

/** One where the function may have given it in a list, which a `File` and an `UploadButton` take for one file too. */
const unlisted = (several: string): Schema.Codec<GradioFile.GradioFile | null, unknown> =>
  Schema.NullOr(Schema.Union([FileOutput, Schema.Array(FileOutput)])).pipe(
    Schema.decodeTo(
      Schema.NullOr(FileOutput),
      SchemaTransformation.transformEffect<
        GradioFile.GradioFile | null,
        GradioFile.GradioFile | ReadonlyArray<GradioFile.GradioFile> | null
      >({
        decode: (value, options) => {
          if (value === null || !isList(value)) return Effect.succeed(value)
          const [first = null, ...others] = value
          return others.length === 0
            ? Effect.succeed(first)
            : Effect.fail(
                new SchemaIssue.InvalidValue(
                  {
                    expected: `one file instead of ${value.length}; an output of several is Component.${several}.output`
                  },
                  value,
                  options
                )
              )
        },
        encode: Effect.succeed
      })
    )
  )

/** One file, or none. */
const one: Component<FileLike | null, GradioFile.GradioFile | null> = {
  input: Schema.NullOr(FileInput),
  output: Schema.NullOr(FileOutput)
}

/** A file alone where several could be counts as a list of one. */
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

/**
 * A file, or `null` for none. With the types that it may have, {@link file}. A function may give a list: of one file it is that file, of several
 * an error of the output, which is to be read with {@link Files}.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "a.txt" })
 */
const FileComponent: Component<FileLike | null, GradioFile.GradioFile | null> = {
  input: one.input,
  output: unlisted("Files")
}

/**
 * Files, for a `File` with `file_count` `multiple` or `directory`; `null` for none. With the types that they may have, {@link files}.
 *
 * @example
 * [GradioFile.fromBytes(bytes, { name: "a.txt" }), GradioFile.fromBytes(bytes, { name: "b.txt" })]
 */
export const Files: Component<ReadonlyArray<FileLike> | null, ReadonlyArray<GradioFile.GradioFile> | null> = several

/**
 * A file from a button, or `null` for none.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "a.txt" })
 */
export const UploadButton: Component<FileLike | null, GradioFile.GradioFile | null> = {
  input: one.input,
  output: unlisted("UploadButtons")
}

/**
 * Files from a button, for an `UploadButton` with `file_count` `multiple` or `directory`; `null` for none.
 *
 * @example
 * [GradioFile.fromBytes(bytes, { name: "a.txt" })]
 */
export const UploadButtons: Component<ReadonlyArray<FileLike> | null, ReadonlyArray<GradioFile.GradioFile> | null> =
  several

/**
 * A file to take away, or `null` for none. Since Gradio 4.21.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "report.pdf" })
 */
export const DownloadButton: Component<FileLike | null, GradioFile.GradioFile | null> = one

/**
 * A body with its surface, as a file of `.obj`, `.glb`, `.gltf`, `.stl`, `.splat` or `.ply`; or `null`.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "chair.glb" })
 */
export const Model3D: Component<FileLike | null, GradioFile.GradioFile | null> = one

/**
 * Sound, or `null`. While the app still writes it, `isStream` of the file is true and its `url` a playlist (from Gradio 5).
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "speech.wav" })
 */
export const Audio: Component<FileLike | null, GradioFile.GradioFile | null> = one

/**
 * A picture, or `null`. A picture of Gradio 3 is called `image.png` when it comes, whatever it was called.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "photo.png" })
 */
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

/**
 * Files and folders of the server that are chosen, from the folder that is shown; or `null`.
 *
 * @example
 * ["data/a.csv", "data/more"]
 */
export const FileExplorer: Component<ReadonlyArray<string> | null> = nullableSame(Schema.Array(path))

export { FileComponent as File }

/** What a file has to be. */
export interface FileOptions {
  /** Endings with their dot, and kinds: `[".csv", "image"]`. `file` is any. */
  readonly types?: ReadonlyArray<string> | undefined
}

const nameOf = (value: FileLike): string => ("name" in value && typeof value.name === "string" ? value.name : "blob")

/** What it says that it is, and what its name says. */
const mimeTypesOf = (value: FileLike): ReadonlyArray<string> => {
  const said = GradioFile.isGradioFile(value) ? value.mimeType : "type" in value ? value.type : undefined
  const guessed = Option.getOrUndefined(Mime.getType(nameOf(value)))
  return [said, guessed].flatMap((type) => (type === undefined || type === "" ? [] : [type]))
}

/** Endings that stand for one kind of file here and for another in the tables that Python reads. */
const ambiguous = new Set(
  "210 3g2 3gp 3gpp 3mf coffee cpt dms dot man me mml mpf ms msm mts p21 pls stpnc ts".split(" ")
)

const isAmbiguous = (name: string): boolean => ambiguous.has(name.slice(name.lastIndexOf(".") + 1))

/** Only what the server is sure to refuse is none: it knows a file by its name, and types of names that are not known here. */
const isOneOf = (value: FileLike, types: ReadonlyArray<string>): boolean => {
  // The name of a file of the web is that which its own server gives it.
  if (sourceOf(value)?._tag === "Web") return true
  const name = nameOf(value).toLowerCase()
  const mimeTypes = mimeTypesOf(value)
  return types.some((type) =>
    type === "file"
      ? true
      : type.startsWith(".")
        ? name.endsWith(type.toLowerCase())
        : mimeTypes.length === 0 || isAmbiguous(name) || mimeTypes.some((mimeType) => mimeType.startsWith(`${type}/`))
  )
}

/** Whether a server that takes files of some types is sure to take all of one type: it takes `.png` where it takes `image`. */
export const holdsType = (types: ReadonlyArray<string>, type: string): boolean => {
  const given = type.toLowerCase()
  if (!given.startsWith(".")) return types.includes(type)
  const mimeType = isAmbiguous(given) ? undefined : Option.getOrUndefined(Mime.getType(`file${given}`))
  return types.some((one) =>
    one.startsWith(".") ? given.endsWith(one.toLowerCase()) : mimeType?.startsWith(`${one}/`) === true
  )
}

/** A file, of one of the types if there are some. */
export const ofTypes = ({ types = [] }: FileOptions): Schema.Codec<FileLike> =>
  types.length === 0
    ? FileInput
    : FileInput.pipe(
        Schema.check(
          Schema.makeFilter((value: FileLike) =>
            isOneOf(value, types)
              ? undefined
              : `is ${JSON.stringify(nameOf(value))}, but has to be one of: ${types.join(", ")}`
          )
        )
      )

/** A file of some types for a `File` or an `UploadButton`, or `null`: `Component.file({ types: [".csv", "image"] })`. Gradio refuses others from 5 on. */
export const file = (options: FileOptions): Schema.Codec<FileLike | null, unknown> => Schema.NullOr(ofTypes(options))

/** The same for several. */
export const files = (options: FileOptions): Schema.Codec<ReadonlyArray<FileLike> | null, unknown> =>
  Schema.NullOr(Schema.Array(ofTypes(options)))
