/**
 * Keeps a session alive (Gradio 4.25 and later, where the app says `connect_heartbeat`): a stream that the server never ends. When it closes, the
 * server runs the app's `unload` listeners and frees the session's state.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"

import { type Link, send } from "../transport/link.ts"
import * as routes from "../wire/routes.ts"

/** A heartbeat that lasted this long was a good one. */
const lasting = Duration.toMillis("30 seconds")
const longestPause = Duration.toMillis("1 minute")

/**
 * Runs until it is interrupted. A heartbeat that ends is opened again, after pauses that double up to a minute while it does not last. Never fails:
 * calls do not depend on it.
 */
export const keep = (link: Link, sessionHash: string): Effect.Effect<void> => {
  const url = routes.heartbeat(link.base, link.prefix, sessionHash)
  const about = { where: { url: link.base.href, sessionHash }, reached: "nothing-sent" } as const
  const once = Effect.flatMap(send(link, HttpClientRequest.get(url), about), (response) =>
    Stream.runDrain(response.stream)
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
