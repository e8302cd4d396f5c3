/** This library, the built package, used as its README says. */
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Stream } from "effect"

import type * as Library from "../../src/index.ts"
import { checkSingle, echoAnswer, echoInput, stepsCheck, textCheck, WrongAnswerError } from "../answers.ts"
import type { BenchClient, Session } from "./client.ts"

// Types from the source and values from the package: so the compiler needs no build, and what runs is what users run.
const packageName: string = "effect-gradio"
const { GradioClient, GradioFile } = (await import(packageName)) as typeof Library

const numbers = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

export const client: BenchClient = {
  async connect(url): Promise<Session> {
    const runtime = ManagedRuntime.make(
      GradioClient.layer(url).pipe(Layer.provideMerge(Layer.mergeAll(NodeHttpClient.layerUndici, NodeServices.layer)))
    )
    const app = await runtime.runPromise(Effect.service(GradioClient.GradioClient))
    const checked = (name: string, call: number) => {
      const input = echoInput(call)
      return Effect.map(app.predict(name, [input]), (output) => checkSingle(output, echoAnswer(input)))
    }
    return {
      predictInTurn: (calls) =>
        runtime.runPromise(Effect.forEach(numbers(calls), (call) => checked("/echo", call), { discard: true })),
      predictTogether: (calls, inFlight) =>
        runtime.runPromise(
          Effect.forEach(numbers(calls), (call) => checked("/work", call), { concurrency: inFlight, discard: true })
        ),
      async generator(steps) {
        const check = stepsCheck(steps)
        await runtime.runPromise(
          Stream.runForEach(app.stream("/count", [steps]), (output) => Effect.sync(() => check.see(output)))
        )
        check.end()
      },
      async longText(pieces) {
        const check = textCheck(pieces)
        await runtime.runPromise(
          Stream.runForEach(app.stream("/write", [pieces]), (output) => Effect.sync(() => check.see(output)))
        )
        check.end()
      },
      jobsAtOnce: (jobs) =>
        runtime.runPromise(
          Effect.forEach(
            numbers(jobs),
            Effect.fnUntraced(function* (number: number) {
              const input = echoInput(number)
              const job = yield* app.submit("/gather", [input, jobs])
              checkSingle(yield* job.result, echoAnswer(input))
            }, Effect.scoped),
            { concurrency: "unbounded", discard: true }
          )
        ),
      upload: (path) =>
        runtime.runPromise(
          Effect.gen(function* () {
            const file = yield* GradioFile.fromPath(path)
            const [answer] = yield* app.predict("/inspect", [file])
            return String(answer)
          })
        ),
      download: (directory) =>
        runtime.runPromise(
          Effect.gen(function* () {
            const output = yield* app.predict("/large_file")
            const [file] = GradioFile.all(output)
            if (file === undefined) return yield* Effect.die(new WrongAnswerError("the output is no file"))
            return yield* GradioFile.save(file, directory, { overwrite: true })
          })
        ),
      close: () => runtime.dispose()
    }
  }
}
