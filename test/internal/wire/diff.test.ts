import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"

import { setUnsafe } from "../../../src/internal/record.ts"
import { applyEdits } from "../../../src/internal/wire/diff.ts"
import { prepareEnvironment } from "../../gradio/environments.ts"
import { serverDiffs } from "../../gradio/oracle.ts"

/** Servers send edits from 4.17 on. */
const versions = ["4.19.2", "4.44.1", "5.49.1", "6.31.0"] as const

type Json = null | boolean | number | string | Array<Json> | { [key: string]: Json }
type Edit = [op: string, path: Array<string | number>, value: Json]

const isObject = (u: unknown): u is { [key: string]: Json } => typeof u === "object" && u !== null && !Array.isArray(u)

// ---------------------------------------------------------------------------------------- pairs of old and new values

/** mulberry32: small, seedable, the same everywhere. */
const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const keys = ["a", "b", "content", "", "__proto__", "constructor", "0", "1", "Größe", "😀"]
const texts = ["", "a", "ab", "abc", "ä", "😀", "😀😀", "line\nline", '"\\', "__type__"]

/** `booleans` off: without the pairs in which Python sees no change (1 and true). */
const generator = (seed: number, booleans: boolean) => {
  const random = randomFrom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const pick = <A>(items: ReadonlyArray<A>, none: A): A => items[below(items.length)] ?? none
  const scalar = (): Json => {
    const kind = below(booleans ? 5 : 4)
    if (kind === 0) return null
    if (kind === 1) return pick([0, 1, 2, -1, 0.5, 1.5, 1e21, 123456789012], 0)
    return kind === 4 ? random() < 0.5 : pick(texts, "")
  }
  const value = (depth: number): Json => {
    const kind = depth === 0 ? 0 : below(3)
    if (kind === 0) return scalar()
    if (kind === 1) return Array.from({ length: below(5) }, () => value(depth - 1))
    const made = {}
    for (let n = below(5); n > 0; n--) setUnsafe(made, pick(keys, "a"), value(depth - 1))
    return made
  }
  /** Mostly what apps do between two yields: text grows, lists grow and shrink, a field changes. */
  const changed = (old: Json, depth: number): Json => {
    const kind = random()
    if (kind < 0.15) return structuredCloneOf(old)
    if (kind < 0.25) return value(depth)
    if (typeof old === "string") return old + pick(texts, "")
    if (Array.isArray(old)) {
      const kept = old
        .slice(0, random() < 0.4 ? below(old.length + 1) : old.length)
        .map((item) => changed(item, depth - 1))
      return random() < 0.4 ? [...kept, ...Array.from({ length: below(3) }, () => value(Math.max(0, depth - 1)))] : kept
    }
    if (!isObject(old)) return scalar()
    const made = {}
    for (const [key, item] of Object.entries(old)) if (random() < 0.8) setUnsafe(made, key, changed(item, depth - 1))
    if (random() < 0.5) setUnsafe(made, pick(keys, "a"), value(Math.max(0, depth - 1)))
    return made
  }
  return (): { readonly old: Json; readonly new: Json } => {
    const old = value(4)
    return { old, new: changed(old, 4) }
  }
}

const structuredCloneOf = (json: Json): Json => JSON.parse(JSON.stringify(json))

/** In Python 1 is true and 0 is false, so the server sees no change there. */
const asPythonSees = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (_, inner: unknown) => (typeof inner === "boolean" ? Number(inner) : inner))

// ------------------------------------------------------------------------ `diff` of gradio/utils.py, before and from 5.29.1

const pythonEquals = (a: Json, b: Json): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => pythonEquals(item, b[index] ?? null))
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every((key) => Object.hasOwn(b, key) && pythonEquals(a[key] ?? null, b[key] ?? null))
    )
  }
  const number = (json: Json) => (typeof json === "boolean" ? Number(json) : json)
  return number(a) === number(b)
}

