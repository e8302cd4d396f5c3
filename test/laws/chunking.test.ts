/** Law 4: an event stream means the same however its bytes are cut and its lines are written, and the same call means the same in all versions. */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, DateTime, Effect, Result, Stream } from "effect"
import { HttpClientRequest, HttpClientResponse } from "effect/http"

import { findEndpoint } from "../../src/internal/endpoints.ts"
import * as sseV1 from "../../src/internal/protocol/sseV1.ts"
import * as sseV2 from "../../src/internal/protocol/sseV2.ts"
import * as sseV3 from "../../src/internal/protocol/sseV3.ts"
import * as sseV21 from "../../src/internal/protocol/sseV21.ts"
import * as Fold from "../../src/internal/session/fold.ts"
import { messages, type Received } from "../../src/internal/transport/eventStream.ts"
import { eventIdOf, fromText } from "../../src/ServerMessage.ts"
import { config6, info6, tableOf } from "../internal/samples.ts"
import { forAllEffect, type Random } from "./generated.ts"

const fixtures = path.join(import.meta.dirname, "..", "fixtures")
const folder = path.join(fixtures, "streams")

interface Recording {
  readonly name: string
  readonly version: string
  readonly generates: Fold.Context["generates"]
  /** All of it is of one call, whether its messages name the call or not. */
  readonly ofOne: boolean
  /** The data of each event, read in the plainest way: servers write one line and an empty one. */
  readonly data: ReadonlyArray<string>
}

const recordings = fs.readdirSync(folder).flatMap((version) =>
  fs.readdirSync(path.join(folder, version)).map((file): Recording => ({
    name: `${version}/${file}`,
    version,
    generates: "edits",
    ofOne: false,
    data: fs
      .readFileSync(path.join(folder, version, file), "utf8")
      .split("\n\n")
      .filter((block) => block.startsWith("data: "))
      .map((block) => block.slice(6))
  }))
)

/** The words that recordings have in place of what differs from run to run. */
const measured: Readonly<Record<string, unknown>> = { "a guess or none": null, seconds: 0.5, bars: [{ index: 1 }] }
const lineOf = (line: string): readonly [string, Readonly<Record<string, unknown>>] =>
  JSON.parse(line, (_, value) => (typeof value === "string" && value in measured ? measured[value] : value))

const generatesOf = (protocol: unknown): Fold.Context["generates"] =>
  [sseV3, sseV21, sseV2, sseV1].find(({ version }) => version.speaks(String(protocol)))?.version.generates ?? "values"

/** The calls that were answered by servers of every version, from Gradio 3 on; by their titles, with the protocol. */
const answered = fs.readdirSync(path.join(fixtures, "wire")).flatMap((file) => {
  const version = path.basename(file, ".jsonl")
  const lines = fs
    .readFileSync(path.join(fixtures, "wire", file), "utf8")
    .trim()
    .split("\n")
    .map(lineOf)
  const protocol = new Map(lines).get("/config")?.["protocol"] ?? "ws"
  return lines.flatMap(([title, { end, messages: said }]) => {
    if (!Array.isArray(said) || end !== "ended") return []
    const data = said.map((message) => JSON.stringify(message))
    const recording: Recording = {
      name: `${version}/${title}`,
      version,
      generates: generatesOf(protocol),
      ofOne: true,
      data
    }
    return [{ title, protocol, recording }]
  })
})

const response = (chunks: ReadonlyArray<Uint8Array>): HttpClientResponse.HttpClientResponse =>
  HttpClientResponse.fromWeb(
    HttpClientRequest.get("http://app.test"),
    new Response(
      new ReadableStream({
        start: (controller) => {
          for (const chunk of chunks) controller.enqueue(chunk)
          controller.close()
        }
      })
    )
  )

const read = (chunks: ReadonlyArray<Uint8Array>): Effect.Effect<ReadonlyArray<Received>, unknown> =>
  Stream.fromPull(Effect.map(messages(response(chunks), 1e9), Effect.map(Arr.of<ReadonlyArray<Received>>))).pipe(
    Stream.flattenIterable,
    Stream.runCollect,
    Effect.scoped
  )

const endpoint = Result.getOrThrow(findEndpoint(tableOf(config6, info6), "/add"))
const at = DateTime.makeUnsafe(0)

