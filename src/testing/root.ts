/** The address under which a client sees the app, worked out from its request as Gradio does. Pure. */
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

const first = (value: string | undefined): string | undefined => {
  const text = value?.split(",")[0]?.trim()
  return text === "" ? undefined : text
}

/**
 * The base address without a slash at the end. `prefix` is where the app is mounted: a path, or a whole address, which then is the answer.
 * A proxy's `X-Forwarded-Host` and `X-Forwarded-Proto` count, and `X-Gradio-Server` above all.
 */
export const fromRequest = (request: HttpServerRequest, prefix: string): string => {
  if (/^https?:\/\//.test(prefix)) return prefix.replace(/\/$/, "")
  const { headers } = request
  const server = first(headers["x-gradio-server"])
  if (server !== undefined) return server.replace(/\/$/, "")
  const seen = URL.canParse(request.originalUrl) ? new URL(request.originalUrl) : undefined
  const protocol = first(headers["x-forwarded-proto"]) ?? seen?.protocol.replace(":", "") ?? "http"
  const host = first(headers["x-forwarded-host"]) ?? seen?.host ?? headers["host"] ?? "localhost"
  return `${protocol}://${host}${prefix.replace(/\/$/, "")}`
}

/** Early versions told the path alone, or what a Space's proxy said in `X-Direct-Url`. */
export const fromDirectUrl = (request: HttpServerRequest, prefix: string): string =>
  first(request.headers["x-direct-url"])?.replace(/\/$/, "") ?? prefix.replace(/\/$/, "")
