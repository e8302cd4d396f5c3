/** What typed endpoints infer, and which programs do not compile, each for the reason that stands beside it. */
import { Context, Effect, Layer, Schema, SchemaGetter, type Scope, Stream } from "effect"
import { App, Component, Endpoint, GradioClient, type GradioError, GradioFile, Job, type JobEvent } from "effect-gradio"
import type { HttpClient } from "effect/http"
import { describe, expect, test } from "tstyche"

declare const app: GradioClient.GradioClient
declare const file: GradioFile.GradioFile

type Failure = GradioError.CallError | GradioError.EndpointOutputError

const add = Endpoint.make("/add", {
  input: Schema.Struct({
    a: Schema.Number,
    op: Schema.Literals(["add", "subtract"]),
    note: Schema.optional(Schema.String)
  }),
  output: Schema.Tuple([Schema.Number])
})

const count = Endpoint.generator("/count", {
  input: Schema.Struct({ n: Schema.Number }),
  output: Schema.Tuple([Schema.String, Schema.NullOr(GradioFile.schema)])
})

class Zone extends Context.Service<Zone, { readonly hours: number }>()("test/Zone") {}
const Local = Schema.Number.pipe(
  Schema.decodeTo(Schema.Number, {
    decode: SchemaGetter.transformEffect((n: number) => Effect.map(Zone, ({ hours }) => n + hours)),
    encode: SchemaGetter.transform((n: number) => n)
  })
)
const clock = Endpoint.make("/clock", {
  input: Schema.Struct({ hour: Schema.Number }),
  output: Schema.Tuple([Local])
})

describe("what is inferred", () => {
  test("predict gives what the output is held as, and can fail for one reason more", () => {
    expect(app.predict(add, { a: 1, op: "add" })).type.toBe<Effect.Effect<readonly [number], Failure>>()
    expect(app.predict("/add", [1])).type.toBe<Effect.Effect<GradioClient.Outputs, GradioError.CallError>>()
  })

  test("stream and events give each output", () => {
    expect(app.stream(count, { n: 1 })).type.toBe<
      Stream.Stream<readonly [string, GradioFile.GradioFile | null], Failure>
    >()
    expect(app.events(add, { a: 1, op: "add" })).type.toBe<
      Stream.Stream<JobEvent.JobEvent<readonly [number]>, Failure>
    >()
  })

  test("submit gives a job of the output", () => {
    expect(app.submit(add, { a: 1, op: "add" })).type.toBe<
      Effect.Effect<
        Job.Job<readonly [number], GradioError.JobError | GradioError.EndpointOutputError>,
        GradioError.EndpointNotFoundError | GradioError.EndpointInputError,
        Scope.Scope
      >
    >()
  })

  test("optional parameters may be left out or undefined", () => {
    expect(app.predict).type.toBeCallableWith(add, { a: 1, op: "subtract" })
    expect(app.predict).type.toBeCallableWith(add, { a: 1, op: "subtract", note: undefined })
  })

  test("services of schemas are wanted where they are used", () => {
    expect(app.predict(clock, { hour: 1 })).type.toBe<Effect.Effect<readonly [number], Failure, Zone>>()
    expect(app.stream(clock, { hour: 1 })).type.toBe<Stream.Stream<readonly [number], Failure, Zone>>()
  })

  test("a stream of inputs takes what the endpoint takes", () => {
    expect(GradioClient.streamInput(app, add, Stream.make({ a: 1, op: "add" as const }))).type.toBe<
      Stream.Stream<JobEvent.JobEvent<readonly [number]>, Failure>
    >()
  })

  test("deltas are of the texts of a typed job", () => {
    expect(Job.deltas<Failure>).type.toBeCallableWith(undefined as never as Job.Job<readonly [string], Failure>)
  })

  test("what an endpoint takes is neither more nor less than what it says", () => {
    const number = Endpoint.make("/f", { input: Schema.Struct({ a: Schema.Number }), output: Schema.Tuple([]) })
    const plain = Endpoint.generator("/f", { input: Schema.Struct({ a: Schema.Number }), output: Schema.Tuple([]) })
    const either = Endpoint.make("/f", {
      input: Schema.Struct({ a: Schema.Union([Schema.Number, Schema.String]) }),
      output: Schema.Tuple([])
    })
    expect(number).type.not.toBeAssignableTo<typeof either>()
    expect(plain).type.not.toBeAssignableTo<typeof either>()
    expect(either).type.not.toBeAssignableTo<typeof number>()
    expect(plain).type.toBeAssignableTo<typeof number>()
    expect<[typeof number, typeof plain, typeof clock]>().type.toBeAssignableTo<ReadonlyArray<Endpoint.Any>>()
  })

  test("what an endpoint gives and the services that it wants may be said more widely", () => {
    expect(add).type.toBeAssignableTo<
      Endpoint.Endpoint<Parameters<App.Method<typeof add>>[0], ReadonlyArray<unknown>, never, Zone>
    >()
  })

  test("a service has a method for each endpoint", () => {
    type Wanted = App.App<{ readonly add: typeof add; readonly count: typeof count }>
    expect<ReturnType<Wanted["add"]>>().type.toBe<Effect.Effect<readonly [number], Failure>>()
    expect<ReturnType<Wanted["count"]>>().type.toBe<
      Stream.Stream<readonly [string, GradioFile.GradioFile | null], Failure>
    >()
    expect(App.connect("https://app.test", { add, count })).type.toBe<
      Effect.Effect<Wanted, GradioError.ConnectError, HttpClient.HttpClient | Scope.Scope>
    >()
  })
})

