/**
 * An app as one JSON file: its configuration and its `/info`, without what changes with each start, so that the same app always gives the same bytes. It
 * can be kept under version control, read where the app does not run, and held against the app as it is now.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"

import * as ApiInfo from "../ApiInfo.ts"
import * as AppConfig from "../AppConfig.ts"
import * as GradioClient from "../GradioClient.ts"
import { fromEntries, isRecord, set } from "../internal/record.ts"
import { parse, same } from "../internal/wire/json.ts"
import { nullable } from "../internal/wire/nullable.ts"
import { inOrder } from "./inOrder.ts"

/** What an app says of itself. */
export interface AppDescription {
  /** Its title and version, its functions, and those of its components that functions take or give. */
  readonly config: AppConfig.AppConfig
  /** The answer of `/info`; none where the app has no usable one (before 3.26). */
  readonly info: ApiInfo.WireInfo | undefined
}

const lastSegment = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)

/** A file of the server, as 4 and later write one (`path`) and as 3 does (`name`). */
const fileKey = (value: Readonly<Record<string, unknown>>): "path" | "name" | undefined => {
  if (typeof value["path"] === "string")
    return isRecord(value["meta"]) || Object.hasOwn(value, "url") ? "path" : undefined
  return typeof value["name"] === "string" && value["is_file"] === true ? "name" : undefined
}

/** Files are known by their names: where they lie, and at which address, changes with each start. */
const steady = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(steady)
  if (!isRecord(value)) return value
  const key = fileKey(value)
  if (key === undefined)
    return fromEntries(Object.entries(value).map(([name, inner]) => [name, steady(inner)] as const))
  const { url: _, ...file } = value
  return set(file, key, lastSegment(String(value[key])))
}

/** Addresses that the server takes for its own. */
const addresses = new Set(["root_url", "proxy_url"])

const steadyComponent = (component: AppConfig.Component): AppConfig.Component => {
  const { api_info, api_info_as_input, api_info_as_output, props } = component
  return {
    ...Struct.pick(component, ["id", "type", "skip_api", "api_info"]),
    ...(same(api_info, api_info_as_input) ? {} : Struct.pick(component, ["api_info_as_input"])),
    ...(same(api_info, api_info_as_output) ? {} : Struct.pick(component, ["api_info_as_output"])),
    props: fromEntries(
      Object.entries(props ?? {}).flatMap(([key, value]) => (addresses.has(key) ? [] : [[key, steady(value)] as const]))
    )
  }
}

const steadyConfig = (config: AppConfig.AppConfig): AppConfig.AppConfig => {
  const dependencies = config.dependencies
    // The position is the number before 4.32, and has to stay it without those that are left out.
    .map((dependency, position) => ({ ...dependency, id: dependency.id ?? position }))
    .filter(({ rendered_in }) => (rendered_in ?? undefined) === undefined)
  const used = new Set(dependencies.flatMap(({ inputs, outputs }) => [...(inputs ?? []), ...(outputs ?? [])]))
  return {
    ...Struct.pick(config, ["version", "title", "protocol", "api_prefix", "space_id", "enable_queue"]),
    components: config.components.filter(({ id }) => used.has(id)).map(steadyComponent),
    dependencies: dependencies.map((dependency) =>
      Struct.pick(dependency, [
        "id",
        "inputs",
        "outputs",
        "api_name",
        "api_description",
        "api_visibility",
        "show_api",
        "backend_fn",
        "queue",
        "types",
        "cancels",
        "connection",
        "time_limit",
        "stream_every",
        "component_prop_inputs"
      ])
    )
  }
}

const steadyValue = <A extends ApiInfo.WireReturn>(value: A) =>
  Struct.pick(value, ["label", "type", "python_type", "component"])

const steadyParameter = (parameter: ApiInfo.WireParameter): ApiInfo.WireParameter => ({
  ...steadyValue(parameter),
  ...Struct.pick(parameter, ["parameter_name", "parameter_has_default"]),
  parameter_default: steady(parameter.parameter_default ?? null),
  example_input: steady(parameter.example_input ?? null)
})

const steadyEndpoints = (
  endpoints: Readonly<Record<string, ApiInfo.WireEndpoint>> | null | undefined
): Readonly<Record<string, ApiInfo.WireEndpoint>> =>
  fromEntries(
    Object.entries(endpoints ?? {}).map(([name, endpoint]) => [
      name,
      {
        ...Struct.pick(endpoint, ["description", "show_api", "api_visibility", "oauth_token"]),
        parameters: (endpoint.parameters ?? []).map(steadyParameter),
        returns: (endpoint.returns ?? []).map(steadyValue)
      }
    ])
  )

/** The description of an app from what it sent: without its layout and looks, without functions that calls rendered, and without what changes with each start. */
export const make = (config: AppConfig.AppConfig, info: ApiInfo.WireInfo | undefined): AppDescription => ({
  config: steadyConfig(config),
  info: info && {
    named_endpoints: steadyEndpoints(info.named_endpoints),
    unnamed_endpoints: steadyEndpoints(info.unnamed_endpoints)
  }
})

/** The description of the app of a client. With `page` at its connection, of that page alone. */
export const fromClient = (client: GradioClient.GradioClient): AppDescription =>
  make(client.config, GradioClient.wireInfo(client))

const decode = Schema.decodeUnknownResult(
  Schema.Struct({ config: AppConfig.AppConfig, info: nullable(ApiInfo.WireInfo) })
)

/** Reads the text of a file, or says why it is no description. `{ "config": …, "info": … }` with the two as a server sent them is one too. */
export const fromJson = (text: string): Result.Result<AppDescription, string> =>
  Result.flatMap(Result.try({ try: () => parse(text), catch: () => "this is no JSON" }), (json) =>
    Result.mapBoth(decode(json), {
      onSuccess: ({ config, info }) => make(config, info ?? undefined),
      onFailure: (error) => error.message
    })
  )

/** The text of the file: the keys of each object in order, two spaces, a line end at the end. */
export const toJson = (description: AppDescription): string => `${JSON.stringify(inOrder(description), null, 2)}\n`
