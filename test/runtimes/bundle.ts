/** Bundles a program of this folder, with the built package in place of its source. */
import * as path from "node:path"

import { rolldown } from "rolldown"

const root = path.join(import.meta.dirname, "..", "..")
const source = path.join(root, "src") + path.sep

const shims: Readonly<Record<string, string>> = {
  "node:assert/strict": path.join(import.meta.dirname, "shims", "assert.ts"),
  "node:crypto": path.join(import.meta.dirname, "shims", "crypto.ts")
}

export const bundle = async (program: string, platform: "browser" | "node"): Promise<string> => {
  const build = await rolldown({
    input: path.join(import.meta.dirname, program),
    platform,
    plugins: [
      {
        name: "built package",
        resolveId: (id, importer) => {
          if (platform === "browser" && shims[id] !== undefined) return shims[id]
          if (importer === undefined || !id.startsWith(".")) return null
          const file = path.resolve(path.dirname(importer), id)
          return file.startsWith(source)
            ? path.join(root, "dist", file.slice(source.length).replace(/\.ts$/, ".js"))
            : null
        }
      }
    ]
  })
  const { output } = await build.generate({ format: "esm" })
  await build.close()
  const [{ code }] = output
  return code
}
