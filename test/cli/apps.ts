/** The apps that sessions meet: the demo app of `effect-gradio serve`, and one for each way to fail. */
import * as http from "node:http"

import { Effect, Stream } from "effect"

import { serve, serveApp } from "../../examples/demo-app.ts"
import { AppFailure, Component, endpoint, generator, HuggingFace } from "../../src/testing/index.ts"
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
  endpoint("/pictures", {
    inputs: [],
    outputs: [Component.textbox({ label: "text" }), Component.files({ label: "files" })],
    run: (_, { files }) =>
      Effect.map(
        Effect.forEach(["first.txt", "held.txt", "gone.txt", "last.txt"], (name) =>
          files.make(name, "content of a file")
        ),
        (made) => ["What was asked for.", made] as const
      )
  }),
  generator("/sound", {
    inputs: [],
    outputs: [Component.textbox({ label: "said" }), Component.streamedAudio({ label: "sound" })],
    run: () => Stream.map(Stream.range(1, 3), (i) => [`word ${i}`, new TextEncoder().encode(`part ${i};`)] as const)
  }),
  endpoint("/two", {
    inputs: [text("text"), Component.number({ name: "times", value: 2 })],
    outputs: [Component.textbox({ label: "text" }), Component.number({ label: "length" })],
    run: ([said, times]) => Effect.succeed([said.repeat(times), said.length * times])
  })
]

/** Answers a request itself, or says that it does not. */
type Instead = (path: string, response: http.ServerResponse) => boolean

/** What is at an address, but for some requests. */
const except = (url: string, instead: Instead) =>
  Effect.acquireRelease(
    Effect.callback<http.Server>((resume) => {
      const server = http.createServer((request, response) => {
        if (instead(decodeURIComponent(request.url ?? ""), response)) return
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

/** Cancelling is never answered. */
const withoutCancel: Instead = (path) => path.endsWith("/cancel")

/** A file that is gone when it is asked for. */
const withoutFile: Instead = (path, response) => {
  if (!path.endsWith("gone.txt")) return false
  response.writeHead(404).end("not there")
  return true
}

/** A file of which no more than the beginning comes. */
const withPartOfFile: Instead = (path, response) => {
  if (!path.endsWith("held.txt")) return false
  response.writeHead(200, { "content-length": "17" }).write("content")
  return true
}

/** The addresses of all of them, until the scope closes. */
export const serveAll = Effect.gen(function* () {
  const hub = yield* HuggingFace.make({
    accounts,
    spaces: spacesOf(yield* demo, { builds: "3 seconds", starts: "10 millis" })
  })
  const failing = yield* serveApp(failures)
  return {
    demo: yield* serve(),
    // Of their own, for what is never cancelled runs on.
    stuck: yield* except(yield* serve(), withoutCancel),
    stuckToo: yield* except(yield* serve(), withoutCancel),
    login: yield* serveApp(failures, { auth: { ada: "lovelace" }, authMessage: "Ask Charles for a password." }),
    failing,
    forgetful: yield* except(failing, withoutFile),
    slow: yield* except(failing, withPartOfFile),
    full: yield* serveApp(failures, { maxSize: 1 }),
    hub: yield* hub.serve(server)
  }
})
