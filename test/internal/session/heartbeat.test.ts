/** The heartbeat of a session, against a server in memory. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"

import { GradioClient } from "../../../src/index.ts"
import { Component, endpoint, Fault, GradioServer } from "../../../src/testing/index.ts"

/** How many heartbeats were opened after so many minutes, where the server beats so many times, every so many seconds, and then says nothing more. */
const opened = Effect.fnUntraced(function* (beats: number, seconds: number, minutes: number) {
  let count = 0
  const alive = Effect.succeed(new TextEncoder().encode("data: ALIVE\n\n"))
  const body = Stream.fromEffect(alive).pipe(
    Stream.concat(Stream.take(Stream.fromEffectRepeat(Effect.delay(alive, `${seconds} seconds`)), beats - 1)),
    Stream.concat(Stream.never)
  )
  const server = yield* GradioServer.make({
    endpoints: [
      endpoint("/count", {
        inputs: [Component.state(null)],
        outputs: [Component.state(null)],
        run: (input) => Effect.succeed(input)
      })
    ]
  })
  yield* server.inject(
    Fault.on(
      { path: /\/heartbeat\// },
      {
        request: () =>
          Effect.sync(() => {
            count++
            return HttpServerResponse.stream(body, { contentType: "text/event-stream" })
          })
      }
    )
  )
  const app = yield* Effect.provideService(
    GradioClient.connect("http://app.test"),
    HttpClient.HttpClient,
    server.client
  )
  yield* app.predict("/count", [])
  for (let i = 0; i < minutes * 12; i++) yield* TestClock.adjust("5 seconds")
  return count
}, Effect.scoped)

describe("a heartbeat", () => {
  it.effect("that falls silent for a minute is opened again", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* opened(3, 15, 1), 1)
      assert.strictEqual(yield* opened(3, 15, 2), 2)
    })
  )

  it.effect("of a server that beats rarely is left to it, and so is one that was heard once alone", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* opened(10, 90, 15), 1)
      assert.strictEqual(yield* opened(1, 15, 15), 1)
    })
  )
})