const pythonType = (json: Json): string => {
  if (json === null) return "NoneType"
  if (Array.isArray(json)) return "list"
  return typeof json === "number" ? (Number.isInteger(json) && Math.abs(json) < 1e21 ? "int" : "float") : typeof json
}

const serverDiff = (old: Json, now: Json, shifts: boolean, path: Array<string | number> = []): Array<Edit> => {
  if (pythonEquals(old, now)) return []
  if (pythonType(old) !== pythonType(now)) return [["replace", path, now]]
  if (typeof old === "string" && typeof now === "string" && now.startsWith(old))
    return [["append", path, now.slice(old.length)]]
  const edits: Array<Edit> = []
  if (Array.isArray(old) && Array.isArray(now)) {
    const common = Math.min(old.length, now.length)
    for (let i = 0; i < common; i++) edits.push(...serverDiff(old[i] ?? null, now[i] ?? null, shifts, [...path, i]))
    for (let i = common; i < old.length; i++) edits.push(["delete", [...path, i], null])
    for (let i = common; i < now.length; i++) edits.push(["add", [...path, i], now[i] ?? null])
    let seen = 0
    for (const edit of shifts ? edits : []) {
      const last = edit[1].at(-1)
      if (edit[0] === "delete" && typeof last === "number") edit[1][edit[1].length - 1] = last - seen++
    }
    return edits
  }
  if (isObject(old) && isObject(now)) {
    for (const key of Object.keys(old)) {
      if (Object.hasOwn(now, key)) edits.push(...serverDiff(old[key] ?? null, now[key] ?? null, shifts, [...path, key]))
      else edits.push(["delete", [...path, key], null])
    }
    for (const key of Object.keys(now))
      if (!Object.hasOwn(old, key)) edits.push(["add", [...path, key], now[key] ?? null])
    return edits
  }
  return [["replace", path, now]]
}

/** Freezes all of it, so that changing anything throws. */
const frozen = <A>(json: A): A => {
  if (typeof json === "object" && json !== null) {
    Object.freeze(json)
    for (const inner of Object.values(json)) frozen(inner)
  }
  return json
}

const count = 10_000
const seed = Number(process.env["GRADIO_TEST_SEED"] ?? Date.now() % 2 ** 32)
console.log(`diff.test.ts: seed ${seed} (GRADIO_TEST_SEED repeats it)`)

describe("applyEdits on the edits of a model of the server", () => {
  for (const [name, shifts] of [
    ["old indices (to 5.29.0)", false],
    ["shifted indices (from 5.29.1)", true]
  ] as const) {
    it(`gives the new value, and leaves the old one as it was: ${name}`, () => {
      const next = generator(seed, false)
      for (let n = 0; n < count; n++) {
        const pair = frozen(next())
        const edits = frozen(serverDiff(pair.old, pair.new, shifts))
        assert.deepStrictEqual(
          applyEdits(pair.old, edits),
          Result.succeed(pair.new),
          JSON.stringify({ n, pair, edits })
        )
      }
    })

    it(`differs only where 1 became true or 0 false, with booleans: ${name}`, () => {
      const next = generator(seed, true)
      for (let n = 0; n < count; n++) {
        const pair = frozen(next())
        const applied = Result.getOrThrow(applyEdits(pair.old, serverDiff(pair.old, pair.new, shifts)))
        assert.deepStrictEqual(asPythonSees(applied), asPythonSees(pair.new), JSON.stringify({ n, pair }))
      }
    })
  }

  it.prop(
    "gives every step of a series, each from the one before",
    [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e9 }))],
    ([start]) => {
      const next = generator(start, false)
      let kept: unknown = null
      let sent: Json = null
      const shown: Array<{ readonly value: unknown; readonly text: string }> = []
      for (let step = 0; step < 5; step++) {
        const { new: value } = next()
        kept = Result.getOrThrow(applyEdits(kept, serverDiff(sent, value, start % 2 === 0)))
        sent = value
        shown.push({ value: kept, text: JSON.stringify(value) })
      }
      // Values that were handed out stay what they were.
      for (const { value, text } of shown) assert.deepStrictEqual(value, JSON.parse(text))
    },
    { arbitrary: { runs: 1000 } }
  )
})

