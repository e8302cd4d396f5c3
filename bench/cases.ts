/** The cases: what runs, how much of it, and what this library promises for it. */
import { stat } from "node:fs/promises"

import { WrongAnswerError } from "./answers.ts"
import type { Session } from "./clients/client.ts"

const MiB = 1024 * 1024

/** What a case needs to know of the files of this run. */
export interface Files {
  /** The file to send; the app serves the same one. */
  readonly large: string
  readonly size: number
  /** What the app says of the large file when it got every byte. */
  readonly answer: string
  /** Where to save downloads. */
  readonly directory: string
}

export type Target =
  | { readonly kind: "cpu-over-floor"; readonly atMost: number }
  | { readonly kind: "cpu-under-gradio"; readonly atLeast: number }
  | { readonly kind: "memory-over-idle"; readonly atMostMiB: number }

interface Common {
  readonly title: string
  readonly targets: ReadonlyArray<Target>
}

/** Repetitions in one process after a warm-up; the numbers are for each unit. */
export interface WorkCase extends Common {
  readonly kind: "work"
  readonly unit: "call" | "event" | "job" | "MiB"
  /** Units in one repetition. */
  readonly amount: number
  readonly quickAmount: number
  readonly warmUp: number
  readonly run: (session: Session, amount: number, files: Files) => Promise<void>
}

/** Each repetition is a process of its own: what it takes from nothing. */
export interface StartCase extends Common {
  readonly kind: "start"
  readonly unit: "start"
  readonly measured: "import" | "connect"
}

export type Case = WorkCase | StartCase

const cheap: ReadonlyArray<Target> = [
  { kind: "cpu-over-floor", atMost: 1.6 },
  { kind: "cpu-under-gradio", atLeast: 2 }
]
const constantMemory: ReadonlyArray<Target> = [{ kind: "memory-over-idle", atMostMiB: 96 }]

export const inFlight = 50

export const cases: { readonly [name: string]: Case } = {
  import: { kind: "start", title: "import", unit: "start", measured: "import", targets: [] },
  connect: { kind: "start", title: "connect, first in its process", unit: "start", measured: "connect", targets: [] },
  "predict-in-turn": {
    kind: "work",
    title: "predict, one after another",
    unit: "call",
    amount: 3000,
    quickAmount: 1000,
    warmUp: 1500,
    targets: cheap,
    run: (session, amount) => session.predictInTurn(amount)
  },
  "predict-50": {
    kind: "work",
    title: `predict, ${inFlight} in flight`,
    unit: "call",
    amount: 10_000,
    quickAmount: 3000,
    warmUp: 3000,
    targets: cheap,
    run: (session, amount) => session.predictTogether(amount, inFlight)
  },
  generator: {
    kind: "work",
    title: "a generator",
    unit: "event",
    amount: 20_000,
    quickAmount: 20_000,
    warmUp: 60_000,
    targets: [{ kind: "cpu-over-floor", atMost: 1.6 }],
    run: (session, amount) => session.generator(amount)
  },
  "long-text": {
    kind: "work",
    title: "a text growing by 20 characters",
    unit: "event",
    amount: 20_000,
    quickAmount: 20_000,
    warmUp: 20_000,
    targets: [],
    run: (session, amount) => session.longText(amount)
  },
  "jobs-at-once": {
    kind: "work",
    title: "1,000 jobs at once",
    unit: "job",
    amount: 1000,
    quickAmount: 1000,
    warmUp: 1000,
    targets: [],
    run: (session, amount) => session.jobsAtOnce(amount)
  },
  upload: {
    kind: "work",
    title: "upload of a file",
    unit: "MiB",
    amount: 1024,
    quickAmount: 256,
    warmUp: 1,
    targets: constantMemory,
    async run(session, _amount, files) {
      const answer = await session.upload(files.large)
      if (answer !== files.answer) throw new WrongAnswerError(`expected ${files.answer}, got ${answer}`)
    }
  },
  download: {
    kind: "work",
    title: "download of a file",
    unit: "MiB",
    amount: 1024,
    quickAmount: 256,
    warmUp: 1,
    targets: constantMemory,
    // The size here; the bytes are compared by the parent, so that reading them again is not in the numbers.
    async run(session, _amount, files) {
      const { size } = await stat(await session.download(files.directory))
      if (size !== files.size) throw new WrongAnswerError(`expected ${files.size} bytes, got ${size}`)
    }
  }
}

export const transferBytes = (chosen: ReadonlyArray<Case>, isQuick: boolean): number =>
  Math.max(
    MiB,
    ...chosen.map((item) =>
      item.kind === "work" && item.unit === "MiB" ? MiB * (isQuick ? item.quickAmount : item.amount) : 0
    )
  )
