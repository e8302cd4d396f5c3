/**
 * `sse`, Gradio 4.0 to 4.8: a GET for each call, whose answer is the call's event stream. The server asks for the data by `send_data` when the turn
 * of the call has come, and gets it by a POST; nobody but the owner of the stream can end the call.
 */
import * as Effect from "effect/Effect"

import type { Call, Protocol } from "../../Protocol.ts"
import { unmarkedFiles } from "../files/unmarked.ts"
import * as CallStream from "../session/callStream.ts"
import { askWithJson, refusal } from "../transport/answer.ts"
import { listen } from "../transport/eventStream.ts"
import { type About, type Link, overdue } from "../transport/link.ts"
import * as routes from "../wire/routes.ts"
import { withQuery } from "./query.ts"

const aboutOf = (call: Call): About => ({ where: call.where, reached: "sent" })

const open: (link: Link) => CallStream.Wire["open"] = (link) => (call) => {
  const query = { ...link.query, fn_index: String(call.fnIndex), session_hash: call.session.hash }
  // The function sees the headers of this request.
  const { headers } = call
  return listen(link, withQuery(routes.join(link.base, link.prefix), query), aboutOf(call), { headers })
}

const sendData: (link: Link) => CallStream.Wire["send"] = (link) => (call, eventId) => {
  const about: About = { where: { ...call.where, eventId: eventId ?? undefined }, reached: "queued" }
  const body = { ...call.body, fn_index: call.fnIndex, session_hash: call.session.hash, event_id: eventId }
  const limits = { timeout: link.limits.joinTimeout, maxBytes: link.limits.maxAnswerBytes }
  return Effect.flatMap(
    askWithJson(link, routes.data(link.base, link.prefix), body, about, limits, call.headers),
    (answer) => (answer.status < 200 || answer.status > 299 ? Effect.fail(refusal(answer, about)) : Effect.void)
  )
}

export const protocol: Protocol = {
  name: "sse",
  speaks: (announced) => announced === "sse",
  values: unmarkedFiles,
  open: (link) =>
    CallStream.connect(
      () => ({
        open: open(link),
        overdue: (call) => overdue(aboutOf(call), link.limits.joinTimeout, routes.join(link.base, link.prefix)),
        send: sendData(link),
        asksForData: true,
        limits: link.limits
      }),
      true
    )
}
