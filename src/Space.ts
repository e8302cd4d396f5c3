/**
 * Spaces of Hugging Face: how one is doing, waiting until it runs, duplicating it for one's own use, and what its owner can ask for. The hub is
 * `HF_ENDPOINT`, or `https://huggingface.co` without it. `GradioClient.connect` takes Spaces by name and waits for them by itself; this module is for
 * programs that want to know more, or to have a Space of their own.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

import { circumstances, type RequestError, SpaceError } from "./GradioError.ts"
import type { HuggingFaceToken } from "./HuggingFaceToken.ts"
import { duplicate as duplicateOn, noSleepTime, sleepSeconds } from "./internal/hub/duplicate.ts"
import * as Hubs from "./internal/hub/hub.ts"
import { statuses, statusOf, untilRunning } from "./internal/hub/status.ts"
import { wake } from "./internal/hub/wake.ts"
import { makeLink } from "./internal/transport/makeLink.ts"
import { baseUrl, shownSource } from "./internal/wire/routes.ts"
import { type Info, shownSpace, type SpaceSource, spaceSource } from "./internal/wire/space.ts"
import type { LimitOptions } from "./Limits.ts"

/**
 * How long to wait for a Space that does not run yet: a time, in which the hub is asked every 2 seconds; a schedule, by which it is asked; or `"none"`,
 * which takes the Space as it is now.
 */
export type Wait = Duration.Input | Schedule.Schedule<unknown> | "none"

/** Options of all functions here. */
export interface SpaceOptions extends LimitOptions {
  /** For Spaces that are private, and for changes: a token of an account with the right to them. It goes to the hub and to the Space alone. */
  readonly token?: HuggingFaceToken | undefined
  /** As for `GradioClient.connect`. */
  readonly retry?: Schedule.Schedule<unknown> | "none" | undefined
  /** As for `GradioClient.connect`. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/** Options of what waits. */
export interface WaitOptions extends SpaceOptions {
  /** Default 5 minutes. */
  readonly wait?: Wait | undefined
}

/** Hardware that Hugging Face offers; others of later are taken too. */
export type Hardware =
  | "cpu-basic"
  | "cpu-upgrade"
  | "cpu-xl"
  | "zero-a10g"
  | "t4-small"
  | "t4-medium"
  | "l4x1"
  | "l4x4"
  | "l40sx1"
  | "l40sx4"
  | "l40sx8"
  | "a10g-small"
  | "a10g-large"
  | "a10g-largex2"
  | "a10g-largex4"
  | "a100-large"
  | "h100"
  | "h100x8"
  | (string & {})

/** How a Space is doing. */
export interface SpaceStatus {
  /** `owner/name`. */
  readonly space: string
  /** As Hugging Face reports it: `RUNNING`, `BUILD_ERROR`, `SLEEPING`. */
  readonly stage: string
  /** What that means for who wants to use it; `unknown` for stages that came later than this library. */
  readonly kind: "running" | "sleeping" | "building" | "starting" | "paused" | "error" | "unknown"
  /** The same in words, with what Hugging Face says of a failure. */
  readonly message: string
  /** Whether people can write to its owner, asked for a Space that is paused or does not work; undefined for others. */
  readonly discussionsOpen: boolean | undefined
  /** What it runs on; undefined while it does not run. */
  readonly hardware: string | undefined
  readonly requestedHardware: string | undefined
  /** After how long without requests it goes to sleep; undefined: never. */
  readonly sleepTimeout: Duration.Duration | undefined
}

/** What a duplicate is to be. */
export interface DuplicateSettings {
  /** Its name, `owner/name` or `name` alone; the owner may be an organization. Default: that of the original, under the account of the token. */
  readonly to?: string | undefined
  /** Default `true`. */
  readonly private?: boolean | undefined
  /** Default: that of the original. All but `cpu-basic` and ZeroGPU is billed to the account. */
  readonly hardware?: Hardware | undefined
  /** After how long without requests it goes to sleep, on hardware that is billed. Default 5 minutes; an infinite one: never. */
  readonly sleepTimeout?: Duration.Input | undefined
  /** What its app finds in its environment, and nobody reads back. */
  readonly secrets?: Readonly<Record<string, Redacted.Redacted<string>>> | undefined
  /** What its app finds in its environment, for everybody to see. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /**
   * Gives a duplicate that is there already what is given here, and starts it when it is paused. Default `false`: it is used as it is. A Space of that
   * name that does not say it is a duplicate is never changed (`name-taken`).
   */
  readonly update?: boolean | undefined
}

/** Options of {@link duplicate}. */
export interface DuplicateOptions extends DuplicateSettings, WaitOptions {
  readonly token: HuggingFaceToken
}

const sourceOf = (hub: Hubs.Hub, space: string | URL): Effect.Effect<SpaceSource, SpaceError> => {
  const source = spaceSource(space, hub.link.base)
  return source === undefined
    ? Effect.fail(
        new SpaceError({
          ...circumstances({ where: { url: hub.link.base.href, service: "Hugging Face" } }),
          space: shownSource(space),
          reason: "missing",
          problem: `${shownSource(space)} is no Space: give \`owner/name\`, the address of its page, or https://owner-name.hf.space.`
        })
      )
    : Effect.succeed(source)
}

const open = (space: string | URL, options: SpaceOptions) =>
  Effect.flatMap(Hubs.make(options), (hub) => Effect.map(sourceOf(hub, space), (source) => ({ hub, source })))

/**
 * How a Space is doing, now and whenever that changes. It ends with the first status that stays as it is until somebody does something (`running`,
 * `paused`, `error`, `unknown`), or when the time to wait is over. It only looks: a sleeping Space goes on sleeping.
 *
 * @example
 * const program = Space.status("gradio/demo").pipe(Stream.runForEach(({ kind, message }) => Console.log(kind, message)))
 */
export const status = (
  space: string | URL,
  options: WaitOptions = {}
): Stream.Stream<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  Stream.unwrap(Effect.map(open(space, options), ({ hub, source }) => statuses(hub, source, options.wait)))

/** Wakes up a Space by a request to its host. */
const waker =
  (options: SpaceOptions) =>
  ({ host, id }: Info): Effect.Effect<void, never, HttpClient.HttpClient> => {
    const base = baseUrl(host ?? "")
    return base === undefined ? Effect.void : Effect.ignore(Effect.flatMap(makeLink(base, options, { id }), wake))
  }

/**
 * Waits until a Space runs, waking it up when it sleeps, and logs each stage once. Fails with `SpaceError` for one that is paused, does not work or is not
 * there, and for one that does not run within the time (`not-ready`, which may be tried again).
 */
export const waitUntilRunning = (
  space: string | URL,
  options: WaitOptions = {}
): Effect.Effect<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { hub, source } = yield* open(space, options)
    const services = yield* Effect.context<HttpClient.HttpClient>()
    const found = yield* untilRunning(hub, source, options.wait, (one) =>
      Effect.provideContext(waker(options)(one), services)
    )
    return statusOf(found.id, found.runtime ?? { stage: "UNKNOWN" }, undefined)
  }).pipe(Effect.withSpan("Space.waitUntilRunning"))

