/** What has changed from one contract to another, and whether a module made from the first still works with an app that has the second. */
import { same } from "../internal/wire/json.ts"
import { accepts, reads } from "./accepts.ts"
import { type Contract, type Endpoint, isByPosition, type Output, type Parameter, type ValueType } from "./Contract.ts"

/** What happened. */
export type Kind =
  | "endpoint-added"
  | "endpoint-removed"
  | "endpoint-renamed"
  | "endpoint-changed"
  | "parameter-added"
  | "parameter-removed"
  | "parameter-renamed"
  | "parameter-moved"
  | "parameter-type"
  | "parameter-required"
  | "parameter-default"
  | "output-added"
  | "output-removed"
  | "output-moved"
  | "output-type"
  | "words"

/**
 * One change, and what it means for a module that was made before: `breaking`, if some call that worked fails now, or a value that is sent or read means
 * something else. What a call leaves out means the default of the app, whichever it is: another default is compatible.
 */
export interface Change {
  readonly endpoint: string | number
  /** The name of the parameter it is about. */
  readonly parameter?: string | undefined
  /** The place of the output it is about, from 0. */
  readonly output?: number | undefined
  readonly kind: Kind
  readonly verdict: "compatible" | "breaking"
  /** What has changed, as a sentence. */
  readonly text: string
}

/** The worst of all changes. */
export type Verdict = "nothing" | "compatible" | "breaking"

/** The worst of all changes. */
export const verdictOf = (changes: ReadonlyArray<Change>): Verdict =>
  changes.length === 0 ? "nothing" : changes.some(({ verdict }) => verdict === "breaking") ? "breaking" : "compatible"

type Found = Omit<Change, "endpoint">

const quoted = (text: string): string => JSON.stringify(text)
const nameOf = (endpoint: Endpoint): string =>
  typeof endpoint.name === "number" ? `number ${endpoint.name}` : endpoint.name

const listed = (values: ReadonlyArray<unknown>): string => values.map((value) => JSON.stringify(value)).join(", ")

/** A type in words. */
const shown = (type: ValueType): string => {
  if (type.kind === "dateTime") {
    return `${type.time ? "a date and time" : "a date"}${type.timeZone === undefined ? "" : ` in ${type.timeZone}`}`
  }
  if (type.kind !== "schema") return type.name
  const text = JSON.stringify(type.schema)
  return text === "{}" ? "a value of any type" : text.length > 80 ? "another JSON schema" : `the JSON schema ${text}`
}

const without = <A>(all: ReadonlyArray<A>, others: ReadonlyArray<A>): ReadonlyArray<A> =>
  all.filter((one) => !others.includes(one))

type Choosing = Extract<ValueType, { readonly kind: "choice" | "choices" }>

const choiceTexts = (before: Choosing, now: Choosing): ReadonlyArray<string> => {
  const removed = without(before.choices, now.choices)
  const added = without(now.choices, before.choices)
  return [
    before.custom === now.custom
      ? ""
      : now.custom
        ? "takes other values as well now"
        : "takes no other values any more",
    removed.length === 0 ? "" : `has lost the choices ${listed(removed)}`,
    added.length === 0 ? "" : `has the new choices ${listed(added)}`,
    removed.length + added.length === 0 && !same(before.choices, now.choices) ? "has its choices in another order" : ""
  ].filter((text) => text !== "")
}

type Numbered = Extract<ValueType, { readonly kind: "number" }>

const roundingText = (old: number | undefined, digits: number | undefined): string => {
  const before = old === undefined ? "" : ` instead of ${old}`
  return digits === undefined
    ? "is not rounded any more"
    : `is rounded to ${digits} digits after the point now${before}`
}

const boundTexts = (before: Numbered, now: Numbered): ReadonlyArray<string> =>
  (["minimum", "maximum", "step", "precision"] as const).flatMap((bound) => {
    const [old, value] = [before[bound], now[bound]]
    if (old === value) return []
    if (bound === "precision") return [roundingText(old, value)]
    if (value === undefined) return [`has no ${bound} any more`]
    return [old === undefined ? `has a ${bound} now, ${value}` : `has the ${bound} ${value} instead of ${old}`]
  })

const typeTexts = (old: ValueType, type: ValueType): ReadonlyArray<string> => {
  if (same(old, type)) return []
  if (old.kind === "number" && type.kind === "number" && old.name === type.name) return boundTexts(old, type)
  if ((old.kind === "choice" && type.kind === "choice") || (old.kind === "choices" && type.kind === "choices")) {
    return choiceTexts(old, type)
  }
  if ((old.kind === "file" || old.kind === "files") && old.kind === type.kind) {
    return [`takes ${type.types === undefined ? "any file" : `only files of type ${listed(type.types)}`} now`]
  }
  return [`is ${shown(type)} instead of ${shown(old)}`]
}