class Arithmetic extends Context.Service<
  Arithmetic,
  App.App<{ readonly add: typeof add; readonly count: typeof count }>
>()("test/Arithmetic") {
  static readonly layer = Layer.effect(Arithmetic)(App.connect("https://app.test", { add, count }))
}

describe("what does not compile", () => {
  test("inputs that the endpoint does not take", () => {
    // @ts-expect-error Type 'string' is not assignable to type 'number'.
    app.predict(add, { a: "1", op: "add" })
    // @ts-expect-error Type '"multiply"' is not assignable to type '"add" | "subtract"'.
    app.predict(add, { a: 1, op: "multiply" })
    // @ts-expect-error Property 'op' is missing in type '{ a: number; }'
    app.predict(add, { a: 1 })
    // @ts-expect-error 'b' does not exist in type
    app.predict(add, { a: 1, op: "add", b: 2 })
    // @ts-expect-error Type 'null' is not assignable to type 'string | undefined'.
    app.predict(add, { a: 1, op: "add", note: null })
    // @ts-expect-error Argument of type 'Endpoint<{ readonly op: "add" | "subtract"; readonly a: number; readonly note?: string | undefined; }, readonly [number], never, never>' is not assignable to parameter of type 'string | number'.
    app.predict(add)
    // @ts-expect-error Argument of type '(string | number)[]' is not assignable to parameter
    app.stream(add, [1, "add"])
    // @ts-expect-error Type 'string' is not assignable to type 'number'.
    app.events(count, { n: "3" })
    // @ts-expect-error Type 'string' is not assignable to type 'number'.
    app.submit(count, { n: "3" })
    // @ts-expect-error Property 'op' is missing in type '{ readonly a: 1; }' but required in type
    GradioClient.streamInput(app, add, Stream.make({ a: 1 }))
    // @ts-expect-error 'sesion' does not exist in type 'TypedCallOptions'
    app.predict(add, { a: 1, op: "add" }, { sesion: "own" })
    // @ts-expect-error 'raw' does not exist in type 'TypedCallOptions'
    app.predict(add, { a: 1, op: "add" }, { raw: true })
  })

  test("choices", () => {
    const pick = Endpoint.make("/pick", {
      input: Schema.Struct({
        one: Component.choice(["a", "b"]),
        some: Component.choices([1, 2]),
        free: Schema.optional(Component.suggestion(["x"]))
      }),
      output: Schema.Tuple([Component.Radio.output])
    })
    expect(app.predict).type.toBeCallableWith(pick, { one: "a", some: [1], free: "anything" })
    // @ts-expect-error Type '"c"' is not assignable to type '"a" | "b" | null'.
    app.predict(pick, { one: "c", some: [] })
    // @ts-expect-error Type '3' is not assignable to type '1 | 2'.
    app.predict(pick, { one: "a", some: [3] })
    const any = Endpoint.withAnyChoice(pick)
    expect(app.predict).type.toBeCallableWith(any, { one: "c", some: [3] })
    // @ts-expect-error Type 'number' is not assignable to type 'string'.
    app.predict(any, { one: 1, some: [] })
    expect(Endpoint.withAnyChoice(count)).type.toBeAssignableTo<typeof count>()
    expect(pick.pipe(Endpoint.withAnyChoice)).type.toBe<typeof any>()
  })

  test("outputs that are taken for something else", () => {
    // @ts-expect-error Property 'toUpperCase' does not exist on type 'number'.
    Effect.map(app.predict(add, { a: 1, op: "add" }), ([sum]) => sum.toUpperCase())
    // @ts-expect-error Tuple type 'readonly [number]' of length '1' has no element at index '1'.
    Effect.map(app.predict(add, { a: 1, op: "add" }), ([, second]) => second)
    // @ts-expect-error 'picture' is possibly 'null'.
    Stream.map(app.stream(count, { n: 1 }), ([, picture]) => picture.bytes)
    // @ts-expect-error Type 'unknown' is not assignable to type 'number'.
    Effect.map(app.predict("/add", [1]), ([sum]): number => sum)
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'.
    Effect.flatMap(app.submit(add, { a: 1, op: "add" }), (job) => Stream.runDrain(Job.deltas<Failure>(job, "0")))
  })

  test("failures and services that are forgotten", () => {
    // @ts-expect-error Type 'EndpointOutputError' is not assignable to type
    const handled: Effect.Effect<readonly [number], GradioError.CallError> = app.predict(add, { a: 1, op: "add" })
    // @ts-expect-error Type 'Zone' is not assignable to type 'never'.
    const run: Effect.Effect<readonly [number], Failure> = app.predict(clock, { hour: 1 })
    // @ts-expect-error '"EndpointOutputError"' is not assignable
    Effect.catchTag(app.predict("/add", [1]), "EndpointOutputError", () => Effect.succeed([0]))
    void handled
    void run
  })

  test("endpoints that are none", () => {
    // @ts-expect-error is not assignable to type 'object'
    Endpoint.make("/add", { input: Schema.Number, output: Schema.Tuple([Schema.Number]) })
    // @ts-expect-error is not assignable to type 'readonly unknown[]'
    Endpoint.make("/add", { input: Schema.Struct({}), output: Schema.Number })
    // @ts-expect-error Property 'output' is missing in type
    Endpoint.make("/add", { input: Schema.Struct({}) })
    // @ts-expect-error No overload matches this call.
    app.predict({ name: "/add" }, { a: 1 })
  })

  test("services with other methods", () => {
    // @ts-expect-error Property 'subtract' does not exist on type
    Effect.flatMap(Arithmetic, (arithmetic) => arithmetic.subtract({ a: 1 }))
    // @ts-expect-error Type 'string' is not assignable to type 'number'.
    Effect.map(Arithmetic, (arithmetic) => arithmetic.count({ n: "1" }))
    // @ts-expect-error Property 'count' is missing in type
    Layer.succeed(Arithmetic)({ add: () => Effect.succeed([1]) })
    // @ts-expect-error Type 'Effect<number[], never, never>' is missing the following properties from type 'Stream<
    Layer.succeed(Arithmetic)({ add: () => Effect.succeed([1]), count: () => Effect.succeed([1]) })
  })

  test("files that are paths", () => {
    const picture = Endpoint.make("/look", {
      input: Schema.Struct({ image: GradioFile.schema }),
      output: Schema.Tuple([Schema.String])
    })
    expect(app.predict).type.toBeCallableWith(picture, { image: file })
    // @ts-expect-error Type 'string' is not assignable to type 'GradioFile'.
    app.predict(picture, { image: "picture.png" })
  })
})
