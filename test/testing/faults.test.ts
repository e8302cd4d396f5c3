import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Ref, Stream } from "effect"
import { HttpClient } from "effect/http"

import { Component, endpoint, Fault, generator, GradioServer } from "../../src/testing/index.ts"
import { base, call, elapse, get, join, messages, post } from "./wire.ts"

const text = Component.textbox({ name: "text" })
const app: GradioServer.Options<never> = {
  endpoints: [
    endpoint("/work", {
      inputs: [],
      outputs: [text],
      run: (_, { info }) => Effect.as(Effect.andThen(info("one"), info("two")), ["done"])
    }),
    generator("/forever", {
      inputs: [],
      outputs: [text],
      run: () => Stream.fromEffectRepeat(Effect.delay(Effect.succeed(["tick"]), "1 second"))
    })
  ]
}

/** Runs requests while the faults are in place. */
const withFaults = <A, E>(faults: ReadonlyArray<Fault.Fault>, requests: Effect.Effect<A, E, HttpClient.HttpClient>) =>
  Effect.gen(function* () {
    const server = yield* GradioServer.make(app)
    return yield* Effect.scoped(
      Effect.andThen(
        Effect.forEach(faults, server.inject),
        Effect.provideService(requests, HttpClient.HttpClient, server.client)
      )
    )
  })

/** What came before the stream ended, and whether it broke. */
const seen = Effect.fnUntraced(function* (session: string) {
  const kinds = yield* Ref.make<ReadonlyArray<unknown>>([])
  const exit = yield* Effect.exit(
    Stream.runForEach(messages(session), ({ log, msg }) => Ref.update(kinds, (all) => [...all, log ?? msg]))
  )
  return [...(yield* Ref.get(kinds)), Exit.isSuccess(exit) ? "end" : "break"]
})

const run = Effect.andThen(join(0, [], "s"), seen("s"))

