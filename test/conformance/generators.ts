/** Functions that give one value after the other. */
import { Effect, Stream } from "effect"

import { before, type Case, type Group, type World } from "./Case.ts"
import { aTime, completed, eventsOf, output, queued, same, started } from "./look.ts"

/** A generator gives these outputs, each once, and completes with the last. */
const yields = (
  title: string,
  endpoint: string,
  args: ReadonlyArray<unknown>,
  values: ReadonlyArray<ReadonlyArray<unknown>> | ((world: World) => ReadonlyArray<ReadonlyArray<unknown>>),
  updates: ReadonlyArray<object> | ((world: World) => ReadonlyArray<object>) = []
): Case => ({
  title,
  endpoints: [endpoint],
  alone: true,
  run: (world) =>
    Effect.gen(function* () {
      const expected = typeof values === "function" ? values(world) : values
      const properties = typeof updates === "function" ? updates(world) : updates
      same(yield* eventsOf(world.app.events(endpoint, args)), [
        queued(),
        started,
        ...expected.map((value, i) => output(value, i, properties[i] ?? {})),
        completed(expected.at(-1) ?? [])
      ])
      // A session of its own takes another way through the client.
      const own = yield* Stream.runCollect(world.app.stream(endpoint, args, { session: "own" }))
      same(own.length, expected.length)
    })
})

const token = (i: number) => ({ token: `word${i} `, class_or_confidence: i % 2 === 0 ? "even" : "odd" })
const tokens = (n: number) => Array.from({ length: n }, (_, i) => token(i))
const table = (headers: ReadonlyArray<string>, data: ReadonlyArray<ReadonlyArray<number>>) => ({
  headers,
  data,
  metadata: null
})
const square = (n: number) =>
  table(
    Array.from({ length: n }, (_, i) => `c${i}`),
    Array.from({ length: n }, (_, row) => Array.from({ length: n }, (__, column) => row * 10 + column))
  )

/** A message of a chat as a version writes it. */
const message = (version: World["version"], role: string, text: string) => {
  switch (version) {
    case "6.31.0":
      return { role, metadata: null, content: [{ text, type: "text" }], options: null }
    case "5.49.1":
      return { role, metadata: null, content: text, options: null }
    default:
      return { role, metadata: { title: null }, content: text }
  }
}

const withoutEvery = "every= of listeners went with 4.28"

