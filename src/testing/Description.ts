/** What a stand-in app tells about itself: the page's config, the API's description and the page. Pure. */
import type { AppFunction } from "./AppFunction.ts"
import type * as Component from "./Component.ts"
import type { Fields } from "./fields.ts"
import type { Release } from "./Release.ts"

/** The app as far as it shows. */
export interface Description {
  readonly title: string
  readonly release: Release
  readonly appId: string
  readonly showError: boolean
  readonly maxFileSize: number | null
  readonly components: ReadonlyMap<Component.Any, number>
  /** The button that runs each function, but for those that are for programs alone. */
  readonly triggers: ReadonlyMap<AppFunction, number>
  readonly functions: ReadonlyArray<AppFunction>
}

/** What is said besides of a component that a render block made, or fills. */
interface Place {
  readonly renderable?: number
  readonly rendered_in?: number
}

const propsOf = ({ impliedValue, props }: Component.Any, { impliesValues }: Release): Fields =>
  impliedValue === undefined || !impliesValues ? props : { value: impliedValue, ...props }

const componentConfig = (component: Component.Any, id: number, release: Release, place: Place = {}): Fields => {
  const { component: older, schema } = release
  const api = component.schema === undefined ? undefined : schema(component.schema)
  return older({
    id,
    type: component.type,
    props: propsOf(component, release),
    skip_api: component.skipApi,
    component_class_id: component.type,
    key: null,
    ...place,
    ...(api === undefined
      ? {}
      : {
          api_info: api,
          api_info_as_input: api,
          api_info_as_output: api,
          example_inputs: component.example
        })
  })
}

/** The numbers of the functions that a listener cancels. */
export const cancelled = (functions: ReadonlyArray<AppFunction>, { endpoint }: AppFunction): ReadonlyArray<number> =>
  functions.flatMap(({ endpoint: { name }, id }) => (endpoint.cancels.includes(name) ? [id] : []))

/** The names that Gradio gives to listeners without a function. */
const listenerName = (fn: AppFunction, app: Description): string => {
  const nameOf = ({ endpoint }: AppFunction) => (endpoint.js === null ? "unnamed" : "js_fn")
  const before = app.functions.filter(
    (one) => one.id < fn.id && one.endpoint.kind === "listener" && nameOf(one) === nameOf(fn)
  )
  return before.length === 0 ? nameOf(fn) : `${nameOf(fn)}_${before.length}`
}

/** The number of a render block. */
const renderId = (fn: AppFunction, app: Description): number =>
  app.functions.filter(({ endpoint }) => endpoint.kind === "render").indexOf(fn)

/** What runs a function: a button, a change of what a render block shows, or nothing on the page. */
const targets = (fn: AppFunction, app: Description): ReadonlyArray<readonly [number | undefined, string]> => {
  const { inputs, kind } = fn.endpoint
  if (kind === "render") return [[0, "load"], ...inputs.map((one) => [app.components.get(one), "change"] as const)]
  const trigger = app.triggers.get(fn)
  return trigger === undefined ? [] : [[trigger, "click"]]
}

