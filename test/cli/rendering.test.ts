import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Cause, DateTime, Duration, Schema } from "effect"
import { displayWidth } from "effect/cli/CliOutput"

import { durationOf } from "../../src/cli/duration.ts"
import { codeOf, endingOf, exitCodes } from "../../src/cli/exitCode.ts"
import { failureOf, InputProblem, Refusal } from "../../src/cli/failure.ts"
import {
  connecting,
  ended,
  jsonLine,
  plainLine,
  type Progress,
  sending,
  statusLine,
  step
} from "../../src/cli/progress.ts"
import { jsonOf, linesOf } from "../../src/cli/result.ts"
import { notServed } from "../../src/cli/serve.ts"
import { sourceOf } from "../../src/cli/source.ts"
import { fit, oneLine, printable, size, table, time } from "../../src/cli/text.ts"
import { AppError, circumstances, EndpointInputError, QueueFullError } from "../../src/GradioError.ts"
import * as GradioFile from "../../src/GradioFile.ts"
import type { JobEvent } from "../../src/JobEvent.ts"

const anyText = Arbitrary.schema(Schema.String)
const at = DateTime.makeUnsafe(0)
const runs = { arbitrary: { runs: 500 } }

const events: ReadonlyArray<JobEvent<unknown>> = [
  { _tag: "Uploading", at, file: "cat.png", sent: 450_000, size: 1_000_000 },
  { _tag: "Queued", at, position: 2, size: 3, eta: Duration.seconds(12) },
  { _tag: "Queued", at, position: 0, size: 1, eta: undefined },
  { _tag: "Started", at, eta: Duration.seconds(90) },
  {
    _tag: "Progress",
    at,
    bars: [
      { fraction: undefined, index: 1, length: 2, unit: "steps", description: "outer" },
      { fraction: 0.25, index: undefined, length: undefined, unit: undefined, description: "inner" }
    ]
  },
  { _tag: "Output", at, output: ["a"], index: 0, updates: {} },
  { _tag: "Log", at, level: "warning", message: "hot", title: "Warning", duration: undefined, visible: true },
  { _tag: "Completed", at, output: ["a"], took: undefined, usedCache: undefined }
]

const along = (): ReadonlyArray<Progress> => {
  const all: Array<Progress> = [connecting, sending]
  for (const event of events) all.push(step(all.at(-1) ?? ended, event))
  return all
}

describe("progress", () => {
  it("tells on one line how far a call is", () => {
    assert.deepStrictEqual(
      along().map((progress) => statusLine(progress, 100)),
      [
        "connecting…",
        "sending…",
        "uploading cat.png  [█████████░░░░░░░░░░░] 45 %  450 kB of 1.0 MB",
        "queued: 2 before this call, about 12 s",
        "queued: next",
        "running, about 1 min 30 s…",
        "[██████████░░░░░░░░░░] 50 %  1/2 steps  outer  |  [█████░░░░░░░░░░░░░░░] 25 %  inner",
        "[██████████░░░░░░░░░░] 50 %  1/2 steps  outer  |  [█████░░░░░░░░░░░░░░░] 25 %  inner",
        "[██████████░░░░░░░░░░] 50 %  1/2 steps  outer  |  [█████░░░░░░░░░░░░░░░] 25 %  inner",
        undefined
      ]
    )
  })

  it("tells in lines what is new, where no line can be redrawn", () => {
    const all = along()
    assert.deepStrictEqual(
      all.flatMap((progress, i) => plainLine(all[i - 1] ?? ended, progress) ?? []),
      [
        "queued: 2 before this call, about 12 s",
        "queued: next",
        "running, about 1 min 30 s…",
        "[██████████░░░░░░░░░░] 50 %  1/2 steps  outer  |  [█████░░░░░░░░░░░░░░░] 25 %  inner"
      ]
    )
  })

  it("tells programs the same as JSON", () => {
    assert.deepStrictEqual(
      events.flatMap((event) => jsonLine(event) ?? []),
      [
        '{"event":"uploading","file":"cat.png","sent":450000,"size":1000000}',
        '{"event":"queued","position":2,"size":3,"eta":12}',
        '{"event":"queued","position":0,"size":1}',
        '{"event":"started","eta":90}',
        '{"event":"progress","bars":[{"index":1,"length":2,"unit":"steps","description":"outer"},{"fraction":0.25,"description":"inner"}]}',
        '{"event":"log","level":"warning","title":"Warning","message":"hot"}'
      ]
    )
  })

  it.prop(
    "a status line leaves the last column free, whatever an app writes into it",
    [
      anyText,
      Arbitrary.schema(Schema.Finite),
      Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 })))
    ],
    ([description, fraction, width]) => {
      const bars = [{ fraction, index: undefined, length: undefined, unit: description, description }]
      const line = statusLine(step(sending, { _tag: "Progress", at, bars }), width) ?? ""
      assert.isBelow(displayWidth(line), width)
      assert.notMatch(line, /\p{Cc}/u)
    },
    runs
  )
})

