/** The route `/file=`: files of this server, whole or in part. */
import * as DateTime from "effect/DateTime"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import * as Answer from "./Answer.ts"
import { ofFile } from "./mimeType.ts"
import type { ServerFile, ServerFiles } from "./ServerFile.ts"

type Range = { readonly start: number; readonly end: number }

/** The part that was asked for; `undefined` for a range that lies beyond the file. */
const rangeOf = (header: string | undefined, size: number): Range | "all" | undefined => {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (from === "" && to === "") return "all"
  const start = from === "" ? Math.max(size - Number(to), 0) : Number(from)
  const end = from === "" || to === "" ? size : Math.min(Number(to) + 1, size)
  return start < end ? { start, end } : undefined
}

const headersOf = (file: ServerFile, disposition: string) => {
  const quoted = encodeURIComponent(file.name)
  return {
    "accept-ranges": "bytes",
    "content-disposition":
      quoted === file.name ? `${disposition}; filename="${file.name}"` : `${disposition}; filename*=utf-8''${quoted}`,
    "last-modified": DateTime.toDateUtc(DateTime.makeUnsafe(file.modified)).toUTCString(),
    etag: `"${file.path.split("/").at(-2)}"`
  }
}

/** Answers for a path that is still percent-encoded. */
export const answer = (request: HttpServerRequest, files: ServerFiles, encodedPath: string): Answer.Answer => {
  const path = decodeURIComponent(encodedPath)
  const file = files.get(path)
  if (file === undefined) return Answer.detail(403, `File not allowed: ${path}.`)
  const { disposition, type } = ofFile(file.name)
  const headers = headersOf(file, disposition)
  const range = rangeOf(request.headers["range"], file.size)
  if (range === undefined) {
    return HttpServerResponse.setHeader(
      Answer.text("Requested Range Not Satisfiable", 416),
      "content-range",
      `bytes */${file.size}`
    )
  }
  const { end, start } = range === "all" ? { start: 0, end: file.size } : range
  return HttpServerResponse.stream(file.stream({ start, end }), {
    status: range === "all" ? 200 : 206,
    contentType: type,
    contentLength: end - start,
    headers: range === "all" ? headers : { ...headers, "content-range": `bytes ${start}-${end - 1}/${file.size}` }
  })
}
