/** Law 4: an event stream means the same however its bytes are cut and its lines are written. */
import * as fs from "node:fs"
import * as path from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result, Stream } from "effect"
import { HttpClientRequest, HttpClientResponse } from "effect/http"

import { findEndpoint } from "../../src/internal/endpoints.ts"
import * as Fold from "../../src/internal/session/fold.ts"
import { messages, type Received } from "../../src/internal/transport/eventStream.ts"
import { eventIdOf, fromText } from "../../src/ServerMessage.ts"
import { config6, info6, tableOf } from "../internal/samples.ts"
import { forAllEffect, type Random } from "./generated.ts"

const folder = path.join(import.meta.dirname, "..", "fixtures", "streams")

interface Recording {
  readonly name: string
  readonly version: string
  /** The data of each event, read in the plainest way: servers write one line and an empty one. */
  readonly data: ReadonlyArray<string>
}

const recordings = fs.readdirSync(folder).flatMap((version) =>
  fs.readdirSync(path.join(folder, version)).map((file): Recording => ({
    name: `${version}/${file}`,
    version,
    data: fs
      .readFileSync(path.join(folder, version, file), "utf8")
      .split("\n\n")
      .filter((block) => block.startsWith("data: "))
      .map((block) => block.slice(6))
  }))
)
const [first, ...others] = recordings
assert(first !== undefined, "there are recordings")

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
  Stream.unwrap(Effect.map(messages(response(chunks), 1e9), (pull) => Stream.fromPull(Effect.succeed(pull)))).pipe(
    Stream.runCollect
  )

const endpoint = Result.getOrThrow(findEndpoint(tableOf(config6, info6), "/add"))
const at = DateTime.makeUnsafe(0)

/** The events of all calls of a recording, each with the call it belongs to; times and bytes apart. */
const folded = (version: string, all: ReadonlyArray<Received>): string => {
  const context: Fold.Context = {
    where: { url: "http://app.test/" },
    endpoint,
    version,
    generates: "edits",
    present: Result.succeed
  }
  const states = new Map<string, Fold.State>()
  const shown: Array<unknown> = []
  for (const { message } of all) {
    const id = eventIdOf(message)
    if (id === null) continue
    const step = Fold.step(context, states.get(id) ?? Fold.initial, { at, bytes: 0, message })
    states.set(id, step.state)
    shown.push([id, step.events, step.failure?._tag, step.failure?.message])
  }
  return JSON.stringify(shown)
}

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

const make = (random: Random): Case => {
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

describe("any chunking of a recorded stream", () => {
  const known = new Map(
    recordings.map((one) => {
      const all = one.data.map((text): Received => ({ message: fromText(text), bytes: text.length }))
      return [one.name, { messages: messagesOf(all), events: folded(one.version, all) }] as const
    })
  )

  it("has recordings in which every call ends, and nothing is unreadable", () => {
    for (const { data, name } of recordings) {
      const all = data.map(fromText)
      assert.isTrue(
        all.every(({ msg }) => msg !== "broken" && msg !== "other"),
        name
      )
      assert.strictEqual(all.at(-1)?.msg, "close_stream", name)
    }
  })

  it.effect(
    "gives the same messages and the same events",
    () =>
      forAllEffect("chunking of event streams", 10_000, make, (one) =>
        Effect.map(read(pieces(one)), (all) => {
          const expected = known.get(one.recording.name)
          assert.strictEqual(messagesOf(all), expected?.messages)
          assert.strictEqual(folded(one.recording.version, all), expected?.events)
        })
      ),
    120_000
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
