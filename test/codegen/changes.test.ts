/**
 * What `compare` says of changes that are really made to apps, on the stand-in and on a real Gradio: a change that breaks a module makes a call of the module
 * made before fail or give something else, and all others leave it as it was.
 */
import * as path from "node:path"

import { NodeHttpClient } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Result, Stream } from "effect"
import { HttpClient } from "effect/http"

import { AppDescription, type Change, compare, Contract, Module, verdictOf } from "../../src/codegen/index.ts"
import { GradioClient, GradioFile } from "../../src/index.ts"
import { Component, endpoint, type Endpoint, generator, GradioServer } from "../../src/testing/index.ts"
import { shape } from "../components/roundTrips.ts"
import { startServer } from "../gradio/server.ts"
import { evaluate } from "./compile.ts"

type Input = Readonly<Record<string, unknown>>

/** A change of one endpoint, and a call that worked before. */
interface Case {
  readonly name: string
  readonly input: Input
  readonly verdict: "compatible" | "breaking"
  /** The call works, and gives something else, as it has to. */
  readonly gives?: unknown
}

const rows: Array<string> = []

/** Looks at each case: what is said of it, and what a call of the old module does before and after. */
const hold = (
  where: string,
  before: GradioClient.GradioClient,
  after: GradioClient.GradioClient,
  cases: ReadonlyArray<Case>
) =>
  Effect.gen(function* () {
    const text = yield* Module.generate(Contract.make(AppDescription.fromClient(before)))
    const contract = Result.getOrThrow(Module.read(text))
    const now = Contract.make(AppDescription.fromClient(after), { unnamed: true, undocumented: true })
    const changes = compare(contract, now)
    const endpoints = Object.values(evaluate(text))
    for (const { gives, input, name, verdict } of cases) {
      const module = endpoints.find((one) => one.name === `/${name}`)
      assert(module !== undefined, name)
      const run = (app: GradioClient.GradioClient) =>
        Effect.exit(Effect.map(Stream.runCollect(app.stream(module, input)), (outputs) => shape(outputs.at(-1))))
      const [old, fresh] = [yield* run(before), yield* run(after)]
      assert.isTrue(Exit.isSuccess(old), `${name}: ${JSON.stringify(old)}`)
      const own = changes.filter((change) => change.endpoint === `/${name}`)
      assert.strictEqual(verdictOf(own), verdict, `${name}: ${JSON.stringify(own)}`)
      const expected = Exit.isSuccess(old) ? (gives ?? old.value) : undefined
      const isAsBefore = Exit.isSuccess(fresh) && JSON.stringify(fresh.value) === JSON.stringify(expected)
      assert.strictEqual(isAsBefore, verdict === "compatible", `${name}: ${JSON.stringify(fresh)}`)
      rows.push(row(where, name, own, fresh))
    }
    return changes
  })

const outcome = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return `gives ${JSON.stringify(exit.value)}`
  const [reason] = exit.cause.reasons
  return reason?._tag === "Fail" ? String(Object(reason.error)._tag) : "dies"
}

const row = (where: string, name: string, changes: ReadonlyArray<Change>, exit: Exit.Exit<unknown, unknown>): string =>
  `${where.padEnd(8)} ${name.padEnd(28)} ${verdictOf(changes).padEnd(10)} ${outcome(exit).slice(0, 40).padEnd(40)} ${changes.map(({ text }) => text).join(" ")}`

const textbox = (name: string, value?: string) =>
  Component.textbox({ name, label: name, ...(value === undefined ? {} : { value }) })
const out = (label = "out") => Component.textbox({ label })

/** A menu, which may take other values than those in its list. */
const menu = (choices: ReadonlyArray<string>, custom: boolean) =>
  Component.make<unknown, unknown>({
    type: "dropdown",
    options: { name: "choice", label: "choice" },
    props: { choices: choices.map((choice) => [choice, choice]), allow_custom_value: custom },
    schema: { type: "string" },
    preprocess: (value) =>
      custom || choices.some((choice) => choice === value)
        ? Effect.succeed(value)
        : Effect.fail(new Error(`${String(value)} is not in the list`)),
    postprocess: Effect.succeed
  })

const files = (count: "single" | "multiple") =>
  count === "single" ? Component.file({ name: "file" }) : Component.files({ name: "file" })

