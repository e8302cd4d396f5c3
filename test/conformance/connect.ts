/** Finding an app, and what a connection to it is. */
import { ConfigProvider, Context, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient } from "../../src/index.ts"
import { before, type Case, type Group, type World } from "./Case.ts"
import { circumstances, eventually, failureOf, has, record, same } from "./look.ts"

/** Connects at an address, which is that of the app in the end, and calls a queued function and a direct one. */
const reaches = (title: string, ats: ReadonlyArray<string>, more: Partial<Case> = {}): Case => ({
  title,
  endpoints: ["/echo", "/direct"],
  run: ({ connect, url }) =>
    Effect.forEach(
      ats,
      (at) =>
        Effect.gen(function* () {
          const app = yield* connect({ at })
          same(app.url.href, `${url}/`)
          same(app.config.title, "effect-gradio fixture")
          same(yield* app.predict("/echo", ["x"]), ["x"])
          same(yield* app.predict("/direct", ["y"]), ["y"])
        }).pipe(Effect.scoped),
      { discard: true }
    ),
  ...more
})

const echo = (app: GradioClient.GradioClient) => app.predict("/echo", ["x"])

const sessionOf = (app: GradioClient.GradioClient) =>
  Effect.map(app.predict("/request_info", ["x"]), ([info]): unknown => Object(info).session_hash)

const noHash = "its functions are not told their session"

/** A tag of a program's own for one of its apps. */
class Calculator extends Context.Service<Calculator, GradioClient.GradioClient>()("test/Calculator") {}

/** A session of a connection of its own, with a generator without end that has begun. */
const busy = Effect.fnUntraced(function* ({ connect }: World, scope: Scope.Scope, hash: string) {
  const app = yield* Scope.provide(connect({ sessionHash: hash }), scope)
  const job = yield* Scope.provide(app.submit("/endless_async", [hash]), scope)
  yield* job.events.pipe(
    Stream.filter((event) => event._tag === "Output"),
    Stream.take(1),
    Stream.runDrain
  )
  return app
})

