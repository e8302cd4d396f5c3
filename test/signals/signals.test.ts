/**
 * Signals to Gradio 6.31.0 while a generator, a download and 100 jobs run on one connection: what each ends with and after how long, and that the same
 * connection goes on once the server is there again.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, Result, Stream } from "effect"

import { GradioClient, GradioFile, isGradioError } from "../../src/index.ts"
import { prepareEnvironment } from "../gradio/environments.ts"
import { type Server, startServer } from "../gradio/server.ts"

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Nothing may take longer; what does hangs. */
const limit = "40 seconds"
const jobs = 100
const mebibytes = 256

/** A server that hangs is given up soon; one that ends says so by itself, and the defaults do. */
const optionsFor = (signal: NodeJS.Signals): GradioClient.ConnectOptions =>
  signal === "SIGSTOP" ? { silence: "8 seconds", answerTimeout: "8 seconds", retry: "none" } : { retry: "none" }

interface Ended {
  readonly work: string
  /** The tag and what tells its kinds apart, `success`, or `HANGS`. */
  readonly as: string
  readonly after: number
}

const nameOf = (error: unknown): string => {
  if (!isGradioError(error)) return `a failure that is none of ours: ${String(error)}`
  const kind = error._tag === "JobDisconnectedError" || error._tag === "GradioFileError" ? ` ${error.reason}` : ""
  return `${error._tag}${kind}, ${error.reached}, ${error.mayHaveRun ? "may have run" : "did not run"}, ${error.isTransient ? "transient" : "lasting"}`
}

/** How a work ends, counted from the signal. */
const endOf = <A, E, R>(work: string, signalled: { at: number }, effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.result,
    Effect.timeoutOption(limit),
    Effect.map((ended): Ended => ({
      work,
      as: Option.isNone(ended) ? "HANGS" : Result.isSuccess(ended.value) ? "success" : nameOf(ended.value.failure),
      after: Date.now() - signalled.at
    }))
  )

/** 256 MiB, read slowly enough that the signal comes in the middle. */
const download = (client: GradioClient.GradioClient, begun: Deferred.Deferred<void>) =>
  Effect.gen(function* () {
    const [file] = GradioFile.all(yield* client.predict("/big_file", [mebibytes]))
    if (file === undefined) return yield* Effect.die("no file")
    let received = 0
    return yield* file.stream.pipe(
      Stream.runForEachArray((chunks) =>
        Effect.suspend(() => {
          for (const chunk of chunks) received += chunk.byteLength
          return received > 1024 * 1024
            ? Effect.andThen(Deferred.succeed(begun, undefined), Effect.sleep("5 millis"))
            : Effect.void
        })
      )
    )
  })

const table = (ended: ReadonlyArray<Ended>): void => {
  const groups = new Map<string, Array<number>>()
  for (const { after, as, work } of ended)
    groups.set(`${work}: ${as}`, [...(groups.get(`${work}: ${as}`) ?? []), after])
  for (const [what, times] of groups) {
    const [first, last] = [Math.min(...times), Math.max(...times)]
    show(`  ${String(times.length).padStart(3)} × ${what}, after ${first === last ? first : `${first} to ${last}`} ms`)
  }
}

/** The same connection does all kinds of work. */
const works = (client: GradioClient.GradioClient, tag: string) =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* client.predict("/echo", [tag]), [tag])
    assert.deepStrictEqual(yield* Stream.runCollect(client.stream("/count", [3])), [["0"], ["1"], ["2"]])
    const [file] = GradioFile.all(yield* client.predict("/file_of", [tag, "again.txt"]))
    assert.strictEqual(new TextDecoder().decode(yield* file?.bytes ?? Effect.die("no file")), tag)
    const many = yield* Effect.forEach(
      Array.from({ length: 20 }, (_, i) => `${tag} ${i}`),
      (text) => client.predict("/echo", [text]),
      {
        concurrency: "unbounded"
      }
    )
    assert.strictEqual(new Set(many.flat()).size, 20)
    return yield* client.predict("/direct", [tag])
  }).pipe(Effect.timeout(limit))

