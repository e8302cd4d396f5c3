/**
 * One session hash and its event stream, shared by the calls made under it (Gradio 4.9 and later). A server allows one stream for each hash: two
 * would split its messages, and dropping one kills every call of the hash. So a call counts itself in before it joins, the stream opens after
 * the first join is answered, and it is left to the server to close it once no call is left.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"

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
  type Reached,
  type RequestError
} from "../../GradioError.ts"
import type { Limits } from "../../Limits.ts"
import type { Call, Messages } from "../../Protocol.ts"
import { eventIdOf, type ServerMessage } from "../../ServerMessage.ts"
import type { Pieces, Received, StreamFault } from "../transport/eventStream.ts"
import type { Fork } from "./fibers.ts"
import * as Mailbox from "./mailbox.ts"

/** What the versions of the protocol do each in their own way. */
export interface Wire {
  /** Joins the queue; gives the event id. */
  readonly join: (call: Call) => Effect.Effect<string, JobError>
  /** Opens the stream of the session. */
  readonly events: Effect.Effect<Pieces, RequestError, Scope.Scope>
  /**
   * Tells the server that a call is not wanted any more. With `others` of the same function in the session, it must be told in the way that leaves
   * them alone, which stops a function only where it yields.
   */
  readonly cancel: (call: Call, eventId: string, others: boolean) => Effect.Effect<void>
  /** Whether cancelling takes a call that waits out of the queue. Elsewhere it would run unheard, so it is cancelled when its turn comes. */
  readonly removesWaiting: boolean
  readonly limits: Limits
}

export interface SharedSession {
  readonly run: (call: Call) => Effect.Effect<Messages, never, Scope.Scope>
  /** Ends every call as `client-closed` and tells the server, for at most two seconds. */
  readonly close: Effect.Effect<void>
}

/** A server that keeps the stream open when nothing is pending is left after this time. */
const linger = Duration.toMillis("5 seconds")
/** Bytes that may be held for joins whose answers are still on their way. */
const maxEarlyBytes = 16 * 1024 * 1024
const earlyOverhead = 256
/** So many calls that have ended are remembered: what a server still sends of them is of no use to any other. */
const maxEnded = 1000
/** An own session lets this much wait before the socket does. */
const ownHighWater = 1024 * 1024

interface Route {
  readonly call: Call
  readonly mailbox: Mailbox.Mailbox
  eventId: string | undefined
  reached: Reached
  /** A message came after the join, so the call cannot be picked up by another stream. */
  heard: boolean
  reopened: boolean
  abandoned: boolean
  /** Messages were dropped that may have been its own. */
  missed: boolean
  /** It has ended for its reader. */
  over: boolean
  /** When its first message must have come. */
  deadline: number
}

interface Early {
  readonly messages: Array<Received>
  bytes: number
  /** How the stream ended that they came by. */
  ended: ((route: Route) => JobError) | undefined
}

const isFault = (error: RequestError | StreamFault): error is StreamFault => "kind" in error

const isCompletion = ({ message }: Received): boolean => message.msg === "process_completed"

/** The same failure under other circumstances. */
const under = (error: RequestError, common: Circumstances): RequestError => {
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
  }
}

