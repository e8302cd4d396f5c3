/** Arguments and endpoints: how they are given, and what is refused before anything is sent. */
import { Effect, Stream } from "effect"
import { HttpClient } from "effect/http"

import { type GradioClient, Input } from "../../src/index.ts"
import type { Case, Group, World } from "./Case.ts"
import { circumstances, failureOf, same } from "./look.ts"

const answers = (
  title: string,
  endpoint: string,
  calls: ReadonlyArray<readonly [input: Input.Input | undefined, answer: ReadonlyArray<unknown>]>,
  more: Partial<Case> = {}
): Case => ({
  title,
  endpoints: [endpoint],
  run: ({ app }) =>
    Effect.forEach(calls, ([input, answer]) => Effect.map(app.predict(endpoint, input), (got) => same(got, answer)), {
      discard: true
    }),
  ...more
})

/** A connection and the requests that it made since it was open. */
const recorded = Effect.fnUntraced(function* (world: World) {
  const requests: Array<string> = []
  const app = yield* world.connect({
    transformClient: HttpClient.tapRequest((request) =>
      Effect.sync(() => void requests.push(`${request.method} ${request.url}`))
    )
  })
  requests.length = 0
  return { app, requests }
})

const sentence = (text: string) => (text.endsWith("?") ? text : `${text}.`)

const refuses = (
  title: string,
  endpoint: string,
  input: Input.Input,
  problems: ReadonlyArray<{ readonly parameter: string; readonly problem: string }>
): Case => ({
  title,
  endpoints: [endpoint],
  run: (world) =>
    Effect.gen(function* () {
      const { app, requests } = yield* recorded(world)
      const expected = {
        _tag: "EndpointInputError",
        ...circumstances(endpoint, "nothing-sent"),
        problems,
        message: sentence(
          `The input does not fit ${endpoint} of the app at <app>: ${problems.map(({ problem }) => problem).join("; ")}`
        )
      }
      same(yield* failureOf(app.predict(endpoint, input)), expected)
      same(yield* failureOf(Stream.runDrain(app.stream(endpoint, input))), expected)
      same(yield* failureOf(app.submit(endpoint, input)), expected)
      same(requests, [])
    })
})

const a = '"a" (float, Number)'
const op = "\"op\" (Literal['add', 'subtract'], Radio)"
const b = '"b" (float, Slider)'

const numberOf = (
  app: GradioClient.GradioClient,
  which: (dependency: GradioClient.GradioClient["config"]["dependencies"][number]) => boolean
) => {
  const index = app.config.dependencies.findIndex(which)
  return app.config.dependencies[index]?.id ?? index
}

const notFound = (asked: string | number, problem: string | undefined, nearest: ReadonlyArray<string>) => ({
  _tag: "EndpointNotFoundError",
  ...circumstances(undefined, "nothing-sent"),
  asked,
  nearest,
  problem
})

/** The names that an app offers differ by version, and the message lists them. */
const withoutList = (error: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(error).filter(([key]) => key !== "available" && key !== "message"))

const refusesEndpoint = (
  title: string,
  find: (world: World) => {
    readonly asked: string | number
    readonly problem?: string
    readonly nearest?: ReadonlyArray<string>
  },
  more: Partial<Case> = {}
): Case => ({
  title,
  endpoints: [],
  run: (world) =>
    Effect.gen(function* () {
      const { app, requests } = yield* recorded(world)
      const { asked, nearest = [], problem } = find({ ...world, app })
      const error = yield* failureOf(app.predict(asked, ["x"]))
      same(withoutList(error), notFound(asked, problem, nearest))
      same(error["available"], Object.keys(app.api.named))
      same(requests, [])
    }),
  ...more
})

