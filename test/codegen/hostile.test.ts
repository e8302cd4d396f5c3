/** The generator under any JSON that an app may send. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"

import { AppDescription, Contract, Module } from "../../src/codegen/index.ts"
import { type Evaluated, evaluate, makeProject } from "./compile.ts"
import { hostileApp, shuffled } from "./hostile.ts"

const count = 2000

const contractOf = (description: unknown) =>
  Contract.make(Result.getOrThrow(AppDescription.fromJson(JSON.stringify(description))), {
    unnamed: true,
    undocumented: true
  })

const fieldOf = (endpoint: Evaluated | undefined, name: string): Schema.Codec<unknown, unknown> =>
  Object(endpoint?.input).fields[name]

describe("Module.generate", () => {
  it("gives modules for any apps that compile, always the same, with types that hold the defaults", async () => {
    const project = await makeProject()
    try {
      const counts = { endpoints: 0, parameters: 0, defaults: 0 }
      for (let seed = 0; seed < count; seed++) {
        const { description, fitting } = hostileApp(seed)
        const contract = contractOf(description)
        const text = await Effect.runPromise(Module.generate(contract))
        assert.strictEqual(await Effect.runPromise(Module.generate(contractOf(shuffled(description)))), text)
        assert.deepStrictEqual(Result.getOrThrow(Module.read(text)), contract)
        project.write(`m${seed}.ts`, text)
        counts.endpoints += contract.endpoints.length
        counts.parameters += contract.endpoints.flatMap(({ parameters }) => parameters).length

        const endpoints = evaluate(text)
        const names = new Map(Object.entries(endpoints).map(([name, endpoint]) => [endpoint.name, name]))
        assert.strictEqual(names.size, contract.endpoints.length)
        const uses = fitting.flatMap(({ endpoint, parameter, value }, index) => {
          const name = names.get(endpoint)
          const found = contract.endpoints
            .find((one) => one.name === endpoint)
            ?.parameters.find((one) => one.name === parameter)
          if (name === undefined || found === undefined) return []
          counts.defaults++
          const held = Result.getOrThrow(Schema.decodeResult(fieldOf(endpoints[name], parameter))(value))
          // What is held in a form of its own cannot be written down.
          if (JSON.stringify(held) !== JSON.stringify(value)) return []
          return [
            `export const u${index}: Pick<Input<typeof M.${name}>, ${JSON.stringify(parameter)}> = { [${JSON.stringify(parameter)}]: ${JSON.stringify(value)} }`
          ]
        })
        if (uses.length > 0) {
          project.write(
            `u${seed}.ts`,
            [
              'import type { Endpoint } from "effect-gradio"',
              `import type * as M from "./m${seed}.js"`,
              "type Input<E> = E extends Endpoint.Endpoint<infer I, infer _O, infer _RI, infer _RO> ? I : never",
              ...uses,
              ""
            ].join("\n")
          )
        }
      }
      console.info(
        `${count} apps, ${counts.endpoints} endpoints, ${counts.parameters} parameters, ${counts.defaults} defaults`
      )
      // Names beyond 16 bits are quoted, which the formatter would not do.
      const unformatted = await project.unformatted("m*.ts")
      console.info(`${count - unformatted.length} modules are formatted`)
      assert.isBelow(unformatted.length, count * 0.05)
      assert.strictEqual(await project.compile(), "")
      assert.isAbove(counts.defaults, 1000)
    } finally {
      project.remove()
    }
  }, 400_000)
})
