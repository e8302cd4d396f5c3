import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Result } from "effect"

import { AppError, AppProtocolError, JobCancelledError } from "../../../src/GradioError.ts"
import { findEndpoint } from "../../../src/internal/endpoints.ts"
import { replaced, TooDeep } from "../../../src/internal/files/nested.ts"
import { setUnsafe } from "../../../src/internal/record.ts"
import * as Fold from "../../../src/internal/session/fold.ts"
import type { JobEvent } from "../../../src/JobEvent.ts"
import { fromText } from "../../../src/ServerMessage.ts"
import { forAll, type Random } from "../../laws/generated.ts"
import { config6, info6, tableOf } from "../samples.ts"

const endpoint = Result.getOrThrow(findEndpoint(tableOf(config6, info6), "/add"))
/** A state comes first, which is no output. */
const outputs = [
  { componentId: 1, componentType: "state", label: "", skipped: true },
  { componentId: 2, componentType: "json", label: "", skipped: false },
  { componentId: 3, componentType: "textbox", label: "", skipped: false }
]
const context = (version = "6.31.0"): Fold.Context => ({
  where: { url: "http://app.test/", endpoint: "/f", sessionHash: "s" },
  endpoint: { ...endpoint, outputs },
  version,
  generates: "edits",
  present: (values) => {
    try {
      return Result.succeed(values.map((value) => replaced(value, () => undefined)))
    } catch (error) {
      return error instanceof TooDeep ? Result.fail(error.message) : Result.fail("?")
    }
  }
})

const at = DateTime.makeUnsafe(0)

const run = (texts: ReadonlyArray<string>, version?: string) => {
  let state = Fold.initial
  const events: Array<JobEvent<Fold.Outputs>> = []
  for (const text of texts) {
    const step = Fold.step(context(version), state, { at, bytes: text.length, message: fromText(text) })
    state = step.state
    events.push(...step.events)
    if (step.failure !== undefined) return { events, state, failure: step.failure }
  }
  return { events, state, failure: undefined }
}

const message = (msg: string, output: unknown, more: object = {}) =>
  JSON.stringify({ msg, event_id: "e", output, success: true, ...more })
const generating = (data: unknown) => message("process_generating", { data, is_generating: true })
const completed = (data: unknown, more: object = {}) => message("process_completed", { data, ...more })
const failed = (output: object, more: object = {}) => message("process_completed", output, { success: false, ...more })

const given = (events: ReadonlyArray<JobEvent<Fold.Outputs>>) =>
  events.flatMap((event) => (event._tag === "Output" ? [event.output] : []))

describe("how far a call came", () => {
  it("is the queue once its place there is told, also before its id", () => {
    const { state: sent } = Fold.step(context("4.8.0"), Fold.initial, { _tag: "Sent" })
    const message = fromText(JSON.stringify({ msg: "estimation", rank: 1, queue_size: 2, rank_eta: null }))
    const { state } = Fold.step(context("4.8.0"), sent, { at, bytes: 1, message })
    assert.deepStrictEqual([sent.reached, state.reached], ["sent", "queued"])
  })
})

