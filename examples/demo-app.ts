/**
 * The app that the examples call: a Gradio server in TypeScript, on this machine, without Python. A real app with these endpoints does as well.
 *
 * `effect-gradio serve` is this app too, so that it is a part of the program that is shipped.
 *
 *     npm run demo:app     serves it until Ctrl-C and prints its address; PORT=7860 chooses the port
 */
import { createServer } from "node:http"

import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Schedule, Stream } from "effect"
import {
  AppFailure,
  Component,
  type Endpoint,
  endpoint,
  generator,
  GradioServer,
  inputStream
} from "effect-gradio/testing"

const number = (name: string, value: number) => Component.number({ name, value })
const text = (name: string, value?: string) => Component.textbox({ name, value })
const words = Component.state<ReadonlyArray<string>>([])

const endpoints = [
  endpoint("/add", {
    inputs: [
      number("a", 1),
      Component.radio({ name: "op", choices: ["add", "subtract"], value: "add" }),
      number("b", 1)
    ],
    outputs: [Component.number()],
    run: ([a, op, b]) => Effect.succeed([op === "add" ? a + b : a - b])
  }),
  generator("/progress_generator", {
    inputs: [number("n", 3)],
    outputs: [Component.textbox()],
    run: ([n], call) =>
      Stream.range(0, n - 1).pipe(
        Stream.tap((i) => call.progress(i / n, `before ${i}`)),
        Stream.mapEffect((i) => Effect.delay(Effect.succeed([String(i)]), "200 millis"))
      )
  }),
  generator("/grow", {
    inputs: [number("n", 4)],
    outputs: [Component.textbox()],
    run: ([n]) => Stream.map(Stream.range(1, n), (i) => [[...Array(i).keys()].map((j) => `token${j} `).join("")])
  }),
  endpoint("/file_io", {
    inputs: [Component.file({ name: "value" })],
    outputs: [Component.file()],
    run: ([file]) => Effect.as(Console.log(`  [app] got ${file?.name}, ${file?.size} bytes`), [file])
  }),
  endpoint("/make_files", {
    inputs: [number("n", 2)],
    outputs: [Component.files()],
    run: ([n], { files }) =>
      Effect.map(
        Effect.forEach([...Array(n).keys()], (i) => files.make(`file ${i}.txt`, `content ${i}`)),
        (made) => [made]
      )
  }),
  endpoint("/error", {
    inputs: [text("text", "bad thing")],
    outputs: [Component.textbox()],
    run: ([message]) => Effect.fail(new AppFailure({ message }))
  }),
  generator("/endless", {
    inputs: [text("tag", "endless")],
    outputs: [Component.textbox()],
    run: ([tag]) =>
      Stream.fromSchedule(Schedule.spaced("100 millis")).pipe(
        Stream.map((i) => [String(i)]),
        Stream.onExit(() => Console.log(`  [app] ${tag} has ended`))
      )
  }),
  endpoint("/counter", {
    inputs: [text("word"), words],
    outputs: [Component.number(), words],
    run: ([word, before]) => Effect.succeed([before.filter((one) => one === word).length, [...before, word]])
  }),
  inputStream("/stream_short", {
    inputs: [Component.file({ name: "sound" }), text("tag")],
    outputs: [Component.textbox()],
    streamEvery: 0.05,
    run: ([sound, tag]) => Effect.succeed([`${tag} of ${sound?.size ?? 0} bytes`])
  })
]

/** Serves an app until the scope closes; gives its address. */
export const serveApp = Effect.fn(function* (
  functions: ReadonlyArray<Endpoint<never>>,
  options: Partial<GradioServer.Options<never>> & { readonly port?: number | undefined } = {}
) {
  const { port = 0, ...rest } = options
  const node = createServer()
  const services = yield* Layer.build(NodeHttpServer.layer(() => node, { port, host: "127.0.0.1" }))
  const server = yield* GradioServer.make({ title: "Demo", ...rest, endpoints: functions })
  return yield* Effect.provideContext(GradioServer.serve(server), services)
})

/** Serves the demo app. */
export const serve = (options?: Parameters<typeof serveApp>[1]) => serveApp(endpoints, options)

if (import.meta.main) {
  NodeRuntime.runMain(
    Config.Port("PORT").pipe(
      Config.withDefault(0),
      Effect.flatMap((port) => serve({ port })),
      Effect.flatMap((url) => Console.log(`${url} (Ctrl-C ends it)`)),
      Effect.andThen(Effect.never),
      Effect.scoped
    )
  )
}
