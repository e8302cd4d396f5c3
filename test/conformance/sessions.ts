/** State between calls, and what keeps sessions apart. */
import { Effect, Scope, Stream } from "effect"

import { before, type Group } from "./Case.ts"
import { eventually, has, record, same } from "./look.ts"

const noHash = "its functions are not told their session"
const noUnload = "it tells no function that a session has ended"

export const sessions: Group = {
  concept: "sessions",
  cases: [
    {
      title: "a state goes on from call to call",
      endpoints: ["/counter", "/session_total"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const word = (text: string) => Effect.map(app.predict("/counter", [text]), ([n]) => n)
          same([yield* word("a"), yield* word("b"), yield* word("a"), yield* word("a")], [0, 0, 1, 2])
          same(yield* app.predict("/session_total", { number: 3 }), [{ calls: 1, total: 3 }])
          same(yield* app.predict("/session_total", { number: 4 }), [{ calls: 2, total: 7 }])
        })
    },
    {
      title: "sessions do not see each other's state",
      endpoints: ["/counter"],
      run: ({ app, connect }) =>
        Effect.gen(function* () {
          const other = yield* app.withSession()
          const third = yield* connect()
          const count = (client: typeof app) => Effect.map(client.predict("/counter", ["a"]), ([n]) => n)
          same(
            [yield* count(app), yield* count(other), yield* count(app), yield* count(other), yield* count(third)],
            [0, 0, 1, 1, 0]
          )
        })
    },
    {
      title: "many sessions at once keep their states apart",
      endpoints: ["/session_total"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const totals = yield* Effect.forEach(
            [1, 2, 3, 4, 5, 6],
            (n) =>
              Effect.gen(function* () {
                const own = yield* app.withSession()
                yield* own.predict("/session_total", [n])
                yield* own.predict("/session_total", [n])
                return yield* own.predict("/session_total", [n])
              }),
            { concurrency: "unbounded" }
          )
          same(
            totals,
            [1, 2, 3, 4, 5, 6].map((n) => [{ calls: 3, total: 3 * n }])
          )
        })
    },
    {
      title: "a session that is named again goes on",
      endpoints: ["/counter"],
      run: ({ connect, tag }) =>
        Effect.gen(function* () {
          const hash = `${tag}named`
          const first = yield* Effect.scoped(
            Effect.flatMap(connect({ sessionHash: hash }), (app) => app.predict("/counter", ["a"]))
          )
          const base = yield* connect()
          const again = yield* base.withSession({ hash })
          same([first, yield* again.predict("/counter", ["a"])], [[0], [1]])
        })
    },
    {
      title: "a call on a session of its own has no state",
      endpoints: ["/counter"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const own = { session: "own" } as const
          same(yield* app.predict("/counter", ["a"], own), [0])
          same(yield* app.predict("/counter", ["a"], own), [0])
          same(yield* app.predict("/counter", ["a"]), [0])
          same(yield* app.predict("/counter", ["a"], own), [0])
          same(yield* app.predict("/counter", ["a"]), [1])
        })
    },
    {
      title: "calls name the session that they belong to",
      endpoints: ["/request_info", "/direct_request_info"],
      notOffered: before("4.22", noHash),
      run: ({ connect, tag }) =>
        Effect.gen(function* () {
          const app = yield* connect({ sessionHash: tag })
          const hashOf = (client: typeof app, options: { readonly session?: "own" | "shared" } = {}) =>
            Effect.map(client.predict("/request_info", [], options), ([info]) =>
              Reflect.get(Object(info), "session_hash")
            )
          same(yield* hashOf(app), tag)
          same(yield* hashOf(app, { session: "shared" }), tag)
          const own = yield* hashOf(app, { session: "own" })
          const other = yield* hashOf(yield* app.withSession())
          same(typeof own === "string" && typeof other === "string" && new Set([tag, own, other]).size === 3, true)
          const [info] = yield* app.predict("/direct_request_info")
          same(Reflect.get(Object(info), "session_hash"), tag)
        })
    },
    {
      title: "calls on one shared session run side by side",
      endpoints: ["/endless_async", "/echo"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          // None of them ever ends, so each gives a value while the others run.
          const endless = ["a", "b", "c"].map((name) => app.stream("/endless_async", [`${tag}${name}`]))
          const first = yield* Stream.zipWith(
            endless[0] ?? Stream.empty,
            Stream.zipWith(endless[1] ?? Stream.empty, endless[2] ?? Stream.empty, (a, b) => [a, b]),
            (a, others) => [a, ...others]
          ).pipe(
            Stream.take(2),
            Stream.mapEffect((values) => Effect.map(app.predict("/echo", ["quick"]), (echo) => [...values, echo])),
            Stream.runCollect
          )
          same(first, [
            [["1"], ["1"], ["1"], ["quick"]],
            [["2"], ["2"], ["2"], ["quick"]]
          ])
        })
    },
    {
      title: "a rendered function belongs to its session",
      endpoints: ["/apply"],
      notOffered: before("4.31", "render blocks came with 4.31"),
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const render = app.config.dependencies.find(
            (one) => one.api_name === "apply" || one["api_name"] === "rendered"
          )
          const events = yield* Stream.runCollect(app.events(render?.id ?? -1, [`${tag} other`]))
          const rendered = events.flatMap((event) => (event._tag === "Rendered" ? [event.endpoints] : [])).flat()
          same(rendered.length, 2)
          same(yield* app.predict(rendered[0] ?? -1, ["hi"]), [`${tag}: hi`])
          same(yield* app.predict(rendered[1] ?? -1, ["ho"]), ["other: ho"])
          const elsewhere = yield* app.withSession()
          const error = yield* Effect.flip(elsewhere.predict(rendered[0] ?? -1, ["hi"]))
          same(error._tag, "EndpointNotFoundError")
        })
    },
    {
      title: "the end of a session is told to the app",
      endpoints: ["/unloaded", "/counter"],
      notOffered: before("4.25", noUnload),
      run: ({ app, connect, tag }) =>
        Effect.gen(function* () {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const one = yield* connect({ sessionHash: `${tag}gone` })
              yield* one.predict("/counter", ["a"])
            })
          )
          yield* eventually(record(app, "/unloaded"), has(`${tag}gone`))
        })
    },
    {
      title: "the end of withSession ends that session and no other",
      endpoints: ["/unloaded", "/endless_async", "/interrupted_jobs", "/counter"],
      run: ({ app, since, tag }) =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const other = yield* Scope.provide(app.withSession({ hash: `${tag}other` }), scope)
          yield* app.predict("/counter", ["a"])
          yield* other.predict("/counter", ["a"])
          const job = yield* Scope.provide(other.submit("/endless_async", [`${tag}endless`]), scope)
          yield* job.events.pipe(
            Stream.filter((event) => event._tag === "Output"),
            Stream.take(1),
            Stream.runDrain
          )
          yield* Scope.close(scope, yield* Effect.exit(Effect.void))
          yield* eventually(record(app, "/interrupted_jobs"), has(`${tag}endless`))
          if (since("4.25")) yield* eventually(record(app, "/unloaded"), has(`${tag}other`))
          same(yield* app.predict("/counter", ["a"]), [1])
        })
    }
  ]
}