describe("the values of a call", () => {
  it("are one Output and the Completed of a plain function", () => {
    const { events, failure } = run([
      JSON.stringify({ msg: "process_starts", event_id: "e", eta: 1.5 }),
      completed([null, 1, "a"], { duration: 0.25 })
    ])
    assert.isUndefined(failure)
    assert.deepStrictEqual(events, [
      { _tag: "Started", eta: Duration.seconds(1.5), at },
      { _tag: "Output", output: [1, "a"], index: 0, updates: {}, at },
      { _tag: "Completed", output: [1, "a"], took: Duration.seconds(0.25), usedCache: undefined, at }
    ])
  })

  it("of a generator are not given again by a completion that repeats the last", () => {
    const { events } = run([
      generating([null, { a: [1] }, "x"]),
      generating([[], [["replace", ["a", 0], 2]], [["append", [], "y"]]]),
      completed([null, { a: [2] }, "xy"])
    ])
    assert.deepStrictEqual(given(events), [
      [{ a: [1] }, "x"],
      [{ a: [2] }, "xy"]
    ])
    assert.deepStrictEqual(events.at(-1), {
      _tag: "Completed",
      output: [{ a: [2] }, "xy"],
      took: undefined,
      usedCache: undefined,
      at
    })
  })

  it("that the completion puts right are given once more: Python holds 1 and true for equal, and sends no edit", () => {
    const { events } = run([generating([null, 1, "x"]), generating([[], [], []]), completed([null, true, "x"])])
    assert.deepStrictEqual(given(events), [
      [1, "x"],
      [1, "x"],
      [true, "x"]
    ])
  })

  it("are not given again because edits name the address of a file without its host, as from 4.17 to 4.19", () => {
    const file = (name: string, host: string) => ({ path: `/tmp/${name}`, url: `${host}/file=/tmp/${name}`, size: 1 })
    const edits = [
      ["replace", ["path"], "/tmp/b"],
      ["replace", ["url"], "/file=/tmp/b"]
    ]
    const messages = [generating([null, 1, file("a", "http://app")]), generating([[], [], edits])]
    const count = (last: unknown) => given(run([...messages, completed([null, 1, last])]).events).length
    assert.strictEqual(count(file("b", "http://app")), 2)
    assert.strictEqual(count(file("c", "http://app")), 3)
    assert.strictEqual(count({ ...file("b", "http://app"), size: 2 }), 3)
  })

  it("of streamed outputs are whole, and edits of nothing", () => {
    const { events } = run([
      message("process_streaming", { data: [null, 1, "a"] }),
      message("process_streaming", { data: [null, [["replace", [], 2]], "b"] }),
      completed([null, 3, "c"])
    ])
    assert.deepStrictEqual(given(events), [
      [1, "a"],
      [[["replace", [], 2]], "b"],
      [3, "c"]
    ])
  })

  it("are those of updates, or the last real ones, with the other properties beside them by the place of the output", () => {
    const { events } = run([
      generating([null, 1, "A"]),
      generating([[], [], [["replace", [], { __type__: "update" }]]]),
      generating([
        [],
        [["replace", [], { __type__: "update", value: null, visible: false }]],
        [["add", ["label"], "L"]]
      ]),
      completed([null, { __type__: "update", maximum: 5 }, { __type__: "update", value: "B" }])
    ])
    const seen = events.flatMap((event) => (event._tag === "Output" ? [[event.output, event.updates]] : []))
    assert.deepStrictEqual(seen, [
      [[1, "A"], {}],
      [[1, "A"], { 1: {} }],
      [[null, "A"], { 0: { visible: false }, 1: { label: "L" } }],
      [[null, "B"], { 0: { maximum: 5 }, 1: {} }]
    ])
  })

  it("may have keys such as __proto__, which are data", () => {
    const tricky = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`
    const { events, failure } = run([
      `{"msg":"process_generating","event_id":"e","success":true,"output":{"data":[null,${tricky},{}]}}`,
      `{"msg":"process_generating","event_id":"e","success":true,"output":{"data":[[],[["replace",["__proto__","polluted"],2],["add",["constructor","__proto__"],3]],[["add",["__proto__"],{"polluted":4}]]]}}`
    ])
    assert.isUndefined(failure)
    assert.strictEqual(
      JSON.stringify(given(events)),
      `[[${tricky},{}],[{"__proto__":{"polluted":2},"constructor":{"prototype":{"polluted":1},"__proto__":3}},{"__proto__":{"polluted":4}}]]`
    )
    assert.isFalse("polluted" in {})
    assert.isFalse("polluted" in (() => {}))
  })

  it("that were given out are not changed by later edits", () => {
    const first = run([generating([null, { l: [{ t: "a" }] }, "x"])])
    const value = given(first.events)[0]
    const text = JSON.stringify(value)
    const edits = JSON.parse(generating([[], [["append", ["l", 0, "t"], "b"]], []]))
    Fold.step(context(), first.state, { at, bytes: 0, message: fromText(JSON.stringify(edits)) })
    assert.strictEqual(JSON.stringify(value), text)
  })

  it("come with what was rendered, and with the cache that was used", () => {
    const { events } = run([completed([null, 1, "a"], { used_cache: "full" })])
    assert.deepStrictEqual(
      events.map((event) => (event._tag === "Completed" ? event.usedCache : event._tag)),
      ["Output", "full"]
    )
  })
})

describe("other messages", () => {
  it("are queue, progress, logs and whatever is new, with all their fields", () => {
    const { events } = run([
      JSON.stringify({ msg: "estimation", event_id: "e", rank: 2, queue_size: 5, rank_eta: null }),
      JSON.stringify({ msg: "estimation", event_id: "e", rank: 1, queue_size: 4, rank_eta: 3 }),
      JSON.stringify({
        msg: "progress",
        event_id: "e",
        progress_data: [
          { index: 1, length: 4, unit: "steps", progress: null, desc: "outer" },
          { index: null, length: null, unit: "it", progress: 0.5, desc: null }
        ]
      }),
      JSON.stringify({
        msg: "log",
        event_id: "e",
        log: "l",
        level: "warning",
        duration: null,
        visible: false,
        title: "T"
      }),
      JSON.stringify({ msg: "log", event_id: "e", log: { not: "text" }, level: "unheard of" }),
      JSON.stringify({ msg: "new", event_id: "e", field: 1 })
    ])
    const bar = { fraction: 0.25, index: 1, length: 4, unit: "steps", description: "outer" }
    assert.deepStrictEqual(events, [
      { _tag: "Queued", position: 2, size: 5, eta: undefined, at },
      { _tag: "Queued", position: 1, size: 4, eta: Duration.seconds(3), at },
      {
        _tag: "Progress",
        bars: [bar, { fraction: 0.5, index: undefined, length: undefined, unit: "it", description: undefined }],
        at
      },
      { _tag: "Log", level: "warning", message: "l", title: "T", duration: undefined, visible: false, at },
      {
        _tag: "Log",
        level: "info",
        message: `{"not":"text"}`,
        title: undefined,
        duration: undefined,
        visible: true,
        at
      },
      { _tag: "Other", message: { msg: "new", event_id: "e", field: 1 }, at }
    ])
  })
})

describe("the failure of a call", () => {
  const errorOf = (texts: ReadonlyArray<string>, version?: string): AppError => {
    const { failure } = run(texts, version)
    assert(failure instanceof AppError, String(failure))
    return failure
  }

  it("has every field of gr.Error", () => {
    const error = errorOf([failed({ error: "bad", duration: 5, visible: false, title: "T" })])
    assert.deepStrictEqual(
      [error.message, error.title, error.duration, error.visible, error.hidden, error.reached, error.mayHaveRun],
      ["bad", "T", Duration.seconds(5), false, false, "started", true]
    )
  })

  it("has the defaults of versions that do not send them, and none where it stays until dismissed", () => {
    const old = errorOf([failed({ error: "'bad'" })], "4.22.0")
    assert.deepStrictEqual(
      [old.message, old.title, old.duration, old.visible],
      ["bad", "Error", Duration.seconds(10), true]
    )
    assert.isUndefined(errorOf([failed({ error: "x", duration: null })]).duration)
    assert.strictEqual(errorOf([failed({ error: "x" }, { title: "of the message" })]).title, "of the message")
  })

  it.each([
    ["4.44.1", `'it\\'s "bad"'`, `it's "bad"`],
    ["5.1.0", "'bad'", "bad"],
    ["5.2.0", "'bad'", "'bad'"],
    ["6.31.0", "'bad'", "'bad'"]
  ])("of Gradio %s with %s says %s", (version, sent, said) => {
    assert.strictEqual(errorOf([failed({ error: sent })], version).text, said)
  })

  it("that the app hides says how its owner can show it", () => {
    const error = errorOf([failed({ error: null })])
    assert.deepStrictEqual([error.hidden, error.text], [true, ""])
    assert.include(error.message, "show_error=True")
  })

  it.each([[{}], [{ data: null }], [{ data: undefined, is_generating: false }]])(
    "without data is a cancellation by the server: %j",
    (output) => {
      const { events, failure } = run([generating([null, 1, "a"]), message("process_completed", output)])
      assert.strictEqual(events.length, 1)
      assert(failure instanceof JobCancelledError && failure.by === "server")
    }
  )

  it.each([
    ["data that is no list", completed("text")],
    ["data that is an object", completed({ 0: 1 })],
    ["edits that are no list", generating([null, "no edits", []])],
    ["edits that do not fit", generating([[], [["append", ["nowhere"], "x"]], []])],
    ["edits of an unknown kind", generating([[], [["swap", [], 1]], []])]
  ])("with %s is an AppProtocolError", (_, text) => {
    const { failure } = run([generating([null, { a: 1 }, "x"]), text])
    assert(failure instanceof AppProtocolError, String(failure))
    assert.isTrue(failure.mayHaveRun)
  })
})

const depth = 200_000
const deepText = (inner = "1") => "[".repeat(depth) + inner + "]".repeat(depth)
const moderate = (levels: number) => "[".repeat(levels) + "]".repeat(levels)

describe("deeply nested values", () => {
  it.each([
    [
      "an output",
      `{"msg":"process_completed","event_id":"e","success":true,"output":{"data":[null,${deepText()},"x"]}}`
    ],
    [
      "no list of outputs",
      `{"msg":"process_completed","event_id":"e","success":true,"output":{"data":{"a":${deepText()}}}}`
    ],
    ["an error", `{"msg":"process_completed","event_id":"e","success":false,"output":{"error":${deepText()}}}`],
    ["a log", `{"msg":"log","event_id":"e","level":"info","log":${deepText()}}`],
    ["an unknown kind", `{"msg":"new","event_id":"e","x":${deepText()}}`]
  ])("in %s do not overflow the stack", (_, text) => {
    const decoded = fromText(text)
    assert.strictEqual(decoded.msg, "broken")
  })

  it.each([600, 900])("of %d levels are an AppProtocolError, in edits and completions too", (levels) => {
    const value = moderate(levels)
    const plain = run([
      `{"msg":"process_completed","event_id":"e","success":true,"output":{"data":[null,${value},"x"]}}`
    ])
    assert(plain.failure instanceof AppProtocolError)
    const edits = run([
      generating([null, { a: 1 }, "x"]),
      `{"msg":"process_generating","event_id":"e","success":true,"output":{"data":[[],[["replace",["a"],${value}]],[]]}}`
    ])
    assert(edits.failure instanceof AppProtocolError)
    const misfit = run([
      generating([null, { a: 1 }, "x"]),
      `{"msg":"process_generating","event_id":"e","success":true,"output":{"data":[[],[["replace",["b"],${value}]],[]]}}`
    ])
    assert(misfit.failure instanceof AppProtocolError)
  })
})

// ---------------------------------------------------------------------------------------------------------------- laws

type Json = null | boolean | number | string | ReadonlyArray<unknown> | object

const keys = ["a", "b", "__proto__", "constructor", "value", "ü"] as const
const json = (random: Random, levels: number): Json => {
  const kind = random.below(levels === 0 ? 4 : 6)
  if (kind < 2) return random.pick([0, 1, 2.5, -1, "", "a", "ab"])
  if (kind === 2) return random.chance(0.5)
  if (kind === 3) return null
  if (kind === 4) return Array.from({ length: random.below(3) }, () => json(random, levels - 1))
  const made = {}
  for (let n = random.below(3); n > 0; n--) setUnsafe(made, random.pick(keys), json(random, levels - 1))
  return made
}

interface Update {
  readonly update: object
  readonly value: Json | undefined
}
const isUpdate = (slot: Json | Update): slot is Update => typeof slot === "object" && slot !== null && "update" in slot

interface Generated {
  /** What the function yields, for each of its two outputs. */
  readonly yields: ReadonlyArray<readonly [Json | Update, Json | Update]>
  /** Whether its completion has the last of them, or something else. */
  readonly last: readonly [Json | Update, Json | Update]
  readonly ends: "completed" | "failed" | "cancelled"
}

const slot = (random: Random): Json | Update => {
  if (random.chance(0.8)) return json(random, 2)
  const value = random.chance(0.5) ? json(random, 1) : undefined
  return {
    update: { __type__: "update", visible: random.chance(0.5), ...(value === undefined ? {} : { value }) },
    value
  }
}

const generated = (random: Random): Generated => {
  const yields = Array.from({ length: random.below(5) }, (_, n): readonly [Json | Update, Json | Update] =>
    n > 0 && random.chance(0.1) ? [1, "same"] : [slot(random), slot(random)]
  )
  const last = yields.at(-1)
  return {
    yields,
    last: last === undefined || random.chance(0.2) ? [slot(random), slot(random)] : last,
    ends: random.chance(0.8) ? "completed" : random.pick(["failed", "cancelled"])
  }
}

const onWire = (one: Json | Update): unknown => (isUpdate(one) ? one.update : one)

describe("laws of the fold", () => {
  it("each value is in exactly one Output, in order, and the completion adds one only where it differs", () => {
    forAll("the fold", 10_000, generated, ({ ends, last, yields }) => {
      const texts = yields.map(([one, two], n) =>
        generating(
          n === 0
            ? [null, onWire(one), onWire(two)]
            : [[], [["replace", [], onWire(one)]], [["replace", [], onWire(two)]]]
        )
      )
      texts.push(
        ends === "completed"
          ? completed([null, onWire(last[0]), onWire(last[1])])
          : ends === "failed"
            ? failed({ error: "bad" })
            : message("process_completed", {})
      )
      const { events, failure } = run(texts)

      // What a user must see: the values of updates, or the last real ones where they have none.
      const real: [unknown, unknown] = [null, null]
      const shown = (pair: readonly [Json | Update, Json | Update]): ReadonlyArray<unknown> => {
        for (const place of [0, 1] as const) {
          const one = pair[place]
          if (!isUpdate(one)) real[place] = one
          else if (one.value !== undefined) real[place] = one.value
        }
        return [...real]
      }
      const wanted = yields.map(shown)
      const before = yields.at(-1)
      const repeats = before !== undefined && JSON.stringify(before.map(onWire)) === JSON.stringify(last.map(onWire))
      if (ends === "completed" && !repeats) wanted.push(shown(last))
      assert.strictEqual(JSON.stringify(given(events)), JSON.stringify(wanted))
      assert.deepStrictEqual(
        events.flatMap((event) => (event._tag === "Output" ? [event.index] : [])),
        wanted.map((_, index) => index)
      )
      const end = events.at(-1)
      assert.strictEqual(end?._tag === "Completed", ends === "completed")
      if (end?._tag === "Completed") assert.strictEqual(JSON.stringify(end.output), JSON.stringify(wanted.at(-1)))
      assert.strictEqual(
        failure?._tag,
        { completed: undefined, failed: "AppError", cancelled: "JobCancelledError" }[ends]
      )
    })
  })
})
