/** The routes `/upload` and `/upload_progress`: files are stored while they arrive, one after the other. */
import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Multipart from "effect/http/Multipart"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import type { Release } from "./Release.ts"
import { safeName, type ServerFiles } from "./ServerFile.ts"

class TooLarge extends Data.TaggedError("TooLarge") {}

// Sixty times a twentieth of a second: Gradio waits three seconds for an upload of which it has not heard.
const everyTwentieth = Schedule.spaced("50 millis")

/** Uploads that somebody may watch. */
export interface Uploads {
  readonly accept: (
    request: HttpServerRequest,
    uploadId: string | undefined
  ) => Effect.Effect<Answer.Answer, Answer.Answer>
  readonly watch: (uploadId: string) => Effect.Effect<Answer.Answer>
}

/** The last part of a path, whichever system's; a name that leads elsewhere is none. */
const baseName = (name: string): string | undefined => {
  const last = name.split(/[/\\]/).at(-1) ?? ""
  return ["", ".", ".."].includes(last) ? undefined : last
}

const limited =
  (max: number | null) =>
  <E>(content: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E | TooLarge> =>
    max === null
      ? content
      : content.pipe(
          Stream.mapAccum(
            () => 0,
            (size, chunk) => [size + chunk.length, [{ chunk, size: size + chunk.length }]] as const
          ),
          Stream.mapEffect(({ chunk, size }) => (size > max ? Effect.fail(new TooLarge()) : Effect.succeed(chunk)))
        )

const sse = (message: unknown) => new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`)

type Update = { readonly orig_name: string; readonly chunk_size: number }

/** Takes uploads into the files of a server. A file may have up to `maxFileSize` bytes. */
export const make = (files: ServerFiles, maxFileSize: number | null, release: Release): Uploads => {
  const tracked = new Map<string, Queue.Queue<Update, Cause.Done>>()

  const store = Effect.fnUntraced(function* (
    part: Multipart.Part,
    updates: Queue.Queue<Update, Cause.Done> | undefined
  ) {
    if (part._tag === "Field") return part.key === "files" ? yield* Effect.fail(Answer.crashed) : []
    const watched = Stream.tap(part.content, (chunk) =>
      Effect.sync(() => {
        if (updates !== undefined) Queue.offerUnsafe(updates, { orig_name: part.name, chunk_size: chunk.length })
      })
    )
    if (part.key !== "files") {
      yield* Stream.runDrain(watched)
      return []
    }
    const name = baseName(part.name) ?? `tmp${(yield* Random.nextIntBetween(2 ** 36, 2 ** 40)).toString(16)}`
    const file = yield* files.make(safeName(name), limited(maxFileSize)(watched))
    return [file.path]
  })

  const track = Effect.fnUntraced(function* (uploadId: string | undefined) {
    if (uploadId === undefined) return undefined
    const known = tracked.get(uploadId)
    if (known !== undefined) return known
    const updates = yield* Queue.unbounded<Update, Cause.Done>()
    tracked.set(uploadId, updates)
    return updates
  })

  return {
    accept: Effect.fnUntraced(function* (request, uploadId) {
      if (!/^multipart\/form-data/i.test(request.headers["content-type"] ?? "")) {
        return release.noForm
      }
      const updates = yield* track(uploadId)
      const paths = yield* request.multipartStream.pipe(
        Stream.mapEffect((part) => store(part, updates)),
        Stream.runCollect,
        Effect.catchTags({
          TooLarge: () =>
            Effect.fail(Answer.text(`File size exceeded maximum allowed size of ${maxFileSize} bytes.`, 413)),
          MultipartError: () => Effect.fail(Answer.text("Could not parse multipart request.", 400)),
          PlatformError: () => Effect.fail(Answer.crashed)
        }),
        Effect.ensuring(updates === undefined ? Effect.void : Queue.end(updates))
      )
      return Answer.json(paths.flat())
    }),
    watch: Effect.fnUntraced(function* (uploadId) {
      const found = yield* Effect.suspend(() => {
        const updates = tracked.get(uploadId)
        return updates === undefined ? Effect.fail("not yet" as const) : Effect.succeed(updates)
      }).pipe(
        Effect.retry({ schedule: everyTwentieth, times: release.awaitsUploads ? 60 : 0 }),
        Effect.orElseSucceed(() => undefined)
      )
      if (found === undefined) {
        return release.awaitsUploads
          ? Answer.text("Upload not found", 404)
          : HttpServerResponse.stream(Stream.empty, { contentType: "text/event-stream; charset=utf-8" })
      }
      const messages = Stream.fromQueue(found).pipe(
        Stream.map((update) => sse({ msg: "update", ...update })),
        Stream.concat(Stream.succeed(sse({ msg: "done" }))),
        Stream.ensuring(Effect.sync(() => tracked.delete(uploadId)))
      )
      return HttpServerResponse.stream(messages, { contentType: "text/event-stream; charset=utf-8" })
    })
  }
}
