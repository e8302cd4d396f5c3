/**
 * Every path of a Gradio server, in one place. Paths are relative to the address that the user gave, because `config.root` is wrong behind many
 * proxies; `prefix` is `config.api_prefix` (`/gradio_api` from 5.0, empty before).
 */

/** The address of an app: absolute, ends with a slash, without query, fragment and credentials. */
export type BaseUrl = URL

const under = (base: BaseUrl, prefix: string, path: string): string =>
  base.href + (prefix === "" ? "" : `${prefix.replace(/^\/+|\/+$/g, "")}/`) + path

export const page = (base: BaseUrl): string => base.href
export const config = (base: BaseUrl): string => under(base, "", "config")
export const info = (base: BaseUrl, prefix: string): string => under(base, prefix, "info?serialize=False")
export const join = (base: BaseUrl, prefix: string): string => under(base, prefix, "queue/join")
export const events = (base: BaseUrl, prefix: string, sessionHash: string): string =>
  under(base, prefix, `queue/data?session_hash=${encodeURIComponent(sessionHash)}`)
export const cancel = (base: BaseUrl, prefix: string): string => under(base, prefix, "cancel")
export const heartbeat = (base: BaseUrl, prefix: string, sessionHash: string): string =>
  under(base, prefix, `heartbeat/${encodeURIComponent(sessionHash)}`)
export const run = (base: BaseUrl, prefix: string, apiName: string | undefined): string =>
  under(base, prefix, `run/${apiName === undefined ? "predict" : encodeURIComponent(apiName)}`)
export const upload = (base: BaseUrl, prefix: string): string => under(base, prefix, "upload")

/** Where a file of the app is served; the slashes of its path stay, all else is percent-encoded (servers before 6 do not do it themselves). */
export const file = (base: BaseUrl, prefix: string, path: string): string =>
  under(base, prefix, `file=${path.split("/").map(encodeURIComponent).join("/")}`)

/** The path behind a URL of the app's own file route, or undefined for any other URL. */
export const pathOfFile = (base: BaseUrl, prefix: string, url: URL): string | undefined => {
  for (const route of [under(base, prefix, "file="), under(base, prefix, "file/"), under(base, "", "file=")]) {
    if (!url.href.startsWith(route)) continue
    try {
      return decodeURIComponent(url.origin + url.pathname).slice(decodeURIComponent(route).length)
    } catch {
      return undefined
    }
  }
  return undefined
}

/** Hosts that only this machine or its network can mean. */
export const isPrivateHost = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host.endsWith(".local") ||
  host.startsWith("[") ||
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(host)

// Where clouds hand out the credentials of a machine.
const isMetadataHost = (host: string): boolean =>
  host.startsWith("169.254.") ||
  host === "metadata.google.internal" ||
  host.startsWith("[fd00:ec2:") ||
  host.startsWith("[fe80:")

/**
 * Whether an app may not send its clients there: an app on the internet to nothing private, since they can reach there what it cannot, and no
 * app at all to where a cloud hands out credentials.
 */
export const isForbidden = (app: BaseUrl, to: URL): boolean =>
  to.origin !== app.origin &&
  (isMetadataHost(to.hostname) || (isPrivateHost(to.hostname) && !isPrivateHost(app.hostname)))

/** The address of an app from what a user typed: no query, fragment or credentials, and always a slash at the end. */
export const baseUrl = (source: string | URL): BaseUrl | undefined => {
  const text = String(source).trim()
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined
  const base = new URL(url.origin)
  base.pathname = url.pathname.replace(/\/+$/, "").replace(/\/config$/, "") + "/"
  return base
}
