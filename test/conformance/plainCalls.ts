/** Functions that answer once. */
import { Effect, Stream } from "effect"

import { GradioClient } from "../../src/index.ts"
import { between, type Group, stopsQueue } from "./Case.ts"
import { completed, eventsOf, failureOf, output, queued, same, started } from "./look.ts"

const odd = "a\u2028b\u2029c\u0085d\u000be\u000cf\u001cg\ufeffh\r\ni\u0000j"
const everyKind = 'Grüße, 漢字, \u0000, \u{1f388}, 👩‍👩‍👧, عربى, "quotes", \\n, \r\n, \t, <b>, \u2028, \ufffd'

export const plainCalls: Group = {
  concept: "plain calls",
  cases: [
    {
      title: "a call waits, starts, gives one output and completes",
      endpoints: ["/echo"],
      alone: true,
      run: ({ app }) =>
        Effect.map(eventsOf(app.events("/echo", ["hi"])), (events) =>
          same(events, [queued(), started, output(["hi"]), completed(["hi"])])
        )
    },
    {
      title: "a direct call is heard of with its output",
      endpoints: ["/direct"],
      run: ({ app }) =>
        Effect.map(eventsOf(app.events("/direct", ["hi"])), (events) =>
          same(events, [output(["hi"]), completed(["hi"])])
        )
    },
    {
      title: "predict gives the last output, stream each of them",
      endpoints: ["/two"],
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/two", ["hi"]), ["hi", 2])
          same(yield* Stream.runCollect(app.stream("/two", ["hi"])), [["hi", 2]])
        })
    },
    {
      title: "a function without inputs, and one without outputs",
      endpoints: ["/no_inputs", "/no_outputs"],
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/no_inputs"), ["nothing came in"])
          same(yield* eventsOf(app.events("/no_outputs", [tag])), [queued(), started, output([]), completed([])])
        })
    },
    {
      title: "texts of every kind go there and back",
      endpoints: ["/echo"],
      run: ({ app }) => Effect.map(app.predict("/echo", [everyKind]), (answer) => same(answer, [everyKind]))
    },
    {
      title: "characters that some take for line ends are text",
      endpoints: ["/odd_characters"],
      run: ({ app }) => Effect.map(app.predict("/odd_characters"), (answer) => same(answer, [odd]))
    },
    {
      title: "a text of a mebibyte comes whole",
      endpoints: ["/long_text"],
      run: ({ app }) =>
        Effect.map(app.predict("/long_text", [1024]), (answer) => same(answer, ["x".repeat(1024 * 1024)]))
    },
    {
      title: "a text of a mebibyte goes whole",
      endpoints: ["/two"],
      run: ({ app }) => {
        const long = "yü".repeat(512 * 1024)
        return Effect.map(app.predict("/two", [long]), (answer) => same(answer, [long, long.length]))
      }
    },
    {
      title: "numbers that are not finite come as null",
      endpoints: ["/not_finite"],
      run: ({ app }) =>
        Effect.map(app.predict("/not_finite"), (answer) => same(answer, [{ nan: null, infinity: null, finite: 1.5 }]))
    },
    {
      title: "values of every simple kind arrive as they are",
      endpoints: ["/several"],
      run: ({ app }) =>
        Effect.map(app.predict("/several", ["t", 1.5, true, "y", ["p", "r"], 9]), (answer) =>
          same(answer, [{ text: "t", number: 1.5, flag: true, choice: "y", choices: ["p", "r"], whole: 9 }])
        )
    },
    {
      title: "keys such as __proto__ are data",
      endpoints: ["/json_io"],
      run: ({ app }) => {
        const value: unknown = JSON.parse(
          '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":3}'
        )
        return Effect.map(app.predict("/json_io", [value]), ([answer]) => {
          same(JSON.stringify(answer), JSON.stringify(value))
          same(Reflect.get({}, "polluted"), undefined)
        })
      }
    },
    {
      title: "fifty calls at once get each its own answer",
      endpoints: ["/two"],
      run: ({ app }) => {
        const words = Array.from({ length: 50 }, (_, i) => "w".repeat(i))
        return Effect.map(
          Effect.forEach(words, (word) => app.predict("/two", [word]), { concurrency: "unbounded" }),
          (answers) =>
            same(
              answers,
              words.map((word) => [word, word.length])
            )
        )
      }
    },
    {
      title: "fifty direct calls at once get each its own answer",
      endpoints: ["/direct"],
      run: ({ app }) => {
        const words = Array.from({ length: 50 }, (_, i) => `word ${i}`)
        return Effect.map(
          Effect.forEach(words, (word) => app.predict("/direct", [word]), { concurrency: "unbounded" }),
          (answers) =>
            same(
              answers,
              words.map((word) => [word])
            )
        )
      }
    },
    {
      title: "calls of a batched function get each their row",
      endpoints: ["/batch"],
      notOffered: {
        ...between("4.9", "4.20", "it gives each call of a batch the row of the last one"),
        ...stopsQueue
      },
      alone: true,
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* eventsOf(app.events("/batch", ["ab", 2])), [
            queued(),
            started,
            output(["ABAB", 1]),
            completed(["ABAB", 1])
          ])
          const words = Array.from({ length: 9 }, (_, i) => `w${i}`)
          const answers = yield* Effect.forEach(words, (word) => app.predict("/batch", [word]), {
            concurrency: "unbounded"
          })
          same(
            answers.map(([word]) => word),
            words.map((word) => word.toUpperCase())
          )
          const sizes = answers.map(([, size]) => Number(size))
          // How many wait when a batch starts is chance; that some do, when nine come at once, is not.
          same(Math.max(...sizes) > 1 && Math.max(...sizes) <= 4, true)
        })
    },
    {
      title: "the only endpoint of an app with many is none",
      endpoints: [],
      run: ({ app }) =>
        Effect.map(failureOf(GradioClient.single(app)), ({ _tag, problem }) =>
          same(
            { _tag, problem },
            { _tag: "EndpointNotFoundError", problem: "has several endpoints: name the one that is meant" }
          )
        )
    }
  ]
}
