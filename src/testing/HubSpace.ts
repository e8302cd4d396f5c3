/**
 * One Space as the stand-in of Hugging Face keeps it. Its stage follows from the clock and from what was asked of it: nothing runs while nobody looks.
 * Pure.
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

import type { Answer } from "./Answer.ts"

/** Every stage that Hugging Face reports. */
export type Stage =
  | "NO_APP_FILE"
  | "CONFIG_ERROR"
  | "BUILDING"
  | "BUILD_ERROR"
  | "APP_STARTING"
  | "RUNNING"
  | "RUNNING_BUILDING"
  | "RUNNING_APP_STARTING"
  | "RUNTIME_ERROR"
  | "SLEEPING"
  | "STOPPED"
  | "PAUSED"
  | "DELETING"

/** What answers at the host of a Space while it runs; a `GradioServer` is one. */
export interface SpaceApp {
  readonly handle: (request: HttpServerRequest) => Effect.Effect<Answer>
}

/** What a Space is made of. */
export interface SpaceOptions {
  /** `owner/name`. */
  readonly id: string
  /** Answers while the Space runs. Default: nothing that Gradio would answer, as a Space of another kind. */
  readonly app?: SpaceApp | undefined
  /** Where the Space stands at first. Default `"RUNNING"`. */
  readonly stage?: Stage | undefined
  /** Default `"gradio"`. */
  readonly sdk?: "gradio" | "docker" | "static" | "streamlit" | undefined
  /** Default `false`. */
  readonly private?: boolean | undefined
  /** Default `"cpu-basic"`. */
  readonly hardware?: string | undefined
  /** How long it stays awake without requests, in whole seconds. Always 48 hours on `cpu-basic`; default elsewhere: for ever. */
  readonly sleepTime?: Duration.Input | undefined
  /** How long building takes. Default 30 seconds. */
  readonly builds?: Duration.Input | undefined
  /** How long its app takes to start after building, or after waking up. Default 10 seconds. */
  readonly starts?: Duration.Input | undefined
  /**
   * What building and starting lead to; `BUILD_ERROR`, `CONFIG_ERROR` and `NO_APP_FILE` come instead of starting. Duplicates inherit it.
   * Default `"RUNNING"`.
   */
  readonly ends?: "RUNNING" | "BUILD_ERROR" | "CONFIG_ERROR" | "NO_APP_FILE" | "RUNTIME_ERROR" | undefined
  /** What Hugging Face says about a failure, beside the stage. */
  readonly errorMessage?: string | undefined
  /** Whether people may open discussions. Default `true`. */
  readonly discussions?: boolean | undefined
  /** The Space that this one was duplicated from. */
  readonly duplicatedFrom?: string | undefined
}

/** A stage and when it began, or will, in milliseconds. */
interface Phase {
  readonly stage: Stage
  readonly from: number
}

/** A secret or a variable. */
export interface Setting {
  readonly value: string
  readonly description: string | undefined
  readonly at: number
}

/** A Space, as it is kept. */
export interface HubSpace {
  readonly id: string
  readonly app: SpaceApp | undefined
  readonly sdk: "gradio" | "docker" | "static" | "streamlit"
  readonly private: boolean
  readonly hardware: string
  /** Asked for, and given with the next start. */
  readonly requestedHardware: string
  /** In seconds; null: it never sleeps. */
  readonly sleepTime: number | null
  readonly secrets: ReadonlyMap<string, Setting>
  readonly variables: ReadonlyMap<string, Setting>
  readonly discussions: boolean
  readonly duplicatedFrom: string | undefined
  readonly errorMessage: string | undefined
  readonly builds: number
  readonly starts: number
  readonly ends: NonNullable<SpaceOptions["ends"]>
  readonly phases: ReadonlyArray<Phase>
  readonly lastRequest: number
  readonly createdAt: number
}

const freeSleepTime = 48 * 3600

/** A sleep time can be set on upgraded hardware only. */
export const sleepTimeOn = (hardware: string, seconds: number | null): number | null =>
  hardware === "cpu-basic" ? freeSleepTime : seconds === null || seconds < 0 ? null : seconds

const settled = (stage: Stage, at: number): ReadonlyArray<Phase> => [{ stage, from: at }]

/** The way from the start of the app, or from a failure before it. */
const starting = ({ ends, starts }: Pick<HubSpace, "ends" | "starts">, at: number): ReadonlyArray<Phase> =>
  ends === "RUNNING" || ends === "RUNTIME_ERROR"
    ? [
        { stage: "APP_STARTING", from: at },
        { stage: ends, from: at + starts }
      ]
    : settled(ends, at)

