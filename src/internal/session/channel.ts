/**
 * Calls that each have a channel of their own, a stream or a socket: begun when the call is, left to give it up, and closed when it has ended. Until then
 * the call is one of its connection's, and ends with it.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"

import { circumstances, JobDisconnectedError, type JobError } from "../../GradioError.ts"
import type { Call, Connection, Messages } from "../../Protocol.ts"
import type { StreamFault } from "../transport/eventStream.ts"
import * as Fibers from "./fibers.ts"
import type * as Mailbox from "./mailbox.ts"
import * as Routes from "./route.ts"

/** A call, as far as it has come. */
export interface Talk extends Routes.Standing {
  readonly mailbox: Mailbox.Mailbox
  /** It has ended for its reader. */
  over: boolean
}

/** What the versions of the protocol do each in their own way. */
export interface Wire<T extends Talk> {
  readonly talkOf: (call: Call) => T
  /** Opens the channel of a call and reads it until the call is over. Where it ends before, the call fails with what that means. */
  readonly converse: (talk: T) => Effect.Effect<void, JobError | StreamFault>
}

/** What a protocol says of itself. */
type Traits = Pick<Connection, "generates" | "isolates" | "hasSessions" | "hasEventIds">

/** A call under way. */
interface Running {
  readonly call: Call
  readonly messages: Messages
  /** Gives it up as `client-closed`, if it still runs. The channel of one that has ended closes by itself. */
  readonly leave: () => void
  /** Closes its channel. */
  readonly close: () => void
  /** Waits until its channel is closed. */
  readonly closed: Effect.Effect<void>
}

/** Calls by channels of their own, which end with the scope. */
export const connect = <T extends Talk>(
  wireOf: (fork: Fibers.Fork, clock: Clock.Clock) => Wire<T>,
  traits: Traits
): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fork = yield* Fibers.make
    const wire = wireOf(fork, yield* Clock.Clock)
    const calls = new Set<Running>()
    let closed = false
    yield* Effect.addFinalizer(() => {
      closed = true
      return end(calls)
    })
    return {
      ...traits,
      end: (owner) => end(calls, owner),
      run: (call) =>
        Effect.suspend((): ReturnType<Connection["run"]> => {
          if (closed) {
            return Effect.fail(
              new JobDisconnectedError({ ...circumstances({ where: call.where }), reason: "client-closed" })
            )
          }
          return run(() => begin(call, wire, fork, calls))
        })
    }
  })

/** Ends the calls of one owner, or all of them, and waits until their channels are closed, for two seconds at most. */
const end = (calls: ReadonlySet<Running>, owner?: object): Effect.Effect<void> =>
  Effect.forEach(
    [...calls].filter(({ call }) => owner === undefined || call.owner === owner),
    (one) => {
      one.leave()
      one.close()
      return one.closed
    },
    { concurrency: "unbounded", discard: true }
  ).pipe(Effect.timeoutOption("2 seconds"), Effect.asVoid)

/** Begins a call, which ends with the scope. */
const run = (started: () => Running): Effect.Effect<Messages, never, Scope.Scope> =>
  Effect.uninterruptible(
    Effect.flatMap(Effect.scope, (scope) => {
      const { leave, messages } = started()
      return Effect.as(
        // Returns at once: the channel is closed behind it.
        Scope.addFinalizer(scope, Effect.sync(leave)),
        messages
      )
    })
  )

const begin = <T extends Talk>(call: Call, wire: Wire<T>, fork: Fibers.Fork, calls: Set<Running>): Running => {
  const talk = wire.talkOf(call)

  const ended = (exit: Exit.Exit<void, JobError | StreamFault>): void => {
    if (!talk.over) {
      talk.over = true
      talk.mailbox.fail(Routes.endOf(exit)(talk))
    }
    if (call.released !== undefined) Deferred.doneUnsafe(call.released, Effect.void)
    calls.delete(self)
  }

  let fiber: Fiber.Fiber<void, unknown> | undefined
  const self: Running = {
    call,
    messages: talk.mailbox.take,
    leave: () => {
      if (talk.over) return
      talk.over = true
      talk.mailbox.fail(Cause.fail(Routes.lost(talk, "client-closed")), { dropWaiting: true })
      self.close()
    },
    close: () => fiber?.interruptUnsafe(),
    closed: Effect.suspend(() => (fiber === undefined ? Effect.void : Effect.asVoid(Fiber.await(fiber))))
  }
  calls.add(self)
  fiber = fork(Effect.onExit(wire.converse(talk), (exit) => Effect.sync(() => ended(exit))))
  return self
}
