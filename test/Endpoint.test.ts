/** Endpoints with types, on the stand-in: what is sent, what comes back, and what each misfit fails with. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Schema, SchemaGetter, Stream } from "effect"
import { HttpClient } from "effect/http"

import { App, Component, Endpoint, GradioClient, GradioFile } from "../src/index.ts"
import { standinMemory } from "./standin/app.ts"

const connected = Effect.gen(function* () {
  const server = yield* standinMemory({})
  return yield* Effect.provideService(GradioClient.connect("http://app.test"), HttpClient.HttpClient, server.client)
})

const add = Endpoint.make("/add", {
  input: Schema.Struct({
    a: Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
    op: Schema.Literals(["add", "subtract"]),
    b: Schema.Number
  }),
  output: Schema.Tuple([Schema.Number])
})

const count = Endpoint.generator("/count", {
  input: Schema.Struct({ n: Schema.Number }),
  output: Schema.Tuple([Schema.FiniteFromString])
})

/** What it takes and gives is shifted by a service. */
class Shift extends Context.Service<Shift, { readonly by: number }>()("test/Shift") {}
const Shifted = Schema.Number.pipe(
  Schema.decodeTo(Schema.Number, {
    decode: SchemaGetter.transformEffect((n: number) => Effect.map(Shift, ({ by }) => n + by)),
    encode: SchemaGetter.transformEffect((n: number) => Effect.map(Shift, ({ by }) => n - by))
  })
)