const trial = (signal: NodeJS.Signals) =>
  Effect.gen(function* () {
    let server: Server | undefined
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        server?.kill("SIGCONT")
        await server?.stop()
      })
    )
    const first = yield* Effect.promise(() => startServer({ version: "6.31.0" }))
    server = first
    const client = yield* GradioClient.connect(first.url, optionsFor(signal))
    const signalled = { at: Number.POSITIVE_INFINITY }

    const yields = yield* Deferred.make<void>()
    const generator = client.stream("/endless", ["generator"]).pipe(
      Stream.tap(() => Deferred.succeed(yields, undefined)),
      Stream.runDrain
    )
    const begun = yield* Deferred.make<void>()
    const fibers = [
      yield* Effect.forkScoped(endOf("generator", signalled, generator)),
      yield* Effect.forkScoped(endOf("download", signalled, download(client, begun)))
    ]
    // One runs, the others wait in the queue: all are known to the server.
    const submitted = yield* Effect.forEach(
      Array.from({ length: jobs }, (_, i) => i),
      (i) => client.submit("/slow", [60, `job ${i}`])
    )
    yield* Effect.forEach(submitted, (job) => job.eventId, { concurrency: "unbounded", discard: true })
    for (const job of submitted) fibers.push(yield* Effect.forkScoped(endOf("job", signalled, job.result)))
    // What ends before the signal would never report that it began.
    const early = Effect.flatMap(Effect.raceAll(fibers.map((fiber) => Fiber.join(fiber))), (ended) =>
      Effect.die(new Error(`before the signal, ${ended.work} ended as ${ended.as}`))
    )
    yield* Effect.raceFirst(Effect.andThen(Deferred.await(yields), Deferred.await(begun)), early)

    first.kill(signal)
    signalled.at = Date.now()
    const ended = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
    show(`\n${signal} to Gradio 6.31.0, in the middle of a generator, a download of ${mebibytes} MiB and ${jobs} jobs`)
    table(ended)
    const phases = yield* Effect.forEach(submitted, (job) => Effect.map(job.status, ({ phase }) => phase))

    if (signal === "SIGSTOP") {
      first.kill("SIGCONT")
      const again = Date.now()
      yield* works(client, "continued")
      show(`  the connection goes on after SIGCONT: all kinds of calls work, in ${Date.now() - again} ms`)
      first.kill("SIGKILL")
    }
    yield* Effect.promise(() => first.stop())
    const down = { at: Date.now() }
    const refused = yield* endOf("a call while the server is down", down, client.predict("/echo", ["down"]))
    table([refused])
    server = yield* Effect.promise(() => startServer({ version: "6.31.0", port: Number(new URL(first.url).port) }))
    const back = Date.now()
    yield* works(client, "back")
    show(`  the same connection on the server that is back: all kinds of calls work, in ${Date.now() - back} ms`)

    assert.strictEqual(ended.length, jobs + 2)
    // Each would have gone on for a minute or for ever, so no success is one.
    assert.deepStrictEqual(
      ended.filter(({ as }) => as === "success" || as === "HANGS" || as.includes("none of ours")),
      []
    )
    assert.deepStrictEqual(
      phases.filter((phase) => phase !== "failed"),
      []
    )
    assert.isTrue(refused.as.startsWith("AppUnreachableError, nothing-sent"), refused.as)
  }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici))

const python = await prepareEnvironment("6.31.0").then(
  () => true,
  (error: unknown) => {
    if (process.env["CI"] !== undefined) throw error
    show(`\n!!!! NO SIGNALS WERE SENT, for want of a real Gradio server: ${String(error)}\n`)
    return false
  }
)

describe.runIf(python)("a server that is signalled in the middle of everything", () => {
  for (const signal of ["SIGINT", "SIGKILL", "SIGSTOP"] as const) {
    it.live(
      `${signal}: every call ends as a failure, in time, and the connection goes on`,
      () => trial(signal),
      180_000
    )
  }
})