const dependencyConfig = (fn: AppFunction, app: Description, renderedIn: number | null = null): Fields => {
  const { componentPropInputs, inputs, kind, maxBatchSize, name, outputs, queue, visibility } = fn.endpoint
  const ids = (components: ReadonlyArray<Component.Any>) => components.map((component) => app.components.get(component))
  const targeted = targets(fn, app)
  return app.release.dependency({
    id: fn.id,
    targets: targeted,
    inputs: ids(inputs),
    outputs: ids(outputs),
    backend_fn: kind !== "listener",
    js: fn.endpoint.js,
    queue,
    api_name: kind === "listener" ? listenerName(fn, app) : name,
    api_description: null,
    scroll_to_output: false,
    show_progress: targeted.length === 0 ? "hidden" : "full",
    show_progress_on: null,
    batch: kind === "batch",
    max_batch_size: maxBatchSize,
    cancels: cancelled(app.functions, fn),
    types: { generator: kind === "generator", cancel: fn.endpoint.cancels.length > 0 },
    collects_event_data: false,
    trigger_after: null,
    trigger_only_on_success: false,
    trigger_only_on_failure: false,
    trigger_mode: kind === "render" ? "always_last" : "once",
    api_visibility: visibility,
    rendered_in: renderedIn,
    render_id: kind === "render" ? renderId(fn, app) : null,
    connection: kind === "inputStream" ? "stream" : "sse",
    time_limit: fn.endpoint.timeLimit,
    stream_every: fn.endpoint.streamEvery,
    event_specific_args: null,
    component_prop_inputs: componentPropInputs,
    js_implementation: null
  })
}

const buttonConfig = (id: number, { component }: Release, place: Place = {}): Fields =>
  component({
    id,
    type: "button",
    props: {
      value: "Run",
      variant: "secondary",
      visible: true,
      interactive: true,
      name: "button",
      _selectable: false
    },
    skip_api: true,
    component_class_id: "button",
    key: null,
    ...place
  })

/** What a client is told of the functions that a render block has made, whose components are new or those of the app. */
export const renderConfig = (
  app: Description,
  block: AppFunction,
  made: Pick<Description, "components" | "triggers" | "functions">
): Fields => {
  const { release } = app
  const id = renderId(block, app)
  const place = { renderable: id, rendered_in: id }
  const whole = { ...app, ...made, components: new Map([...app.components, ...made.components]) }
  const column = block.endpoint.outputs.map((one) => [one, app.components.get(one) ?? 0] as const)
  const components = [
    ...column.map(([one, number]) => componentConfig(one, number, release, { renderable: id })),
    ...Array.from(made.components, ([one, number]) => componentConfig(one, number, release, place)),
    ...Array.from(made.triggers.values(), (number) => buttonConfig(number, release, place))
  ]
  const children = [...made.components.values(), ...made.triggers.values()].map((number) => ({ id: number }))
  const ids = components.map((one) => one["id"])
  return release.render({
    page: {
      "": { layout: { id: 0, children }, components: ids, dependencies: made.functions.map((fn) => fn.id) }
    },
    components,
    dependencies: made.functions.map((fn) => dependencyConfig(fn, whole, id)),
    layout: { id: column[0]?.[1], children },
    render_id: id
  })
}

/** The object of `/config`, for a client that sees the app under `root`. */
export const config = (
  app: Description,
  root: string,
  user: string | null = null
): Readonly<Record<string, unknown>> => {
  const { release } = app
  const ids = [...app.components.values(), ...app.triggers.values()]
  const buttons = Array.from(app.triggers.values(), (id) => buttonConfig(id, release))
  const components = [
    ...Array.from(app.components, ([component, id]) => componentConfig(component, id, release)),
    ...buttons
  ]
  const dependencies = app.functions.map((fn) => dependencyConfig(fn, app))
  const layout = { id: 0, children: ids.map((id) => ({ id })) }
  return release.config({
    version: release.version,
    api_prefix: release.prefix,
    mode: "blocks",
    app_id: app.appId,
    dev_mode: false,
    vibe_mode: false,
    analytics_enabled: false,
    components,
    css: null,
    connect_heartbeat: Array.from(app.components.keys()).some(({ type }) => type === "state"),
    js: null,
    head: null,
    title: app.title,
    space_id: null,
    enable_queue: true,
    show_error: app.showError,
    footer_links: ["api", "gradio", "settings"],
    run_history: false,
    is_colab: false,
    max_file_size: app.maxFileSize,
    stylesheets: [],
    theme: "default",
    protocol: release.protocol,
    fill_height: false,
    fill_width: false,
    theme_hash: "0",
    pwa: false,
    pages: [["", "Home", true]],
    page: {
      "": { layout, components: ids, dependencies: app.functions.map(({ id }) => id) }
    },
    mcp_server: false,
    i18n_translations: null,
    username: user,
    layout,
    dependencies,
    root
  })
}