/** The events of all calls of a recording, each with the call it belongs to; times and bytes apart. */
const steps = ({ generates, ofOne, version }: Recording, all: ReadonlyArray<Received>) => {
  const context: Fold.Context = {
    where: { url: "http://app.test/" },
    endpoint,
    version,
    generates,
    present: Result.succeed
  }
  const states = new Map<string, Fold.State>()
  return all.flatMap(({ message }) => {
    const id = ofOne ? "" : eventIdOf(message)
    if (id === null) return []
    const step = Fold.step(context, states.get(id) ?? Fold.initial, { at, bytes: 0, message })
    states.set(id, step.state)
    return [{ id, events: step.events, error: step.failure?._tag, said: step.failure?.message }]
  })
}
const folded = (recording: Recording, all: ReadonlyArray<Received>): string => JSON.stringify(steps(recording, all))

interface Case {
  readonly recording: Recording
  readonly bytes: Uint8Array
  readonly cuts: ReadonlyArray<number>
}

const encoder = new TextEncoder()

/** The same events, written otherwise. */
const written = (random: Random, data: ReadonlyArray<string>): string => {
  const plain = random.chance(0.2)
  if (plain) return data.map((one) => `data: ${one}\n\n`).join("")
  const ending = random.pick(["\n", "\r\n", "\r", "mixed"])
  const end = () => (ending === "mixed" ? random.pick(["\n", "\r\n", "\r"]) : ending)
  let text = random.chance(0.3) ? "\uFEFF" : ""
  for (const one of data) {
    const lines: Array<string> = []
    if (random.chance(0.1)) lines.push(": a comment, as proxies send it", ":")
    if (random.chance(0.1)) lines.push(`event: ${random.pick(["message", "update", "ü"])}`)
    if (random.chance(0.1)) lines.push("retry: 3000")
    if (random.chance(0.1)) lines.push("id: 7", "unknown: field", "data-but-not: data")
    const space = random.chance(0.8) ? " " : ""
    // A line end after the first brace changes nothing in JSON.
    if (random.chance(0.1)) lines.push(`data:${space}{`, `data:${space}${one.slice(1)}`)
    else lines.push(`data:${space}${one}`)
    // After a lone CR an empty line must not begin with LF, or the two would be one line end.
    text += lines.map((line) => line + end()).join("")
    text += text.endsWith("\r") ? random.pick(["\r", "\r\n"]) : end()
    if (random.chance(0.05)) text += text.endsWith("\r") ? "\r" : end()
  }
  return text
}

const cutAt = (random: Random, length: number): ReadonlyArray<number> => {
  const kind = random.next()
  if (kind < 0.01) return Array.from({ length: length - 1 }, (_, index) => index + 1)
  const count = kind < 0.5 ? random.below(4) : random.below(40)
  return Array.from({ length: count }, () => random.below(length + 1)).sort((a, b) => a - b)
}

const makeOf =
  (from: ReadonlyArray<Recording>) =>
  (random: Random): Case => {
    const [first, ...others] = from
    assert(first !== undefined, "there are recordings")
    const recording = random.pick([first, ...others])
    const bytes = encoder.encode(written(random, recording.data))
    return { recording, bytes, cuts: cutAt(random, bytes.length) }
  }

const pieces = ({ bytes, cuts }: Case): ReadonlyArray<Uint8Array> => {
  const all: Array<Uint8Array> = []
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    all.push(bytes.slice(from, cut))
    from = cut
  }
  return all
}

const messagesOf = (all: ReadonlyArray<Received>): string => JSON.stringify(all.map((one) => one.message))

/** As they are, without any chunking. */
const receivedOf = ({ data }: Recording): ReadonlyArray<Received> =>
  data.map((one) => ({ message: fromText(one), bytes: one.length }))

const streamed = answered.filter(({ protocol }) => protocol !== "ws").map(({ recording }) => recording)

describe("any chunking of a recorded stream", () => {
  const known = new Map(
    [...recordings, ...streamed].map((one) => {
      const all = receivedOf(one)
      return [one.name, { messages: messagesOf(all), events: folded(one, all) }] as const
    })
  )

  it("has recordings in which every call ends, and nothing is unreadable", () => {
    for (const { data, name, ofOne } of [...recordings, ...answered.map(({ recording }) => recording)]) {
      const all = data.map(fromText)
      assert.isTrue(
        all.every(({ msg }) => msg !== "broken" && msg !== "other"),
        name
      )
      if (!ofOne) assert.strictEqual(all.at(-1)?.msg, "close_stream", name)
    }
  })

  it.effect.each([
    { what: "event streams", from: recordings, count: 10_000 },
    { what: "the event streams of every version", from: streamed, count: 2000 }
  ])(
    "gives the same messages and the same events: $what",
    ({ count, from, what }) =>
      forAllEffect(`chunking of ${what}`, count, makeOf(from), (one) =>
        Effect.map(read(pieces(one)), (all) => {
          const expected = known.get(one.recording.name)
          assert.strictEqual(messagesOf(all), expected?.messages)
          assert.strictEqual(folded(one.recording, all), expected?.events)
        })
      ),
    120_000
  )
})

