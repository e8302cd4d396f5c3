/**
 * A file to send or a file received. Bytes are read when they are needed, in pieces, so files of any size take constant memory. A plain string
 * is never taken for a path: make a file of it.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

import type { GradioFileError, RequestError } from "./GradioError.ts"
import { fileError, make } from "./internal/files/makeFile.ts"
import { nested } from "./internal/files/nested.ts"
import { nameInUrl, sourceOf } from "./internal/files/source.ts"
import { numberedName, safeName } from "./internal/safeName.ts"

/** A file to send or a file received. A received file outlives its connection. */
export interface GradioFile {
  readonly "~effect-gradio/GradioFile": "~effect-gradio/GradioFile"
  readonly name: string
  readonly mimeType: string | undefined
  /** Bytes, where known. */
  readonly size: number | undefined
  /** Where the app serves it, on the address the user gave; none for a file that was not sent yet. */
  readonly url: URL | undefined
  /** The app still writes it (streamed audio and video); `url` is then a playlist. */
  readonly isStream: boolean
  /** Its bytes in pieces. */
  readonly stream: Stream.Stream<Uint8Array, GradioFileError | RequestError>
  /** All its bytes; `too-large` above 256 MiB, for which `stream` and `save` are meant. */
  readonly bytes: Effect.Effect<Uint8Array, GradioFileError | RequestError>
}

/** Whether a value is a `GradioFile`: made by a function of this module, or received; nothing that an app sends can pass for one. */
export const isGradioFile = (u: unknown): u is GradioFile => sourceOf(u) !== undefined

/** A `GradioFile` as it is, for schemas of inputs and outputs. */
export const schema: Schema.Codec<GradioFile> = Schema.declare(isGradioFile, { expected: "a GradioFile" })

const whyUnreadable = (error: PlatformError.PlatformError): string => {
  switch (error.reason._tag) {
    case "PermissionDenied":
      return "that is not permitted"
    case "BadResource":
      return "a file stands where a directory is wanted"
    default:
      return error.message
  }
}

/**
 * A file of this machine. It is looked at now, so that a missing one is known before anything is sent (`not-found`, or `unreadable` for a
 * directory and where rights are missing), and read when it is sent; one that changed its size in between fails the call with `changed`.
 * Name and type come from the path unless given.
 */
export const fromPath = (
  path: string,
  options?: { readonly name?: string | undefined; readonly mimeType?: string | undefined }
): Effect.Effect<GradioFile, GradioFileError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const failed = (error: PlatformError.PlatformError): GradioFileError =>
      error.reason._tag === "NotFound"
        ? fileError(path, "not-found", "does not exist", error)
        : fileError(path, "unreadable", `cannot be read: ${whyUnreadable(error)}`, error)
    const info = yield* Effect.mapError(fs.stat(path), failed)
    if (info.type === "Directory") return yield* fileError(path, "unreadable", "is a directory")
    return make({
      source: { _tag: "Local", whole: undefined },
      name: options?.name ?? paths.basename(path),
      mimeType: options?.mimeType,
      size: info.type === "File" ? Number(info.size) : undefined,
      stream: Stream.mapError(fs.stream(path, { chunkSize: 64 * 1024 }), failed)
    })
  })

/**
 * A file of the web. `server`: the app fetches it itself, which Gradio 4 and later can (from 5 on public hosts only); `client`: it is downloaded
 * here and uploaded, without anything secret. Default: the server, except for hosts that only this machine can mean (`localhost` and private
 * addresses). Its bytes are fetched by a call; its own `stream` fails with `not-allowed`.
 */