const building = (space: Pick<HubSpace, "builds" | "ends" | "starts">, at: number): ReadonlyArray<Phase> => [
  { stage: "BUILDING", from: at },
  ...starting(space, at + space.builds)
]

const beginsAs = (
  space: Pick<HubSpace, "builds" | "ends" | "starts">,
  stage: Stage,
  at: number
): ReadonlyArray<Phase> => {
  if (stage === "BUILDING") return building(space, at)
  return stage === "APP_STARTING" ? starting(space, at) : settled(stage, at)
}

/** A Space that begins now. */
export const make = (options: SpaceOptions, now: number): HubSpace => {
  const hardware = options.hardware ?? "cpu-basic"
  const seconds = options.sleepTime === undefined ? null : Math.trunc(Duration.toSeconds(options.sleepTime))
  const times = {
    builds: Duration.toMillis(options.builds ?? "30 seconds"),
    starts: Duration.toMillis(options.starts ?? "10 seconds"),
    ends: options.ends ?? "RUNNING"
  } as const
  return {
    ...times,
    id: options.id,
    app: options.app,
    sdk: options.sdk ?? "gradio",
    private: options.private ?? false,
    hardware,
    requestedHardware: hardware,
    sleepTime: sleepTimeOn(hardware, seconds),
    secrets: new Map(),
    variables: new Map(),
    discussions: options.discussions ?? true,
    duplicatedFrom: options.duplicatedFrom,
    errorMessage: options.errorMessage,
    phases: beginsAs(times, options.stage ?? "RUNNING", now),
    lastRequest: now,
    createdAt: now
  }
}

/** The part of the address that stands for the Space: `owner-name`. */
export const subdomain = ({ id }: Pick<HubSpace, "id">): string => id.toLowerCase().replace(/[^a-z0-9]+/g, "-")

const currentPhase = ({ phases }: HubSpace, now: number): Phase | undefined =>
  phases.findLast(({ from }) => from <= now)

/** The stage at this time. */
export const stageAt = (space: HubSpace, now: number): Stage => {
  const phase = currentPhase(space, now)
  if (phase === undefined) return "STOPPED"
  const { lastRequest, sleepTime } = space
  const isIdle = sleepTime !== null && now - Math.max(lastRequest, phase.from) >= sleepTime * 1000
  return phase.stage === "RUNNING" && isIdle ? "SLEEPING" : phase.stage
}

/** Whether requests reach the app: also while the next version is built. */
export const isServing = (stage: Stage): boolean =>
  stage === "RUNNING" || stage === "RUNNING_BUILDING" || stage === "RUNNING_APP_STARTING"

/** After a request to its host, which wakes it up. */
export const requested = (space: HubSpace, now: number): HubSpace => {
  const stage = stageAt(space, now)
  const awake = stage === "SLEEPING" || stage === "STOPPED" ? starting(space, now) : space.phases
  return { ...space, phases: awake, lastRequest: now }
}

/** Built and started anew, on the hardware that was asked for. */
export const restarted = (space: HubSpace, now: number): HubSpace => ({
  ...space,
  hardware: space.requestedHardware,
  sleepTime: sleepTimeOn(space.requestedHardware, space.sleepTime),
  phases: building(space, now),
  lastRequest: now
})

/** Stopped by its owner: nothing but a restart lets it run again. */
export const paused = (space: HubSpace, now: number): HubSpace => ({ ...space, phases: settled("PAUSED", now) })

/** What `/runtime` says. */
export const runtime = (space: HubSpace, now: number): object => {
  const stage = stageAt(space, now)
  const isNew = stage === "BUILDING" || stage === "NO_APP_FILE" || stage === "CONFIG_ERROR" || stage === "BUILD_ERROR"
  const isOff = stage === "SLEEPING" || stage === "STOPPED" || stage === "PAUSED"
  return {
    stage,
    ...(stage.endsWith("_ERROR") && space.errorMessage !== undefined ? { errorMessage: space.errorMessage } : {}),
    hardware: { current: isNew || isOff ? null : space.hardware, requested: space.requestedHardware },
    storage: null,
    gcTimeout: space.sleepTime,
    replicas: { current: isServing(stage) ? 1 : 0, requested: 1 },
    devMode: false,
    domains: [{ domain: `${subdomain(space)}.hf.space`, stage: "READY" }]
  }
}
