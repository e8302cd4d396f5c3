/** Duplicating a Space: one request makes the copy with all that it needs, and a copy that is there already is used as it is. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

import { circumstances, SpaceError } from "../../GradioError.ts"
import type { DuplicateSettings } from "../../Space.ts"
import { duplicatedFrom, type Info, kindOf, type SpaceSource } from "../wire/space.ts"
import { change, type Hub, type HubError, info, pageOf, whoami } from "./hub.ts"

/** So that nobody pays for a copy that nobody uses; both official clients do so. */
const defaultSleep = Duration.minutes(5)

/** Hardware whose sleep time Hugging Face sets itself. */
const isFree = (hardware: string): boolean => hardware === "cpu-basic" || hardware.startsWith("zero-")

/** As the hub counts it: -1 for never. */
export const sleepSeconds = (timeout: Duration.Input): number => {
  const duration = Duration.fromInputUnsafe(timeout)
  return Duration.isFinite(duration) ? Math.ceil(Duration.toSeconds(duration)) : -1
}

const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const named = (id: string): SpaceSource => ({ _tag: "Named", id })

const spaceError = (hub: Hub, space: string, reason: SpaceError["reason"], problem: string): SpaceError =>
  new SpaceError({
    ...circumstances({ where: { url: pageOf(hub.link.base, space), service: "Hugging Face" } }),
    space,
    reason,
    problem
  })

/** Whether a copy of `origin` is one of this Space: it may have had another name then, or be a copy itself, whose metadata was copied along. */
const isOrigin = (hub: Hub, origin: string, source: Info): Effect.Effect<boolean> =>
  sameId(origin, source.id) || sameId(origin, duplicatedFrom(source) ?? "")
    ? Effect.succeed(true)
    : info(hub, named(origin)).pipe(
        Effect.map(({ id }) => sameId(id, source.id)),
        Effect.orElseSucceed(() => false)
      )

/** The copy that is there already; undefined where there is none. */
const existing = (hub: Hub, source: Info, id: string): Effect.Effect<Info | undefined, HubError> =>
  Effect.gen(function* () {
    const found = yield* Effect.catchIf(
      info(hub, named(id)),
      (error) => error._tag === "SpaceError" && error.reason === "missing",
      () => Effect.undefined
    )
    if (found === undefined || sameId(found.id, source.id)) return found
    const origin = duplicatedFrom(found)
    if (origin !== undefined && !(yield* isOrigin(hub, origin, source))) {
      return yield* spaceError(
        hub,
        id,
        "name-taken",
        `The name ${id} is taken: that Space is a duplicate of ${origin}, not of ${source.id}. Give another name with \`to\`.`
      )
    }
    if ((found.sdk ?? undefined) !== (source.sdk ?? undefined)) {
      return yield* spaceError(
        hub,
        id,
        "name-taken",
        `The name ${id} is taken by a Space of another kind (${found.sdk ?? "unknown"}). Give another name with \`to\`.`
      )
    }
    return found
  })

/** A name, or an owner and a name; never a way to another route of the hub. */
const isName = (to: string): boolean => /^([\w-]+\/)?(?!\.+$)[\w.-]+$/.test(to)

const target = (hub: Hub, source: Info, to: string | undefined): Effect.Effect<string, HubError> => {
  const [, name = source.id] = source.id.split("/")
  if (to !== undefined && !isName(to)) {
    const problem = `${JSON.stringify(to)} is no name for a Space: give \`name\` or \`owner/name\`.`
    return spaceError(hub, source.id, "not-allowed", problem)
  }
  return to?.includes("/") === true
    ? Effect.succeed(to)
    : Effect.map(whoami(hub), (account) => `${account}/${to ?? name}`)
}

const secretsOf = (settings: DuplicateSettings) =>
  Object.entries(settings.secrets ?? {}).map(([key, value]) => ({ key, value: Redacted.value(value) }))

const variablesOf = (settings: DuplicateSettings) =>
  Object.entries(settings.variables ?? {}).map(([key, value]) => ({ key, value }))

