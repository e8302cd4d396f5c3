/** The stand-in of Hugging Face as its users see it. What its API answers is held against clients that others wrote, in test/huggingface. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"

import { Fault, HuggingFace } from "../../src/testing/index.ts"
import { accounts, demo, memory, tokens } from "../huggingface/app.ts"

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const ask = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(HttpClient.get(url, { headers }), (response) =>
    Effect.map(response.text, (text) => ({ status: response.status, text, headers: response.headers }))
  )

const stages = (huggingFace: HuggingFace.HuggingFace["Service"], id: string) =>
  Effect.map(huggingFace.space(id), (space) => space?.stage)

describe("the stand-in of Hugging Face", () => {
  it.effect("a Space goes through its stages as the clock goes on, and its host answers when it runs", () =>
    Effect.gen(function* () {
      const huggingFace = yield* memory({ builds: "1 minute", starts: "20 seconds" })
      const status = Effect.map(ask("https://gradio-new.hf.space/config"), ({ status }) => status)
      const look = Effect.all([stages(huggingFace, "gradio/new"), status]).pipe(
        Effect.provideService(HttpClient.HttpClient, huggingFace.client)
      )
      assert.deepStrictEqual(yield* look, ["BUILDING", 503])
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* look, ["BUILDING", 503])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* look, ["APP_STARTING", 503])
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* look, ["RUNNING", 200])
    })
  )

  it.effect("a Space goes to sleep when nobody uses it, and a request to its host wakes it up", () =>
    Effect.gen(function* () {
      const huggingFace = yield* memory()
      const host = Effect.provideService(
        ask("https://gradio-gpu.hf.space/config"),
        HttpClient.HttpClient,
        huggingFace.client
      )
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* host).status, 200)
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(yield* stages(huggingFace, "gradio/gpu"), "RUNNING")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* stages(huggingFace, "gradio/gpu"), "SLEEPING")
      const { headers, status, text } = yield* host
      assert.deepStrictEqual(
        [status, text, headers["link"]],
        [
          503,
          "Your space is in error, check its status on hf.co",
          '<https://huggingface.co/spaces/gradio/gpu>; rel="canonical"'
        ]
      )
      assert.strictEqual(yield* stages(huggingFace, "gradio/gpu"), "APP_STARTING")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* host).status, 200)
    })
  )

  it.effect("a private Space is opened by a token in either header, or by a signature for a while", () =>
    Effect.gen(function* () {
      const huggingFace = yield* memory({ signatureLifetime: "5 minutes" })
      const status = (path: string, headers?: Readonly<Record<string, string>>) =>
        Effect.map(ask(`https://alice-secret.hf.space${path}`, headers), (answer) => answer.status).pipe(
          Effect.provideService(HttpClient.HttpClient, huggingFace.client)
        )
      assert.strictEqual(yield* status("/config"), 401)
      assert.strictEqual(yield* status("/config", bearer(tokens.bob)), 401)
      assert.strictEqual(yield* status("/config", bearer("hf_unknown")), 401)
      assert.strictEqual(yield* status("/config", bearer(tokens.alice)), 200)
      assert.strictEqual(yield* status("/config", { "x-hf-authorization": `Bearer ${tokens.reader}` }), 200)
      const { text } = yield* ask("https://huggingface.co/api/spaces/alice/secret/jwt", bearer(tokens.alice)).pipe(
        Effect.provideService(HttpClient.HttpClient, huggingFace.client)
      )
      const { token } = JSON.parse(text)
      assert.strictEqual(yield* status(`/config?__sign=${token}`), 200)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* status(`/config?__sign=${token}`), 401)
    })
  )

  it.effect("knows its own hosts only, and takes faults", () =>
    Effect.gen(function* () {
      const huggingFace = yield* memory()
      const client = Effect.provideService(HttpClient.HttpClient, huggingFace.client)
      assert.strictEqual((yield* client(ask("https://nobody-nothing.hf.space/"))).status, 404)
      const error = yield* Effect.flip(client(ask("https://app.example/")))
      assert.deepStrictEqual(
        [error.reason._tag, String(error.reason.cause)],
        ["TransportError", "Error: getaddrinfo ENOTFOUND app.example"]
      )
      yield* huggingFace.inject(Fault.on({ path: "/runtime", times: 1 }, Fault.refuse({ status: 429 })))
      const runtime = client(ask("https://huggingface.co/api/spaces/gradio/demo/runtime"))
      assert.strictEqual((yield* runtime).status, 429)
      assert.strictEqual((yield* runtime).status, 200)
    })
  )

  it.effect("what nobody can read is refused in words", () =>
    Effect.gen(function* () {
      const huggingFace = yield* memory()
      const post = (path: string, body: string) =>
        huggingFace.client
          .execute(
            HttpClientRequest.post(`https://huggingface.co${path}`, { headers: bearer(tokens.alice) }).pipe(
              HttpClientRequest.bodyText(body, "application/json")
            )
          )
          .pipe(
            Effect.flatMap((response) =>
              Effect.map(response.json, (json) => [response.status, json, response.headers["x-error-message"]])
            )
          )
      assert.deepStrictEqual(yield* post("/api/spaces/alice/secret/secrets", "{"), [
        400,
        { error: "Invalid JSON body" },
        "Invalid JSON body"
      ])
      assert.deepStrictEqual(yield* post("/api/spaces/alice/secret/secrets", '{"key":1}'), [
        400,
        { error: "✖ Invalid input: expected string, received number\n  → at key" },
        "Invalid input: expected string, received number at key"
      ])
      assert.deepStrictEqual((yield* post("/api/spaces/alice/secret/nothing", "{}"))[0], 404)
    })
  )

  it.effect("is a layer for programs that take their client from the context", () =>
    Effect.gen(function* () {
      const app = yield* demo
      const layer = HuggingFace.layerMemory({
        accounts,
        spaces: [{ id: "alice/own", app, sleepTime: Duration.hours(1) }]
      })
      const answer = ask("https://alice-own.hf.space/config").pipe(Effect.provide(layer))
      assert.strictEqual((yield* answer).status, 200)
    })
  )
})
