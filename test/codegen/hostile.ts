/** Descriptions of apps that nobody should write: any names, any texts, any JSON in the place of any other. The same for the same seed. */

/** Mulberry32. */
export const randomOf = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    chance: (share: number): boolean => next() < share,
    one: <A>(list: ReadonlyArray<A>): A => list[below(list.length)] as A,
    some: <A>(most: number, make: (index: number) => A): ReadonlyArray<A> =>
      Array.from({ length: below(most + 1) }, (_, index) => make(index))
  }
}

export type Random = ReturnType<typeof randomOf>

/** Names of endpoints, parameters and fields, labels, choices and descriptions. */
const nasty: ReadonlyArray<string> = [
  ..."*/ /* // ` ${ ${x} ' \" \\ # $ _ . - / ; } { ] [ ) ( <!-- --> </script> ?? => @ts-ignore @ts-nocheck @jsx @param {@link".split(
    " "
  ),
  ..."__proto__ constructor prototype toString hasOwnProperty valueOf length name then arguments eval undefined NaN Infinity null true false".split(
    " "
  ),
  ..."break case class const delete do else enum export function if import in let new package return static super switch this throw try var void while with yield await async of type interface".split(
    " "
  ),
  ..."Schema Component Endpoint App Context Layer GradioClient Effect endpoints require exports module globalThis Promise Object Symbol fn1 fn2 _ $ $$".split(
    " "
  ),
  ..."add add_ _add Add ADD add2 add_2 add-2 addTwo add_two /add //add 0 1 01 1e3 0x10 3d -1 1.5 größe 日本 日本語 ﬁ ı İ ß K Å 𝒳 𝔘𝔫𝔦 é é नमस्ते ไทย عربى ১ a·b".split(
    " "
  ),
  "",
  " ",
  "\n",
  "\r\n*/\n",
  "\u0000",
  "\u2028",
  "a\u2029b",
  "*\u2028/",
  "\u202eabc\u202c",
  "\ufeff",
  "\ud800",
  "x\udc00",
  "\u200d",
  "😀",
  "👩‍👩‍👧‍👦 family",
  "// @ts-expect-error",
  "@ts-ignore",
  "*/ export const x: string = 1 /*",
  "`; throw 1; `",
  "// The contract that this module was made from:",
  '"}], "endpoints": [',
  "a".repeat(400),
  "word ".repeat(150),
  "漢".repeat(90)
]

const text = (random: Random): string =>
  random.chance(0.75)
    ? random.one(nasty)
    : random.chance(0.5)
      ? random.one(nasty) + random.one(nasty)
      : random.some(6, () => String.fromCodePoint(random.below(random.chance(0.7) ? 0x300 : 0x1ffff))).join("")

const numbers = [0, 1, -1, 0.5, 10, 100, 1e21, 1e-9, -0, 2 ** 53, 1.7976931348623157e308]

const json = (random: Random, depth = 0): unknown => {
  const kind = random.below(depth > 3 ? 5 : 8)
  if (kind === 0) return null
  if (kind === 1) return random.chance(0.5)
  if (kind === 2) return random.one(numbers)
  if (kind < 5) return text(random)
  if (kind === 5) return random.some(3, () => json(random, depth + 1))
  return Object.fromEntries(random.some(3, () => [text(random), json(random, depth + 1)]))
}

const words = [
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "const",
  "anyOf",
  "oneOf",
  "allOf",
  "$ref",
  "prefixItems",
  "additionalProperties"
]
const types = ["string", "number", "integer", "boolean", "null", "array", "object", "other", {}, ["string", "null"], []]

const jsonSchema = (random: Random, depth = 0): unknown => {
  if (depth > 4 || random.chance(0.05)) return json(random)
  const schema: Record<string, unknown> = { type: random.one(types) }
  const inner = () => jsonSchema(random, depth + 1)
  if (random.chance(0.3)) schema["properties"] = Object.fromEntries(random.some(4, () => [text(random), inner()]))
  if (random.chance(0.2)) schema["required"] = random.some(3, () => text(random))
  if (random.chance(0.3)) schema["items"] = inner()
  if (random.chance(0.15)) schema["enum"] = random.some(4, () => json(random, 3))
  if (random.chance(0.1)) schema[random.one(["anyOf", "oneOf", "allOf", "prefixItems"])] = random.some(3, inner)
  if (random.chance(0.1)) schema["const"] = json(random, 3)
  if (random.chance(0.1)) schema["$ref"] = random.one(["#", "#/$defs/a", "#/properties/a", "http://x", ""])
  if (random.chance(0.1)) schema["$defs"] = { a: inner() }
  if (random.chance(0.1)) schema["additionalProperties"] = random.chance(0.5) ? inner() : true
  if (random.chance(0.03)) schema[random.one(words)] = json(random)
  return schema
}

