/**
 * The sessions of a stand-in server: which messages wait for a client, and which of its events are not over.
 *
 * A session lives as long as the server, for it is the key of the state of the app; its messages come and go. They begin with the first
 * event that is joined and are lost when a client drops the stream that reads them.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"

import type { Message } from "./Message.ts"

/** One session hash. */
export interface Session {
  readonly hash: string
  /** The messages that no stream has taken yet; none before the first event and after a drop. */
  readonly messages: () => Queue.Queue<Message, Cause.Done> | undefined
  /** Ids of the events whose completion no stream has sent. */
  readonly pending: Set<string>
  /** Whether the completion of an event has not even been told: a real server sends what it has long before anybody could cancel. */
  readonly isPending: (eventId: string) => boolean
  /** Adds an event, and the messages if there are none. */
  readonly add: (eventId: string) => Effect.Effect<void>
  /** Puts a message at the end; nothing happens when nobody could ever read it. */
  readonly send: (message: Message) => void
  /** Sends nothing more: streams end when they have sent what is there. */
  readonly end: () => void
  /** Forgets the messages. Streams that wait for one find that the session is gone. */
  readonly forget: () => void
}

/** All sessions of a server. */
export interface Sessions {
  /** The session with this hash, made when it is new. */
  readonly get: (hash: string) => Session
  readonly find: (hash: string) => Session | undefined
  readonly all: () => Iterable<Session>
}

const makeSession = (hash: string): Session => {
  let messages: Queue.Queue<Message, Cause.Done> | undefined
  const pending = new Set<string>()
  const ended = new Set<string>()
  return {
    hash,
    messages: () => messages,
    pending,
    add: Effect.fnUntraced(function* (eventId) {
      messages ??= yield* Queue.unbounded<Message, Cause.Done>()
      pending.add(eventId)
    }),
    isPending: (eventId) => pending.has(eventId) && !ended.has(eventId),
    send: (message) => {
      if (message.msg === "process_completed" && typeof message["event_id"] === "string") ended.add(message["event_id"])
      if (messages !== undefined) Queue.offerUnsafe(messages, message)
    },
    end: () => {
      if (messages !== undefined) Queue.endUnsafe(messages)
    },
    forget: () => {
      if (messages !== undefined) Queue.endUnsafe(messages)
      messages = undefined
    }
  }
}

/** The messages of one call, which nobody shares. Before Gradio 4.9, which has no others, progress and logs behind the first value are lost. */
export const alone = (hash: string): Session => {
  const session = makeSession(hash)
  let hasOutput = false
  return {
    ...session,
    send: (message) => {
      if (hasOutput && (message.msg === "progress" || message.msg === "log")) return
      hasOutput ||= message.msg === "process_generating"
      session.send(message)
    }
  }
}

/** An empty list of sessions. */
export const make = (): Sessions => {
  const sessions = new Map<string, Session>()
  return {
    find: (hash) => sessions.get(hash),
    all: () => sessions.values(),
    get: (hash) => {
      const known = sessions.get(hash)
      if (known !== undefined) return known
      const session = makeSession(hash)
      sessions.set(hash, session)
      return session
    }
  }
}
