import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"

import type { ParameterInfo } from "../../src/ApiInfo.ts"
import { bind, fileMark, isFileMark, splitWords } from "../../src/cli/arguments.ts"

const parameter = (name: string, type: unknown, more: Partial<ParameterInfo> = {}): ParameterInfo => ({
  name,
  label: name,
  component: "Textbox",
  type,
  pythonType: "Any",
  description: "",
  hasDefault: true,
  default: null,
  example: undefined,
  ...more
})

const fileSchema = {
  type: "object",
  properties: { path: { type: "string" }, meta: { type: "object" } }
}

const text = parameter("text", { type: "string" })
const number = parameter("number", { type: "number" })
const flag = parameter("flag", { type: "boolean" })
const op = parameter("op", { enum: ["add", "subtract"], type: "string" })
const tags = parameter("tags", { type: "array", items: { type: "string" } })
const rows = parameter("rows", { type: "object", properties: { data: { type: "array", items: {} } } })
const whole = parameter("whole", {})
const file = parameter("file", fileSchema)
const files = parameter("files", { type: "array", items: { $ref: "#/$defs/One" }, $defs: { One: fileSchema } })
const chat = parameter("chat", {
  type: "object",
  properties: { text: { type: "string" }, files: { type: "array", items: fileSchema } }
})
const old = parameter(
  "old",
  { type: "string", description: "base64 representation of an image" },
  { component: "Image" }
)
const all = [text, number, flag, op, tags, rows, whole, file, files, chat, old]

const given = (...words: ReadonlyArray<string>): Readonly<Record<string, unknown>> => {
  const input = Result.getOrThrow(bind(words, all))
  return Object(input)
}
const problems = (...words: ReadonlyArray<string>) =>
  Result.getOrThrow(Result.flip(bind(words, all))).map(({ problem }) => problem)
const mark = (at: string) => fileMark(at, "file")

describe("the first word after APP", () => {
  it.each<[ReadonlyArray<string>, ReturnType<typeof splitWords>]>([
    [[], { endpoint: undefined, input: [] }],
    [["/add", "a=1"], { endpoint: "/add", input: ["a=1"] }],
    [["/a=b", "a=1"], { endpoint: "/a=b", input: ["a=1"] }],
    [["add", "a=1"], { endpoint: "add", input: ["a=1"] }],
    [["3", "a=1"], { endpoint: 3, input: ["a=1"] }],
    [["a=1", "b=2"], { endpoint: undefined, input: ["a=1", "b=2"] }],
    [["a:=1"], { endpoint: undefined, input: ["a:=1"] }],
    [['{"a": 1}'], { endpoint: undefined, input: ['{"a": 1}'] }],
    [["[1]"], { endpoint: undefined, input: ["[1]"] }],
    [["-"], { endpoint: undefined, input: ["-"] }]
  ])("is the endpoint unless it can only be a value: %j", (words, expected) => {
    assert.deepStrictEqual(splitWords(words), expected)
  })
})

