/** What only some versions of Gradio do, by raw requests. What they say is held against real servers in `test/standin/wire.test.ts`. */
import { NodeHttpClient, NodeSocket } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Stream } from "effect"
import { HttpBody, HttpClient } from "effect/http"
import { Socket } from "effect/socket"

import { Component, endpoint, generator, GradioServer, listener } from "../../src/testing/index.ts"
import { standinMemory, standinSocket } from "../standin/app.ts"
import { play } from "../standin/wire.ts"
import { elapse } from "./wire.ts"

const text = Component.textbox({ name: "text" })
const endless = generator("/endless", {
  inputs: [],
  outputs: [text],
  run: () => Stream.fromEffectRepeat(Effect.delay(Effect.succeed(["again"]), "100 millis"))
})
const stop = listener({ cancels: ["/endless"] })
const echo = endpoint("/echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) })

const post = (client: HttpClient.HttpClient, path: string, body: unknown) =>
  Effect.flatMap(client.post(`http://gradio.test${path}`, { body: HttpBody.jsonUnsafe(body) }), ({ json }) => json)

/** The messages of an event stream as they come. */
const listen = Effect.fnUntraced(function* (client: HttpClient.HttpClient, path: string) {
  const heard = yield* Queue.unbounded<Readonly<Record<string, unknown>>>()
  const response = yield* client.get(`http://gradio.test${path}`)
  const fiber = yield* response.stream.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.filter((line) => line.startsWith("data: ")),
    Stream.runForEach((line) => Queue.offer(heard, JSON.parse(line.slice(6)))),
    Effect.forkChild
  )
  return { fiber, heard }
})

const kinds = (messages: ReadonlyArray<Readonly<Record<string, unknown>>>) => messages.map(({ msg }) => msg)

describe("versions of Gradio", () => {
  it.live("a WebSocket over the network says what one in memory says", () =>
    Effect.gen(function* () {
      const { client, webSocket } = yield* standinMemory({ version: "3.50.2" })
      const inMemory = yield* play({ url: "http://gradio.test", http: client, webSocket })
      const { url } = yield* standinSocket({ version: "3.50.2" })
      const http = yield* HttpClient.HttpClient
      const overNetwork = yield* play({ url, http, webSocket: yield* Socket.WebSocketConstructor })
      assert.deepStrictEqual(overNetwork, inMemory)
    }).pipe(Effect.provide([NodeHttpClient.layerUndici, NodeSocket.layerWebSocketConstructor]))
  )

  it.effect(
    "before 4.31 a listener stops the calls of a session, and their stream is told nothing and stays open",
    () =>
      Effect.gen(function* () {
        const { activity, client } = yield* GradioServer.make({ endpoints: [endless, stop], version: "4.16.0" })
        yield* post(client, "/queue/join", { data: [], fn_index: 0, session_hash: "s" })
        const { fiber, heard } = yield* listen(client, "/queue/data?session_hash=s")
        yield* elapse(1)
        assert.deepInclude(yield* post(client, "/run/predict", { data: [], fn_index: 1, session_hash: "s" }), {
          data: []
        })
        yield* Queue.takeAll(heard)
        yield* elapse(1)
        assert.deepStrictEqual(kinds(yield* Queue.clear(heard)), [])
        assert.deepStrictEqual(yield* activity, { running: 0, waiting: 0, open: 1, sessions: 1 })
        assert.isUndefined(fiber.pollUnsafe())
      })
  )

  it.effect("since 4.31 such a listener cannot be called", () =>
    Effect.gen(function* () {
      const { client } = yield* GradioServer.make({ endpoints: [endless, stop], version: "4.44.1" })
      assert.deepStrictEqual(yield* post(client, "/run/predict", { data: [], fn_index: 1, session_hash: "s" }), {
        error: null
      })
    })
  )

  it.effect("up to 4.8 a call whose data does not come is given up after five seconds", () =>
    Effect.gen(function* () {
      const { activity, client } = yield* GradioServer.make({ endpoints: [echo], version: "4.8.0" })
      const { fiber, heard } = yield* listen(client, "/queue/join?fn_index=0&session_hash=s")
      yield* elapse(4)
      assert.deepStrictEqual(kinds(yield* Queue.clear(heard)), ["estimation", "send_data"])
      assert.isUndefined(fiber.pollUnsafe())
      yield* elapse(2)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* activity, { running: 0, waiting: 0, open: 0, sessions: 0 })
    })
  )

  it.effect("a stored result comes at once and says so; before 6.12 nothing is stored", () =>
    Effect.gen(function* () {
      const runs: Array<string> = []
      const cached = endpoint("/cached", {
        inputs: [text],
        outputs: [text],
        cache: true,
        run: ([value]) =>
          Effect.sync(() => {
            runs.push(value)
            return [value.toUpperCase()]
          })
      })
      const told = Effect.fnUntraced(function* (version: string) {
        const { client } = yield* GradioServer.make({ endpoints: [cached], version })
        const all: Array<unknown> = []
        for (const session of ["first", "second"]) {
          yield* post(client, "/gradio_api/queue/join", { data: ["a"], fn_index: 0, session_hash: session })
          const { fiber, heard } = yield* listen(client, `/gradio_api/queue/data?session_hash=${session}`)
          yield* Fiber.join(fiber)
          all.push((yield* Queue.clear(heard)).map(({ msg, used_cache }) => [msg, used_cache]))
        }
        return all
      })
      const ran = (used: unknown) => [
        ["estimation", undefined],
        ["process_starts", undefined],
        ["process_completed", used],
        ["close_stream", undefined]
      ]
      assert.deepStrictEqual(yield* told("6.31.0"), [
        ran(null),
        [
          ["process_completed", "full"],
          ["close_stream", undefined]
        ]
      ])
      assert.deepStrictEqual(yield* told("5.49.1"), [ran(undefined), ran(undefined)])
      assert.deepStrictEqual(runs, ["a", "a", "a"])
    })
  )
})