describe.each(versions)("applyEdits on the edits of Gradio %s itself", (version) => {
  it("gives the new value, save where Python sees no change", { timeout: 600_000 }, async (context) => {
    const exact = generator(seed, false)
    const all = generator(seed + 1, true)
    const pairs = Array.from({ length: count }, (_, n) => (n < count / 2 ? exact() : all()))
    const environment = await prepareEnvironment(version).catch((error: unknown) => {
      if (process.env["CI"] !== undefined && process.env["CI"] !== "") throw error
      const line = "#".repeat(100)
      console.warn(
        `${line}\n# SKIPPED: the diff of Gradio ${version} was NOT checked, no Python environment: ${String(error).slice(0, 500)}\n${line}`
      )
      return undefined
    })
    if (environment === undefined) {
      context.skip("no Python environment")
      return
    }
    const answers = await serverDiffs(version, pairs)
    assert.strictEqual(answers.length, count)
    for (const [n, edits] of answers.entries()) {
      const pair = frozen(pairs[n] ?? { old: null, new: null })
      const applied = applyEdits(pair.old, frozen(edits))
      const what = JSON.stringify({ seed, n, pair, edits })
      if (n < count / 2) assert.deepStrictEqual(applied, Result.succeed(pair.new), what)
      else assert.deepStrictEqual(asPythonSees(Result.getOrThrow(applied)), asPythonSees(pair.new), what)
    }
  })
})

