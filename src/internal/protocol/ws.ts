/**
 * `ws`, Gradio 3: every call has a WebSocket of its own. The server asks for the session (`send_hash`), tells the place in the queue, asks for the data
 * when it is the call's turn (`send_data`), and closes after the completion; closing it before gives the call up. A server that cannot send a message
 * within a second takes its client for gone, so that a socket is always read at once, however slow the reader of its call.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

import {
  AppUnreachableError,
  AuthenticationError,
  circumstances,
  JobCancelledError,
  type JobError,
  type Reached
} from "../../GradioError.ts"
import type { Call, Heard, Protocol } from "../../Protocol.ts"
import { fromText, type ServerMessage } from "../../ServerMessage.ts"
import * as Channel from "../session/channel.ts"
import * as Mailbox from "../session/mailbox.ts"
import * as Routes from "../session/route.ts"
import { ask, refusal } from "../transport/answer.ts"
import { type Link, shown } from "../transport/link.ts"
import * as WebSocket from "../transport/webSocket.ts"
import * as routes from "../wire/routes.ts"
import { withQuery } from "./query.ts"

/** A call and its socket. */
interface Talk extends Channel.Talk {
  reached: Reached
  /** The server has its data. */
  mayHaveRun: boolean
  /** The server has said something about it. */
  heard: boolean
}

const talkOf = (call: Call): Talk => ({
  call,
  eventId: undefined,
  mailbox: Mailbox.make(),
  reached: "nothing-sent",
  mayHaveRun: false,
  heard: false,
  over: false
})

/** Takes a message of a call in; gives the answer to it, if it wants one. */
const hear = (
  talk: Talk,
  message: ServerMessage,
  bytes: number,
  at: DateTime.Utc
): Effect.Effect<unknown, JobError> => {
  const { call, mailbox } = talk
  const { hash } = call.session
  switch (message.msg) {
    case "send_hash":
      return Effect.succeed({ fn_index: call.fnIndex, session_hash: hash })
    case "queue_full":
      return Effect.fail(Routes.queueFull(talk))
    case "broken":
      return Effect.fail(Routes.protocolError(talk, message.problem, message.received))
  }
  const tell = (told: Heard["message"]) => mailbox.offer({ at, message: told, bytes })
  if (!talk.heard) {
    talk.heard = true
    talk.reached = "queued"
    tell({ msg: "joined", event_id: undefined })
  }
  if (message.msg === "send_data") {
    talk.mayHaveRun = true
    return Effect.succeed({ ...call.body, fn_index: call.fnIndex, session_hash: hash })
  }
  if (Routes.isOfStarted(message)) talk.reached = "started"
  tell(message)
  if (message.msg === "process_completed") {
    talk.over = true
    mailbox.end()
  }
  return Effect.void
}

/** What the end of a socket means for a call that has not completed. */
const failureOf = (talk: Talk, fault: WebSocket.SocketFault): JobError => {
  const { call, mayHaveRun, reached } = talk
  const problem = fault.problem === "" ? undefined : fault.problem
  switch (fault.code) {
    case 1000:
      // The end of a call that a listener of the app cancelled.
      return new JobCancelledError({ ...circumstances({ where: call.where, reached, mayHaveRun }), by: "server" })
    case 1001:
    case 1012:
      return Routes.lost(talk, "server-stopped", { problem })
    case 1008:
      return new AuthenticationError({
        ...circumstances({ where: call.where, reached, mayHaveRun }),
        authMessage: undefined
      })
    case 1009:
      return Routes.lost(talk, "closed", { problem: "a message was larger than the server takes" })
    default:
      return Routes.lost(talk, "closed", { problem, cause: fault.cause })
  }
}

