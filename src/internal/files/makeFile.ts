/** How a `GradioFile` is put together from a source of bytes; what its constructors and the reader of outputs have in common. */
import * as Effect from "effect/Effect"
import * as Mime from "effect/http/Mime"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

import { circumstances, GradioFileError, type RequestError } from "../../GradioError.ts"
import type { GradioFile } from "../../GradioFile.ts"
import { type Bytes, type Source, SourceId } from "./source.ts"

const TypeId = "~effect-gradio/GradioFile"

const maxBytes = 256 * 1024 * 1024

/** A failure of a file that has no address yet. */
export const fileError = (
  file: string,
  reason: GradioFileError["reason"],
  problem: string,
  cause?: unknown
): GradioFileError => new GradioFileError({ ...circumstances({ where: { url: "" }, cause }), file, reason, problem })

const guessType = (name: string): string | undefined => Option.getOrUndefined(Mime.getType(name))

/** What a file is made of. */
export interface Parts {
  readonly source: Source
  readonly name: string
  readonly mimeType: string | undefined
  readonly size: number | undefined
  readonly url?: URL | undefined
  readonly isStream?: boolean | undefined
  readonly stream: Bytes
}

/** All properties are its own, so that a copy with another name is a file too; it is shown without its bytes. */
class File extends Inspectable.Class implements GradioFile {
  readonly [TypeId] = TypeId
  readonly [SourceId]: Source
  readonly name: string
  readonly mimeType: string | undefined
  readonly size: number | undefined
  readonly url: URL | undefined
  readonly isStream: boolean
  readonly stream: Bytes
  readonly bytes: GradioFile["bytes"]

  constructor({ isStream = false, mimeType, name, size, source, stream, url }: Parts) {
    super()
    const whole = source._tag === "Local" ? source.whole : undefined
    this[SourceId] = source
    this.name = name
    this.mimeType = mimeType ?? guessType(name)
    this.size = size
    this.url = url
    this.isStream = isStream
    this.stream = stream
    this.bytes = whole instanceof Uint8Array ? Effect.succeed(whole) : collect(name, stream)
  }

  override toJSON(): unknown {
    const { mimeType, name, size, url } = this
    // Neither credentials nor the query, which may be a signature.
    return {
      _id: "GradioFile",
      name,
      mimeType,
      size,
      url: url === undefined ? undefined : `${url.protocol}//${url.host}${url.pathname}`
    }
  }
}

/** Makes a file from its parts; its type is guessed from its name where none is given. */
export const make = (parts: Parts): GradioFile => new File(parts)

/** All bytes of a stream; a file of more than 256 MiB fails. */
export const collect = (
  name: string,
  stream: Bytes,
  instead = "read its stream or save it instead"
): Effect.Effect<Uint8Array, GradioFileError | RequestError> =>
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
          ? Effect.fail(fileError(name, "too-large", `has more than ${maxBytes} bytes; ${instead}`))
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
