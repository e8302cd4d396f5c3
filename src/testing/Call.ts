/** What a function knows about the call that it answers, and what it can tell the client before it is done. */
import type * as Effect from "effect/Effect"

import type { Cache } from "./Cache.ts"
import type { LogLevel, ProgressUnit } from "./Message.ts"
import type { ServerFiles } from "./ServerFile.ts"

/** The HTTP request that started the call. */
export interface CallRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string | undefined>>
}

/** How a log message is shown. `duration` is in seconds, default 10; `null` means until dismissed. */
export interface LogOptions {
  readonly title?: string | undefined
  readonly duration?: number | null | undefined
  readonly visible?: boolean | undefined
}

/** The second argument of every function. Progress and logs of a direct call go nowhere, as with Gradio. */
export interface Call {
  /** `null` for a direct call. */
  readonly eventId: string | null
  /** `null` for a direct call that sent none. */
  readonly sessionHash: string | null
  /** The key of the session, for `Component.State.get` and `set`. */
  readonly session: object
  readonly request: CallRequest
  readonly eventData: unknown
  readonly triggerId: number | null
  /** The base address under which the client sees the app. */
  readonly root: string
  readonly files: ServerFiles
  /**
   * Reports a fraction between 0 and 1, or one tracker, or nested ones. It is sent within 10 ms: until then a newer report takes its
   * place, and it is lost when the function ends first.
   */
  readonly progress: (
    progress: number | Partial<ProgressUnit> | ReadonlyArray<Partial<ProgressUnit>>,
    description?: string
  ) => Effect.Effect<void>
  /** Sends a message for the user. */
  readonly log: (level: LogLevel, text: string, options?: LogOptions) => Effect.Effect<void>
  /** A message of level `info`. */
  readonly info: (text: string, options?: LogOptions) => Effect.Effect<void>
  /** A message of level `warning`. */
  readonly warning: (text: string, options?: LogOptions) => Effect.Effect<void>
  /** Values that the function keeps, as in a `gr.Cache` (Gradio 6.12). */
  readonly cache: Cache
  /** A message of level `success`. */
  readonly success: (text: string, options?: LogOptions) => Effect.Effect<void>
}
