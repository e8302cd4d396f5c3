/** Unit tests of a program that calls an app: with the stand-in server in memory, with a fault, with a double without any wire, and as a Space. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { GradioClient } from "effect-gradio"
import { Component, endpoint, Fault, GradioServer, HuggingFace } from "effect-gradio/testing"
import { TestClock } from "effect/testing"

// The program under test.
const shout = (text: string) =>
  Effect.gen(function* () {
    const app = yield* GradioClient.GradioClient
    const [loud] = yield* app.predict("/shout", { text })
    return String(loud)
  })

// #region standin
const Server = GradioServer.layerMemory({
  endpoints: [
    endpoint("/shout", {
      inputs: [Component.textbox({ name: "text" })],
      outputs: [Component.textbox()],
      run: ([text]) => Effect.succeed([text.toUpperCase()])
    })
  ]
})

// The client as the program has it, its requests answered in memory.
const Standin = GradioClient.layer("http://app.test").pipe(Layer.provideMerge(Server))
// #endregion

describe("shout", () => {
  // #region test
  it.live("asks the app", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* shout("hello"), "HELLO")
    }).pipe(Effect.provide(Standin))
  )
  // #endregion

  // #region fault
  it.live("says that the app is overloaded", () =>
    Effect.gen(function* () {
      const server = yield* GradioServer.GradioServer
      yield* server.inject(Fault.on({ path: "/queue/join" }, Fault.refuse({ status: 429 })))
      const error = yield* Effect.flip(shout("hello"))
      assert.strictEqual(error._tag, "AppRateLimitError")
    }).pipe(Effect.scoped, Effect.provide(Standin))
  )
  // #endregion

  // #region double
  it.effect("needs no server", () => {
    const never = () => Effect.die("not used")
    const double = GradioClient.makeWith({
      url: new URL("http://app.test"),
      config: { components: [], dependencies: [], version: "6.31.0" },
      api: { named: {}, unnamed: {} },
      events: () => Stream.empty,
      predict: () => Effect.succeed(["HELLO"]),
      upload: never,
      withSession: never
    })
    return Effect.gen(function* () {
      assert.strictEqual(yield* shout("hello"), "HELLO")
    }).pipe(Effect.provideService(GradioClient.GradioClient, double))
  })
  // #endregion

  // #region space
  // Hugging Face in memory, with a Space that sleeps: its clock is that of the test.
  it.effect("waits for a Space that sleeps", () =>
    Effect.gen(function* () {
      const app = yield* GradioServer.GradioServer
      const space = { id: "owner/shout", stage: "SLEEPING", starts: "30 seconds", app } as const
      const client = GradioClient.layer("owner/shout").pipe(Layer.provide(HuggingFace.layerMemory({ spaces: [space] })))
      const asked = yield* Effect.forkChild(Effect.provide(shout("hello"), client), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(asked), "HELLO")
    }).pipe(Effect.provide(Server))
  )
  // #endregion
})
