/** The route `/file=`: files of this server, whole or in part. */
import * as DateTime from "effect/DateTime"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import * as Answer from "./Answer.ts"
import { ofFile } from "./mimeType.ts"
import type { Release } from "./Release.ts"
import type { ServerFile, ServerFiles } from "./ServerFile.ts"

type Range = { readonly start: number; readonly end: number }

/** What was asked for: all, a part, something beyond the file, or something that is not understood. */
const rangeOf = (header: string | undefined, size: number): Range | "all" | "beyond" | "odd" => {
  if (header === undefined) return "all"
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  if (from === "" && to === "") return "odd"
  const start = from === "" ? Math.max(size - Number(to), 0) : Number(from)
  const end = from === "" || to === "" ? size : Math.min(Number(to) + 1, size)
  return start < end ? { start, end } : "beyond"
}

/** The name under which a browser stores it. */
const nameOf = ({ path }: ServerFile) => path.slice(path.lastIndexOf("/") + 1)

const headersOf = (file: ServerFile, disposition: string, { namesDownloads }: Release) => {
  const name = nameOf(file)
  const quoted = encodeURIComponent(name)
  return {
    "accept-ranges": "bytes",
    ...(namesDownloads
      ? {
          "content-disposition":
            quoted === name ? `${disposition}; filename="${name}"` : `${disposition}; filename*=utf-8''${quoted}`
        }
      : {}),
    "last-modified": DateTime.toDateUtc(DateTime.makeUnsafe(file.modified)).toUTCString(),
    etag: `"${file.path.split("/").at(-2)}"`
  }
}

const part = (request: HttpServerRequest, file: ServerFile, range: Range, release: Release): Answer.Answer => {
  const { disposition, type } = ofFile(nameOf(file))
  const contentRange = `bytes ${range.start}-${range.end - 1}/${file.size}`
  // A range with both ends takes another way through Gradio, which says less about the file.
  const isClosed = /\d-\d/.test(request.headers["range"] ?? "")
  return HttpServerResponse.stream(file.stream(range), {
    status: 206,
    contentLength: range.end - range.start,
    contentType: isClosed ? type.split(";", 1)[0] : type,
    headers: {
      ...(isClosed ? { "content-disposition": disposition } : headersOf(file, disposition, release)),
      "content-range": contentRange
    }
  })
}

/** Answers for a path that is still percent-encoded. */
export const answer = (
  request: HttpServerRequest,
  files: ServerFiles,
  encodedPath: string,
  release: Release
): Answer.Answer => {
  const path = decodeURIComponent(encodedPath)
  const file = files.get(path)
  if (file === undefined) {
    return release.admitsMissing(path)
      ? Answer.detail(404, `File not found: ${path}.`)
      : Answer.detail(403, `File not allowed: ${path}.`)
  }
  const header = request.headers["range"]
  const isIgnored = !release.takesOpenRanges && header !== undefined && !/\d-\d/.test(header)
  const range = rangeOf(isIgnored ? undefined : header, file.size)
  if (range === "odd") return Answer.text("Only support bytes range", 400)
  if (range === "beyond") {
    return HttpServerResponse.setHeader(Answer.text("", 416), "content-range", `bytes */${file.size}`)
  }
  if (range !== "all") return part(request, file, range, release)
  const { disposition, type } = ofFile(nameOf(file))
  return HttpServerResponse.stream(file.stream(), {
    contentType: type,
    contentLength: file.size,
    headers: headersOf(file, disposition, release)
  })
}
