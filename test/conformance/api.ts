/** The API of an app as data, and as text for people. */
import { Effect } from "effect"
import { HttpClient } from "effect/http"

import { type ApiInfo, type AppConfig, GradioClient } from "../../src/index.ts"
import { before, type Case, type Group, type World } from "./Case.ts"
import { circumstances, failureOf, same } from "./look.ts"

type Parameter = ApiInfo.ParameterInfo
type Return = ApiInfo.ReturnInfo

const number = { type: { type: "number" }, pythonType: "float", description: "" }
const string = { type: { type: "string" }, pythonType: "str", description: "" }

const textParameter = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  label: name,
  component: "Textbox",
  ...string,
  hasDefault: false,
  default: undefined,
  example: "Hello!!",
  ...more
})
const numberParameter = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  label: name,
  component: "Number",
  ...number,
  hasDefault: false,
  default: undefined,
  example: 3,
  ...more
})
const textReturn = (label: string): Return => ({ label, component: "Textbox", ...string })
const numberReturn = (label: string): Return => ({ label, component: "Number", ...number })
const otherwise = (value: unknown): Partial<Parameter> => ({ hasDefault: true, default: value })

/** Before 5 the description of a schema is also that of its Python type. */
const range = ({ since }: World, from: number, to: number): Partial<Parameter> => {
  const description = `numeric value between ${from} and ${to}`
  return { type: { type: "number", description }, description: since("5.0") ? "" : description }
}

/** 4.0 to 4.8 write choices without quotes. */
const literal = ({ since }: World): string =>
  since("4.0") && !since("4.9") ? "Literal[add, subtract]" : "Literal['add', 'subtract']"

/** Servers say the description of a function from 5 on. */
const described = ({ since }: World, text: string): string => (since("5.0") ? text : "")

const typesIn3: Readonly<Record<string, string>> = { float: "int | float", "Literal['add', 'subtract']": "str" }
const examplesIn3: Readonly<Record<string, unknown>> = { Textbox: "Howdy!", Number: 5 }

/** As Gradio 3 tells it, which names no parameters, knows no choices, and tells no default but what a component shows at first. */
const in3 = (one: Parameter): Parameter => ({
  ...one,
  name: one.label,
  type: one.component === "Radio" ? { type: "string" } : one.type,
  pythonType: typesIn3[one.pythonType] ?? one.pythonType,
  example: examplesIn3[one.component] ?? one.example,
  ...(one.default === null ? { hasDefault: false, default: undefined } : {})
})

const dependency = (app: GradioClient.GradioClient, name: string): AppConfig.Dependency | undefined =>
  app.config.dependencies.find((one) => one.api_name === name.slice(1))

/** Its id, or before 4.32 its place. */
const numberOf = (app: GradioClient.GradioClient, name: string): number =>
  dependency(app, name)?.id ?? app.config.dependencies.findIndex((one) => one.api_name === name.slice(1))

const tells = (
  title: string,
  name: string,
  expected: (world: World) => Pick<ApiInfo.EndpointInfo, "parameters" | "returns"> & Partial<ApiInfo.EndpointInfo>
): Case => ({
  title,
  endpoints: [name],
  run: (world) =>
    Effect.sync(() => {
      const whole: ApiInfo.EndpointInfo = {
        name,
        fnIndex: numberOf(world.app, name),
        visibility: "public",
        description: "",
        generator: false,
        queue: true,
        actsForUser: undefined,
        ...expected(world)
      }
      const told = world.since("4.23")
        ? whole
        : world.since("4.0")
          ? { ...whole, parameters: whole.parameters.map(unnamed) }
          : {
              ...whole,
              parameters: whole.parameters.map(in3),
              returns: whole.returns.map((one) => ({ ...one, pythonType: typesIn3[one.pythonType] ?? one.pythonType }))
            }
      same(world.app.api.named[name], told)
    })
})

/** As versions before 4.23 tell it, which name no parameters and tell no default but what a component shows at first. */
const unnamed = (one: Parameter): Parameter => ({
  ...one,
  name: one.label,
  ...(one.default === null ? { hasDefault: false, default: undefined } : {})
})

/** The same text as Gradio 3 makes it. */
const textIn3 = (text: string): string =>
  textUnnamed(
    [
      [": float", ": int | float"],
      ["Literal['add', 'subtract']", "str"]
    ].reduce((told, [now = "", then = ""]) => told.replaceAll(now, then), text)
  )

