/** The order of `src`: what may import what, read from the import statements. */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"

const root = path.join(import.meta.dirname, "..", "src")

/** From the bottom up. At run time a file imports from its own layer or from a lower one; types may come from anywhere. */
const layers: ReadonlyArray<readonly [name: string, files: ReadonlyArray<RegExp>]> = [
  [
    "wire",
    [
      /^(ApiInfo|AppConfig|HuggingFaceToken|Input|JobEvent|Limits|ServerMessage)\.ts$/,
      /^internal\/(record|nearest|safeName|randomHex)\.ts$/,
      /^internal\/wire\//,
      /^internal\/files\/(nested|source|unmarked)\.ts$/
    ]
  ],
  ["errors", [/^GradioError\.ts$/]],
  ["transport", [/^internal\/transport\//]],
  [
    "protocol",
    [
      /^Protocol\.ts$/,
      /^internal\/protocol\//,
      /^internal\/session\/(callStream|channel|early|fibers|mailbox|route|sharedSession)\.ts$/
    ]
  ],
  [
    "data",
    [
      /^(Component|GradioFile)\.ts$/,
      /^internal\/component\//,
      /^internal\/(describe|endpoints|payload)\.ts$/,
      /^internal\/hub\//,
      /^internal\/files\/(dataUrl|makeFile|outgoing|upload|download|gradio3Values)\.ts$/
    ]
  ],
  ["session", [/^Job\.ts$/, /^internal\/telemetry\.ts$/, /^internal\/session\/(fold|heartbeat|zeroGpu)\.ts$/]],
  [
    "client",
    [
      /^(App|Endpoint|GradioClient|Space)\.ts$/,
      /^internal\/(app|calls|componentServer|connect|connectSpace|fromEvents|inputStream|typed)\.ts$/
    ]
  ],
  ["outer", [/^(index|Gradio3)\.ts$/, /^(codegen|testing)\//]],
  ["cli", [/^cli\//]]
]

/** The files that are for Node alone, where the command line gets all that it needs from outside. */
const nodeEntries = new Set(["cli/bin.ts", "cli/node.ts"])

interface Import {
  readonly from: string
  readonly isType: boolean
}

interface Module {
  /** Relative to `src`. */
  readonly file: string
  readonly text: string
  readonly imports: ReadonlyArray<Import>
}

const importsOf = (file: string, text: string): ReadonlyArray<Import> =>
  Array.from(
    text.matchAll(/^(?:import|export)\s+(type\s+)?(?:([^"';]*?)\s*from\s+)?"([^"]+)"/gm),
    ([, type, names = "", from = ""]) => {
      const listed = /^\{([^}]*)\}$/
        .exec(names.trim())?.[1]
        ?.split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")
      return {
        from: from.startsWith(".") ? path.posix.normalize(path.posix.join(path.posix.dirname(file), from)) : from,
        isType: type !== undefined || (listed !== undefined && listed.every((name) => name.startsWith("type ")))
      }
    }
  )

const modules: ReadonlyArray<Module> = fs
  .readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const file = name.split(path.sep).join("/")
    const text = fs.readFileSync(path.join(root, name), "utf8")
    return { file, text, imports: importsOf(file, text) }
  })

const byFile = new Map(modules.map((module) => [module.file, module]))
const layerOf = (file: string): number => layers.findIndex(([, patterns]) => patterns.some((one) => one.test(file)))
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
const ownImports = (module: Module): ReadonlyArray<Import> => module.imports.filter(({ from }) => byFile.has(from))
const filesWhere = (holds: (module: Module) => boolean): ReadonlyArray<string> =>
  modules.filter(holds).map(({ file }) => file)
/** Each as `file: what is wrong`. */
const wrongImports = (isWrong: (module: Module, one: Import) => boolean): ReadonlyArray<string> =>
  modules.flatMap((module) =>
    module.imports.filter((one) => isWrong(module, one)).map(({ from }) => `${module.file}: ${from}`)
  )

describe("architecture", () => {
  it("the imports of all files are read", () => {
    assert.isAbove(modules.length, 50)
    const statements = modules.flatMap(({ file, text }) =>
      Array.from(withoutComments(text).matchAll(/^(?:import|export|\})[^"`]*?\bfrom\s+"/gm), () => file)
    )
    assert.strictEqual(modules.flatMap(({ imports }) => imports).length, statements.length)
    assert.deepStrictEqual(
      filesWhere(({ imports }) => imports.some(({ from }) => from.includes(".ts") && !byFile.has(from))),
      []
    )
  })

  it("every file has its layer, and imports from no higher one at run time", () => {
    assert.deepStrictEqual(
      filesWhere(({ file }) => layerOf(file) < 0),
      []
    )
    assert.deepStrictEqual(
      wrongImports(({ file }, { from, isType }) => !isType && byFile.has(from) && layerOf(from) > layerOf(file)),
      []
    )
  })

  it("no files import each other in a circle at run time", () => {
    const done = new Set<string>()
    const circles: Array<string> = []
    const visit = (module: Module, trail: ReadonlyArray<string>): void => {
      if (trail.includes(module.file))
        circles.push([...trail.slice(trail.indexOf(module.file)), module.file].join(" > "))
      if (trail.includes(module.file) || done.has(module.file)) return
      for (const { from, isType } of ownImports(module)) {
        const next = byFile.get(from)
        if (next !== undefined && !isType) visit(next, [...trail, module.file])
      }
      done.add(module.file)
    }
    for (const module of modules) visit(module, [])
    assert.deepStrictEqual(circles, [])
  })

  it("the stand-in server shares nothing with the client, so that neither hides the other's mistakes", () => {
    assert.deepStrictEqual(
      wrongImports(
        ({ file }, { from }) => byFile.has(from) && file.startsWith("testing/") !== from.startsWith("testing/")
      ),
      []
    )
  })

  it("only the transport sends requests and reads answers; the layers above it describe requests", () => {
    const allowed: Readonly<Record<string, ReadonlyArray<string>>> = {
      // Guesses types from names.
      "internal/files/makeFile.ts": ["effect/http/Mime"],
      "internal/component/file.ts": ["effect/http/Mime"],
      // Reads and writes data URLs.
      "internal/files/dataUrl.ts": ["effect/encoding/Base64"],
      // Takes the constructor of WebSockets that the program provides.
      "Gradio3.ts": ["effect/socket/Socket"]
    }
    assert.deepStrictEqual(
      wrongImports(
        ({ file }, { from, isType }) =>
          !isType &&
          /^effect\/(http|encoding|socket)/.test(from) &&
          from !== "effect/http/HttpClientRequest" &&
          !/^(testing|internal\/transport)\//.test(file) &&
          allowed[file]?.includes(from) !== true
      ),
      []
    )
    assert.deepStrictEqual(
      filesWhere(({ file, text }) => !/^(testing|internal\/transport)\//.test(file) && /\.execute\(/.test(text)),
      []
    )
  })

  it("only who imports Gradio3 loads a socket", () => {
    const loaded = new Set<string>()
    const load = (from: string): void => {
      if (loaded.has(from)) return
      loaded.add(from)
      for (const one of byFile.get(from)?.imports ?? []) if (!one.isType) load(one.from)
    }
    for (const { file } of modules) if (/^\w+\.ts$/.test(file) && file !== "Gradio3.ts") load(file)
    assert.isTrue(loaded.has("internal/transport/link.ts"))
    assert.deepStrictEqual(
      [...loaded].filter((from) => from.startsWith("effect/socket")),
      []
    )
  })

  it("only the protocol layer knows which versions of the protocol there are", () => {
    assert.deepStrictEqual(
      filesWhere(
        ({ file, text }) =>
          !/^(Protocol\.ts|internal\/protocol\/|testing\/)/.test(file) && /sse_?v\d/i.test(withoutComments(text))
      ),
      []
    )
  })

  it("nothing of Node is imported, but by the entry of the command line", () => {
    assert.deepStrictEqual(
      wrongImports(({ file }, { from }) => !nodeEntries.has(file) && !from.startsWith("effect/") && !byFile.has(from)),
      []
    )
  })

  it("effect is imported by subpath, which loads less than the whole", () => {
    assert.deepStrictEqual(
      wrongImports((_, { from }) => /^effect(\/(cli|http|encoding|socket|testing))?$/.test(from)),
      []
    )
  })

  it("files are named for what they are", () => {
    assert.deepStrictEqual(
      filesWhere(({ file }) => /(^|\/)(utils?|helpers?|types|constants|common|misc|shared)\.ts$/i.test(file)),
      []
    )
  })

  it("every public module is in the package's exports, and every file begins with what it is for", () => {
    const manifest: { readonly exports: Readonly<Record<string, unknown>> } = JSON.parse(
      fs.readFileSync(path.join(root, "..", "package.json"), "utf8")
    )
    const modulesOf = modules.map(({ file }) => file).filter((file) => /^[A-Z]\w*\.ts$/.test(file))
    const expected = Object.fromEntries([
      [".", "./dist/index.js"],
      ...modulesOf.map((file) => [`./${file.slice(0, -3)}`, `./dist/${file.slice(0, -3)}.js`]),
      ["./codegen", "./dist/codegen/index.js"],
      ["./testing", "./dist/testing/index.js"],
      ["./internal/*", null],
      ["./package.json", "./package.json"]
    ])
    assert.deepStrictEqual(manifest.exports, expected)
    assert.deepStrictEqual(
      filesWhere(({ file, text }) => file !== "index.ts" && !/^(#!.*\n+)?\/\*\*/.test(text)),
      []
    )
  })

  it("every public export has a docstring", () => {
    const standin = byFile.get("testing/index.ts")?.text ?? ""
    const components = byFile.get("Component.ts")?.text ?? ""
    const isPublic = (file: string, name: string): boolean => {
      if (/^(codegen\/)?[A-Z]\w*\.ts$/.test(file)) return true
      if (file.startsWith("internal/component/")) return new RegExp(`\\b${name}\\b`).test(components)
      const from = `from "./${path.basename(file)}"`
      if (!file.startsWith("testing/") || !standin.includes(from)) return false
      return standin.includes(`* as ${path.basename(file, ".ts")} ${from}`) || new RegExp(`\\b${name}\\b`).test(standin)
    }
    const undocumented = modules.flatMap(({ file, text }) => {
      const lines = text.split("\n")
      const documented = new Set<string>()
      return lines.flatMap((line, i) => {
        const name = /^export (?:const|class|interface|type|function|abstract class) (\w+)/.exec(line)?.[1]
        if (name === undefined || !isPublic(file, name)) return []
        // A schema and the type of its values share a name and a docstring.
        if ((lines[i - 1] ?? "").endsWith("*/")) documented.add(name)
        return documented.has(name) ? [] : [`${file}: ${name}`]
      })
    })
    assert.deepStrictEqual(undocumented, [])
  })
})
