/**
 * Direct calls, for functions whose queue is off: one POST, whose answer is the output. It comes when the function has ended, without queue,
 * progress or logs; of a generator it is the first value. Interrupting it closes the connection.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { atLeast } from "../../AppConfig.ts"
import {
  AppProtocolError,
  circumstances,
  JobDisconnectedError,
  type JobError,
  type Reached
} from "../../GradioError.ts"
import type { Call, Heard, Messages, Protocol } from "../../Protocol.ts"
import { Output } from "../../ServerMessage.ts"
import { type Answer, askWithJson, jsonOf } from "../transport/answer.ts"
import type { About, Link } from "../transport/link.ts"
import { parse } from "../wire/json.ts"
import * as routes from "../wire/routes.ts"
import { withQuery } from "./query.ts"

const decodeOutput = Schema.decodeUnknownResult(Output)

/** A function that raised is answered with 500 and `{"error": …}`; any other 500 is the server's own. */
const raised = (answer: Answer): unknown => {
  if (answer.status !== 500) return undefined
  try {
    const json: unknown = parse(answer.text)
    return Predicate.hasProperty(json, "error") ? json : undefined
  } catch {
    return undefined
  }
}

const completed = (answer: Answer, about: About): Effect.Effect<Heard["message"], JobError> => {
  const failure = raised(answer)
  const json = failure === undefined ? jsonOf(answer, about, "the answer to a direct call") : Effect.succeed(failure)
  return Effect.flatMap(json, (value) => {
    const output = decodeOutput(value)
    return Result.isSuccess(output)
      ? Effect.succeed({ msg: "process_completed", output: output.success, success: failure === undefined } as const)
      : Effect.fail(
          new AppProtocolError({
            ...circumstances({ where: about.where, reached: "started" }),
            part: "the answer to a direct call",
            problem: output.failure.message,
            received: answer.text.slice(0, 1000)
          })
        )
  })
}

const closedUnder = (call: Call, reached: Reached): JobDisconnectedError =>
  new JobDisconnectedError({ ...circumstances({ where: call.where, reached }), reason: "client-closed" })

const run = (link: Link, call: Call, closed: Deferred.Deferred<void>): Messages => {
  const about: About = { where: call.where, reached: "sent" }
  const url = withQuery(routes.run(link.base, link.prefix, call.apiName), link.query)
  const body = { ...call.body, fn_index: call.fnIndex, session_hash: call.session.hash }
  const limits = { timeout: link.limits.directTimeout, maxBytes: link.limits.maxMessageBytes }
  let answered = false
  return Effect.suspend((): Messages =>
    answered
      ? Cause.done()
      : askWithJson(link, url, body, about, limits, call.headers).pipe(
          Effect.flatMap((answer) =>
            Effect.zipWith(completed(answer, about), DateTime.now, (message, at) => {
              answered = true
              return Arr.of<Heard>({ at, message, bytes: answer.text.length })
            })
          ),
          Effect.raceFirst(Effect.andThen(Deferred.await(closed), Effect.fail(closedUnder(call, "sent")))),
          Effect.ensuring(call.released === undefined ? Effect.void : Deferred.succeed(call.released, undefined))
        )
  )
}

/**
 * Gradio 5 answers with the Python text of a JSON output in place of its value (gradio issue 12341, fixed in 6.0). Every function may be queued all
 * the same, and the queue gives the value.
 */
const showsJson = (link: Link): boolean => atLeast(link, "5.0.0") && !atLeast(link, "6.0.0")

export const protocol: Protocol = {
  name: "direct",
  speaks: (announced) => announced === "direct",
  open: Effect.fnUntraced(function* (link) {
    const owners = new Map<object, Deferred.Deferred<void>>()
    let closed = false
    const end = (owner: object): Effect.Effect<void> =>
      Effect.sync(() => {
        const ended = owners.get(owner)
        owners.delete(owner)
        if (ended !== undefined) Deferred.doneUnsafe(ended, Effect.void)
      })
    yield* Effect.addFinalizer(() => {
      closed = true
      return Effect.forEach([...owners.keys()], end, { discard: true })
    })
    return {
      end,
      generates: "values",
      isolates: false,
      hasEventIds: false,
      garbles: (componentType) => componentType === "json" && showsJson(link),
      run: (call) =>
        Effect.suspend(() => {
          if (closed) return Effect.fail(closedUnder(call, "nothing-sent"))
          const ended = owners.get(call.owner) ?? Deferred.makeUnsafe<void>()
          owners.set(call.owner, ended)
          return Effect.succeed(run(link, call, ended))
        })
    }
  })
}
