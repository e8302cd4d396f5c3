import { assert, describe, it } from "@effect/vitest"

import { eventIdOf, fromText, type ServerMessage } from "../src/ServerMessage.ts"

const id = "0123456789abcdef"
/** A step that some output carries as it came. */
const data: ReadonlyArray<unknown> = [["replace", [], "x"], { __type__: "update" }, null, 1.5, "ü漢🎈"]

describe("a message of a known kind", () => {
  it.each<readonly [what: string, message: object]>([
    ["estimation", { msg: "estimation", event_id: id, rank: 0, queue_size: 1, rank_eta: 0.25 }],
    ["estimation that knows no time", { msg: "estimation", event_id: id, rank: 2, queue_size: 5, rank_eta: null }],
    ["estimation of an old server", { msg: "estimation", queue_size: 1 }],
    ["process_starts", { msg: "process_starts", event_id: id, eta: 1.5 }],
    ["process_starts without a guess", { msg: "process_starts", event_id: id, eta: null }],
    [
      "progress",
      {
        msg: "progress",
        event_id: id,
        progress_data: [
          { index: 1, length: 3, unit: "it", progress: null, desc: "loop" },
          { index: null, length: null, unit: null, progress: 0.5, desc: null },
          {}
        ]
      }
    ],
    ["progress without bars", { msg: "progress", event_id: id, progress_data: null }],
    ["log", { msg: "log", event_id: id, log: "text", level: "warning", duration: 10, visible: true, title: "Warning" }],
    ["log of Gradio 4", { msg: "log", event_id: id, log: "text", level: "info" }],
    ["log that is no text", { msg: "log", event_id: id, log: { a: [1] }, level: "info", duration: null }],
    ["process_generating", { msg: "process_generating", event_id: id, output: { data } }],
    ["process_generating without data", { msg: "process_generating", event_id: id, output: {} }],
    ["process_streaming", { msg: "process_streaming", event_id: id, output: { data }, time_limit: 5 }],
    [
      "process_completed",
      {
        msg: "process_completed",
        event_id: id,
        output: { data, render_config: { render_id: 1 }, duration: 0.5 },
        success: true,
        title: null,
        used_cache: "full"
      }
    ],
    [
      "process_completed of a failure",
      {
        msg: "process_completed",
        event_id: id,
        output: { error: "bad thing", duration: 3, visible: false, title: "Title" },
        success: false
      }
    ],
    [
      "process_completed of a hidden failure",
      { msg: "process_completed", event_id: id, output: { error: null }, success: false }
    ],
    ["heartbeat", { msg: "heartbeat" }],
    ["close_stream", { msg: "close_stream" }],
    [
      "unexpected_error",
      { msg: "unexpected_error", event_id: id, message: "Session not found.", session_not_found: true }
    ],
    ["unexpected_error of all calls", { msg: "unexpected_error", event_id: null, message: null }]
  ])("%s is read as it is", (_, message) => {
    assert.deepStrictEqual<unknown>(fromText(JSON.stringify(message)), message)
  })

  it("leaves out fields that are not known, and reads the rest", () => {
    const message = { msg: "process_starts", event_id: id, eta: 1 }
    assert.deepStrictEqual<unknown>(fromText(JSON.stringify({ ...message, new_in_7: [1] })), message)
    assert.deepStrictEqual<unknown>(fromText(JSON.stringify({ msg: "heartbeat", new_in_7: 1 })), { msg: "heartbeat" })
  })
})

describe("a message of a kind that nobody knows", () => {
  it.each<readonly [string, string | null]>([
    [`{"msg":"later","event_id":"${id}","a":{"b":[1]}}`, id],
    ['{"msg":"later","event_id":null,"a":1}', null],
    ['{"msg":"later","event_id":7}', null],
    ['{"msg":"","a":1}', null],
    ['{"msg":"constructor","event_id":"e"}', "e"],
    ['{"msg":"__proto__"}', null],
    ['{"msg":"toString"}', null]
  ])("is kept whole: %s", (text, eventId) => {
    const read = fromText(text)
    assert.deepStrictEqual(read, { msg: "other", event_id: eventId, message: JSON.parse(text) })
    assert.strictEqual(eventIdOf(read), eventId)
  })
})