/** A value without what the form of a component in one version adds to it. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner) =>
    key === "metadata" || inner === null || typeof inner !== "object"
      ? key === "metadata"
        ? undefined
        : inner
      : "token" in inner
        ? [inner.token, inner.class_or_confidence]
        : "headers" in inner
          ? { data: inner.data, headers: inner.headers.map(String) }
          : inner
  )

const word = (n: number) => [`word${n} `, n % 2 === 0 ? "even" : "odd"]
const square = (n: number) => ({
  headers: Array.from({ length: n }, (_, column) => `c${column}`),
  data: Array.from({ length: n }, (_, row) => Array.from({ length: n }, (__, column) => row * 10 + column))
})
const table = (...row: ReadonlyArray<number>) => ({ headers: ["1", "2"], data: [row] })
const item = (i: number) => ({ i, text: "x".repeat(i) })
const bad = "AppError: bad thing"
const unsaid =
  "AppError: The app at http://app.test/ failed without saying why. Its owner can show the reason with gr.Error(…) or launch(show_error=True)."

/** What the functions of the recorded app give, by the title of the call: their values, or how they fail after them. */
const values: Readonly<Record<string, readonly [outputs: ReadonlyArray<unknown>, failure?: string]>> = {
  "a state": [[[0, null]]],
  "a state again": [[[1, null]]],
  "call: echo": [[["héllo"]]],
  "call: several inputs": [[[9]]],
  "call: two outputs": [[["abc", 3]]],
  "call: no outputs": [[[]]],
  "call: a generator": [[["0"], ["1"], ["2"]]],
  "call: a growing text": [[["token0 "], ["token0 token1 "], ["token0 token1 token2 "]]],
  "call: growing dictionaries": [
    [
      [{ items: [item(0)], last: 0, meta: { n: 0 } }],
      [{ items: [item(1)], meta: { n: 1 } }],
      [{ items: [item(1), item(2)], last: 2, meta: { n: 2 } }],
      [{ items: [item(2), item(3)], meta: { n: 3 } }]
    ]
  ],
  "call: a list that grows and shrinks": [[1, 2, 3, 2, 1].map((n) => [Array.from({ length: n }, (_, i) => word(i))])],
  "call: rows and columns that vanish": [[3, 2, 1].map((n) => [square(n)])],
  "call: a generator of two outputs": [
    [
      ["0", table(0, 0)],
      ["1", table(1, 2)]
    ]
  ],
  "call: a generator of nothing": [[[null]]],
  "call: an error of the app": [[], bad],
  "call: an error with options": [[], bad],
  "call: an exception": [[], unsaid],
  "call: an error after some outputs": [[["0"], ["1"]], "AppError: after some output"],
  "call: an exception after some outputs": [[["0"], ["1"]], unsaid],
  "call: progress": [[["done"]]],
  "call: logs": [[["x"]]],
  "call: logs with options": [[["x"]]],
  "call: an update": [[["x"]]],
  "call: an update without a value": [[[null]]],
  "call: too few inputs": [[], unsaid],
  "call: a function without a queue": [[["x"]]]
}
const between: Readonly<Record<string, string>> = {
  "call: progress": "Progress",
  "call: logs": "Log",
  "call: logs with options": "Log"
}

describe("the same call", () => {
  it.each([...new Set(answered.map(({ recording }) => recording.version))])(
    "gives the right events on %s",
    (version) => {
      const calls = answered.filter(({ recording }) => recording.version === version)
      for (const [title, [outputs, failure]] of Object.entries(values)) {
        const recording = calls.find((one) => one.title === title)?.recording
        assert(recording !== undefined, `${version}: ${title}`)
        const all = steps(recording, receivedOf(recording))
        const events = all.flatMap((step) => step.events)
        // How often logs come differs.
        const kinds = events
          .map(({ _tag }) => _tag)
          .filter((kind, i, kindsOfAll) => kind !== "Log" || kindsOfAll[i - 1] !== kind)
        const seen = {
          kinds,
          outputs: events.flatMap((event) => (event._tag === "Output" ? [plain(event.output)] : [])),
          failure: all.flatMap(({ error, said }) => (error === undefined ? [] : [`${error}: ${said}`])).join()
        }
        const expected = {
          kinds: [
            "Queued",
            "Started",
            ...(between[title] === undefined ? [] : [between[title]]),
            ...outputs.map(() => "Output"),
            ...(failure === undefined ? ["Completed"] : [])
          ],
          outputs,
          failure: failure ?? ""
        }
        assert.deepStrictEqual<unknown>(seen, expected, `${version}: ${title}`)
      }
    }
  )
})

