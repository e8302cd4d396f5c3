/**
 * What waits for the reader of one job. The reader of a stream never waits for it, since one unread job would stop all others: an unread
 * estimation or progress gives way to the next, of unread logs the last 1,000 stay, and all else counts its bytes.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Pull from "effect/Pull"

import type { JobError } from "../../GradioError.ts"
import type { Heard } from "../../Protocol.ts"

/** A message that may give way to a later one. */
interface Passing {
  readonly heard: Heard
  /** How many lasting messages wait before it. */
  readonly after: number
  /** Its place among the passing ones. */
  readonly order: number
}

type Batch = Arr.NonEmptyReadonlyArray<Heard>

const maxLogs = 1000
/** What a waiting message takes beside its text; counted too, so that a flood of small ones is bounded as well. */
const overhead = 256

const size = (heard: Heard): number => heard.bytes + overhead

export interface Mailbox {
  /** Bytes that wait unread. */
  readonly waitingBytes: () => number
  /** How many lasting messages wait unread. */
  readonly waiting: () => number
  /** Adds a message, for which the reader is not woken yet; nothing once the mailbox has ended. */
  readonly offer: (heard: Heard) => void
  /** Wakes the reader. It may run before this returns. */
  readonly flush: () => void
  /** Ends it after what waits was read; wakes the reader. */
  readonly end: () => void
  /** Fails it after what waits was read, or at once without it. */
  readonly fail: (cause: Cause.Cause<JobError>, options?: { readonly dropWaiting: boolean }) => void
  /** All that waits, as soon as something does. For one reader. */
  readonly take: Pull.Pull<Batch, JobError>
  /** Succeeds when nothing waits. For one waiter. */
  readonly drained: Effect.Effect<void>
}

export const make = (): Mailbox => {
  let lasting: Array<Heard> = []
  let logs: Array<Passing> = []
  let estimation: Passing | undefined
  let progress: Passing | undefined
  let bytes = 0
  let order = 0
  let ended: Exit.Exit<never, JobError | Cause.Done> | undefined
  let reader: ((pull: Pull.Pull<Batch, JobError>) => void) | undefined
  let drainer: (() => void) | undefined

  const all = (): ReadonlyArray<Heard> => {
    const waiting = merge()
    lasting = []
    bytes = 0
    if (logs.length > 0) logs = []
    estimation = undefined
    progress = undefined
    return waiting
  }

  const merge = (): ReadonlyArray<Heard> => {
    if (estimation === undefined && progress === undefined && logs.length === 0) return lasting
    const passing = [...logs, ...(estimation ? [estimation] : []), ...(progress ? [progress] : [])]
    passing.sort((a, b) => a.order - b.order)
    const merged: Array<Heard> = []
    let taken = 0
    for (const { after, heard } of passing) {
      for (const one of lasting.slice(taken, after)) merged.push(one)
      taken = after
      merged.push(heard)
    }
    return merged.concat(lasting.slice(taken))
  }

  const sayDrained = (): void => {
    // The waiter may run, fill the mailbox and wait again before it returns.
    const waiter = drainer
    drainer = undefined
    waiter?.()
  }

  const next = (): Pull.Pull<Batch, JobError> | undefined => {
    const batch = all()
    sayDrained()
    return Arr.isReadonlyArrayNonEmpty(batch) ? Effect.succeed(batch) : ended
  }

  const take: Pull.Pull<Batch, JobError> = Effect.suspend(
    () =>
      next() ??
      Effect.callback<Batch, JobError | Cause.Done>((resume) => {
        reader = resume
        return Effect.sync(() => {
          reader = undefined
        })
      })
  )

  const wake = (): void => {
    if (reader === undefined || (bytes === 0 && ended === undefined)) return
    const waiting = reader
    reader = undefined
    waiting(take)
  }

  const finish = (exit: Exit.Exit<never, JobError | Cause.Done>): void => {
    if (ended !== undefined) return
    ended = exit
    wake()
  }

  return {
    waitingBytes: () => bytes,
    waiting: () => lasting.length,
    offer: (heard) => {
      if (ended !== undefined) return
      bytes += size(heard)
      switch (heard.message.msg) {
        case "estimation":
          bytes -= estimation === undefined ? 0 : size(estimation.heard)
          estimation = { heard, after: lasting.length, order: order++ }
          break
        case "progress":
          bytes -= progress === undefined ? 0 : size(progress.heard)
          progress = { heard, after: lasting.length, order: order++ }
          break
        case "log": {
          logs.push({ heard, after: lasting.length, order: order++ })
          const dropped = logs.length > maxLogs ? logs.shift() : undefined
          bytes -= dropped === undefined ? 0 : size(dropped.heard)
          break
        }
        default:
          lasting.push(heard)
      }
    },
    flush: wake,
    end: () => finish(Exit.fail(Cause.Done())),
    fail: (cause, options) => {
      if (options?.dropWaiting === true) {
        all()
        sayDrained()
      }
      finish(Exit.failCause(cause))
    },
    take,
    drained: Effect.suspend(() =>
      bytes === 0
        ? Effect.void
        : Effect.callback<void>((resume) => {
            drainer = () => resume(Effect.void)
            return Effect.sync(() => {
              drainer = undefined
            })
          })
    )
  }
}