describe("a broken message", () => {
  const nobodys: ReadonlyArray<readonly [text: string, problem: string]> = [
    ["", "is no JSON"],
    ["{", "is no JSON"],
    ['{"msg":"heartbeat"', "is no JSON"],
    ["[".repeat(5000), "is no JSON"],
    ["null", "is no message of Gradio"],
    ["1", "is no message of Gradio"],
    ['"heartbeat"', "is no message of Gradio"],
    ["[]", "is no message of Gradio"],
    ["{}", "is no message of Gradio"],
    [`{"event_id":"${id}"}`, "is no message of Gradio"],
    ['{"msg":1}', "is no message of Gradio"],
    ['{"__proto__":{"msg":"heartbeat"}}', "is no message of Gradio"]
  ]
  it.each(nobodys.map(([text, problem]) => [text.slice(0, 40), problem, text] as const))(
    "of no call is of all: %j %s",
    (_, problem, text) => {
      const read = fromText(text)
      assert.deepStrictEqual<ServerMessage>(read, {
        msg: "broken",
        event_id: null,
        received: text.slice(0, 1000),
        problem
      })
      assert.isNull(eventIdOf(read))
    }
  )

  it.each<readonly [kind: string, fields: object, path: string]>([
    ["estimation", { rank: "first" }, '["rank"]'],
    ["process_starts", { eta: [] }, '["eta"]'],
    ["progress", { progress_data: {} }, '["progress_data"]'],
    ["progress", { progress_data: [{ index: 1 }, { index: "1" }] }, '["progress_data"][1]["index"]'],
    ["log", { log: "x" }, '["level"]'],
    ["log", { log: "x", level: 1 }, '["level"]'],
    ["process_generating", {}, '["output"]'],
    ["process_generating", { output: [] }, '["output"]'],
    ["process_streaming", { output: {}, time_limit: "5" }, '["time_limit"]'],
    ["process_completed", { output: {} }, '["success"]'],
    ["process_completed", { success: true }, '["output"]'],
    ["process_completed", { success: 1, output: {} }, '["success"]'],
    ["process_completed", { success: true, output: null }, '["output"]'],
    ["process_completed", { success: false, output: { duration: "long" } }, '["output"]["duration"]'],
    ["unexpected_error", { message: 1 }, '["message"]']
  ])("%s is of the call that it names, and says what is wrong: %j", (msg, fields, path) => {
    const text = JSON.stringify({ msg, event_id: id, ...fields })
    const read = fromText(text)
    assert(read.msg === "broken")
    assert.deepStrictEqual([read.event_id, eventIdOf(read), read.received], [id, id, text])
    assert.isTrue(read.problem.startsWith(`is no ${msg} as servers send it: `), read.problem)
    assert.include(read.problem, path)
    const nameless = fromText(JSON.stringify({ msg, ...fields }))
    assert.deepStrictEqual([nameless.msg, eventIdOf(nameless)], ["broken", null])
  })

  it("whose event id is no text is of all", () => {
    const read = fromText('{"msg":"process_starts","event_id":7}')
    assert.deepStrictEqual([read.msg, eventIdOf(read)], ["broken", null])
  })

  it("that is long is shown by its beginning", () => {
    const text = JSON.stringify({ msg: "process_starts", event_id: id, eta: "x".repeat(5000) })
    const read = fromText(text)
    assert(read.msg === "broken")
    assert.strictEqual(read.received, text.slice(0, 1000))
  })
})

describe("keys of prototypes", () => {
  it("in outputs and logs are data", () => {
    const odd = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":2}'
    for (const text of [
      `{"msg":"process_completed","event_id":"e","output":{"data":[${odd}]},"success":true}`,
      `{"msg":"process_generating","event_id":"e","output":{"data":[${odd}],"render_config":${odd}}}`,
      `{"msg":"log","event_id":"e","log":${odd},"level":"info"}`
    ]) {
      assert.strictEqual(JSON.stringify(fromText(text)), text)
    }
    assert.isFalse("polluted" in {})
  })

  it("of a message are no fields of it", () => {
    const read = fromText('{"msg":"process_starts","event_id":"e","__proto__":{"eta":5}}')
    assert.deepStrictEqual<unknown>(read, { msg: "process_starts", event_id: "e" })
    assert.isFalse("eta" in read)
  })
})

describe("eventIdOf", () => {
  it.each<readonly [ServerMessage, string | null]>([
    [{ msg: "heartbeat" }, null],
    [{ msg: "close_stream" }, null],
    [{ msg: "process_starts", event_id: id }, id],
    [{ msg: "process_starts", event_id: null }, null],
    [{ msg: "process_starts" }, null]
  ])("of %j is %j", (message, expected) => {
    assert.strictEqual(eventIdOf(message), expected)
  })
})
