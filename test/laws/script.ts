/**
 * Scripts of what a server does to the calls of one session, and what a correct client makes of them. The expectation is read from what happened
 * (`Fact`), by the rules that a user can rely on; it knows nothing of how the client is built.
 */
import type { Random } from "./generated.ts"

/** How a stream goes away. */
export type StreamEnd = "clean" | "close_stream" | "broke-off" | "refused"

export type Kind =
  | "estimation"
  | "starts"
  | "progress"
  | "log"
  | "generating"
  | "streaming"
  | "other"
  | "completed"
  | "failed"
  | "cancelled"
  | "broken"
  | "unexpected"
  | "heartbeat"

/** `job`: the number of a call, `stranger` for an event that nobody here joined, `all` for a message without an event. */
export interface Sent {
  readonly job: number | "stranger" | "all"
  readonly kind: Kind
  /** Tells this message from all others. */
  readonly serial: number
}

export type Action =
  | { readonly do: "call"; readonly job: number }
  | { readonly do: "answer"; readonly job: number; readonly ok: boolean }
  | { readonly do: "send"; readonly piece: ReadonlyArray<Sent> }
  | { readonly do: "end"; readonly how: StreamEnd }
  | { readonly do: "interrupt"; readonly job: number }

export interface Script {
  readonly jobs: number
  readonly actions: ReadonlyArray<Action>
  /** Whether everything comes to rest between two actions. */
  readonly settled: boolean
  readonly seed: number
}

/** What really happened, in order. */
export type Fact =
  | Exclude<Action, { readonly do: "send" | "end" }>
  | { readonly do: "send"; readonly piece: ReadonlyArray<Sent> }
  | { readonly do: "end"; readonly how: StreamEnd }
  /** Nothing came any more, for longer than any limit. */
  | { readonly do: "silence" }

export type Outcome =
  | { readonly is: "value"; readonly kind: "completed" | "failed" | "cancelled"; readonly serial: number }
  | { readonly is: "lost"; readonly why: StreamEnd | "silent" | "unexpected" }
  | { readonly is: "unreadable" }
  | { readonly is: "refused" }
  | { readonly is: "interrupted" }

export interface Expected {
  readonly outcome: Outcome
  /** The messages that must reach its reader, without those that may give way to later ones. */
  readonly lasting: ReadonlyArray<number>
  readonly cancels: number
}

const terminal = new Set<Kind>(["completed", "failed", "cancelled"])
const starting = new Set<Kind>(["starts", "progress", "log", "generating", "streaming"])
const passing = new Set<Kind>(["estimation", "progress", "log"])
export const isLasting = (kind: Kind): boolean => !passing.has(kind)

interface Believed {
  phase: "unsent" | "joining" | "pending" | "ended"
  outcome: Outcome | undefined
  heard: boolean
  secondChance: boolean
  readonly early: Array<Sent>
  earlyLostWith: StreamEnd | undefined
  readonly lasting: Array<number>
  cancels: number
  started: boolean
  /** Nobody wants it any more; the server can be told when it has started. */
  kept: boolean
}

/** Whether a server can stop a call that waits, and completes what it stopped. Those before 4.31 do neither. */
export type Cancels = "at once" | "what has started"

