/**
 * Modules for the fixture app on real servers and on the stand-in: the text, the compiler's word on it, and every endpoint called through it, beside the
 * same call without types.
 *
 *     UPDATE_GOLDEN=1 npx vitest run test/codegen/servers.test.ts     writes the expected modules anew
 */
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { isDeepStrictEqual, promisify } from "node:util"

import { afterAll, assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Option, Result, Schema, Semaphore, Stream } from "effect"
import { HttpClient } from "effect/http"

import { AppDescription, Contract, Module } from "../../src/codegen/index.ts"
import { GradioClient } from "../../src/index.ts"
import { shape } from "../components/roundTrips.ts"
import { inMemory, sockets, undici } from "../conformance/servers.ts"
import { type GradioVersion, prepareEnvironment } from "../gradio/environments.ts"
import { startServer } from "../gradio/server.ts"
import { type Evaluated, evaluate, makeProject } from "./compile.ts"
import { wireInput } from "./samples.ts"

const columns = ["stand-in", "3.50.2", "4.44.1", "5.49.1", "6.31.0"] as const
type Column = (typeof columns)[number]

const connect = Effect.fnUntraced(function* (column: Column) {
  if (column === "stand-in") {
    const { http, url } = yield* inMemory({})
    return () => Effect.provideService(GradioClient.connect(url), HttpClient.HttpClient, http)
  }
  const version: GradioVersion = column
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => startServer({ version })),
    ({ stop }) => Effect.promise(() => stop())
  )
  const http = yield* undici
  return () =>
    GradioClient.connect(server.url).pipe(Effect.provideService(HttpClient.HttpClient, http), Effect.provide(sockets))
})

/** Endpoints that fail on purpose. */
const failing = /^\/(direct_)?(error|crash)|^\/(fails|crashes)_midway$|^\/batch_fails$/

/** Endpoints of which the first outputs are looked at. */
const endless = /^\/endless|^\/clock$/

/** What these give is different each time: times, ids, counts of all calls so far, paths of temporary files, names that a plot gives its parts. */
const changing = new Set(
  "/cached_part /chunks_of /clock /direct_request_info /finished /interrupted_jobs /json_files /request_info /make_line_plot /slow_runs /steps /stream_journal /stream_short /unloaded /batch".split(
    " "
  )
)

/** How an exit shows: its outputs with files by name, or its failure. */
const shown = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (Exit.isSuccess(exit)) return shape(exit.value)
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  const { _tag, message }: { readonly _tag?: string; readonly message?: string } = Object(
    error ?? Cause.squash(exit.cause)
  )
  return { _tag, message }
}

const fieldsOf = ({ input }: Evaluated): Readonly<Record<string, Schema.Codec<unknown, unknown>>> =>
  Object(input).fields ?? {}

/** What the wire has, as a program with types holds it. */
const held = (endpoint: Evaluated, wire: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(wire).map(([name, value]) => [
      name,
      Result.getOrThrow(Schema.decodeResult(fieldsOf(endpoint)[name] ?? Schema.Unknown)(value))
    ])
  )

/** All outputs, but of those that never end. */
const some = ({ name }: Contract.Endpoint) => (endless.test(String(name)) ? 4 : Infinity)

/** Both calls, and what came of them. */
const callBoth = Effect.fnUntraced(function* (
  typed: GradioClient.GradioClient,
  untyped: GradioClient.GradioClient,
  contract: Contract.Endpoint,
  endpoint: Evaluated
) {
  const wire = wireInput(contract)
  const decoded = (outputs: unknown) => endpoint.decode(outputs)
  if (contract.inputStream === true) {
    const outputs = <E>(events: Stream.Stream<{ readonly _tag: string; readonly output?: unknown }, E>) =>
      Stream.runCollect(Stream.filter(events, ({ _tag }) => _tag === "Output").pipe(Stream.map(({ output }) => output)))
    const one = yield* Effect.exit(
      outputs(GradioClient.streamInput(typed, endpoint, Stream.make(held(endpoint, wire))))
    )
    const other = yield* Effect.exit(
      outputs(Stream.map(GradioClient.streamInput(untyped, contract.name, Stream.make(wire)), (event) => event)).pipe(
        Effect.flatMap(Effect.forEach(decoded))
      )
    )
    return [one, other] as const
  }
  const one = yield* Effect.exit(
    Stream.runCollect(Stream.take(typed.stream(endpoint, held(endpoint, wire)), some(contract)))
  )
  const other = yield* Effect.exit(
    Stream.runCollect(Stream.take(untyped.stream(contract.name, wire), some(contract))).pipe(
      Effect.flatMap(Effect.forEach(decoded))
    )
  )
  return [one, other] as const
})

const golden = (column: Column): string => path.join(import.meta.dirname, "golden", `${column}.ts`)

/** The components of the installed package that carry a value. */
const packaged = (version: GradioVersion): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const { python } = await prepareEnvironment(version)
    const script = path.join(import.meta.dirname, "..", "components", "packages.py")
    const { stdout } = await promisify(execFile)(python, [script], { maxBuffer: 1 << 26 })
    const all: ReadonlyArray<{ readonly type: string; readonly why: string | null }> = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    return [...new Set(all.flatMap(({ type, why }) => (why === null ? [type] : [])))]
  })

