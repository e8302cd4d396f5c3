/** Arguments and endpoints: how they are given, and what is refused before anything is sent. */
import { Effect, Stream } from "effect"
import { HttpClient } from "effect/http"

import { type GradioClient, Input } from "../../src/index.ts"
import { before, type Case, type Group, type World } from "./Case.ts"
import { circumstances, failureOf, same } from "./look.ts"

type Calls = ReadonlyArray<readonly [input: Input.Input | undefined, answer: ReadonlyArray<unknown>]>

const answers = (
  title: string,
  endpoint: string,
  calls: Calls | ((world: World) => Calls),
  more: Partial<Case> = {}
): Case => ({
  title,
  endpoints: [endpoint],
  run: (world) =>
    Effect.forEach(
      typeof calls === "function" ? calls(world) : calls,
      ([input, answer]) => Effect.map(world.app.predict(endpoint, input), (got) => same(got, answer)),
      { discard: true }
    ),
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
  problemsOf: (words: Words) => ReadonlyArray<{ readonly parameter: string; readonly problem: string }>
): Case => ({
  title,
  endpoints: [endpoint],
  run: (world) =>
    Effect.gen(function* () {
      const { app, requests } = yield* recorded(world)
      const problems = problemsOf(wordsOf(world))
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

interface Words {
  readonly a: string
  readonly op: string
  readonly b: string
}

/** The parameters of `/add` in words; Gradio 3 has other ones for their types. */
const wordsOf = ({ since }: World): Words =>
  since("4.0")
    ? {
        a: '"a" (float, Number)',
        op: since("4.9") ? "\"op\" (Literal['add', 'subtract'], Radio)" : '"op" (Literal[add, subtract], Radio)',
        b: '"b" (float, Slider)'
      }
    : { a: '"a" (int | float, Number)', op: '"op" (str, Radio)', b: '"b" (int | float, Slider)' }

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
      // Gradio 3 lists functions without a name by their numbers.
      same(
        new Set(Array.isArray(error["available"]) ? error["available"] : []),
        new Set([...Object.keys(app.api.named), ...Object.keys(app.api.unnamed)])
      )
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
    answers("defaults stand for what is left out", "/defaults", ({ since }) => {
      // Before 4.23 servers tell only what a component shows at first: no None of Python.
      const suffix = since("4.23") ? {} : { suffix: null }
      return [
        ...(since("4.23") ? [[undefined, ["ABAB"]] as const, [[], ["ABAB"]] as const] : []),
        [suffix, ["ABAB"]],
        [{ times: 1, suffix: "!" }, ["AB!"]],
        [Input.make(["x", undefined, false], suffix), ["xx"]]
      ]
    }),
    answers("null is a value, undefined is none", "/defaults", [
      [{ suffix: null, text: undefined }, ["ABAB"]],
      [[undefined, 1, false, null], ["ab"]]
    ]),
    answers("null goes there and back", "/two", [[[null], [null, 0]]]),
    answers("the slash of a name may be left out", "echo", [[["x"], ["x"]]]),
    answers("a button between two parameters is filled in", "/middle_button", ({ since }) => [
      // It is a parameter in Gradio 3, with what it shows for its default.
      [since("4.0") ? ["one", "two"] : ["one", undefined, "two"], ["one|the button|two"]],
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
        notOffered: before(
          "6.0",
          "functions take components with their properties (component_prop_inputs) from Gradio 6 on"
        )
      }
    ),
    answers("parameter names, labels and values may be any Unicode", "/unicode", ({ since }) => [
      // Before 4.23 servers name no parameters: their labels do.
      [since("4.23") ? { größe: 2, wort: "漢" } : { "Größe → 大きさ 🎈": 2, 单词: "漢" }, ["漢 · 2 · “ü漢🎈”"]],
      [undefined, ["日本 🗾 · 3 · “ü漢🎈”"]]
    ]),
    refuses("a missing argument is refused", "/add", { op: "add" }, ({ a }) => [
      { parameter: "a", problem: `${a} was not given` }
    ]),
    refuses("a surplus argument is refused", "/add", [1, "add", 2, 3], ({ a, b, op }) => [
      { parameter: "3", problem: `4 values were given by position, but the endpoint takes 3: ${a}, ${op}, ${b}` }
    ]),
    refuses("an unknown argument is refused, and the nearest one named", "/add", { a: 1, opp: "add" }, ({ op }) => [
      { parameter: "opp", problem: `there is no parameter "opp"; did you mean ${op}?` }
    ]),
    refuses("an argument given twice is refused", "/add", Input.make([1], { a: 2 }), ({ a }) => [
      { parameter: "a", problem: `${a} was given twice: as value 1 by position, and by name` }
    ]),
    refuses("all that is wrong is said at once", "/add", { c: 1, zzzzzz: 2 }, ({ a, b, op }) => [
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
    answers("an undocumented endpoint is called by its name", "/undocumented", [[["x"], ["x"]]], {
      notOffered: before("4.12", "undocumented endpoints (show_api=False) came with 4.12")
    }),
    {
      title: "a function without a name of its own has that of its Python function",
      endpoints: ["/lambda"],
      run: ({ app, since }) =>
        Effect.gen(function* () {
          const unnamed = Object.values(app.api.unnamed).find(({ parameters }) => parameters.length === 1)
          // In Gradio 3 it has none, and is called by its number.
          same(yield* app.predict(since("4.0") ? "/lambda" : (unnamed?.fnIndex ?? -1), ["x"]), ["x"])
        })
    },
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
        notOffered: before("6.0", "before Gradio 6 a private endpoint has no name (api_name=False)")
      }
    ),
    refusesEndpoint("a private endpoint is refused by its number", ({ app }) => {
      const asked = numberOf(app, (one) => one.api_name === false || one["api_visibility"] === "private")
      return { asked, problem: `does not let clients call ${asked}: it is private` }
    }),
    refusesEndpoint("a listener that runs in the browser only is refused", ({ app, since }) => {
      const asked = numberOf(app, (one) => one["backend_fn"] === false && one["js"] === "(x) => x")
      // Gradio 6 marks them as private itself, and so did 4.0 to 4.8.
      return since("6.0") || (since("4.0") && !since("4.9"))
        ? { asked, problem: `does not let clients call ${asked}: it is private` }
        : { asked, problem: `runs ${asked} in the browser only: there is no function to call` }
    })
  ]
}