/** A component with a value that fits it, if there is one that JSON can say. */
interface Sample {
  readonly type: string
  readonly props: Record<string, unknown>
  readonly schema: unknown
  readonly fitting?: unknown
}

const plain =
  (type: string, schema: unknown, fitting: (random: Random) => unknown) =>
  (random: Random): Sample => ({
    type,
    props: {},
    schema,
    fitting: fitting(random)
  })

const choices = (random: Random): ReadonlyArray<string | number | boolean> =>
  Array.from({ length: 1 + random.below(5) }, () =>
    random.chance(0.85) ? text(random) : random.one([1, 2.5, -3, true])
  )

const pairs = (random: Random, values: ReadonlyArray<unknown>): unknown =>
  random.chance(0.8) ? values.map((value) => [text(random), value]) : values

const choosing =
  (type: string, isSeveral: boolean) =>
  (random: Random): Sample => {
    const values = choices(random)
    return {
      type,
      props: {
        choices: pairs(random, values),
        ...(type === "dropdown" ? { multiselect: isSeveral, allow_custom_value: random.chance(0.5) } : {})
      },
      schema: { type: "string" },
      fitting: isSeveral ? random.some(2, () => random.one(values)) : random.one(values)
    }
  }

const bounded =
  (type: string) =>
  (random: Random): Sample => {
    const [a, b] = [random.one(numbers), random.one(numbers)]
    const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)]
    const isBound = type === "slider" || random.chance(0.5)
    return {
      type,
      props: isBound ? { minimum, maximum, step: random.one(numbers), precision: random.one([0, 2, null]) } : {},
      schema: { type: "number" },
      fitting: isBound ? random.one([minimum, maximum]) : random.one(numbers)
    }
  }

