import { assert, describe, it } from "@effect/vitest"
import { Client } from "@gradio/client"
import { Effect, Stream } from "effect"

import { standinSocket } from "../standin/app.ts"

/** What is used of the client; its own types are lost where modules are resolved as Node does. */
interface OfficialClient {
  readonly predict: (name: string, data: unknown) => Promise<{ readonly data: unknown }>
  readonly submit: (
    name: string,
    data: unknown
  ) => AsyncIterable<{ readonly type: string; readonly data: unknown }> & {
    readonly cancel: () => Promise<void>
  }
  readonly view_api: () => Promise<{
    readonly named_endpoints: Readonly<
      Record<string, { readonly parameters: ReadonlyArray<Readonly<Record<string, unknown>>> }>
    >
  }>
  readonly close: () => void
}

const open = (url: string) =>
  Effect.acquireRelease(
    Effect.promise((): Promise<OfficialClient> => Client.connect(url, { events: ["data", "status", "log"] })),
    (client) => Effect.sync(() => client.close())
  )

/** The official client, connected to a stand-in server over a socket; closed with the scope. */
const connect = Effect.gen(function* () {
  const { server, url } = yield* standinSocket()
  const client = yield* open(url)
  return { server, client, url }
})

const predict = (client: OfficialClient, name: string, data: unknown) =>
  Effect.map(
    Effect.promise(() => client.predict(name, data)),
    (answer) => answer.data
  )

describe("the official JavaScript client against the stand-in server", () => {
  it.live("connects and sees the endpoints", () =>
    Effect.gen(function* () {
      const { client } = yield* connect
      const info = yield* Effect.promise(() => client.view_api())
      assert.deepStrictEqual(
        info.named_endpoints["/add"]?.parameters.map(
          ({ component, label, parameter_default, parameter_has_default, parameter_name }) => ({
            component,
            label,
            parameter_default,
            parameter_has_default,
            parameter_name
          })
        ),
        [
          {
            component: "Number",
            label: "a",
            parameter_default: null,
            parameter_has_default: false,
            parameter_name: "a"
          },
          {
            component: "Radio",
            label: "op",
            parameter_default: "add",
            parameter_has_default: true,
            parameter_name: "op"
          },
          { component: "Slider", label: "b", parameter_default: 5, parameter_has_default: true, parameter_name: "b" }
        ]
      )
      assert.isUndefined(info.named_endpoints["/private"])
    })
  )

  it.live("predicts with positions, with names and with defaults", () =>
    Effect.gen(function* () {
      const { client } = yield* connect
      assert.deepStrictEqual(yield* predict(client, "/add", [4, "subtract", 1]), [3])
      assert.deepStrictEqual(yield* predict(client, "/add", { a: 4, b: 2 }), [6])
      assert.deepStrictEqual(yield* predict(client, "/direct", ["straight"]), ["straight"])
    })
  )

  it.live("gets every value of a generator", () =>
    Effect.gen(function* () {
      const { client } = yield* connect
      const values = yield* Stream.fromAsyncIterable(client.submit("/grow", [3]), String).pipe(
        Stream.filter((event) => event.type === "data"),
        Stream.map((event) => event.data),
        Stream.runCollect
      )
      assert.deepStrictEqual(Array.from(values), [
        ["token0 "],
        ["token0 token1 "],
        ["token0 token1 token2 "],
        ["token0 token1 token2 "]
      ])
    })
  )

  it.live("uploads a file and downloads one", () =>
    Effect.gen(function* () {
      const { client } = yield* connect
      const blob = new Blob(["hello"], { type: "text/plain" })
      assert.deepStrictEqual(yield* predict(client, "/file_info", [blob]), [
        "blob:5:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
      ])
      const made = JSON.stringify(yield* predict(client, "/file_of", ["hällo", "a b ü漢 #1%.txt"]))
      const url = /"url":"([^"]+)"/.exec(made)?.[1] ?? ""
      assert.strictEqual(yield* Effect.promise(() => fetch(url).then((answer) => answer.text())), "hällo")
    })
  )

  it.live("gets the message of an error of the app", () =>
    Effect.gen(function* () {
      const { client } = yield* connect
      const error = yield* Effect.flip(
        Effect.tryPromise({ try: () => client.predict("/error", ["bad thing"]), catch: (cause) => cause })
      )
      assert.deepInclude(error, { message: "bad thing", title: "Error" })
    })
  )

  it.live("keeps the state of its session", () =>
    Effect.gen(function* () {
      const { client, url } = yield* connect
      const word = (one: OfficialClient) => predict(one, "/counter", ["cat"])
      const other = yield* open(url)
      assert.deepStrictEqual([yield* word(client), yield* word(client), yield* word(other)], [[0], [1], [0]])
    })
  )

  it.live("cancels a generator", () =>
    Effect.gen(function* () {
      const { client, server } = yield* connect
      const job = client.submit("/endless", ["tag"])
      yield* Stream.fromAsyncIterable(job, String).pipe(
        Stream.filter((event) => event.type === "data"),
        Stream.take(2),
        Stream.runDrain
      )
      yield* Effect.promise(() => job.cancel())
      const interrupted = yield* predict(client, "/interrupted_jobs", [])
      assert.deepStrictEqual(interrupted, [["tag"]])
      assert.strictEqual((yield* server.activity).running, 0)
    })
  )
})