describe("applyEdits", () => {
  it("applies what 4.19.2 sent, deletes by old indices", () => {
    const first = { l: [{ i: 0, t: "" }], d: { k0: 0 } }
    const second = {
      l: [
        { i: 0, t: "" },
        { i: 1, t: "x" }
      ],
      d: { k0: 0, k1: 1 }
    }
    assert.deepStrictEqual(
      applyEdits(first, [
        ["add", ["l", 1], { i: 1, t: "x" }],
        ["add", ["d", "k1"], 1]
      ]),
      Result.succeed<unknown>(second)
    )
    assert.deepStrictEqual(
      applyEdits(second, [
        ["replace", ["l", 0, "i"], 1],
        ["append", ["l", 0, "t"], "x"],
        ["replace", ["l", 1, "i"], 2],
        ["append", ["l", 1, "t"], "x"],
        ["delete", ["d", "k0"], null],
        ["add", ["d", "k2"], 2]
      ]),
      Result.succeed<unknown>({
        l: [
          { i: 1, t: "x" },
          { i: 2, t: "xx" }
        ],
        d: { k1: 1, k2: 2 }
      })
    )
    assert.deepStrictEqual(
      applyEdits(
        ["a", "b", "c", "d", "e"],
        [
          ["replace", [1], "z"],
          ["delete", [2], null],
          ["delete", [3], null],
          ["delete", [4], null]
        ]
      ),
      Result.succeed<unknown>(["a", "z"])
    )
  })

  it("applies what 6.31.0 sent, deletes by indices that are shifted too often", () => {
    assert.deepStrictEqual(
      applyEdits(
        {
          data: [
            [1, 2, 3],
            [4, 5, 6]
          ]
        },
        [
          ["delete", ["data", 0, 1], null],
          ["delete", ["data", 0, 0], null],
          ["delete", ["data", 1, -1], null],
          ["delete", ["data", 1, -2], null]
        ]
      ),
      Result.succeed<unknown>({ data: [[1], [4]] })
    )
    assert.deepStrictEqual(
      applyEdits({ label: "l", value: "B", __type__: "update" }, [
        ["delete", ["label"], null],
        ["delete", ["value"], null],
        ["add", ["visible"], false]
      ]),
      Result.succeed<unknown>({ visible: false, __type__: "update" })
    )
  })

  it("follows deletes within a list before it shortens the list", () => {
    assert.deepStrictEqual(
      applyEdits(
        [[1, 2], [3]],
        [
          ["delete", [0, 1], null],
          ["delete", [1], null]
        ]
      ),
      Result.succeed<unknown>([[1]])
    )
    assert.deepStrictEqual(
      applyEdits(
        [[1, 2], [3]],
        [
          ["delete", [1], null],
          ["delete", [0, 1], null]
        ]
      ),
      Result.succeed<unknown>([[1]])
    )
  })

  it("works on the whole value", () => {
    assert.deepStrictEqual(applyEdits(null, [["replace", [], { a: 1 }]]), Result.succeed<unknown>({ a: 1 }))
    assert.deepStrictEqual(
      applyEdits("ab", [
        ["append", [], "c"],
        ["append", [], "d"]
      ]),
      Result.succeed<unknown>("abcd")
    )
    assert.deepStrictEqual(
      applyEdits({ a: 1 }, [
        ["replace", [], [1]],
        ["add", [1], 2]
      ]),
      Result.succeed<unknown>([1, 2])
    )
  })

  it("shares what it does not touch, and gives the same value for no edits", () => {
    const old = { kept: { deep: [1] }, changed: [1] }
    assert.strictEqual(Result.getOrThrow(applyEdits(old, [])), old)
    const now = Result.getOrThrow(applyEdits(old, [["add", ["changed", 1], 2]]))
    assert.deepStrictEqual<unknown>(now, { kept: { deep: [1] }, changed: [1, 2] })
    assert.isTrue(isObject(now) && Object.is(now["kept"], old.kept))
    assert.deepStrictEqual(old, { kept: { deep: [1] }, changed: [1] })
  })

  it("does not write into values that an edit brought", () => {
    const brought = frozen({ list: [1] })
    assert.deepStrictEqual(
      applyEdits({}, [
        ["add", ["a"], brought],
        ["add", ["a", "list", 1], 2],
        ["add", ["b"], brought]
      ]),
      Result.succeed<unknown>({ a: { list: [1, 2] }, b: { list: [1] } })
    )
  })

  it("takes __proto__ and constructor for keys", () => {
    const edits = JSON.parse(
      `[["add",["__proto__"],{"polluted":1}],["add",["__proto__","more"],2],["add",["constructor"],3]]`
    )
    const now = Result.getOrThrow(applyEdits({}, edits))
    assert.strictEqual(JSON.stringify(now), `{"__proto__":{"polluted":1,"more":2},"constructor":3}`)
    assert.strictEqual(Object.getPrototypeOf(now), Object.prototype)
    assert.isFalse("polluted" in {})
    assert.strictEqual(
      JSON.stringify(Result.getOrThrow(applyEdits(now, [["delete", ["__proto__"], null]]))),
      `{"constructor":3}`
    )
    for (const path of [["__proto__", "x"], ["constructor", "prototype", "x"], ["toString"]]) {
      for (const op of ["replace", "append", "delete"])
        assert.isTrue(Result.isFailure(applyEdits({}, [[op, path, "y"]])))
    }
    assert.isTrue(Result.isFailure(applyEdits({}, [["add", ["__proto__", "x"], "y"]])))
    assert.isFalse("x" in {})
  })

  const bad: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ["edits that are no list", {}, { 0: 1 }],
    ["edits that are null", {}, null],
    ["an edit that is no list", {}, ["replace"]],
    ["an edit without path", {}, [["replace"]]],
    ["an edit without value", {}, [["replace", []]]],
    ["an unknown operation", {}, [["move", ["a"], 1]]],
    ["an operation that is an object without text", {}, JSON.parse(`[[{"toString":1},["a"],1]]`)],
    ["a path that is a text", { a: 1 }, [["replace", "a", 1]]],
    ["a path with objects in it", { a: 1 }, [["replace", [{}], 1]]],
    ["a path with null in it", { a: 1 }, [["replace", [null], 1]]],
    ["a path through a text", { a: "text" }, [["replace", ["a", 0], 1]]],
    ["a path through null", { a: null }, [["add", ["a", "b"], 1]]],
    ["a path through nothing", {}, [["add", ["a", "b"], 1]]],
    ["a path into a text at the root", "text", [["add", [0], 1]]],
    ["a replacement of nothing in an object", {}, [["replace", ["a"], 1]]],
    ["a replacement behind the end of a list", [1], [["replace", [1], 1]]],
    ["an index below zero", [1], [["replace", [-1], 1]]],
    ["an index that is no whole number", [1], [["replace", [0.5], 1]]],
    ["an index that is a text", [1], [["replace", ["0"], 1]]],
    ["the length of a list", [1], [["replace", ["length"], 0]]],
    ["a huge index", [1], [["add", [4294967295], 1]]],
    ["an index beyond all numbers", [1], [["add", [1e308], 1]]],
    ["an addition with a gap", [1], [["add", [3], 1]]],
    ["an addition beside the root", {}, [["add", [], 1]]],
    ["text for a number", { a: 1 }, [["append", ["a"], "x"]]],
    ["a number for a text", { a: "x" }, [["append", ["a"], 1]]],
    ["text for nothing", {}, [["append", ["a"], "x"]]],
    ["text for a list", [], [["append", [], "x"]]],
    ["a delete of the root", {}, [["delete", [], null]]],
    ["a delete of a missing key", {}, [["delete", ["a"], null]]],
    ["a delete by key in a list", [1], [["delete", ["a"], null]]],
    [
      "more deletes than items",
      [1],
      [
        ["delete", [0], null],
        ["delete", [0], null]
      ]
    ],
    ["a path that is too long", [], [["add", Array.from({ length: 100_000 }, () => 0), 1]]]
  ]
  it.each(bad)("refuses %s, without a crash or a change", (_, old, edits) => {
    const result = applyEdits(frozen(old), frozen(edits))
    assert.isTrue(Result.isFailure(result))
    assert.isBelow(Result.isFailure(result) ? result.failure.length : Infinity, 1000)
  })

  it("refuses or applies any edit at all, and never makes a list with gaps", () => {
    const random = randomFrom(seed)
    const next = generator(seed, true)
    const pick = <A>(items: ReadonlyArray<A>): A | undefined => items[Math.floor(random() * items.length)]
    for (let n = 0; n < count; n++) {
      const { old, new: value } = frozen(next())
      const edits = Array.from({ length: 3 }, () => [
        pick(["add", "replace", "append", "delete"]),
        Array.from({ length: Math.floor(random() * 4) }, () =>
          pick([0, 1, 2, 5, -1, "a", "b", "content", "__proto__", "0"])
        ),
        pick([value, "text", 1])
      ])
      const result = applyEdits(old, edits)
      if (Result.isSuccess(result)) {
        assert.strictEqual(JSON.stringify(result.success), JSON.stringify(JSON.parse(JSON.stringify(result.success))))
        const look = (json: unknown): void => {
          if (typeof json !== "object" || json === null) return
          if (Array.isArray(json)) assert.strictEqual(Object.keys(json).length, json.length)
          for (const inner of Object.values(json)) look(inner)
        }
        look(result.success)
      }
    }
  })

  it("lets a text grow in time proportional to its length", () => {
    let value: unknown = { messages: [{ content: "" }] }
    const started = performance.now()
    for (let n = 0; n < 200_000; n++) {
      value = Result.getOrThrow(applyEdits(value, [["append", ["messages", 0, "content"], "token "]]))
    }
    assert.isBelow(performance.now() - started, 10_000)
    assert.deepStrictEqual<unknown>(value, { messages: [{ content: "token ".repeat(200_000) }] })
  })

  it("copies a container once for a message, however many edits concern it", () => {
    const long = frozen(Array.from({ length: 100_000 }, (_, n) => n))
    const started = performance.now()
    const edits = long.map((n) => ["replace", [n], n + 1])
    const applied = applyEdits(long, edits)
    assert.isBelow(performance.now() - started, 2000)
    assert.deepStrictEqual(applied, Result.succeed<unknown>(long.map((n) => n + 1)))
  })
})
