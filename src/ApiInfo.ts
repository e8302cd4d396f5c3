/**
 * What an app says about its endpoints: the answer of `/info` as the servers send it ({@link WireInfo}), and the form that users of this library see
 * ({@link ApiInfo}), the same for all versions.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { fromEntries } from "./internal/record.ts"
import { nullable } from "./internal/wire/nullable.ts"

const Rest = Schema.Record(Schema.String, Schema.Unknown)

const value = {
  label: nullable(Schema.String),
  type: Schema.optionalKey(Schema.Unknown),
  python_type: nullable(
    Schema.StructWithRest(Schema.Struct({ type: nullable(Schema.String), description: nullable(Schema.String) }), [
      Rest
    ])
  ),
  component: nullable(Schema.String)
}

/** A parameter as `/info` describes it. Names and defaults exist from 4.23, `serializer` in Gradio 3 only. */
export const WireParameter = Schema.StructWithRest(
  Schema.Struct({
    ...value,
    parameter_name: nullable(Schema.String),
    parameter_has_default: nullable(Schema.Boolean),
    parameter_default: Schema.optionalKey(Schema.Unknown),
    example_input: Schema.optionalKey(Schema.Unknown)
  }),
  [Rest]
)
export type WireParameter = typeof WireParameter.Type

/** A result as `/info` describes it. */
export const WireReturn = Schema.StructWithRest(Schema.Struct(value), [Rest])
export type WireReturn = typeof WireReturn.Type

/** An endpoint as `/info` describes it. */
export const WireEndpoint = Schema.StructWithRest(
  Schema.Struct({
    parameters: nullable(Schema.Array(WireParameter)),
    returns: nullable(Schema.Array(WireReturn)),
    description: nullable(Schema.String),
    show_api: nullable(Schema.Boolean),
    api_visibility: nullable(Schema.String),
    /** `"required"` or `"optional"` where the function takes the user's Hugging Face token (6). */
    oauth_token: nullable(Schema.String)
  }),
  [Rest]
)
export type WireEndpoint = typeof WireEndpoint.Type

/** The answer of `/info`. Unnamed endpoints, keyed by number, come from Gradio 3 alone. */
export const WireInfo = Schema.StructWithRest(
  Schema.Struct({
    named_endpoints: nullable(Schema.Record(Schema.String, WireEndpoint)),
    unnamed_endpoints: nullable(Schema.Record(Schema.String, WireEndpoint))
  }),
  [Rest]
)
export type WireInfo = typeof WireInfo.Type

const decode = Schema.decodeUnknownResult(WireInfo)

/** Reads what `/info` sent, or says why it is none. */
export const decodeWireInfo = (u: unknown): Result.Result<WireInfo, string> =>
  Result.mapError(decode(u), (error) => error.message)

/** One argument of an endpoint. */
export interface ParameterInfo {
  /**
   * For calls by name. Where the server gives no names (before 4.23, and endpoints that `/info` leaves out) the label, or `parameter_<component id>`
   * where several have the same.
   */
  readonly name: string
  readonly label: string
  /** The kind of component, as in `/info`: `Textbox`, `Checkboxgroup`. */
  readonly component: string
  /** A JSON schema. */
  readonly type: unknown
  readonly pythonType: string
  readonly description: string
  /** Where the server does not say (before 4.23): whether the component has an initial value, which is the default then. */
  readonly hasDefault: boolean
  readonly default: unknown
  readonly example: unknown
}

/** One result of an endpoint. */
export interface ReturnInfo {
  readonly label: string
  readonly component: string
  /** A JSON schema. */
  readonly type: unknown
  readonly pythonType: string
  readonly description: string
}

/** `undocumented` endpoints can be called and are not listed; `private` ones are refused, as the official clients do. */
export type Visibility = "public" | "undocumented" | "private"

/** What a caller needs to know about one endpoint. */
export interface EndpointInfo {
  /** With its slash: `/predict`. None for the unnamed functions of Gradio 3, which are called by number. */
  readonly name: string | undefined
  readonly fnIndex: number
  readonly visibility: Visibility
  readonly description: string
  /** Gives several outputs, one after the other. */
  readonly generator: boolean
  readonly queue: boolean
  /** The function takes the caller's Hugging Face token and can act in the caller's name. */
  readonly actsForUser: "required" | "optional" | undefined
  readonly parameters: ReadonlyArray<ParameterInfo>
  readonly returns: ReadonlyArray<ReturnInfo>
}

/**
 * The endpoints of an app, by name (`/predict`) and, for those without one, by number.
 *
 * Both are objects without a prototype: an endpoint may be called `/constructor` or `__proto__`, and a name that is not there gives `undefined`.
 */
export interface ApiInfo {
  readonly named: Readonly<Record<string, EndpointInfo>>
  readonly unnamed: Readonly<Record<string, EndpointInfo>>
}

/** Copies the public fields, so that nothing internal of the given object is shown. */
const publicPart = (endpoint: EndpointInfo): EndpointInfo => ({
  name: endpoint.name,
  fnIndex: endpoint.fnIndex,
  visibility: endpoint.visibility,
  description: endpoint.description,
  generator: endpoint.generator,
  queue: endpoint.queue,
  actsForUser: endpoint.actsForUser,
  parameters: endpoint.parameters,
  returns: endpoint.returns
})

/** Sorts endpoints into named and unnamed. Which of them are shown is the caller's choice; the first of two with the same name is kept. */
export const make = (endpoints: Iterable<EndpointInfo>): ApiInfo => {
  const named: Array<readonly [string, EndpointInfo]> = []
  const unnamed: Array<readonly [string, EndpointInfo]> = []
  for (const endpoint of endpoints) {
    if (endpoint.name === undefined) unnamed.push([String(endpoint.fnIndex), publicPart(endpoint)])
    else named.push([endpoint.name, publicPart(endpoint)])
  }
  return { named: fromEntries(named), unnamed: fromEntries(unnamed) }
}
