/** Files that an app serves or that are elsewhere on the web, as streams of bytes. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"

import {
  AppUnreachableError,
  circumstances,
  GradioFileError,
  type RequestError,
  type Where
} from "../../GradioError.ts"
import type { GradioFile } from "../../GradioFile.ts"
import { read, refusal } from "../transport/answer.ts"
import { type About, type Link, send, shown, within } from "../transport/link.ts"
import { retrySafe } from "../transport/retrySafe.ts"
import * as routes from "../wire/routes.ts"
import { make } from "./makeFile.ts"
import type { Bytes, FileData } from "./source.ts"

const failure = (where: Where, file: string, reason: GradioFileError["reason"], problem: string): GradioFileError =>
  new GradioFileError({ ...circumstances({ where, isTransient: reason === "incomplete" }), file, reason, problem })

/**
 * The bytes at a URL. Each piece has the time of an answer to come, so that a server that drips cannot hold a program for ever; a body shorter or
 * longer than announced fails as `incomplete`.
 */
export const download = (link: Link, url: string, name: string): Bytes => {
  const where = { url: url.startsWith(link.base.href) ? link.base.href : shown(url) }
  const about: About = { where, reached: "nothing-sent" }
  const request = HttpClientRequest.get(url, { headers: { accept: "*/*" } })
  const open = Effect.flatMap(send(link, request, about), (response) => {
    if (response.status === 200) return Effect.succeed(response)
    return Effect.flatMap(
      read(response, about, link.limits.maxAnswerBytes),
      (answer): Effect.Effect<never, GradioFileError | RequestError> => {
        if (response.status === 404) return Effect.fail(failure(where, name, "not-found", "is not there (any more)"))
        // Gradio 5 and 6 answer 403 for a missing file as well.
        if (response.status === 403) {
          return Effect.fail(failure(where, name, "not-allowed", "is not served by the app, or is not there any more"))
        }
        return Effect.fail(refusal(answer, about))
      }
    )
  }).pipe(within(about, link.limits.answerTimeout, url), retrySafe(link))

  return Stream.unwrap(
    Effect.map(open, (response) => {
      const announced = response.headers["content-length"]
      const expected =
        announced === undefined || response.headers["content-encoding"] !== undefined ? undefined : Number(announced)
      let received = 0
      return response.stream.pipe(
        Stream.mapError(() => failure(where, name, "incomplete", `broke off after ${received} bytes`)),
        Stream.timeoutOrElse({
          duration: link.limits.answerTimeout,
          orElse: () =>
            Stream.fail(
              new AppUnreachableError({
                ...circumstances({ where, isTransient: true }),
                tried: [{ url: shown(url), answer: `no bytes for ${Duration.format(link.limits.answerTimeout)}` }]
              })
            )
        }),
        Stream.mapArray((chunks) => {
          for (const chunk of chunks) received += chunk.byteLength
          return chunks
        }),
        Stream.concat(
          Stream.suspend(() =>
            expected === undefined || received === expected
              ? Stream.empty
              : Stream.fail(failure(where, name, "incomplete", `has ${received} of ${expected} bytes`))
          )
        )
      )
    })
  )
}

/** The last part of a server's path, of any system. */
const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path

/**
 * The file behind a reference in an output. Its address is made anew from its path on the address that the user gave, because servers build `url`
 * from a root that may be wrong behind a proxy and, before 6, do not encode it; only a stream has no path and keeps its `url`.
 */
export const received = (link: Link, data: FileData): GradioFile => {
  const isStream = data.is_stream === true
  const given = data.url ?? undefined
  const address =
    (isStream || data.path.startsWith("http://") || data.path.startsWith("https://")) &&
    given !== undefined &&
    URL.canParse(given, link.base)
      ? new URL(given, link.base).href
      : routes.file(link.base, link.prefix, data.path)
  const name = data.orig_name ?? baseName(data.path)
  return make({
    source: { _tag: "OfApp", app: link.base.href, data },
    name,
    mimeType: data.mime_type ?? undefined,
    size: data.size ?? undefined,
    url: new URL(address),
    isStream,
    stream: download(link, address, name)
  })
}