describe("texts", () => {
  it.prop(
    "what a server sent has no power over a terminal",
    [anyText],
    ([text]) => {
      const hostile = `${text}\u001b]0;title\u0007\u009b2J\u202e${text}\r\n`
      assert.notMatch(printable(hostile), /[^\P{Cc}\n\t]|[\u202a-\u202e]/u)
      assert.notMatch(oneLine(hostile), /[\p{Cc}\u202a-\u202e]/u)
    },
    runs
  )

  it.prop(
    "a text is cut to a width, and not touched where it fits",
    [anyText, Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 80 })))],
    ([text, width]) => {
      const line = oneLine(text)
      const cut = fit(line, width)
      assert.isAtMost(displayWidth(cut), width)
      if (displayWidth(line) <= width) assert.strictEqual(cut, line)
    },
    runs
  )

  it("tables have columns as wide as what they hold", () => {
    assert.deepStrictEqual(table([["a", "b", ""], ["wide", "日本", "c"], ["x"]]), ["a     b", "wide  日本  c", "x"])
  })

  it("sizes and times are for people", () => {
    assert.deepStrictEqual([0, 999, 1000, 123_456, 999_999, 5e9].map(size), [
      "0 B",
      "999 B",
      "1.0 kB",
      "123 kB",
      "1.0 MB",
      "5.0 GB"
    ])
    assert.deepStrictEqual([0, 0.4, 12, 60, 200, 3900, 7200].map(time), [
      "0 s",
      "0.4 s",
      "12 s",
      "1 min",
      "3 min 20 s",
      "1 h 5 min",
      "2 h"
    ])
  })

  it("times are read as people write them", () => {
    const millis = (text: string) => {
      const duration = durationOf(text)
      return duration === undefined ? undefined : Duration.toMillis(duration)
    }
    assert.deepStrictEqual(["90", "90s", "1.5m", "2 h", "500ms", "soon", "", "-1s"].map(millis), [
      90_000,
      90_000,
      90_000,
      7_200_000,
      500,
      undefined,
      undefined,
      undefined
    ])
  })
})

describe("the app as it is written", () => {
  it.each([
    [":7860", "http://127.0.0.1:7860"],
    [":7860/sub", "http://127.0.0.1:7860/sub"],
    ["localhost:7860", "http://localhost:7860"],
    ["localhost", "http://localhost"],
    ["127.0.0.1:7860/", "http://127.0.0.1:7860/"],
    ["[::1]:7860", "http://[::1]:7860"],
    ["https://my-app.example/sub", "https://my-app.example/sub"],
    ["user/space", "user/space"],
    ["localhost/space", "localhost/space"],
    ["my-app.example:7860", "my-app.example:7860"]
  ])("%s is %s", (text, source) => {
    assert.strictEqual(sourceOf(text), source)
  })
})

