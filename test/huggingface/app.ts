/** The accounts and Spaces of the tests: on a stand-in in memory, or over sockets. */
import { createServer } from "node:http"

import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import type { HttpServer } from "effect/http"

import { Component, endpoint, GradioServer, HuggingFace } from "../../src/testing/index.ts"

/** Does what it says, and little more. */
export const demo = GradioServer.make({
  title: "demo",
  endpoints: [
    endpoint("greet", {
      inputs: [Component.textbox({ name: "name", label: "name" })],
      outputs: [Component.textbox({ label: "greeting" })],
      run: ([name]) => Effect.succeed([`Hello, ${name}!`])
    })
  ]
})

export const tokens = {
  alice: "hf_alice",
  reader: "hf_alice_reads",
  login: "hf_alice_in_a_browser",
  bob: "hf_bob",
  carol: "hf_carol"
} as const

export const accounts: ReadonlyArray<HuggingFace.Account> = [
  { name: "alice", token: tokens.alice, orgs: ["acme"] },
  { name: "alice", token: tokens.reader, role: "read" },
  { name: "alice", token: tokens.login, role: "oauth" },
  { name: "bob", token: tokens.bob, canPay: false },
  { name: "carol", token: tokens.carol, pro: false }
]

type Times = Pick<HuggingFace.SpaceOptions, "builds" | "starts">

/** One Space of each kind. */
export const spacesOf = (app: HuggingFace.SpaceApp, times: Times): ReadonlyArray<HuggingFace.SpaceOptions> =>
  (
    [
      { id: "gradio/demo" },
      { id: "gradio/gpu", hardware: "t4-small", sleepTime: "1 hour" },
      { id: "gradio/asleep", stage: "SLEEPING" },
      { id: "gradio/stopped", stage: "STOPPED" },
      { id: "gradio/new", stage: "BUILDING" },
      { id: "gradio/starting", stage: "APP_STARTING" },
      { id: "gradio/next", stage: "RUNNING_BUILDING" },
      { id: "gradio/broken", stage: "BUILD_ERROR", errorMessage: "Job failed with exit code: 1" },
      { id: "gradio/crashed", stage: "RUNTIME_ERROR", discussions: false },
      { id: "gradio/config", stage: "CONFIG_ERROR" },
      { id: "gradio/empty", stage: "NO_APP_FILE" },
      { id: "gradio/paused", stage: "PAUSED" },
      { id: "gradio/quiet", stage: "PAUSED", discussions: false },
      { id: "gradio/going", stage: "DELETING" },
      {
        id: "gradio/never-builds",
        stage: "BUILDING",
        ends: "BUILD_ERROR",
        errorMessage: "Job failed with exit code: 1"
      },
      { id: "alice/secret", private: true },
      { id: "alice/secret-asleep", private: true, stage: "SLEEPING" }
    ] satisfies ReadonlyArray<HuggingFace.SpaceOptions>
  )
    .map((space): HuggingFace.SpaceOptions => ({ ...times, ...space, app }))
    .concat([
      { id: "gradio/website", sdk: "static" },
      { id: "gradio/container", sdk: "docker" }
    ])

/** A stand-in in memory. */
export const memory = Effect.fnUntraced(function* (options: Times & HuggingFace.Options = {}) {
  const { builds, starts, ...more } = options
  const app = yield* demo
  return yield* HuggingFace.make({ accounts, spaces: spacesOf(app, { builds, starts }), ...more })
})

/** A server that lets go of what clients keep open, where the end would otherwise wait for them. */
export const server: Layer.Layer<HttpServer.HttpServer> = Layer.effectContext(
  Effect.gen(function* () {
    const node = createServer()
    const services = yield* Layer.build(NodeHttpServer.layerServer(() => node, { port: 0, host: "127.0.0.1" }))
    yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
    return services
  })
).pipe(Layer.orDie)

/** The same over sockets. */
export const socket = Effect.fnUntraced(function* (options: Times & HuggingFace.Options = {}) {
  const huggingFace = yield* memory(options)
  const endpoint = yield* huggingFace.serve(server)
  return { huggingFace, endpoint }
})
