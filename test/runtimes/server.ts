/** The suite in a runtime with Node's modules (Deno, Bun, Node): `… server.js URL [only]`; each report is a line. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Effect, Layer } from "effect"

import { runSuite } from "./suite.ts"

const [url = "", only = ""] = process.argv.slice(2)

await Effect.runPromise(
  runSuite({
    url,
    only,
    isBrowser: false,
    tell: (report) => void process.stdout.write(`${JSON.stringify(report)}\n`)
  }).pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)))
)
