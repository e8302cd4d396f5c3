/** Streamed outputs of a stand-in server: the pieces that a generator gives of a sound or a film, served while it runs and as long as the server lives. */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import type { Release } from "./Release.ts"

/** The streams of one call. */
export interface Run {
  /** Whether references to streams look like those to files. */
  readonly isMarked: boolean
  /** Adds a piece to the stream of an output; gives the path by which clients ask for it. */
  readonly add: (output: object, extension: "aac" | "ts", bytes: Uint8Array) => string
  readonly end: Effect.Effect<void>
}

/** All streams of a server. */
export interface Media {
  readonly run: (sessionHash: string, eventId: string) => Run
  /** Answers for the path of a stream, or of a piece of one. */
  readonly answer: (path: string) => Answer.Answer
}

interface Pieces {
  readonly extension: "aac" | "ts"
  readonly all: Array<Uint8Array>
  ended: boolean
}

const types = { aac: "audio/aac", ts: "video/MP2T" } as const

const listOf = ({ all, ended, extension }: Pieces): string =>
  "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:1\n#EXT-X-VERSION:4\n#EXT-X-MEDIA-SEQUENCE:0\n" +
  all.map((_, i) => `#EXTINF:1.000000,\n${i}.${extension}\n`).join("") +
  (ended ? "#EXT-X-ENDLIST\n" : "")

/** One body without an end to be seen, as before Gradio 5; who comes second finds nothing of what the first has taken. */
const bodyOf = (pieces: Pieces): Stream.Stream<Uint8Array> =>
  Stream.fromEffectRepeat(
    Effect.suspend(() => {
      const next = pieces.all.shift()
      return next === undefined ? Effect.delay(Effect.succeed(new Uint8Array()), "10 millis") : Effect.succeed(next)
    })
  ).pipe(
    Stream.takeUntil(() => pieces.ended && pieces.all.length === 0),
    Stream.filter((piece) => piece.byteLength > 0)
  )

const notThere = HttpServerResponse.empty({ status: 404 })

/** No streams yet. */
export const make = (release: Release): Media => {
  const streams = new Map<string, Pieces>()
  return {
    run: (sessionHash, eventId) => {
      const outputs = new Map<object, string>()
      const nameOf = (output: object) => {
        const name = outputs.get(output) ?? `${sessionHash}/${eventId}/${outputs.size}`
        outputs.set(output, name)
        return name
      }
      return {
        isMarked: release.marksStreams,
        add: (output, extension, bytes) => {
          const name = nameOf(output)
          const pieces = streams.get(name) ?? { extension, all: [], ended: false }
          streams.set(name, pieces)
          pieces.all.push(bytes)
          return release.listsMedia ? `${name}/playlist.m3u8` : name
        },
        end: Effect.sync(() => {
          for (const name of outputs.values()) {
            const pieces = streams.get(name)
            if (pieces !== undefined) pieces.ended = true
          }
        })
      }
    },
    answer: (path) => {
      const parts = path.split("/").map(decodeURIComponent)
      const pieces = streams.get(parts.slice(0, 3).join("/"))
      const file = parts[3]
      if (pieces === undefined) return notThere
      if (!release.listsMedia) return HttpServerResponse.stream(bodyOf(pieces))
      if (file === "playlist.m3u8") return Answer.text(listOf(pieces))
      const piece = pieces.all[Number.parseInt(file ?? "", 10)]
      return piece === undefined
        ? notThere
        : HttpServerResponse.uint8Array(piece, { contentType: types[pieces.extension] })
    }
  }
}
