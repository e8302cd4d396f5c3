import { fileURLToPath } from "node:url"

import { defineConfig } from "vitest/config"

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url))

export default defineConfig({
  // Examples import the package by its name; tests run them on the source.
  resolve: {
    alias: [
      { find: /^effect-gradio$/, replacement: source("index.ts") },
      { find: /^effect-gradio\/Gradio3$/, replacement: source("Gradio3.ts") },
      { find: /^effect-gradio\/codegen$/, replacement: source("codegen/index.ts") },
      { find: /^effect-gradio\/testing$/, replacement: source("testing/index.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // Files wait for servers more than they compute.
    maxWorkers: 2,
    // Tests share the machine with real servers and with processes of their own.
    testTimeout: 30_000
  }
})
