/** The address under which a client sees the app, worked out from its request as Gradio does. Pure. */
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

const first = (value: string | undefined): string | undefined => {
  const text = value?.split(",")[0]?.trim()
  return text === "" ? undefined : text
}

const seen = ({ originalUrl }: HttpServerRequest) => (URL.canParse(originalUrl) ? new URL(originalUrl) : undefined)

/** The host that was asked, with its port. In memory, requests name it in their address alone. */
export const hostOf = (request: HttpServerRequest): string =>
  seen(request)?.host ?? request.headers["host"] ?? "localhost"

/**
 * The base address without a slash at the end. `prefix` is where the app is mounted: a path, or a whole address, which then is the answer.
 * A proxy's `X-Forwarded-Host` and `X-Forwarded-Proto` count, and `X-Gradio-Server` above all.
 */
export const fromRequest = (request: HttpServerRequest, prefix: string): string => {
  if (/^https?:\/\//.test(prefix)) return prefix.replace(/\/$/, "")
  const { headers } = request
  const server = first(headers["x-gradio-server"])
  if (server !== undefined) return server.replace(/\/$/, "")
  const protocol = first(headers["x-forwarded-proto"]) ?? seen(request)?.protocol.replace(":", "") ?? "http"
  const host = first(headers["x-forwarded-host"]) ?? hostOf(request)
  return `${protocol}://${host}${prefix.replace(/\/$/, "")}`
}

/** Early versions told the path alone, or what a Space's proxy said in `X-Direct-Url`. */
export const fromDirectUrl = (request: HttpServerRequest, prefix: string): string =>
  first(request.headers["x-direct-url"])?.replace(/\/$/, "") ?? prefix.replace(/\/$/, "")