export const fromUrl = (
  url: string | URL,
  options?: { readonly via?: "server" | "client" | undefined; readonly name?: string | undefined }
): GradioFile => {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  const name = options?.name ?? (parsed && nameInUrl(parsed)) ?? "file"
  // Neither credentials nor the query, which may be a signature.
  const shown = parsed === undefined ? name : `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  const unread = fileError(shown, "not-allowed", "is fetched by the call that it is given to")
  return make({
    source: { _tag: "Web", url: new URL(parsed ?? "invalid:"), via: options?.via },
    name,
    mimeType: undefined,
    size: undefined,
    url: parsed,
    stream: Stream.fail(unread)
  })
}

/** Bytes in memory. The array must not be changed before the call has ended. */
export const fromBytes = (
  bytes: Uint8Array,
  options: { readonly name: string; readonly mimeType?: string | undefined }
): GradioFile =>
  make({
    source: { _tag: "Local", whole: bytes },
    name: options.name,
    mimeType: options.mimeType,
    size: bytes.byteLength,
    stream: Stream.make(bytes)
  })

/** A Blob or File of the web platform; the name of a File is kept, a Blob without one is called `blob`. */
export const fromBlob = (blob: Blob, options?: { readonly name?: string | undefined }): GradioFile => {
  const name = options?.name ?? ("name" in blob && typeof blob.name === "string" ? blob.name : "blob")
  return make({
    source: { _tag: "Local", whole: blob },
    name,
    mimeType: blob.type === "" ? undefined : blob.type,
    size: blob.size,
    stream: Stream.fromReadableStream({
      evaluate: () => blob.stream(),
      onError: (cause) => fileError(name, "unreadable", "cannot be read", cause)
    })
  })
}

/**
 * A stream of bytes, which must give the same bytes each time it is run. With `size` a server that wants to know it before is served too. Browsers
 * send streams over HTTP/2 at most: there it is collected first where it must be, and a Blob is better for large ones.
 */
export const fromStream = <E>(
  stream: Stream.Stream<Uint8Array, E>,
  options: { readonly name: string; readonly mimeType?: string | undefined; readonly size?: number | undefined }
): GradioFile =>
  make({
    source: { _tag: "Local", whole: undefined },
    name: options.name,
    mimeType: options.mimeType,
    size: options.size,
    stream: Stream.mapError(stream, (cause) =>
      fileError(options.name, "unreadable", "cannot be read: its stream failed", cause)
    )
  })

/** Every file in an output, at any depth, in order. */
export const all = (output: unknown): ReadonlyArray<GradioFile> => nested(output, isGradioFile)

/**
 * Writes a file under `directory`, which is made where it is missing, and gives its path. The name comes from the app and is made safe: it never
 * leaves the directory. The file appears whole or not at all. An existing file is left alone and a number goes into the name, unless `overwrite`.
 */
export const save = (
  file: GradioFile,
  directory: string,
  options?: { readonly name?: string | undefined; readonly overwrite?: boolean | undefined }
): Effect.Effect<string, GradioFileError | RequestError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const failed = (error: PlatformError.PlatformError): GradioFileError =>
      fileError(file.name, "unwritable", `cannot be written under ${directory}: ${error.message}`, error)
    yield* Effect.mapError(fs.makeDirectory(directory, { recursive: true }), failed)
    const name = safeName(options?.name ?? file.name)
    const part = yield* Effect.mapError(
      fs.makeTempFileScoped({ directory, prefix: ".gradio-", suffix: ".part" }),
      failed
    )
    yield* file.stream.pipe(
      Stream.run(fs.sink(part)),
      Effect.catchTag("PlatformError", (error) => Effect.fail(failed(error)))
    )
    const target =
      options?.overwrite === true
        ? paths.join(directory, name)
        : yield* Effect.acquireRelease(reserve(fs, paths, directory, name, failed), (reserved, exit) =>
            // An empty file holds the place of one that did not get there.
            Exit.isSuccess(exit) ? Effect.void : Effect.ignore(fs.remove(reserved, { force: true }))
          )
    yield* Effect.mapError(fs.rename(part, target), failed)
    return target
  }).pipe(Effect.scoped)

/** Writes all files of an output under `directory`; gives their paths in order. */
export const saveAll = (
  output: unknown,
  directory: string,
  options?: { readonly overwrite?: boolean | undefined }
): Effect.Effect<ReadonlyArray<string>, GradioFileError | RequestError, FileSystem.FileSystem | Path.Path> =>
  Effect.forEach(all(output), (file) => save(file, directory, options))

/** Takes a name that nobody has, by creating it: two writers never get the same. */
const reserve = (
  fs: FileSystem.FileSystem,
  paths: Path.Path,
  directory: string,
  name: string,
  failed: (error: PlatformError.PlatformError) => GradioFileError
): Effect.Effect<string, GradioFileError> => {
  const attempt = (count: number): Effect.Effect<string, GradioFileError> => {
    const target = paths.join(directory, count === 0 ? name : numberedName(name, count))
    return Effect.scoped(fs.open(target, { flag: "wx" })).pipe(
      Effect.as(target),
      Effect.catch((error) =>
        error.reason._tag === "AlreadyExists" && count < 10_000 ? attempt(count + 1) : Effect.fail(failed(error))
      )
    )
  }
  return attempt(0)
}
