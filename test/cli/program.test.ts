/** The programs of `info --code`: each compiles under the strictest options, and runs, with the package installed as users have it. */
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"

import { NodeHttpClient, NodeSocket } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"

import { serve, serveApp } from "../../examples/demo-app.ts"
import type { EndpointInfo } from "../../src/ApiInfo.ts"
import { endpointsOf } from "../../src/cli/appTable.ts"
import { programOf } from "../../src/cli/program.ts"
import * as Gradio3 from "../../src/Gradio3.ts"
import { GradioClient } from "../../src/index.ts"
import { Component, endpoint } from "../../src/testing/index.ts"

const root = path.join(import.meta.dirname, "..", "..")
const run = promisify(execFile)

const parameter = (name: string, type: unknown, example: unknown) => ({
  name,
  label: name,
  component: "Textbox",
  type,
  pythonType: "",
  description: "",
  hasDefault: false,
  default: undefined,
  example
})

/** Two parameters of one name. */
const twice = endpoint("/twice", {
  inputs: [Component.textbox({ name: "x" }), Component.number({ name: "x" })],
  outputs: [Component.textbox()],
  run: ([p, q]) => Effect.succeed([`${p} and ${q}`])
})

/** Names and values that are something else to a careless writer of programs. */
const hostile: EndpointInfo = {
  name: '/a"b`${c}\u2028*/',
  fnIndex: 0,
  visibility: "public",
  description: "",
  generator: false,
  queue: true,
  actsForUser: undefined,
  parameters: [
    parameter("__proto__", { type: "string" }, "`${process.exit()}`"),
    parameter("class", { type: "number" }, undefined),
    parameter("größe", { type: "string" }, "\u2028\u2029\\"),
    parameter("a b\"'`", {}, { __proto__: 1, "*/": [null] }),
    parameter("", { type: "array", items: { type: "string" } }, undefined)
  ],
  returns: []
}

describe("programs", () => {
  it.live(
    "compile and run, for every endpoint and for names that nobody would choose",
    () =>
      Effect.gen(function* () {
        // Inside the package, so that `effect` is found from there; with a name of its own, so that the package is found as users find it.
        const directory = yield* Effect.acquireRelease(
          Effect.sync(() => fs.mkdtempSync(path.join(root, "test", "cli", ".programs-"))),
          (made) => Effect.sync(() => fs.rmSync(made, { recursive: true }))
        )
        const write = (name: string, text: string) => fs.writeFileSync(path.join(directory, name), text)
        write("package.json", JSON.stringify({ name: "somebody-else", type: "module" }))
        const installed = path.join(directory, "node_modules", "effect-gradio")
        fs.mkdirSync(installed, { recursive: true })
        fs.copyFileSync(path.join(root, "package.json"), path.join(installed, "package.json"))
        const tsc = path.join(root, "node_modules", ".bin", "tsc")
        yield* Effect.promise(() =>
          run(tsc, ["-p", path.join(root, "tsconfig.build.json"), "--outDir", path.join(installed, "dist")])
        )
        const programs = new Map<string, string>([
          ["hostile.ts", programOf({ source: "http://127.0.0.1:7860", isGradio3: false, endpoint: hostile })]
        ])
        for (const version of ["6.31.0", "3.50.2"]) {
          const source = yield* serve({ version })
          const client = yield* GradioClient.connect(source)
          for (const one of endpointsOf(client.api)) {
            const name = `${version}-${one.name?.slice(1)}.ts`
            programs.set(name, programOf({ source, isGradio3: version === "3.50.2", endpoint: one }))
          }
        }
        const source = yield* serveApp([twice])
        const client = yield* GradioClient.connect(source)
        for (const one of endpointsOf(client.api)) {
          programs.set("twice.ts", programOf({ source, isGradio3: false, endpoint: one }))
        }
        assert.strictEqual(programs.size, 20)
        for (const [name, text] of programs) write(name, text)
        write(
          "tsconfig.json",
          JSON.stringify({
            extends: path.join(root, "tsconfig.json"),
            compilerOptions: { paths: {}, noPropertyAccessFromIndexSignature: true, allowUnreachableCode: false },
            include: ["*.ts"]
          })
        )
        yield* Effect.promise(() => run(tsc, ["--noEmit", "-p", directory]).catch((error) => assert.fail(error.stdout)))
        const printed = yield* Effect.forEach(
          ["6.31.0-add.ts", "6.31.0-grow.ts", "3.50.2-add.ts", "twice.ts"],
          (name) => Effect.promise(() => run(process.execPath, [path.join(directory, name)]))
        )
        assert.deepStrictEqual(
          printed.map(({ stdout }) => stdout),
          [
            "[ 6 ]\n",
            "[ 'token0 ' ]\n[ 'token0 token1 ' ]\n[ 'token0 token1 token2 ' ]\n",
            "[ 10 ]\n",
            "[ 'Hello!! and 3' ]\n"
          ]
        )
      }).pipe(
        Effect.scoped,
        Effect.provide([NodeHttpClient.layerUndici, Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)])
      ),
    120_000
  )
})
