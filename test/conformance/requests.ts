/** What an app sees of the requests. */
import { Effect, Redacted } from "effect"

import type { GradioClient } from "../../src/index.ts"
import type { Group } from "./Case.ts"
import { same } from "./look.ts"

interface Seen {
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly query_params: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string>>
  readonly session_hash: string
  readonly username: null
}

const isSeen = (u: unknown): u is Seen => typeof u === "object" && u !== null && "headers" in u && "cookies" in u

const ask = Effect.fnUntraced(function* (
  app: GradioClient.GradioClient,
  endpoint: "/request_info" | "/direct_request_info",
  options?: GradioClient.CallOptions
) {
  const [info] = yield* app.predict(endpoint, ["x"], options)
  if (!isSeen(info)) return yield* Effect.die(`no request: ${JSON.stringify(info)}`)
  return info
})

const both = ["/request_info", "/direct_request_info"] as const

export const requests: Group = {
  concept: "requests",
  cases: [
    {
      title: "headers of the connection and of the call reach the function, and the call wins",
      endpoints: both,
      run: ({ connect }) =>
        Effect.gen(function* () {
          const app = yield* connect({
            headers: { "X-Connection": "c", "x-both": "connection", "x-secret": Redacted.make("s3cret") }
          })
          for (const endpoint of both) {
            const { headers } = yield* ask(app, endpoint, {
              headers: { "X-Call": Redacted.make("k"), "X-Both": "call" }
            })
            same(
              [headers["x-connection"], headers["x-both"], headers["x-secret"], headers["x-call"]],
              ["c", "call", "s3cret", "k"]
            )
            same((yield* ask(app, endpoint)).headers["x-both"], "connection")
          }
        })
    },
    {
      title: "calls are marked as those of a client, and carry no trace",
      endpoints: both,
      run: ({ app }) =>
        Effect.gen(function* () {
          for (const endpoint of both) {
            const { headers } = yield* ask(app, endpoint)
            same([headers["x-gradio-user"], headers["traceparent"], headers["b3"]], ["api", undefined, undefined])
          }
        })
    },
    {
      title: "query parameters of the connection reach the function",
      endpoints: both,
      run: ({ connect, since }) =>
        Effect.gen(function* () {
          const app = yield* connect({ query: { a: "1", "b ü": "x&y=z" } })
          for (const endpoint of both) {
            const { fn_index, session_hash, ...query } = (yield* ask(app, endpoint)).query_params
            same(query, { a: "1", "b ü": "x&y=z" })
            // 4.0 to 4.8 have the call itself in the query of its request.
            const isQuery = since("4.0") && !since("4.9") && endpoint === "/request_info"
            same([typeof fn_index, typeof session_hash], isQuery ? ["string", "string"] : ["undefined", "undefined"])
          }
        })
    },
    {
      title: "a query of the address does not reach the function",
      endpoints: both,
      run: ({ connect }) =>
        Effect.gen(function* () {
          const app = yield* connect({ at: "/?__theme=dark&view=api#part" })
          for (const endpoint of both) {
            const { fn_index: _, session_hash: __, ...query } = (yield* ask(app, endpoint)).query_params
            same(query, {})
          }
        })
    },
    {
      title: "cookies to begin with reach the function, those of a Cookie header too",
      endpoints: both,
      run: ({ connect }) =>
        Effect.gen(function* () {
          const app = yield* connect({ headers: { Cookie: "one=1" }, cookies: { two: Redacted.make("2 ü") } })
          for (const endpoint of both) {
            const { cookies } = yield* ask(app, endpoint)
            same(cookies["one"], "1")
            same(decodeURIComponent(cookies["two"] ?? ""), "2 ü")
          }
        })
    },
    {
      title: "headers of one call are not those of another beside it",
      endpoints: ["/request_info"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const numbers = Array.from({ length: 20 }, (_, i) => String(i))
          const seen = yield* Effect.forEach(
            numbers,
            (n) => ask(app, "/request_info", { headers: { "x-number": n } }),
            { concurrency: "unbounded" }
          )
          same(
            seen.map(({ headers }) => headers["x-number"]),
            numbers
          )
        })
    },
    {
      title: "event data and the component that triggered reach the function",
      endpoints: ["/event_info"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const triggerId = app.config.components.find((one) => one.type === "button")?.id
          const [info] = yield* app.predict("/event_info", ["x"], { eventData: { k: [1, null] }, triggerId })
          same(info, { text: "x", data: { k: [1, null] }, target: "Button" })
        })
    },
    {
      title: "no more calls at once than the connection allows",
      endpoints: ["/slow_many", "/slow_runs"],
      run: ({ connect, tag }) =>
        Effect.gen(function* () {
          const app = yield* connect({ concurrency: 2 })
          const tags = Array.from({ length: 5 }, (_, i) => `${tag} ${i}`)
          yield* Effect.forEach(tags, (one) => app.predict("/slow_many", [0.2, one]), {
            concurrency: "unbounded",
            discard: true
          })
          const [marks] = yield* app.predict("/slow_runs")
          let running = 0
          let most = 0
          for (const mark of Array.isArray(marks) ? marks : []) {
            const { at, tag: of } = Object(mark)
            if (!tags.includes(of)) continue
            running += at === "start" ? 1 : -1
            most = Math.max(most, running)
          }
          same([running, most >= 1 && most <= 2], [0, true])
        })
    }
  ]
}
