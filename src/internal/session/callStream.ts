/**
 * A call with an event stream of its own (Gradio before 4.9). The stream is asked for first; the server takes the data of the call when its turn has
 * come. Leaving the stream gives the call up, and a slow reader slows the server down.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"

import type { JobError, RequestError } from "../../GradioError.ts"
import type { Limits } from "../../Limits.ts"
import type { Call, Connection } from "../../Protocol.ts"
import type { Pieces, Received, StreamFault } from "../transport/eventStream.ts"
import * as Channel from "./channel.ts"
import type * as Fibers from "./fibers.ts"
import type { Route } from "./route.ts"
import * as Routes from "./route.ts"

/** What the versions of the protocol do each in their own way. */
export interface Wire {
  /** Opens the stream of a call, and tells its id where that is known then. May take for ever: the call gives it `joinTimeout`. */
  readonly open: (call: Call, joined: (eventId: string) => void) => Effect.Effect<Pieces, JobError, Scope.Scope>
  /** What an opening that took too long fails with. */
  readonly overdue: (call: Call) => JobError
  /** Sends the data of the call. */
  readonly send: (call: Call, eventId: string | null) => Effect.Effect<void, RequestError>
  /** The server has the data only once it has asked for it: nothing has run before. */
  readonly asksForData?: boolean | undefined
  /** Nothing but heartbeats comes before the first value. */
  readonly isQuiet?: boolean | undefined
  readonly limits: Limits
}

/** Calls by streams of their own, which end with the scope. */
export const connect = (
  wireOf: (fork: Fibers.Fork) => Wire,
  hasSessions: boolean
): Effect.Effect<Connection, never, Scope.Scope> =>
  Channel.connect(
    (fork, clock) => {
      const wire = wireOf(fork)
      return {
        talkOf: (call) => {
          const route = Routes.make(call)
          if (wire.asksForData === true) route.mayHaveRun = false
          return route
        },
        converse: (route) => converse(route, wire, clock)
      }
    },
    { generates: "values", isolates: false, hasSessions }
  )

/** The server may take this long to end a stream after the completion of its call; the connection can be used again then. */
const linger = "1 second"
/** So much waits for the reader before the socket does. */
const highWater = 1024 * 1024

const converse = (route: Route, wire: Wire, clock: Clock.Clock): Effect.Effect<void, JobError | StreamFault> => {
  const { call } = route
  const { limits } = wire
  const now = (): number => clock.currentTimeMillisUnsafe()
  let firstMessageBy = Infinity
  let isCompleted = false

  const fail = (error: JobError): void => {
    route.over = true
    route.mailbox.fail(Cause.fail(error))
  }

  const joined = (eventId: string): void => {
    route.eventId = eventId
    route.reached = "queued"
    const at = DateTime.makeUnsafe(now())
    route.mailbox.offer({ at, message: { msg: "joined", event_id: eventId }, bytes: 0 })
    route.mailbox.flush()
  }

  /** Takes a message; what it asks for must be done before the next is looked at. */
  const accept = ({ bytes, message }: Received): Effect.Effect<void, RequestError> | undefined => {
    if (message.msg === "heartbeat") return undefined
    route.heard = true
    const at = DateTime.makeUnsafe(now())
    switch (message.msg) {
      case "send_data": {
        const eventId = message.event_id ?? null
        if (eventId !== null) joined(eventId)
        route.reached = "queued"
        route.mayHaveRun = true
        return wire.send(call, eventId)
      }
      case "estimation":
        if (route.reached === "sent") route.reached = "queued"
        break
      case "queue_full":
        fail(Routes.queueFull(route))
        return undefined
      case "broken":
        fail(Routes.protocolError(route, message.problem, message.received))
        return undefined
      case "unexpected_error":
        fail(Routes.unexpected(route, message))
        return undefined
    }
    if (Routes.isOfStarted(message)) {
      route.reached = "started"
      route.mayHaveRun = true
    }
    route.mailbox.offer({ at, message, bytes })
    if (message.msg === "process_completed") {
      isCompleted = true
      route.over = true
      route.mailbox.end()
    }
    return undefined
  }

  /** The time that the next message may take: a server that is there sends heartbeats. */
  const patience = (): Duration.Duration =>
    route.heard ? limits.silence : Duration.min(limits.silence, Duration.millis(Math.max(0, firstMessageBy - now())))

  return Effect.gen(function* () {
    const pull = yield* Effect.timeoutOrElse(wire.open(call, joined), {
      duration: limits.joinTimeout,
      orElse: () => {
        const exit = Exit.fail(wire.overdue(call))
        // Its caller does not wait until the server was told.
        route.over = true
        route.mailbox.fail(Routes.endOf(exit)(route))
        return exit
      }
    })
    if (wire.isQuiet !== true) firstMessageBy = now() + Duration.toMillis(limits.firstMessage)
    while (!route.over) {
      const piece = yield* Effect.timeoutOption(pull, patience())
      if (Option.isNone(piece)) return fail(Routes.lost(route, "silent"))
      for (const received of piece.value) {
        const wanted = route.over ? undefined : accept(received)
        if (wanted === undefined) continue
        route.mailbox.flush()
        yield* wanted
      }
      route.mailbox.flush()
      if (!route.over && route.mailbox.waitingBytes() > Math.min(highWater, call.buffer)) yield* route.mailbox.drained
    }
    if (isCompleted) yield* Effect.timeoutOption(Effect.forever(pull), linger)
  }).pipe(
    Effect.scoped,
    Pull.catchDone(() => Effect.void)
  )
}
