/** What real servers answer was read off `test/logins` and the captures of a server with `auth=`. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Cookies, HttpBody, HttpClient } from "effect/http"

import { Component, endpoint, GradioServer } from "../../src/testing/index.ts"
import { base, get, post } from "./wire.ts"

const text = Component.textbox({ name: "value" })
const app = (options: Partial<GradioServer.Options<never>> = {}) =>
  GradioServer.layerMemory({
    endpoints: [endpoint("echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) })],
    auth: { ann: "s3cret" },
    authMessage: "Ask Ann.",
    ...options
  })

const form = (fields: Readonly<Record<string, string>>) => HttpBody.urlParams(Object.entries(fields))
const logIn = (body: HttpBody.HttpBody) => HttpClient.post(`${base}/login`, { body })
const right = form({ username: " ann ", password: "s3cret" })

describe("strangers", () => {
  it.effect("are refused by the API, told as their version tells it, and shown a stub of the page", () =>
    Effect.gen(function* () {
      const withMessage = { detail: { error: "Not authenticated", auth_message: "Ask Ann." } }
      assert.deepStrictEqual(yield* get("/config"), { status: 401, body: withMessage })
      for (const path of [
        "/info",
        "/login_check",
        "/queue/data?session_hash=x",
        "/file=/x",
        "/upload_progress?upload_id=x"
      ]) {
        assert.deepStrictEqual([path, yield* get(`/gradio_api${path}`)], [path, { status: 401, body: withMessage }])
      }
      for (const path of ["/queue/join", "/upload", "/run/echo", "/call/echo"]) {
        assert.deepStrictEqual([path, yield* post(path, {})], [path, { status: 401, body: withMessage }])
      }
      assert.deepStrictEqual(yield* get("/gradio_api/user"), { status: 200, body: null })
      assert.include(String((yield* get("/")).body), '"auth_required":true,"auth_message":"Ask Ann."')
      assert.notInclude(String((yield* get("/")).body), "dependencies")
    }).pipe(Effect.provide(app()))
  )

  it.effect.each(["5.35.0", "4.44.1"])("hear nothing of the author before 5.36 (%s)", (version) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* get("/config"), { status: 401, body: { detail: "Not authenticated" } })
    }).pipe(Effect.provide(app({ version })))
  )
})

describe("the login route", () => {
  it.effect("gives two cookies, of which either is enough", () =>
    Effect.gen(function* () {
      const answer = yield* logIn(right)
      assert.deepStrictEqual([answer.status, yield* answer.json], [200, { success: true }])
      const cookies = Object.values(answer.cookies.cookies)
      assert.deepStrictEqual(
        cookies.map(({ name, options }) => [name.replace(/-[\w-]{43}$/, "-id"), options]),
        [
          ["access-token-id", { httpOnly: true, path: "/", sameSite: "none", secure: true }],
          ["access-token-unsecure-id", { httpOnly: true, path: "/", sameSite: "lax" }]
        ]
      )
      for (const { name, value } of cookies) {
        const user = yield* HttpClient.get(`${base}/gradio_api/user`, { headers: { cookie: `${name}=${value}` } })
        assert.strictEqual(yield* user.json, "ann")
      }
    }).pipe(Effect.provide(app()))
  )

  it.effect("takes both encodings of a form, and nothing else", () =>
    Effect.gen(function* () {
      const data = new FormData()
      data.append("username", "ann")
      data.append("password", "s3cret")
      const status = (body: HttpBody.HttpBody) => Effect.map(logIn(body), (answer) => answer.status)
      assert.strictEqual(yield* status(HttpBody.formData(data)), 200)
      assert.strictEqual(yield* status(HttpBody.jsonUnsafe({ username: "ann", password: "s3cret" })), 422)
      assert.strictEqual(yield* status(form({ username: "ann" })), 422)
      const wrong = yield* logIn(form({ username: "ann", password: "wrong" }))
      assert.deepStrictEqual([wrong.status, yield* wrong.json], [400, { detail: "Incorrect credentials." }])
    }).pipe(Effect.provide(app()))
  )

  it.effect("leads to the app where everybody may come", () =>
    Effect.gen(function* () {
      const answer = yield* logIn(right)
      assert.deepStrictEqual([answer.status, answer.headers["location"]], [302, base])
    }).pipe(Effect.provide(app({ auth: undefined })))
  )
})

describe("cookies", () => {
  it.effect.each([
    ["a restart", "restart", false],
    ["a logout of all sessions elsewhere", "?all_session=true", false],
    ["a logout, which is one of all sessions", "", false],
    ["a logout of one other session", "?all_session=false", true]
  ] as const)("after %s", ([, way, holds]) =>
    Effect.gen(function* () {
      const server = yield* GradioServer.GradioServer
      const cookie = Effect.map(logIn(right), ({ cookies }) => Cookies.toCookieHeader(cookies))
      const mine = yield* cookie
      const other = yield* cookie
      const check = Effect.map(
        HttpClient.get(`${base}/gradio_api/login_check`, { headers: { cookie: mine } }),
        ({ status }) => status
      )
      assert.strictEqual(yield* check, 200)
      if (way === "restart") yield* server.forgetLogins
      else {
        const gone = yield* HttpClient.get(`${base}/logout${way}`, { headers: { cookie: other } })
        assert.deepStrictEqual(
          [gone.status, Object.values(gone.cookies.cookies).map(({ value }) => value)],
          [302, ["", ""]]
        )
      }
      assert.strictEqual(yield* check, holds ? 200 : 401)
    }).pipe(Effect.provide(Layer.fresh(app())))
  )
})
