/**
 * One session hash and its event stream, shared by the calls made under it (Gradio 4.9 and later). A server allows one stream for each hash: two
 * would split its messages, and dropping one kills every call of the hash. So a call counts itself in before it joins, and the stream opens after
 * the first join is answered. Once no call is left the server has five seconds to close it, and then it is left; one that a server will never close
 * is kept instead for the next call, until no client of the session is left.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"

import type { JobError, RequestError } from "../../GradioError.ts"
import type { Limits } from "../../Limits.ts"
import type { Call, Messages } from "../../Protocol.ts"
import { eventIdOf, type ServerMessage } from "../../ServerMessage.ts"
import type { Pieces, Received } from "../transport/eventStream.ts"
import * as Early from "./early.ts"
import type { Fork } from "./fibers.ts"
import type { Route } from "./route.ts"
import * as Routes from "./route.ts"

/** What the versions of the protocol do each in their own way. */
export interface Wire {
  /** Joins the queue; gives the event id. May take for ever: the session gives it `joinTimeout`. */
  readonly join: (call: Call) => Effect.Effect<string, JobError>
  /** What a join that took too long fails with. */
  readonly overdue: (call: Call) => JobError
  /** Opens the stream of the session. */
  readonly events: Effect.Effect<Pieces, RequestError, Scope.Scope>
  /** How the server is told that a call is not wanted any more. Other calls of the session must be left alone. */
  readonly cancel: (call: Call, eventId: string, situation: Situation) => Cancelling
  /** Whether cancelling takes a call that waits out of the queue. Elsewhere it would run unheard, so it is cancelled when its turn comes. */
  readonly removesWaiting: boolean
  /**
   * Whether a call that was cancelled completes. Elsewhere nothing more is heard of it and the stream of its session never ends: it is left when the
   * session is of that call alone, and kept otherwise.
   */
  readonly completesCancelled: boolean
  /** Whether the server sees that a stream was left, and gives up the calls of its session. */
  readonly noticesLeaving: boolean
  readonly limits: Limits
}

/** In which a call is cancelled. */
export interface Situation {
  /** Whether another call of a function is under way in the session. */
  readonly alsoRuns: (fnIndex: number) => boolean
  readonly started: boolean
}

export interface Cancelling {
  /** The functions of which it stops every call in the session. */
  readonly stops: ReadonlyArray<number>
  /** Gives whether it stopped the call; otherwise it goes on, and can be told again after its next value. */
  readonly tell: Effect.Effect<boolean>
}

export interface SharedSession {
  readonly run: (call: Call) => Effect.Effect<Messages, never, Scope.Scope>
  /** Tells the server that a call is not wanted any more, and goes on hearing what becomes of it. */
  readonly finish: (call: Call) => Effect.Effect<void>
  /** Whether an owner has had calls in it, and has not ended. */
  readonly isOf: (owner: object) => boolean
  /** Ends the calls of an owner, or all of them and itself, as `client-closed`, and tells the server, for at most two seconds. */
  readonly close: (owner?: object) => Effect.Effect<void>
}

/** One event stream, from its opening to the end of its body. */
interface Reader {
  fiber: Fiber.Fiber<void, unknown> | undefined
  wasOpen: boolean
  /** When the server said that it is over; the rest is read, so that the connection can be used again. */
  detachedAt: number | undefined
  /** Since when a message comes of which the end is missing. */
  partSince: number | undefined
}

/** A server that keeps the stream open when nothing is pending is left after this time. */
const linger = Duration.toMillis("5 seconds")
/** The most that heartbeats can lengthen the silence to. */
const longestSilence = Duration.toMillis("10 minutes")
/** A watch that wakes up later by this was stopped with its machine, or its clock was set. */
const longestOversleep = Duration.toMillis("5 seconds")
/** Less time than this is not worth being given back to calls that could not be heard in it. */
const shortestDelay = Duration.toMillis("1 second")
/** A call waits no longer than this for another of its function to be stopped. */
const longestStop = "2 seconds"
/** An own session lets this much wait before the socket does. */
const ownHighWater = 1024 * 1024

