/** Functions that take a stream of inputs, and outputs that are streams of sound or pictures. */
import { createHash } from "node:crypto"

import { Clock, Deferred, Effect, Stream } from "effect"

import { GradioClient, GradioError, GradioFile, Job } from "../../src/index.ts"
import { before, type Group } from "./Case.ts"
import { completed, eventsAndFailure, eventsOf, eventually, isTrue, output, queued, same, started } from "./look.ts"

const before5 = before("5.0", "input streams came with 5.0")

const bytesOf = (n: number): Uint8Array => new TextEncoder().encode(`sound ${n}`)

/** As the app writes down the digest of a file. */
const digest = (n: number): string =>
  `sound${n}.wav:${bytesOf(n).byteLength}:${createHash("sha256").update(bytesOf(n)).digest("hex")}`

interface Seen {
  readonly sound: string | null
  readonly time: number
}

const isSeen = (value: unknown): value is ReadonlyArray<Seen> => Array.isArray(value)

/** What the app was run for, in its own record. */
const seenOf = (app: GradioClient.GradioClient, tag: string): Effect.Effect<ReadonlyArray<Seen>, unknown> =>
  Effect.map(app.predict("/chunks_of", [tag]), ([seen]) => (isSeen(seen) ? seen : []))

const chunks = (tag: string, n: number) => Stream.map(Stream.range(1, n), () => [null, tag])

