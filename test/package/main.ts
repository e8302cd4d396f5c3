/**
 * `npm run package`: the built package as others get it. Packs it, installs the tarball beside `effect` in an empty project, and there compiles the
 * quickstart of the README, runs it by import, by require and from a bundle, each on Node 22 and on Node 24. Needs the npm registry.
 */
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"

import { Effect, Exit, Scope } from "effect"
import { rolldown } from "rolldown"

import { serve } from "../../examples/demo-app.ts"

const root = path.join(import.meta.dirname, "..", "..")
const project = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-package-"))
const processes = promisify(execFile)

/** What is installed here is what the package is tried with. */
const sameVersion = (name: string): string => {
  const manifest: { readonly version: string } = JSON.parse(
    fs.readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8")
  )
  return `${name}@${manifest.version}`
}
const bin = (name: string): string => path.join(root, "node_modules", ".bin", name)

const run = async (command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  try {
    const { stdout } = await processes(command, [...args], {
      cwd: project,
      env: { ...process.env, ...env },
      maxBuffer: 1 << 26
    })
    return stdout
  } catch (error) {
    const { stderr = "", stdout = "" } = Object(error)
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error })
  }
}

const assert = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}
const write = (name: string, text: string): void => fs.writeFileSync(path.join(project, name), text)

let passed = 0
let failed = 0
const check = async (what: string, body: () => Promise<string | void>): Promise<void> => {
  try {
    const note = await body()
    passed++
    process.stdout.write(`ok    ${what}${typeof note === "string" ? `: ${note}` : ""}\n`)
  } catch (error) {
    failed++
    process.stdout.write(`FAIL  ${what}\n${error instanceof Error ? error.message : String(error)}\n`)
  }
}

