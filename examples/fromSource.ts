/** `node --import ./examples/fromSource.ts …` runs an example on the source of the package, without a build. */
import { registerHooks } from "node:module"

const sources: Readonly<Record<string, string>> = {
  "effect-gradio": new URL("../src/index.ts", import.meta.url).href,
  "effect-gradio/Gradio3": new URL("../src/Gradio3.ts", import.meta.url).href,
  "effect-gradio/codegen": new URL("../src/codegen/index.ts", import.meta.url).href,
  "effect-gradio/testing": new URL("../src/testing/index.ts", import.meta.url).href
}

registerHooks({ resolve: (specifier, context, next) => next(sources[specifier] ?? specifier, context) })