export const inputStreams: Group = {
  concept: "input streams",
  cases: [
    {
      title: "a stream of chunks gives an output for each, none lost and none faster than the app wants them",
      endpoints: ["/stream_journal", "/chunks_of"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const events = yield* eventsOf(GradioClient.streamInput(app, "/stream_journal", chunks(tag, 6)))
          const outputs = [1, 2, 3, 4, 5, 6].map((n, index) => output([`${tag} ${n}`], index))
          same(events, [queued(), started, ...outputs, completed([`${tag} 6`])])
          const seen = yield* seenOf(app, tag)
          same(seen.length, 6)
          const pauses = seen.slice(1).map(({ time }, i) => time - (seen[i]?.time ?? 0))
          const shortest = Math.min(...pauses)
          const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length
          // The way to the server takes longer at one time than at another.
          isTrue(mean > 0.09, `the chunks came every ${pauses.join(", ")} s`)
          yield* Effect.logInfo(
            `${events.length} events; chunks sent 6, processed ${seen.length}; pauses of ${shortest.toFixed(3)} s at least, ${mean.toFixed(3)} s in the mean (stream_every 0.1)`
          )
        })
    },
    {
      title: "the files in chunks are uploaded, each before its chunk",
      endpoints: ["/stream_journal", "/chunks_of"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const sounds = Stream.map(Stream.range(1, 3), (n) => ({
            sound: GradioFile.fromBytes(bytesOf(n), { name: `sound${n}.wav` }),
            tag
          }))
          const events = yield* eventsOf(GradioClient.streamInput(app, "/stream_journal", sounds))
          same(
            events.map((event) => Object(event)._tag),
            ["Uploading", "Queued", "Started", "Output", "Uploading", "Output", "Uploading", "Output", "Completed"]
          )
          same(
            (yield* seenOf(app, tag)).map((one) => one.sound),
            [digest(1), digest(2), digest(3)]
          )
        })
    },
    {
      title: "the first output comes before the last chunk, and no chunk is taken before the one before is answered",
      endpoints: ["/stream_journal"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const first = yield* Deferred.make<void>()
          let taken = 0
          // The second chunk exists only once the first is answered.
          const input = Stream.concat(
            Stream.make([null, tag]),
            Stream.fromEffect(Effect.as(Deferred.await(first), [null, tag]))
          ).pipe(Stream.tap(() => Effect.sync(() => void taken++)))
          const order = yield* GradioClient.streamInput(app, "/stream_journal", input).pipe(
            Stream.flatMap((event) => (event._tag === "Output" ? Stream.make([event.output[0], taken]) : Stream.empty)),
            Stream.tap(() => Deferred.succeed(first, undefined)),
            Stream.runCollect
          )
          same(order, [
            [`${tag} 1`, 1],
            [`${tag} 2`, 2]
          ])
        })
    },
    {
      title: "a slow reader slows the input down",
      endpoints: ["/stream_journal", "/chunks_of"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const pull = yield* Stream.toPull(
            Stream.filter(
              GradioClient.streamInput(app, "/stream_journal", chunks(tag, 20)),
              ({ _tag }) => _tag === "Output"
            )
          )
          yield* pull
          yield* pull
          yield* Effect.sleep("700 millis")
          same((yield* seenOf(app, tag)).length, 2)
        })
    },
    {
      title: "at the app's time limit the next chunk begins another event, and none is lost",
      endpoints: ["/stream_short", "/chunks_of"],
      notOffered: before5,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const rest = (n: number) => Effect.delay(Effect.succeed([null, tag]), n === 3 ? "1600 millis" : 0)
          const events = yield* eventsOf(
            GradioClient.streamInput(app, "/stream_short", Stream.mapEffect(Stream.range(1, 5), rest))
          )
          const outputs = [1, 2, 3, 4, 5].map((n, index) => output([`${tag} ${n}`], index))
          const reopened = events.flatMap((event) => (Object(event)._tag === "Reopened" ? [event] : []))
          isTrue(reopened.length >= 1, "the time limit ended the event")
          same(
            events.filter((event) => Object(event)._tag === "Output"),
            outputs
          )
          same(events.at(-1), completed([`${tag} 5`]))
          same((yield* seenOf(app, tag)).length, 5)
        })
    },
    {
      title: "a long stream loses and doubles nothing over many events",
      endpoints: ["/stream_short", "/chunks_of"],
      notOffered: before5,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          // Chunks come about when the app ends an event.
          const paced = Stream.mapEffect(Stream.range(1, 12), (n) =>
            Effect.delay(Effect.succeed([null, tag]), n % 3 === 0 ? "1000 millis" : 0)
          )
          const outputs = yield* GradioClient.streamInput(app, "/stream_short", paced).pipe(
            Stream.filter((event) => event._tag === "Output"),
            Stream.map((event) => event.output[0]),
            Stream.runCollect
          )
          same(
            outputs,
            Array.from({ length: 12 }, (_, i) => `${tag} ${i + 1}`)
          )
          same((yield* seenOf(app, tag)).length, 12)
        })
    },
    {
      title: "an interrupted input stream ends on the server at once",
      endpoints: ["/stream_journal", "/chunks_of"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const outputs = (client: GradioClient.GradioClient, name: string, n: number) =>
            GradioClient.streamInput(client, "/stream_journal", chunks(name, 100)).pipe(
              Stream.filter((event) => event._tag === "Output"),
              Stream.take(n),
              Stream.runCollect
            )
          yield* outputs(app, `${tag} first`, 3)
          const other = yield* app.withSession()
          const since = yield* Clock.currentTimeMillis
          // The app runs one such stream at a time, for 60 seconds.
          yield* outputs(other, `${tag} second`, 1)
          const waited = (yield* Clock.currentTimeMillis) - since
          isTrue(waited < 10_000, `the next stream waited ${waited} ms for its turn`)
          const seen = yield* eventually(seenOf(app, `${tag} first`), (all) => all.length >= 3)
          same(seen.length <= 4, true)
          yield* Effect.logInfo(
            `interrupted after 3 outputs: ${seen.length} chunks processed; the next stream began after ${waited} ms`
          )
        })
    },
    {
      title: "a failure of the app ends an input stream with its message",
      endpoints: ["/stream_journal"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const { error, events } = yield* eventsAndFailure(
            GradioClient.streamInput(app, "/stream_journal", chunks(`${tag} fails`, 5))
          )
          same(events, [queued(), started, output([`${tag} fails 1`])])
          same(Object(error)._tag, "AppError")
          same(Object(error).text, "no more of these")
        })
    },
    {
      title: "a failure of the chunks is the failure of the input stream, and ends it on the server",
      endpoints: ["/stream_journal"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const failing = Stream.concat(chunks(tag, 2), Stream.fail("the microphone broke"))
          const error = yield* Effect.flip(Stream.runDrain(GradioClient.streamInput(app, "/stream_journal", failing)))
          same(error, "the microphone broke")
          yield* Stream.runDrain(GradioClient.streamInput(app, "/stream_journal", chunks(`${tag} next`, 1)))
        })
    },
    {
      title: "input streams and calls of one session run side by side",
      endpoints: ["/stream_short", "/echo", "/chunks_of"],
      notOffered: before5,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const outputs = (name: string) =>
            GradioClient.streamInput(app, "/stream_short", chunks(name, 5)).pipe(
              Stream.filter((event) => event._tag === "Output"),
              Stream.map((event) => event.output[0]),
              Stream.runCollect
            )
          const [one, two, echo] = yield* Effect.all(
            [outputs(`${tag}a`), outputs(`${tag}b`), app.predict("/echo", ["beside"])],
            { concurrency: 3 }
          )
          same(
            [one, two, echo],
            [[1, 2, 3, 4, 5].map((n) => `${tag}a ${n}`), [1, 2, 3, 4, 5].map((n) => `${tag}b ${n}`), ["beside"]]
          )
        })
    },
    {
      title: "a plain call of such a function is a stream of one input",
      endpoints: ["/stream_journal", "/chunks_of"],
      notOffered: before5,
      alone: true,
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const since = yield* Clock.currentTimeMillis
          same(yield* app.predict("/stream_journal", { sound: null, tag }), [`${tag} 1`])
          same(yield* eventsOf(app.events("/stream_journal", [null, tag])), [
            queued(),
            started,
            output([`${tag} 2`]),
            completed([`${tag} 2`])
          ])
          const job = yield* app.submit("/stream_journal", [null, tag])
          same(yield* job.result, [`${tag} 3`])
          // The app's own limit is a minute.
          isTrue((yield* Clock.currentTimeMillis) - since < 20_000, "it does not wait for the limit")
          same((yield* seenOf(app, tag)).length, 3)
        })
    },
    {
      title: "an empty stream of chunks sends nothing",
      endpoints: ["/stream_journal"],
      notOffered: before5,
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* eventsOf(GradioClient.streamInput(app, "/stream_journal", Stream.empty)), [
            { _tag: "Completed", output: [], took: undefined, usedCache: undefined }
          ])
        })
    },
    {
      title: "a function that takes no stream refuses one, before anything is sent",
      endpoints: ["/echo"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Stream.runDrain(GradioClient.streamInput(app, "/echo", chunks("x", 1))))
          same(GradioError.isGradioError(error) && error._tag, "EndpointInputError")
        })
    }
  ]
}

