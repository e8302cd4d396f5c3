/**
 * `sse_v3`, Gradio 4.22 to 6: as `sse_v2.1`, but the server says `close_stream` before it ends the stream, cancels calls by a route (4.31), and takes
 * streams of inputs (5.0). What later servers announce, any other `sse_v`, is taken for this one.
 */
import * as Effect from "effect/Effect"

import { atLeast } from "../../AppConfig.ts"
import type { JobError } from "../../GradioError.ts"
import type { Call } from "../../Protocol.ts"
import { askWithJson, refusal } from "../transport/answer.ts"
import type { About, Link } from "../transport/link.ts"
import * as routes from "../wire/routes.ts"
import { cancellingByListener, cancellingByRoute } from "./cancellation.ts"
import { withQuery } from "./query.ts"
import * as sseV1 from "./sseV1.ts"
import * as sseV21 from "./sseV21.ts"

/** False where the server has ended the call: 404 from 6.18 on, 500 before. */
const sendMore = (link: Link, more: Call, eventId: string): Effect.Effect<boolean, JobError> => {
  const about: About = { where: { ...more.where, eventId }, reached: "started" }
  const url = withQuery(routes.moreInput(link.base, link.prefix, eventId), link.query)
  const body = { ...more.body, fn_index: more.fnIndex, session_hash: more.session.hash }
  const limits = { timeout: link.limits.answerTimeout, maxBytes: link.limits.maxAnswerBytes }
  return Effect.flatMap(
    askWithJson(link, url, body, about, limits, more.headers),
    (answer): Effect.Effect<boolean, JobError> => {
      if (answer.status === 404 || (answer.status === 500 && !atLeast(link, "6.18.0"))) return Effect.succeed(false)
      return answer.status >= 200 && answer.status < 300 ? Effect.succeed(true) : Effect.fail(refusal(answer, about))
    }
  )
}

export const version: sseV1.Version = {
  ...sseV21.version,
  name: "sse_v3",
  speaks: (announced) => /^sse_v(?!(?:1|2|2\.1)$)/.test(announced),
  cancellation: (link) => (atLeast(link, "4.31.0") ? cancellingByRoute(link) : cancellingByListener(link)),
  sendMore
}

export const protocol = sseV1.make(version)