const scope = Scope.makeUnsafe()
try {
  // ---- pack and install
  const tarball = path.join(project, "effect-gradio.tgz")
  await check("packs what it should", async () => {
    const report: unknown = JSON.parse(
      await run("npm", ["pack", root, "--json", "--ignore-scripts", "--pack-destination", project])
    )
    const [packed] = Array.isArray(report) ? report : Object.values(Object(report))
    const { filename, files, size } = Object(packed)
    fs.renameSync(path.join(project, path.basename(filename)), tarball)
    const names: ReadonlyArray<string> = files.map((file: { readonly path: string }) => file.path)
    const odd = names.filter((name) => !/^(dist|src)\/|^(README\.md|LICENSE|package\.json)$/.test(name))
    assert(odd.length === 0, `unexpected: ${odd.join(", ")}`)
    for (const name of names.filter((one) => one.startsWith("src/"))) {
      const stem = name.replace(/^src/, "dist").replace(/\.ts$/, "")
      for (const suffix of [".js", ".js.map", ".d.ts", ".d.ts.map"]) {
        assert(names.includes(stem + suffix), `missing: ${stem}${suffix}`)
      }
    }
    return `${names.length} files, ${size} bytes`
  })
  await check("installs beside effect", async () => {
    write("package.json", JSON.stringify({ name: "empty-project", private: true, type: "module" }))
    await run("npm", [
      "install",
      "--no-audit",
      "--no-fund",
      tarball,
      ...["effect", "@effect/platform-node", "typescript", "@types/node"].map(sameVersion)
    ])
  })
  await check("one effect", async () => {
    const listed = await run("npm", ["ls", "effect", "--all", "--parseable"])
    const places = new Set(
      listed
        .trim()
        .split("\n")
        .filter((line) => /[\\/]effect$/.test(line))
    )
    assert(places.size === 1, listed)
  })
  await check("no import of Node in what is published", async () => {
    const dist = path.join(project, "node_modules", "effect-gradio", "dist")
    const files = fs
      .readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(js|d\.ts)$/.test(name))
    const importing = files.filter((name) => /["']node:/.test(fs.readFileSync(path.join(dist, name), "utf8")))
    assert(importing.length === 0, importing.join(", "))
    return `${files.length} files`
  })
  await check("internal modules are closed", async () => {
    const inside = ["effect-gradio/internal/calls", "effect-gradio/internal/calls.js", "effect-gradio/dist/index.js"]
    for (const name of inside) {
      const tried = await run(process.execPath, [
        "-e",
        `import("${name}").then(() => console.log("open"), (e) => console.log(e.code))`
      ])
      assert(tried.trim() === "ERR_PACKAGE_PATH_NOT_EXPORTED", `${name}: ${tried}`)
    }
  })
  await check("publint", async () => void (await run(bin("publint"), [tarball, "--strict"])))
  await check("are the types wrong", async () => void (await run(bin("attw"), [tarball, "--profile", "esm-only"])))

  // ---- compile
  fs.copyFileSync(path.join(root, "examples", "quickstart.ts"), path.join(project, "quickstart.ts"))
  const compiler = {
    strict: true,
    target: "es2024",
    module: "nodenext",
    exactOptionalPropertyTypes: true,
    types: ["node"]
  }
  for (const skipLibCheck of [true, false]) {
    await check(`the quickstart compiles${skipLibCheck ? "" : ", with the libraries checked"}`, async () => {
      write(
        "tsconfig.json",
        JSON.stringify({ compilerOptions: { ...compiler, skipLibCheck }, files: ["quickstart.ts"] })
      )
      await run(path.join(project, "node_modules", ".bin", "tsc"), [])
    })
  }

  // ---- run
  const nodes = new Map([["24", process.execPath]])
  await check("Node 22 is at hand", async () => {
    const directory = path.join(project, "node22")
    fs.mkdirSync(directory)
    fs.writeFileSync(
      path.join(directory, "package.json"),
      JSON.stringify({ private: true, allowScripts: { node: true } })
    )
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", directory, "node@22"])
    nodes.set("22", path.join(directory, "node_modules", "node", "bin", "node"))
  })
  write(
    "required.cjs",
    `const Effect = require("effect/Effect")
const { FetchHttpClient } = require("effect/http")
const { GradioClient } = require("effect-gradio")
const { GradioServer } = require("effect-gradio/testing")
const byPath = require("effect-gradio/GradioClient")
if (byPath.connect !== GradioClient.connect) throw new Error("two copies of a module")
if (typeof GradioServer.make !== "function") throw new Error("no stand-in server")
GradioClient.connect(process.env.GRADIO_URL).pipe(
  Effect.flatMap((app) => app.predict("/add", [4, "add", 5])),
  Effect.scoped, Effect.provide(FetchHttpClient.layer), Effect.runPromise
).then(([sum]) => console.log("4 + 5 =", sum))
`
  )
  await check("a bundle for browsers is made", async () => {
    // The same program on `fetch`, as a page would have it.
    const onFetch = fs
      .readFileSync(path.join(project, "quickstart.js"), "utf8")
      .replace('{ NodeHttpClient, NodeRuntime } from "@effect/platform-node"', '{ FetchHttpClient } from "effect/http"')
      .replace("NodeHttpClient.layerUndici", "FetchHttpClient.layer")
      .replace("NodeRuntime.runMain(program)", "await Effect.runPromise(program)")
    assert(!onFetch.includes("Node"), onFetch)
    write("page.js", onFetch)
    const build = await rolldown({ input: path.join(project, "page.js"), cwd: project, platform: "browser" })
    const { output } = await build.write({ dir: path.join(project, "bundle"), format: "esm", minify: true })
    await build.close()
    const imports = output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))
    assert(imports.length === 0, `the bundle imports ${imports.join(", ")}`)
  })
  const url = await Effect.runPromise(Scope.provide(serve(), scope))
  const lines = [
    "4 + 5 = 9",
    "progress: before 0",
    "output: 2",
    "note.txt: Hello, app!",
    "the app said: no such luck",
    "endless: 1"
  ]
  for (const [version, node] of nodes) {
    const quickstart = (file: string) => async () => {
      const printed = (await run(node, [file], { GRADIO_URL: url })).split("\n")
      const missing = lines.filter((line) => !printed.includes(line))
      assert(missing.length === 0, `not printed: ${missing.join(" | ")}\nprinted:\n${printed.join("\n")}`)
      return (await run(node, ["--version"])).trim()
    }
    await check(`Node ${version}: the quickstart runs by import`, quickstart("quickstart.js"))
    await check(`Node ${version}: the quickstart runs from a bundle, without node_modules`, async () => {
      const alone = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-bundle-"))
      try {
        fs.cpSync(path.join(project, "bundle"), alone, { recursive: true })
        fs.writeFileSync(path.join(alone, "package.json"), JSON.stringify({ type: "module" }))
        return await quickstart(path.join(alone, "page.js"))()
      } finally {
        fs.rmSync(alone, { recursive: true })
      }
    })
    await check(`Node ${version}: a call by require`, async () => {
      const printed = await run(node, ["required.cjs"], { GRADIO_URL: url })
      assert(printed === "4 + 5 = 9\n", printed)
    })
  }
} finally {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  fs.rmSync(project, { recursive: true, force: true })
}
process.stdout.write(`package: ${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
