/** What stands between a program and a real Gradio app, each piece of it started for one row of the table. */
import { ProxyAgent } from "@effect/platform-node/Undici"
import { Effect, type Scope } from "effect"
import type { HttpClient } from "effect/http"

import { makeCertificate } from "./certificates.ts"
import { overDispatcher, resolving } from "./clients.ts"
import { startForwardProxy } from "./forwardProxy.ts"
import { type Proxy, startNginx } from "./nginx.ts"

/** The hosts of the servers, `127.0.0.1:<port>`. */
export interface Hosts {
  /** With a login. */
  readonly plain: string
  readonly replica: string
  /** With `root_path="/app"`. */
  readonly rooted: string
  /** Below `/apps/fixture` of a FastAPI application. */
  readonly mounted: string
  /** Gradio 4.44.1. */
  readonly old: string
  /** Two without a login. */
  readonly open: readonly [string, string]
}

/** An arrangement that is up. */
export interface Reach {
  readonly url: string
  readonly http: HttpClient.HttpClient
  readonly proxy: Pick<Proxy, "log" | "stop">
}

export interface Arrangement {
  readonly title: string
  readonly start: (hosts: Hosts) => Effect.Effect<Reach, never, Scope.Scope>
}

type Http = Parameters<typeof startNginx>[0]

const nginx = (http: Http) =>
  Effect.acquireRelease(
    Effect.promise(() => startNginx(http)),
    (proxy) => Effect.promise(() => proxy.stop())
  )

/** An nginx with one server over http; `http` stands in front of it, `server` in it. */
const overHttp = (path: string, server: string, http = "") =>
  Effect.gen(function* () {
    const proxy = yield* nginx(([port]) => `${http} server { listen 127.0.0.1:${port}; ${server} }`)
    const reach: Reach = { url: `http://app.test${path}`, http: yield* resolving(proxy.ports), proxy }
    return reach
  })

const to = (host: string, more = "") => `location / { proxy_pass http://${host}; ${more} }`

/** With TLS on its second port, to which the first redirects; `trusted`: the client knows the certificate. */
export const overTls = (url: string, host: string, trusted = true) =>
  Effect.gen(function* () {
    let cert = ""
    const proxy = yield* nginx(async ([plain, tls], directory) => {
      const made = await makeCertificate(directory, "app.test")
      cert = made.cert
      return `
        server { listen 127.0.0.1:${plain}; return 301 https://$host$request_uri; }
        server {
          listen 127.0.0.1:${tls} ssl;
          ssl_certificate ${made.certFile};
          ssl_certificate_key ${made.keyFile};
          ${to(host)}
        }`
    })
    const reach: Reach = { url, http: yield* resolving(proxy.ports, trusted ? cert : undefined), proxy }
    return reach
  })

/** Each new client gets one of two servers, and stays with it by a cookie. */
const sticky = ([first, second]: readonly [string, string]) =>
  overHttp(
    "",
    "location / { proxy_pass http://$chosen; add_header Set-Cookie replica=$chosen always; }",
    `upstream first { server ${first}; }
     upstream second { server ${second}; }
     split_clients $request_id $fresh { 50% first; * second; }
     map $cookie_replica $chosen { first first; second second; default $fresh; }`
  )

/** Each request goes to the next of two servers. */
export const roundRobin = ([first, second]: readonly [string, string]) =>
  overHttp("", to("replicas"), `upstream replicas { server ${first}; server ${second}; }`)

const below = (path: string, host: string) => `location ${path}/ { proxy_pass http://${host}/; }`

export const proxyCredentials = "pro xy:s3cret"

/** Requests through a forward proxy; `tunnel`: as a tunnel through which TLS could go as well. */
export const forward = (host: string, tunnel: boolean, credentials = proxyCredentials) =>
  Effect.gen(function* () {
    const [name = "", port] = host.split(":")
    const proxy = yield* Effect.acquireRelease(
      Effect.promise(() => startForwardProxy(proxyCredentials, () => ({ host: name, port: Number(port) }))),
      (started) => Effect.promise(() => started.stop())
    )
    const token = `Basic ${Buffer.from(credentials).toString("base64")}`
    const uri = `http://127.0.0.1:${proxy.port}`
    const http = yield* overDispatcher(() => new ProxyAgent({ uri, token, proxyTunnel: tunnel }))
    const reach: Reach = { url: "http://app.test", http, proxy }
    return reach
  })

export const redirected: Arrangement = {
  title: "http redirected to https",
  start: ({ plain }) => overTls("http://app.test", plain)
}

/** As nginx is without a word about it: it keeps pieces of an answer of HTTP/1.0 until a buffer is full. */
export const buffering: Arrangement = {
  title: "response buffering on",
  start: ({ plain }) => overHttp("", to(plain, "proxy_buffering on; proxy_http_version 1.0;"))
}

export const smallBodies: Arrangement = {
  title: "bodies of 1 MB at most",
  start: ({ plain }) => overHttp("", to(plain, "client_max_body_size 1m;"))
}

export const impatient: Arrangement = {
  title: "read timeout of 5 s",
  start: ({ plain }) => overHttp("", to(plain, "proxy_read_timeout 5s;"))
}

export const arrangements: ReadonlyArray<Arrangement> = [
  { title: "sub-path, no root_path", start: ({ plain }) => overHttp("/app", below("/app", plain)) },
  { title: "sub-path, root_path", start: ({ rooted }) => overHttp("/app", below("/app", rooted)) },
  { title: "sub-path, no root_path, Gradio 4.44.1", start: ({ old }) => overHttp("/app", below("/app", old)) },
  { title: "mounted in FastAPI below a path", start: ({ mounted }) => overHttp("/apps/fixture", to(mounted)) },
  { title: "https, self-signed, certificate given", start: ({ plain }) => overTls("https://app.test", plain) },
  { title: "https, Gradio 4.44.1", start: ({ old }) => overTls("https://app.test", old) },
  redirected,
  { title: "two replicas, sticky cookies", start: ({ plain, replica }) => sticky([plain, replica]) },
  buffering,
  smallBodies,
  impatient,
  { title: "forward proxy with a password", start: ({ plain }) => forward(plain, false) },
  { title: "forward proxy, tunnels", start: ({ plain }) => forward(plain, true) }
]
