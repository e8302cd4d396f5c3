import { assert, describe, it } from "@effect/vitest"
import {
  BigDecimal,
  Chunk,
  Data,
  DateTime,
  Duration,
  Effect,
  HashMap,
  Option,
  Redacted,
  Result,
  Schema,
  Stream
} from "effect"

import * as GradioFile from "../../../src/GradioFile.ts"
import { maxDepth, misfits, nested, replaced, TooDeep } from "../../../src/internal/files/nested.ts"
import { filesIn, toGradioFile, unsendable, withReferences } from "../../../src/internal/files/outgoing.ts"
import { setUnsafe } from "../../../src/internal/record.ts"
import { forAll, type Random } from "../../laws/generated.ts"

const isMark = (u: unknown): u is { readonly mark: number } =>
  typeof u === "object" && u !== null && Object.hasOwn(u, "mark")

const deep = (depth: number, inner: unknown = null): unknown => {
  let value = inner
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { a: value }
  return value
}

const never = () => false

describe("a walk", () => {
  it("finds in order, and does not look below what it found or into objects of classes", () => {
    const inner = { mark: 2, child: { mark: 3 } }
    const value = [{ mark: 1 }, { a: inner, b: new Map([["x", { mark: 4 }]]), c: new Date(), d: [{ mark: 5 }] }]
    assert.deepStrictEqual(
      nested(value, isMark).map(({ mark }) => mark),
      [1, 2, 5]
    )
  })

  it("replaces without changing what it was given, and shares the rest", () => {
    const same = { untouched: [1, 2] }
    const value = Object.freeze([Object.freeze({ mark: 1 }), same])
    const after = replaced(value, (part) => (isMark(part) ? "new" : undefined))
    assert.deepStrictEqual(after, ["new", { untouched: [1, 2] }])
    assert(Array.isArray(after))
    assert.strictEqual(after[1], same)
    assert.strictEqual(
      replaced(same, () => undefined),
      same
    )
  })

  it("takes __proto__ and constructor for keys, and touches no prototype", () => {
    const value: unknown = JSON.parse(`{"__proto__":{"mark":1},"constructor":{"prototype":{"mark":2}}}`)
    const after = replaced(value, (part) => (isMark(part) ? "new" : undefined))
    assert.strictEqual(JSON.stringify(after), `{"__proto__":"new","constructor":{"prototype":"new"}}`)
    assert.strictEqual(Object.getPrototypeOf(after), Object.prototype)
    assert.isFalse("mark" in {})
    assert.strictEqual(nested(value, isMark).length, 2)
  })

  it("stops at its depth, without a stack that overflows", () => {
    assert.deepStrictEqual(
      replaced(deep(maxDepth), () => undefined),
      deep(maxDepth)
    )
    for (const depth of [maxDepth + 2, 100_000]) {
      assert.throws(() => replaced(deep(depth), () => undefined), TooDeep)
      assert.strictEqual(misfits(deep(depth), never).length, 1)
    }
    assert.strictEqual(nested(deep(100_000, { mark: 1 }), isMark).length, 0)
  })

  it("refuses what JSON would lose or refuse, each by its path", () => {
    const value = {
      a: [1n, () => 1, Symbol("s")],
      b: { c: Number.NaN, d: new Map(), e: new Set() },
      f: [undefined, null, "text", true, 1.5, new Date(0)]
    }
    assert.deepStrictEqual(
      misfits(value, never).map(({ path }) => path),
      [".a[0]", ".a[1]", ".a[2]", ".b.c", ".b.d", ".b.e"]
    )
  })

  it("says of a value that contains itself that it does, at once", () => {
    const cycle: Array<unknown> = []
    cycle.push(cycle, cycle, cycle)
    const found = misfits({ a: cycle }, never)
    assert.isAtLeast(found.length, 1)
    assert.isBelow(found.length, 10)
    assert.include(found[0]?.problem, "cycle")
  })

  it("does not take a value that stands in two places for a cycle", () => {
    const twice = { x: 1 }
    assert.deepStrictEqual(misfits([twice, twice, { a: twice }], never), [])
  })
})