export const connect: Group = {
  concept: "connecting",
  cases: [
    reaches("the address of an app", [""]),
    reaches("a slash at the end does not matter", ["/", "//"]),
    reaches("a query and a fragment are left out", ["?__theme=dark", "/?view=api&__theme=dark#part", "#part", "/?"]),
    reaches("an app below a path, with and without a slash", ["", "/", "/?__theme=dark"], { onStrictServer: true }),
    {
      title: "an address where no app is, is refused",
      endpoints: [],
      run: ({ connect, url }) =>
        Effect.gen(function* () {
          const { body, message, ...error } = yield* failureOf(connect({ at: "/nothing/here", retry: "none" }))
          same(error, {
            _tag: "AppResponseError",
            ...circumstances(undefined, "nothing-sent"),
            status: 404,
            problem:
              "HTTP 404 for its configuration and none in its page, so this is no Gradio app, or one that is not there any more"
          })
          same(
            String(message).startsWith(
              "Unexpected answer from the app at <app>: HTTP 404 for its configuration and none in its page, so"
            ),
            true
          )
          same([typeof body, url.includes("nothing")], ["string", false])
        })
    },
    {
      title: "a layer gives the app of a program",
      endpoints: ["/echo"],
      run: ({ url }) =>
        Effect.gen(function* () {
          const program = Effect.flatMap(GradioClient.GradioClient, echo)
          same(yield* Effect.provide(program, GradioClient.layer(url)), ["x"])
          const requests: Array<string> = []
          const transformClient = HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          yield* Effect.provide(program, GradioClient.layer(url, { transformClient }))
          same(requests[0], `${url}/config`)
        })
    },
    {
      title: "a layer takes the address from GRADIO_URL",
      endpoints: ["/echo"],
      run: ({ url }) =>
        Effect.gen(function* () {
          const program = Effect.flatMap(GradioClient.GradioClient, echo)
          const provider = ConfigProvider.fromUnknown({ GRADIO_URL: `${url}/`, OTHER_URL: "http://other.invalid" })
          const found = Layer.provide(GradioClient.layerConfig(), ConfigProvider.layer(provider))
          same(yield* Effect.provide(program, found), ["x"])
          const none = Layer.provide(
            GradioClient.layerConfig(),
            ConfigProvider.layer(ConfigProvider.fromUnknown({ OTHER_URL: url }))
          )
          same((yield* Effect.flip(Effect.provide(program, none)))._tag, "ConfigError")
        })
    },
    {
      title: "several apps have tags of their own over the same constructor",
      notOffered: before("4.22", noHash),
      endpoints: ["/echo", "/request_info"],
      run: ({ tag, url }) =>
        Effect.gen(function* () {
          const layers = Layer.merge(
            GradioClient.layer(url, { sessionHash: `${tag}one` }),
            Layer.effect(Calculator)(GradioClient.connect(url, { sessionHash: `${tag}two` }))
          )
          const hashes = Effect.gen(function* () {
            return [yield* sessionOf(yield* GradioClient.GradioClient), yield* sessionOf(yield* Calculator)]
          })
          same(yield* Effect.provide(hashes, layers), [`${tag}one`, `${tag}two`])
        })
    },
    {
      title: "the configuration is the one that the app sends, fields that nobody knows too",
      endpoints: [],
      run: ({ app, url }) =>
        Effect.gen(function* () {
          const text = yield* Effect.flatMap(HttpClient.get(`${url}/config`), (response) => response.text)
          const sent: unknown = JSON.parse(text)
          // A number of 64 bits is no number here: it is given as its digits.
          const { app_id: id, ...rest } = app.config
          same({ ...rest, app_id: Number(id) }, sent)
          same(typeof id === "string" && text.includes(`"app_id":${id}`), true)
          same(
            [app.config["mode"], typeof app.config["layout"], typeof app.config.components[0]?.["key"]],
            ["blocks", "object", typeof Object(sent).components[0].key]
          )
        })
    },
    {
      title: "a session of the user's own has its name, whatever it is",
      endpoints: ["/request_info", "/counter", "/unloaded"],
      notOffered: before("4.22", noHash),
      run: ({ app, connect, tag }) =>
        Effect.gen(function* () {
          const sessionHash = `${tag} ü&=%41+漢`
          yield* Effect.scoped(
            Effect.gen(function* () {
              const named = yield* connect({ sessionHash })
              same(yield* sessionOf(named), sessionHash)
              same([yield* named.predict("/counter", ["a"]), yield* named.predict("/counter", ["a"])], [[0], [1]])
            })
          )
          yield* eventually(record(app, "/unloaded"), has(sessionHash))
        })
    },
    {
      title: "each connection has a session that nobody can guess",
      endpoints: ["/request_info"],
      notOffered: before("4.22", noHash),
      run: ({ connect }) =>
        Effect.gen(function* () {
          const hashes = yield* Effect.forEach([1, 2, 3], () => Effect.flatMap(connect(), sessionOf))
          same(
            hashes.map((hash) => /^[0-9a-f]{32}$/.test(String(hash))),
            [true, true, true]
          )
          same(new Set(hashes).size, 3)
        })
    },
    {
      title: "the end of the scope ends the calls and the heartbeat of a connection, and no other's",
      endpoints: ["/endless_async", "/interrupted_jobs", "/unloaded", "/counter"],
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          const scope = yield* Scope.make()
          yield* busy(world, scope, `${tag}first`)
          const second = yield* busy(world, yield* Effect.scope, `${tag}second`)
          same(has(`${tag}first`)(yield* record(app, "/unloaded")), false)
          // Reads the second on all the while.
          // Calls of one function in one session wait for each other on Gradio 3.
          const endless = world.since("4.0") ? "/endless_async" : "/endless"
          const reading = yield* second.stream(endless, [`${tag}third`]).pipe(
            Stream.takeUntil(([n]) => Number(n) >= 8),
            Stream.runLast,
            Effect.forkChild({ startImmediately: true })
          )
          yield* Scope.close(scope, Exit.void)
          yield* eventually(record(app, "/interrupted_jobs"), has(`${tag}first`))
          if (world.since("4.25")) yield* eventually(record(app, "/unloaded"), has(`${tag}first`))
          same((yield* Fiber.join(reading))._tag, "Some")
          same(yield* second.predict("/counter", ["a"]), [0])
          same(yield* second.predict("/counter", ["a"]), [1])
          for (const endpoint of ["/interrupted_jobs", "/unloaded"])
            same(has(`${tag}second`)(yield* record(app, endpoint)), false)
        })
    }
  ]
}
