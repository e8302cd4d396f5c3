/** Endpoints with types: the calls are those by name, with an input that is encoded before and outputs that are decoded as they come. */
import { Effect, Schema, Stream } from "effect"

import { Endpoint, GradioClient, GradioFile } from "../../src/index.ts"
import { before, type Group } from "./Case.ts"
import { same } from "./look.ts"

const add = Endpoint.make("/add", {
  input: Schema.Struct({ a: Schema.Number, op: Schema.Literals(["add", "subtract"]), b: Schema.Number }),
  output: Schema.Tuple([Schema.Number])
})

const count = Endpoint.generator("/count", {
  input: Schema.Struct({ n: Schema.Number }),
  output: Schema.Tuple([Schema.FiniteFromString])
})

export const typed: Group = {
  concept: "typed endpoints",
  cases: [
    {
      title: "a typed endpoint stands wherever a name can",
      endpoints: ["/add", "/count"],
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* app.predict(add, { a: 4, op: "subtract", b: 1 }), [3])
          same(yield* Stream.runCollect(app.stream(count, { n: 3 })), [[0], [1], [2]])
          const job = yield* app.submit(count, { n: 2 })
          same(yield* job.result, [1])
        })
    },
    {
      title: "an input that does not fit is refused before anything is sent",
      endpoints: ["/add"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const strict = Endpoint.make("/add", {
            input: Schema.Struct({ a: Schema.Int, op: Schema.String, b: Schema.Int }),
            output: Schema.Tuple([Schema.Number])
          })
          const error = yield* Effect.flip(app.predict(strict, { a: 1.5, op: "add", b: 2.5 }))
          same(
            [error._tag, error.reached, "problems" in error && error.problems],
            [
              "EndpointInputError",
              "nothing-sent",
              [
                { parameter: "a", problem: '"a": expected an integer' },
                { parameter: "b", problem: '"b": expected an integer' }
              ]
            ]
          )
        })
    },
    {
      title: "an output that does not fit is named by its place",
      endpoints: ["/two"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const wrong = Endpoint.make("/two", {
            input: Schema.Struct({ text: Schema.String }),
            output: Schema.Tuple([Schema.String, Schema.String])
          })
          const error = yield* Effect.flip(app.predict(wrong, { text: "word" }))
          same(
            [error._tag, error.reached, "issue" in error && error.issue],
            ["EndpointOutputError", "started", "[1] expected string"]
          )
        })
    },
    {
      title: "files go and come by a typed endpoint",
      endpoints: ["/file_io"],
      run: ({ app }) =>
        Effect.gen(function* () {
          // Servers that tell no names of parameters have their labels for them.
          const name = app.api.named["/file_io"]?.parameters[0]?.name ?? ""
          const file = Endpoint.make("/file_io", {
            input: Schema.Record(Schema.String, GradioFile.schema),
            output: Schema.Tuple([GradioFile.schema])
          })
          const bytes = new Uint8Array([1, 2, 3])
          const [came] = yield* app.predict(file, { [name]: GradioFile.fromBytes(bytes, { name: "three.bin" }) })
          same(yield* came.bytes, bytes)
        })
    },
    {
      title: "a stream of inputs is encoded chunk by chunk",
      endpoints: ["/stream_journal"],
      notOffered: before("5.0", "input streams came with 5.0"),
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const journal = Endpoint.generator("/stream_journal", {
            input: Schema.Struct({ sound: Schema.Null, tag: Schema.Trim }),
            output: Schema.Tuple([Schema.String])
          })
          const chunks = Stream.make({ sound: null, tag }, { sound: null, tag })
          const events = yield* Stream.runCollect(GradioClient.streamInput(app, journal, chunks))
          same(
            events.flatMap((event) => (event._tag === "Output" ? [event.output] : [])),
            [[`${tag} 1`], [`${tag} 2`]]
          )
        })
    }
  ]
}