const isCompletion = ({ message }: Received): boolean => message.msg === "process_completed"

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
  const joinTimeout = Duration.toMillis(wire.limits.joinTimeout)

  const routes = new Set<Route>()
  const byEvent = new Map<string, Route>()
  // Messages may overtake the answer to the join that names their event.
  const early = Early.make<(route: Route) => Cause.Cause<JobError>>()
  let joinsUnderWay = 0
  // Functions that are just being stopped: a call that begins before the server has done so would be stopped with them.
  const stopping = new Map<number, Deferred.Deferred<void>>()
  // Those whose readers are to be woken when a piece of the stream is dealt out.
  const touched = new Set<Route>()
  let silence = Duration.toMillis(wire.limits.silence)

  // The stream of now; older ones may still be read to their end.
  let reader: Reader | undefined
  const readers = new Set<Reader>()
  let watcher: Fiber.Fiber<void> | undefined
  let isWatched = false
  // Whose calls it had, and may have again.
  const owners = new Set<object>()
  const closing = new Set<() => void>()
  let lastHeard = 0
  let lastHeartbeat: number | undefined
  let idleSince = 0
  let waitingForOwner = false
  let closed = false
  // The server had its two seconds when calls were given up before.
  let unanswered = false
  // The server counts a call as pending for ever, so that no stream of the session ends.
  let neverEnds = false
  // The end of its stream tells the server of a session that only one call had.
  const cancelsByLeaving = own && !wire.completesCancelled && wire.noticesLeaving

  const left = (eventId: string): void => {
    byEvent.delete(eventId)
    early.forget(eventId)
  }

  const forget = (route: Route): void => {
    if (!routes.delete(route)) return
    if (route.eventId !== undefined) left(route.eventId)
    if (route.call.released !== undefined) Deferred.doneUnsafe(route.call.released, Effect.void)
    for (const recheck of closing) recheck()
    if (routes.size > 0) return
    idleSince = now()
    rest()
  }

  /** Lets go of a session that nothing uses; a shared one waits a while for its next call, unless a client of it has ended. */
  const rest = (): void => {
    if (!isWatched || !isUnused()) return
    isWatched = false
    watcher?.interruptUnsafe()
    options.onIdle()
  }

  const isUnused = (): boolean =>
    routes.size === 0 && readers.size === 0 && (own || owners.size === 0 || now() >= idleSince + linger)

  const release = (route: Route, eventId: string): void => {
    if (cancelsByLeaving) return leaveStream(route)
    if (route.release === "telling") return
    route.abandoned = true
    route.release = "telling"
    if (wire.completesCancelled) left(eventId)
    tell(route, eventId, ({ stops }, isStopped) => {
      route.release = "refused"
      if (isStopped) return wasStopped(route, stops)
      if (route.call.released !== undefined) Deferred.doneUnsafe(route.call.released, Effect.void)
      for (const recheck of closing) recheck()
    })
  }

  /** Tells the server that a call is not wanted; `then` is run when it knows. */
  const tell = (
    route: Route,
    eventId: string,
    then?: (cancelling: Cancelling, isStopped: boolean) => void
  ): Fiber.Fiber<boolean> => {
    const stopped = Deferred.makeUnsafe<void>()
    route.told = true
    const cancelling = wire.cancel(route.call, eventId, {
      alsoRuns: (fnIndex) => hasOthers(route, fnIndex),
      started: route.reached === "started"
    })
    for (const fnIndex of cancelling.stops) stopping.set(fnIndex, stopped)
    return fork(
      Effect.onExit(cancelling.tell, (exit) =>
        Effect.sync(() => {
          for (const fnIndex of cancelling.stops) if (stopping.get(fnIndex) === stopped) stopping.delete(fnIndex)
          Deferred.doneUnsafe(stopped, Effect.void)
          then?.(cancelling, Exit.isFailure(exit) || exit.value)
        })
      )
    )
  }

  const wasStopped = (route: Route, stops: ReadonlyArray<number>): void => {
    if (!wire.completesCancelled && routes.has(route)) {
      neverEnds = true
      // It stopped also those that nobody had wanted before.
      for (const other of routes) {
        if (other.abandoned && other.reached === "started" && stops.includes(other.call.fnIndex)) forget(other)
      }
    }
    forget(route)
    // Nobody else reads it.
    if (own && neverEnds && reader !== undefined) drop(reader)
  }

  /** Ends the stream of a session that has one call only; the server gives up the call with it. */
  const leaveStream = (route: Route): void => {
    const stream = reader
    reader = undefined
    if (route.eventId !== undefined) left(route.eventId)
    // A server that has no stream to lose yet is given one.
    const leaving =
      stream?.fiber === undefined
        ? Effect.timeoutOption(Effect.scoped(wire.events), longestStop)
        : Fiber.interrupt(stream.fiber)
    fork(
      Effect.ensuring(
        leaving,
        Effect.sync(() => forget(route))
      )
    )
  }

  const hasOthers = (route: Route, fnIndex: number): boolean => {
    for (const other of routes) {
      if (other !== route && !other.over && other.call.fnIndex === fnIndex) return true
    }
    return false
  }

  /** A call that nobody waits for any more, and that the server goes on with: it waits for its turn, or cannot be stopped. */
  const isKept = (route: Route): boolean =>
    route.abandoned &&
    (route.release === "refused" || (!wire.removesWaiting && !cancelsByLeaving && route.reached !== "started"))

  /** A call for which nothing can be done before the end of the session. */
  const isLeft = (route: Route): boolean => isKept(route) && (!closed || wire.noticesLeaving)

  /** Fails one call; the server is told where it does not know by itself. */
  const fail = (
    route: Route,
    cause: Cause.Cause<JobError>,
    options: { readonly tell: boolean; readonly dropWaiting?: boolean }
  ): void => {
    // Its reader may run, and leave, as soon as the mailbox ends.
    route.over = true
    if (options.tell && route.eventId !== undefined) release(route, route.eventId)
    else forget(route)
    route.mailbox.fail(cause, { dropWaiting: options.dropWaiting === true })
  }

  const deliver = (route: Route, received: Received, at: DateTime.Utc): void => {
    const { message } = received
    route.heard = true
    if (route.abandoned) return deliverToNobody(route, message)
    if (Routes.isOfStarted(message)) route.reached = "started"
    switch (message.msg) {
      case "broken":
        return fail(route, Cause.fail(Routes.protocolError(route, message.problem, message.received)), { tell: true })
      case "unexpected_error":
        return fail(route, Cause.fail(Routes.unexpected(route, message)), { tell: false })
    }
    route.mailbox.offer({ at, message, bytes: received.bytes })
    touched.add(route)
    if (message.msg === "process_completed") {
      route.over = true
      forget(route)
      return route.mailbox.end()
    }
  }

  /** Wakes the reader of a call; what it does not take at once counts against the buffer, except a single message. */
  const flush = (route: Route): void => {
    route.mailbox.flush()
    const waitingBytes = route.mailbox.waitingBytes()
    if (own || route.over || route.mailbox.waiting() < 2 || waitingBytes <= route.call.buffer) return
    fail(route, Cause.fail(Routes.overflow(route, waitingBytes)), { tell: true, dropWaiting: true })
  }

  const deliverToNobody = (route: Route, message: ServerMessage): void => {
    if (message.msg === "estimation" || message.msg === "other") return
    if (message.msg === "process_completed" || message.msg === "unexpected_error") return forget(route)
    const hadStarted = route.reached === "started"
    route.reached = "started"
    // A call that could not be stopped may be when it has given a value.
    if (hadStarted && !wire.completesCancelled && message.msg !== "process_generating") return
    if (route.eventId !== undefined) release(route, route.eventId)
  }

  const hold = (eventId: string, received: Received): void => {
    if (joinsUnderWay === 0 || early.hold(eventId, received)) return
    for (const route of routes) if (route.eventId === undefined) route.missed = true
  }

  const accept = (received: Received, at: DateTime.Utc): void => {
    const { message } = received
    if (message.msg === "heartbeat") {
      // A server with a longer interval than ours allows for is not silent.
      if (lastHeartbeat !== undefined) {
        silence = Math.min(Math.max(silence, 2 * (lastHeard - lastHeartbeat)), Math.max(silence, longestSilence))
      }
      lastHeartbeat = lastHeard
      return
    }
    // Only two heartbeats with nothing between them show the interval.
    lastHeartbeat = undefined
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
  const streamEnded = (errorOf: (route: Route) => Cause.Cause<JobError>, isLost = wire.noticesLeaving): void => {
    reader = undefined
    lastHeartbeat = undefined
    early.streamEnded(errorOf)
    for (const route of byEvent.values()) {
      // The server drops what waits when its stream ends, if it sees that.
      if (route.abandoned) {
        if (isLost || route.eventId === undefined || route.reopened) forget(route)
        else {
          route.reopened = true
          release(route, route.eventId)
        }
      } else if (route.heard || route.reopened) {
        // A server that did not open a stream keeps the call; one whose stream ended does not.
        fail(route, errorOf(route), { tell: !isLost })
      } else {
        route.reopened = true
        route.deadline = now() + silence
      }
    }
    if (byEvent.size > 0) openReader()
  }

  const openReader = (): void => {
    lastHeard = now()
    idleSince = lastHeard
    const self: Reader = { fiber: undefined, wasOpen: false, detachedAt: undefined, partSince: undefined }
    reader = self
    readers.add(self)
    const read = Effect.scoped(
      Effect.gen(function* () {
        const pull = yield* wire.events
        self.wasOpen = true
        while (true) {
          const piece = yield* pull
          lastHeard = now()
          if (piece.length === 0) {
            self.partSince ??= lastHeard
            continue
          }
          // What came behind a long message could come no sooner.
          if (self.partSince !== undefined) postpone(lastHeard - self.partSince)
          self.partSince = undefined
          const at = DateTime.makeUnsafe(lastHeard)
          for (const received of piece) {
            if (received.message.msg !== "close_stream") accept(received, at)
            else if (self.detachedAt === undefined) {
              // Calls from now on need a stream of their own.
              self.detachedAt = lastHeard
              streamEnded(Routes.endOf(Exit.void))
            }
          }
          for (const route of touched) flush(route)
          touched.clear()
          if (own) yield* ownerReads
        }
      })
    ).pipe(Pull.catchDone(() => Effect.void))
    self.fiber = fork(
      Effect.onExit(read, (exit) =>
        Effect.sync(() => {
          readers.delete(self)
          if (reader === self && !Exit.hasInterrupts(exit))
            streamEnded(Routes.endOf(exit), self.wasOpen && wire.noticesLeaving)
          rest()
        })
      )
    )
  }

  /** Stops reading a stream that may never end. What it would say of calls that were given up is not waited for on another one beside it. */
  const drop = (stream: Reader): void => {
    if (reader === stream) streamEnded(Routes.endOf(Exit.void), stream.wasOpen)
    stream.fiber?.interruptUnsafe()
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

  /** Gives calls that were not heard of yet the time back in which they could not be. */
  const postpone = (millis: number): void => {
    if (millis < shortestDelay) return
    for (const route of routes) if (!route.heard) route.deadline += millis
  }

  /**
   * Ends streams that have been silent or idle for too long, and the calls that were not answered or heard of in time. Gives the time to look
   * again, or none when there is nothing left to look after. One fiber looks after a session over the pauses between its calls.
   */
  const inspect = (): number | undefined => {
    const at = now()
    // Anything that begins later has its own deadline no sooner than this.
    let wake = at + Math.min(linger, firstMessage, joinTimeout, silence)
    const isOverdue = (deadline: number): boolean => {
      if (at >= deadline) return true
      wake = Math.min(wake, deadline)
      return false
    }
    for (const one of readers) {
      const unused = one.detachedAt ?? (routes.size === 0 ? idleSince : undefined)
      // To leave a stream and open another under the same hash is a race: the server may take the next call for one of the stream that was left.
      const isOver = unused !== undefined && (one.detachedAt !== undefined || !neverEnds || owners.size === 0)
      if (isOver) {
        if (isOverdue(unused + linger)) drop(one)
      } else if (!waitingForOwner && isOverdue(lastHeard + silence)) {
        for (const route of byEvent.values()) fail(route, Cause.fail(Routes.lost(route, "silent")), { tell: true })
        drop(one)
      }
    }
    const mayBeHeard = reader !== undefined && reader.partSince === undefined
    for (const route of routes) {
      if (route.eventId === undefined) {
        if (isOverdue(route.deadline)) giveUpJoin(route)
      } else if (mayBeHeard && !route.heard && !route.over && isOverdue(route.deadline)) {
        fail(route, Cause.fail(Routes.neverHeard(route)), { tell: true })
      }
    }
    return isUnused() ? undefined : wake
  }

  const watch = (): void => {
    if (isWatched) return
    isWatched = true
    watcher = fork(
      Effect.gen(function* () {
        for (let wake = inspect(); wake !== undefined; wake = inspect()) {
          yield* Effect.sleep(wake - now())
          // A machine that slept, or a clock that was set, is not a silent server.
          const overslept = now() - wake
          if (overslept < longestOversleep) continue
          lastHeard += overslept
          postpone(overslept)
        }
        rest()
      })
    )
  }

  const giveUpJoin = (route: Route): void => {
    fail(route, Cause.fail(wire.overdue(route.call)), { tell: false })
    route.joining?.interruptUnsafe()
  }

  const joined = (route: Route, eventId: string): void => {
    if (byEvent.has(eventId)) {
      return fail(route, Cause.fail(Routes.protocolError(route, "gives the id of another call", eventId)), {
        tell: false
      })
    }
    route.eventId = eventId
    const held = early.take(eventId)
    if (route.abandoned) {
      if (held?.messages.some(isCompletion) === true) return forget(route)
      if (!isKept(route) || held !== undefined || closed) return release(route, eventId)
    }
    route.reached = "queued"
    if (route.missed) return fail(route, Cause.fail(Routes.overflow(route, Early.maxBytes)), { tell: true })
    route.deadline = now() + firstMessage
    byEvent.set(eventId, route)
    const at = DateTime.makeUnsafe(now())
    route.mailbox.offer({ at, message: { msg: "joined", event_id: eventId }, bytes: 0 })
    if (held !== undefined) {
      for (const received of held.messages) if (!route.over) deliver(route, received, at)
      if (held.ended !== undefined && !route.over) fail(route, held.ended(route), { tell: false })
    }
    flush(route)
    if (reader === undefined && routes.has(route)) openReader()
  }

  const joinEnded = (route: Route, exit: Exit.Exit<string, JobError>): void => {
    joinsUnderWay--
    if (Exit.isSuccess(exit)) joined(route, exit.value)
    else {
      const { cause } = exit
      fail(route, Cause.hasInterruptsOnly(cause) ? Cause.fail(Routes.lost(route, "client-closed")) : cause, {
        tell: false
      })
    }
    if (joinsUnderWay === 0) early.clear()
  }

  /** Waits until what is being stopped has stopped; a call that was given up meanwhile is never sent. */
  const turnAfter = (before: Deferred.Deferred<void>, route: Route): Effect.Effect<void> => {
    route.reached = "nothing-sent"
    return Deferred.await(before).pipe(
      Effect.timeoutOption(longestStop),
      Effect.andThen(Effect.suspend(() => (route.abandoned ? Effect.interrupt : Effect.void))),
      Effect.map(() => {
        route.reached = "sent"
        route.deadline = now() + joinTimeout
      })
    )
  }

  const enter = (call: Call): Route => {
    const route = Routes.make(call)
    if (closed) {
      route.over = true
      route.reached = "nothing-sent"
      route.mailbox.fail(Cause.fail(Routes.lost(route, "client-closed")))
      return route
    }
    route.deadline = now() + joinTimeout
    routes.add(route)
    joinsUnderWay++
    owners.add(call.owner)
    watch()
    const join = Effect.suspend(() => {
      const before = stopping.get(call.fnIndex)
      return before === undefined ? wire.join(call) : Effect.andThen(turnAfter(before, route), wire.join(call))
    })
    // Also where it is interrupted, for it took too long.
    route.joining = fork(Effect.onExit(join, (exit) => Effect.sync(() => joinEnded(route, exit))))
    return route
  }

  /** Waits until no call is left that is meant. */
  const noneOf = (isMeant: (route: Route) => boolean): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const recheck = () => {
        for (const route of routes) if (isMeant(route)) return
        closing.delete(recheck)
        resume(Effect.void)
      }
      closing.add(recheck)
      recheck()
      return Effect.sync(() => closing.delete(recheck))
    })

  const leave = (route: Route): void => {
    if (route.over) return
    route.over = true
    route.abandoned = true
    route.mailbox.fail(Cause.fail(Routes.lost(route, "client-closed")), { dropWaiting: true })
    if (route.eventId === undefined || !byEvent.has(route.eventId) || isKept(route)) return
    if (route.told && route.release === undefined) forget(route)
    else release(route, route.eventId)
  }

  return {
    run: (call) =>
      Effect.uninterruptible(
        Effect.flatMap(Effect.scope, (scope) => {
          const route = enter(call)
          return Effect.as(
            Scope.addFinalizer(
              scope,
              Effect.sync(() => leave(route))
            ),
            route.mailbox.take
          )
        })
      ),
    finish: (call) =>
      Effect.suspend(() => {
        for (const route of routes) {
          if (route.call !== call || route.over || route.told || route.eventId === undefined) continue
          return Effect.asVoid(Fiber.await(tell(route, route.eventId)))
        }
        return Effect.void
      }),
    isOf: (owner) => owners.has(owner),
    close: (owner) => {
      const isMeant = (route: Route): boolean => owner === undefined || route.call.owner === owner
      return Effect.suspend(() => {
        if (owner === undefined) {
          closed = true
          owners.clear()
        } else owners.delete(owner)
        for (const route of routes) {
          if (!isMeant(route)) continue
          leave(route)
          // The end of the stream takes it out of the queue.
          if (closed && isLeft(route) && route.eventId !== undefined) forget(route)
        }
        const done = unanswered && closed ? Effect.void : noneOf((route) => isMeant(route) && !isLeft(route))
        return Effect.map(Effect.timeoutOption(done, "2 seconds"), (answer) => {
          unanswered ||= Option.isNone(answer)
          rest()
        })
      })
    }
  }
}
