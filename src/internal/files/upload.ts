/** Sends files to an app, in constant memory, and gives the references that stand for them in a call. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"

import { type AppConfig, atLeast } from "../../AppConfig.ts"
import { AppProtocolError, circumstances, GradioFileError, type RequestError, type Where } from "../../GradioError.ts"
import type { GradioFile } from "../../GradioFile.ts"
import { randomHex } from "../randomHex.ts"
import { safeName } from "../safeName.ts"
import { ask, jsonOf, refusal } from "../transport/answer.ts"
import { type Link, withinSilence } from "../transport/link.ts"
import * as multipart from "../transport/multipart.ts"
import { isUntold } from "../transport/problem.ts"
import * as routes from "../wire/routes.ts"
import { download, received } from "./download.ts"
import { collect, make } from "./makeFile.ts"
import { type Bytes, type FileData, sourceOf } from "./source.ts"

/** What uploading needs to know of a connection. */
export interface Target {
  readonly link: Link
  readonly config: AppConfig
}

/** Called with the bytes sent so far. */
export type OnSent = (sent: number) => void

const reference = (path: string, file: GradioFile): FileData => ({
  path,
  orig_name: file.name,
  ...(file.mimeType === undefined ? {} : { mime_type: file.mimeType }),
  ...(file.size === undefined ? {} : { size: file.size }),
  meta: { _type: "gradio.FileData" }
})

/** The reference of a file that the app has; a copy of it may have another name or type. */
const renamed = (data: FileData, before: GradioFile, file: GradioFile): FileData => ({
  ...data,
  ...(file.name === before.name ? {} : { orig_name: file.name }),
  ...(file.mimeType === before.mimeType ? {} : { mime_type: file.mimeType ?? null })
})

const failure = (
  where: Where,
  file: GradioFile,
  reason: GradioFileError["reason"],
  problem: string,
  cause?: unknown
): GradioFileError => new GradioFileError({ ...circumstances({ where, cause }), file: file.name, reason, problem })

/**
 * The reference of a file for this app: an output of the same app as it is, but for another name or type, the path behind a URL of the app's own file route, the URL itself
 * where the app fetches it; everything else is uploaded.
 */
export const referenceOf = (
  target: Target,
  file: GradioFile,
  where: Where,
  headers: Readonly<Record<string, string>>,
  onSent: OnSent
): Effect.Effect<FileData, GradioFileError | RequestError> => {
  const { config, link } = target
  const source = sourceOf(file) ?? { _tag: "Local", whole: undefined }
  switch (source._tag) {
    case "OfApp":
      return source.app === link.base.href
        ? Effect.succeed(renamed(source.data, received(link, source.data), file))
        : send(target, file, file.stream, where, headers, onSent)
    case "Local":
      return send(target, file, source.whole ?? file.stream, where, headers, onSent)
    case "Web": {
      const { url } = source
      if (url.protocol !== "http:" && url.protocol !== "https:") {
        return Effect.fail(failure(where, file, "unreadable", "is no http or https address"))
      }
      const path = routes.pathOfFile(link.base, link.prefix, url)
      if (path !== undefined) return Effect.succeed(reference(path, file))
      // Gradio 5 and later refuse to fetch from private hosts.
      const via = source.via ?? (routes.isPrivateHost(url.hostname) || !atLeast(config, "4.0.0") ? "client" : "server")
      return via === "server"
        ? Effect.succeed(reference(url.href, file))
        : send(target, file, download(link, url.href, file.name), where, headers, onSent)
    }
  }
}

/** The same file, with bytes that can be read here where it is one of the web. */
export const readable = (link: Link, file: GradioFile): GradioFile => {
  const source = sourceOf(file)
  return source?._tag === "Web"
    ? make({
        source: { _tag: "Local", whole: undefined },
        name: file.name,
        mimeType: file.mimeType,
        size: undefined,
        stream: download(link, source.url.href, file.name)
      })
    : file
}

/**
 * Counts the bytes that are sent, and stops where there are more or fewer than were announced or allowed. It counts anew for each run: a request is
 * sent twice after a redirect within the app, or where an idle connection was found closed. `fail` is told what a run failed with, and `undefined`
 * as one begins.
 */
const guarded = (
  file: GradioFile,
  content: Bytes,
  limit: number | undefined,
  where: Where,
  onSent: OnSent,
  fail: (error: GradioFileError | RequestError | undefined) => void
): Bytes =>
  Stream.suspend(() => {
    let sent = 0
    fail(undefined)
    const check = (atEnd: boolean): GradioFileError | undefined => {
      if (limit !== undefined && sent > limit) return tooLarge(where, file, limit)
      if (file.size !== undefined && (sent > file.size || (atEnd && sent < file.size))) {
        return failure(where, file, "changed", `has ${sent} bytes, not the ${file.size} it had before it was sent`)
      }
      return undefined
    }
    return content.pipe(
      Stream.mapArrayEffect((chunks) => {
        for (const chunk of chunks) sent += chunk.byteLength
        const problem = check(false)
        if (problem !== undefined) return Effect.fail(problem)
        onSent(sent)
        return Effect.succeed(chunks)
      }),
      Stream.concat(
        Stream.suspend(() => {
          const problem = check(true)
          return problem === undefined ? Stream.empty : Stream.fail(problem)
        })
      ),
      // The transport wraps what a body fails with; the reason is kept aside.
      Stream.tapError((error) => Effect.sync(() => fail(error)))
    )
  })

