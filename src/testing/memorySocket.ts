/** WebSockets whose two ends are in one process. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Socket from "effect/socket/Socket"

type Kind = "open" | "message" | "error" | "close"
type Listener = Parameters<Socket.WebSocketLike["addEventListener"]>[1]

const connecting = 0
const opened = 1
const closed = 3

/** Events wait for their first listener: an end may hear of something before anybody listens to it. */
const makeEnd = () => {
  const listeners = new Map<Listener, { readonly kind: Kind; readonly once: boolean }>()
  let unheard: ReadonlyArray<readonly [Kind, Socket.WebSocketEvent]> = []
  const tell = (kind: Kind, event: Socket.WebSocketEvent): void => {
    const own = Array.from(listeners).filter(([, one]) => one.kind === kind)
    if (own.length === 0) unheard = [...unheard, [kind, event]]
    for (const [listener, { once }] of own) {
      if (once) listeners.delete(listener)
      listener(event)
    }
  }
  const add: Socket.WebSocketLike["addEventListener"] = (kind, listener, options) => {
    listeners.set(listener, { kind, once: options?.once === true })
    const waiting = unheard.filter(([one]) => one === kind)
    unheard = unheard.filter(([one]) => one !== kind)
    for (const [, event] of waiting) tell(kind, event)
  }
  const remove: Socket.WebSocketLike["removeEventListener"] = (_, listener) => void listeners.delete(listener)
  return { add, remove, tell }
}

/** Two ends of one connection; the server's is there once `accept` has run. */
const makePair = () => {
  const ends = { client: makeEnd(), server: makeEnd() }
  let state: typeof connecting | typeof opened | typeof closed = connecting
  const close = (code: number, reason: string) => {
    if (state === closed) return
    state = closed
    for (const { tell } of [ends.server, ends.client]) tell("close", { code, reason })
  }
  const like = (own: "client" | "server", other: "client" | "server"): Socket.WebSocketLike => ({
    get readyState() {
      return state
    },
    addEventListener: ends[own].add,
    removeEventListener: ends[own].remove,
    close: (code = 1005, reason = "") => close(code, reason),
    send: (data) => {
      if (state === opened) ends[other].tell("message", { data })
    }
  })
  const server = like("server", "client")
  return {
    client: like("client", "server"),
    accept: Effect.sync(() => {
      if (state === connecting) {
        state = opened
        ends.client.tell("open", {})
      }
      return server
    }),
    /** Ends a connection that is not open: the server wanted none. */
    refuse: Effect.sync(() => {
      if (state === connecting) {
        ends.client.tell("error", {})
        close(1006, "")
      }
    })
  }
}

/** A constructor of clients of the handler, whatever address they ask for. What breaks a connection off closes it with code 1006. */
export const make =
  (
    run: (effect: Effect.Effect<unknown>) => void,
    handler: (
      request: HttpServerRequest.HttpServerRequest,
      upgrade: Effect.Effect<Socket.Socket>
    ) => Effect.Effect<unknown>
  ): Socket.WebSocketConstructor["Service"] =>
  (url, options) => {
    const { accept, client, refuse } = makePair()
    const given = typeof options === "object" && !Array.isArray(options) ? options.headers : undefined
    const request = HttpClientRequest.get(url.replace(/^ws/, "http"), {
      headers: { ...given, connection: "Upgrade", upgrade: "websocket" }
    })
    const upgrade = Socket.fromWebSocket(
      Effect.acquireRelease(accept, (socket, exit) =>
        Effect.sync(() => socket.close(Exit.isSuccess(exit) ? 1000 : 1006))
      )
    )
    run(Effect.ensuring(handler(HttpServerRequest.fromClientRequest(request), upgrade), refuse))
    return client
  }