describe("bind", () => {
  it.each<[string, unknown]>([
    ["text=Hello", { text: "Hello" }],
    ["text=", { text: "" }],
    ["text=5", { text: "5" }],
    ["text=a=b", { text: "a=b" }],
    ["text=@@home", { text: "@home" }],
    ["text:=5", { text: 5 }],
    ["text:=null", { text: null }],
    ["number=5", { number: 5 }],
    ["number=-1.5e3", { number: -1500 }],
    ["flag=yes", { flag: true }],
    ["flag=FALSE", { flag: false }],
    ["op=add", { op: "add" }],
    ["op=other", { op: "other" }],
    ["tags=a", { tags: ["a"] }],
    ['tags=["a","b"]', { tags: ["a", "b"] }],
    ['rows={"data":[1]}', { rows: { data: [1] } }],
    ["whole=5", { whole: 5 }],
    ["whole=five", { whole: "five" }],
    ["whole=007", { whole: "007" }],
    ['whole={"a": [1]}', { whole: { a: [1] } }],
    ['whole="12345678901234567890"', { whole: "12345678901234567890" }],
    ["file=@cat.png", { file: mark("cat.png") }],
    ["file=https://a.example/cat.png", { file: mark("https://a.example/cat.png") }],
    ["files=@cat.png", { files: [mark("cat.png")] }],
    ["old=@cat.png", { old: mark("cat.png") }],
    [
      'chat:={"text": "@you", "files": ["@a.png", "@b.png"]}',
      { chat: { text: "@you", files: [mark("a.png"), mark("b.png")] } }
    ],
    ['{"file": "@cat.png", "text": "@you"}', { file: mark("cat.png"), text: "@you" }],
    ['["Hello", 5]', { text: "Hello", number: 5 }]
  ])("reads %s by the type of the parameter", (word, expected) => {
    assert.deepStrictEqual<unknown>(given(word), expected)
  })

  it("puts what is given several times into one list", () => {
    assert.deepStrictEqual(given("tags=a", "tags=b", "files=@1", "files=@2"), {
      tags: ["a", "b"],
      files: [mark("1"), mark("2")]
    })
  })

  it("puts a text and its files into one message", () => {
    assert.deepStrictEqual(given("chat=Look!", "chat=@1", "chat=@2"), {
      chat: { text: "Look!", files: [mark("1"), mark("2")] }
    })
    assert.deepStrictEqual(given("chat=Hi"), { chat: { text: "Hi", files: [] } })
    assert.deepStrictEqual(given("chat=@1"), { chat: { text: "", files: [mark("1")] } })
  })

  it("takes an object together with words", () => {
    assert.deepStrictEqual(given('{"text": "a"}', "number=1"), { text: "a", number: 1 })
  })

  it("reads a file for what it holds where no file is wanted", () => {
    const value = given("number=@five.txt")["number"]
    assert.isTrue(isFileMark(value))
    if (!isFileMark(value) || value.read === "file") return assert.fail("no text is read")
    assert.strictEqual(value.at, "five.txt")
    assert.deepStrictEqual(value.read("5"), Result.succeed(5))
    assert.deepStrictEqual(value.read("five"), Result.fail({ problem: 'number takes a number, not "five".' }))
  })

  it.each<[ReadonlyArray<string>, ReadonlyArray<string>]>([
    [["number=five"], ['number takes a number, not "five".']],
    [
      ["number=12345678901234567890"],
      ["number: the number 12345678901234567890 has too many digits, and would be sent as 12345678901234567000."]
    ],
    [
      ["number:=-9007199254740993"],
      ["number: the number -9007199254740993 has too many digits, and would be sent as -9007199254740992."]
    ],
    [
      ['{"rows": {"data": ["1\\"", 12345678901234567890]}}'],
      ["The input: the number 12345678901234567890 has too many digits, and would be sent as 12345678901234567000."]
    ],
    [
      ["whole=12345678901234567890"],
      ["whole: the number 12345678901234567890 has too many digits, and would be sent as 12345678901234567000."]
    ],
    [
      ['whole={"id":12345678901234567890}'],
      ["whole: the number 12345678901234567890 has too many digits, and would be sent as 12345678901234567000."]
    ],
    [["number:=1e400"], ["number: the number 1e400 is too large."]],
    [["flag=maybe"], ['flag takes true or false, not "maybe".']],
    [["rows=5"], ['rows takes a JSON object, not "5".']],
    [["file=cat.png"], ['file takes a file: write file=@FILE, not file="cat.png".']],
    [["numbr=5"], ['There is no parameter "numbr"; did you mean number?']],
    [["text=a", "text=b"], ["text was given 2 times, and takes one value."]],
    [
      ["number=a", "flag=b"],
      ['number takes a number, not "a".', 'flag takes true or false, not "b".']
    ],
    [["5"], [`"5" is no input; write name=value, and it takes ${all.map(({ name }) => name).join(", ")}.`]],
    [["{}", '{"numbr": 1}'], ['There is no parameter "numbr"; did you mean number?']]
  ])("says what is wrong with %j", (words, expected) => {
    assert.deepStrictEqual(problems(...words), expected)
  })

  it("says what of JSON is none", () => {
    for (const word of ["text:={", "{", '{"text"', "[", 'whole={"a":1', "whole= [1, 2"])
      assert.match(problems(word).join(), /^(text|whole|The input) is no JSON: /)
  })

  it("takes numbers that a double holds, and digits that are a text", () => {
    for (const number of [
      "9007199254740992",
      "-9007199254740991",
      "1e23",
      "0.1234567890123456789",
      "007",
      "0",
      "-42140525363723210",
      `1${"0".repeat(23)}`
    ])
      assert.deepStrictEqual<unknown>(given(`number=${number}`), { number: Number(number) })
    assert.deepStrictEqual<unknown>(given("text=12345678901234567890"), { text: "12345678901234567890" })
    assert.deepStrictEqual<unknown>(given('text:="12345678901234567890 \\" 12345678901234567890"'), {
      text: '12345678901234567890 " 12345678901234567890'
    })
  })

  it("gives a list by position where a name stands for several parameters", () => {
    const twice = [parameter("x", { type: "string" }), text, parameter("x", { type: "string" })]
    assert.deepStrictEqual(bind(['["p", "t", "q"]'], twice), Result.succeed(["p", "t", "q"]))
    assert.deepStrictEqual(bind(['["p", "t"]'], twice), Result.succeed({ x: "p", text: "t" }))
    assert.deepStrictEqual(bind(["x=p"], twice), Result.succeed({ x: "p" }))
  })

  it("asks for what has no default", () => {
    const needed = { ...number, hasDefault: false }
    assert.deepStrictEqual(bind([], [needed, text]), Result.fail([{ problem: "number is missing." }]))
    assert.deepStrictEqual(bind(["number=1"], [needed, text]), Result.succeed({ number: 1 }))
  })
})

