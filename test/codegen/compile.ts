/** Generated modules under the strictest options of the compiler, and as values. */
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"

import { Context, Layer, Schema } from "effect"

import { App, Component, Endpoint } from "../../src/index.ts"

const root = path.join(import.meta.dirname, "..", "..")
const run = promisify(execFile)
const tsc = path.join(root, "node_modules", ".bin", "tsc")

/** All that a project can switch on, apart from `isolatedDeclarations`, which wants the types of all that is exported to be written out. */
const strictest = {
  target: "es2024",
  lib: ["es2024", "dom", "dom.iterable", "esnext.disposable"],
  module: "nodenext",
  strict: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
  erasableSyntaxOnly: true,
  exactOptionalPropertyTypes: true,
  isolatedModules: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noUncheckedSideEffectImports: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  declaration: true,
  emitDeclarationOnly: true,
  skipLibCheck: true,
  types: []
}

const execute = async (args: ReadonlyArray<string>, cwd: string, program = tsc): Promise<string> => {
  try {
    await run(program, [...args], { cwd, maxBuffer: 1 << 28 })
    return ""
  } catch (error) {
    const { stderr = "", stdout = "" }: { readonly stdout?: string; readonly stderr?: string } = Object(error)
    return stdout + stderr
  }
}

/** A project beside which `effect` and the declarations of this library are installed. Ends with `remove`. */
export const makeProject = async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-codegen-"))
  fs.symlinkSync(fs.realpathSync(path.join(root, "node_modules")), path.join(folder, "node_modules"))
  const types = path.join(folder, "types")
  const build = [
    "-p",
    path.join(root, "tsconfig.build.json"),
    "--emitDeclarationOnly",
    "--declarationMap",
    "false",
    "--outDir",
    types
  ]
  const wrong = await execute(build, root)
  if (wrong !== "") throw new Error(wrong)
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }))
  return {
    folder,
    write: (name: string, text: string): void => fs.writeFileSync(path.join(folder, name), text),
    /** What the compiler says of all files, in one go; nothing where they are right. */
    compile: (): Promise<string> => {
      const compilerOptions = {
        ...strictest,
        outDir: "out",
        rootDir: folder,
        paths: { "effect-gradio": [path.join(types, "index.d.ts")] }
      }
      fs.writeFileSync(
        path.join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions, include: ["*.ts"], exclude: ["types", "out"] })
      )
      return execute(["-p", "tsconfig.json"], folder)
    },
    /** Those of the files that a formatter with the settings of this repository would change. */
    unformatted: async (pattern: string): Promise<ReadonlyArray<string>> => {
      const args = ["-c", path.join(root, ".oxfmtrc.json"), "--list-different", pattern]
      const listed = await execute(args, folder, path.join(root, "node_modules", ".bin", "oxfmt"))
      return listed.split("\n").filter((line) => line.endsWith(".ts"))
    },
    remove: (): void => fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** An endpoint of a module whose text only exists while the tests run. */
export type Evaluated = Endpoint.Endpoint<Readonly<Record<string, unknown>>, unknown>

/** The endpoints of a module, by their names in it. */
export const evaluate = (text: string): Readonly<Record<string, Evaluated>> => {
  const body = stripTypeScriptTypes(text)
    .replace(/^import .*$/gm, "")
    .replace(/^export /gm, "")
  const make = new Function(
    "App",
    "Component",
    "Context",
    "Endpoint",
    "Layer",
    "Schema",
    `"use strict";${body}\nreturn endpoints`
  )
  return make(App, Component, Context, Endpoint, Layer, Schema)
}