interface Row {
  readonly column: Column
  readonly endpoints: number
  readonly called: number
  readonly failed: number
  readonly taken: ReadonlySet<string>
  readonly given: ReadonlySet<string>
  readonly parameters: number
  readonly unknown: ReadonlyArray<string>
  /** Of the package, and in no endpoint. */
  readonly uncovered: { readonly taken: ReadonlyArray<string>; readonly given: ReadonlyArray<string> }
}

const rows: Array<Row> = []
const places = Semaphore.makeUnsafe(2)
const project = makeProject()

const kindsOf = (values: ReadonlyArray<Contract.Parameter | Contract.Output>): ReadonlySet<string> =>
  new Set(values.map(({ component }) => component))

/** Parameters that may be anything, with the reason that the module tells. */
const unknownIn = ({ endpoints }: Contract.Contract, text: string): ReadonlyArray<string> =>
  endpoints.flatMap(({ name, parameters }) =>
    parameters.flatMap((parameter) => {
      const { type } = parameter
      if (type.kind === "component" && ["JSON", "BrowserState", "Fallback"].includes(type.name)) {
        return [`${name} ${parameter.name}: ${type.name} takes any JSON`]
      }
      if (type.kind !== "schema") return []
      const at = text.indexOf(`Endpoint.make("${name}"`)
      const reason = /Any value: ([^.]*)\./.exec(text.slice(at, at + 2000))?.[1]
      return reason === undefined ? [] : [`${name} ${parameter.name}: ${reason}`]
    })
  )

describe("Module.generate", () => {
  for (const column of columns) {
    it.live(
      `of the fixture app on ${column}: every endpoint does with types what it does without`,
      () =>
        Effect.gen(function* () {
          const connected = yield* connect(column)
          const app = yield* connected()
          const description = AppDescription.fromClient(app)
          assert.strictEqual(
            AppDescription.toJson(AppDescription.fromClient(yield* connected())),
            AppDescription.toJson(description)
          )
          if (column !== "5.49.1") {
            const text = yield* Module.generate(Contract.make(description))
            if (process.env["UPDATE_GOLDEN"] !== undefined) fs.writeFileSync(golden(column), text)
            assert.strictEqual(fs.readFileSync(golden(column), "utf8"), text)
          }

          const contract = Contract.make(description, { unnamed: true, undocumented: true })
          const text = yield* Module.generate(contract)
          const { write } = yield* Effect.promise(() => project)
          write(`${column}.ts`, text)
          const endpoints = Object.values(evaluate(text))
          // State is of a session.
          const [withTypes, without] = yield* Effect.all([app.withSession(), app.withSession()])
          const different: Array<unknown> = []
          const results = yield* Effect.forEach(
            contract.endpoints,
            (endpoint, index) =>
              Effect.gen(function* () {
                const module = endpoints[index]
                assert(module !== undefined)
                const name = String(endpoint.name)
                // A server of 4 closes the stream of a session when one of its generators is told to stop.
                const sessions = endless.test(name)
                  ? yield* Effect.all([app.withSession(), app.withSession()])
                  : ([withTypes, without] as const)
                const [typed, untyped] = yield* callBoth(...sessions, endpoint, module)
                const [one, other] = [shown(typed), shown(untyped)]
                if (
                  // Wants to know what was selected, which real servers miss and the stand-in does not.
                  (name !== "/selected" && Exit.isSuccess(typed) === failing.test(name)) ||
                  (changing.has(name) ? typed._tag !== untyped._tag : !isDeepStrictEqual(one, other))
                ) {
                  different.push({ name, typed: one, untyped: other })
                }
                return Exit.isSuccess(typed)
              }),
            { concurrency: 8 }
          )
          assert.deepStrictEqual(different, [])
          const taken = kindsOf(contract.endpoints.flatMap(({ parameters }) => parameters))
          const given = kindsOf(contract.endpoints.flatMap(({ outputs }) => outputs))
          const listed = column === "stand-in" ? [] : yield* packaged(column)
          const uncovered = {
            taken: listed.filter((type) => !taken.has(type)),
            given: listed.filter((type) => !given.has(type))
          }
          // A plot of 3 is what it gives alone.
          assert.deepStrictEqual(uncovered, { taken: column === "3.50.2" ? ["plot"] : [], given: [] })
          rows.push({
            column,
            endpoints: contract.endpoints.length,
            called: results.length,
            failed: results.filter((isSuccess) => !isSuccess).length,
            taken,
            given,
            uncovered,
            parameters: contract.endpoints.flatMap(({ parameters }) => parameters).length,
            unknown: unknownIn(contract, text)
          })
        }).pipe(Effect.scoped, places.withPermits(1)),
      { timeout: 400_000, concurrent: true }
    )
  }

  it("the modules compile under the strictest options", async () => {
    const { compile } = await project
    assert.strictEqual(await compile(), "")
  }, 120_000)
})

afterAll(async () => {
  const { remove } = await project
  remove()
  const lines = rows.map(
    ({ called, column, endpoints, failed, given, parameters, taken, uncovered, unknown }) =>
      `${column.padEnd(9)} ${endpoints} endpoints, ${called} called with and without types (${failed} fail on purpose); ` +
      `components in ${taken.size}, out ${given.size}, of the package's uncovered: in ${uncovered.taken.join(", ") || "none"}, out ${uncovered.given.join(", ") || "none"}; ${parameters} parameters, ${unknown.length} of unknown type` +
      unknown.map((one) => `\n            ${one}`).join("")
  )
  console.info(lines.join("\n"))
})
