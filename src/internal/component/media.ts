/** Components whose value is made of pictures or films with something beside them. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

import * as GradioFile from "../../GradioFile.ts"
import { type FileOptions, ofTypes } from "./file.ts"
import { absent, type Component, type FileLike, FileInput, FileOutput, listOf } from "./payload.ts"

type File = GradioFile.GradioFile

// ---- films

/** A film with the file of its subtitles, if it has one. */
export interface SubtitledFilm<F = File> {
  readonly video: F
  readonly subtitles: F | null
}

const wireFilm = <F>(file: Schema.Codec<F>) => Schema.Struct({ video: file, subtitles: absent(file) })

const film = <F>(file: Schema.Codec<F>) => Schema.Struct({ video: file, subtitles: Schema.NullOr(file) })

/** With subtitles or alone, as a film with subtitles. */
const subtitled = <F extends FileLike>(file: Schema.Codec<F>): Schema.Codec<SubtitledFilm<F>, unknown> =>
  Schema.Union([file, wireFilm(file)]).pipe(
    Schema.decodeTo(
      film(file),
      SchemaTransformation.transform<SubtitledFilm<F>, F | { readonly video: F; readonly subtitles?: F | null }>({
        decode: (value) =>
          "video" in value
            ? { video: value.video, subtitles: value.subtitles ?? null }
            : { video: value, subtitles: null },
        encode: (value) => value
      })
    )
  )

/** The film alone. */
const alone: Schema.Codec<File, unknown> = Schema.Union([FileOutput, wireFilm(FileOutput)]).pipe(
  Schema.decodeTo(
    FileOutput,
    SchemaTransformation.transform<File, File | { readonly video: File; readonly subtitles?: File | null }>({
      decode: (value) => ("video" in value ? value.video : value),
      encode: (value) => value
    })
  )
)

/**
 * A film, or `null`. For apps of Gradio 6; those before take and give {@link SubtitledVideo}, of which the output of this one reads the film.
 *
 * @example
 * GradioFile.fromBytes(bytes, { name: "clip.mp4" })
 */
export const Video: Component<FileLike | null, File | null> = {
  input: Schema.NullOr(FileInput),
  output: Schema.NullOr(alone)
}

/**
 * A film as Gradio before 6 takes and gives it, with its subtitles or `null` for them; or `null`. A film of Gradio 6 is read as one without
 * subtitles.
 *
 * @example
 * { video: GradioFile.fromBytes(bytes, { name: "clip.mp4" }), subtitles: null }
 */
export const SubtitledVideo: Component<SubtitledFilm<FileLike> | null, SubtitledFilm | null> = {
  input: Schema.NullOr(subtitled(FileInput)),
  output: Schema.NullOr(subtitled(FileOutput))
}

// ---- pictures

/**
 * Two pictures of which a slider shows more or less, or `null`. Since Gradio 5.27.
 *
 * @example
 * [GradioFile.fromBytes(bytes, { name: "before.png" }), GradioFile.fromBytes(bytes, { name: "after.png" })]
 */
export const ImageSlider: Component<
  readonly [FileLike | null, FileLike | null] | null,
  readonly [File | null, File | null] | null
> = {
  input: Schema.NullOr(Schema.Tuple([Schema.NullOr(FileInput), Schema.NullOr(FileInput)])),
  output: Schema.NullOr(Schema.Tuple([Schema.NullOr(FileOutput), Schema.NullOr(FileOutput)]))
}

/** A picture with what was drawn on it, for an `Image` of Gradio 3 with `tool="sketch"`. */
export interface Sketch {
  readonly image: FileLike
  readonly mask: FileLike
}

/**
 * A picture with what was drawn on it, for an `Image` of Gradio 3 with `tool="sketch"`; or `null`. What comes is a picture alone.
 *
 * @example
 * { image: GradioFile.fromBytes(bytes, { name: "photo.png" }), mask: GradioFile.fromBytes(bytes, { name: "mask.png" }) }
 */
export const SketchedImage: Component<Sketch | null, File | null> = {
  input: Schema.NullOr(Schema.Struct({ image: FileInput, mask: FileInput })),
  output: Schema.NullOr(FileOutput)
}

/** A picture as an editor holds it: what it is drawn on, what is drawn, and both together. */
export interface EditedImage<F = File> {
  readonly background: F | null
  readonly layers: ReadonlyArray<F>
  readonly composite: F | null
}

const edited = <F>(file: Schema.Codec<F>): Schema.Codec<EditedImage<F>, unknown> =>
  Schema.Struct({
    background: absent(file),
    layers: absent(Schema.Array(file)),
    composite: absent(file),
    // The number of parts that a browser sent ahead; a program sends all parts here.
    id: absent(Schema.String)
  }).pipe(
    Schema.decodeTo(
      Schema.Struct({
        background: Schema.NullOr(file),
        layers: Schema.Array(file),
        composite: Schema.NullOr(file)
      }),
      SchemaTransformation.transform({
        decode: ({ background = null, composite = null, layers }) => ({ background, layers: layers ?? [], composite }),
        encode: (value) => ({ ...value, id: null })
      })
    )
  )

