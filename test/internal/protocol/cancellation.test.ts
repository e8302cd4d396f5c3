/** How calls are cancelled before Gradio 4.31, where only what runs can be stopped, and only by what the app has for it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"

import * as GradioClient from "../../../src/GradioClient.ts"
import { cancellingByListener } from "../../../src/internal/protocol/cancellation.ts"
import * as Credentials from "../../../src/internal/transport/credentials.ts"
import type { Link } from "../../../src/internal/transport/link.ts"
import { baseUrl } from "../../../src/internal/wire/routes.ts"
import * as Limits from "../../../src/Limits.ts"
import type { Canceller } from "../../../src/Protocol.ts"
import { rest } from "../../laws/play.ts"
import { callOf } from "../../laws/rigs.ts"

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown =>
  body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined

/** A server that writes down what it is told. */
const serverOf = (answers: Readonly<Record<string, () => Response>>) => {
  const told: Array<readonly [path: string, body: unknown]> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      told.push([url.pathname, bodyOf(request)])
      const answer = answers[url.pathname] ?? (() => new Response("", { status: 404 }))
      return HttpClientResponse.fromWeb(request, answer())
    })
  )
  return { client, told }
}

/** Cancels call 0, whose event is `e`, while calls of some functions run. */
const cancel = Effect.fnUntraced(function* (
  cancellers: ReadonlyArray<Canceller>,
  runs: ReadonlyArray<number>,
  answers: Readonly<Record<string, () => Response>> = {
    "/reset": () => Response.json({ success: true }),
    "/run/predict": () => Response.json({ data: [] })
  },
  own = false
) {
  const { client, told } = serverOf(answers)
  const base = baseUrl("http://app.test")
  assert(base !== undefined)
  const link: Link = {
    base,
    prefix: "",
    version: "4.19.2",
    client,
    credentials: yield* Credentials.make(base, {
      headers: {},
      cookies: {},
      login: undefined,
      token: undefined,
      place: { hub: new URL("https://huggingface.co"), isSpace: false }
    }),
    query: {},
    limits: Limits.make(),
    retry: undefined
  }
  const situation = { alsoRuns: (fnIndex: number) => runs.includes(fnIndex), started: true }
  const { stops, tell } = cancellingByListener(link).cancel(
    callOf(0, { cancellers, session: { hash: "session", own } }),
    "e",
    situation
  )
  return { stops, stopped: yield* tell, told }
})

const reset = ["/reset", { event_id: "e" }] as const
const listener = (fn_index: number) => ["/run/predict", { data: [], fn_index, session_hash: "session" }] as const

