/** Files as data URLs: the pictures of Gradio 3, the plots that every version draws itself, and SVG. */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

import type { GradioFile } from "../../GradioFile.ts"
import { isRecord } from "../record.ts"
import { fileError, make } from "./makeFile.ts"

export const isDataUrl = (u: unknown): u is string => typeof u === "string" && u.startsWith("data:")

/** Its type, and where its content begins. */
const headOf = (url: string): { readonly mimeType: string; readonly isBase64: boolean; readonly end: number } => {
  const end = url.indexOf(",")
  const [mimeType = "", ...parameters] = url.slice(5, end < 0 ? url.length : end).split(";")
  return { mimeType, isBase64: parameters.at(-1) === "base64", end: end < 0 ? url.length : end + 1 }
}

/** The type that a data URL names, if it does. */
export const mimeTypeOf = (url: string): string | undefined => {
  const { mimeType } = headOf(url)
  return mimeType === "" ? undefined : mimeType
}

/** A file without a name is called by its kind: `image.png`. */
export const nameByType = (mimeType: string | undefined): string => {
  const [kind = "", subtype = ""] = (mimeType ?? "").split("/")
  return subtype === "" ? "file" : `${kind}.${subtype.replace(/\+.*$/, "")}`
}

/** The file that a data URL holds; one that cannot be read says so when its bytes are wanted. */
export const fromDataUrl = (
  url: string,
  options: { readonly name?: string | undefined; readonly mimeType?: string | undefined } = {}
): GradioFile => {
  const { end, isBase64 } = headOf(url)
  const name = options.name ?? nameByType(mimeTypeOf(url))
  const bytes = isBase64
    ? Base64.decode(url.slice(end))
    : Result.try(() => new TextEncoder().encode(decodeURIComponent(url.slice(end))))
  return make({
    source: { _tag: "Local", whole: Result.getOrUndefined(bytes) },
    name,
    mimeType: options.mimeType ?? mimeTypeOf(url),
    size: Result.isSuccess(bytes) ? bytes.success.byteLength : undefined,
    stream: Result.isSuccess(bytes)
      ? Stream.make(bytes.success)
      : Stream.fail(fileError(name, "unreadable", "came as a data URL that cannot be read", bytes.failure))
  })
}

/** The file of a reference that has its content in itself, and no path: so Gradio gives pictures that are SVG (from 5 on). */
export const contained = (u: unknown): GradioFile | undefined => {
  if (!isRecord(u) || u["path"] !== null || !isDataUrl(u["url"])) return undefined
  const { meta, mime_type, orig_name, url } = u
  if (!isRecord(meta) || meta["_type"] !== "gradio.FileData") return undefined
  return fromDataUrl(url, {
    name: typeof orig_name === "string" ? orig_name : undefined,
    mimeType: typeof mime_type === "string" ? mime_type : undefined
  })
}

/** Bytes as a data URL. */
export const toDataUrl = (bytes: Uint8Array, mimeType: string | undefined): string =>
  `data:${mimeType ?? "application/octet-stream"};base64,${Base64.encode(bytes)}`
