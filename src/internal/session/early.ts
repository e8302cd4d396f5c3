/**
 * Messages that overtake the answer to the join that names their event. They are held, up to a bound, while a join is under way; what belongs to
 * a call that has ended is of no use to any other and is not held.
 */
import type { Received } from "../transport/eventStream.ts"

/** Bytes that may be held. */
export const maxBytes = 16 * 1024 * 1024
/** What a message takes beside its text. */
const overhead = 256
/** So many events that have ended are remembered. */
const maxEnded = 1000

/** What was held of one event; `ended` says how the stream ended that it came by, if it did. */
export interface Held<End> {
  readonly messages: ReadonlyArray<Received>
  readonly ended: End | undefined
}

export interface Early<End> {
  /** Holds a message. False where the bound was exceeded: all that was held is gone then, and a join under way may have missed its own. */
  readonly hold: (eventId: string, received: Received) => boolean
  /** Takes out what was held of an event. */
  readonly take: (eventId: string) => Held<End> | undefined
  /** Drops everything, for no join is under way. */
  readonly clear: () => void
  /** The event has ended for its call. */
  readonly forget: (eventId: string) => void
  /** The stream has ended that brought what is held now. */
  readonly streamEnded: (end: End) => void
}

export const make = <End>(): Early<End> => {
  const held = new Map<string, { readonly messages: Array<Received>; bytes: number; ended: End | undefined }>()
  const ended = new Set<string>()
  let bytes = 0

  const clear = (): void => {
    held.clear()
    bytes = 0
  }

  return {
    clear,
    hold: (eventId, received) => {
      if (ended.has(eventId)) return true
      const one = held.get(eventId) ?? { messages: [], bytes: 0, ended: undefined }
      held.set(eventId, one)
      one.messages.push(received)
      one.bytes += received.bytes + overhead
      bytes += received.bytes + overhead
      if (bytes <= maxBytes) return true
      // Which of them are those of a join under way is not known yet, and a call that misses one would read the next one wrongly.
      clear()
      return false
    },
    take: (eventId) => {
      const one = held.get(eventId)
      if (one === undefined) return undefined
      held.delete(eventId)
      bytes -= one.bytes
      return one
    },
    forget: (eventId) => {
      ended.add(eventId)
      for (const oldest of ended) {
        if (ended.size <= maxEnded) break
        ended.delete(oldest)
      }
    },
    streamEnded: (end) => {
      for (const one of held.values()) one.ended ??= end
    }
  }
}
