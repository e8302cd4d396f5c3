/** `npm run build`: the command line with all that it imports, minified, so that it starts fast and needs nothing beside it. */
import * as fs from "node:fs"
import * as path from "node:path"

import { rolldown } from "rolldown"

const root = path.join(import.meta.dirname, "..")

/** Bundles the command line into a directory. */
export const bundle = async (directory: string): Promise<void> => {
  const build = await rolldown({
    input: path.join(root, "src", "cli", "bin.ts"),
    cwd: root,
    platform: "node",
    tsconfig: path.join(root, "tsconfig.json"),
    // Loaded by nobody: requests go over `node:http`.
    external: ["undici"]
  })
  fs.rmSync(directory, { recursive: true, force: true })
  // What few commands need (the demo app, sockets for Node 20) is in files of its own, loaded when it is needed.
  const { output } = await build.write({ dir: directory, format: "esm", minify: true, chunkFileNames: "[name].js" })
  await build.close()
  const bundled = new Set<string>()
  for (const chunk of output) {
    for (const id of "moduleIds" in chunk ? chunk.moduleIds : []) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
      if (name !== undefined) bundled.add(name)
    }
  }
  const licenses = [...bundled].sort().map((name) => {
    const text = fs.readFileSync(path.join(root, "node_modules", name, "LICENSE"), "utf8")
    return `${name}\n\n${text}`
  })
  fs.writeFileSync(path.join(directory, "LICENSES.txt"), licenses.join(`\n${"-".repeat(80)}\n\n`))
}

if (import.meta.main) await bundle(path.join(root, "dist", "cli"))
