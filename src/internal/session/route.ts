/**
 * One call on the stream of its session, and the failures that it can end with there.
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

import {
  AppProtocolError,
  AppRateLimitError,
  AppResponseError,
  AppUnreachableError,
  AuthenticationError,
  type Circumstances,
  circumstances,
  JobDisconnectedError,
  type JobError,
  JobOverflowError,
  QueueFullError,
  type Reached
} from "../../GradioError.ts"
import type { Call } from "../../Protocol.ts"
import type { ServerMessage } from "../../ServerMessage.ts"
import type { StreamFault } from "../transport/eventStream.ts"
import { severalServers } from "../transport/problem.ts"
import * as Mailbox from "./mailbox.ts"

/** What the failure of a call depends on. */
export interface Standing {
  readonly call: Call
  readonly eventId: string | undefined
  readonly reached: Reached
  /** Where it is known better than from how far the call had come. */
  readonly mayHaveRun?: boolean | undefined
}

export interface Route extends Standing {
  readonly mailbox: Mailbox.Mailbox
  eventId: string | undefined
  reached: Reached
  mayHaveRun: boolean | undefined
  /** A message came after the join, so the call cannot be picked up by another stream. */
  heard: boolean
  reopened: boolean
  abandoned: boolean
  /** The server was told that it is not wanted. */
  told: boolean
  /** The server is just told, for nobody waits for it any more, or could not stop it. */
  release: "telling" | "refused" | undefined
  /** Messages were dropped that may have been its own. */
  missed: boolean
  /** It has ended for its reader. */
  over: boolean
  /** The fiber that joins the queue for it. */
  joining: Fiber.Fiber<unknown, unknown> | undefined
  /** When its join must be answered; afterwards, when its first message must have come. */
  deadline: number
}

export const make = (call: Call): Route => ({
  call,
  mailbox: Mailbox.make(),
  eventId: undefined,
  reached: "sent",
  mayHaveRun: undefined,
  heard: false,
  reopened: false,
  abandoned: false,
  told: false,
  release: undefined,
  missed: false,
  over: false,
  joining: undefined,
  deadline: Infinity
})

const circumstancesOf = (
  route: Standing,
  more?: Partial<Pick<Circumstances, "isTransient" | "retryAfter" | "cause">>
): Circumstances =>
  circumstances({
    ...more,
    where: { ...route.call.where, eventId: route.eventId },
    reached: route.reached,
    // A call may have been taken from the queue after the last that was heard of it.
    mayHaveRun: route.mayHaveRun ?? route.reached !== "nothing-sent"
  })

export const lost = (
  route: Standing,
  reason: JobDisconnectedError["reason"],
  options?: { readonly problem?: string | undefined; readonly cause?: unknown }
): JobDisconnectedError =>
  new JobDisconnectedError({
    ...circumstancesOf(route, { isTransient: reason !== "client-closed", cause: options?.cause }),
    reason,
    problem: options?.problem
  })

/** Messages that a server sends of calls which have started. */
const ofStarted = new Set<ServerMessage["msg"]>([
  "process_starts",
  "progress",
  "log",
  "process_generating",
  "process_streaming"
])

/** Whether a message means that its call has started. */
export const isOfStarted = ({ msg }: ServerMessage): boolean => ofStarted.has(msg)

/** What the message `queue_full` means for a call; a join that is refused says more. */
export const queueFull = ({ call }: Standing): QueueFullError =>
  new QueueFullError({
    ...circumstances({ where: call.where, reached: "sent", mayHaveRun: false, isTransient: true }),
    size: undefined
  })

export const overflow = (route: Standing, waitingBytes: number): JobOverflowError =>
  new JobOverflowError({ ...circumstancesOf(route), waitingBytes })

export const protocolError = (route: Standing, problem: string, received: string): AppProtocolError =>
  new AppProtocolError({ ...circumstancesOf(route), part: "a message of the event stream", problem, received })

/** What an `unexpected_error` means for a call. */
export const unexpected = (
  route: Route,
  message: Extract<ServerMessage, { readonly msg: "unexpected_error" }>
): JobDisconnectedError => {
  const text = message.message ?? ""
  if (text === "Server stopped unexpectedly.") return lost(route, "server-stopped")
  // Servers before 5.38 say it in the text alone, and 4.16 says nothing.
  const forgotten = message.session_not_found === true || text === "" || text.startsWith("404")
  if (!forgotten) return lost(route, "closed", { problem: text })
  const why = [text, route.heard ? "" : severalServers].filter((part) => part !== "").join("; ")
  return lost(route, "session-lost", { problem: why === "" ? undefined : why })
}

/** The stream of a call lives, and is of a session that the server of the call does not know. */
export const neverHeard = (route: Route): JobDisconnectedError =>
  lost(route, "silent", { problem: `the stream of its session lives, but says nothing of it; ${severalServers}` })

const isFault = (error: JobError | StreamFault): error is StreamFault => "kind" in error

/** What the end of the stream means for each call that is still on it. */
export const endOf = (exit: Exit.Exit<void, JobError | StreamFault>): ((route: Standing) => Cause.Cause<JobError>) => {
  if (exit._tag === "Success")
    return (route) => Cause.fail(lost(route, "session-lost", { problem: "its stream ended" }))
  const { cause } = exit
  if (Cause.hasInterruptsOnly(cause)) return (route) => Cause.fail(lost(route, "client-closed"))
  return (route) => Cause.map(cause, (failure) => failureOf(route, failure))
}

const failureOf = (route: Standing, failure: JobError | StreamFault): JobError => {
  if (!isFault(failure)) return under(failure, circumstancesAfter(route, failure))
  return failure.kind === "too-large"
    ? protocolError(route, "has more bytes than maxMessageBytes allows", "")
    : lost(route, "closed", { cause: failure.cause })
}

/** Of a call that was not heard of, the request that failed knows best how far it came. */
const circumstancesAfter = (route: Standing, failure: JobError): Circumstances => {
  const known = circumstancesOf(route, failure)
  return route.reached === "sent"
    ? { ...known, reached: failure.reached, mayHaveRun: known.mayHaveRun && failure.mayHaveRun }
    : known
}

/** The failure of a request under the circumstances of a call; others say theirs. */
const under = (error: JobError, common: Circumstances): JobError => {
  switch (error._tag) {
    case "AppUnreachableError":
      return new AppUnreachableError({ ...common, tried: error.tried })
    case "AppResponseError":
      return new AppResponseError({ ...common, status: error.status, body: error.body, problem: error.problem })
    case "AppRateLimitError":
      return new AppRateLimitError(common)
    case "AppProtocolError":
      return new AppProtocolError({ ...common, part: error.part, received: error.received, problem: error.problem })
    case "AuthenticationError":
      return new AuthenticationError({ ...common, authMessage: error.authMessage, problem: error.problem })
    default:
      return error
  }
}
