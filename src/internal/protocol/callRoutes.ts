/**
 * The plain routes of Gradio 4.20 and later, `POST /call/{name}` and a GET for each call, as an option for gateways that let only those through. They
 * belong to no session and tell of values alone: no place in the queue, no progress, no logs, no state from call to call. Closing the GET gives a
 * call up.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

import { AppProtocolError, circumstances, type JobError, type RequestError } from "../../GradioError.ts"
import type { Call, Protocol } from "../../Protocol.ts"
import type { ServerMessage } from "../../ServerMessage.ts"
import { isRecord } from "../record.ts"
import * as CallStream from "../session/callStream.ts"
import type * as Fibers from "../session/fibers.ts"
import { listen, type Pieces } from "../transport/eventStream.ts"
import { type About, type Link, overdue } from "../transport/link.ts"
import { parse } from "../wire/json.ts"
import * as routes from "../wire/routes.ts"
import { withQuery } from "./query.ts"
import { joinAt } from "./sseV1.ts"

/** An event as the message that it was made of. What the app raised is an object, or null up to Gradio 5; what the server itself says is a text. */
export const messageOf = (event: string, text: string): ServerMessage => {
  let data: unknown
  try {
    data = parse(text)
  } catch {
    return { msg: "broken", event_id: null, received: text.slice(0, 1000), problem: "is no JSON" }
  }
  switch (event) {
    case "generating":
      return { msg: "process_generating", event_id: null, output: { data } }
    case "complete":
      return { msg: "process_completed", event_id: null, success: true, output: { data } }
    case "heartbeat":
      return { msg: "heartbeat" }
    case "error":
      return typeof data === "string"
        ? { msg: "unexpected_error", event_id: null, message: data }
        : { msg: "process_completed", event_id: null, success: false, output: failureOf(data) }
    default:
      return { msg: "other", event_id: null, message: { event, data } }
  }
}

const failureOf = (data: unknown) => {
  if (!isRecord(data)) return { error: null }
  const { duration, error, title, visible } = data
  return {
    error: error ?? null,
    ...(typeof duration === "number" || duration === null ? { duration } : {}),
    ...(typeof visible === "boolean" ? { visible } : {}),
    ...(typeof title === "string" ? { title } : {})
  }
}

const nameOf = (call: Call): Effect.Effect<string, AppProtocolError> =>
  call.apiName === undefined
    ? Effect.fail(
        new AppProtocolError({
          ...circumstances({ where: call.where }),
          part: "its protocol",
          problem: 'which knows functions by their names alone where connect was told "call", and this one has none',
          received: ""
        })
      )
    : Effect.succeed(call.apiName)

/** Joins the queue; gives the id of the event. */
const join = (link: Link, call: Call, name: string): Effect.Effect<string, JobError> => {
  const { data, oauth_token: token } = call.body
  // With a session hash of our own Gradio 4 and 5 would not find the event again.
  const body = { data, ...(token === undefined ? {} : { oauth_token: token }) }
  return joinAt(link, call, withQuery(routes.call(link.base, link.prefix, name), link.query), body)
}

const events = (
  link: Link,
  call: Call,
  name: string,
  eventId: string
): Effect.Effect<Pieces, RequestError, Scope.Scope> => {
  const about: About = { where: { ...call.where, eventId }, reached: "queued" }
  const { headers } = call
  return listen(link, routes.callEvents(link.base, link.prefix, name, eventId), about, { messageOf, headers })
}

/** A call that nobody wants any more is not worth a longer wait. */
const giveUpWithin = Duration.seconds(10)

/** Opens a stream and leaves it: only a body that was begun is broken off, which the server notices. */
const visit = (stream: Effect.Effect<Pieces, RequestError, Scope.Scope>): Effect.Effect<void, RequestError> =>
  Effect.flatMap(stream, (pull) => Effect.ignore(Effect.timeoutOption(pull, "100 millis"))).pipe(Effect.scoped)

const open =
  (link: Link, fork: Fibers.Fork): CallStream.Wire["open"] =>
  (call, joined) =>
    Effect.flatMap(nameOf(call), (name) =>
      Effect.suspend(() => {
        // The server takes a call whose sender has gone, so its id is waited for even then.
        const joining = fork(join(link, call, name))
        let isListening = false
        const giveUp = Effect.flatMap(Fiber.join(joining), (eventId) => visit(events(link, call, name, eventId))).pipe(
          Effect.timeoutOption(giveUpWithin),
          Effect.ignore,
          Effect.ensuring(Fiber.interrupt(joining))
        )
        return Effect.flatMap(Fiber.join(joining), (eventId) => {
          joined(eventId)
          return Effect.tap(events(link, call, name, eventId), () =>
            Effect.sync(() => {
              isListening = true
            })
          )
        }).pipe(
          Effect.onExit((exit) =>
            isListening || !Exit.hasInterrupts(exit)
              ? Effect.void
              : // Until then it is a call of its connection.
                Effect.addFinalizer(() => Fiber.await(fork(giveUp)))
          )
        )
      })
    )

/** What an app is asked to be called by, in place of what it announces. */
export const protocol: Protocol = {
  name: "call",
  since: "4.20",
  speaks: (announced) => announced === "call",
  open: (link) =>
    CallStream.connect(
      (fork) => ({
        open: open(link, fork),
        overdue: (call) =>
          overdue(
            { where: call.where, reached: "sent" },
            link.limits.joinTimeout,
            routes.call(link.base, link.prefix, call.apiName ?? "")
          ),
        send: () => Effect.void,
        isQuiet: true,
        limits: link.limits
      }),
      false
    )
}
