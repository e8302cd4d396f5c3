/** Where the bytes of a file come from, and the reference that stands for it on the wire. */
import type * as Stream from "effect/Stream"

import type { GradioFileError, RequestError } from "../../GradioError.ts"
import { isRecord } from "../record.ts"

/** A file reference as Gradio 4 to 6 send and take it (`gradio.FileData`). `meta` is required from 5.5 on and harmless before. */
export interface FileData {
  readonly [key: string]: unknown
  readonly path: string
  readonly url?: string | null
  readonly size?: number | null
  readonly orig_name?: string | null
  readonly mime_type?: string | null
  readonly is_stream?: boolean
  readonly meta: { readonly _type: "gradio.FileData" }
}

const isOptional = (value: unknown, type: "string" | "number" | "boolean"): boolean =>
  value === undefined || value === null || typeof value === type

/** Whether a value is a file reference. */
export const isFileData = (u: unknown): u is FileData =>
  isRecord(u) &&
  typeof u["path"] === "string" &&
  isRecord(u["meta"]) &&
  u["meta"]["_type"] === "gradio.FileData" &&
  isOptional(u["url"], "string") &&
  isOptional(u["size"], "number") &&
  isOptional(u["orig_name"], "string") &&
  isOptional(u["mime_type"], "string") &&
  isOptional(u["is_stream"], "boolean")

/** A streamed output as Gradio 4 sent it before it marked files (until 4.43 at the latest), as a reference. */
export const bareStream = (u: unknown): FileData | undefined =>
  isRecord(u) && typeof u["path"] === "string" && u["is_stream"] === true && !Object.hasOwn(u, "meta")
    ? { ...u, path: u["path"], is_stream: true, url: null, orig_name: null, meta: { _type: "gradio.FileData" } }
    : undefined

/** Bytes of this program, to be uploaded. */
export interface Local {
  readonly _tag: "Local"
  /** All of them, where they can be had without being read first. */
  readonly whole: Uint8Array | Blob | undefined
}

/** A file somewhere on the web. */
export interface Web {
  readonly _tag: "Web"
  readonly url: URL
  readonly via: "server" | "client" | undefined
}

/** A file of an app: an output, or an upload. */
export interface OfApp {
  readonly _tag: "OfApp"
  /** The address of the app it belongs to. */
  readonly app: string
  readonly data: FileData
}

export type Source = Local | Web | OfApp

/**
 * The key under which a `GradioFile` keeps its source; not part of what users see. A symbol, so that no JSON of a server can pass for a file; of the
 * registry, so that a file of another copy of this package is one too.
 */
export const SourceId: unique symbol = Symbol.for("effect-gradio/GradioFile/Source")

const isSource = (u: unknown): u is Source =>
  isRecord(u) && (u["_tag"] === "Local" || u["_tag"] === "Web" || u["_tag"] === "OfApp")

/** The source of a `GradioFile`, none of any other value. */
export const sourceOf = (u: unknown): Source | undefined => {
  if (typeof u !== "object" || u === null || !Object.hasOwn(u, SourceId)) return undefined
  const source: unknown = Reflect.get(u, SourceId)
  return isSource(source) ? source : undefined
}

/** The last part of a path, of any system. */
export const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path

/** What a file at an address is called, if its path says it; a query is no part of a name, and may be a signature. */
export const nameInUrl = (url: URL): string | undefined => {
  const last = baseName(url.pathname)
  try {
    return last === "" ? undefined : decodeURIComponent(last)
  } catch {
    return last
  }
}

export type Bytes = Stream.Stream<Uint8Array, GradioFileError | RequestError>
