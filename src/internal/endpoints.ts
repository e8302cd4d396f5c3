/**
 * The table of everything an app lets one call, made from its configuration and, where there is one, its `/info`.
 *
 * A table belongs to a session: functions rendered by `gr.render` are merged into the configuration of the session that caused them
 * (`AppConfig.mergeRender`), and its table is made anew.
 */
import * as Result from "effect/Result"

import * as ApiInfo from "../ApiInfo.ts"
import { type AppConfig, type Component, type Dependency, protocolName } from "../AppConfig.ts"
import type { Canceller } from "../Protocol.ts"
import { nearest } from "./nearest.ts"
import { get, isRecord } from "./record.ts"

/** One place of the data array that is sent. */
export interface InputSlot {
  readonly componentId: number
  readonly componentType: string
  /** The place is not a parameter; `filler` is sent. */
  readonly skipped: boolean
  readonly parameter: ApiInfo.ParameterInfo | undefined
  readonly filler: unknown
  /** The component's properties, where the server wants them around the value (`component_prop_inputs`, Gradio 6). */
  readonly wrapProps: Readonly<Record<string, unknown>> | undefined
}

/** One place of the data array that comes back. */
export interface OutputSlot {
  readonly componentId: number
  readonly componentType: string
  readonly label: string
  readonly skipped: boolean
}

/** A function of the app with all that is needed to call it. */
export interface ResolvedEndpoint extends ApiInfo.EndpointInfo {
  /** Whether there is a function on the server; listeners that only run in the browser have none. */
  readonly backendFn: boolean
  /** The functions that this one cancels, by number. */
  readonly cancels: ReadonlyArray<number>
  /** The listeners that cancel this one, where the server runs them. */
  readonly cancellers: ReadonlyArray<Canceller>
  /** `"sse"`, or `"stream"` for functions that take a stream of inputs. */
  readonly connection: string
  /** Seconds from one input of a stream to the next. */
  readonly streamEvery: number
  /** Seconds after which the server ends an event of such a function. */
  readonly timeLimit: number | undefined
  /** The render block that made it; such functions exist in one session only. */
  readonly renderedIn: number | undefined
  /** No component among inputs and outputs keeps a value on the server between calls. */
  readonly stateless: boolean
  /** All its components are in the configuration. Those of a render block are not before it ran, and `/info` leaves such functions out. */
  readonly complete: boolean
  readonly inputs: ReadonlyArray<InputSlot>
  readonly outputs: ReadonlyArray<OutputSlot>
}

// What both official clients fall back to where components have no `skip_api` (Gradio 3): SKIP_COMPONENTS in gradio_client/utils.py.
const skippedTypes = new Set(
  "state row column tabs tab tabitem box form accordion group interpretation dataset sidebar".split(" ")
)

const isSkipped = (component: Component | undefined): boolean =>
  component !== undefined && (component.skip_api ?? skippedTypes.has(component.type))

const isState = (component: Component | undefined): boolean => component?.type === "state"

const propText = (component: Component | undefined, key: string): string | undefined => {
  const text = get(component?.props ?? {}, key)
  return typeof text === "string" ? text : undefined
}

const text = (u: unknown): string => (typeof u === "string" ? u : "")

// As the server writes it into `/info`: Python's `str.capitalize`.
const capitalize = (type: string): string => type.slice(0, 1).toUpperCase() + type.slice(1).toLowerCase()

/** Gradio 3 puts the schema into `info`. */
const plainSchema = (schema: unknown): unknown =>
  isRecord(schema) && Object.hasOwn(schema, "serialized_info") ? schema["info"] : schema

const plainExample = (example: unknown): unknown =>
  isRecord(example) && Object.hasOwn(example, "serialized") ? example["raw"] : example

const labelOf = (id: number, component: Component | undefined, wire: ApiInfo.WireParameter | undefined): string =>
  wire?.label ?? propText(component, "label") ?? `parameter_${id}`