describe("a typed endpoint", () => {
  it.live("stands wherever a name can", () =>
    Effect.gen(function* () {
      const app = yield* connected
      assert.deepStrictEqual(yield* app.predict(add, { a: 4, op: "subtract", b: 1 }), [3])
      assert.deepStrictEqual(yield* Stream.runCollect(app.stream(count, { n: 3 })), [[0], [1], [2]])
      const events = yield* Stream.runCollect(app.events(count, { n: 2 }))
      assert.deepStrictEqual(
        events.flatMap((event) => (event._tag === "Output" || event._tag === "Completed" ? [event.output] : [])),
        [[0], [1], [1]]
      )
      const job = yield* app.submit(count, { n: 2 })
      assert.deepStrictEqual(yield* job.result, [1])
      assert.deepStrictEqual((yield* job.status).last, Option.some<readonly [number]>([1]))
    })
  )

  it.live("leaves out what is optional, so that the app's own default is taken", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const described = Endpoint.make("/defaults", {
        input: Schema.Struct({ text: Schema.optional(Schema.String), n: Schema.optional(Schema.Number) }),
        output: Schema.Tuple([Schema.String])
      })
      const untyped = yield* app.predict("/defaults", {})
      assert.deepStrictEqual<ReadonlyArray<unknown>>(yield* app.predict(described, {}), untyped)
      assert.deepStrictEqual<ReadonlyArray<unknown>>(yield* app.predict(described, { text: undefined }), untyped)
    })
  )

  it.live("refuses each parameter that does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const input: { readonly a: number; readonly op: "add"; readonly b: number } = JSON.parse(
        '{ "a": 11, "op": "mul", "c": 1 }'
      )
      const error = yield* Effect.flip(app.predict(add, input))
      assert(error._tag === "EndpointInputError")
      assert.deepStrictEqual(error.problems, [
        { parameter: "c", problem: '"c" is no parameter of the endpoint' },
        { parameter: "a", problem: '"a": expected a value between 0 and 10' },
        { parameter: "op", problem: '"op": expected "add" | "subtract"' },
        { parameter: "b", problem: '"b" is missing, and has no default' }
      ])
      assert.deepStrictEqual([error.reached, error.mayHaveRun, error.isTransient], ["nothing-sent", false, false])
      for (const refused of [
        Stream.runDrain(app.stream(add, input)),
        Stream.runDrain(app.events(add, input)),
        app.submit(add, input)
      ]) {
        assert.deepStrictEqual((yield* Effect.flip(refused)).message, error.message)
      }
    })
  )

  it.live("fails with the place where an output is not what it says", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const wrong = Endpoint.generator("/count", {
        input: Schema.Struct({ n: Schema.Number }),
        output: Schema.Tuple([Schema.Number])
      })
      const error = yield* Effect.flip(app.predict(wrong, { n: 1 }))
      assert(error._tag === "EndpointOutputError")
      assert.deepStrictEqual([error.issue, error.received], ["[0] expected number", ["0"]])
      assert.strictEqual(
        error.message,
        "What /count of the app at http://app.test/ gave does not fit: [0] expected number."
      )
      assert.deepStrictEqual([error.reached, error.mayHaveRun], ["started", true])
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(app.stream(wrong, { n: 2 })))).message, error.message)
      const job = yield* app.submit(wrong, { n: 1 })
      assert.strictEqual((yield* Effect.flip(job.result)).message, error.message)
      assert.deepStrictEqual((yield* job.status).last, Option.none())
    })
  )

  it.live("says that outputs are too many or too few", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const issueOf = <O>(output: Schema.ConstraintCodec<O, ReadonlyArray<unknown>>) =>
        Effect.map(
          Effect.flip(
            app.predict(Endpoint.make("/two", { input: Schema.Struct({ text: Schema.String }), output }), { text: "a" })
          ),
          (error) => ("issue" in error ? error.issue : error)
        )
      assert.strictEqual(
        yield* issueOf(Schema.Tuple([Schema.String])),
        "[1] is not expected: the app gives more outputs"
      )
      assert.strictEqual(
        yield* issueOf(Schema.Tuple([Schema.String, Schema.Number, Schema.Number])),
        "[2] is missing: the app gives fewer outputs"
      )
    })
  )

  it.live("says once that a file stands where something that holds files is wanted", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const held = Endpoint.make("/json_io", {
        input: Schema.Struct({ value: Schema.Array(Schema.Struct({ image: GradioFile.schema })) }),
        output: Schema.Tuple([Schema.Unknown])
      })
      const file: { readonly image: GradioFile.GradioFile } = Object(
        GradioFile.fromBytes(new Uint8Array([1]), { name: "a.png" })
      )
      const error = yield* Effect.flip(app.predict(held, { value: [file] }))
      assert(error._tag === "EndpointInputError")
      assert.deepStrictEqual(error.problems, [
        {
          parameter: "value",
          problem: '"value"[0]: expected something that holds a file, not the file itself'
        }
      ])
    })
  )

  it.live("checks choices, and leaves that where it is told so", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const echo = Endpoint.make("/echo", {
        input: Schema.Struct({ text: Component.choice(["a", "b"]) }),
        output: Schema.Tuple([Schema.String])
      })
      const any = echo.pipe(Endpoint.withAnyChoice)
      assert.deepStrictEqual(yield* app.predict(echo, { text: "b" }), ["b"])
      assert.deepStrictEqual(yield* app.predict(any, { text: "c" }), ["c"])
      const text: string = "c"
      const error = yield* Effect.flip(app.predict(echo, { text: text === "a" ? text : JSON.parse('"c"') }))
      assert(error._tag === "EndpointInputError")
      assert.deepStrictEqual(error.problems, [
        { parameter: "text", problem: '"text" is none of the choices: "a", "b"' }
      ])
    })
  )

  it.live("keeps the services of its schemas", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const shifted = Endpoint.make("/add", {
        input: Schema.Struct({ a: Shifted, op: Schema.String, b: Schema.Number }),
        output: Schema.Tuple([Shifted])
      })
      const answer: Effect.Effect<readonly [number], unknown, Shift> = app.predict(shifted, { a: 10, op: "add", b: 1 })
      assert.deepStrictEqual(yield* Effect.provideService(answer, Shift, { by: 7 }), [11])
      const job = yield* Effect.provideService(app.submit(shifted, { a: 10, op: "add", b: 1 }), Shift, { by: 7 })
      assert.deepStrictEqual(yield* job.result, [11])
    })
  )

  it.live("sends files and gives them", () =>
    Effect.gen(function* () {
      const app = yield* connected
      const file = Endpoint.make("/file_io", {
        input: Schema.Struct({ value: GradioFile.schema }),
        output: Schema.Tuple([GradioFile.schema])
      })
      const sent = GradioFile.fromBytes(new Uint8Array([1, 2, 3]), { name: "three.bin" })
      const [came] = yield* app.predict(file, { value: sent })
      assert.deepStrictEqual([came.name, yield* came.bytes], ["three.bin", new Uint8Array([1, 2, 3])])
    })
  )
})

const endpoints = { add, count }

/** The app that a program of a user depends on. */
class Arithmetic extends Context.Service<Arithmetic, App.App<typeof endpoints>>()("test/Arithmetic") {
  static readonly layer = Layer.effect(Arithmetic)(App.connect("http://app.test", endpoints))
}

const program = Effect.gen(function* () {
  const arithmetic = yield* Arithmetic
  const [sum] = yield* arithmetic.add({ a: 1, op: "add", b: 2 })
  const counted = yield* Stream.runCollect(arithmetic.count({ n: sum }))
  return counted.map(([n]) => n)
})

describe("an app as a service", () => {
  it.live("is that of a server, with a method for each endpoint", () =>
    Effect.gen(function* () {
      const server = yield* standinMemory({})
      const layer = Layer.provide(Arithmetic.layer, Layer.succeed(HttpClient.HttpClient)(server.client))
      assert.deepStrictEqual(yield* Effect.provide(program, layer), [0, 1, 2])
    })
  )

  it.effect("can be another implementation in a test", () =>
    Effect.gen(function* () {
      const layer = Layer.succeed(Arithmetic)({
        add: ({ a, b }) => Effect.succeed([a + b]),
        count: ({ n }) => Stream.make<ReadonlyArray<readonly [number]>>([n])
      })
      assert.deepStrictEqual(yield* Effect.provide(program, layer), [3])
    })
  )
})