/** What each call must end with. `noticesLeaving`: whether the server sees that a stream was left, or has to be told of the calls that it had. */
export const expected = (
  jobs: number,
  facts: ReadonlyArray<Fact>,
  stops: Cancels = "at once",
  noticesLeaving = true
): ReadonlyArray<Expected> => {
  const all = Array.from({ length: jobs }, (): Believed => ({
    phase: "unsent",
    outcome: undefined,
    heard: false,
    secondChance: true,
    early: [],
    earlyLostWith: undefined,
    lasting: [],
    cancels: 0,
    started: false,
    kept: false
  }))
  const finish = (job: Believed, outcome: Outcome, cancels = 0): void => {
    job.phase = "ended"
    job.outcome ??= outcome
    job.cancels += cancels
  }
  const release = (job: Believed, cancels = 1): void => {
    job.kept = false
    job.cancels += cancels
  }
  const giveUp = (job: Believed): void => {
    job.kept = stops === "what has started" && !job.started
    finish(job, { is: "interrupted" }, job.kept ? 0 : 1)
  }
  const hear = (job: Believed, { kind, serial }: Sent): void => {
    if (job.kept && kind !== "estimation" && kind !== "other") {
      release(job, terminal.has(kind) || kind === "unexpected" ? 0 : 1)
    }
    if (job.phase !== "pending") return
    job.heard = true
    job.started ||= starting.has(kind)
    // The server goes on with a call whose message cannot be read, and is told.
    if (kind === "broken") return finish(job, { is: "unreadable" }, 1)
    if (kind === "unexpected") return finish(job, { is: "lost", why: "unexpected" })
    if (isLasting(kind)) job.lasting.push(serial)
    if (kind === "completed" || kind === "failed" || kind === "cancelled") finish(job, { is: "value", kind, serial })
  }
  const believed = (index: number | "stranger" | "all"): Believed | undefined =>
    typeof index === "number" ? all[index] : undefined
  for (const fact of facts) {
    switch (fact.do) {
      case "call": {
        const job = believed(fact.job)
        if (job !== undefined) job.phase = "joining"
        break
      }
      case "answer": {
        const job = believed(fact.job)
        if (job === undefined || job.phase !== "joining") break
        if (!fact.ok) {
          finish(job, { is: "refused" })
        } else if (job.outcome !== undefined) {
          // Interrupted while it joined: it is the server's call until now, unless it has ended there already.
          if (job.early.length === 0) giveUp(job)
          else finish(job, job.outcome, job.early.some(({ kind }) => terminal.has(kind)) ? 0 : 1)
        } else {
          job.phase = "pending"
          for (const sent of job.early) hear(job, sent)
          if (job.phase === "pending" && job.earlyLostWith !== undefined) {
            finish(job, { is: "lost", why: job.earlyLostWith })
          }
        }
        break
      }
      case "send":
        for (const sent of fact.piece) {
          if (sent.job === "all") {
            if (sent.kind === "broken" || sent.kind === "unexpected") for (const job of all) hear(job, sent)
            continue
          }
          const job = believed(sent.job)
          if (job?.phase === "joining") job.early.push(sent)
          else if (job !== undefined) hear(job, sent)
        }
        break
      case "end":
        for (const job of all) {
          if (job.phase === "joining" && job.early.length > 0) job.earlyLostWith ??= fact.how
          // The server drops what waits when its stream ends, and keeps it where it did not open one.
          const isKnown = noticesLeaving && fact.how !== "refused"
          if (job.kept) release(job, !isKnown && job.secondChance ? 1 : 0)
          if (job.phase !== "pending") continue
          // A refused stream leaves the call waiting on the server.
          if (job.heard || !job.secondChance) finish(job, { is: "lost", why: fact.how }, isKnown ? 0 : 1)
          else job.secondChance = false
        }
        break
      case "silence":
        for (const job of all) {
          if (job.kept) release(job)
          if (job.phase === "pending") finish(job, { is: "lost", why: "silent" }, 1)
        }
        break
      case "interrupt": {
        const job = believed(fact.job)
        if (job === undefined || job.phase === "ended") break
        if (job.phase === "pending") giveUp(job)
        else job.outcome ??= { is: "interrupted" }
        break
      }
    }
  }
  return all.map(({ cancels, lasting, outcome }): Expected => ({
    outcome: outcome ?? { is: "lost", why: "silent" },
    lasting,
    cancels
  }))
}