const parameterChanges = (before: Parameter, now: Parameter): ReadonlyArray<Found> => {
  const parameter = now.name
  const subject = quoted(before.name)
  const changes: Array<Found> = []
  const texts = typeTexts(before.type, now.type)
  if (texts.length > 0) {
    changes.push({
      parameter,
      kind: "parameter-type",
      verdict: accepts(now.type, before.type) ? "compatible" : "breaking",
      text: `${subject} ${texts.join(", and ")}.`
    })
  }
  if (before.required !== now.required) {
    changes.push({
      parameter,
      kind: "parameter-required",
      verdict: now.required ? "breaking" : "compatible",
      text: now.required
        ? `${subject} has no default any more, which was ${JSON.stringify(before.default)}, and has to be given.`
        : `${subject} has a default now, ${JSON.stringify(now.default)}.`
    })
  } else if (!same(before.default, now.default)) {
    changes.push({
      parameter,
      kind: "parameter-default",
      verdict: "compatible",
      text: `${subject} has another default: ${JSON.stringify(now.default)} instead of ${JSON.stringify(before.default)}.`
    })
  }
  if (before.label !== now.label || before.description !== now.description) {
    changes.push({
      parameter,
      kind: "words",
      verdict: "compatible",
      text:
        before.label === now.label
          ? `${subject} is described in other words.`
          : `${subject} has the label ${quoted(now.label)} instead of ${quoted(before.label)}.`
    })
  }
  return changes
}

const isSameParameter = (a: Parameter, b: Parameter): boolean => a.required === b.required && same(a.type, b.type)

const added = (parameter: Parameter): Found => ({
  parameter: parameter.name,
  kind: "parameter-added",
  verdict: parameter.required ? "breaking" : "compatible",
  text: `${quoted(parameter.name)} is new${parameter.required ? ", and has to be given" : ", and has a default"}.`
})

const removed = (parameter: Parameter): Found => ({
  parameter: parameter.name,
  kind: "parameter-removed",
  verdict: "breaking",
  text: `${quoted(parameter.name)} is not taken any more.`
})

const byPosition = (before: Endpoint, now: Endpoint): ReadonlyArray<Found> => [
  ...before.parameters.flatMap((old, index) => {
    const parameter = now.parameters[index]
    return parameter === undefined ? [removed(old)] : parameterChanges(old, parameter)
  }),
  ...now.parameters.slice(before.parameters.length).map(added)
]

const parametersByName = (before: Endpoint, now: Endpoint): ReadonlyArray<Found> => {
  const find = (all: ReadonlyArray<Parameter>, name: string) => all.find((one) => one.name === name)
  const gone = before.parameters.filter(({ name }) => find(now.parameters, name) === undefined)
  const fresh = now.parameters.filter(({ name }) => find(before.parameters, name) === undefined)
  const renamed = gone.flatMap((old) => {
    const parameter = now.parameters[before.parameters.indexOf(old)]
    return parameter !== undefined && fresh.includes(parameter) && isSameParameter(old, parameter)
      ? [[old, parameter] as const]
      : []
  })
  const order = before.parameters.filter((old) => !gone.includes(old)).map(({ name }) => name)
  const orderNow = now.parameters.filter((parameter) => !fresh.includes(parameter)).map(({ name }) => name)
  return [
    ...before.parameters.flatMap((old) => {
      const parameter = find(now.parameters, old.name)
      if (parameter !== undefined) return parameterChanges(old, parameter)
      const other = renamed.find(([one]) => one === old)?.[1]
      return other === undefined
        ? [removed(old)]
        : [
            {
              parameter: old.name,
              kind: "parameter-renamed" as const,
              verdict: "breaking" as const,
              text: `${quoted(old.name)} is called ${quoted(other.name)} now.`
            }
          ]
    }),
    ...fresh.filter((parameter) => !renamed.some(([, one]) => one === parameter)).map(added),
    ...(same(order, orderNow)
      ? []
      : [
          {
            kind: "parameter-moved" as const,
            verdict: "compatible" as const,
            text: `The parameters have another order, which calls by name do not see: ${now.parameters.map(({ name }) => quoted(name)).join(", ")}.`
          }
        ])
  ]
}

const outputName = (output: Output, index: number): string =>
  output.label === "" ? `Output ${index + 1}` : `Output ${index + 1}, ${quoted(output.label)},`

const isSameOutput = (a: Output, b: Output): boolean => a.label === b.label && same(a.type, b.type)

const areMoved = (before: ReadonlyArray<Output>, now: ReadonlyArray<Output>): boolean =>
  before.length === now.length &&
  before.every((one) => now.filter((other) => isSameOutput(one, other)).length === 1) &&
  new Set(before.map(({ label }) => label)).size === before.length