/** Gives what it was given, in one text. */
const say = (name: string, ...inputs: ReadonlyArray<Component.Any>) =>
  endpoint(`/${name}`, {
    inputs,
    outputs: [out()],
    run: (values) =>
      Effect.succeed([values.map((value) => (typeof value === "object" ? "x" : String(value))).join(" ")])
  })

interface StandinCase extends Case {
  readonly before: Endpoint<never>
  readonly after: Endpoint<never> | undefined
}

const change = (
  name: string,
  verdict: Case["verdict"],
  input: Input,
  before: (name: string) => Endpoint<never>,
  after: ((name: string) => Endpoint<never>) | undefined,
  more: Pick<Case, "gives"> = {}
): StandinCase => ({ name, verdict, input, before: before(name), after: after?.(name), ...more })

const a = textbox("a")
const slider = (minimum: number, maximum: number) => Component.slider({ name: "n", minimum, maximum, value: 5 })
const radio = (...choices: ReadonlyArray<string>) => Component.radio({ name: "choice", choices })
const gives = (name: string, outputs: ReadonlyArray<Component.Any>, values: ReadonlyArray<unknown>) =>
  endpoint(`/${name}`, { inputs: [a], outputs, run: () => Effect.succeed(values) })
const number = (label: string) => Component.number({ label })

