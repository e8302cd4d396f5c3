/** What pages of other origins are told. Real servers of these versions answered the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClientRequest } from "effect/http"

import { GradioServer } from "../../src/testing/index.ts"

const anything = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
const few = {
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-allow-headers": "Origin, Content-Type, Accept"
}
const credentials = { "access-control-allow-credentials": "true" }
const preflight = {
  "access-control-allow-methods": anything,
  "access-control-max-age": "600",
  "access-control-allow-headers": "content-type,x-a"
}
const allow = (origin: string) => ({ "access-control-allow-origin": origin })

const page = "http://localhost:5173"
const stranger = "https://stranger.example"

/** What is told to a GET and to a preflight: of a page on this machine, of a stranger, of one without an origin, and of none at all. */
const told = {
  "6.31.0": {
    get: [{ ...credentials, ...allow(page), vary: "Origin" }, credentials, credentials, {}],
    preflight: [
      { ...credentials, ...allow(page), ...preflight },
      { ...credentials, ...preflight },
      { ...credentials, ...preflight }
    ],
    elsewhere: { ...credentials, ...allow(stranger), vary: "Origin" },
    body: "OK"
  },
  "4.44.1": {
    get: [
      { ...credentials, ...allow(page), vary: "Origin" },
      credentials,
      { ...credentials, ...allow("null"), vary: "Origin" },
      {}
    ],
    preflight: [
      { ...credentials, ...allow(page), ...preflight },
      { ...credentials, ...preflight },
      { ...credentials, ...allow("null"), ...preflight }
    ],
    elsewhere: { ...credentials, ...allow(stranger), vary: "Origin" },
    body: "OK"
  },
  "4.21.0": {
    get: [{ ...few, ...allow(page) }, few, { ...few, ...allow("null") }, few],
    preflight: [{ ...few, ...allow(page) }, few, { ...few, ...allow("null") }],
    elsewhere: { ...few, ...allow(stranger) },
    body: ""
  },
  "3.50.2": {
    get: [allow("*"), allow("*"), allow("*"), {}],
    preflight: [
      { ...allow("*"), ...preflight },
      { ...allow("*"), ...preflight },
      { ...allow("*"), ...preflight }
    ],
    elsewhere: allow("*"),
    body: "OK"
  }
}

const named = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-") || name === "vary"))

describe("pages of other origins", () => {
  for (const [version, expected] of Object.entries(told)) {
    it.effect(`are told by ${version} what they may read`, () =>
      Effect.gen(function* () {
        const { client } = yield* GradioServer.make({ endpoints: [], version })
        const ask = (origin: string | undefined, url: string) =>
          Effect.map(client.get(url, { headers: origin === undefined ? {} : { origin } }), ({ headers }) =>
            named(headers)
          )
        assert.deepStrictEqual(
          yield* Effect.forEach([page, stranger, "null", undefined], (origin) =>
            ask(origin, "http://127.0.0.1:7860/config")
          ),
          expected.get
        )
        assert.deepStrictEqual(yield* ask(stranger, "https://app.example/config"), expected.elsewhere)
        assert.deepStrictEqual(yield* ask(page, "http://127.0.0.1:7860/nothing"), expected.get[0])
        const answers = yield* Effect.forEach([page, stranger, "null"], (origin) =>
          Effect.gen(function* () {
            const answer = yield* client.execute(
              HttpClientRequest.make("OPTIONS")("http://127.0.0.1:7860/gradio_api/queue/join", {
                headers: {
                  origin,
                  "access-control-request-method": "POST",
                  "access-control-request-headers": "content-type,x-a"
                }
              })
            )
            return { status: answer.status, body: yield* answer.text, headers: named(answer.headers) }
          })
        )
        assert.deepStrictEqual(
          answers,
          expected.preflight.map((headers) => ({ status: 200, body: expected.body, headers }))
        )
      })
    )
  }
})
