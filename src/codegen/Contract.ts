/**
 * What a caller of an app depends on, as plain data: its endpoints with their parameters and outputs, the same form for all versions of Gradio. Modules are
 * generated from a contract and carry it, so that it can be held against the app later.
 */
import * as Schema from "effect/Schema"

import type { Component } from "../AppConfig.ts"
import {
  type ConfiguredComponent,
  forComponent,
  type Refinement,
  refinementFor
} from "../internal/component/forComponent.ts"
import {
  callable,
  type InputSlot,
  listed,
  makeEndpoints,
  type OutputSlot,
  type ResolvedEndpoint
} from "../internal/endpoints.ts"
import { fromEntries, get, isRecord } from "../internal/record.ts"
import type { AppDescription } from "./AppDescription.ts"
import { inOrder } from "./inOrder.ts"

/** A value to choose: the one that is sent, not the text that the page shows for it. */
export const Choice = Schema.Union([Schema.String, Schema.Number, Schema.Boolean])
export type Choice = typeof Choice.Type

// How `effect-gradio/Component` calls what it is the value of.
const name = Schema.String

const choosing = {
  name,
  /** None where they are only known while the app runs. */
  choices: Schema.Array(Choice),
  /** Other values are taken as well. */
  custom: Schema.Boolean
}

const filed = {
  name,
  types: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Others are taken as well. */
  open: Schema.optionalKey(Schema.Boolean)
}

/** What a value is: one of few kinds that the configuration says more about, or what a component takes and gives, or what a JSON schema describes. */
export const ValueType = Schema.Union([
  Schema.Struct({ kind: Schema.tag("component"), name }),
  Schema.Struct({
    kind: Schema.tag("number"),
    name,
    minimum: Schema.optionalKey(Schema.Number),
    maximum: Schema.optionalKey(Schema.Number),
    /** Numbers beyond the bounds are taken as well. */
    open: Schema.optionalKey(Schema.Boolean),
    step: Schema.optionalKey(Schema.Number),
    /** Digits after the point; the server rounds to them. */
    precision: Schema.optionalKey(Schema.Number)
  }),
  Schema.Struct({ kind: Schema.tag("choice"), ...choosing }),
  Schema.Struct({ kind: Schema.tag("choices"), ...choosing }),
  Schema.Struct({ kind: Schema.tag("file"), ...filed }),
  Schema.Struct({ kind: Schema.tag("files"), ...filed }),
  Schema.Struct({
    kind: Schema.tag("dateTime"),
    name,
    /** Whether there is a time besides the date. */
    time: Schema.Boolean,
    timeZone: Schema.optionalKey(Schema.String)
  }),
  Schema.Struct({ kind: Schema.tag("schema"), schema: Schema.Unknown })
])
export type ValueType = typeof ValueType.Type

const value = {
  label: Schema.String,
  /** The type of its component as in the configuration: `textbox`, `checkboxgroup`; `api` for parameters of `gr.api`. */
  component: Schema.String,
  description: Schema.optionalKey(Schema.String),
  type: ValueType
}

/** An argument. */
export const Parameter = Schema.Struct({
  name: Schema.String,
  ...value,
  required: Schema.Boolean,
  /** What is sent where it is not given; a file of the app by its name. */
  default: Schema.optionalKey(Schema.Unknown)
})
export type Parameter = typeof Parameter.Type

/** A result. */
export const Output = Schema.Struct(value)
export type Output = typeof Output.Type

/** A function of the app. State is neither among its parameters nor among its outputs. */
export const Endpoint = Schema.Struct({
  /** With its slash, or the number of one without a name. */
  name: Schema.Union([Schema.String, Schema.Number]),
  description: Schema.optionalKey(Schema.String),
  /** Gives several outputs, one after the other. */
  generator: Schema.Boolean,
  /** Takes a stream of inputs. */
  inputStream: Schema.optionalKey(Schema.Boolean),
  /** Takes the caller's Hugging Face token, and can act in the caller's name. */
  oauthToken: Schema.optionalKey(Schema.Literals(["required", "optional"])),
  /** Not listed by the app, which lets it be called all the same. */
  undocumented: Schema.optionalKey(Schema.Boolean),
  parameters: Schema.Array(Parameter),
  outputs: Schema.Array(Output)
})
export type Endpoint = typeof Endpoint.Type