/**
 * A picture with layers, or `null`: also for `ImageMask`, `Paint` and `Sketchpad`. Since Gradio 4; before 5 it gives pictures of its own making.
 *
 * @example
 * { background: GradioFile.fromBytes(bytes, { name: "photo.png" }), layers: [], composite: null }
 */
export const ImageEditor: Component<EditedImage<FileLike> | null, EditedImage | null> = {
  input: Schema.NullOr(edited(FileInput)),
  output: Schema.NullOr(edited(FileOutput))
}

/** A picture with the parts that are marked in it, each a mask of its size and a label. */
export interface AnnotatedPicture<F = File> {
  readonly image: F
  readonly annotations: ReadonlyArray<{ readonly mask: F; readonly label: string }>
}

const annotated = <F>(file: Schema.Codec<F>): Schema.Codec<AnnotatedPicture<F>, unknown> =>
  Schema.Struct({
    image: file,
    annotations: Schema.Array(
      Schema.Struct({ mask: file, label: Schema.String }).pipe(Schema.encodeKeys({ mask: "image" }))
    )
  })

/**
 * A picture with marked parts, or `null`.
 *
 * @example
 * {
 *   image: GradioFile.fromBytes(bytes, { name: "photo.png" }),
 *   annotations: [{ mask: GradioFile.fromBytes(bytes, { name: "mask.png" }), label: "cat" }]
 * }
 */
export const AnnotatedImage: Component<AnnotatedPicture<FileLike> | null, AnnotatedPicture | null> = {
  input: Schema.NullOr(annotated(FileInput)),
  output: Schema.NullOr(annotated(FileOutput))
}

// ---- galleries

/** A picture or film of a gallery. */
export interface GalleryItem<F = File> {
  readonly kind: "image" | "video"
  readonly file: F
  readonly caption: string | null
}

/** One to put into a gallery. */
export interface GalleryInput {
  /** Default: `video` for a file whose type says so, `image` for all others. */
  readonly kind?: "image" | "video" | undefined
  readonly file: FileLike
  readonly caption?: string | null | undefined
}

const wireItem = <F>(file: Schema.Codec<F>) =>
  Schema.Union([
    Schema.Struct({ image: file, caption: absent(Schema.String) }),
    Schema.Struct({ video: file, caption: absent(Schema.String) })
  ])

const isFilm = (file: FileLike): boolean =>
  GradioFile.isGradioFile(file)
    ? file.mimeType?.startsWith("video/") === true
    : "type" in file && file.type.startsWith("video/")

type WireItem<F> = { readonly caption?: string | null } & ({ readonly image: F } | { readonly video: F })

const fromWireItem = <F>(item: WireItem<F>): GalleryItem<F> =>
  "video" in item
    ? { kind: "video", file: item.video, caption: item.caption ?? null }
    : { kind: "image", file: item.image, caption: item.caption ?? null }

/** Pictures and films of some types for a {@link Gallery}: `Component.gallery({ types: ["image", ".mp4"] })`. Gradio refuses others from 5 on. */
export const gallery = (options: FileOptions): Schema.Codec<ReadonlyArray<GalleryInput> | null, unknown> => {
  const file = ofTypes(options)
  const item: Schema.Codec<GalleryInput, unknown> = wireItem(FileInput).pipe(
    Schema.decodeTo(
      Schema.Struct({
        kind: Schema.optional(Schema.Literals(["image", "video"])),
        file,
        caption: Schema.optional(Schema.NullOr(Schema.String))
      }),
      SchemaTransformation.transform<GalleryInput, WireItem<FileLike>>({
        decode: fromWireItem,
        encode: ({ caption = null, file: one, kind }) =>
          (kind ?? (isFilm(one) ? "video" : "image")) === "video" ? { video: one, caption } : { image: one, caption }
      })
    )
  )
  return Schema.NullOr(Schema.Array(item))
}

const galleryOutput: Schema.Codec<GalleryItem, unknown> = wireItem(FileOutput).pipe(
  Schema.decodeTo(
    Schema.Struct({
      kind: Schema.Literals(["image", "video"]),
      file: FileOutput,
      caption: Schema.NullOr(Schema.String)
    }),
    SchemaTransformation.transform<GalleryItem, WireItem<File>>({
      decode: fromWireItem,
      encode: ({ caption, file, kind }) => (kind === "video" ? { video: file, caption } : { image: file, caption })
    })
  )
)

/**
 * Pictures and films, each with a caption or `null`. `null` for none goes in, and comes as an empty list. With the types that they may have,
 * {@link gallery}.
 *
 * @example
 * [{ file: GradioFile.fromBytes(bytes, { name: "photo.png" }), caption: "a cat" }]
 */
export const Gallery: Component<ReadonlyArray<GalleryInput> | null, ReadonlyArray<GalleryItem>> = {
  input: gallery({}),
  output: listOf(galleryOutput)
}