const simpleSchema = (random: Random, depth = 0): { readonly schema: unknown; readonly fitting: unknown } => {
  const kind = random.below(depth > 2 ? 4 : 7)
  if (kind === 0) return { schema: { type: "string", description: text(random) }, fitting: text(random) }
  if (kind === 1) return { schema: { type: "integer" }, fitting: random.below(100) }
  if (kind === 2) return { schema: { type: "boolean" }, fitting: random.chance(0.5) }
  if (kind === 3) {
    const values = Array.from({ length: 1 + random.below(3) }, () => text(random))
    return { schema: { enum: values }, fitting: random.one(values) }
  }
  const inner = simpleSchema(random, depth + 1)
  if (kind === 4)
    return { schema: { type: "array", items: inner.schema }, fitting: random.some(2, () => inner.fitting) }
  if (kind === 5) {
    return { schema: { anyOf: [inner.schema, { type: "null" }] }, fitting: random.one([inner.fitting, null]) }
  }
  const name = text(random)
  return {
    schema: JSON.parse(
      `{"type":"object","required":[${JSON.stringify(name)}],"properties":{${JSON.stringify(name)}:${JSON.stringify(inner.schema)}}}`
    ),
    fitting: JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(inner.fitting)}}`)
  }
}

const samples: ReadonlyArray<(random: Random) => Sample> = [
  plain("textbox", { type: "string" }, text),
  plain("markdown", { type: "string" }, text),
  plain("colorpicker", { type: "string" }, () => "#ff8800"),
  plain("checkbox", { type: "boolean" }, (random) => random.chance(0.5)),
  plain("json", { type: {} }, json),
  plain("dataframe", {}, (random) => ({ headers: [text(random)], data: [[text(random)]], metadata: null })),
  plain("label", {}, (random) => ({ label: text(random), confidences: [{ label: text(random), confidence: 0.5 }] })),
  plain("highlightedtext", {}, (random) => [{ token: text(random), class_or_confidence: random.one([null, "x"]) }]),
  (random) => {
    const timezone = random.one([null, "Europe/Berlin", "Nowhere/No", text(random), 1])
    return {
      type: "datetime",
      props: { timezone, include_time: random.chance(0.5) },
      schema: { type: "string" },
      // Nobody knows when it is that late where no zone is known.
      fitting: timezone === "Europe/Berlin" || typeof timezone !== "string" ? "2024-05-06 07:08:09" : null
    }
  },
  bounded("number"),
  bounded("slider"),
  choosing("radio", false),
  choosing("dropdown", false),
  choosing("dropdown", true),
  choosing("checkboxgroup", true),
  (random) => ({
    type: random.one(["file", "uploadbutton"]),
    props: {
      file_count: random.one(["single", "multiple", "directory", "other"]),
      file_types: random.one([null, [".csv", "image"], ["file"], [text(random)], [1], "csv"])
    },
    schema: {}
  }),
  (random) => ({
    type: random.one(["image", "audio", "video", "gallery", "chatbot", "imageeditor", "plot", "timer", "browserstate"]),
    props: {},
    schema: {}
  }),
  (random) => ({ type: "api", props: {}, ...simpleSchema(random) }),
  (random) => ({ type: random.one(["api", "my_component", text(random)]), props: {}, schema: jsonSchema(random) }),
  // Properties of any kind.
  (random) => ({
    type: random.one(["radio", "dropdown", "checkboxgroup", "slider", "number", "file", "datetime", "textbox"]),
    props: Object.fromEntries(
      [
        "choices",
        "minimum",
        "maximum",
        "step",
        "precision",
        "file_types",
        "file_count",
        "multiselect",
        "timezone"
      ].flatMap((key) => (random.chance(0.4) ? [[key, json(random)]] : []))
    ),
    schema: json(random)
  })
]

/** A default that the component takes, so that its parameter has to be able to hold it. */
export interface Fitting {
  readonly endpoint: string | number
  readonly parameter: string
  readonly value: unknown
}

export interface Hostile {
  /** `{ config, info }`. */
  readonly description: unknown
  readonly fitting: ReadonlyArray<Fitting>
}

const versions = ["3.50.2", "4.8.0", "4.44.1", "5.49.1", "6.31.0", "7.0.0b1", "*/", ""]

/** One app. */
export const hostileApp = (seed: number): Hostile => {
  const random = randomOf(seed)
  const fitting: Array<Fitting> = []
  const components: Array<unknown> = []
  const named: Array<readonly [string, unknown]> = []
  const unnamed: Array<readonly [string, unknown]> = []
  const seen = new Set<string>()
  const component = () => {
    const sample = random.one(samples)(random)
    const id = components.length + 1
    const skipped = random.chance(0.1)
    components.push({
      id,
      type: skipped ? "state" : sample.type,
      props: {
        ...sample.props,
        label: random.one([text(random), "", null]),
        ...(random.chance(0.5) ? { info: text(random) } : {})
      },
      skip_api: skipped,
      api_info: sample.schema
    })
    return { id, skipped, sample }
  }
  const dependencies = Array.from({ length: 1 + random.below(3) }, (_, position) => {
    const own = random.some(4, component)
    // Some are used twice.
    const inputs = own.length > 0 && random.chance(0.05) ? [...own, random.one(own)] : own
    const outputs = random.some(3, component)
    const hasName = random.chance(0.9)
    const name = text(random)
    const isNew = hasName && !seen.has(name)
    seen.add(name)
    const parameters = inputs
      .filter(({ skipped }) => !skipped)
      .map(({ sample }, index) => {
        const isFitting = random.chance(0.8) && Object.hasOwn(sample, "fitting")
        const hasDefault = random.chance(0.6)
        const value = isFitting ? sample.fitting : random.chance(0.3) ? null : json(random)
        const parameter = random.chance(0.5) ? text(random) : `p${index}`
        return { sample, isFitting: isFitting && hasDefault, hasDefault, value, parameter }
      })
    const names = parameters.map(({ parameter }) => parameter)
    const isByName = names.every(
      (one) => one !== "" && one !== "__proto__" && names.indexOf(one) === names.lastIndexOf(one)
    )
    if (isByName && isNew) {
      for (const { isFitting, parameter, value } of parameters) {
        if (isFitting) fitting.push({ endpoint: `/${name}`, parameter, value })
      }
    }
    const info = {
      description: random.one(["", text(random), `${text(random)}\n\n${text(random)}`]),
      parameters: parameters.map(({ hasDefault, parameter, sample, value }) => ({
        label: text(random),
        parameter_name: parameter,
        parameter_has_default: hasDefault,
        parameter_default: hasDefault ? value : null,
        type: sample.schema,
        python_type: { type: text(random), description: text(random) },
        component: text(random)
      })),
      returns: outputs
        .filter(({ skipped }) => !skipped)
        .map(({ sample }) => ({ label: text(random), type: sample.schema })),
      oauth_token: random.one([null, null, "required", "optional"])
    }
    if (hasName && isNew) named.push([`/${name}`, info])
    else if (!hasName) unnamed.push([String(position), info])
    return {
      inputs: inputs.map(({ id }) => id),
      outputs: outputs.map(({ id }) => id),
      api_name: hasName ? name : null,
      types: { generator: random.chance(0.3) },
      connection: random.one(["sse", "sse", "stream"])
    }
  })
  const entries = (list: ReadonlyArray<readonly [string, unknown]>) =>
    JSON.parse(`{${list.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`)
  const hasInfo = random.chance(0.9)
  return {
    description: {
      config: { version: random.one(versions), title: text(random), components, dependencies },
      info: hasInfo ? { named_endpoints: entries(named), unnamed_endpoints: entries(unnamed) } : null
    },
    // Without `/info` there are other names and other defaults.
    fitting: hasInfo ? fitting : []
  }
}

/** The same JSON with the keys of every object in another order. */
export const shuffled = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shuffled)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, shuffled(inner)])
        )
      : value