const header = {
  title: Schema.String,
  /** The version of Gradio. */
  gradio: Schema.String,
  /** Whether endpoints without a name are here too, by their numbers. */
  unnamed: Schema.Boolean,
  /** Whether endpoints that the app does not list are here too. */
  undocumented: Schema.Boolean
}

/** What a caller of an app depends on. */
export const Contract = Schema.Struct({ ...header, endpoints: Schema.Array(Endpoint) })
export type Contract = typeof Contract.Type

/** Whether the values of an endpoint are told apart by their places: its names are not all different, or are kept by objects for themselves. */
export const isByPosition = ({ parameters }: Endpoint): boolean =>
  new Set(parameters.map(({ name }) => name)).size < parameters.length ||
  parameters.some(({ name }) => name === "__proto__")

/** Which endpoints a contract has, besides those that have a name and are listed. */
export interface Options {
  /** Those without a name, by their numbers. Numbers change when an app gets another function before them. Default: only where no endpoint has a name. */
  readonly unnamed?: boolean | undefined
  /** Those that the app does not list. Default false. */
  readonly undocumented?: boolean | undefined
}

type Props = Readonly<Record<string, unknown>>

const numberIn = (props: Props, key: "step" | "precision"): { readonly [K in typeof key]?: number } => {
  const value = get(props, key)
  return typeof value === "number" && Number.isFinite(value) ? { [key]: value } : {}
}

/** Words about values, which do not tell them apart. */
const annotations = new Set("title description additional_description default example examples deprecated".split(" "))
const byName = new Set(["properties", "$defs", "definitions"])
const values = new Set(["enum", "const"])

/** A JSON schema with its keys in order and without words about it. */
const plainSchema = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(plainSchema)
  if (!isRecord(schema)) return schema
  return fromEntries(
    Object.keys(schema)
      .sort()
      .filter((key) => !annotations.has(key))
      .map((key) => {
        const inner = schema[key]
        return [
          key,
          values.has(key) ? inOrder(inner) : byName.has(key) ? schemasByName(inner) : plainSchema(inner)
        ] as const
      })
  )
}

const schemasByName = (schemas: unknown): unknown =>
  isRecord(schemas)
    ? fromEntries(
        Object.keys(schemas)
          .sort()
          .map((name) => [name, plainSchema(schemas[name])] as const)
      )
    : inOrder(schemas)

type Bounds = Pick<Extract<ValueType, { readonly kind: "number" }>, "minimum" | "maximum">

const boundsIn = (refinement: Refinement | undefined): Bounds =>
  refinement?.name === "number" || refinement?.name === "slider"
    ? {
        ...(refinement.minimum === undefined ? {} : { minimum: refinement.minimum }),
        ...(refinement.maximum === undefined ? {} : { maximum: refinement.maximum })
      }
    : {}

const typesIn = (refinement: Refinement | undefined): { readonly types?: ReadonlyArray<string> } =>
  // "file" is any file.
  refinement !== undefined && "types" in refinement && !refinement.types.includes("file")
    ? { types: refinement.types }
    : {}

const choicesIn = (refinement: Refinement | undefined): ReadonlyArray<Choice> =>
  refinement !== undefined && "choices" in refinement ? [...new Set(refinement.choices)] : []

// What servers demand by now.
const strict = "6"

/** What a component takes, or gives: functions are not held to bounds, choices and types of files. */
const valueType = (
  component: ConfiguredComponent,
  schema: unknown,
  version: string,
  side: "input" | "output"
): ValueType => {
  const name = forComponent(component, version)
  if (name === undefined) return { kind: "schema", schema: plainSchema(schema) ?? {} }
  const props = component.props ?? {}
  const held = refinementFor(component, version, side)
  const said = side === "input" ? refinementFor(component, strict, side) : held
  const open = said !== undefined && held === undefined ? { open: true } : {}
  switch (name) {
    case "Number":
    case "Slider":
      return {
        kind: "number",
        name,
        ...boundsIn(said),
        ...open,
        ...(side === "input" ? { ...numberIn(props, "step"), ...numberIn(props, "precision") } : {})
      }
    case "Radio":
    case "Dropdown":
      return { kind: "choice", name, choices: choicesIn(said), custom: held?.name !== "choice" }
    case "CheckboxGroup":
    case "MultiselectDropdown":
      return { kind: "choices", name, choices: choicesIn(said), custom: held?.name !== "choices" }
    case "File":
    case "UploadButton":
      return { kind: "file", name, ...typesIn(said), ...open }
    case "Files":
    case "UploadButtons":
    case "Gallery":
    case "MultimodalTextbox":
      return { kind: "files", name, ...typesIn(said), ...open }
    case "DateTime":
      return {
        kind: "dateTime",
        name,
        time: props["include_time"] !== false,
        ...(said?.name === "dateTime" && said.timeZone !== undefined ? { timeZone: said.timeZone } : {})
      }
    default:
      return { kind: "component", name }
  }
}

