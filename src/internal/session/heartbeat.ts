/**
 * Keeps a session alive (Gradio 4.25 and later, where the app says `connect_heartbeat`): a stream that the server never ends. When it closes, the
 * server runs the app's `unload` listeners and frees the session's state.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

import { type Link, send } from "../transport/link.ts"
import * as routes from "../wire/routes.ts"

/** A heartbeat that lasted this long was a good one. */
const lasting = Duration.toMillis("30 seconds")
const longestPause = Duration.toMillis("1 minute")

/**
 * Runs until it is interrupted. A heartbeat that ends, or falls silent, is opened again, after pauses that double up to a minute while it does not
 * last. Never fails: calls do not depend on it.
 */
export const keep = (link: Link, sessionHash: string): Effect.Effect<void> => {
  const url = routes.heartbeat(link.base, link.prefix, sessionHash)
  const about = { where: { url: link.base.href, sessionHash }, reached: "nothing-sent" } as const
  const once = Effect.flatMap(send(link, HttpClientRequest.get(url), about), (response) =>
    untilSilent(response, link.limits.silence)
  ).pipe(Effect.ignore, Effect.timed)
  return Effect.gen(function* () {
    let pause = 1000
    while (true) {
      const [lasted] = yield* once
      pause = Duration.toMillis(lasted) >= lasting ? 1000 : Math.min(2 * pause, longestPause)
      yield* Effect.sleep(pause)
    }
  })
}

/**
 * Reads a heartbeat for as long as it beats. To leave one frees the state of its session, and the interval is the server's (15 seconds, or what it was
 * told from Gradio 6.16 on), so that silence counts only beside an interval that was seen.
 */
const untilSilent = (response: HttpClientResponse.HttpClientResponse, silence: Duration.Duration) =>
  Effect.gen(function* () {
    const beat = yield* Stream.toPull(response.stream)
    let patience = Duration.infinity
    let longest = 0
    let last: number | undefined
    while (Option.isSome(yield* Effect.timeoutOption(beat, patience))) {
      const now = yield* Clock.currentTimeMillis
      if (last !== undefined) {
        longest = Math.max(longest, now - last)
        patience = Duration.max(silence, Duration.millis(2 * longest))
      }
      last = now
    }
  }).pipe(Effect.scoped)
