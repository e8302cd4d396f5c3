/**
 * The schemas against servers: each value that a program holds is encoded, sent to an identity endpoint of the fixture app, and what comes back is
 * decoded and compared; and what a server refuses is set against what the schemas do. The schemas are those that the configuration asks for.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Result, Schema, Scope } from "effect"
import { HttpClient } from "effect/http"

import { Component, GradioClient, GradioFile } from "../../src/index.ts"
import { isStandin, sinceIn, versionOf } from "../conformance/Case.ts"
import { inMemory, sockets, undici } from "../conformance/servers.ts"
import { startServer } from "../gradio/server.ts"
import { nothing, type RoundTrip, roundTrips, shape } from "./roundTrips.ts"
import { byName, schemaFor } from "./schemas.ts"

const columns = ["3.50.2", "4.16.0", "4.44.1", "5.49.1", "6.31.0", "stand-in, memory"] as const
type Column = (typeof columns)[number]

const connect = Effect.fnUntraced(function* (column: Column) {
  if (column === "stand-in, memory") {
    const { http, url } = yield* inMemory({})
    return yield* Effect.provideService(GradioClient.connect(url), HttpClient.HttpClient, http)
  }
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => startServer({ version: column })),
    ({ stop }) => Effect.promise(() => stop())
  )
  const http = yield* undici
  return yield* GradioClient.connect(server.url).pipe(
    Effect.provideService(HttpClient.HttpClient, http),
    Effect.provide(sockets)
  )
})

/** The components of an endpoint with one output and one parameter at most. */
const componentsOf = ({ config }: GradioClient.GradioClient, endpoint: string) => {
  const dependency = config.dependencies.find(({ api_name }) => api_name === endpoint.slice(1))
  if (dependency === undefined) throw new Error(`the app has no ${endpoint}`)
  const named = (ids: ReadonlyArray<number> | null | undefined) => config.components.find(({ id }) => id === ids?.[0])
  return { parameter: named(dependency.inputs), output: named(dependency.outputs) }
}

const applies = ({ from = "3.0", not, until }: RoundTrip, column: Column): boolean => {
  const since = sinceIn(column)
  return since(from) && !(until !== undefined && since(until)) && not?.[column] === undefined
}

const file = (name: string) => GradioFile.fromBytes(new TextEncoder().encode("hello"), { name })

/** Values that a server may refuse, and from which Gradio on it does. */
const doubtful: ReadonlyArray<readonly [endpoint: string, value: unknown, since: string | undefined]> = [
  ["/number_bounded_io", 10, undefined],
  ["/number_bounded_io", 11, "3.0"],
  ["/number_bounded_io", -1, "3.0"],
  ["/slider_io", 10, undefined],
  ["/slider_io", 11, "5.39"],
  ["/slider_io", 0.3, undefined],
  ["/radio_io", "shown", "5.0"],
  ["/dropdown_io", "z", "5.0"],
  ["/dropdown_multi_io", ["p", "z"], "5.0"],
  ["/checkbox_group_io", ["p", "shown"], "5.0"],
  ["/dropdown_custom_io", "z", undefined],
  ["/file_typed_io", file("a.txt"), undefined],
  ["/file_typed_io", file("a.TXT"), undefined],
  ["/file_typed_io", file("a.png"), undefined],
  ["/file_typed_io", file("a.pdf"), "5.0"],
  ["/file_typed_io", file("txt"), "5.0"]
]

const seen = new Set<string>()

for (const column of columns) {
  describe(column === "stand-in, memory" ? column : `Gradio ${column}`, () => {
    const version = versionOf(column)
    const scope = Scope.makeUnsafe()
    let app: GradioClient.GradioClient
    beforeAll(async () => {
      app = await Effect.runPromise(Effect.provideService(connect(column), Scope.Scope, scope))
    }, 120_000)
    afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)), 30_000)

    it.live(
      "gives back the values that a program holds",
      () =>
        Effect.gen(function* () {
          const used = { in: new Set<string>(), out: new Set<string>() }
          const wrong: Array<string> = []
          const chosen = roundTrips.filter((one) => applies(one, column))
          for (const { endpoint, expected, value } of chosen) {
            const { output, parameter } = componentsOf(app, endpoint)
            const exit = yield* Effect.gen(function* () {
              if (output === undefined) throw new Error(`${endpoint} has no output`)
              const input =
                parameter === undefined || value === nothing
                  ? []
                  : [yield* Schema.encodeUnknownEffect(schemaFor(parameter, version, "input"))(value)]
              const [came] = yield* Effect.timeout(app.predict(endpoint, input), "60 seconds")
              const held = yield* Schema.decodeUnknownEffect(schemaFor(output, version, "output"))(came)
              const server = { since: sinceIn(column), isStandin: isStandin(column) }
              assert.deepStrictEqual(shape(held), shape(expected === undefined ? value : expected(server)))
              if (parameter !== undefined) used.in.add(String(Component.forComponent(parameter, version)))
              used.out.add(String(Component.forComponent(output, version)))
            }).pipe(Effect.exit)
            if (Exit.isFailure(exit)) wrong.push(`${endpoint}: ${String(Cause.squash(exit.cause))}`)
          }
          for (const name of [...used.in, ...used.out]) seen.add(name)
          process.stdout.write(
            `${column}: ${chosen.length} values, ${used.in.size} components in, ${used.out.size} out, ${wrong.length} wrong\n`
          )
          assert.deepStrictEqual(wrong, [])
        }),
      300_000
    )

    it(
      "refuses what the schemas refuse, and takes what they take",
      () =>
        Effect.runPromise(
          Effect.gen(function* () {
            const lines: Array<string> = []
            // Of the app that the stand-in serves here most components pass on what came.
            const own = new Set(["/number_bounded_io", "/file_typed_io"])
            for (const [endpoint, value, from] of doubtful) {
              if (isStandin(column) && !own.has(endpoint)) continue
              const refused = Result.isFailure(yield* Effect.result(app.predict(endpoint, [value])))
              const { parameter } = componentsOf(app, endpoint)
              if (parameter === undefined) throw new Error(`${endpoint} has no parameter`)
              const schema = schemaFor(parameter, version, "input")
              const here = Result.isFailure(yield* Effect.result(Schema.encodeUnknownEffect(schema)(value)))
              const what = `${endpoint} ${JSON.stringify(shape(value))}`
              lines.push(`${what}: ${refused ? "refused" : "taken"}`)
              assert.strictEqual(refused, from !== undefined && sinceIn(column)(from), what)
              assert.strictEqual(here, refused, `${what}, here`)
            }
            process.stdout.write(`${column}\n  ${lines.join("\n  ")}\n`)
          })
        ),
      120_000
    )
  })
}

it("every component was sent and read", () => {
  const components = Object.entries(byName).flatMap(([name, one]) =>
    typeof one === "object" && "input" in one && "output" in one ? [name] : []
  )
  assert.deepStrictEqual(
    components.filter((name) => !seen.has(name)),
    []
  )
})
