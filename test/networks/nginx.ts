/** An nginx of its own for each arrangement: one process, in a folder that goes with it, with a log of what went through. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs/promises"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { prepareProgram } from "../debian/programs.ts"
import { freePorts } from "../gradio/ports.ts"

export interface Proxy {
  /** The two ports that it may listen on. */
  readonly ports: readonly [number, number]
  /** One line for each request that it answered: method, path, status, where it went. */
  readonly log: () => Promise<ReadonlyArray<string>>
  /** Takes it away. */
  readonly stop: () => Promise<void>
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1")
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false))
    socket.on("connect", () => socket.destroy())
  })

const configuration = (directory: string, http: string): string => `
daemon off;
master_process off;
pid ${directory}/pid;
error_log ${directory}/error.log;
events { worker_connections 512; }
http {
  log_format line '$request_method $uri $status $upstream_addr';
  access_log ${directory}/access.log line;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  client_max_body_size 100m;
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
${http}
}
`

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  await ended
}

/** Starts one; `http` is what stands in its `http` block, over two ports and a folder for what it needs. */
export const startNginx = async (
  http: (ports: readonly [number, number], directory: string) => string | Promise<string>
): Promise<Proxy> => {
  const program = await prepareProgram("nginx")
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "effect-gradio-nginx-"))
  const ports = await freePorts()
  const file = path.join(directory, "nginx.conf")
  await fs.writeFile(file, configuration(directory, await http(ports, directory)))
  const child = spawn(program.path, ["-p", directory, "-c", file], {
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "ignore", "pipe"]
  })
  let said = ""
  child.stderr.on("data", (chunk) => (said += String(chunk)))
  child.on("error", (error) => (said += error.message))
  // None is left where the tests are ended.
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  for (let tries = 0; !(await listens(ports[0])); tries++) {
    if (tries === 200 || child.exitCode !== null) throw new Error(`nginx did not start: ${said}`)
    await sleep(25)
  }
  return {
    ports,
    log: async () => (await fs.readFile(path.join(directory, "access.log"), "utf8")).trim().split("\n"),
    stop: async () => {
      await end(child)
      process.off("exit", kill)
      await fs.rm(directory, { recursive: true, force: true })
    }
  }
}