const courses: readonly [ReadonlyArray<Kind>, ...Array<ReadonlyArray<Kind>>] = [
  ["estimation", "starts", "completed"],
  ["completed"],
  ["estimation", "estimation", "starts", "progress", "progress", "log", "completed"],
  ["estimation", "starts", "generating", "generating", "generating", "completed"],
  ["starts", "streaming", "streaming", "completed"],
  ["estimation", "starts", "failed"],
  ["estimation", "cancelled"],
  ["estimation", "starts", "generating", "failed"],
  ["estimation", "starts", "other", "completed"],
  ["estimation", "starts", "broken", "completed"],
  ["estimation", "starts", "unexpected"]
]

/**
 * A script: the course of each call, cut, repeated or reordered now and then, woven together with the others', with messages of strangers and of
 * nobody, the ends of streams, interruptions, and joins that are answered late or refused.
 */
export const script = (random: Random): Script => {
  const jobs = 1 + random.below(4)
  let serial = 0
  const lanes: Array<Array<Action>> = []
  for (let job = 0; job < jobs; job++) {
    let sent = random.pick(courses).map((kind): Sent => ({ job, kind, serial: serial++ }))
    if (random.chance(0.15)) sent = sent.slice(0, random.below(sent.length + 1))
    if (random.chance(0.1)) sent = sent.flatMap((one) => (random.chance(0.4) ? [one, one] : [one]))
    if (random.chance(0.1)) sent = random.shuffled(sent)
    const sends = sent.map((one): Action => ({ do: "send", piece: [one] }))
    const answer: Action = { do: "answer", job, ok: random.chance(0.95) }
    // Messages may overtake the answer to the join.
    const at = random.chance(0.25) ? random.below(sends.length + 1) : 0
    const lane: Array<Action> = [{ do: "call", job }, ...sends.slice(0, at), answer, ...sends.slice(at)]
    if (random.chance(0.2)) lane.splice(1 + random.below(lane.length), 0, { do: "interrupt", job })
    lanes.push(lane)
  }
  const noise: Array<Action> = []
  for (let n = random.below(4); n > 0; n--) {
    const kind = random.pick<Kind>(["heartbeat", "heartbeat", "other", "broken", "unexpected"])
    noise.push(
      random.chance(0.5)
        ? {
            do: "send",
            piece: [
              {
                job: "stranger",
                kind: random.pick<Kind>(["estimation", "generating", "completed", "other"]),
                serial: serial++
              }
            ]
          }
        : { do: "send", piece: [{ job: "all", kind, serial: serial++ }] }
    )
  }
  if (random.chance(0.4)) {
    noise.push({
      do: "end",
      how: random.pick<StreamEnd>(["clean", "close_stream", "close_stream", "broke-off", "refused"])
    })
  }
  if (random.chance(0.1)) noise.push({ do: "end", how: random.pick<StreamEnd>(["clean", "close_stream", "broke-off"]) })
  const actions = woven(random, [...lanes, random.shuffled(noise)])
  return { jobs, actions: joined(random, actions), settled: random.chance(0.7), seed: random.below(2 ** 31) }
}

/** All lanes in one, each in its own order. */
const woven = (random: Random, lanes: ReadonlyArray<ReadonlyArray<Action>>): ReadonlyArray<Action> => {
  const rest = lanes.map((lane) => [...lane])
  const all: Array<Action> = []
  for (;;) {
    const left = rest.filter((lane) => lane.length > 0)
    const [first, ...others] = left
    if (first === undefined) return all
    const next = random.pick([first, ...others]).shift()
    if (next !== undefined) all.push(next)
  }
}

/** Messages that follow each other may come in one piece. */
const joined = (random: Random, actions: ReadonlyArray<Action>): ReadonlyArray<Action> => {
  const all: Array<Action> = []
  for (const action of actions) {
    const before = all.at(-1)
    if (action.do === "send" && before?.do === "send" && random.chance(0.4)) {
      all[all.length - 1] = { do: "send", piece: [...before.piece, ...action.piece] }
    } else all.push(action)
  }
  return all
}