const text = (file: unknown): Stream.Stream<string, unknown> =>
  GradioFile.isGradioFile(file) ? Stream.decodeText(file.stream) : Stream.fail(new Error(`${String(file)} is no file`))

const media = (endpoint: string, notOffered: Group["cases"][number]["notOffered"]): Group["cases"] => [
  {
    title: `a streamed output of ${endpoint} gives its bytes as they come, and ends`,
    endpoints: [endpoint],
    notOffered: notOffered ?? {},
    run: ({ app }) =>
      Effect.gen(function* () {
        const job = yield* app.submit(endpoint, [4, 0.7])
        const [file] = yield* Job.outputs(job).pipe(
          Stream.map(([value]) => value),
          Stream.take(1),
          Stream.runCollect
        )
        same(GradioFile.isGradioFile(file) && file.isStream, true)
        let hasEnded = false
        yield* Effect.forkChild(Effect.map(job.result, () => void (hasEnded = true)))
        const seen: Array<boolean> = []
        const all = yield* text(file).pipe(
          Stream.tap(() => Effect.sync(() => void seen.push(hasEnded))),
          Stream.mkString
        )
        same(all, "segment 0;segment 1;segment 2;segment 3;")
        same(seen[0], false)
      })
  }
]

export const streamedOutputs: Group = {
  concept: "streamed outputs",
  cases: [
    ...media("/stream_audio", before("4.0", "its fixture has no endpoint for it")),
    ...media("/stream_video", before("5.0", "it streams no pictures"))
  ]
}