describe("the files of an input", () => {
  it("are found wherever they stand, once each", () => {
    const blob = new Blob(["b"])
    const bytes = new Uint8Array(3)
    const file = GradioFile.fromBytes(bytes, { name: "a" })
    const data = [file, { deep: [blob, { bytes }] }, file, blob, "a path is no file", { path: "neither" }]
    assert.deepStrictEqual(filesIn(data), [file, blob, bytes])
    assert.deepStrictEqual(unsendable(data), [])
    assert.deepStrictEqual(
      withReferences(
        data,
        new Map<unknown, unknown>([
          [file, "F"],
          [blob, "B"],
          [bytes, "Y"]
        ])
      ),
      ["F", { deep: ["B", { bytes: "Y" }] }, "F", "B", "a path is no file", { path: "neither" }]
    )
    assert.strictEqual(toGradioFile(file), file)
    assert.deepStrictEqual([toGradioFile(bytes).name, toGradioFile(blob).name], ["blob", "blob"])
  })
})

const keys = ["a", "b", "__proto__", "constructor", "mark2", ""] as const
const value = (random: Random, depth: number): unknown => {
  const kind = random.below(depth === 0 ? 3 : 6)
  if (kind === 0) return random.pick([null, 1, "text", true])
  if (kind === 1) return { mark: random.below(1000) }
  if (kind === 2) return []
  if (kind < 5) return Array.from({ length: random.below(4) }, () => value(random, depth - 1))
  const made = {}
  for (let n = random.below(4); n > 0; n--) setUnsafe(made, random.pick(keys), value(random, depth - 1))
  return made
}

/** Every part that is meant, replaced in the text: the plainest way to say what a walk must give. */
const inText = (text: string): string => text.replace(/\{"mark":(\d+)\}/g, `"new $1"`)

describe("laws of walks", () => {
  it("replace exactly what is found, at any depth, and leave the original alone", () => {
    forAll(
      "walks",
      10_000,
      (random) => value(random, 5),
      (given) => {
        const before = JSON.stringify(given)
        const found: Array<number> = []
        const after = replaced(given, (part) => {
          if (!isMark(part)) return undefined
          found.push(part.mark)
          return `new ${part.mark}`
        })
        assert.strictEqual(JSON.stringify(after), inText(before))
        assert.strictEqual(JSON.stringify(given), before)
        assert.deepStrictEqual(
          nested(given, isMark).map(({ mark }) => mark),
          found
        )
        assert.deepStrictEqual(misfits(given, never), [])
        assert.isFalse("mark" in {})
      }
    )
  })
})