/** The same text without names of parameters. */
const textUnnamed = (text: string): string =>
  [
    ["str | None, optional, default null", "str, required"],
    [
      'größe: int | float, optional, default 3 [Slider "Größe → 大きさ 🎈"]',
      "Größe → 大きさ 🎈: int | float, optional, default 3 [Slider]"
    ],
    [
      'größe: float, optional, default 3 [Slider "Größe → 大きさ 🎈"]',
      "Größe → 大きさ 🎈: float, optional, default 3 [Slider]"
    ],
    ['wort: str, optional, default "日本 🗾" [Textbox "单词"]', '单词: str, optional, default "日本 🗾" [Textbox]'],
    ["(größe, wort)", "(Größe → 大きさ 🎈, 单词)"]
  ].reduce((told, [now = "", then = ""]) => told.replaceAll(now, then), text)

/** The part of the text about an endpoint. */
const paragraph = (text: string, name: string): string | undefined =>
  text.split("\n\n").find((part) => part.startsWith(`${name}(`))

export const api: Group = {
  concept: "the API as data and as text",
  cases: [
    tells("parameters with their names, types, choices, limits and defaults", "/add", (world) => ({
      parameters: [
        numberParameter("a"),
        {
          name: "op",
          label: "op",
          component: "Radio",
          type: { enum: ["add", "subtract"], title: "Radio", type: "string" },
          pythonType: literal(world),
          description: "",
          hasDefault: true,
          default: "add",
          example: "add"
        },
        numberParameter("b", { component: "Slider", example: 0, ...range(world, 0, 10), ...otherwise(5) })
      ],
      returns: [numberReturn("result")]
    })),
    tells("a default of null is one", "/defaults", () => ({
      parameters: [
        textParameter("text", otherwise("ab")),
        numberParameter("times", otherwise(2)),
        {
          name: "upper",
          label: "upper",
          component: "Checkbox",
          type: { type: "boolean" },
          pythonType: "bool",
          description: "",
          hasDefault: true,
          default: true,
          example: true
        },
        textParameter("suffix", otherwise(null))
      ],
      returns: [textReturn("result")]
    })),
    tells("a description, and names and labels in any script", "/unicode", (world) => ({
      description: described(world, "Grüßt mit Umlauten, 漢字 und einem Ballon 🎈."),
      parameters: [
        numberParameter("größe", {
          label: "Größe → 大きさ 🎈",
          component: "Slider",
          example: 0,
          ...range(world, 0, 10),
          ...otherwise(3)
        }),
        textParameter("wort", { label: "单词", ...otherwise("日本 🗾") })
      ],
      returns: [textReturn("Ergebnis ✓")]
    })),
    tells("a generator is marked", "/count", () => ({
      generator: true,
      parameters: [numberParameter("n", otherwise(3))],
      returns: [textReturn("number")]
    })),
    tells("a function without a queue is marked", "/direct_error", () => ({
      queue: false,
      parameters: [textParameter("text", otherwise("bad thing"))],
      returns: [textReturn("never")]
    })),
    tells("a function that takes nothing", "/no_inputs", () => ({ parameters: [], returns: [textReturn("result")] })),
    tells("a function that gives nothing", "/no_outputs", () => ({
      parameters: [textParameter("text")],
      returns: []
    })),
    tells("several results", "/two", () => ({
      parameters: [textParameter("text")],
      returns: [textReturn("same"), numberReturn("length")]
    })),
    tells("a state is neither parameter nor result", "/middle_state", () => ({
      parameters: [textParameter("first"), textParameter("last")],
      returns: [textReturn("joined")]
    })),
    {
      title: "what the app lists is listed, in its order",
      endpoints: [],
      run: ({ app, url }) =>
        Effect.gen(function* () {
          const route = `${url}${app.config.api_prefix ?? ""}/info`
          const info = yield* Effect.flatMap(HttpClient.get(route), (response) => response.json)
          same(Object.keys(app.api.named), Object.keys(Object(info).named_endpoints))
          same(Object.keys(app.api.unnamed), Object.keys(Object(info).unnamed_endpoints))
        })
    },
    {
      title: "undocumented and private endpoints are not listed",
      endpoints: ["/undocumented"],
      run: ({ app }) =>
        Effect.sync(() => {
          same(
            ["/undocumented", "/private", "/apply", "/constructor", "constructor", "__proto__"].map(
              (name) => app.api.named[name]
            ),
            [undefined, undefined, undefined, undefined, undefined, undefined]
          )
        })
    },
    {
      title: "the text says how each endpoint is called, what it takes and what it gives",
      endpoints: ["/echo", "/add", "/defaults", "/count", "/direct_error", "/no_inputs", "/no_outputs", "/unicode"],
      run: (world) =>
        Effect.sync(() => {
          const { app, url } = world
          const text = GradioClient.describe(app)
          const count = Object.keys(app.api.named).length
          const unnamed = Object.keys(app.api.unnamed).length
          same(text.split("\n\n")[0], `${url}/: ${count} named endpoints`)
          same(text.split("\n\n").length, count + (unnamed > 0 ? 2 : 1))
          const limits = (from: number, to: number) =>
            world.since("5.0") ? "" : ` (numeric value between ${from} and ${to})`
          const expected = [
            `/echo(text) -> [echoed]
${world.since("5.0") ? "  Gives the text back.\n" : ""}  Parameters:
    - text: str, required [Textbox]
  Returns:
    - echoed: str [Textbox]`,
            `/add(a, op, b) -> [result]
  Parameters:
    - a: float, required [Number]
    - op: ${literal(world)}, optional, default "add" [Radio]
    - b: float, optional, default 5 [Slider]${limits(0, 10)}
  Returns:
    - result: float [Number]`,
            `/defaults(text, times, upper, suffix) -> [result]
  Parameters:
    - text: str, optional, default "ab" [Textbox]
    - times: float, optional, default 2 [Number]
    - upper: bool, optional, default true [Checkbox]
    - suffix: str | None, optional, default null [Textbox]
  Returns:
    - result: str [Textbox]`,
            `/count(n) -> [number]  [several outputs]
  Parameters:
    - n: float, optional, default 3 [Number]
  Returns:
    - number: str [Textbox]`,
            `/direct_error(text) -> [never]  [not queued]
  Parameters:
    - text: str, optional, default "bad thing" [Textbox]
  Returns:
    - never: str [Textbox]`,
            `/no_inputs() -> [result]
  Parameters: none
  Returns:
    - result: str [Textbox]`,
            `/no_outputs(text) -> []
  Parameters:
    - text: str, required [Textbox]
  Returns: none`,
            `/unicode(größe, wort) -> [Ergebnis ✓]
${world.since("5.0") ? "  Grüßt mit Umlauten, 漢字 und einem Ballon 🎈.\n" : ""}  Parameters:
    - größe: float, optional, default 3 [Slider "Größe → 大きさ 🎈"]${limits(0, 10)}
    - wort: str, optional, default "日本 🗾" [Textbox "单词"]
  Returns:
    - Ergebnis ✓: str [Textbox]`
          ]
          const told = world.since("4.23") ? expected : expected.map(world.since("4.0") ? textUnnamed : textIn3)
          same(
            told.map((part) => paragraph(text, part.slice(0, part.indexOf("(")))),
            told
          )
        })
    },
    {
      title: "the text shows undocumented endpoints on request, private ones never",
      endpoints: ["/undocumented"],
      notOffered: before("4.12", "undocumented endpoints (show_api=False) came with 4.12"),
      run: ({ app }) =>
        Effect.sync(() => {
          const text = GradioClient.describe(app)
          const hidden = GradioClient.describe(app, { hidden: true })
          same(
            ["/undocumented", "/private"].map((name) => paragraph(text, name)),
            [undefined, undefined]
          )
          same(
            paragraph(hidden, "/undocumented")
              ?.split("\n")
              .filter((line) => line !== "  Gives the text back."),
            [
              "/undocumented(text) -> [same]  [undocumented]",
              "  Parameters:",
              "    - text: Any, required [Textbox]",
              "  Returns:",
              "    - same: Any [Textbox]"
            ]
          )
          same(paragraph(hidden, "/private"), undefined)
          same(
            text
              .split("\n\n")
              .slice(1)
              .filter((part) => !hidden.includes(part)),
            []
          )
        })
    },
    {
      title: "of several endpoints none is the single one",
      endpoints: [],
      run: ({ app }) =>
        Effect.gen(function* () {
          const { message, ...error } = yield* failureOf(GradioClient.single(app))
          same(error, {
            _tag: "EndpointNotFoundError",
            ...circumstances(undefined, "nothing-sent"),
            asked: "",
            available: Object.keys(app.api.named),
            nearest: [],
            problem: "has several endpoints: name the one that is meant"
          })
          same(
            String(message).startsWith(
              "The app at <app> has several endpoints: name the one that is meant. It offers /echo, /add, /two, "
            ),
            true
          )
        })
    }
  ]
}
