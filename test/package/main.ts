/**
 * `npm run package`: the built package as others get it. Packs it, installs the tarball beside `effect` in an empty project, and there compiles the
 * quickstart of the README, runs it by import, by require and from a bundle, each on Node 22 and on Node 24, and the command line on Node 20 too. Needs the
 * npm registry.
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
    const odd = names.filter(
      (name) =>
        !/^(dist|src)\/|^docs\/\w+\.md$|^examples\/(?!.*\.test\.ts$)|^(README\.md|LICENSE|package\.json)$/.test(name)
    )
    assert(odd.length === 0, `unexpected: ${odd.join(", ")}`)
    for (const name of names.filter((one) => one.startsWith("src/") && !one.startsWith("src/cli/"))) {
      const stem = name.replace(/^src/, "dist").replace(/\.ts$/, "")
      for (const suffix of [".js", ".js.map", ".d.ts", ".d.ts.map"]) {
        assert(names.includes(stem + suffix), `missing: ${stem}${suffix}`)
      }
    }
    for (const name of ["bin.js", "LICENSES.txt"])
      assert(names.includes(`dist/cli/${name}`), `missing: dist/cli/${name}`)
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
      // The command line is for Node.
      .filter((name) => /\.(js|d\.ts)$/.test(name) && !/^cli[\\/]/.test(name))
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
  const install = (version: string) =>
    check(`Node ${version} is at hand`, async () => {
      const directory = path.join(project, `node${version}`)
      fs.mkdirSync(directory)
      fs.writeFileSync(
        path.join(directory, "package.json"),
        JSON.stringify({ private: true, allowScripts: { node: true } })
      )
      await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", directory, `node@${version}`])
      nodes.set(version, path.join(directory, "node_modules", "node", "bin", "node"))
    })
  await install("22")
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

  // ---- the command line
  await install("20")
  const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
  await check("npx effect-gradio", async () => {
    assert(
      (await run("npx", ["--no-install", "effect-gradio", "--version"])) === `effect-gradio ${version}\n`,
      "another version"
    )
    const printed = await run("npx", ["--no-install", "effect-gradio", "predict", url, "/add", "a=4", "op=add", "b=5"])
    assert(printed === "9\n", printed)
  })
  // Without node_modules around it, and without effect.
  const alone = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-cli-"))
  fs.cpSync(path.join(project, "node_modules", "effect-gradio", "dist", "cli"), alone, { recursive: true })
  fs.writeFileSync(path.join(alone, "package.json"), JSON.stringify({ type: "module" }))
  for (const [name, node] of nodes) {
    await check(`Node ${name}: the command line runs with nothing beside it`, async () => {
      const bin = path.join(alone, "bin.js")
      assert((await run(node, [bin, "--version"])) === `effect-gradio ${version}\n`, "another version")
      const shown = await run(node, [bin, "info", url])
      assert(shown.startsWith(`Demo at ${url}/ (Gradio `) && shown.includes("\n/add\n"), shown)
      const streamed = await run(node, [bin, "stream", url, "/progress_generator", "n=2"])
      assert(streamed === "0\n1\n", streamed)
      for (const gradio of ["3.50.2", "6.31.0"]) {
        const served = await Effect.runPromise(Scope.provide(serve({ version: gradio }), scope))
        const sum = await run(node, [bin, "predict", served, "/add", '[4, "add", 5]', "--quiet"])
        assert(sum === "9\n", `Gradio ${gradio}: ${sum}`)
      }
      return (await run(node, ["--version"])).trim()
    })
  }
  fs.rmSync(alone, { recursive: true })
} finally {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  fs.rmSync(project, { recursive: true, force: true })
}
process.stdout.write(`package: ${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
