/** Free ports of this machine. */
import * as net from "node:net"

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.on("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(address === null || typeof address === "string" ? 0 : address.port))
    })
  })

export const freePorts = (): Promise<readonly [number, number]> => Promise.all([freePort(), freePort()])
