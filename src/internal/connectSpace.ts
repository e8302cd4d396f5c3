/** Finding the app of a Space: where it is, whether it runs, and what is the matter where it does not answer as an app does. */
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"

import { circumstances, type ConnectError, SpaceError } from "../GradioError.ts"
import type { Wait } from "../Space.ts"
import { type FoundApp, readConfig } from "./connect.ts"
import * as Hubs from "./hub/hub.ts"
import { untilRunning } from "./hub/status.ts"
import { wake } from "./hub/wake.ts"
import type { Link } from "./transport/link.ts"
import { type LinkOptions, makeLink } from "./transport/makeLink.ts"
import { baseUrl } from "./wire/routes.ts"
import { type Info, kindOf, shownSpace, type SpaceSource } from "./wire/space.ts"

interface Options extends LinkOptions {
  readonly wait?: Wait | undefined
}

/**
 * A Space by its name: the hub tells where it is, and how it is doing before anything is asked of it. One by its own host is asked directly, and the hub
 * only where it does not answer as an app does; so it works where the hub cannot be reached.
 */
export const connectSpace = (
  source: SpaceSource,
  options: Options
): Effect.Effect<FoundApp, ConnectError, HttpClient.HttpClient> =>
  source._tag === "Named"
    ? Effect.gen(function* () {
        const hub = yield* Hubs.make(options)
        const found = yield* Hubs.info(hub, source)
        const link = yield* makeLink(yield* hostOf(hub, source, found), options, { id: found.id })
        if (!isRunning(found)) yield* untilReady(hub, source, link, options)
        return yield* readApp(hub, source, link, options)
      })
    : Effect.gen(function* () {
        const link = yield* makeLink(source.base, options, { id: undefined })
        return yield* Effect.catch(readConfig(link), (error) =>
          Effect.flatMap(
            Effect.mapError(Hubs.make(options), () => error),
            (hub) => explain(hub, source, link, options, error)
          )
        )
      })

const isRunning = ({ runtime }: Info): boolean => {
  const kind = kindOf(runtime?.stage ?? "")
  return kind === "running" || kind === "unknown"
}

const untilReady = (hub: Hubs.Hub, source: SpaceSource, link: Link, { wait }: Options) =>
  untilRunning(hub, source, wait, () => wake(link))

const hostOf = (hub: Hubs.Hub, source: SpaceSource, { host, id, sdk }: Info): Effect.Effect<URL, SpaceError> => {
  const base = baseUrl(host ?? "")
  return base === undefined ? Effect.fail(notGradio(hub, source, id, sdk ?? undefined)) : Effect.succeed(base)
}

const notGradio = (hub: Hubs.Hub, source: SpaceSource, id: string, sdk: string | undefined): SpaceError =>
  new SpaceError({
    ...circumstances({ where: { url: Hubs.pageOf(hub.link.base, id), service: "Hugging Face" } }),
    space: id,
    reason: "not-gradio",
    problem:
      sdk === undefined || sdk === "gradio"
        ? undefined
        : `Space ${shownSpace(source)} is no Gradio app but of the kind "${sdk}", so there is nothing to connect to.`
  })

const readApp = (
  hub: Hubs.Hub,
  source: SpaceSource,
  link: Link,
  options: Options
): Effect.Effect<FoundApp, ConnectError> =>
  Effect.catch(readConfig(link), (error) => explain(hub, source, link, options, error))

/** What is the matter with a Space that does not answer as an app does: it may just have gone to sleep, or be no app at all. */
const explain = (
  hub: Hubs.Hub,
  source: SpaceSource,
  link: Link,
  options: Options,
  error: ConnectError
): Effect.Effect<FoundApp, ConnectError> =>
  Effect.gen(function* () {
    // An app that wants a login says so itself, and one that cannot be understood runs.
    const mayNotRun =
      error._tag === "AppResponseError" ||
      error._tag === "AppUnreachableError" ||
      (error._tag === "AuthenticationError" && error.authMessage === undefined)
    if (!mayNotRun) return yield* error
    const found = yield* Effect.mapError(Hubs.info(hub, source), (unknown) =>
      // Where the hub cannot be asked, the app's own answer tells more.
      unknown._tag === "SpaceError" ? unknown : error
    )
    if (!isRunning(found)) {
      yield* untilReady(hub, source, link, options)
      return yield* readConfig(link)
    }
    if (error._tag === "AppResponseError" && !error.isTransient && error.status < 500) {
      return yield* notGradio(hub, source, found.id, found.sdk ?? undefined)
    }
    return yield* error
  })