describe("objects of classes", () => {
  class Message extends Data.Class<{ readonly text: string; readonly file: unknown }> {}
  class Decoded extends Schema.Class<Decoded>("Decoded")({ file: Schema.Unknown }) {}
  class Failed extends Data.TaggedError("Failed")<{ readonly file: unknown }> {}
  class Empty extends Data.Class {}
  function* generate() {
    yield 1
  }
  class Jsonable {
    readonly #file: unknown
    constructor(file: unknown) {
      this.#file = file
    }
    toJSON() {
      return { inside: this.#file }
    }
  }
  /** As object mappers of databases make them. */
  class Document {
    readonly _id = "507f1f77bcf86cd799439011"
    toJSON() {
      return { _id: this._id, text: "t" }
    }
  }
  const file = GradioFile.fromBytes(new Uint8Array(1), { name: "a" })
  const put = (u: unknown) => JSON.stringify(withReferences(u, new Map([[file, "F"]])))

  it("are looked into as JSON would, for files as well, and are not changed", () => {
    const message = Object.freeze(new Message({ text: "t", file }))
    const given = [message, { deep: [Decoded.make({ file })] }, new Jsonable(file), new Jsonable(1)]
    assert.deepStrictEqual(unsendable([given, new Empty(), Object.create(null), Object("boxed"), Object(1)]), [])
    assert.deepStrictEqual(filesIn([given]), [file])
    assert.strictEqual(put(given), `[{"text":"t","file":"F"},{"deep":[{"file":"F"}]},{"inside":"F"},{"inside":1}]`)
    assert.strictEqual(message.file, file)
  })

  it("that say themselves what they are in JSON are left to it", () => {
    const given = [new Date(0), new URL("http://a.test/"), DateTime.makeUnsafe(0), new Document()]
    assert.deepStrictEqual(unsendable(given), [])
    assert.strictEqual(withReferences(given, new Map()), given)
  })

  it.each<readonly [string, unknown, string]>([
    ["a bigint inside", new Message({ text: "", file: 1n }), "bigint"],
    ["a function inside", Decoded.make({ file: () => 1 }), "function"],
    ["a bigint given by toJSON", new Jsonable(1n), "bigint"],
    ["an ArrayBuffer", new ArrayBuffer(1), "give a Uint8Array"],
    ["a SharedArrayBuffer", new SharedArrayBuffer(1), "give a Uint8Array"],
    ["a DataView", new DataView(new ArrayBuffer(1)), "give a Uint8Array"],
    ["a typed array", new Float32Array(1), "Array.from"],
    ["a Redacted", Redacted.make("s3cret"), "Redacted.value(…)"],
    ["a Map", new Map(), "Map"],
    ["a Set", new Set(), "Set"],
    ["a promise", Promise.resolve(1), "a promise was given"],
    ["an Effect", Effect.succeed(1), "an Effect was given, not its value"],
    ["a Stream", Stream.make(1), "a Stream was given"],
    ["a ReadableStream", new ReadableStream(), "GradioFile.fromStream"],
    ["an Option", Option.some("x"), "an Option cannot be sent as JSON; give its value, or leave the parameter out"],
    ["no value of an Option", Option.none(), "an Option cannot be sent"],
    ["a Result", Result.succeed(1), "a Result cannot be sent as JSON; give what is in it, as plain values"],
    ["a Duration", Duration.seconds(1), "Duration.toSeconds(…)"],
    ["a BigDecimal", BigDecimal.fromStringUnsafe("1.5"), "BigDecimal.format(…)"],
    ["a HashMap", HashMap.make(["a", 1]), "a HashMap cannot be sent"],
    ["a Chunk", Chunk.make(1), "a Chunk cannot be sent"],
    ["a TimeZone", DateTime.zoneMakeOffset(0), "a TimeZone cannot be sent"],
    ["a RegExp", /a/, "a RegExp cannot be sent as JSON; give what is in it, as plain values"],
    ["an Error", new TypeError("no"), "an error (TypeError) cannot be sent as JSON; give its message"],
    ["an error with a tag", new Failed({ file: 1 }), "an error (Failed) cannot be sent"],
    ["a WeakMap", new WeakMap(), "a WeakMap cannot be sent"],
    ["a WeakSet", new WeakSet(), "a WeakSet cannot be sent"],
    ["an iterator", [1].values(), "an Array Iterator cannot be sent"],
    ["a generator", generate(), "a Generator cannot be sent"],
    ["a form", new FormData(), "a FormData cannot be sent"],
    ["an invalid Date", new Date(Number.NaN), "an invalid Date cannot be sent"],
    [
      "a getter that throws",
      {
        get x(): never {
          throw new Error("no")
        }
      },
      "getter throws"
    ],
    [
      "a toJSON that throws",
      {
        toJSON: () => {
          throw new Error("no")
        }
      },
      "toJSON"
    ]
  ])("are refused: %s", (_, given, says) => {
    for (const one of [given, [given], { a: given }, new Message({ text: "", file: given })]) {
      const found = unsendable(one)
      assert.strictEqual(found.length, 1)
      assert.include(found[0]?.problem, says)
      assert.notInclude(JSON.stringify(found), "s3cret")
    }
    assert.deepStrictEqual(GradioFile.all([given]), [])
  })

  it("may contain themselves, which is refused", () => {
    const cycle = new Message({ text: "", file: null })
    Object.defineProperty(cycle, "self", { value: [cycle], enumerable: true })
    Object.defineProperty(cycle, "also", { value: { cycle }, enumerable: true })
    assert.deepStrictEqual(
      unsendable(cycle).map(({ path }) => path),
      [".self[0]", ".also.cycle"]
    )
    assert.deepStrictEqual(GradioFile.all(cycle), [])
  })
})
