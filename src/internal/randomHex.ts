/** Random bytes for session hashes and boundaries: whoever knows a session hash can read its events, so they come from the system's generator. */
import * as Effect from "effect/Effect"

export const randomHex = (bytes: number): Effect.Effect<string> =>
  Effect.sync(() =>
    Array.from(globalThis.crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
      byte.toString(16).padStart(2, "0")
    ).join("")
  )
