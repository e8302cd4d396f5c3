/** Servers that are no Gradio app, or that stand between a client and one: sockets of this machine, closed with the scope. */
import * as http from "node:http"
import * as net from "node:net"

import { Effect } from "effect"

const listening = (server: net.Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (address === null || typeof address === "string") reject(new Error("no port"))
      else resolve(`http://127.0.0.1:${address.port}`)
    })
  })

/** A server of sockets. */
export const sockets = (onSocket: (socket: net.Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const open = new Set<net.Socket>()
      const server = net.createServer((socket) => {
        open.add(socket)
        socket.on("error", () => {}).on("close", () => open.delete(socket))
        onSocket(socket)
      })
      return { url: await listening(server), server, open }
    }),
    ({ open, server }) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            for (const socket of open) socket.destroy()
          })
      )
  ).pipe(Effect.map(({ url }) => url))

/** A server of HTTP answers. */
export const answers = (answer: http.RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = http.createServer(answer)
      return { url: await listening(server), server }
    }),
    ({ server }) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          })
      )
  ).pipe(Effect.map(({ url }) => url))

/**
 * A proxy before an app. `meddle` may answer a request itself, and then says so with `true`; everything else goes through. A body is cut off
 * after `cut` bytes where one is given for its path.
 */
export const proxy = (
  app: string,
  meddle: (request: http.IncomingMessage, response: http.ServerResponse) => boolean,
  cut?: (path: string) => number | undefined
) =>
  answers((request, response) => {
    if (meddle(request, response)) return
    const to = http.request(
      new URL(request.url ?? "/", app),
      { method: request.method ?? "GET", headers: request.headers },
      (from) => {
        response.writeHead(from.statusCode ?? 502, from.headers)
        let left = cut?.(request.url ?? "/") ?? Number.POSITIVE_INFINITY
        from.on("data", (chunk: Buffer) => {
          response.write(chunk.subarray(0, left))
          left -= chunk.byteLength
          if (left <= 0) response.destroy()
        })
        from.on("end", () => response.end())
        from.on("error", () => response.destroy())
      }
    )
    to.on("error", () => response.destroy())
    response.on("close", () => to.destroy())
    request.pipe(to)
  })

/** An address at which nothing listens. */
export const nobody = Effect.scoped(sockets(() => {}))
