/** How servers are told that a call is not wanted any more: by a route of its own from Gradio 4.31 on, by what there was before. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

import { atLeast } from "../../AppConfig.ts"
import type { Call, Canceller } from "../../Protocol.ts"
import type { Wire } from "../session/sharedSession.ts"
import { askWithJson } from "../transport/answer.ts"
import type { About, Link } from "../transport/link.ts"
import { parse } from "../wire/json.ts"
import * as routes from "../wire/routes.ts"

export type Cancellation = Pick<Wire, "cancel" | "removesWaiting" | "completesCancelled" | "noticesLeaving">

/** A call that nobody wants any more is not worth a longer wait. */
const timeout = Duration.seconds(10)

/** The text of the answer; none where there is no good one. */
const tell = (link: Link, call: Call, url: string, body: unknown): Effect.Effect<string | undefined> => {
  const about: About = { where: call.where, reached: "queued" }
  const limits = { timeout, maxBytes: link.limits.maxAnswerBytes }
  return askWithJson(link, url, body, about, limits, call.headers).pipe(
    Effect.map(({ status, text }) => (status === 200 ? text : undefined)),
    Effect.orElseSucceed(() => undefined)
  )
}

/**
 * `/cancel` stops all that the named function runs in the session, and answers for the named event alone: the others would never be heard of
 * again (`cancel_event` and `cancel_tasks` in gradio/routes.py and utils.py). With another function's number it stops the event's own iterator.
 */
const noFunction = -1

/**
 * Older servers run a function on its last input once more when the stream of its inputs is closed, so it is cancelled there. Not where another call of
 * it runs in the session, which only `/cancel` by the function's number would stop with it.
 */
const closesCleanly = (link: Link): boolean => atLeast(link, "6.31.0")

/** `/cancel`, from 4.31 on: the call then completes without a value. */
export const cancellingByRoute = (link: Link): Cancellation => ({
  cancel: (call, eventId, { alsoRuns, started }) => {
    const others = alsoRuns(call.fnIndex)
    const body = {
      event_id: eventId,
      session_hash: call.session.hash,
      fn_index: others ? noFunction : call.fnIndex
    }
    const [url, what] =
      call.takesStream === true && started && (others || closesCleanly(link))
        ? [routes.endOfInput(link.base, link.prefix, eventId), {}]
        : [routes.cancel(link.base, link.prefix), body]
    return { stops: others ? [] : [call.fnIndex], tell: Effect.as(tell(link, call, url, what), true) }
  },
  // gradio-app/gradio#13333
  removesWaiting: atLeast(link, "6.14.0"),
  completesCancelled: true,
  noticesLeaving: true
})

/** Of the listeners that stop nothing else that runs, the one that stops the fewest functions. */
const leastOf = (call: Call, alsoRuns: (fnIndex: number) => boolean): Canceller | undefined =>
  call.cancellers
    .filter(({ cancels }) => !cancels.some(alsoRuns))
    .toSorted((a, b) => a.cancels.length - b.cancels.length)
    .at(0)

const succeeded = (text: string | undefined): boolean => {
  try {
    const answer: unknown = parse(text ?? "")
    return Predicate.hasProperty(answer, "success") && answer.success === true
  } catch {
    return false
  }
}

/**
 * Before 4.31. `/reset` ends the iterator of a generator that has yielded, after its next step; a listener of the app that cancels the function ends
 * at once what runs of it in the session, but leaves its iterator unclosed. Neither takes a call out of the queue nor stops a plain function, and the
 * server answers for no call that it stopped.
 */
export const cancellingByListener = (link: Link): Cancellation => ({
  cancel: (call, eventId, { alsoRuns }) => {
    const listener = leastOf(call, alsoRuns)
    const reset = Effect.map(tell(link, call, routes.reset(link.base, link.prefix), { event_id: eventId }), succeeded)
    if (listener === undefined) return { stops: [], tell: reset }
    const body = { data: [], fn_index: listener.fnIndex, session_hash: call.session.hash }
    const byListener = Effect.map(
      tell(link, call, routes.run(link.base, link.prefix, undefined), body),
      (text) => text !== undefined
    )
    const orElse = (first: Effect.Effect<boolean>, second: Effect.Effect<boolean>) =>
      Effect.flatMap(first, (isStopped) => (isStopped ? Effect.succeed(true) : second))
    return {
      stops: listener.cancels,
      // In a session of its own a call ends as it would with its stream: closed, after its next step.
      tell: call.session.own ? orElse(reset, byListener) : orElse(byListener, reset)
    }
  },
  removesWaiting: false,
  completesCancelled: false,
  // In between, what checked the origin of requests kept the end of a stream from it (gradio-app/gradio#7503, #7801).
  noticesLeaving: !atLeast(link, "4.19.2") || atLeast(link, "4.24.0")
})