const textIn = (text: unknown): { readonly description?: string } =>
  typeof text === "string" && text.trim() !== "" ? { description: text.trim() } : {}

/** Components without a label are called by their numbers, which say nothing. */
const labelOf = (label: string, componentId: number): string =>
  label === `parameter_${componentId}` || label === `value_${componentId}` ? "" : label

interface Source {
  readonly version: string
  readonly components: ReadonlyMap<number, Component>
}

const propsOf = ({ components }: Source, id: number): Props => components.get(id)?.props ?? {}

const parameterOf = (
  source: Source,
  { componentId, componentType, parameter }: InputSlot
): ReadonlyArray<Parameter> => {
  if (parameter === undefined) return []
  const props = propsOf(source, componentId)
  const type = valueType({ type: componentType, props }, parameter.type, source.version, "input")
  return [
    {
      name: parameter.name,
      label: labelOf(parameter.label, componentId),
      component: componentType,
      // What servers say of the types of their own components is for readers of Python.
      ...textIn(props["info"] ?? (type.kind === "schema" ? parameter.description : "")),
      type,
      required: !parameter.hasDefault,
      ...(parameter.hasDefault ? { default: inOrder(parameter.default ?? null) } : {})
    }
  ]
}

const outputsOf = (source: Source, endpoint: ResolvedEndpoint): ReadonlyArray<Output> =>
  endpoint.outputs
    .filter(({ skipped }) => !skipped)
    .map(({ componentId, componentType, label }: OutputSlot, index): Output => {
      const props = propsOf(source, componentId)
      return {
        label: labelOf(label, componentId),
        component: componentType,
        type: valueType({ type: componentType, props }, endpoint.returns[index]?.type, source.version, "output")
      }
    })

const endpointOf = (source: Source, endpoint: ResolvedEndpoint): Endpoint => ({
  name: endpoint.name ?? endpoint.fnIndex,
  ...textIn(endpoint.description),
  generator: endpoint.generator,
  ...(endpoint.connection === "stream" ? { inputStream: true } : {}),
  ...(endpoint.actsForUser === undefined ? {} : { oauthToken: endpoint.actsForUser }),
  ...(endpoint.visibility === "public" ? {} : { undocumented: true }),
  parameters: endpoint.inputs.flatMap((slot) => parameterOf(source, slot)),
  outputs: outputsOf(source, endpoint)
})

/** Of two with one name the first is called. */
const distinct = (endpoints: ReadonlyArray<ResolvedEndpoint>): ReadonlyArray<ResolvedEndpoint> => {
  const seen = new Set<string | number>()
  return endpoints.filter(({ fnIndex, name }) => {
    const asked = name ?? fnIndex
    return seen.has(asked) ? false : (seen.add(asked), true)
  })
}

/** The contract of an app, its endpoints in the order in which it has them. */
export const make = ({ config, info }: AppDescription, options: Options = {}): Contract => {
  const table = makeEndpoints(config, info)
  const undocumented = options.undocumented ?? false
  const shown = distinct(undocumented ? documentable(table) : listed(table))
  const unnamed = options.unnamed ?? !shown.some(({ name }) => name !== undefined)
  const source = { version: config.version, components: new Map(config.components.map((one) => [one.id, one])) }
  return {
    title: config.title ?? "",
    gradio: config.version,
    unnamed,
    undocumented,
    endpoints: shown.filter(({ name }) => unnamed || name !== undefined).map((endpoint) => endpointOf(source, endpoint))
  }
}

const documentable = (table: ReadonlyArray<ResolvedEndpoint>): ReadonlyArray<ResolvedEndpoint> =>
  callable(table).filter(({ complete, renderedIn }) => complete && renderedIn === undefined)
