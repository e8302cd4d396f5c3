/** How a Space is doing: read from the hub, followed until it stays as it is, and waited for. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

import { circumstances, SpaceError } from "../../GradioError.ts"
import type { SpaceStatus, Wait } from "../../Space.ts"
import { type Info, kindOf, type Runtime, type SpaceSource } from "../wire/space.ts"
import { discussionsOpen, type Hub, type HubError, info, pageOf } from "./hub.ts"

const defaultWait: Wait = "5 minutes"

/** How often to look. Hugging Face limits the requests of each address. */
const pause = Duration.seconds(2)

const words = (runtime: Runtime): string => {
  const said = runtime.errorMessage ?? ""
  switch (kindOf(runtime.stage)) {
    case "running":
      return "It is running."
    case "sleeping":
      return "It is asleep; a request to it wakes it up."
    case "building":
      return "It is building."
    case "starting":
      return "It is starting."
    case "paused":
      return "Its owner has paused it."
    case "error":
      return `It does not work${said === "" ? "." : `: ${said}`}`
    case "unknown":
      return `Its stage is ${runtime.stage}.`
  }
}

// A Space without a runtime has nothing that could run.
const runtimeOf = ({ runtime }: Info): Runtime => runtime ?? { stage: "NO_APP_FILE" }

/** What the hub says of a Space, as this library tells it. */
export const statusOf = (space: string, runtime: Runtime, isOpen: boolean | undefined): SpaceStatus => {
  const seconds = runtime.gcTimeout ?? -1
  return {
    space,
    stage: runtime.stage,
    kind: kindOf(runtime.stage),
    message: words(runtime),
    discussionsOpen: isOpen,
    hardware: runtime.hardware?.current ?? undefined,
    requestedHardware: runtime.hardware?.requested ?? undefined,
    sleepTimeout: seconds < 0 ? undefined : Duration.seconds(seconds)
  }
}

/** Whether it stays as it is until somebody does something. A stage that nobody knows does too: whoever waits would wait for nothing. */
export const isSettled = (found: Info): boolean => {
  const kind = kindOf(runtimeOf(found).stage)
  return kind === "running" || kind === "paused" || kind === "error" || kind === "unknown"
}

const scheduleOf = (wait: Exclude<Wait, "none">): Schedule.Schedule<unknown> => {
  if (Schedule.isSchedule(wait)) return wait
  const whole = Duration.fromInputUnsafe(wait)
  const each = Duration.min(pause, whole)
  // The last look comes when the time is over.
  return Schedule.spaced(each).pipe(Schedule.upTo({ duration: Duration.subtract(whole, each) }))
}

/** What the hub says of a Space, again and again, until it is settled or the time is over. */
export const follow = (hub: Hub, source: SpaceSource, wait: Wait = defaultWait): Stream.Stream<Info, HubError> => {
  const look = info(hub, source)
  return wait === "none"
    ? Stream.fromEffect(look)
    : Stream.takeUntil(Stream.fromEffectSchedule(look, scheduleOf(wait)), isSettled)
}

/** The status, where it changes. */
export const statuses = (hub: Hub, source: SpaceSource, wait: Wait | undefined): Stream.Stream<SpaceStatus, HubError> =>
  follow(hub, source, wait).pipe(
    Stream.changesWith((a, b) => JSON.stringify(a.runtime) === JSON.stringify(b.runtime)),
    Stream.mapEffect((found) => toStatus(hub, found))
  )

/** Where the Space cannot work, people may want to write to its owner. */
const toStatus = (hub: Hub, found: Info): Effect.Effect<SpaceStatus> => {
  const runtime = runtimeOf(found)
  const kind = kindOf(runtime.stage)
  return kind === "paused" || kind === "error"
    ? Effect.map(discussionsOpen(hub, found.id), (isOpen) => statusOf(found.id, runtime, isOpen))
    : Effect.succeed(statusOf(found.id, runtime, undefined))
}

const cannotRun = (hub: Hub, status: SpaceStatus, said: string | undefined): SpaceError =>
  new SpaceError({
    ...circumstances({
      where: { url: pageOf(hub.link.base, status.space), service: "Hugging Face" },
      isTransient: status.kind !== "paused" && status.kind !== "error"
    }),
    space: status.space,
    reason: status.kind === "paused" ? "paused" : status.kind === "error" ? "failed" : "not-ready",
    stage: status.stage,
    discussionsOpen: status.discussionsOpen,
    said
  })

/**
 * Waits until a Space runs. `wake` sends a request to its host, which is what wakes a sleeping one up. Logs each stage once. Fails for a Space that will
 * not run by itself, and for one that does not within the time.
 */
export const untilRunning = (
  hub: Hub,
  source: SpaceSource,
  wait: Wait | undefined,
  wake: (found: Info) => Effect.Effect<void>
): Effect.Effect<Info, HubError> =>
  follow(hub, source, wait).pipe(
    Stream.mapAccum(
      () => "",
      (before, found) => {
        const { stage } = runtimeOf(found)
        return [stage, [{ found, isNew: stage !== before, wasOther: before !== "" }]]
      }
    ),
    Stream.mapEffect(({ found, isNew, wasOther }) => {
      const runtime = runtimeOf(found)
      const kind = kindOf(runtime.stage)
      // Nothing is to be told of one that runs already.
      const tell =
        !isNew || (kind === "running" && !wasOther)
          ? Effect.void
          : Effect.logInfo(`Space ${found.id} (${runtime.stage}): ${words(runtime)}`)
      // One that sleeps on has not heard the request before.
      return Effect.as(Effect.andThen(tell, kind === "sleeping" ? wake(found) : Effect.void), found)
    }),
    Stream.runLast,
    Effect.flatMap((last) =>
      Option.match(last, {
        onNone: () => info(hub, source),
        onSome: (found) => Effect.succeed(found)
      })
    ),
    Effect.flatMap((found) => {
      const runtime = runtimeOf(found)
      const kind = kindOf(runtime.stage)
      return kind === "running" || kind === "unknown"
        ? Effect.succeed(found)
        : Effect.flatMap(toStatus(hub, found), (status) =>
            Effect.fail(cannotRun(hub, status, runtime.errorMessage ?? undefined))
          )
    })
  )