export const input: Group = {
  concept: "arguments and endpoints",
  cases: [
    answers("arguments by position", "/add", [[[4, "subtract", 1], [3]]]),
    answers("arguments by name, in any order", "/add", [[{ b: 2, op: "subtract", a: 5 }, [3]]]),
    answers("the first by position, others by name", "/add", [
      [Input.make([4], { b: 2 }), [6]],
      [Input.make([4, "subtract"], {}), [-1]]
    ]),
    answers("defaults stand for what is left out", "/defaults", [
      [undefined, ["ABAB"]],
      [[], ["ABAB"]],
      [{ times: 1, suffix: "!" }, ["AB!"]],
      [["x", undefined, false], ["xx"]]
    ]),
    answers("null is a value, undefined is none", "/defaults", [
      [{ suffix: null, text: undefined }, ["ABAB"]],
      [[undefined, 1, false, null], ["ab"]]
    ]),
    answers("null goes there and back", "/two", [[[null], [null, 0]]]),
    answers("the slash of a name may be left out", "echo", [[["x"], ["x"]]]),
    answers("a button between two parameters is filled in", "/middle_button", [
      [["one", "two"], ["one|the button|two"]],
      [{ last: "two", first: "one" }, ["one|the button|two"]]
    ]),
    answers("a state between two parameters is filled in, and dropped from the outputs", "/middle_state", [
      [["one", "two"], ["one|0|two"]],
      [{ last: "two", first: "one" }, ["one|1|two"]]
    ]),
    answers(
      "parameters that are components get their properties with the value",
      "/properties",
      [
        [["p", "v", 7], [{ plain: "p", value: "v", label: "box", size: 7, maximum: 10 }]],
        [{ plain: "p" }, [{ plain: "p", value: "boxed", label: "box", size: 4, maximum: 10 }]]
      ],
      {
        notOffered: {
          "4.44.1": "functions take components with their properties (component_prop_inputs) from Gradio 6 on",
          "5.49.1": "functions take components with their properties (component_prop_inputs) from Gradio 6 on"
        }
      }
    ),
    answers("parameter names, labels and values may be any Unicode", "/unicode", [
      [{ größe: 2, wort: "漢" }, ["漢 · 2 · “ü漢🎈”"]],
      [undefined, ["日本 🗾 · 3 · “ü漢🎈”"]]
    ]),
    refuses("a missing argument is refused", "/add", { op: "add" }, [
      { parameter: "a", problem: `${a} was not given` }
    ]),
    refuses(
      "a surplus argument is refused",
      "/add",
      [1, "add", 2, 3],
      [{ parameter: "3", problem: `4 values were given by position, but the endpoint takes 3: ${a}, ${op}, ${b}` }]
    ),
    refuses("an unknown argument is refused, and the nearest one named", "/add", { a: 1, opp: "add" }, [
      { parameter: "opp", problem: `there is no parameter "opp"; did you mean ${op}?` }
    ]),
    refuses("an argument given twice is refused", "/add", Input.make([1], { a: 2 }), [
      { parameter: "a", problem: `${a} was given twice: as value 1 by position, and by name` }
    ]),
    refuses("all that is wrong is said at once", "/add", { c: 1, zzzzzz: 2 }, [
      { parameter: "c", problem: `there is no parameter "c"; did you mean ${a}?` },
      { parameter: "zzzzzz", problem: `there is no parameter "zzzzzz"; the endpoint takes ${a}, ${op}, ${b}` },
      { parameter: "a", problem: `${a} was not given` }
    ]),
    {
      title: "an endpoint by its number has the parameters of its name",
      endpoints: ["/add"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const number = numberOf(app, (one) => one.api_name === "add")
          same(yield* app.predict(number, { a: 4, b: 2 }), [6])
          same(yield* app.predict(number, [4, "subtract"]), [-1])
        })
    },
    answers("an undocumented endpoint is called by its name", "/undocumented", [[["x"], ["x"]]]),
    answers("a function without a name of its own has that of its Python function", "/lambda", [[["x"], ["x"]]]),
    {
      title: "of two endpoints with one name the second is numbered",
      endpoints: ["/twin", "/twin_1"],
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/twin", ["x"]), ["first x"])
          same(yield* app.predict("/twin_1", ["x"]), ["second x"])
        })
    },
    refusesEndpoint("an unknown endpoint is refused, and the nearest one named", () => ({
      asked: "/ecko",
      nearest: ["/echo"]
    })),
    refusesEndpoint(
      "a private endpoint is refused by its name",
      () => ({ asked: "/private", problem: 'does not let clients call "/private": it is private' }),
      {
        notOffered: {
          "4.44.1": "before Gradio 6 a private endpoint has no name (api_name=False)",
          "5.49.1": "before Gradio 6 a private endpoint has no name (api_name=False)"
        }
      }
    ),
    refusesEndpoint("a private endpoint is refused by its number", ({ app }) => {
      const asked = numberOf(app, (one) => one.api_name === false || one["api_visibility"] === "private")
      return { asked, problem: `does not let clients call ${asked}: it is private` }
    }),
    refusesEndpoint("a listener that runs in the browser only is refused", ({ app, version }) => {
      const asked = numberOf(app, (one) => one["backend_fn"] === false && one["js"] === "(x) => x")
      // Gradio 6 marks them as private itself.
      return version === "6.31.0"
        ? { asked, problem: `does not let clients call ${asked}: it is private` }
        : { asked, problem: `runs ${asked} in the browser only: there is no function to call` }
    })
  ]
}
