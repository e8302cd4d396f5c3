/** Files that an app serves or that are elsewhere on the web, as streams of bytes. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
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
import { type Answer, ask, read, refusal } from "../transport/answer.ts"
import { type About, type Link, send, shown, within } from "../transport/link.ts"
import { retrySafe } from "../transport/retrySafe.ts"
import * as routes from "../wire/routes.ts"
import { make } from "./makeFile.ts"
import { baseName, type Bytes, type FileData, nameInUrl } from "./source.ts"

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

const refused = (answer: Answer, about: About, name: string): GradioFileError | RequestError => {
  if (answer.status === 404) return failure(about.where, name, "not-found", "is not there (any more)")
  // Gradio 5 and 6 answer 403 for a missing file as well.
  return answer.status === 403
    ? failure(about.where, name, "not-allowed", "is not served by the app, or is not there any more")
    : refusal(answer, about)
}

const whereOf = (link: Link, url: string): Where => ({
  url: url.startsWith(link.base.href) ? link.base.href : shown(url)
})

/**
 * The bytes at a URL. Each piece has the time of an answer to come, and pieces that are hardly any are not waited for either, so that a server that
 * drips cannot hold a program for ever; a body shorter or longer than announced fails as `incomplete`.
 */
export const download = (link: Link, url: string, name: string): Bytes => {
  const where = whereOf(link, url)
  const about: About = { where, reached: "nothing-sent" }
  const request = HttpClientRequest.get(url, { headers: { accept: "*/*" } })
  const open = Effect.flatMap(send(link, request, about), (response) =>
    response.status === 200
      ? Effect.succeed(response)
      : Effect.flatMap(read(response, about, link.limits.maxAnswerBytes), (answer) =>
          Effect.fail(refused(answer, about, name))
        )
  ).pipe(within(about, link.limits.answerTimeout, url), retrySafe(link))

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

/** So often a playlist that grows is looked at. */
const pollEvery = "500 millis"
/** A playlist that did not grow for this long was forgotten by its generator; Gradio 4 waits as long. */
const longestPause = Duration.toMillis("2 minutes")

/**
 * The bytes of the segments of a playlist (HLS), one behind the other, as the app lists them; ends where the playlist says that it does. Segments
 * are relative to the playlist.
 */
const segments = (link: Link, url: string, name: string): Bytes =>
  Stream.suspend(() => {
    const where = whereOf(link, url)
    const about: About = { where, reached: "nothing-sent" }
    const limits = { timeout: link.limits.answerTimeout, maxBytes: link.limits.maxAnswerBytes }
    const list = ask(link, HttpClientRequest.get(url, { headers: { accept: "*/*" } }), about, limits).pipe(
      Effect.flatMap((answer) =>
        answer.status === 200 ? Effect.succeed(answer) : Effect.fail(refused(answer, about, name))
      ),
      retrySafe(link)
    )
    const segment = (line: string): Bytes => {
      if (!URL.canParse(line, url))
        return Stream.fail(failure(where, name, "unreadable", "has a segment without an address"))
      return at(link, new URL(line, url), name, download)
    }
    let taken = 0
    let isWhole = false
    let grownAt: number | undefined
    const next = Effect.gen(function* () {
      while (!isWhole) {
        const { at: now, text } = yield* list
        const lines = text.split(/\r?\n/)
        const all = lines.filter((line) => line !== "" && !line.startsWith("#"))
        const fresh = all.slice(taken)
        isWhole = lines.includes("#EXT-X-ENDLIST")
        if (Arr.isArrayNonEmpty(fresh)) {
          taken = all.length
          grownAt = undefined
          return fresh
        }
        if (isWhole) break
        grownAt ??= now
        if (now - grownAt >= longestPause) {
          return yield* failure(
            where,
            name,
            "incomplete",
            `did not go on for ${Duration.format(Duration.millis(longestPause))}`
          )
        }
        yield* Effect.sleep(pollEvery)
      }
      return yield* Cause.done()
    })
    return Stream.flatMap(Stream.fromPull(Effect.succeed(next)), segment)
  })

/** What is at an address that an app named, unless that is one which only this machine or its network can mean. */
const at = (link: Link, url: URL, name: string, open: typeof download): Bytes =>
  routes.isForbidden(link.base, url)
    ? Stream.fail(
        failure(
          { url: link.base.href },
          name,
          "not-allowed",
          `is at ${url.host}, an address that only this machine or its network can mean`
        )
      )
    : open(link, url.href, name)

const isWeb = (text: string): boolean => text.startsWith("http://") || text.startsWith("https://")

/** The address in a reference, if it is one of the web: `file:` and its like would read what is here, not what the app has. */
const webAddress = (link: Link, url: string | null | undefined): URL | undefined => {
  const parsed = typeof url === "string" && URL.canParse(url, link.base) ? new URL(url, link.base) : undefined
  return parsed !== undefined && isWeb(parsed.href) ? parsed : undefined
}

/** Where a reference leads. A stream is no file; what a loaded app gave is had through this one, which may have the right to it. */
const addressOf = (link: Link, data: FileData): URL => {
  const given = webAddress(link, data.url)
  const proxied = given === undefined ? undefined : routes.proxied(link.base, link.prefix, given)
  if (proxied !== undefined) return new URL(proxied)
  if (given !== undefined && isWeb(data.path)) return given
  const route = data.is_stream === true ? routes.stream : routes.file
  return new URL(route(link.base, link.prefix, data.path))
}

/** What a file at a path of the app or at an address is called. */
const nameOfPath = (path: string): string =>
  isWeb(path) && URL.canParse(path) ? (nameInUrl(new URL(path)) ?? "file") : baseName(path)

/**
 * The file behind a reference in an output. Its address is made anew from its path on the address that the user gave, because servers build `url`
 * from a root that may be wrong behind a proxy and, before 6, do not encode it. A stream of sound or pictures ends when the function does: a
 * playlist of segments from Gradio 5 on, one long body before.
 */
export const received = (link: Link, data: FileData): GradioFile => {
  const isStream = data.is_stream === true
  const url = addressOf(link, data)
  const name = data.orig_name ?? nameOfPath(data.path)
  return make({
    source: { _tag: "OfApp", app: link.base.href, data },
    name,
    mimeType: data.mime_type ?? undefined,
    size: data.size ?? undefined,
    url,
    isStream,
    stream: at(link, url, name, isStream && url.pathname.endsWith(".m3u8") ? segments : download)
  })
}
