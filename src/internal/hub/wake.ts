/** Waking up Spaces: any request to the host of a sleeping one does, and it needs no answer. */
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

import { discard, type Link, send } from "../transport/link.ts"

/** A sleeping Space may answer at once, or not before it runs. */
const enough = "10 seconds"

/** Sends a request to the host of a Space, with what this connection is known by there. */
export const wake = (link: Link): Effect.Effect<void> =>
  send(link, HttpClientRequest.get(link.base.href), { where: { url: link.base.href }, reached: "nothing-sent" }).pipe(
    Effect.flatMap(discard),
    Effect.timeoutOption(enough),
    Effect.ignore
  )
