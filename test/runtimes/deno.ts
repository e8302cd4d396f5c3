/**
 * Deno from its npm package, kept beside the Python environments: a lock file would need its packages of all platforms, which not every registry has.
 */
import { execFile } from "node:child_process"
import * as path from "node:path"
import { promisify } from "node:util"

import { cacheDirectory, madeOnce } from "../gradio/environments.ts"

const version = "2.9.6"
const name = `@deno/linux-${process.arch}-glibc`

/** The path of the program. */
export const prepareDeno = async (): Promise<string> => {
  const directory = path.join(cacheDirectory(), "deno", version)
  await madeOnce(directory, async (temporary) => {
    const options = ["--prefix", temporary, "--no-save", "--no-package-lock", "--ignore-scripts", "--no-progress"]
    await promisify(execFile)("npm", ["install", ...options, `${name}@${version}`], { cwd: temporary })
  })
  return path.join(directory, "node_modules", name, "deno")
}