describe("results", () => {
  const file = GradioFile.fromBytes(new Uint8Array(3), { name: "a.txt", mimeType: "text/plain" })
  const saved = new Map([[file, "out/a.txt"]])
  const returns = ["one", "two"].map((label) => ({
    label,
    component: "Textbox",
    type: {},
    pythonType: "str",
    description: ""
  }))

  it("one is printed as it is, several with their labels", () => {
    assert.strictEqual(linesOf(["text"], returns, saved), "text")
    assert.strictEqual(linesOf([5], returns, saved), "5")
    assert.strictEqual(linesOf([file], returns, saved), "out/a.txt")
    assert.strictEqual(linesOf([[file, file]], returns, saved), "out/a.txt\nout/a.txt")
    assert.strictEqual(linesOf([{ image: file }], returns, new Map()), '{"image":"a.txt"}')
    assert.strictEqual(linesOf(["a\nb", null, true], returns, saved), "one:\na\nb\ntwo: null\nvalue_2: true")
    assert.strictEqual(linesOf([], returns, saved), "")
  })

  it("JSON says of a file what is known", () => {
    assert.strictEqual(
      jsonOf([file, { deep: [file] }], new Map()),
      '[{"name":"a.txt","size":3,"mimeType":"text/plain"},{"deep":[{"name":"a.txt","size":3,"mimeType":"text/plain"}]}]'
    )
    assert.strictEqual(jsonOf([file], saved), '[{"name":"a.txt","path":"out/a.txt","size":3,"mimeType":"text/plain"}]')
  })

  it.prop(
    "JSON gives the outputs back",
    [Arbitrary.array(Arbitrary.schema(Schema.Json), { maxLength: 4 })],
    ([outputs]) => assert.deepStrictEqual(JSON.parse(jsonOf(outputs, saved)), JSON.parse(JSON.stringify(outputs))),
    runs
  )
})

describe("failures", () => {
  const where = { url: "http://app.example/", endpoint: "/add" }
  const all = {
    app: new AppError({
      ...circumstances({ where, reached: "started" }),
      text: "no such luck",
      title: "Error",
      duration: undefined,
      visible: true,
      printException: true,
      hidden: false
    }),
    input: new EndpointInputError({
      ...circumstances({ where }),
      problems: [{ parameter: "a", problem: "a is wrong" }]
    }),
    busy: new QueueFullError({ ...circumstances({ where }), size: 3 })
  }

  it("each has its code and its words", () => {
    assert.deepStrictEqual(failureOf(Cause.fail(all.app)), { code: 5, lines: ["/add failed: no such luck"] })
    assert.deepStrictEqual(failureOf(Cause.fail(all.input)), {
      code: 2,
      lines: ["The input does not fit /add of the app at http://app.example/: a is wrong."]
    })
    assert.strictEqual(failureOf(Cause.fail(all.busy)).code, 6)
    assert.deepStrictEqual(
      failureOf(Cause.fail(new InputProblem({ problems: [{ problem: "a" }, { problem: "b" }], help: ["c"] }))),
      {
        code: 2,
        lines: ["a", "b"],
        help: ["c"]
      }
    )
    assert.deepStrictEqual(failureOf(Cause.fail(new Refusal({ ending: "timeout", problem: "late" }))), {
      code: 124,
      lines: ["late"]
    })
    assert.deepStrictEqual(failureOf(Cause.interrupt()), { code: 130, lines: [] })
    assert.deepStrictEqual(failureOf(Cause.die(new TypeError("odd"))), {
      code: 1,
      lines: ["TypeError: odd", "That is a mistake of effect-gradio; please report it with the command that you gave."]
    })
  })

  it("a port that nobody can listen at is said to be taken only where it is", () => {
    const why = (code: string) => notServed(80, Object.assign(new Error(`listen ${code}: odd`), { code })).problem
    assert.deepStrictEqual(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL"].map(why), [
      "Port 80 is taken; choose another with --port, 0 for any.",
      "Port 80 may not be listened at; choose one from 1024 on with --port, 0 for any.",
      "Port 80 cannot be listened at: listen EADDRNOTAVAIL: odd."
    ])
  })

  it("no two kinds have one code, and none has one that shells use", () => {
    const codes = exitCodes.map(({ code }) => code)
    assert.strictEqual(new Set(codes).size, codes.length)
    assert.deepStrictEqual(
      codes.filter((code) => [125, 126, 127, 128].includes(code)),
      []
    )
    assert.strictEqual(codeOf(endingOf(all.busy)), 6)
  })
})