describe("faults", () => {
  it.effect("can refuse some requests, so many times", () =>
    Effect.gen(function* () {
      const refused = Fault.refuse({ status: 429, body: "slow down", headers: { "retry-after": "3" } })
      const answers = yield* withFaults(
        [Fault.on({ method: "GET", path: "/info", times: 2 }, refused)],
        Effect.all([
          get("/gradio_api/info"),
          get("/gradio_api/app_id"),
          get("/gradio_api/info?x=1"),
          get("/gradio_api/info")
        ])
      )
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [429, 200, 429, 200]
      )
      assert.strictEqual(answers[0]?.body, "slow down")
    })
  )

  it.effect("are over when their scope closes", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.make(app)
      const status = Effect.provideService(
        Effect.map(get("/config"), ({ status }) => status),
        HttpClient.HttpClient,
        server.client
      )
      const during = yield* Effect.scoped(Effect.andThen(server.inject(Fault.refuse({ status: 503 })), status))
      assert.deepStrictEqual([during, yield* status], [503, 200])
    })
  )

  it.effect("can delay an answer, never give it, or lose it when the work is done", () =>
    Effect.gen(function* () {
      const after = (fault: Fault.Fault) =>
        withFaults(
          [Fault.on({ path: "/queue/join" }, fault)],
          Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(join(0, [], "s"))
            yield* elapse(2)
            const first = fiber.pollUnsafe() === undefined
            yield* elapse(2)
            const second = fiber.pollUnsafe() === undefined
            yield* Fiber.interrupt(fiber)
            const [message] = yield* Stream.runCollect(Stream.take(messages("s"), 1))
            return [first, second, message?.["msg"]]
          })
        )
      assert.deepStrictEqual(
        [yield* after(Fault.delay("3 seconds")), yield* after(Fault.never), yield* after(Fault.loseAnswer)],
        [
          [true, false, "estimation"],
          [true, true, "unexpected_error"],
          [true, true, "estimation"]
        ]
      )
    })
  )

  it.effect("can change the content type and cut bodies", () =>
    Effect.gen(function* () {
      const [type, exit] = yield* withFaults(
        [
          Fault.on({ path: "/config" }, Fault.contentType("text/html")),
          Fault.on({ path: "/info" }, Fault.cutAfterBytes(5))
        ],
        Effect.all([
          Effect.map(HttpClient.get(`${base}/config`), ({ headers }) => headers["content-type"]),
          Effect.exit(Effect.flatMap(HttpClient.get(`${base}/gradio_api/info`), (response) => response.text))
        ])
      )
      assert.strictEqual(type, "text/html")
      assert.isTrue(Exit.isFailure(exit))
    })
  )

  it.effect("can drop, double, swap and change messages, and put text between them", () =>
    Effect.gen(function* () {
      const is =
        (kind: string) =>
        ({ msg }: { readonly msg: string }) =>
          msg === kind
      const whole = ["estimation", "process_starts", "one", "two", "process_completed", "close_stream", "end"]
      const without = (...gone: ReadonlyArray<string>) => whole.filter((kind) => !gone.includes(kind))
      const cases: ReadonlyArray<readonly [Fault.Fault, ReadonlyArray<string>]> = [
        [{}, whole],
        [Fault.loseLogs, without("one", "two")],
        [Fault.drop(is("process_completed")), without("process_completed")],
        [Fault.duplicate(is("process_starts")), whole.toSpliced(1, 0, "process_starts")],
        [Fault.swap(is("estimation")), ["process_starts", "estimation", ...whole.slice(2)]],
        [
          Fault.mapMessages((message) => [is("log")(message) ? { msg: "unheard_of" } : message]),
          whole.with(2, "unheard_of").with(3, "unheard_of")
        ],
        [Fault.startWith(": comment\n\n"), whole],
        [Fault.cutAfterMessages(3), [...whole.slice(0, 3), "break"]],
        [Fault.endAfterMessages(3), [...whole.slice(0, 3), "end"]],
        [Fault.serverStopped(2), ["estimation", "process_starts", "unexpected_error", "end"]]
      ]
      for (const [fault, expected] of cases) assert.deepStrictEqual(yield* withFaults([fault], run), [...expected])
    })
  )

  it.effect("can be several, the later nearer to the client", () =>
    Effect.gen(function* () {
      const kinds = yield* withFaults([Fault.loseLogs, Fault.cutAfterMessages(3)], run)
      assert.deepStrictEqual(kinds, ["estimation", "process_starts", "process_completed", "break"])
    })
  )

  it.effect("can stall a stream, and keep it without heartbeats", () =>
    Effect.gen(function* () {
      const count = (fault: Fault.Fault) =>
        withFaults(
          [fault],
          Effect.gen(function* () {
            yield* join(1, [], "s")
            const heard = yield* Ref.make(0)
            const fiber = yield* Effect.forkChild(
              Stream.runForEach(messages("s"), () => Ref.update(heard, (n) => n + 1))
            )
            yield* elapse(40)
            const isOpen = fiber.pollUnsafe() === undefined
            yield* Fiber.interrupt(fiber)
            return [yield* Ref.get(heard), isOpen]
          })
        )
      const [all = 0] = yield* count({})
      const [withoutHeartbeats] = yield* count(Fault.stopHeartbeats)
      assert.strictEqual(Number(all) - Number(withoutHeartbeats), 2)
      assert.deepStrictEqual(yield* count(Fault.stallAfterMessages(3)), [3, true])
    })
  )

  it.effect("can leave cancels unheard", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.make(app)
      yield* server.inject(Fault.ignoreCancels)
      yield* Effect.gen(function* () {
        const id = yield* join(1, [], "s")
        const answer = yield* post("/cancel", { event_id: id, session_hash: "s", fn_index: 1 })
        assert.deepStrictEqual(answer, { status: 200, body: { success: true } })
        assert.strictEqual((yield* server.activity).running, 1)
        assert.strictEqual((yield* call(0, [], "t")).messages.length, 6)
      }).pipe(Effect.provideService(HttpClient.HttpClient, server.client))
    })
  )
})
