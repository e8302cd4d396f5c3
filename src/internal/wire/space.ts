/** How Spaces of Hugging Face are written, and what the hub says of one. Pure. */
import * as Schema from "effect/Schema"

import { nullable } from "./nullable.ts"
import { type BaseUrl, baseUrl } from "./routes.ts"

/** A Space by its name, or by its own host. */
export type SpaceSource =
  | { readonly _tag: "Named"; readonly id: string }
  | { readonly _tag: "Hosted"; readonly subdomain: string; readonly base: BaseUrl }

const hubHosts = new Set(["huggingface.co", "www.huggingface.co", "hf.co", "hub-ci.huggingface.co"])

const named = (owner: string | undefined, name: string | undefined): SpaceSource | undefined =>
  owner === undefined || name === undefined ? undefined : { _tag: "Named", id: `${owner}/${name}` }

/**
 * The Space that a source means: `owner/name`, any page of it on the hub, or an address of its own host. Undefined for every other address: the name of an
 * account has no dots, so that `app.example/path` is none.
 */
export const spaceSource = (source: string | URL, hub: URL): SpaceSource | undefined => {
  const text = String(source).trim()
  const [, owner, name] = /^([\w-]+)\/((?!\.+\/?$)[\w.-]+)\/?$/.exec(text) ?? []
  if (owner !== undefined) return named(owner, name)
  const base = baseUrl(text)
  if (base === undefined) return undefined
  if (base.host === hub.host || hubHosts.has(base.hostname)) {
    const [, pageOwner, pageName] = /^\/spaces\/([\w-]+)\/([\w.-]+)\//.exec(base.pathname) ?? []
    return named(pageOwner, pageName)
  }
  const subdomain = /^([\w-]+)(?:\.static)?\.hf\.space$/.exec(base.hostname)?.[1]
  // A token goes there, so never in the clear: these hosts speak TLS, all of them.
  if (subdomain !== undefined)
    return { _tag: "Hosted", subdomain, base: new URL(base.href.replace(/^http:/, "https:")) }
  // Where Spaces were before they had hosts of their own.
  const [, oldOwner, oldName] = /^\/(?:embed\/)?([\w-]+)\/([\w.-]+)\//.exec(base.pathname) ?? []
  return base.hostname === "hf.space" ? named(oldOwner, oldName) : undefined
}

/** What to call it until the hub has told its name. */
export const shownSpace = (source: SpaceSource): string => (source._tag === "Named" ? source.id : source.subdomain)

const Runtime = Schema.Struct({
  stage: Schema.String,
  errorMessage: nullable(Schema.String),
  hardware: nullable(Schema.Struct({ current: nullable(Schema.String), requested: nullable(Schema.String) })),
  /** In seconds; null or -1: it never sleeps. */
  gcTimeout: nullable(Schema.Number)
})

/** What the hub says of how a Space runs. */
export type Runtime = typeof Runtime.Type

const Info = Schema.Struct({
  id: Schema.String,
  host: nullable(Schema.String),
  sdk: nullable(Schema.String),
  runtime: nullable(Runtime),
  cardData: nullable(Schema.Struct({ duplicated_from: Schema.optionalKey(Schema.Unknown) }))
})

/** What the hub says of a Space. */
export type Info = typeof Info.Type

export const decodeRuntime = Schema.decodeUnknownResult(Runtime)
export const decodeInfo = Schema.decodeUnknownResult(Info)
export const decodeWhoami = Schema.decodeUnknownResult(Schema.Struct({ name: Schema.String }))

/** What a stage means for who waits. */
export type Kind = "running" | "sleeping" | "building" | "starting" | "paused" | "error" | "unknown"

const kinds: ReadonlyMap<string, Kind> = new Map([
  ["RUNNING", "running"],
  ["RUNNING_BUILDING", "running"],
  // A request to the host wakes both up.
  ["SLEEPING", "sleeping"],
  ["STOPPED", "sleeping"],
  ["BUILDING", "building"],
  ["APP_STARTING", "starting"],
  ["RUNNING_APP_STARTING", "starting"],
  ["PAUSED", "paused"],
  ["NO_APP_FILE", "error"],
  ["CONFIG_ERROR", "error"],
  ["BUILD_ERROR", "error"],
  ["RUNTIME_ERROR", "error"],
  ["DELETING", "error"]
])

/** The kind of a stage; those of later hubs by how they are named. */
export const kindOf = (stage: string): Kind =>
  kinds.get(stage) ??
  (/ERROR/.test(stage)
    ? "error"
    : /STARTING/.test(stage)
      ? "starting"
      : stage.startsWith("RUNNING")
        ? "running"
        : /BUILDING/.test(stage)
          ? "building"
          : "unknown")

/** The Space that a duplicate was made from, as its metadata says. */
export const duplicatedFrom = ({ cardData }: Info): string | undefined => {
  const from = cardData?.duplicated_from
  return typeof from === "string" ? from : undefined
}