/** What the page shows in a component before anybody has touched it. An empty text is what a text box has without any. */
const initialValue = (component: Component | undefined): unknown => {
  const value = get(component?.props ?? {}, "value")
  return value === "" ? undefined : (value ?? undefined)
}

/** A description by the server says whether there is a default; without one, it is the initial value, as servers from 4.23 on have it. */
const defaultOf = (
  component: Component | undefined,
  wire: ApiInfo.WireParameter | undefined
): Pick<ApiInfo.ParameterInfo, "hasDefault" | "default"> => {
  const said = wire?.parameter_has_default ?? undefined
  const value = said === undefined ? initialValue(component) : (wire?.parameter_default ?? null)
  const hasDefault = said ?? value !== undefined
  return { hasDefault, default: hasDefault ? value : undefined }
}

const parameterOf = (
  id: number,
  component: Component | undefined,
  wire: ApiInfo.WireParameter | undefined,
  labels: ReadonlyArray<string>
): ApiInfo.ParameterInfo => {
  const label = labelOf(id, component, wire)
  const isOnly = label !== "" && labels.indexOf(label) === labels.lastIndexOf(label)
  return {
    // An empty name could not be told from none by whoever reads a problem text.
    name: wire?.parameter_name || (isOnly ? label : `parameter_${id}`),
    label,
    component: wire?.component ?? capitalize(component?.type ?? "unknown"),
    type: wire === undefined ? plainSchema(component?.api_info_as_input ?? component?.api_info ?? {}) : wire.type,
    pythonType: wire?.python_type?.type ?? "Any",
    description: wire?.python_type?.description ?? "",
    ...defaultOf(component, wire),
    example: wire === undefined ? plainExample(component?.example_inputs) : wire.example_input
  }
}

const returnOf = (
  id: number,
  component: Component | undefined,
  wire: ApiInfo.WireReturn | undefined
): ApiInfo.ReturnInfo => ({
  label: wire?.label ?? propText(component, "label") ?? `value_${id}`,
  component: wire?.component ?? capitalize(component?.type ?? "unknown"),
  type: wire === undefined ? plainSchema(component?.api_info_as_output ?? component?.api_info ?? {}) : wire.type,
  pythonType: wire?.python_type?.type ?? "Any",
  description: wire?.python_type?.description ?? ""
})

/** As `Endpoint.__init__` of gradio_client decides it. A visibility that no version knows yet is not shown and can be called. */
const visibilityOf = (dependency: Dependency): ApiInfo.Visibility => {
  const said = dependency.api_visibility
  if (typeof said === "string") return said === "public" || said === "private" ? said : "undocumented"
  if (dependency.api_name === false) return "private"
  return dependency.show_api === false ? "undocumented" : "public"
}

const actsForUser = (wire: ApiInfo.WireEndpoint | undefined): "required" | "optional" | undefined => {
  const kind = wire?.oauth_token
  // Any other word still means that the token is taken.
  return kind === undefined || kind === null || kind === "" ? undefined : kind === "required" ? "required" : "optional"
}

interface Source {
  readonly components: ReadonlyMap<number, Component>
  readonly info: ApiInfo.WireInfo | undefined
  readonly queueByDefault: boolean
  readonly cancellers: ReadonlyArray<Canceller>
}

const cancellersIn = (config: AppConfig): ReadonlyArray<Canceller> =>
  config.dependencies.flatMap(({ backend_fn, cancels, id }, position) =>
    backend_fn === false || cancels === undefined || cancels === null || cancels.length === 0
      ? []
      : [{ fnIndex: id ?? position, cancels }]
  )

const wireEndpoint = (
  info: ApiInfo.WireInfo | undefined,
  name: string | undefined,
  fnIndex: number
): ApiInfo.WireEndpoint | undefined =>
  name === undefined ? get(info?.unnamed_endpoints ?? {}, String(fnIndex)) : get(info?.named_endpoints ?? {}, name)

