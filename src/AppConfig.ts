/**
 * The configuration that a Gradio app publishes at `/config` and inside its page, as Gradio 3 to 6 send it.
 *
 * Field names are Gradio's own. Fields that are not declared here are kept, in the configuration and in its components and dependencies, so that a
 * newer server loses nothing. This module reads; it never fetches.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { get, isRecord } from "./internal/record.ts"
import { parse } from "./internal/wire/json.ts"
import { nullable } from "./internal/wire/nullable.ts"

const Rest = Schema.Record(Schema.String, Schema.Unknown)

/**
 * One component of the app: a text box, a button, a state, a row of the layout.
 *
 * `skip_api` marks components whose values are neither parameters nor results although they have a place in the data array; Gradio 3 has no such field.
 */
export const Component = Schema.StructWithRest(
  Schema.Struct({
    id: Schema.Number,
    type: Schema.String,
    props: nullable(Rest),
    skip_api: nullable(Schema.Boolean),
    /** A JSON schema; in Gradio 3 `{ info, serialized_info }` around one. */
    api_info: Schema.optionalKey(Schema.Unknown),
    api_info_as_input: Schema.optionalKey(Schema.Unknown),
    api_info_as_output: Schema.optionalKey(Schema.Unknown),
    example_inputs: Schema.optionalKey(Schema.Unknown),
    rendered_in: nullable(Schema.Number)
  }),
  [Rest]
)
export type Component = typeof Component.Type

/** One event listener of the app, that is, one function that can be called. */
export const Dependency = Schema.StructWithRest(
  Schema.Struct({
    /** From 4.32; before, the position in `dependencies` is the number of the function. */
    id: nullable(Schema.Number),
    inputs: nullable(Schema.Array(Schema.Number)),
    outputs: nullable(Schema.Array(Schema.Number)),
    /** `false`: the author refused API use (up to 5); `null`: no name (3 only). */
    api_name: nullable(Schema.Union([Schema.String, Schema.Boolean])),
    api_description: nullable(Schema.Union([Schema.String, Schema.Boolean])),
    api_visibility: nullable(Schema.String),
    show_api: nullable(Schema.Boolean),
    /** Absent counts as true. */
    backend_fn: nullable(Schema.Boolean),
    /** `null`: as `enable_queue` says. */
    queue: nullable(Schema.Boolean),
    types: nullable(
      Schema.StructWithRest(
        Schema.Struct({
          generator: nullable(Schema.Boolean),
          continuous: nullable(Schema.Boolean),
          cancel: nullable(Schema.Boolean)
        }),
        [Rest]
      )
    ),
    cancels: nullable(Schema.Array(Schema.Number)),
    /** `"sse"`, or `"stream"` where the browser streams its input (from 5.0). */
    connection: nullable(Schema.String),
    /** The render block that made it. */
    rendered_in: nullable(Schema.Number),
    /** The render block that it runs. */
    render_id: nullable(Schema.Number),
    time_limit: nullable(Schema.Number),
    stream_every: nullable(Schema.Number),
    /** Positions in `inputs` that want a component with all its properties instead of a value (6). */
    component_prop_inputs: nullable(Schema.Array(Schema.Number))
  }),
  [Rest]
)
export type Dependency = typeof Dependency.Type

/** The configuration of an app. */
export const AppConfig = Schema.StructWithRest(
  Schema.Struct({
    version: Schema.String,
    /** Absent in Gradio 3; see {@link protocolName}. */
    protocol: nullable(Schema.String),
    /** Absent before 5.0; see {@link apiPrefix}. */
    api_prefix: nullable(Schema.String),
    /** What the server takes for its own address. Often wrong behind a proxy. */
    root: nullable(Schema.String),
    /** Changes with each start of the app. A number of 64 bits on the wire, here as its digits. */
    app_id: Schema.optionalKey(Schema.Unknown),
    space_id: nullable(Schema.String),
    title: nullable(Schema.String),
    enable_queue: nullable(Schema.Boolean),
    show_error: nullable(Schema.Boolean),
    username: nullable(Schema.String),
    connect_heartbeat: nullable(Schema.Boolean),
    /** In bytes. */
    max_file_size: nullable(Schema.Number),
    components: Schema.Array(Component),
    dependencies: Schema.Array(Dependency)
  }),
  [Rest]
)
export type AppConfig = typeof AppConfig.Type

