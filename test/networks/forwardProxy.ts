/** A proxy that programs send their requests to, and that wants a password: requests with a whole URL (RFC 9112, 3.2.2), and tunnels (CONNECT). */
import { once } from "node:events"
import * as http from "node:http"
import * as net from "node:net"

export interface ForwardProxy {
  readonly port: number
  /** One line for each request and for each tunnel. */
  readonly log: () => Promise<ReadonlyArray<string>>
  readonly stop: () => Promise<void>
}

/** `resolve` gives the address of a name: where it knows none, the name itself. */
export const startForwardProxy = async (
  credentials: string,
  resolve: (host: string) => { readonly host: string; readonly port: number }
): Promise<ForwardProxy> => {
  const lines: Array<string> = []
  const sockets = new Set<net.Socket>()
  const allowed = (request: http.IncomingMessage): boolean =>
    request.headers["proxy-authorization"] === `Basic ${Buffer.from(credentials).toString("base64")}`
  const log = (request: http.IncomingMessage, status: number) =>
    lines.push(`${request.method} ${request.url?.split("?")[0]} ${status}`)

  const server = http.createServer((request, response) => {
    if (!allowed(request)) {
      log(request, 407)
      response.writeHead(407, { "proxy-authenticate": 'Basic realm="proxy"' }).end("proxy login wanted")
      return
    }
    const url = new URL(request.url ?? "")
    const { "proxy-authorization": _, ...headers } = request.headers
    const onward = http.request(
      { ...resolve(url.host), path: url.pathname + url.search, method: request.method, headers },
      (answer) => {
        log(request, answer.statusCode ?? 0)
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
        answer.on("error", () => response.destroy())
      }
    )
    onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
    response.on("close", () => onward.destroy())
    request.pipe(onward)
  })
  server.on("connect", (request, socket, head) => {
    log(request, allowed(request) ? 200 : 407)
    if (!allowed(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="proxy"\r\n\r\n')
      return
    }
    const onward = net.connect(resolve(request.url ?? ""), () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    sockets.add(onward)
    onward.on("error", () => socket.destroy()).on("close", () => socket.destroy())
    socket.on("error", () => onward.destroy()).on("close", () => onward.destroy())
  })
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  return {
    port: address === null || typeof address === "string" ? 0 : address.port,
    log: () => Promise.resolve([...lines]),
    stop: async () => {
      const closed = once(server, "close")
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