/** Descriptions belong to slots by their order, so a list of another length describes something else (another page of the app, say) and is not used. */
const fitting = <A>(described: ReadonlyArray<A> | null | undefined, slots: number): ReadonlyArray<A> =>
  described?.length === slots ? described : []

const fillerOf = (component: Component | undefined): unknown =>
  isState(component) ? null : (get(component?.props ?? {}, "value") ?? null)

const makeEndpoint = (source: Source, dependency: Dependency, position: number): ResolvedEndpoint => {
  const fnIndex = dependency.id ?? position
  const name = typeof dependency.api_name === "string" ? `/${dependency.api_name}` : undefined
  const wire = wireEndpoint(source.info, name, fnIndex)
  const inputIds = dependency.inputs ?? []
  const outputIds = dependency.outputs ?? []
  const component = (id: number) => source.components.get(id)

  const givenIds = inputIds.filter((id) => !isSkipped(component(id)))
  const describedInputs = fitting(wire?.parameters, givenIds.length)
  const labels = givenIds.map((id, index) => labelOf(id, component(id), describedInputs[index]))
  const describedOutputs = fitting(wire?.returns, outputIds.filter((id) => !isSkipped(component(id))).length)
  const wrapped = new Set(dependency.component_prop_inputs ?? [])

  const parameters: Array<ApiInfo.ParameterInfo> = []
  const inputs = inputIds.map((id, index): InputSlot => {
    const found = component(id)
    const skipped = isSkipped(found)
    const parameter = skipped ? undefined : parameterOf(id, found, describedInputs[parameters.length], labels)
    if (parameter !== undefined) parameters.push(parameter)
    return {
      componentId: id,
      componentType: found?.type ?? "unknown",
      skipped,
      parameter,
      filler: skipped ? fillerOf(found) : null,
      // The server looks at a state's stored value before it looks for properties.
      wrapProps: wrapped.has(index) && !isState(found) ? (found?.props ?? {}) : undefined
    }
  })

  const returns: Array<ApiInfo.ReturnInfo> = []
  const outputs = outputIds.map((id): OutputSlot => {
    const found = component(id)
    const skipped = isSkipped(found)
    const described = returnOf(id, found, skipped ? undefined : describedOutputs[returns.length])
    if (!skipped) returns.push(described)
    return { componentId: id, componentType: found?.type ?? "unknown", label: described.label, skipped }
  })

  return {
    name,
    fnIndex,
    visibility: visibilityOf(dependency),
    description: wire?.description ?? text(dependency.api_description),
    // `continuous`: functions with `every=` (up to 4.27), which never end.
    generator: dependency.types?.generator === true || dependency.types?.continuous === true,
    queue: dependency.queue ?? source.queueByDefault,
    actsForUser: actsForUser(wire),
    parameters,
    returns,
    backendFn: dependency.backend_fn ?? true,
    cancels: dependency.cancels ?? [],
    cancellers: source.cancellers.filter(({ cancels }) => cancels.includes(fnIndex)),
    connection: dependency.connection ?? "sse",
    streamEvery: dependency.stream_every ?? 0.5,
    timeLimit: dependency.time_limit ?? undefined,
    renderedIn: dependency.rendered_in ?? undefined,
    complete: [...inputIds, ...outputIds].every((id) => source.components.has(id)),
    stateless: ![...inputIds, ...outputIds].some((id) => isState(component(id))),
    inputs,
    outputs
  }
}

const byId = (components: ReadonlyArray<Component>): ReadonlyMap<number, Component> =>
  new Map(components.map((component) => [component.id, component]))

// Gradio 3 has no queue unless the app switches it on; from 4 there always is one.
const queueByDefault = (config: AppConfig): boolean => config.enable_queue ?? protocolName(config) !== "ws"

/**
 * All functions of the app, in the order of the configuration, hidden and private ones included.
 *
 * Where `/info` has nothing usable about one (there is no such route before 3.26, and it leaves out undocumented and rendered functions), its parameters come
 * from the components: their labels are the names, their initial values the defaults.
 */