const standinCases: ReadonlyArray<StandinCase> = [
  change(
    "parameter_with_default",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, a, textbox("b", "y")),
    { gives: ["x y"] }
  ),
  change(
    "parameter_without_default",
    "breaking",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, a, textbox("b"))
  ),
  change(
    "parameter_removed",
    "breaking",
    { a: "x", b: "y" },
    (n) => say(n, a, textbox("b")),
    (n) => say(n, a)
  ),
  change(
    "parameter_renamed",
    "breaking",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, textbox("b"))
  ),
  change(
    "parameters_reordered",
    "compatible",
    { a: "x", b: "y" },
    (n) => say(n, a, textbox("b")),
    (n) => say(n, textbox("b"), a),
    { gives: ["y x"] }
  ),
  change(
    "parameter_type",
    "breaking",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, Component.number({ name: "a", label: "a" }))
  ),
  change(
    "parameter_type_widened",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, Component.json({ name: "a", label: "a" }))
  ),
  change(
    "parameter_type_alike",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, Component.markdown({ name: "a", label: "a" }))
  ),
  change(
    "parameter_label",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, Component.textbox({ name: "a", label: "Your word" }))
  ),
  change(
    "parameter_optional",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) => say(n, textbox("a", "y"))
  ),
  change(
    "parameter_required",
    "breaking",
    {},
    (n) => say(n, textbox("a", "x")),
    (n) => say(n, a)
  ),
  change(
    "parameter_default",
    "compatible",
    {},
    (n) => say(n, textbox("a", "x")),
    (n) => say(n, textbox("a", "y")),
    { gives: ["y"] }
  ),
  change(
    "choices_narrowed",
    "breaking",
    { choice: "c" },
    (n) => say(n, radio("a", "b", "c")),
    (n) => say(n, radio("a", "b"))
  ),
  change(
    "choices_widened",
    "compatible",
    { choice: "a" },
    (n) => say(n, radio("a")),
    (n) => say(n, radio("a", "b"))
  ),
  change(
    "choices_reordered",
    "compatible",
    { choice: "a" },
    (n) => say(n, radio("a", "b")),
    (n) => say(n, radio("b", "a"))
  ),
  change(
    "choices_several",
    "breaking",
    { choice: "a" },
    (n) => say(n, radio("a", "b")),
    (n) => say(n, Component.checkboxGroup({ name: "choice", choices: ["a", "b"] }))
  ),
  change(
    "choices_free",
    "compatible",
    { choice: "a" },
    (n) => say(n, radio("a", "b")),
    (n) => say(n, textbox("choice"))
  ),
  change(
    "custom_values_off",
    "breaking",
    { choice: "z" },
    (n) => say(n, menu(["a"], true)),
    (n) => say(n, menu(["a"], false))
  ),
  change(
    "custom_values_on",
    "compatible",
    { choice: "a" },
    (n) => say(n, menu(["a"], false)),
    (n) => say(n, menu(["a"], true))
  ),
  change(
    "bound_in",
    "breaking",
    { n: 10 },
    (n) => say(n, slider(0, 10)),
    (n) => say(n, slider(0, 8))
  ),
  change(
    "bound_out",
    "compatible",
    { n: 10 },
    (n) => say(n, slider(0, 10)),
    (n) => say(n, slider(-5, 20))
  ),
  change(
    "bound_gone",
    "compatible",
    { n: 10 },
    (n) => say(n, slider(0, 10)),
    (n) => say(n, Component.number({ name: "n", value: 5 }))
  ),
  change(
    "several_files_for_one",
    "breaking",
    { file: GradioFile.fromBytes(new Uint8Array(1), { name: "a.txt" }) },
    (n) => say(n, files("single")),
    (n) => say(n, files("multiple"))
  ),
  change(
    "output_added",
    "breaking",
    { a: "x" },
    (n) => gives(n, [out()], ["x"]),
    (n) => gives(n, [out(), number("length")], ["x", 1])
  ),
  change(
    "output_removed",
    "breaking",
    { a: "x" },
    (n) => gives(n, [out(), number("length")], ["x", 1]),
    (n) => gives(n, [out()], ["x"])
  ),
  change(
    "output_type",
    "breaking",
    { a: "x" },
    (n) => gives(n, [out()], ["x"]),
    (n) => gives(n, [number("out")], [1])
  ),
  change(
    "output_type_alike",
    "compatible",
    { a: "x" },
    (n) => gives(n, [out()], ["x"]),
    (n) => gives(n, [Component.markdown({ label: "out" })], ["x"])
  ),
  change(
    "output_label",
    "compatible",
    { a: "x" },
    (n) => gives(n, [out()], ["x"]),
    (n) => gives(n, [out("text")], ["x"])
  ),
  change(
    "outputs_reordered",
    "breaking",
    { a: "x" },
    (n) => gives(n, [out("first"), out("second")], ["1", "2"]),
    (n) => gives(n, [out("second"), out("first")], ["2", "1"])
  ),
  change(
    "yields_now",
    "compatible",
    { a: "x" },
    (n) => gives(n, [out()], ["2"]),
    (n) => generator(`/${n}`, { inputs: [a], outputs: [out()], run: () => Stream.make(["1"], ["2"]) })
  ),
  change(
    "yields_no_more",
    "compatible",
    { a: "x" },
    (n) => generator(`/${n}`, { inputs: [a], outputs: [out()], run: () => Stream.make(["1"], ["2"]) }),
    (n) => gives(n, [out()], ["2"])
  ),
  change("endpoint_gone", "breaking", { a: "x" }, (n) => say(n, a), undefined),
  change(
    "endpoint_renamed",
    "breaking",
    { a: "x", unlike: "y" },
    (n) => say(n, a, textbox("unlike")),
    () => say("has_another_name", a, textbox("unlike"))
  ),
  change(
    "endpoint_private",
    "breaking",
    { a: "x" },
    (n) => say(n, a),
    (n) =>
      endpoint(`/${n}`, { inputs: [a], outputs: [out()], visibility: "private", run: ([x]) => Effect.succeed([x]) })
  ),
  change(
    "endpoint_undocumented",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) =>
      endpoint(`/${n}`, {
        inputs: [a],
        outputs: [out()],
        visibility: "undocumented",
        run: ([x]) => Effect.succeed([x])
      })
  ),
  change(
    "endpoint_described",
    "compatible",
    { a: "x" },
    (n) => say(n, a),
    (n) =>
      endpoint(`/${n}`, { inputs: [a], outputs: [out()], description: "Says it.", run: ([x]) => Effect.succeed([x]) })
  )
]

const standin = Effect.fnUntraced(function* (endpoints: ReadonlyArray<Endpoint<never>>) {
  const server = yield* GradioServer.make({ endpoints, showError: true })
  return yield* Effect.provideService(GradioClient.connect("http://gradio.test"), HttpClient.HttpClient, server.client)
})

const file = (name: string) => GradioFile.fromBytes(new TextEncoder().encode("a,b"), { name })

