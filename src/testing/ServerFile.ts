/**
 * The files of a stand-in server: those that clients uploaded and those that its functions made.
 *
 * The path of a file is only a name that clients use. It says nothing about where the bytes are (in memory, or in a temporary directory
 * when a `FileSystem` is at hand), and a path that is not on the list can never be read, whatever it looks like.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

import * as ContentHash from "./contentHash.ts"

/** A file on the server, as functions get it and as they return it. */
export interface ServerFile {
  /** The name under which clients ask for it. */
  readonly path: string
  /** The name that it was given, which is its `orig_name` in outputs. Its path ends with {@link safeName} of it. */
  readonly name: string
  /** Its size in bytes. */
  readonly size: number
  /** The type that output file data announces; `null` as Gradio sends for most files. */
  readonly mimeType: string | null
  /** Milliseconds since the epoch. */
  readonly modified: number
  /** The bytes from `start` (default 0) up to `end` (default the size). */
  readonly stream: (range?: {
    readonly start: number
    readonly end: number
  }) => Stream.Stream<Uint8Array, PlatformError>
  /** The whole content. */
  readonly bytes: Effect.Effect<Uint8Array, PlatformError>
}

/** Where a server keeps its files. */
export interface ServerFiles {
  /**
   * Stores a file; equal content under an equal name is the same file. A text is stored as UTF-8. Any text is a name, `../../evil.txt` too: clients
   * are told it as `orig_name`, under a path that is safe.
   */
  readonly make: <E = never>(
    name: string,
    content: string | Uint8Array | Stream.Stream<Uint8Array, E>,
    options?: { readonly mimeType?: string | undefined }
  ) => Effect.Effect<ServerFile, E | PlatformError>
  /** The file with this path, if it is one of this server's. */
  readonly get: (path: string) => ServerFile | undefined
}

/** The folder that all paths seem to be in. */
export const folder = "/tmp/gradio"

/** What a name is in a path: its last part without the characters that Gradio takes out of it. */
export const safeName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? ""
  const kept = last.replace(/[<>:"|?*`$!{}\p{Cc}\p{Cs}]/gu, "").replace(/[ .]+$/, "")
  return kept === "" ? "file" : kept
}

type Range = { readonly start: number; readonly end: number }

/** Bytes at rest, however they are kept. */
interface Kept {
  readonly size: number
  readonly hash: string
  readonly read: (range: Range) => Stream.Stream<Uint8Array, PlatformError>
}

const collect = <E>(stream: Stream.Stream<Uint8Array, E>): Effect.Effect<Uint8Array, E> =>
  Effect.map(Stream.runCollect(stream), (chunks) => {
    const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
    let offset = 0
    for (const chunk of chunks) {
      whole.set(chunk, offset)
      offset += chunk.length
    }
    return whole
  })

const keepInMemory = Effect.fnUntraced(function* <E>(content: Stream.Stream<Uint8Array, E>) {
  const bytes = yield* collect(content)
  const hash = ContentHash.make()
  hash.write(bytes)
  const kept: Kept = {
    size: bytes.length,
    hash: hash.digest(),
    read: ({ start, end }) => Stream.succeed(bytes.subarray(start, end))
  }
  return kept
})

/** Hashes and counts while the bytes go to the disk, so that a file of any size takes the memory of one chunk. */
const keepOnDisk = (fs: FileSystem.FileSystem, directory: string) => {
  let count = 0
  return Effect.fnUntraced(function* <E>(content: Stream.Stream<Uint8Array, E>) {
    const path = `${directory}/${count++}`
    const hash = ContentHash.make()
    let size = 0
    yield* content.pipe(
      Stream.tap((chunk) =>
        Effect.sync(() => {
          size += chunk.length
          hash.write(chunk)
        })
      ),
      Stream.run(fs.sink(path)),
      Effect.onError(() => Effect.ignore(fs.remove(path)))
    )
    const kept: Kept = {
      size,
      hash: hash.digest(),
      read: ({ start, end }) =>
        end > start ? fs.stream(path, { offset: start, bytesToRead: end - start }) : Stream.empty
    }
    return kept
  })
}

/** Files in a temporary directory that ends with the scope when a `FileSystem` is provided, in memory otherwise. */
export const make: Effect.Effect<ServerFiles, PlatformError, Scope.Scope> = Effect.gen(function* () {
  const fs = yield* Effect.serviceOption(FileSystem.FileSystem)
  const keep = Option.isSome(fs)
    ? keepOnDisk(fs.value, yield* fs.value.makeTempDirectoryScoped({ prefix: "effect-gradio-" }))
    : keepInMemory
  // Paths differ from server to server, as they do for real ones.
  const salt = (yield* Random.nextIntBetween(0, 2 ** 32)).toString(16).padStart(8, "0")
  const files = new Map<string, ServerFile>()
  const clock = yield* Clock.Clock
  return {
    get: (path) => files.get(path),
    make: Effect.fnUntraced(function* (name, content, options) {
      const source =
        typeof content === "string"
          ? Stream.succeed(new TextEncoder().encode(content))
          : content instanceof Uint8Array
            ? Stream.succeed(content)
            : content
      const kept = yield* keep(source)
      const read = (range: Range = { start: 0, end: kept.size }) => kept.read(range)
      const path = `${folder}/${salt}${kept.hash.slice(salt.length)}/${safeName(name)}`
      const file: ServerFile = {
        path,
        name,
        size: kept.size,
        mimeType: options?.mimeType ?? null,
        modified: clock.currentTimeMillisUnsafe(),
        stream: read,
        bytes: collect(read())
      }
      files.set(path, file)
      return file
    })
  }
})