/** What a render function sends along with its output (`render_config`, from 4.31): components and functions that exist in this session only. */
export const RenderConfig = Schema.StructWithRest(
  Schema.Struct({
    render_id: Schema.Number,
    components: Schema.Array(Component),
    dependencies: Schema.Array(Dependency)
  }),
  [Rest]
)
export type RenderConfig = typeof RenderConfig.Type

const decode = Schema.decodeUnknownResult(AppConfig)
const decodeRender = Schema.decodeUnknownResult(RenderConfig)

/**
 * Reads what `/config` sent, or says why it is none.
 *
 * **Gotchas** Gradio 2 embeds an object of another shape (with `allow_flagging`); it is refused by name. With a login required the page holds a stub
 * instead; ask {@link loginRequired} first.
 */
export const decodeAppConfig = (u: unknown): Result.Result<AppConfig, string> => {
  if (isRecord(u) && Object.hasOwn(u, "allow_flagging") && !Object.hasOwn(u, "dependencies")) {
    return Result.fail("this is a Gradio 2 app, which no client for Gradio 3 to 6 can call")
  }
  return Result.mapError(decode(u), (error) => error.message)
}

/** Reads a `render_config`, or says why it is none. */
export const decodeRenderConfig = (u: unknown): Result.Result<RenderConfig, string> =>
  Result.mapError(decodeRender(u), (error) => error.message)

/** The digits of an `app_id` in a JSON text. As a number it would be rounded. */
export const appIdIn = (text: string): string | undefined => /"app_id"\s*:\s*(-?\d+)/.exec(text)?.[1]

/** The configuration with its `app_id` as the digits in the text that it was read from. */
export const withAppId = (config: AppConfig, text: string): AppConfig => {
  const digits = appIdIn(text)
  // Another one may stand in the value of a component before it.
  return digits !== undefined && Number(digits) === config.app_id ? { ...config, app_id: digits } : config
}

/** The routes of the pages of an app, `""` for the first; none before 5.15. */
export const pagesOf = (config: AppConfig): ReadonlyArray<string> => {
  const pages = config["page"]
  return isRecord(pages) ? Object.keys(pages) : []
}

/** The configuration with the functions of one page only; none where there is no such page. */
export const onPage = (config: AppConfig, route: string): Option.Option<AppConfig> => {
  const pages = config["page"]
  const one = isRecord(pages) ? get(pages, route) : undefined
  const numbers = isRecord(one) ? get(one, "dependencies") : undefined
  if (!Array.isArray(numbers)) return Option.none()
  const dependencies = config.dependencies.filter(({ id }) => numbers.includes(id))
  return Option.some({ ...config, dependencies, current_page: route })
}

/** The configuration with the components as a deep link has them; those that are not on its page stay as they are. */
export const withLinked = (config: AppConfig, linked: AppConfig): AppConfig => {
  const values = new Map(linked.components.map((component) => [component.id, component]))
  return {
    ...config,
    components: config.components.map((component) => values.get(component.id) ?? component),
    deep_link_state: linked["deep_link_state"]
  }
}

/**
 * The stub that an app with a login shows to strangers in the place of its configuration: the author's message for the login page, if there is one.
 * None for everything else.
 */
export const loginRequired = (u: unknown): Option.Option<{ readonly authMessage: string | undefined }> => {
  if (!isRecord(u) || u["auth_required"] !== true) return Option.none()
  const message = u["auth_message"]
  return Option.some({ authMessage: typeof message === "string" && message !== "" ? message : undefined })
}

