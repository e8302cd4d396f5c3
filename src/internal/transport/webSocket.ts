/**
 * A WebSocket to an app. Its handshake carries what every request to the app carries, as far as the platform lets a program say it: a browser sends
 * the page's own cookies with it, and no header of a program.
 */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"

import { handshake, type Link } from "./link.ts"

/** Makes the sockets of a platform. */
export type Constructor = Socket.WebSocketConstructor["Service"]

/** Why a socket did not open, or how it ended. */
export interface SocketFault {
  /** Of one that was closed. */
  readonly code: number | undefined
  readonly problem: string
  readonly cause: unknown
}

export interface WebSocket {
  /** The messages as they come, in order; fails with how the socket ended. */
  readonly pull: Effect.Effect<Arr.NonEmptyReadonlyArray<string>, SocketFault>
  readonly send: (json: unknown) => Effect.Effect<void, SocketFault>
}

/** Headers that an app does without as well. */
const dispensable = new Set(["x-gradio-user"])

const construct = (
  make: Constructor,
  { headers, url }: HttpClientRequest.HttpClientRequest
): Effect.Effect<Socket.WebSocketLike, Socket.SocketError> =>
  Effect.try({
    try: () => {
      const address = url.replace(/^http/, "ws")
      try {
        return make(address, { headers })
      } catch (cause) {
        if (Object.keys(headers).some((name) => !dispensable.has(name))) throw cause
        return make(address)
      }
    },
    catch: (cause) => Socket.SocketError.make({ reason: Socket.SocketOpenError.make({ kind: "Unknown", cause }) })
  })

/** An event of the platform holds the whole socket, its address with it. */
const errorIn = (cause: unknown): unknown =>
  cause instanceof Error ? cause : Predicate.hasProperty(cause, "error") ? cause.error : undefined

const faultOf = ({ message, reason }: Socket.SocketError): SocketFault => {
  switch (reason._tag) {
    case "SocketOpenError": {
      const cause = errorIn(reason.cause)
      const problem = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : ""
      return { code: undefined, problem: `its WebSocket was not opened${problem}`, cause }
    }
    case "SocketCloseError":
      return { code: reason.code, problem: reason.closeReason ?? "", cause: undefined }
    default:
      return { code: undefined, problem: message, cause: errorIn(reason.cause) }
  }
}

/** Opens a socket at an http address; it is closed, with 1000, when the scope ends. */
export const open = (
  make: Constructor,
  link: Link,
  url: string,
  headers: Readonly<Record<string, string>>
): Effect.Effect<WebSocket, SocketFault, Scope.Scope> =>
  Effect.gen(function* () {
    const request = yield* Effect.mapError(
      handshake(link, HttpClientRequest.get(url, { headers })),
      (cause): SocketFault => ({ code: undefined, problem: cause.message, cause })
    )
    const socket = yield* Socket.fromWebSocket(
      Effect.acquireRelease(construct(make, request), (opened) => Effect.sync(() => opened.close(1000))),
      { openTimeout: link.limits.answerTimeout }
    )
    const pull = yield* Effect.mapError(Socket.readerString(socket), faultOf)
    const writer = yield* socket.writer
    return {
      pull: Effect.mapError(pull, faultOf),
      send: (json) => Effect.mapError(writer.write(JSON.stringify(json)), faultOf)
    }
  })
