/** The program `effect-gradio` on Node: its streams, its way to the network, and its end. */
import * as fs from "node:fs"
import { Socket } from "node:net"
import process from "node:process"

import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Terminal from "effect/Terminal"

import manifest from "../../package.json" with { type: "json" }
import * as Gradio3 from "../Gradio3.ts"
import { codeOf } from "./exitCode.ts"
import { failureOf, Refusal } from "./failure.ts"
import { run } from "./main.ts"
import { clear, Device, OutputClosed } from "./screen.ts"
import { DemoApp, notServed } from "./serve.ts"
import { oneLine } from "./text.ts"

const { env, stderr, stdout } = process

/** A reader that has left is no failure; all else is. */
const unwritten = (error: unknown): Effect.Effect<never, OutputClosed | Refusal> => {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (code === "EPIPE") return Effect.fail(new OutputClosed())
  const reason = code === "ENOSPC" ? "no space is left" : oneLine(error instanceof Error ? error.message : code)
  return Effect.fail(new Refusal({ ending: "file", problem: `The standard output cannot be written: ${reason}.` }))
}

const device: Device = {
  stdout: (text) =>
    stdout instanceof Socket
      ? Effect.callback((resume) => {
          stdout.write(text, (error) => resume(error ? unwritten(error) : Effect.void))
        })
      : // A stream to a file that is full tells nobody that it wrote a part.
        Effect.matchEffect(Effect.try({ try: () => fs.writeFileSync(1, text), catch: (error) => error }), {
          onFailure: unwritten,
          onSuccess: () => Effect.void
        }),
  stdoutIsTerminal: stdout.isTTY === true,
  stderr: (text) => void stderr.write(text),
  columns: () => (stderr.isTTY === true && env["TERM"] !== "dumb" ? stderr.columns || 80 : undefined),
  hasColors: (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb"
}

/** Questions are no results: they go to the standard error, as progress does. */
const terminal = Layer.effect(Terminal.Terminal)(
  Effect.map(Terminal.Terminal, (one) =>
    Terminal.make({
      ...one,
      columns: Effect.sync(() => stderr.columns || 80),
      display: (text) => Effect.sync(() => void stderr.write(text))
    })
  )
)

/** Node 20 has no WebSocket of its own. */
const sockets =
  "WebSocket" in globalThis
    ? NodeSocket.layerWebSocketConstructor
    : Layer.unwrap(
        Effect.map(
          Effect.promise(() => import("@effect/platform-node/NodeWS")),
          ({ layerWebSocketConstructor }) => layerWebSocketConstructor
        )
      )

/** The app of the examples is a part of the shipped program, bundled into a file of its own that only `serve` loads. */
const demo: DemoApp = {
  serve: (port) =>
    Effect.flatMap(
      Effect.promise(() => import("../../examples/demo-app.ts")),
      ({ serve }) => serve({ port })
    ).pipe(Effect.mapError(({ cause }) => notServed(port, cause)))
}

const services = Layer.mergeAll(
  terminal.pipe(Layer.provideMerge(NodeServices.layer)),
  // Over `node:http`, and not `fetch`, which holds an upload in memory and gives up an answer that takes five minutes. From Node 24 on it knows
  // the proxies of the environment.
  NodeHttpClient.layerNodeHttpOptions({ keepAlive: true, proxyEnv: env }),
  Layer.provide(Gradio3.layer, sockets),
  Layer.succeed(Device, device),
  Layer.succeed(DemoApp, demo)
)

/** Runs the program, and ends the process with its exit code. */
export const main = (): void => {
  // What a closed pipe says is said to whoever writes; without a listener it would end the process.
  stdout.on("error", () => {})
  stderr.on("error", () => {})
  // The first Ctrl-C cancels on the server; whoever cannot wait for that presses it again.
  let asked = false
  process.on("SIGINT", () => {
    if (asked) {
      stderr.write(device.columns() === undefined ? "" : clear)
      process.exit(codeOf("interrupted"))
    }
    asked = true
  })
  run(process.argv.slice(2), manifest.version).pipe(
    Effect.provide(services),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? Number(exit.value) : failureOf(exit.cause).code)
    })
  )
}
