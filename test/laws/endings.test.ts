/** Law 1 and 2: whatever a server sends, and whenever a call is given up, each call ends once, with what is its own. */
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { forAllEffect } from "./generated.ts"
import { play } from "./play.ts"
import { clientRigs, sessionRig, sseV1, sseV2, sseV2Unnoticing, sseV3 } from "./rigs.ts"
import { isLasting, type Kind, script } from "./script.ts"

/** The kinds that a user of a client sees with their values. */
const outputs = new Set<Kind>(["generating", "streaming", "other", "completed"])

describe("any sequence of messages", () => {
  it.effect(
    "ends each call of a session exactly once, never with another's value, and is told of once where it is pending",
    () =>
      forAllEffect("a session ends its calls", 10_000, script, (one) =>
        Effect.scoped(
          Effect.gen(function* () {
            const rig = yield* sessionRig()
            yield* play(one, rig, { turns: 12, seen: isLasting })
          })
        )
      ),
    120_000
  )

  it.effect.each([
    { dialect: sseV3, count: 10_000 },
    { dialect: sseV2, count: 2000 },
    { dialect: sseV2Unnoticing, count: 2000 },
    { dialect: sseV1, count: 2000 }
  ])(
    "ends each call of a client of $dialect.protocol ($dialect.version) exactly once, never with another's value, and is told of once where it is pending",
    ({ count, dialect }) =>
      Effect.gen(function* () {
        const rigOf = yield* clientRigs(dialect)
        yield* forAllEffect(
          `a client of ${dialect.protocol} (${dialect.version}) ends its calls`,
          count,
          script,
          (one) =>
            Effect.scoped(
              Effect.gen(function* () {
                const rig = yield* rigOf(one.seed)
                yield* play(one, rig, { turns: 24, seen: (kind) => outputs.has(kind) })
              })
            )
        )
      }),
    240_000
  )
})