export const generators: Group = {
  concept: "generators",
  cases: [
    yields("each value of a generator is one output", "/count", [4], [["0"], ["1"], ["2"], ["3"]]),
    yields(
      "a growing text comes whole each time",
      "/grow",
      [3],
      [["token0 "], ["token0 token1 "], ["token0 token1 token2 "]]
    ),
    yields(
      "two outputs at once",
      "/two_gen",
      [3],
      [
        ["0", table(["1", "2"], [[0, 0]])],
        ["1", table(["1", "2"], [[1, 2]])],
        ["2", table(["1", "2"], [[2, 4]])]
      ]
    ),
    yields(
      "a list that grows and shrinks",
      "/lists",
      [3],
      [[tokens(1)], [tokens(2)], [tokens(3)], [tokens(2)], [tokens(1)]]
    ),
    yields("rows and columns that vanish at once", "/shrinking_rows", [4], ({ isStandin, since }) =>
      [4, 3, 2, 1].map((n) => {
        const { data, headers, metadata } = square(n)
        // A dictionary for a table went out as it was there.
        return [since("4.0") && !since("4.15") && !isStandin ? { headers, data } : { headers, data, metadata }]
      })
    ),
    yields(
      "a dictionary whose keys come and go",
      "/dictionaries",
      [4],
      [
        [{ items: [{ i: 0, text: "" }], meta: { n: 0 }, last: 0 }],
        [{ items: [{ i: 1, text: "x" }], meta: { n: 1 } }],
        [
          {
            items: [
              { i: 1, text: "x" },
              { i: 2, text: "xx" }
            ],
            meta: { n: 2 },
            last: 2
          }
        ],
        [
          {
            items: [
              { i: 2, text: "xx" },
              { i: 3, text: "xxx" }
            ],
            meta: { n: 3 }
          }
        ]
      ]
    ),
    yields("the messages of a chat", "/chat_tokens", [3], ({ since, version }) =>
      ["t0 ", "t0 t1 ", "t0 t1 t2 "].map((text) => [
        since("4.44") ? [message(version, "user", "hi"), message(version, "assistant", text)] : [["hi", text]]
      ])
    ),
    yields(
      "a file after the other",
      "/file_steps",
      [2],
      [
        [{ file: "step0.txt", mimeType: "text/plain", size: 6, isStream: false }],
        [{ file: "step1.txt", mimeType: "text/plain", size: 6, isStream: false }]
      ]
    ),
    yields(
      "skips and updates of one output",
      "/skips",
      [],
      [["first"], ["first"], ["second"], ["second"], ["last"]],
      [{}, { 0: {} }, { 0: { label: "new label" } }, { 0: { visible: false } }]
    ),
    yields(
      "skips and updates of two outputs",
      "/skips_two",
      [],
      [
        ["a", 1],
        ["a", 2],
        ["b", 2],
        ["c", 2]
      ],
      ({ since }) => [
        {},
        { 0: {} },
        { 1: {} },
        { 0: {}, 1: since("4.0") ? { interactive: false } : { mode: "static" } }
      ]
    ),
    yields("a generator without values completes", "/empty_generator", [], [[null]]),
    {
      title: "values of a generator without end are handed out",
      endpoints: ["/endless_async"],
      run: ({ app, tag }) =>
        Effect.map(app.stream("/endless_async", [tag]).pipe(Stream.take(3), Stream.runCollect), (values) =>
          same(values, [["1"], ["2"], ["3"]])
        )
    },
    {
      title: "a function that is run every so often gives its values until it is left",
      endpoints: ["/clock"],
      notOffered: {
        "4.44.1": withoutEvery,
        "5.49.1": withoutEvery,
        "6.31.0": withoutEvery,
        "stand-in": "its functions are run by calls alone"
      },
      run: ({ app }) =>
        Effect.gen(function* () {
          const times = yield* app.stream("/clock").pipe(Stream.take(3), Stream.runCollect)
          same(new Set(times.map(([time]) => time)).size, 3)
          same(yield* app.predict("/echo", ["after"]), ["after"])
        })
    },
    {
      title: "a value that was handed out never changes",
      endpoints: ["/dictionaries"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const texts: Array<string> = []
          const values = yield* app.stream("/dictionaries", [5]).pipe(
            Stream.tap((value) => Effect.sync(() => void texts.push(JSON.stringify(value)))),
            Stream.runCollect
          )
          same(
            values.map((value) => JSON.stringify(value)),
            texts
          )
        })
    },
    {
      title: "generators side by side get each their own values",
      endpoints: ["/ticks", "/endless_async"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const [ticks, endless] = yield* Effect.all(
            [
              Stream.runCollect(app.stream("/ticks", [4, 0.05, tag])),
              app.stream("/endless_async", [`${tag} endless`]).pipe(Stream.take(4), Stream.runCollect)
            ],
            { concurrency: 2 }
          )
          same(ticks, [[`${tag} 0`], [`${tag} 1`], [`${tag} 2`], [`${tag} 3`]])
          same(endless, [["1"], ["2"], ["3"], ["4"]])
        })
    },
    {
      title: "an update beside a value, and one without",
      endpoints: ["/upd", "/upd_no_value", "/upd_choices"],
      alone: true,
      run: ({ app }) =>
        Effect.gen(function* () {
          const plainly = (value: unknown, updates: object) => [
            queued(),
            started,
            output([value], 0, updates),
            completed([value])
          ]
          same(yield* eventsOf(app.events("/upd", ["x"])), plainly("x", { 0: { label: "new label", visible: false } }))
          same(yield* eventsOf(app.events("/upd_no_value", ["x"])), plainly(null, { 0: { visible: false } }))
          same(
            yield* eventsOf(app.events("/upd_choices", ["x"])),
            plainly("x", {
              0: {
                choices: [
                  ["p", "p"],
                  ["q", "q"],
                  ["x", "x"]
                ]
              }
            })
          )
        })
    },
    {
      title: "a cached function says that it gave a stored result",
      endpoints: ["/cached", "/cached_part", "/cached_count"],
      alone: true,
      notOffered: before("6.12", "gr.cache came with 6.12"),
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const [first] = yield* app.predict("/cached", [tag])
          same(yield* eventsOf(app.events("/cached", [tag])), [output([first]), completed([first], "full")])
          yield* app.predict("/cached_part", [tag])
          same(yield* eventsOf(app.events("/cached_part", [tag])), [
            queued(),
            started,
            output([`found ${tag.toUpperCase()}`]),
            completed([`found ${tag.toUpperCase()}`], "partial")
          ])
          const counted = Array.from({ length: 3 }, (_, i) => [`${tag} ${i}`])
          same(yield* Stream.runCollect(app.stream("/cached_count", [3, tag])), counted)
          const again = yield* eventsOf(app.events("/cached_count", [3, tag]))
          same(again.at(-1), { _tag: "Completed", output: [`${tag} 2`], took: aTime, usedCache: "full" })
        })
    }
  ]
}