const realCases: ReadonlyArray<Case> = [
  { name: "parameter_with_default", verdict: "compatible", input: { word: "x" }, gives: ["xx"] },
  { name: "parameter_without_default", verdict: "breaking", input: { word: "x" } },
  { name: "choices_narrowed", verdict: "breaking", input: { value: "c" } },
  { name: "choices_widened", verdict: "compatible", input: { value: "a" } },
  { name: "custom_values_off", verdict: "breaking", input: { value: "z" } },
  { name: "custom_values_on", verdict: "compatible", input: { value: "a" } },
  { name: "choices_several", verdict: "breaking", input: { value: "red" } },
  { name: "bound_in", verdict: "breaking", input: { value: 10 } },
  { name: "bound_out", verdict: "compatible", input: { value: 5 } },
  { name: "bound_of_slider_in", verdict: "breaking", input: { value: 1 } },
  { name: "rounded", verdict: "breaking", input: { value: 1.5 } },
  { name: "rounded_less", verdict: "compatible", input: { value: 1.5 } },
  { name: "rounded_slider", verdict: "breaking", input: { value: 1.5 } },
  // The default is the app's.
  { name: "default", verdict: "compatible", input: {}, gives: ["str 'B'"] },
  { name: "file_types_narrowed", verdict: "breaking", input: { value: file("a.txt") } },
  { name: "file_types_widened", verdict: "compatible", input: { value: file("a.csv") } },
  { name: "file_types_of_a_kind", verdict: "compatible", input: { value: file("a.png") } },
  { name: "files_for_a_file", verdict: "breaking", input: { value: file("a.csv") } },
  { name: "image_for_a_file", verdict: "breaking", input: { value: file("a.csv") } },
  { name: "date_for_a_time", verdict: "breaking", input: { value: DateTime.makeUnsafe("2024-05-06T07:08:09Z") } },
  { name: "text_for_a_number", verdict: "breaking", input: { word: "x", count: 2 } },
  { name: "text_or_number", verdict: "compatible", input: { word: "x", count: 2 } },
  {
    name: "field_without_a_name",
    verdict: "compatible",
    input: { value: { x: 1, extra: [2] } },
    gives: [{ x: 1, extra: [2] }]
  },
  { name: "output_added", verdict: "breaking", input: { word: "x" } },
  { name: "output_type", verdict: "breaking", input: { word: "x" } },
  { name: "output_widened", verdict: "compatible", input: { value: "x" } },
  { name: "gone", verdict: "breaking", input: { word: "x" } },
  { name: "private", verdict: "breaking", input: { word: "x" } },
  // Without `/info` nobody knows the names of its parameters: they have their labels.
  { name: "undocumented", verdict: "breaking", input: { word: "x" } },
  { name: "yields_now", verdict: "compatible", input: { word: "x" } }
]

describe("compare", () => {
  it.live("says of changes of the stand-in what a module that was made before meets", () =>
    Effect.gen(function* () {
      const before = yield* standin([say("untouched", a), ...standinCases.map((one) => one.before)])
      const after = yield* standin([
        say("untouched", a),
        say("new", a, a),
        ...standinCases.flatMap((one) => one.after ?? [])
      ])
      const changes = yield* hold("stand-in", before, after, standinCases)
      assert.deepStrictEqual(
        changes.filter((one) => one.endpoint === "/untouched"),
        []
      )
      assert.deepStrictEqual(
        changes.filter((one) => one.endpoint === "/new").map(({ kind, verdict }) => [kind, verdict]),
        [["endpoint-added", "compatible"]]
      )
    }).pipe(Effect.scoped)
  )

  it.live(
    "says of changes of an app on Gradio 6.31.0 what a module that was made before meets",
    () =>
      Effect.gen(function* () {
        const server = (variant: string) =>
          Effect.acquireRelease(
            Effect.promise(() =>
              startServer({
                version: "6.31.0",
                app: path.join(import.meta.dirname, "changing.py"),
                args: ["--variant", variant]
              })
            ),
            ({ stop }) => Effect.promise(() => stop())
          )
        const [before, after] = yield* Effect.all([server("before"), server("after")])
        yield* hold(
          "6.31.0",
          yield* GradioClient.connect(before.url),
          yield* GradioClient.connect(after.url),
          realCases
        )
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici)),
    300_000
  )
})

afterAll(() => {
  console.info(rows.join("\n"))
})
