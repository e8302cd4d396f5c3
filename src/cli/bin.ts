#!/usr/bin/env node
/** Where the program `effect-gradio` begins: `build/cli.ts` bundles it. What is compiled once is kept for the next start. */
import * as module from "node:module"

// From Node 22 on.
if ("enableCompileCache" in module) module.enableCompileCache()
const { main } = await import("./node.ts")
main()
