/**
 * `sse_v1`, Gradio 4.9 to 4.16: calls join a queue by POST and one event stream for each session brings the messages of all of them; the server
 * ends it when none is left. Every value of a generator comes whole. The later versions are this one with few differences.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

import {
  AppProtocolError,
  AppValidationError,
  circumstances,
  JobDisconnectedError,
  type JobError,
  QueueFullError
} from "../../GradioError.ts"
import type { Call, Connection, Protocol } from "../../Protocol.ts"
import { unmarkedFiles } from "../files/unmarked.ts"
import * as Fibers from "../session/fibers.ts"
import * as SharedSession from "../session/sharedSession.ts"
import { type Answer, askWithJson, jsonOf, refusal } from "../transport/answer.ts"
import { listen } from "../transport/eventStream.ts"
import { type About, type Link, overdue } from "../transport/link.ts"
import { parse } from "../wire/json.ts"
import * as routes from "../wire/routes.ts"
import { type Cancellation, cancellingByListener } from "./cancellation.ts"
import { withQuery } from "./query.ts"

const detailOf = (text: string): unknown => {
  try {
    const parsed: unknown = parse(text)
    return Predicate.hasProperty(parsed, "detail") ? parsed.detail : undefined
  } catch {
    return undefined
  }
}

/** Only a full queue is a `QueueFullError`, only a validator's answer an `AppValidationError`; other 503 and 422 are what they are. */
const joinRefusal = (answer: Answer, about: About): JobError => {
  const detail = detailOf(answer.text)
  if (answer.status === 503 && typeof detail === "string" && detail.startsWith("Queue is full")) {
    const size = /size is (\d+)\.?$/.exec(detail)?.[1]
    const general = refusal(answer, about)
    return new QueueFullError({
      ...circumstances({
        where: about.where,
        reached: "sent",
        mayHaveRun: false,
        isTransient: true,
        retryAfter: general.retryAfter
      }),
      size: size === undefined ? undefined : Number(size)
    })
  }
  if (answer.status === 422 && Array.isArray(detail) && detail.length > 0 && detail.every(isValidation)) {
    return new AppValidationError({
      ...circumstances({ where: about.where, reached: "sent", mayHaveRun: false }),
      problems: detail.filter((one) => one.is_valid === false).map(validationProblem)
    })
  }
  return refusal(answer, about)
}

const isValidation = (u: unknown): u is { readonly is_valid: boolean } =>
  Predicate.hasProperty(u, "is_valid") && typeof u.is_valid === "boolean"

const validationProblem = (one: object): { readonly parameter: string; readonly message: string } => ({
  parameter: Predicate.hasProperty(one, "parameter_name") ? String(one.parameter_name) : "",
  message: Predicate.hasProperty(one, "message") ? String(one.message) : ""
})

const join = (link: Link, call: Call): Effect.Effect<string, JobError> =>
  joinAt(link, call, withQuery(routes.join(link.base, link.prefix), link.query), {
    ...call.body,
    fn_index: call.fnIndex,
    session_hash: call.session.hash
  })

/** Joins the queue by one of its routes. */
export const joinAt = (link: Link, call: Call, url: string, body: unknown): Effect.Effect<string, JobError> => {
  const about: About = { where: call.where, reached: "sent" }
  const limits = { timeout: Duration.infinity, maxBytes: link.limits.maxAnswerBytes }
  return Effect.flatMap(
    askWithJson(link, url, body, about, limits, call.headers),
    (answer): Effect.Effect<string, JobError> =>
      answer.status < 200 || answer.status > 299
        ? Effect.fail(joinRefusal(answer, about))
        : Effect.flatMap(jsonOf(answer, about, "the answer to joining the queue"), (json) =>
            Predicate.hasProperty(json, "event_id") && typeof json.event_id === "string"
              ? Effect.succeed(json.event_id)
              : Effect.fail(
                  new AppProtocolError({
                    ...circumstances({ where: about.where, reached: "sent" }),
                    part: "the answer to joining the queue",
                    problem: "which has no event_id",
                    received: answer.text.slice(0, 1000)
                  })
                )
          )
  )
}

/** What a version of `sse_v1` and later does in its own way. */
export interface Version {
  readonly name: string
  readonly speaks: Protocol["speaks"]
  readonly generates: Connection["generates"]
  readonly values?: Protocol["values"]
  readonly cancellation: (link: Link) => Cancellation
  /** Sends more input to a running call; false where the server has ended it. None where no calls take more. */
  readonly sendMore?: ((link: Link, more: Call, eventId: string) => Effect.Effect<boolean, JobError>) | undefined
}

export const make = (version: Version): Protocol => ({
  name: version.name,
  speaks: version.speaks,
  values: version.values,
  open: Effect.fnUntraced(function* (link) {
    const fork = yield* Fibers.make
    const clock = yield* Clock.Clock
    const cancellation = version.cancellation(link)
    const sessions = new Map<string, SharedSession.SharedSession>()
    let closed = false
    const end = (owner?: object): Effect.Effect<void> =>
      Effect.suspend(() => {
        const ending = [...sessions.values()].filter((session) => owner === undefined || session.isOf(owner))
        return Effect.forEach(ending, (session) => session.close(owner), { concurrency: "unbounded", discard: true })
      })
    yield* Effect.addFinalizer(() => {
      closed = true
      return end()
    })

    const open = (call: Call): SharedSession.SharedSession => {
      const { hash, own } = call.session
      const where = { url: call.where.url, sessionHash: hash }
      const wire: SharedSession.Wire = {
        join: (one) => join(link, one),
        overdue: (one) =>
          overdue({ where: one.where, reached: "sent" }, link.limits.joinTimeout, routes.join(link.base, link.prefix)),
        events: listen(
          link,
          routes.events(link.base, link.prefix, hash),
          { where, reached: "queued" },
          own ? { headers: call.headers } : undefined
        ),
        ...cancellation,
        limits: link.limits
      }
      const session = SharedSession.make({ own, wire, fork, clock, onIdle: () => sessions.delete(hash) })
      sessions.set(hash, session)
      return session
    }

    const { sendMore } = version
    const connection: Connection = {
      end,
      input:
        sendMore === undefined
          ? undefined
          : {
              send: (more, eventId) => sendMore(link, more, eventId),
              close: (call) => sessions.get(call.session.hash)?.finish(call) ?? Effect.void
            },
      generates: version.generates,
      isolates: !cancellation.completesCancelled,
      run: (call) =>
        Effect.suspend((): ReturnType<Connection["run"]> => {
          if (closed) {
            return Effect.fail(
              new JobDisconnectedError({ ...circumstances({ where: call.where }), reason: "client-closed" })
            )
          }
          return (sessions.get(call.session.hash) ?? open(call)).run(call)
        })
    }
    return connection
  })
})

export const version: Version = {
  name: "sse_v1",
  speaks: (announced) => announced === "sse_v1",
  generates: "values",
  values: unmarkedFiles,
  cancellation: cancellingByListener
}

export const protocol = make(version)