export const makeEndpoints = (
  config: AppConfig,
  info: ApiInfo.WireInfo | undefined
): ReadonlyArray<ResolvedEndpoint> => {
  const source = {
    components: byId(config.components),
    info,
    queueByDefault: queueByDefault(config),
    cancellers: cancellersIn(config)
  }
  return config.dependencies.map((dependency, position) => makeEndpoint(source, dependency, position))
}

/** The endpoints that `/info` would list: public, with a function, all their components known. */
export const listed = (table: ReadonlyArray<ResolvedEndpoint>): ReadonlyArray<ResolvedEndpoint> =>
  table.filter(
    (endpoint) =>
      endpoint.visibility === "public" && endpoint.backendFn && endpoint.complete && endpoint.renderedIn === undefined
  )

/** All that may be called: also the undocumented and rendered ones. */
export const callable = (table: ReadonlyArray<ResolvedEndpoint>): ReadonlyArray<ResolvedEndpoint> =>
  table.filter((endpoint) => endpoint.visibility !== "private" && endpoint.backendFn)

/** The table as users see it. With `hidden`, everything that may be called. */
export const toApiInfo = (
  table: ReadonlyArray<ResolvedEndpoint>,
  options?: { readonly hidden?: boolean | undefined }
): ApiInfo.ApiInfo => ApiInfo.make(options?.hidden === true ? callable(table) : listed(table))

/** Why an endpoint cannot be called, with what can be. */
export interface NotCallable {
  /** `private`: its author refuses API calls. `no-backend`: it only runs in the browser. */
  readonly reason: "unknown" | "private" | "no-backend"
  /** Names of the listed endpoints; the number of those that have no name. */
  readonly available: ReadonlyArray<string>
  /** The most likely meant names, best first. */
  readonly nearest: ReadonlyArray<string>
}

/** How an endpoint is asked for: by its name, or by its number where it has none. */
export const nameOf = (endpoint: ApiInfo.EndpointInfo): string => endpoint.name ?? String(endpoint.fnIndex)

/** How errors and spans show an endpoint, however it was asked for: `/name`, or `#0` by its number where it has no name. */
export const shownName = ({ fnIndex, name }: Pick<ApiInfo.EndpointInfo, "fnIndex" | "name">): string =>
  name ?? `#${fnIndex}`

/** The same for what was asked for, among the endpoints that are known. */
export const shownAsked = (
  endpoints: ReadonlyArray<Pick<ApiInfo.EndpointInfo, "fnIndex" | "name">>,
  asked: string | number
): string =>
  typeof asked === "string"
    ? `/${bare(asked)}`
    : shownName(endpoints.find(({ fnIndex }) => fnIndex === asked) ?? { fnIndex: asked, name: undefined })

const bare = (name: string): string => name.replace(/^\/+/, "")

/** The endpoint of this name (with or without its slash) or number. */
export const findEndpoint = (
  table: ReadonlyArray<ResolvedEndpoint>,
  asked: string | number
): Result.Result<ResolvedEndpoint, NotCallable> => {
  const exact = table.filter((endpoint) => (typeof asked === "number" ? endpoint.fnIndex : endpoint.name) === asked)
  const matches =
    exact.length > 0 || typeof asked === "number"
      ? exact
      : table.filter((endpoint) => endpoint.name !== undefined && bare(endpoint.name) === bare(asked))
  const usable = matches.find((endpoint) => endpoint.visibility !== "private" && endpoint.backendFn)
  if (usable !== undefined) return Result.succeed(usable)
  const [refused] = matches
  return Result.fail({
    reason: refused === undefined ? "unknown" : refused.visibility === "private" ? "private" : "no-backend",
    available: listed(table).map(nameOf),
    nearest:
      typeof asked === "number"
        ? []
        : nearest(
            asked,
            callable(table).flatMap((endpoint) => endpoint.name ?? [])
          )
  })
}