/**
 * Duplicates a Space for one's own use and waits until the duplicate runs. Gives its name, for `GradioClient.connect`; `GradioClient.duplicate` does both.
 *
 * A duplicate that is there already is used as it is, unless `update` is set, so that a program may call this each time. Fails with `SpaceError` where
 * Hugging Face wants a plan or a payment method (`payment-required`), the account has no right to make Spaces there (`not-allowed`), the name belongs to
 * something else (`name-taken`), or the original is not there (`missing`) or no app (`not-gradio`); with `AuthenticationError` for a token that Hugging
 * Face does not know. The copy is made with its hardware, secrets and variables by one request: nothing is half done when that fails.
 */
export const duplicate = (
  space: string | URL,
  options: DuplicateOptions
): Effect.Effect<string, SpaceError | RequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { hub, source } = yield* open(space, options)
    const id = yield* duplicateOn(hub, source, options)
    if (options.wait !== "none") yield* waitUntilRunning(id, options)
    return id
  }).pipe(Effect.withSpan("Space.duplicate"))

/** Options of changes. */
export interface ChangeOptions extends SpaceOptions {
  readonly token: HuggingFaceToken
}

const change = (space: string | URL, options: ChangeOptions, what: string, body: object) =>
  Effect.gen(function* () {
    const { hub, source } = yield* open(space, options)
    // The routes of changes take names only.
    const id = source._tag === "Named" ? shownSpace(source) : (yield* Hubs.info(hub, source)).id
    return statusOf(id, yield* Hubs.changeRuntime(hub, id, what, body), undefined)
  })

/**
 * Asks for other hardware, on which the Space is built and started anew; all but `cpu-basic` and ZeroGPU is billed. `sleepTimeout`: after how long without
 * requests it goes to sleep; an infinite one: never. Fails as {@link duplicate} does. Tokens of a browser's login may not ask for it.
 */
export const requestHardware = (
  space: string | URL,
  hardware: Hardware,
  options: ChangeOptions & { readonly sleepTimeout?: Duration.Input | undefined }
): Effect.Effect<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  change(space, options, "hardware", {
    flavor: hardware,
    ...(options.sleepTimeout === undefined ? {} : { sleepTimeSeconds: sleepSeconds(options.sleepTimeout) })
  }).pipe(Effect.withSpan("Space.requestHardware"))

/**
 * Sets after how long without requests a Space goes to sleep; an infinite one: never. On `cpu-basic` the time is Hugging Face's own: that is logged as a
 * warning, and the status tells the time that holds.
 */
export const setSleepTimeout = (
  space: string | URL,
  sleepTimeout: Duration.Input,
  options: ChangeOptions
): Effect.Effect<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  change(space, options, "sleeptime", { seconds: sleepSeconds(sleepTimeout) }).pipe(
    Effect.tap(({ requestedHardware }) =>
      requestedHardware === "cpu-basic" ? Effect.logWarning(noSleepTime(requestedHardware)) : Effect.void
    ),
    Effect.withSpan("Space.setSleepTimeout")
  )

/** Starts a Space anew, a paused one too; with `factoryReboot` it is built from nothing. */
export const restart = (
  space: string | URL,
  options: ChangeOptions & { readonly factoryReboot?: boolean | undefined }
): Effect.Effect<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  change(space, options, options.factoryReboot === true ? "restart?factory=true" : "restart", {}).pipe(
    Effect.withSpan("Space.restart")
  )

/** Stops a Space until somebody restarts it; it is not billed meanwhile. */
export const pause = (
  space: string | URL,
  options: ChangeOptions
): Effect.Effect<SpaceStatus, SpaceError | RequestError, HttpClient.HttpClient> =>
  change(space, options, "pause", {}).pipe(Effect.withSpan("Space.pause"))
