/** WebSockets without a network: a test is the server of each that is opened. */
import { Effect, Queue } from "effect"
import type { Socket } from "effect/socket"

type Kind = "open" | "message" | "error" | "close"
type Listener = (event: Socket.WebSocketEvent) => void

/** What a server has of a socket. */
export interface Accepted {
  readonly url: string
  readonly headers: Readonly<Record<string, string>> | undefined
  /** What the client said and has not been read. */
  readonly said: Queue.Queue<unknown>
  readonly say: (...messages: ReadonlyArray<unknown>) => void
  readonly close: (code: number, reason?: string) => void
  readonly breakOff: () => void
  /** The code that the client closed it with. */
  closedWith: number | undefined
}

export interface Sockets {
  readonly constructor: Socket.WebSocketConstructor["Service"]
  /** The next socket that is opened. */
  readonly next: Effect.Effect<Accepted>
  /** How many are open. */
  readonly open: () => number
}

export interface SocketsOptions {
  /** Handshakes that are refused, from the first on. */
  readonly refused?: number | undefined
  /** As in browsers, a program can say no headers. */
  readonly headless?: boolean | undefined
}

class FakeSocket {
  readonly readyState = 0
  readonly listeners = new Map<Kind, Set<Listener>>()
  readonly onSend: (data: string | Uint8Array) => void
  readonly onClose: (code: number) => void

  constructor(onSend: (data: string | Uint8Array) => void, onClose: (code: number) => void) {
    this.onSend = onSend
    this.onClose = onClose
  }
  addEventListener(kind: Kind, listener: Listener): void {
    const known = this.listeners.get(kind) ?? new Set()
    this.listeners.set(kind, known)
    known.add(listener)
  }
  removeEventListener(kind: Kind, listener: Listener): void {
    this.listeners.get(kind)?.delete(listener)
  }
  close(code = 1005): void {
    this.onClose(code)
  }
  send(data: string | Uint8Array): void {
    this.onSend(data)
  }
  tell(kind: Kind, event: Socket.WebSocketEvent = {}): void {
    for (const listener of Array.from(this.listeners.get(kind) ?? [])) listener(event)
  }
}

export const makeSockets = (options: SocketsOptions = {}): Effect.Effect<Sockets> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<never>()
    const accepted = yield* Queue.unbounded<Accepted>()
    let toRefuse = options.refused ?? 0
    let open = 0
    return {
      next: Queue.take(accepted),
      open: () => open,
      constructor: (url, given) => {
        const headers = typeof given === "object" && !Array.isArray(given) ? given.headers : undefined
        if (options.headless === true && headers !== undefined) throw new TypeError("no options here")
        const said = Effect.runSyncWith(services)(Queue.unbounded<unknown>())
        let isOpen = false
        const gone = () => {
          if (isOpen) open--
          isOpen = false
        }
        const socket = new FakeSocket(
          (data) => void Queue.offerUnsafe(said, JSON.parse(String(data))),
          (code) => {
            if (isOpen) server.closedWith = code
            gone()
          }
        )
        const server: Accepted = {
          url,
          headers,
          said,
          say: (...messages) => {
            for (const message of messages)
              socket.tell("message", { data: typeof message === "string" ? message : JSON.stringify(message) })
          },
          close: (code, reason) => {
            gone()
            socket.tell("close", reason === undefined ? { code } : { code, reason })
          },
          breakOff: () => {
            gone()
            socket.tell("error", {})
          },
          closedWith: undefined
        }
        queueMicrotask(() => {
          if (toRefuse > 0) {
            toRefuse--
            socket.tell("error", {})
            return
          }
          isOpen = true
          open++
          socket.tell("open")
          Queue.offerUnsafe(accepted, server)
        })
        return socket
      }
    }
  })