const tooLarge = (where: Where, file: GradioFile, limit: number): GradioFileError =>
  failure(where, file, "too-large", `is larger than the ${limit} bytes that the app accepts`)

/** Bytes in memory above this are sent in pieces, so that their progress is seen. */
const maxAtOnce = 1024 * 1024

const inPieces = (bytes: Uint8Array): Bytes =>
  Stream.range(0, Math.ceil(bytes.byteLength / pieceSize) - 1).pipe(
    Stream.map((index) => bytes.subarray(index * pieceSize, (index + 1) * pieceSize))
  )

const pieceSize = 64 * 1024

/** The content as it is sent in pieces; none where it is sent at once. */
const streamOf = (file: GradioFile, content: Uint8Array | Blob | Bytes): Bytes | undefined => {
  if (Stream.isStream(content)) return content
  if (!(content instanceof Uint8Array)) return file.stream
  return content.byteLength > maxAtOnce ? inPieces(content) : undefined
}

/** What the app says to a refusal; the pages of proxies say nothing more than their status. */
const saying = (text: string): string =>
  text.trim() === "" || text.trimStart().startsWith("<") ? "" : `: ${text.slice(0, 300)}`

const refusedStatus = new Set([400, 403, 415, 422])

const send = (
  { config, link }: Target,
  file: GradioFile,
  content: Uint8Array | Blob | Bytes,
  where: Where,
  headers: Readonly<Record<string, string>>,
  onSent: OnSent
): Effect.Effect<FileData, GradioFileError | RequestError> =>
  Effect.gen(function* () {
    const limit = config.max_file_size ?? undefined
    if (limit !== undefined && file.size !== undefined && file.size > limit) return yield* tooLarge(where, file, limit)
    let reason: GradioFileError | RequestError | undefined
    const boundary = `effect-gradio-${yield* randomHex(16)}`
    const clock = yield* Clock.Clock
    let lastActive = clock.currentTimeMillisUnsafe()
    const active = (sent: number) => {
      lastActive = clock.currentTimeMillisUnsafe()
      onSent(sent)
    }
    const about = { where, reached: "nothing-sent" } as const
    const post = (content: Uint8Array | Blob | Bytes, silence = link.limits.answerTimeout) => {
      const body = multipart.body(
        {
          field: "files",
          // The server makes a file of this name; the reference keeps the true one. No function is given a file with two dots together in its name,
          // and from 5 on none whose name begins with one.
          name: safeName(file.name).replace(/^\.|\.(?=\.)/g, "_"),
          mimeType: file.mimeType ?? "application/octet-stream",
          size: file.size,
          content
        },
        boundary
      )
      return ask(
        link,
        HttpClientRequest.post(routes.upload(link.base, link.prefix), { body, headers }),
        about,
        // A large file takes the time it takes, as long as it moves.
        { timeout: Duration.infinity, maxBytes: link.limits.maxAnswerBytes }
      ).pipe(
        withinSilence(about, silence, link.base.href, () => lastActive),
        Effect.mapError((error) => reason ?? error)
      )
    }
    const bytes = streamOf(file, content)
    const guard = (bytes: Bytes) =>
      guarded(file, bytes, limit, where, active, (error) => {
        reason = error
      })
    const whole = Effect.gen(function* () {
      const all = Stream.isStream(content)
        ? yield* collect(file.name, guard(content), "give a Blob, which this browser can send")
        : content
      lastActive = clock.currentTimeMillisUnsafe()
      // What a browser has sent of it cannot be seen: a mebibyte may take the time that a silence may.
      const size = all instanceof Uint8Array ? all.byteLength : all.size
      return yield* post(all, Duration.times(link.limits.answerTimeout, 1 + size / maxAtOnce))
    })
    const answer =
      bytes === undefined
        ? yield* post(content)
        : multipart.knowsStreams()
          ? yield* Effect.catchIf(
              post(guard(bytes)),
              (error) => reason === undefined && isUntold(error.cause),
              () => whole
            )
          : yield* whole
    if (reason !== undefined) return yield* reason
    if (answer.status === 413) {
      return yield* failure(
        where,
        file,
        "too-large",
        `is larger than the app, or a proxy before it, accepts${saying(answer.text)}`
      )
    }
    if (refusedStatus.has(answer.status)) {
      return yield* failure(where, file, "refused", `was refused${saying(answer.text)}`, refusal(answer, about))
    }
    const paths = yield* jsonOf(answer, about, "the answer to an upload")
    const path: unknown = Array.isArray(paths) ? paths[0] : undefined
    if (typeof path !== "string") {
      return yield* new AppProtocolError({
        ...circumstances({ where }),
        part: "the answer to an upload",
        problem: "which is no list of paths",
        received: answer.text.slice(0, 1000)
      })
    }
    if (file.size !== undefined) onSent(file.size)
    return reference(path, file)
  })