const text = (...parts: ReadonlyArray<string>) => parts.map((part) => encoder.encode(part))
const heartbeat = `{"msg":"heartbeat"}`

describe("an event stream", () => {
  it.effect.each<readonly [string, ReadonlyArray<Uint8Array>, number]>([
    [
      "without its last empty line leaves out what is unfinished",
      text(`data: ${heartbeat}\n\ndata: ${heartbeat}\n`),
      1
    ],
    ["may be empty", [], 0],
    ["may come in empty pieces", text("", `data: ${heartbeat}`, "", "\n", "", "\n", ""), 1],
    ["passes over events without data", text(`data\n\ndata:\n\nevent: x\n\ndata: ${heartbeat}\n\n`), 1],
    ["is read on after a retry field", text(`retry: 1\n\nretry: 2\ndata: ${heartbeat}\n\ndata: ${heartbeat}\n\n`), 2],
    [
      "may begin with a BOM in pieces",
      [Uint8Array.of(0xef), Uint8Array.of(0xbb, 0xbf), ...text(`data: ${heartbeat}\n\n`)],
      1
    ]
  ])("%s", ([, chunks, count]) =>
    Effect.map(read(chunks), (all) => {
      assert.deepStrictEqual(
        all.map(({ message }) => message),
        Array.from({ length: count }, () => ({ msg: "heartbeat" }))
      )
    })
  )

  /** How many messages each piece has, to the end. */
  const lengthsOf = (parts: ReadonlyArray<string>, maxMessageBytes = 1e9) =>
    Effect.gen(function* () {
      const pull = yield* messages(response(text(...parts)), maxMessageBytes)
      const lengths: Array<number> = []
      yield* Effect.forever(Effect.map(pull, (piece) => lengths.push(piece.length))).pipe(Effect.exit)
      return lengths
    })

  it.effect("gives an empty piece for each 64 KiB more of a message, and none for less", () =>
    Effect.gen(function* () {
      const half = "x".repeat(32 * 1024)
      const message = [`data: {"msg":"log","log":"`, half, half, half, half, half, `","level":"info"}\n\n`]
      assert.deepStrictEqual(yield* lengthsOf([...message, `data: ${heartbeat}\n\n`, "da", "ta:", half]), [0, 0, 1, 1])
    })
  )

  it.effect("gives no piece for comments over the limit of a message", () =>
    Effect.gen(function* () {
      const flood = Array.from({ length: 40 }, () => ": still here\n".repeat(5050))
      const lengths = yield* lengthsOf([...flood, `data: ${heartbeat}\n\n`], 256 * 1024)
      assert.deepStrictEqual(lengths, [0, 0, 0, 1])
    })
  )

  it.effect("gives what came before it breaks off, and then the fault", () =>
    Effect.gen(function* () {
      let pulls = 0
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (pulls++ === 0) controller.enqueue(encoder.encode(`data: ${heartbeat}\n\n`))
          else controller.error(new Error("cut"))
        }
      })
      const broken = HttpClientResponse.fromWeb(HttpClientRequest.get("http://app.test"), new Response(body))
      const pull = yield* messages(broken, 1000)
      assert.deepStrictEqual(
        (yield* pull).map(({ message }) => message),
        [{ msg: "heartbeat" }]
      )
      const fault = yield* Effect.flip(pull)
      assert("kind" in fault && fault.kind === "broke-off")
    })
  )

  it.effect("gives what came before a message that is too large, and then the fault", () =>
    Effect.gen(function* () {
      const huge = `data: {"msg":"log","log":"${"x".repeat(2000)}`
      const pull = yield* messages(response(text(`data: ${heartbeat}\n\n`, huge, huge)), 1000)
      assert.deepStrictEqual(
        (yield* pull).map(({ message }) => message),
        [{ msg: "heartbeat" }]
      )
      const fault = yield* Effect.flip(pull)
      assert("kind" in fault && fault.kind === "too-large")
    })
  )
})
