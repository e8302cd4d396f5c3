/** How a `GradioFile` is put together from a source of bytes; what its constructors and the reader of outputs have in common. */
import * as Effect from "effect/Effect"
import * as Mime from "effect/http/Mime"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

import { circumstances, GradioFileError, type RequestError } from "../../GradioError.ts"
import type { GradioFile } from "../../GradioFile.ts"
import { type Bytes, type Source, SourceId } from "./source.ts"

export const TypeId = "~effect-gradio/GradioFile"

const maxBytes = 256 * 1024 * 1024

/** A failure of a file that has no address yet. */
export const fileError = (
  file: string,
  reason: GradioFileError["reason"],
  problem: string,
  cause?: unknown
): GradioFileError => new GradioFileError({ ...circumstances({ where: { url: "" }, cause }), file, reason, problem })

const guessType = (name: string): string | undefined => Option.getOrUndefined(Mime.getType(name))

/** Makes a file from its parts; its type is guessed from its name where none is given. */
export const make = (options: {
  readonly source: Source
  readonly name: string
  readonly mimeType: string | undefined
  readonly size: number | undefined
  readonly url?: URL | undefined
  readonly isStream?: boolean | undefined
  readonly stream: Bytes
}): GradioFile => {
  const { name, size, source, stream } = options
  const inMemory = source._tag === "Local" ? source.inMemory : undefined
  return {
    [TypeId]: TypeId,
    // A reference is what it is in JSON, and nothing at all for bytes that were not sent.
    [SourceId]: source,
    name,
    mimeType: options.mimeType ?? guessType(name),
    size,
    url: options.url,
    isStream: options.isStream ?? false,
    stream,
    bytes: inMemory === undefined ? collect(name, stream) : Effect.succeed(inMemory)
  }
}

const collect = (name: string, stream: Bytes): Effect.Effect<Uint8Array, GradioFileError | RequestError> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    let size = 0
    return stream.pipe(
      Stream.runForEachArray((chunks) => {
        for (const chunk of chunks) {
          pieces.push(chunk)
          size += chunk.byteLength
        }
        return size > maxBytes
          ? Effect.fail(
              fileError(name, "too-large", `has more than ${maxBytes} bytes; read its stream or save it instead`)
            )
          : Effect.void
      }),
      Effect.map(() => {
        const all = new Uint8Array(size)
        let at = 0
        for (const piece of pieces) {
          all.set(piece, at)
          at += piece.byteLength
        }
        return all
      })
    )
  })
