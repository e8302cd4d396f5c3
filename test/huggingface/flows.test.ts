/** What happens to Spaces over real sockets, and what this library asks of the hub and of hosts meanwhile; all of it is printed. */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Logger, Redacted, Schedule, Stream } from "effect"

import { GradioClient, Space } from "../../src/index.ts"
import { socket, tokens } from "./app.ts"

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const alice = Redacted.make(tokens.alice)

/** The hub by its routes, hosts by the name of their Space; repeated looks at a Space once. */
const flow = Effect.fnUntraced(function* () {
  const { endpoint, huggingFace } = yield* socket({ builds: "1 second", starts: "1 second" })
  const steps: Array<string> = []
  const note = (step: string): void => {
    if (steps.at(-1) === step) return
    steps.push(step)
    show(`  ${step}`)
  }
  const hub = new URL(endpoint).host
  yield* huggingFace.inject({
    request: (request, answer) =>
      Effect.map(answer, (given) => {
        const path = request.url.split("?", 1)[0] ?? ""
        const isHub = request.headers["host"] === hub
        if (isHub || path === "/" || path === "/config") {
          note(`${isHub ? "hub " : "host"} ${request.method} ${path} ${given.status}`)
        }
        return given
      })
  })
  const logger = Logger.layer([Logger.make(({ message }) => note(`log  ${[message].flat().join(" ")}`))])
  const use = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      Effect.provide(logger),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { HF_ENDPOINT: endpoint } }))
    )
  return { steps, use, note }
})

const wait = Schedule.spaced("20 millis")

const greet = (client: GradioClient.GradioClient) => client.predict("/greet", { name: "you" })

describe("Spaces over sockets", () => {
  it.live("a duplicate is made the first time and found the next", () =>
    Effect.gen(function* () {
      show("GradioClient.duplicate, first:")
      const { steps, use } = yield* flow()
      const options = {
        token: alice,
        wait,
        hardware: "t4-small",
        sleepTimeout: "10 minutes",
        secrets: { API_KEY: Redacted.make("s3cret") }
      } as const
      const run = use(Effect.scoped(Effect.flatMap(GradioClient.duplicate("gradio/demo", options), greet)))
      assert.deepStrictEqual(yield* run, ["Hello, you!"])
      assert.deepStrictEqual(steps, [
        "hub  GET /api/spaces/gradio/demo 200",
        "hub  GET /api/whoami-v2 200",
        "hub  GET /api/spaces/alice/demo 404",
        "hub  POST /api/spaces/gradio/demo/duplicate 200",
        "hub  GET /api/spaces/alice/demo 200",
        "log  Space alice/demo (BUILDING): It is building.",
        "hub  GET /api/spaces/alice/demo 200",
        "log  Space alice/demo (APP_STARTING): It is starting.",
        "hub  GET /api/spaces/alice/demo 200",
        "log  Space alice/demo (RUNNING): It is running.",
        "hub  GET /api/spaces/alice/demo 200",
        "host GET /config 200"
      ])
      show("GradioClient.duplicate, again:")
      steps.length = 0
      assert.deepStrictEqual(yield* run, ["Hello, you!"])
      assert.deepStrictEqual(steps, [
        "hub  GET /api/spaces/gradio/demo 200",
        "hub  GET /api/whoami-v2 200",
        "hub  GET /api/spaces/alice/demo 200",
        "log  Space alice/demo is there already and used as it is",
        "hub  GET /api/spaces/alice/demo 200",
        "host GET /config 200"
      ])
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("a Space that sleeps is woken up, starts and runs", () =>
    Effect.gen(function* () {
      show("GradioClient.connect, asleep:")
      const { steps, use } = yield* flow()
      const run = use(Effect.scoped(Effect.flatMap(GradioClient.connect("gradio/asleep", { wait }), greet)))
      assert.deepStrictEqual(yield* run, ["Hello, you!"])
      assert.deepStrictEqual(steps, [
        "hub  GET /api/spaces/gradio/asleep 200",
        "log  Space gradio/asleep (SLEEPING): It is asleep; a request to it wakes it up.",
        "host GET / 503",
        "hub  GET /api/spaces/gradio/asleep 200",
        "log  Space gradio/asleep (APP_STARTING): It is starting.",
        "hub  GET /api/spaces/gradio/asleep 200",
        "log  Space gradio/asleep (RUNNING): It is running.",
        "host GET /config 200"
      ])
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.live("a Space that fails to build is told as such", () =>
    Effect.gen(function* () {
      show("Space.status and GradioClient.connect, never built:")
      const { note, use } = yield* flow()
      const stages = yield* use(
        Space.status("gradio/never-builds", { wait }).pipe(
          Stream.tap(({ kind, message, stage }) => Effect.sync(() => note(`told ${stage} (${kind}): ${message}`))),
          Stream.map(({ stage }) => stage),
          Stream.runCollect
        )
      )
      assert.deepStrictEqual(stages, ["BUILDING", "BUILD_ERROR"])
      const error = yield* use(Effect.scoped(Effect.flip(GradioClient.connect("gradio/never-builds", { wait }))))
      show(`  ${error._tag}: ${error.message}`)
      assert.deepStrictEqual(
        error._tag === "SpaceError" ? [error.reason, error.stage, error.discussionsOpen] : error._tag,
        ["failed", "BUILD_ERROR", true]
      )
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})