const anyText = Arbitrary.schema(Schema.String)
/** Letters that mean something in words, so that names collide with signs, options and each other. */
const name = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(Schema.Literals(["a", "b", "=", ":", "@", "-", "--", "{", "[", " ", "/", "__proto__", "é"])),
    {
      minLength: 1,
      maxLength: 4
    }
  ),
  (parts) => parts.join("")
)
const runs = { arbitrary: { runs: 1000 } }

describe("laws of words", () => {
  it.prop(
    "a parameter of any name gets its text, unless the word begins with the longer name of another",
    [Arbitrary.array(name, { minLength: 1, maxLength: 4 }), anyText],
    ([names, value]) => {
      const parameters = names.map((one) => parameter(one, { type: "string" }))
      for (const one of names) {
        const word = `${one}=${value.startsWith("@") ? "@" : ""}${value}`
        const longer = names.some(
          (other) => other.length > one.length && [":=", "=@", "="].some((sign) => word.startsWith(other + sign))
        )
        if (longer) continue
        const bound = Result.getOrThrow(bind([word], parameters))
        assert.deepStrictEqual(Object.entries(bound), [[one, value]])
      }
    },
    runs
  )

  it.prop(
    "a parameter of any name gets its JSON, by a word and by an object",
    [name, Arbitrary.schema(Schema.Json)],
    ([one, value]) => {
      const parameters = [parameter(one, {})]
      const json = JSON.stringify(value)
      const expected = [[one, JSON.parse(json)]]
      assert.deepStrictEqual(Object.entries(Result.getOrThrow(bind([`${one}:=${json}`], parameters))), expected)
      assert.deepStrictEqual(
        Object.entries(Result.getOrThrow(bind([`{${JSON.stringify(one)}:${json}}`], parameters))),
        expected
      )
    },
    runs
  )

  it.prop(
    "numbers and flags are read as they are written",
    [Arbitrary.schema(Schema.Finite), Arbitrary.schema(Schema.Boolean)],
    ([one, other]) => {
      assert.deepStrictEqual(given(`number=${one}`, `flag=${other}`), { number: one + 0, flag: other })
    },
    runs
  )

  it.prop(
    "any words give an input or say what is wrong, and never throw",
    [Arbitrary.array(anyText, { maxLength: 4 })],
    ([words]) => {
      const { input } = splitWords(words)
      const bound = bind(input, all)
      if (Result.isFailure(bound)) assert.isAbove(bound.failure.length, 0)
    },
    runs
  )
})