/** One request, so that nothing is half done: with a browser's token the hub would refuse later ones. */
const create = (hub: Hub, source: Info, id: string, settings: DuplicateSettings): Effect.Effect<void, HubError> =>
  Effect.gen(function* () {
    const of = source.runtime?.hardware
    const hardware = settings.hardware ?? of?.current ?? of?.requested ?? "cpu-basic"
    const { sleepTimeout } = settings
    if (isFree(hardware) && sleepTimeout !== undefined) yield* Effect.logWarning(noSleepTime(hardware))
    const secrets = secretsOf(settings)
    const variables = variablesOf(settings)
    const body = {
      repository: id,
      private: settings.private ?? true,
      hardware,
      ...(isFree(hardware) ? {} : { sleepTimeSeconds: sleepSeconds(sleepTimeout ?? defaultSleep) }),
      ...(secrets.length === 0 ? {} : { secrets }),
      ...(variables.length === 0 ? {} : { variables })
    }
    yield* change(hub, source.id, "duplicate", body, "POST", id)
    const made = yield* info(hub, named(id))
    // The copy of a paused Space is paused, and that of one that sleeps may sleep.
    if (kindOf(made.runtime?.stage ?? "") === "paused") yield* change(hub, id, "restart", {})
  })

/** Said where a sleep time was asked for and cannot be had. */
export const noSleepTime = (hardware: string): string =>
  `The sleep time on ${hardware} is Hugging Face's own and cannot be set: it is left as it is`

/** Takes the copy that is there. One that does not say where it comes from may be something else of that name, which nobody wants to be changed. */
const attach = (hub: Hub, source: Info, found: Info, settings: DuplicateSettings): Effect.Effect<string, HubError> => {
  const isOriginal = sameId(found.id, source.id)
  const isCopy = !isOriginal && duplicatedFrom(found) !== undefined
  const doubt = isOriginal ? " (it is the original)" : isCopy ? "" : ` (it does not say that it is of ${source.id})`
  if (settings.update !== true) {
    return Effect.as(Effect.logInfo(`Space ${found.id} is there already and used as it is${doubt}`), found.id)
  }
  return isCopy
    ? Effect.as(update(hub, found, settings), found.id)
    : spaceError(
        hub,
        found.id,
        "name-taken",
        `Space ${found.id} is there already${doubt} and not changed. Give another name with \`to\`, or leave \`update\` out to use it as it is.`
      )
}

/** What was given, and nothing else. */
const update = (hub: Hub, found: Info, settings: DuplicateSettings): Effect.Effect<void, HubError> =>
  Effect.gen(function* () {
    const { id } = found
    const { hardware, sleepTimeout } = settings
    if (settings.private !== undefined) yield* change(hub, id, "settings", { private: settings.private }, "PUT")
    yield* Effect.forEach(secretsOf(settings), (secret) => change(hub, id, "secrets", secret), { discard: true })
    yield* Effect.forEach(variablesOf(settings), (variable) => change(hub, id, "variables", variable), {
      discard: true
    })
    const present = found.runtime?.hardware?.requested ?? "cpu-basic"
    const wanted = hardware ?? present
    const sleeps = sleepTimeout === undefined || isFree(wanted) ? undefined : sleepSeconds(sleepTimeout)
    if (sleepTimeout !== undefined && isFree(wanted)) yield* Effect.logWarning(noSleepTime(wanted))
    if (wanted !== present) {
      yield* change(hub, id, "hardware", {
        flavor: wanted,
        ...(sleeps === undefined ? {} : { sleepTimeSeconds: sleeps })
      })
    } else if (sleeps !== undefined) yield* change(hub, id, "sleeptime", { seconds: sleeps })
    if (kindOf(found.runtime?.stage ?? "") === "paused") yield* change(hub, id, "restart", {})
  })

/** Makes the copy, or finds it, and gives its name. */
export const duplicate = (
  hub: Hub,
  source: SpaceSource,
  settings: DuplicateSettings
): Effect.Effect<string, HubError> =>
  Effect.gen(function* () {
    const original = yield* info(hub, source)
    if (original.sdk === "static") {
      return yield* spaceError(
        hub,
        original.id,
        "not-gradio",
        `Space ${original.id} is a static page and no Gradio app, so a duplicate of it is none either.`
      )
    }
    const id = yield* target(hub, original, settings.to)
    const before = yield* existing(hub, original, id)
    if (before !== undefined) return yield* attach(hub, original, before, settings)
    return yield* create(hub, original, id, settings).pipe(
      Effect.as(id),
      // Somebody was faster, or the name is taken by what this account cannot see.
      Effect.catchIf(
        (error) => error._tag === "SpaceError" && error.reason === "name-taken",
        (taken) =>
          Effect.flatMap(existing(hub, original, id), (found) =>
            found === undefined ? Effect.fail(taken) : attach(hub, original, found, settings)
          )
      )
    )
  })