/** `app_id` is a 64-bit integer, larger than a number of JavaScript can be: it is put into the text. */
export const toJson = (app: Description, value: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(value).replace(`"app_id":"${app.appId}"`, `"app_id":${app.appId}`)

const capitalized = (type: string) => type.charAt(0).toUpperCase() + type.slice(1)

const documentation = (
  component: Component.Any,
  label: string,
  description: "description" | "additional_description",
  release: Release
) => ({
  label: component.props["label"] ?? label,
  type: component.schema === undefined ? undefined : release.schema(component.schema),
  python_type: { type: component.pythonType, description: component.schema?.[description] ?? "" },
  component: capitalized(component.type)
})

const parameter = (component: Component.Any, index: number, id: number | undefined, release: Release) => {
  const value = propsOf(component, release)["value"] ?? null
  const { label, ...rest } = documentation(component, `parameter_${id}`, "additional_description", release)
  return {
    label,
    parameter_name: component.name ?? `param_${index}`,
    parameter_has_default: value !== null || component.defaultsToNone,
    parameter_default: value,
    ...rest,
    example_input: component.example
  }
}

/** The parameters of a function, without the skipped inputs. */
export const parameters = (app: Description, fn: AppFunction) =>
  fn.endpoint.inputs.flatMap((component, i) =>
    app.release.skips(component) ? [] : [parameter(component, i, app.components.get(component), app.release)]
  )

/** Whether `/info` tells about a listener; as one without a name, in the third case. */
const listed = (dependency: Fields, allEndpoints: boolean): "by name" | "by number" | "not" => {
  const { api_name: name, api_visibility: visibility, backend_fn: runs, show_api: isShown } = dependency
  if (runs !== true || name === false || visibility === "private") return "not"
  if (!allEndpoints && (isShown === false || visibility === "undocumented")) return "not"
  return name === null ? "by number" : "by name"
}

/** The object of `/info`. */
export const info = (app: Description, allEndpoints: boolean): Fields => {
  const { release } = app
  const endpoint = (fn: AppFunction) =>
    release.endpoint({
      parameters: parameters(app, fn).map(release.parameter),
      returns: fn.endpoint.outputs
        .filter((component) => !release.skips(component))
        .map((component) =>
          release.parameter(documentation(component, `value_${app.components.get(component)}`, "description", release))
        ),
      api_visibility: fn.endpoint.visibility,
      description: fn.endpoint.description
    })
  const all = app.functions.map((fn) => ({ fn, how: listed(dependencyConfig(fn, app), allEndpoints) }))
  return {
    named_endpoints: Object.fromEntries(
      all.flatMap(({ fn, how }) => (how === "by name" ? [[`/${fn.endpoint.name}`, endpoint(fn)]] : []))
    ),
    unnamed_endpoints: Object.fromEntries(
      all.flatMap(({ fn, how }) => (how === "by number" ? [[String(fn.id), endpoint(fn)]] : []))
    )
  }
}

const escapeScript = (json: string) => json.replaceAll("<", "\\u003c")

const escapeText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/**
 * The page: no user interface, but the config where clients look for it. To strangers it shows `stub` in its place.
 */
export const page = (app: Description, root: string, stub?: Readonly<Record<string, unknown>>): string => {
  const shown = stub ?? { ...config(app, root), current_page: "" }
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeText(app.title)}</title>
<script>window.gradio_config = ${escapeScript(toJson(app, shown))};</script>
<script>window.gradio_api_info = ${escapeScript(JSON.stringify(stub === undefined ? info(app, false) : {}))};</script>
</head>
<body><h1>${escapeText(app.title)}</h1></body>
</html>
`
}