describe("cancelling before 4.31", () => {
  it.effect.each<{
    readonly name: string
    readonly cancellers: ReadonlyArray<Canceller>
    readonly runs: ReadonlyArray<number>
    readonly by: ReadonlyArray<unknown>
    readonly stops: ReadonlyArray<number>
  }>([
    { name: "resets where no listener cancels", cancellers: [], runs: [], by: [reset], stops: [] },
    {
      name: "calls the listener that cancels the fewest functions",
      cancellers: [
        { fnIndex: 5, cancels: [0, 1, 2] },
        { fnIndex: 6, cancels: [0, 1] }
      ],
      runs: [],
      by: [listener(6)],
      stops: [0, 1]
    },
    {
      name: "leaves a listener alone that would stop a sibling, however few it cancels",
      cancellers: [
        { fnIndex: 5, cancels: [0, 2, 3] },
        { fnIndex: 6, cancels: [0, 1] }
      ],
      runs: [1],
      by: [listener(5)],
      stops: [0, 2, 3]
    },
    {
      name: "resets where every listener would stop a sibling, of its own function too",
      cancellers: [
        { fnIndex: 5, cancels: [0, 1] },
        { fnIndex: 6, cancels: [0] }
      ],
      runs: [0],
      by: [reset],
      stops: []
    }
  ])("$name", ({ by, cancellers, runs, stops }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual<unknown>(yield* cancel(cancellers, runs), { stops, stopped: true, told: by })
    })
  )

  it.effect("resets where the listener cannot be called, and knows when nothing was stopped", () =>
    Effect.gen(function* () {
      const refused = yield* cancel([{ fnIndex: 5, cancels: [0] }], [], {
        "/reset": () => Response.json({ success: false })
      })
      assert.deepStrictEqual<unknown>(refused, { stops: [0], stopped: false, told: [listener(5), reset] })
      const deaf = yield* cancel([], [], {})
      assert.deepStrictEqual<unknown>(deaf, { stops: [], stopped: false, told: [reset] })
    })
  )

  it.effect("resets a call that has a session of its own, and calls the listener where nothing was reset", () =>
    Effect.gen(function* () {
      const listeners = [{ fnIndex: 5, cancels: [0] }]
      const closed = yield* cancel(listeners, [], undefined, true)
      assert.deepStrictEqual<unknown>(closed, { stops: [0], stopped: true, told: [reset] })
      const answers = {
        "/reset": () => Response.json({ success: false }),
        "/run/predict": () => Response.json({ data: [] })
      }
      const stopped = yield* cancel(listeners, [], answers, true)
      assert.deepStrictEqual<unknown>(stopped, { stops: [0], stopped: true, told: [reset, listener(5)] })
    })
  )
})

const dependency = (id: number, cancels: ReadonlyArray<number> = []) => ({
  id,
  targets: [],
  inputs: [],
  outputs: cancels.length > 0 ? [] : [1],
  backend_fn: true,
  queue: cancels.length === 0,
  api_name: String(id),
  types: { generator: true, continuous: false },
  cancels
})
const config = {
  version: "4.19.2",
  protocol: "sse_v2",
  components: [{ id: 1, type: "textbox", props: { label: "out" } }],
  dependencies: [dependency(0), dependency(1), dependency(2, [0, 1])]
}

describe("an interrupted call of a shared session before 4.31", () => {
  it.effect("leaves its siblings alone, and their stream open: the listener would stop one, so it is reset", () =>
    Effect.gen(function* () {
      const encoder = new TextEncoder()
      let say: (message: object) => void = () => {}
      const { client, told } = serverOf({
        "/config": () => Response.json(config),
        "/info": () => Response.json({ named_endpoints: {}, unnamed_endpoints: {} }),
        "/queue/join": () => Response.json({ event_id: `event-${Object(told.at(-1)?.[1]).fn_index}` }),
        "/queue/data": () =>
          new Response(
            new ReadableStream<Uint8Array>({
              start: (controller) => {
                say = (message) => controller.enqueue(encoder.encode(`data: ${JSON.stringify(message)}\n\n`))
              }
            })
          ),
        "/reset": () => Response.json({ success: true })
      })
      const whole = yield* GradioClient.connect("http://app.test").pipe(
        Effect.provideService(HttpClient.HttpClient, client)
      )
      const app = yield* whole.withSession({ hash: "session" })
      const call = (name: string) => Effect.forkChild(Stream.runCollect(app.stream(name, [])))
      const one = yield* call("/0")
      const sibling = yield* call("/1")
      yield* rest(30)
      const tellBoth = (message: object) =>
        Effect.andThen(
          Effect.sync(() => {
            for (const event_id of ["event-0", "event-1"]) say({ ...message, event_id })
          }),
          rest(30)
        )
      yield* tellBoth({ msg: "process_starts" })
      yield* Fiber.interrupt(one)
      yield* rest(30)
      assert.deepStrictEqual(
        told.filter(([path]) => path === "/reset" || path.startsWith("/run")),
        [["/reset", { event_id: "event-0" }]]
      )
      say({ msg: "process_completed", event_id: "event-1", output: { data: ["mine"] }, success: true })
      assert.deepStrictEqual(yield* Fiber.join(sibling), [["mine"]])
    })
  )
})
