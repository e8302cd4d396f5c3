/** The servers of the columns, each started once and ended with the scope. */
import { NodeHttpClient, NodeSocket } from "@effect/platform-node"
import { Context, Effect, Layer, Semaphore } from "effect"
import { HttpClient } from "effect/http"
import { Socket } from "effect/socket"

import * as Gradio3 from "../../src/Gradio3.ts"
import type { Fault } from "../../src/testing/index.ts"
import { startServer } from "../gradio/server.ts"
import { standinMemory, type StandinOptions, standinSocket } from "../standin/app.ts"
import { type Column, isStandin, versionOf } from "./Case.ts"
import { probe } from "./probes.ts"

/** Where a server is and how it is reached. */
export interface Address {
  readonly url: string
  readonly http: HttpClient.HttpClient
  /** What a program provides besides for an app of Gradio 3. */
  readonly sockets?: Layer.Layer<never> | undefined
  /** Looks whether the server lacks what it is said to lack; fails where it does not. For real servers. */
  readonly probe?: ((reason: string) => Effect.Effect<void, unknown, HttpClient.HttpClient>) | undefined
}

/** The two servers of a column. */
export interface Servers {
  readonly plain: Address
  /** Under a path, with room for one waiting call and files of 1,000 bytes, and with every exception shown. */
  readonly strict: Address
}

/** Without the path where the server leaves it to a proxy to take it off: the Starlette of these environments does. */
const strictArgs = (column: Column): ReadonlyArray<string> => [
  ...(["3.50.2", "4.8.0", "4.16.0"].includes(versionOf(column)) ? [] : ["--root-path", "/sub"]),
  // Gradio 3 has one limit for all functions together.
  ...(versionOf(column) === "3.50.2" ? ["--default-concurrency", "1"] : []),
  "--max-size",
  "1",
  "--max-file-size",
  "1000",
  "--show-error"
]
const strictOptions: StandinOptions = { root: "/sub", maxSize: 1, maxFileSize: 1000, showError: true }

/** A transport as programs have it. */
export const undici = Effect.map(Layer.build(NodeHttpClient.layerUndici), Context.get(HttpClient.HttpClient))

/** What a program provides besides for an app of Gradio 3. */
export const sockets = Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)

/** A start takes a core for some seconds, and has a limit of time. */
const starting = Semaphore.makeUnsafe(2)

const real = (column: Column, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    starting.withPermits(1)(Effect.promise(() => startServer({ version: versionOf(column), args }))),
    (server) => Effect.promise(() => server.stop())
  )

/** A stand-in in memory, misbehaving if told so. */
export const inMemory = (options: StandinOptions, faults: ReadonlyArray<Fault.Fault> = []) =>
  Effect.gen(function* () {
    const server = yield* standinMemory(options)
    yield* Effect.forEach(faults, (fault) => server.inject(fault))
    const address: Address = {
      url: `http://gradio.test${options.root ?? ""}`,
      http: server.client,
      sockets: Layer.provide(Gradio3.layer, Layer.succeed(Socket.WebSocketConstructor)(server.webSocket))
    }
    return address
  })

const overSocket = (options: StandinOptions, http: HttpClient.HttpClient) =>
  Effect.map(standinSocket(options), ({ url }): Address => ({
    // The server tells where its socket is; the path is where a proxy would mount it.
    url: `${new URL(url).origin}${options.root ?? ""}`,
    http
  }))

/** Starts both servers of a column. */
export const start = Effect.fnUntraced(function* (column: Column) {
  const version = versionOf(column)
  if (isStandin(column) && column !== "stand-in, socket") {
    const servers: Servers = {
      plain: yield* inMemory({ version }),
      strict: yield* inMemory({ version, ...strictOptions })
    }
    return servers
  }
  const http = yield* undici
  if (column === "stand-in, socket") {
    const servers: Servers = {
      plain: yield* overSocket({}, http),
      strict: yield* overSocket(strictOptions, http)
    }
    return servers
  }
  const [plain, strict] = yield* Effect.all([real(column, []), real(column, strictArgs(column))], { concurrency: 2 })
  const addressOf = ({ url }: { readonly url: string }): Address => ({
    url,
    http,
    sockets,
    probe: (reason) => probe(reason, url)
  })
  const servers: Servers = { plain: addressOf(plain), strict: addressOf(strict) }
  return servers
})
