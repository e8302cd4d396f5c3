/**
 * Keeps a session alive (Gradio 4.25 and later, where the app says `connect_heartbeat`): a stream that the server never ends. When it closes, the
 * server runs the app's `unload` listeners and frees the session's state.
 */
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

import { type Link, send } from "../transport/link.ts"
import * as routes from "../wire/routes.ts"

/** Runs until it is interrupted; a heartbeat that ends is opened again, ever more slowly. Never fails: calls do not depend on it. */
export const keep = (link: Link, sessionHash: string): Effect.Effect<void> => {
  const url = routes.heartbeat(link.base, link.prefix, sessionHash)
  const about = { where: { url: link.base.href, sessionHash }, reached: "nothing-sent" } as const
  return Effect.flatMap(send(link, HttpClientRequest.get(url), about), (response) =>
    Stream.runDrain(response.stream)
  ).pipe(Effect.ignore, Effect.repeat(Schedule.exponential("1 second")), Effect.asVoid)
}
