/** The recipes of `examples/networks`, each through the network that it is for. */
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { serve } from "../../examples/demo-app.ts"
import { prepareProgram } from "../debian/programs.ts"
import { makeCertificate } from "./certificates.ts"
import { startForwardProxy } from "./forwardProxy.ts"
import { startNginx } from "./nginx.ts"

const missing = await prepareProgram("nginx").then(
  () => undefined,
  (error: unknown) => (error instanceof Error ? error.message : String(error))
)

const examples = path.join(import.meta.dirname, "..", "..", "examples")

/** As its reader runs it: in a process of its own. */
const run = (file: string, env: Readonly<Record<string, string>>) =>
  Effect.promise((signal) =>
    promisify(execFile)(
      process.execPath,
      ["--import", path.join(examples, "fromSource.ts"), path.join(examples, "networks", file)],
      { env: { ...process.env, ...env }, signal }
    ).then(
      ({ stderr, stdout }) => ({ stderr, stdout }),
      ({ stderr, stdout }) => ({ stderr: String(stderr), stdout: String(stdout) })
    )
  )

const app = Effect.map(serve(), (url) => new URL(url).host)

const nginx = (http: Parameters<typeof startNginx>[0]) =>
  Effect.acquireRelease(
    Effect.promise(() => startNginx(http)),
    (proxy) => Effect.promise(() => proxy.stop())
  )

const certificates = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-recipes-"))),
    (made) => Effect.sync(() => fs.rmSync(made, { recursive: true }))
  )
  return yield* Effect.promise(() =>
    Promise.all([makeCertificate(directory, "server"), makeCertificate(directory, "client")])
  )
})

/** nginx with TLS, which wants a certificate of its clients where told so. */
const tls = Effect.fnUntraced(function* (mutual: boolean) {
  const host = yield* app
  const [server, client] = yield* certificates
  const { log, ports } = yield* nginx(
    ([port]) => `server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${server.certFile};
      ssl_certificate_key ${server.keyFile};
      ${mutual ? `ssl_client_certificate ${client.certFile}; ssl_verify_client on;` : ""}
      location / { proxy_pass http://${host}; }
    }`
  )
  return { url: `https://127.0.0.1:${ports[0]}`, server, client, requests: Effect.promise(log) }
})

const result = { stdout: "[ 9 ]\n", stderr: "" }

describe("recipes", () => {
  it.skipIf(missing !== undefined && process.env["CI"] === undefined)("have an nginx", () => {
    if (missing !== undefined) throw new Error(`no nginx: ${missing}`)
  })

  if (missing !== undefined) return

  it.live("customCa.ts trusts the certificate that it was given, and no other", () =>
    Effect.gen(function* () {
      const { client, requests, server, url } = yield* tls(false)
      assert.deepStrictEqual(yield* run("customCa.ts", { GRADIO_URL: url, CA_FILE: server.certFile }), result)
      assert.isAbove((yield* requests).length, 3)
      const { stdout } = yield* run("customCa.ts", { GRADIO_URL: url, CA_FILE: client.certFile })
      assert.include(stdout, "its certificate is self-signed")
    }).pipe(Effect.scoped)
  )

  it.live("withoutVerification.ts trusts any certificate", () =>
    Effect.gen(function* () {
      const { url } = yield* tls(false)
      assert.deepStrictEqual(yield* run("withoutVerification.ts", { GRADIO_URL: url }), result)
    }).pipe(Effect.scoped)
  )

  it.live("mutualTls.ts shows its own certificate, without which it gets nothing", () =>
    Effect.gen(function* () {
      const { client, server, url } = yield* tls(true)
      const env = { GRADIO_URL: url, CA_FILE: server.certFile }
      const own = { CLIENT_CERT_FILE: client.certFile, CLIENT_KEY_FILE: client.keyFile }
      assert.deepStrictEqual(yield* run("mutualTls.ts", { ...env, ...own }), result)
      const { stdout } = yield* run("customCa.ts", env)
      assert.include(stdout, "No required SSL certificate was sent")
    }).pipe(Effect.scoped)
  )

  it.live("proxy.ts goes through the proxy", () =>
    Effect.gen(function* () {
      const [host = "", port] = (yield* app).split(":")
      const proxy = yield* Effect.acquireRelease(
        Effect.promise(() => startForwardProxy("me:s3cret", () => ({ host, port: Number(port) }))),
        (started) => Effect.promise(() => started.stop())
      )
      // A name that only the proxy knows.
      const env = { GRADIO_URL: "http://app.test", PROXY_URL: `http://127.0.0.1:${proxy.port}` }
      assert.deepStrictEqual(yield* run("proxy.ts", { ...env, PROXY_PASSWORD: "s3cret" }), result)
      const log = yield* Effect.promise(proxy.log)
      assert.include(log, "POST http://app.test/gradio_api/queue/join 200")
      const { stdout } = yield* run("proxy.ts", { ...env, PROXY_PASSWORD: "wr0ng" })
      assert.include(stdout, "the proxy before it wants a user name and a password, or others (407)")
      assert.notInclude(stdout, "wr0ng")
    }).pipe(Effect.scoped)
  )

  it.live("basicAuth.ts sends the password that the server wants", () =>
    Effect.gen(function* () {
      const host = yield* app
      const { ports } = yield* nginx(([port], directory) => {
        const users = path.join(directory, "users")
        fs.writeFileSync(users, "me:{PLAIN}s3cret\n")
        return `server {
          listen 127.0.0.1:${port};
          auth_basic app;
          auth_basic_user_file ${users};
          location / { proxy_pass http://${host}; }
        }`
      })
      const env = { GRADIO_URL: `http://127.0.0.1:${ports[0]}` }
      assert.deepStrictEqual(yield* run("basicAuth.ts", { ...env, PASSWORD: "s3cret" }), result)
      const { stdout } = yield* run("basicAuth.ts", { ...env, PASSWORD: "wr0ng" })
      assert.include(stdout, "AuthenticationError")
      assert.notInclude(stdout, "wr0ng")
    }).pipe(Effect.scoped)
  )

  it.live("allowedHosts.ts asks no other host", () =>
    Effect.gen(function* () {
      const { stderr, stdout } = yield* run("allowedHosts.ts", { GRADIO_URL: `http://${yield* app}` })
      const [sum, refused] = stdout.trimEnd().split("\n")
      assert.deepStrictEqual([sum, stderr], ["[ 9 ]", ""])
      assert.include(refused ?? "", "files.example is not on the list of hosts")
    }).pipe(Effect.scoped)
  )

  it("every recipe is run, and in the list", () => {
    const files = fs.readdirSync(path.join(examples, "networks")).filter((file) => file.endsWith(".ts"))
    const readme = fs.readFileSync(path.join(examples, "networks", "README.md"), "utf8")
    const tests = fs.readFileSync(import.meta.filename, "utf8")
    for (const file of files) {
      assert.include(readme, `[${file}](${file})`)
      assert.include(tests, `run("${file}"`)
    }
  })
})
