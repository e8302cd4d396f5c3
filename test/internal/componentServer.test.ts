import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient, GradioFile } from "../../src/index.ts"
import { Component, endpoint, GradioServer } from "../../src/testing/index.ts"

/** A component whose function keeps what it is given. */
const open = Effect.gen(function* () {
  const received: Array<unknown> = []
  const text = Component.withFunctions(Component.textbox({ name: "text" }), {
    keep: (data) => Effect.sync(() => void received.push(data))
  })
  const server = yield* GradioServer.make({
    endpoints: [endpoint("/echo", { inputs: [text], outputs: [text], run: ([value]) => Effect.succeed([value]) })]
  })
  const client = yield* Effect.provideService(
    GradioClient.connect("http://app.test"),
    HttpClient.HttpClient,
    server.client
  )
  const id = client.config.dependencies[0]?.inputs?.[0] ?? -1
  return { received, keep: (data: unknown) => GradioClient.componentServer(client, id, "keep", data) }
})

const file = GradioFile.fromBytes(new Uint8Array([1]), { name: "a.bin" })
const asFields = "files are sent as fields of an object: { field: file }"

describe("the data of a component's function", () => {
  it.live.each<readonly [string, unknown, string]>([
    ["bytes", new Uint8Array([1, 2]), asFields],
    ["a Blob", new Blob(["a"]), asFields],
    ["a file", file, asFields],
    ["a list of files", [file], asFields],
    ["a file deep inside", { field: { file } }, asFields],
    ["a file beside one deep inside", { file, field: { other: new Blob(["a"]) } }, asFields],
    ["a file twice, once deep inside", { file, field: [file] }, asFields],
    ["a file that only its JSON shows", { toJSON: () => ({ file }) }, asFields],
    [
      "a file beside a field of the form itself",
      { file, fn_name: "x" },
      "data.fn_name: beside files this name says what is called; give the field another"
    ]
  ])("is refused where it is %s", ([, data, problem]) =>
    Effect.gen(function* () {
      const { keep, received } = yield* open
      const error = yield* Effect.flip(keep(data))
      assert(error._tag === "EndpointInputError")
      assert.include(
        error.problems.map((one) => one.problem),
        problem
      )
      assert.deepStrictEqual(received, [])
    })
  )

  it.live("has no field for what is undefined, with files and without", () =>
    Effect.gen(function* () {
      const { keep, received } = yield* open
      const bytes = new Uint8Array([3])
      yield* keep({ option: undefined, none: null, file, bytes })
      yield* keep({ option: undefined, fn_name: "none of the form" })
      const [form, json] = received
      assert.deepStrictEqual(Object.keys(Object(form).data), ["none", "component_id", "fn_name", "session_hash"])
      assert.deepStrictEqual(Object(form).files, [
        ["a.bin", new Uint8Array([1])],
        ["blob", bytes]
      ])
      assert.deepStrictEqual(json, { fn_name: "none of the form" })
    })
  )
})
