/** Files that an app serves or that are elsewhere on the web, as streams of bytes. */
import * as Clock from "effect/Clock"
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
import { baseName, type Bytes, type FileData } from "./source.ts"

const failure = (where: Where, file: string, reason: GradioFileError["reason"], problem: string): GradioFileError =>
  new GradioFileError({ ...circumstances({ where, isTransient: reason === "incomplete" }), file, reason, problem })

/** What must come at least in the time of an answer, while somebody waits for it: far less than any stream of sound. */
const minPace = 1024

/** Fails a body that drips. The time that its reader takes does not count. */
const paced =
  (link: Link, where: Where, received: () => number) =>
  <A, E>(bytes: Stream.Stream<A, E>): Stream.Stream<A, E | AppUnreachableError> => {
    const limit = Duration.toMillis(link.limits.answerTimeout)
    return Stream.transformPull(bytes, (pull) =>
      Effect.map(Clock.Clock, (clock) => {
        let waited = 0
        let before = 0
        return Effect.suspend(() => {
          const asked = clock.currentTimeMillisUnsafe()
          return Effect.flatMap(pull, (pieces) => {
            waited += clock.currentTimeMillisUnsafe() - asked
            if (waited < limit) return Effect.succeed(pieces)
            if (received() - before < minPace) {
              return Effect.fail(
                new AppUnreachableError({
                  ...circumstances({ where, isTransient: true }),
                  tried: [
                    {
                      url: where.url,
                      answer: `${received() - before} bytes in ${Duration.format(link.limits.answerTimeout)}`
                    }
                  ]
                })
              )
            }
            waited = 0
            before = received()
            return Effect.succeed(pieces)
          })
        })
      })
    )
  }

/**
 * The bytes at a URL. Each piece has the time of an answer to come, and pieces that are hardly any are not waited for either, so that a server that
 * drips cannot hold a program for ever; a body shorter or longer than announced fails as `incomplete`.
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
        paced(link, where, () => received),
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

const isWeb = (text: string): boolean => text.startsWith("http://") || text.startsWith("https://")

/** The address in a reference, if it is one of the web: `file:` and its like would read what is here, not what the app has. */
const webAddress = (link: Link, url: string | null | undefined): URL | undefined => {
  const parsed = typeof url === "string" && URL.canParse(url, link.base) ? new URL(url, link.base) : undefined
  return parsed !== undefined && isWeb(parsed.href) ? parsed : undefined
}

/**
 * The file behind a reference in an output. Its address is made anew from its path on the address that the user gave, because servers build `url`
 * from a root that may be wrong behind a proxy and, before 6, do not encode it; only a stream has no path and keeps its `url`.
 */
export const received = (link: Link, data: FileData): GradioFile => {
  const isStream = data.is_stream === true
  const elsewhere = isStream || isWeb(data.path) ? webAddress(link, data.url) : undefined
  const address = elsewhere?.href ?? routes.file(link.base, link.prefix, data.path)
  const name = data.orig_name ?? baseName(data.path)
  return make({
    source: { _tag: "OfApp", app: link.base.href, data },
    name,
    mimeType: data.mime_type ?? undefined,
    size: data.size ?? undefined,
    url: new URL(address),
    isStream,
    stream:
      elsewhere !== undefined && routes.isForbidden(link.base, elsewhere)
        ? Stream.fail(
            failure(
              { url: link.base.href },
              name,
              "not-allowed",
              `is at ${elsewhere.host}, an address that only this machine or its network can mean`
            )
          )
        : download(link, address, name)
  })
}