/** Why a handshake was refused no platform says, but a plain request does: for want of a login, or because nobody is there. */
const ifAllowed = (link: Link, talk: Talk): Effect.Effect<void, JobError> => {
  const { headers, where } = talk.call
  const about = { where, reached: "nothing-sent" } as const
  const limits = { timeout: link.limits.answerTimeout, maxBytes: link.limits.maxAnswerBytes }
  const request = HttpClientRequest.get(routes.loginCheck(link.base, link.prefix), { headers })
  return Effect.flatMap(ask(link, request, about, limits), (answer) =>
    answer.status === 401 || answer.status === 429 || answer.status >= 500
      ? Effect.fail(refusal(answer, about))
      : Effect.void
  )
}

const unopened = (talk: Talk, url: string, fault: WebSocket.SocketFault): JobError =>
  new AppUnreachableError({
    ...circumstances({ where: talk.call.where, isTransient: true, cause: fault.cause }),
    tried: [{ url: shown(url), answer: fault.problem }]
  })

const converse = (
  link: Link,
  make: WebSocket.Constructor,
  talk: Talk,
  clock: Clock.Clock
): Effect.Effect<void, JobError, Scope.Scope> => {
  const { call, mailbox } = talk
  const { firstMessage, maxMessageBytes } = link.limits
  const url = withQuery(routes.join(link.base, link.prefix), link.query)
  const failed = (fault: WebSocket.SocketFault) => failureOf(talk, fault)
  return Effect.gen(function* () {
    const open = WebSocket.open(make, link, url, call.headers)
    const socket = yield* Effect.catch(open, () =>
      // Nothing was sent yet, so that it may be tried once more.
      Effect.andThen(
        ifAllowed(link, talk),
        Effect.mapError(open, (fault) => unopened(talk, url, fault))
      )
    )
    talk.reached = "sent"
    const next = Effect.mapError(socket.pull, failed)
    const first = Effect.timeoutOrElse(next, {
      duration: firstMessage,
      orElse: () => Effect.fail(Routes.lost(talk, "silent"))
    })
    while (!talk.over) {
      const texts = yield* talk.heard ? next : first
      const at = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
      for (const text of texts) {
        if (talk.over) break
        if (text.length > maxMessageBytes) {
          return yield* Routes.protocolError(talk, "has more bytes than maxMessageBytes allows", "")
        }
        const answer = yield* hear(talk, fromText(text), text.length, at)
        if (answer !== undefined) yield* Effect.mapError(socket.send(answer), failed)
      }
      mailbox.flush()
      const waiting = mailbox.waitingBytes()
      if (!talk.over && mailbox.waiting() >= 2 && waiting > call.buffer) {
        mailbox.fail(Cause.fail(Routes.overflow(talk, waiting)), { dropWaiting: true })
        talk.over = true
      }
    }
  })
}

/** The calls of one function in one session, which a server would mix up: they share their progress, their logs, and the values of a generator. */
interface Turn {
  readonly semaphore: Semaphore.Semaphore
  calls: number
}

/** Calls of one function in one session wait for each other. */
const makeInTurn = () => {
  const turns = new Map<string, Turn>()
  return (call: Call, effect: Effect.Effect<void, JobError>): Effect.Effect<void, JobError> =>
    Effect.suspend(() => {
      if (call.session.own) return effect
      const key = `${call.fnIndex} ${call.session.hash}`
      const turn = turns.get(key) ?? { semaphore: Semaphore.makeUnsafe(1), calls: 0 }
      turns.set(key, turn)
      turn.calls++
      return Effect.ensuring(
        turn.semaphore.withPermits(1)(effect),
        Effect.sync(() => {
          if (--turn.calls === 0) turns.delete(key)
        })
      )
    })
}

/** The protocol over the sockets of a platform. */
export const make = (constructor: WebSocket.Constructor): Protocol => ({
  name: "ws",
  speaks: (announced) => announced === "ws",
  open: (link) =>
    Channel.connect<Talk>(
      (_, clock) => {
        const inTurn = makeInTurn()
        return {
          talkOf,
          converse: (talk) => inTurn(talk.call, Effect.scoped(converse(link, constructor, talk, clock)))
        }
      },
      // One function's calls in one session get each other's values.
      { generates: "values", isolates: true, hasEventIds: false }
    )
})
