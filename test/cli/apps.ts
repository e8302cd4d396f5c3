/** The apps that sessions meet: the demo app of `effect-gradio serve`, and one for each way to fail. */
import * as http from "node:http"

import { Effect } from "effect"

import { serve, serveApp } from "../../examples/demo-app.ts"
import { AppFailure, Component, endpoint, HuggingFace } from "../../src/testing/index.ts"
import { accounts, demo, server, spacesOf } from "../huggingface/app.ts"

const text = (name: string) => Component.textbox({ name, value: "x" })

const failures = [
  endpoint("/shown", {
    inputs: [text("text")],
    outputs: [Component.textbox()],
    run: ([said]) => Effect.fail(new AppFailure({ message: `no such ${said}`, title: "Sorry" }))
  }),
  endpoint("/hidden", {
    inputs: [text("text")],
    outputs: [Component.textbox()],
    run: () => Effect.die(new Error("a secret of the app"))
  }),
  endpoint("/slow", {
    inputs: [text("text")],
    outputs: [Component.textbox()],
    run: () => Effect.never
  }),
  endpoint("/talkative", {
    inputs: [text("text")],
    outputs: [Component.textbox()],
    run: ([said], call) =>
      Effect.gen(function* () {
        yield* call.info(`got ${said}`)
        yield* call.warning("the\u001b[2J terminal is mine", { title: "Careful" })
        return [`\u001b]0;title\u0007${said}`]
      })
  }),
  endpoint("/twice", {
    inputs: [text("x"), text("x")],
    outputs: [Component.textbox()],
    run: ([p, q]) => Effect.succeed([`${p} and ${q}`])
  }),
  endpoint("/two", {
    inputs: [text("text"), Component.number({ name: "times", value: 2 })],
    outputs: [Component.textbox({ label: "text" }), Component.number({ label: "length" })],
    run: ([said, times]) => Effect.succeed([said.repeat(times), said.length * times])
  })
]

/** What is at an address, but that cancelling is never answered. */
const withoutCancel = (url: string) =>
  Effect.acquireRelease(
    Effect.callback<http.Server>((resume) => {
      const server = http.createServer((request, response) => {
        if (request.url?.endsWith("/cancel")) return
        const { headers, method } = request
        request.pipe(
          http.request(new URL(request.url ?? "", url), { headers, method }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
            answer.pipe(response)
          })
        )
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`
    })
  )

/** The addresses of all of them, until the scope closes. */
export const serveAll = Effect.gen(function* () {
  const hub = yield* HuggingFace.make({
    accounts,
    spaces: spacesOf(yield* demo, { builds: "3 seconds", starts: "10 millis" })
  })
  return {
    demo: yield* serve(),
    // Of their own, for what is never cancelled runs on.
    stuck: yield* withoutCancel(yield* serve()),
    stuckToo: yield* withoutCancel(yield* serve()),
    login: yield* serveApp(failures, { auth: { ada: "lovelace" }, authMessage: "Ask Charles for a password." }),
    failing: yield* serveApp(failures),
    full: yield* serveApp(failures, { maxSize: 1 }),
    hub: yield* hub.serve(server)
  }
})