export const make = (options: {
  readonly own: boolean
  readonly wire: Wire
  readonly fork: Fork
  readonly clock: Clock.Clock
  /** No call and no stream is left. */
  readonly onIdle: () => void
}): SharedSession => {
  const { clock, fork, own, wire } = options
  const now = (): number => clock.currentTimeMillisUnsafe()
  const firstMessage = Duration.toMillis(wire.limits.firstMessage)

  const routes = new Set<Route>()
  const byEvent = new Map<string, Route>()
  // Messages may overtake the answer to the join that names their event.
  const early = new Map<string, Early>()
  let earlyBytes = 0
  let joinsUnderWay = 0
  const ended = new Set<string>()
  // Functions that are just being stopped: a call that begins before the server has done so would be stopped with them.
  const stopping = new Map<number, Deferred.Deferred<void>>()
  // Those whose readers are to be woken when a piece of the stream is dealt out.
  const touched = new Set<Route>()
  let silence = Duration.toMillis(wire.limits.silence)

  // Which stream is the one of now; an older one may still be read to its end.
  let reader: object | undefined
  let whenEmpty: (() => void) | undefined
  let lastHeard = 0
  let lastHeartbeat: number | undefined
  let idleSince = 0
  let waitingForOwner = false
  let closed = false

  const circumstancesOf = (
    route: Route,
    more?: Partial<Pick<Circumstances, "isTransient" | "retryAfter" | "cause">>
  ): Circumstances =>
    circumstances({
      ...more,
      where: { ...route.call.where, eventId: route.eventId },
      reached: route.reached,
      // A call may have been taken from the queue after the last that was heard of it.
      mayHaveRun: route.reached !== "nothing-sent"
    })

  const lost = (
    route: Route,
    reason: JobDisconnectedError["reason"],
    options?: { readonly problem?: string | undefined; readonly cause?: unknown }
  ): JobDisconnectedError =>
    new JobDisconnectedError({
      ...circumstancesOf(route, { isTransient: reason !== "client-closed", cause: options?.cause }),
      reason,
      problem: options?.problem
    })

  const left = (eventId: string): void => {
    byEvent.delete(eventId)
    ended.add(eventId)
    for (const oldest of ended) {
      if (ended.size <= maxEnded) break
      ended.delete(oldest)
    }
  }

  const forget = (route: Route): void => {
    if (!routes.delete(route)) return
    if (route.eventId !== undefined) left(route.eventId)
    if (route.call.released !== undefined) Deferred.doneUnsafe(route.call.released, Effect.void)
    if (joinsUnderWay === 0) {
      early.clear()
      earlyBytes = 0
    }
    if (routes.size > 0) return
    idleSince = now()
    whenEmpty?.()
    if (reader === undefined) options.onIdle()
  }

  const release = (route: Route, eventId: string): void => {
    left(eventId)
    const { fnIndex } = route.call
    const others = hasOthers(route)
    const stopped = Deferred.makeUnsafe<void>()
    if (!others) stopping.set(fnIndex, stopped)
    const done = Effect.sync(() => {
      if (stopping.get(fnIndex) === stopped) stopping.delete(fnIndex)
      Deferred.doneUnsafe(stopped, Effect.void)
      forget(route)
    })
    fork(Effect.ensuring(wire.cancel(route.call, eventId, others), done))
  }

  const hasOthers = (route: Route): boolean => {
    for (const other of routes) {
      if (other !== route && !other.over && other.call.fnIndex === route.call.fnIndex) return true
    }
    return false
  }

  /** A call that nobody waits for any more, and that the server keeps until its turn. */
  const isKept = (route: Route): boolean => route.abandoned && !wire.removesWaiting && route.reached !== "started"

  /** Fails one call; the server is told where it does not know by itself. */
  const fail = (
    route: Route,
    error: JobError,
    options: { readonly tell: boolean; readonly dropWaiting?: boolean }
  ): void => {
    // Its reader may run, and leave, as soon as the mailbox ends.
    route.over = true
    if (options.tell && route.eventId !== undefined) release(route, route.eventId)
    else forget(route)
    route.mailbox.fail(error, { dropWaiting: options.dropWaiting === true })
  }

  const deliver = (route: Route, received: Received, at: DateTime.Utc): void => {
    const { message } = received
    route.heard = true
    if (route.abandoned) return deliverToNobody(route, message)
    switch (message.msg) {
      case "process_starts":
      case "progress":
      case "log":
      case "process_generating":
      case "process_streaming":
        route.reached = "started"
        break
      case "broken":
        return fail(route, protocolError(route, message.problem, message.received), { tell: true })
      case "unexpected_error":
        return fail(route, unexpected(route, message), { tell: false })
    }
    route.mailbox.offer({ at, message, bytes: received.bytes })
    touched.add(route)
    if (message.msg === "process_completed") {
      route.over = true
      forget(route)
      return route.mailbox.end()
    }
    const waitingBytes = route.mailbox.waitingBytes()
    if (!own && waitingBytes > route.call.buffer) {
      fail(route, overflow(route, waitingBytes), { tell: true, dropWaiting: true })
    }
  }

  const deliverToNobody = (route: Route, message: ServerMessage): void => {
    if (message.msg === "estimation" || message.msg === "other") return
    if (message.msg === "process_completed" || message.msg === "unexpected_error") return forget(route)
    route.reached = "started"
    if (route.eventId !== undefined) release(route, route.eventId)
  }

  const overflow = (route: Route, waitingBytes: number): JobOverflowError =>
    new JobOverflowError({ ...circumstancesOf(route), waitingBytes })

  const protocolError = (route: Route, problem: string, received: string): AppProtocolError =>
    new AppProtocolError({
      ...circumstancesOf(route),
      part: "a message of the event stream",
      problem,
      received
    })

  const unexpected = (
    route: Route,
    message: Extract<ServerMessage, { readonly msg: "unexpected_error" }>
  ): JobError => {
    const text = message.message ?? ""
    if (text === "Server stopped unexpectedly.") return lost(route, "server-stopped")
    // Servers before 5.38 say it in the text alone, and 4.16 says nothing.
    const forgotten = message.session_not_found === true || text === "" || text.startsWith("404")
    return lost(route, forgotten ? "session-lost" : "closed", { problem: text === "" ? undefined : text })
  }

  const hold = (eventId: string, received: Received): void => {
    if (ended.has(eventId) || joinsUnderWay === 0) return
    const held = early.get(eventId) ?? { messages: [], bytes: 0, ended: undefined }
    early.set(eventId, held)
    held.messages.push(received)
    held.bytes += received.bytes + earlyOverhead
    earlyBytes += received.bytes + earlyOverhead
    if (earlyBytes <= maxEarlyBytes) return
    // Which of them are those of a join under way is not known yet, and a call that misses one would read the next one wrongly.
    early.clear()
    earlyBytes = 0
    for (const route of routes) if (route.eventId === undefined) route.missed = true
  }

  const accept = (received: Received, at: DateTime.Utc): void => {
    const { message } = received
    if (message.msg === "heartbeat") {
      // A server with a longer interval than ours allows for is not silent.
      if (lastHeartbeat !== undefined) silence = Math.max(silence, 2 * (lastHeard - lastHeartbeat))
      lastHeartbeat = lastHeard
      return
    }
    const eventId = eventIdOf(message)
    if (eventId !== null) {
      const route = byEvent.get(eventId)
      return route === undefined ? hold(eventId, received) : deliver(route, received, at)
    }
    if (message.msg === "unexpected_error" || message.msg === "broken") {
      for (const route of byEvent.values()) deliver(route, received, at)
    }
  }

  /** The stream has ended: what was heard of is lost with it, what was not may still come on another one. */
  const streamEnded = (errorOf: (route: Route) => JobError, wasOpen = true): void => {
    reader = undefined
    lastHeartbeat = undefined
    for (const held of early.values()) held.ended ??= errorOf
    for (const route of byEvent.values()) {
      // The server drops what waits when its stream ends.
      if (route.abandoned) {
        if (wasOpen || route.eventId === undefined) forget(route)
        else release(route, route.eventId)
      } else if (route.heard || route.reopened) {
        // A server that did not open a stream keeps the call; one whose stream ended does not.
        fail(route, errorOf(route), { tell: !wasOpen })
      } else {
        route.reopened = true
        route.deadline = now() + silence
      }
    }
    if (byEvent.size > 0) openReader()
    else if (routes.size === 0) options.onIdle()
  }

  const endOf = (exit: Exit.Exit<void, RequestError | StreamFault>): ((route: Route) => JobError) => {
    if (Exit.isSuccess(exit)) return (route) => lost(route, "session-lost", { problem: "its stream ended" })
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "None") return (route) => lost(route, "client-closed")
    const failure = error.value
    if (!isFault(failure)) return (route) => under(failure, circumstancesOf(route, failure))
    return failure.kind === "too-large"
      ? (route) => protocolError(route, "has more bytes than maxMessageBytes allows", "")
      : (route) => lost(route, "closed", { cause: failure.cause })
  }

  const openReader = (): void => {
    lastHeard = now()
    idleSince = lastHeard
    const self = {}
    reader = self
    let detachedAt: number | undefined
    let wasOpen = false
    const read = Effect.scoped(
      Effect.gen(function* () {
        const pull = yield* wire.events
        wasOpen = true
        while (true) {
          const batch = yield* pull
          lastHeard = now()
          const at = DateTime.makeUnsafe(lastHeard)
          for (const received of batch) {
            if (received.message.msg !== "close_stream") accept(received, at)
            else if (detachedAt === undefined) {
              // The rest of the body is read, so that the connection can be used again, but calls from now on need a stream of their own.
              detachedAt = lastHeard
              streamEnded(endOf(Exit.void))
            }
          }
          for (const route of touched) route.mailbox.flush()
          touched.clear()
          if (own) yield* ownerReads
        }
      })
    ).pipe(Pull.catchDone(() => Effect.void))
    fork(
      Effect.raceFirst(
        read,
        Effect.suspend(() => watch(() => detachedAt))
      ).pipe(
        Effect.exit,
        Effect.map((exit) => {
          if (reader === self) streamEnded(endOf(exit), wasOpen)
        })
      )
    )
  }

  const ownerReads = Effect.suspend(() => {
    for (const route of routes) {
      if (route.mailbox.waitingBytes() <= Math.min(ownHighWater, route.call.buffer)) continue
      waitingForOwner = true
      return Effect.map(route.mailbox.drained, () => {
        waitingForOwner = false
        lastHeard = now()
        // The pause was its reader's, not the server's.
        lastHeartbeat = undefined
      })
    }
    return Effect.void
  })

  /** Ends the stream when it has been silent or idle for too long, and the calls that were not heard of in time. */
  const watch = (detachedAt: () => number | undefined): Effect.Effect<void, StreamFault> =>
    Effect.gen(function* () {
      while (true) {
        const at = now()
        // Anything that begins later has its own deadline no sooner than this.
        let wake = at + Math.min(linger, firstMessage)
        const unused = detachedAt() ?? (routes.size === 0 ? idleSince : undefined)
        if (unused !== undefined) {
          if (at >= unused + linger) return
          wake = Math.min(wake, unused + linger)
        } else if (!waitingForOwner) {
          if (at >= lastHeard + silence) {
            for (const route of byEvent.values()) fail(route, lost(route, "silent"), { tell: true })
            return
          }
          wake = Math.min(wake, lastHeard + silence)
        }
        for (const route of byEvent.values()) {
          if (route.heard || detachedAt() !== undefined) continue
          if (at >= route.deadline) fail(route, lost(route, "silent"), { tell: true })
          else wake = Math.min(wake, route.deadline)
        }
        yield* Effect.sleep(wake - at)
      }
    })

  const joined = (route: Route, eventId: string): void => {
    if (byEvent.has(eventId)) {
      return fail(route, protocolError(route, "gives the id of another call", eventId), { tell: false })
    }
    route.eventId = eventId
    const held = early.get(eventId)
    if (route.abandoned) {
      if (held?.messages.some(isCompletion) === true) return forget(route)
      if (!isKept(route) || held !== undefined || closed) return release(route, eventId)
    }
    route.reached = "queued"
    if (route.missed) return fail(route, overflow(route, maxEarlyBytes), { tell: true })
    route.deadline = now() + firstMessage
    byEvent.set(eventId, route)
    const at = DateTime.makeUnsafe(now())
    route.mailbox.offer({ at, message: { msg: "joined", event_id: eventId }, bytes: 0 })
    if (held !== undefined) {
      early.delete(eventId)
      earlyBytes -= held.bytes
      for (const received of held.messages) if (!route.over) deliver(route, received, at)
      if (held.ended !== undefined && !route.over) fail(route, held.ended(route), { tell: false })
    }
    route.mailbox.flush()
    if (reader === undefined && routes.has(route)) openReader()
  }

  const enter = (call: Call): Route => {
    const route: Route = {
      call,
      mailbox: Mailbox.make(),
      eventId: undefined,
      reached: "sent",
      heard: false,
      reopened: false,
      abandoned: false,
      missed: false,
      over: false,
      deadline: Infinity
    }
    if (closed) {
      route.over = true
      route.reached = "nothing-sent"
      route.mailbox.fail(lost(route, "client-closed"))
      return route
    }
    routes.add(route)
    joinsUnderWay++
    fork(
      Effect.matchCause(
        Effect.suspend(() => {
          const before = stopping.get(call.fnIndex)
          return before === undefined ? wire.join(call) : Effect.andThen(Deferred.await(before), wire.join(call))
        }),
        {
          onSuccess: (eventId) => {
            joinsUnderWay--
            joined(route, eventId)
          },
          onFailure: (cause) => {
            joinsUnderWay--
            const error = Cause.findErrorOption(cause)
            fail(route, error._tag === "Some" ? error.value : lost(route, "client-closed"), { tell: false })
          }
        }
      )
    )
    return route
  }

  const leave = (route: Route): void => {
    if (route.over) return
    route.over = true
    route.abandoned = true
    route.mailbox.fail(lost(route, "client-closed"), { dropWaiting: true })
    if (route.eventId !== undefined && byEvent.has(route.eventId) && !isKept(route)) release(route, route.eventId)
  }

  return {
    run: (call) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => enter(call)),
          (route) => Effect.sync(() => leave(route))
        ),
        (route) => route.mailbox.take
      ),
    close: Effect.suspend(() => {
      closed = true
      for (const route of routes) {
        leave(route)
        // The end of the stream takes it out of the queue.
        if (isKept(route) && route.eventId !== undefined) forget(route)
      }
      return routes.size === 0
        ? Effect.void
        : Effect.callback<void>((resume) => {
            whenEmpty = () => resume(Effect.void)
          })
    }).pipe(Effect.timeoutOption("2 seconds"), Effect.asVoid)
  }
}