/** The render block and those that it made, at any depth: what they rendered goes with it. */
const rendersWithin = (config: AppConfig, renderId: number): ReadonlySet<number> => {
  const within = new Set([renderId])
  for (const outer of within) {
    for (const { rendered_in, render_id } of config.dependencies) {
      if (rendered_in === outer && typeof render_id === "number") within.add(render_id)
    }
  }
  return within
}

const renderedIn = (component: Component): unknown => component.rendered_in ?? get(component.props ?? {}, "rendered_in")

/**
 * The configuration of a session after one of its render blocks ran: what the block made before is dropped, what it made now is added.
 *
 * A table is then made anew from the result, with the same `/info`. The rendered functions exist in that session only.
 */
export const mergeRender = (config: AppConfig, render: RenderConfig): AppConfig => {
  const within = rendersWithin(config, render.render_id)
  const dropped = (block: unknown) => typeof block === "number" && within.has(block)
  const made = new Set(render.components.map((component) => component.id))
  return {
    ...config,
    components: [
      ...config.components.filter((kept) => !dropped(renderedIn(kept)) && !made.has(kept.id)),
      ...render.components
    ],
    // The position of a listener is its number where it has no id, so those of the app stay in front.
    dependencies: [...config.dependencies.filter((kept) => !dropped(kept.rendered_in)), ...render.dependencies]
  }
}

/** Major, minor and patch number. */
export type VersionNumbers = readonly [major: number, minor: number, patch: number]

// Gradio's versions follow Python's rules ("5.0.0b3", "4.31.4.dev0", "5.0"), which SemVer cannot read.
const versionPattern = /^\s*v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?/

/** The numbers at the start of a version, zeros for what is missing. Suffixes such as `b3` and `.dev0` do not count: a feature is there from its betas on. */
export const versionNumbers = (version: string): VersionNumbers => {
  const found = versionPattern.exec(version)
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0), Number(found?.[3] ?? 0)]
}

/** Is the app's Gradio this version or a later one? */
export const atLeast = (config: Pick<AppConfig, "version">, version: string): boolean => {
  const [major, minor, patch] = versionNumbers(config.version)
  const [wantedMajor, wantedMinor, wantedPatch] = versionNumbers(version)
  if (major !== wantedMajor) return major > wantedMajor
  return minor === wantedMinor ? patch >= wantedPatch : minor > wantedMinor
}

/** The wire protocol: `"ws"` where none is announced, as in Gradio 3. */
export const protocolName = (config: Pick<AppConfig, "protocol">): string => config.protocol ?? "ws"

/** What stands between the app's address and each API route: `""` up to 4, `"/gradio_api"` from 5. */
export const apiPrefix = (config: Pick<AppConfig, "api_prefix">): string => config.api_prefix ?? ""

const marker = "window.gradio_config"
const parseJson = Option.liftThrowable(parse)

const skipSpace = (text: string, from: number): number => {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** The position after the brace that closes the one at `from`, or the length of the text where it never closes. */
const afterObject = (text: string, from: number): number => {
  let depth = 0
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x7b) depth++
    else if (code === 0x7d && --depth === 0) return at + 1
  }
  return text.length
}

/**
 * What a Gradio page assigns to `window.gradio_config`, not yet decoded.
 *
 * The end of the object is found by its braces, in one pass over the page: values may hold `};` or a script tag.
 */
export const configFromPage = (html: string): Option.Option<unknown> => {
  let at = html.indexOf(marker)
  while (at !== -1) {
    let next = at + marker.length
    const equals = skipSpace(html, next)
    const brace = html[equals] === "=" ? skipSpace(html, equals + 1) : html.length
    if (html[brace] === "{") {
      next = afterObject(html, brace)
      const parsed = parseJson(html.slice(brace, next))
      if (Option.isSome(parsed)) return parsed
    }
    at = html.indexOf(marker, next)
  }
  return Option.none()
}