const outputChanges = (before: Endpoint, now: Endpoint): ReadonlyArray<Found> => {
  if (areMoved(before.outputs, now.outputs)) {
    return before.outputs.every((output, index) => isSameOutput(output, now.outputs[index] ?? output))
      ? []
      : [
          {
            kind: "output-moved",
            verdict: "breaking",
            text: `The outputs have another order: ${now.outputs.map(({ label }) => quoted(label)).join(", ")}.`
          }
        ]
  }
  return [
    ...before.outputs.flatMap((old, index): ReadonlyArray<Found> => {
      const output = now.outputs[index]
      if (output === undefined) {
        return [
          { output: index, kind: "output-removed", verdict: "breaking", text: `${outputName(old, index)} is gone.` }
        ]
      }
      const texts = typeTexts(old.type, output.type)
      if (texts.length > 0) {
        return [
          {
            output: index,
            kind: "output-type",
            verdict: reads(old.type, output.type) ? "compatible" : "breaking",
            text: `${outputName(old, index)} ${texts.join(", and ")}.`
          }
        ]
      }
      return old.label === output.label
        ? []
        : [
            {
              output: index,
              kind: "words",
              verdict: "compatible",
              text: `Output ${index + 1} has the label ${quoted(output.label)} instead of ${quoted(old.label)}.`
            }
          ]
    }),
    ...now.outputs.slice(before.outputs.length).map((output, more): Found => {
      const index = before.outputs.length + more
      return { output: index, kind: "output-added", verdict: "breaking", text: `${outputName(output, index)} is new.` }
    })
  ]
}

/** What the function does otherwise. */
const behaviourChanges = (before: Endpoint, now: Endpoint): ReadonlyArray<Found> => {
  const changes: Array<Found> = []
  const change = (verdict: Change["verdict"], text: string) => changes.push({ kind: "endpoint-changed", verdict, text })
  if (before.generator !== now.generator) {
    change(
      "compatible",
      now.generator
        ? "It yields several outputs now; a call for one gives the last of them."
        : "It gives one output instead of several; a stream of them has this one."
    )
  }
  if ((before.inputStream ?? false) !== (now.inputStream ?? false)) {
    change(
      "breaking",
      now.inputStream === true ? "It takes a stream of inputs now." : "It takes no stream of inputs any more."
    )
  }
  if (before.oauthToken !== now.oauthToken) {
    change(
      now.oauthToken === "required" ? "breaking" : "compatible",
      now.oauthToken === undefined
        ? "It takes no Hugging Face token any more."
        : `It takes the Hugging Face token of its caller, which is ${now.oauthToken}.`
    )
  }
  if ((before.undocumented ?? false) !== (now.undocumented ?? false)) {
    change(
      "compatible",
      now.undocumented === true ? "The app does not list it any more, and lets it be called." : "The app lists it now."
    )
  }
  if (before.description !== now.description) {
    changes.push({ kind: "words", verdict: "compatible", text: "It is described in other words." })
  }
  return changes
}

const endpointChanges = (before: Endpoint, now: Endpoint): ReadonlyArray<Change> =>
  [
    ...behaviourChanges(before, now),
    ...(isByPosition(before) || isByPosition(now) ? byPosition(before, now) : parametersByName(before, now)),
    ...outputChanges(before, now)
  ].map((found) => ({ endpoint: before.name, ...found }))

/** Whether two functions take and give the same. */
const isAlike = (a: Endpoint, b: Endpoint): boolean =>
  a.generator === b.generator &&
  a.parameters.length + a.outputs.length > 0 &&
  same(
    a.parameters.map(({ name, required, type }) => [name, required, type]),
    b.parameters.map(({ name, required, type }) => [name, required, type])
  ) &&
  same(
    a.outputs.map(({ label, type }) => [label, type]),
    b.outputs.map(({ label, type }) => [label, type])
  )

/**
 * The changes from one contract to another, endpoint by endpoint in the order of the first. Endpoints that are new count where the first would have them: those
 * without a name and those that the app does not list only if it has such.
 */
export const compare = (before: Contract, now: Contract): ReadonlyArray<Change> => {
  const find = (all: ReadonlyArray<Endpoint>, name: string | number) => all.find((one) => one.name === name)
  const fresh = now.endpoints.filter(
    (endpoint) =>
      find(before.endpoints, endpoint.name) === undefined &&
      (before.unnamed || typeof endpoint.name === "string") &&
      (before.undocumented || endpoint.undocumented !== true)
  )
  const others = now.endpoints.filter(({ name }) => find(before.endpoints, name) === undefined)
  const renamed = new Set<Endpoint>()
  const changes = before.endpoints.flatMap((old): ReadonlyArray<Change> => {
    const endpoint = find(now.endpoints, old.name)
    if (endpoint !== undefined) return endpointChanges(old, endpoint)
    const other = others.find((one) => !renamed.has(one) && isAlike(old, one))
    if (other === undefined) {
      return [
        {
          endpoint: old.name,
          kind: "endpoint-removed",
          verdict: "breaking",
          text: "The app has no such endpoint any more, or lets nobody call it."
        }
      ]
    }
    renamed.add(other)
    return [
      {
        endpoint: old.name,
        kind: "endpoint-renamed",
        verdict: "breaking",
        text: `It is gone; ${nameOf(other)} takes and gives the same.`
      }
    ]
  })
  return [
    ...changes,
    ...fresh
      .filter((endpoint) => !renamed.has(endpoint))
      .map(({ name }): Change => ({
        endpoint: name,
        kind: "endpoint-added",
        verdict: "compatible",
        text: "It is new."
      }))
  ]
}
