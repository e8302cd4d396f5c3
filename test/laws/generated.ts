/**
 * Generated cases for the laws. Every case has a seed of its own, made of the seed of the run and its number, so one case can be run alone:
 * `GRADIO_TEST_SEED` repeats a run, `GRADIO_TEST_CASE` one case of it.
 */
import * as Effect from "effect/Effect"

export const seed = Number(process.env["GRADIO_TEST_SEED"] ?? Date.now() % 2 ** 32)
const only = process.env["GRADIO_TEST_CASE"]

export interface Random {
  /** 0 to 1. */
  readonly next: () => number
  /** A whole number from 0 up to, and without, `n`. */
  readonly below: (n: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(items: readonly [A, ...Array<A>]) => A
  readonly shuffled: <A>(items: ReadonlyArray<A>) => Array<A>
}

/** mulberry32: small, seedable, the same everywhere. */
export const randomFrom = (start: number): Random => {
  let state = start >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] ?? items[0],
    shuffled: (items) => {
      const copy = [...items]
      for (let at = copy.length - 1; at > 0; at--) {
        const other = below(at + 1)
        const [one, two] = [copy[at], copy[other]]
        if (one !== undefined && two !== undefined) [copy[at], copy[other]] = [two, one]
      }
      return copy
    }
  }
}

const seedOf = (number: number): number => Math.imul(seed ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) >>> 0

/** A failure that names the case it came from. */
class CaseFailed extends Error {
  constructor(law: string, number: number, script: string, cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause)
    super(`${law}: GRADIO_TEST_SEED=${seed} GRADIO_TEST_CASE=${number}\n${said}\n${script}`, { cause })
  }
}

const numbers = (count: number): ReadonlyArray<number> =>
  only === undefined ? Array.from({ length: count }, (_, number) => number) : [Number(only)]

/** Prints what was run, so that a log says which cases a green run stands for. */
const announce = (law: string, count: number): void => {
  process.stdout.write(`law: ${law}: ${numbers(count).length} cases, seed ${seed}\n`)
}

/** Runs a property for each case. `script` describes the case where it failed. */
export const forAll = <A>(
  law: string,
  count: number,
  make: (random: Random, number: number) => A,
  property: (value: A) => void
): void => {
  announce(law, count)
  for (const number of numbers(count)) {
    const value = make(randomFrom(seedOf(number)), number)
    try {
      property(value)
    } catch (cause) {
      throw new CaseFailed(law, number, show(value), cause)
    }
  }
}

/** The same for properties that are effects. */
export const forAllEffect = <A, E, R>(
  law: string,
  count: number,
  make: (random: Random, number: number) => A,
  property: (value: A) => Effect.Effect<void, E, R>
): Effect.Effect<void, never, R> =>
  Effect.suspend(() => {
    announce(law, count)
    return Effect.forEach(
      numbers(count),
      (number) => {
        const value = make(randomFrom(seedOf(number)), number)
        return Effect.suspend(() => property(value)).pipe(
          Effect.catchCause((cause) => {
            const [reason] = cause.reasons
            const error = reason?._tag === "Die" ? reason.defect : reason?._tag === "Fail" ? reason.error : cause
            return Effect.die(new CaseFailed(law, number, show(value), error))
          })
        )
      },
      { discard: true }
    )
  })

const show = (value: unknown): string => {
  const text = JSON.stringify(value, undefined, 1) ?? ""
  return text.length > 8000 ? `${text.slice(0, 8000)}…` : text
}
