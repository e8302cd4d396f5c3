/**
 * Every path of a Gradio server, in one place. Paths are relative to the address that the user gave, because `config.root` is wrong behind many
 * proxies; `prefix` is `config.api_prefix` (`/gradio_api` from 5.0, empty before).
 */
import * as Redacted from "effect/Redacted"

/** The address of an app: absolute, ends with a slash, without query, fragment and credentials. */
export type BaseUrl = URL

const under = (base: BaseUrl, prefix: string, path: string): string =>
  base.href + (prefix === "" ? "" : `${prefix.replace(/^\/+|\/+$/g, "")}/`) + path

/** Half of a surrogate pair, which a server may write as JSON, has no percent-encoding; the sign for what cannot be read takes its place. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

export const page = (base: BaseUrl): string => base.href
export const config = (base: BaseUrl): string => under(base, "", "config")
export const login = (base: BaseUrl): string => under(base, "", "login")
export const linkedConfig = (base: BaseUrl, deepLink: string, page: string | undefined): string =>
  `${config(base)}?deep_link=${encode(deepLink)}${page === undefined ? "" : `&page=${encode(page)}`}`
export const appId = (base: BaseUrl, prefix: string): string => under(base, prefix, "app_id")
export const componentServer = (base: BaseUrl, prefix: string): string => under(base, prefix, "component_server")
export const info = (base: BaseUrl, prefix: string): string => under(base, prefix, "info?serialize=False")
export const join = (base: BaseUrl, prefix: string): string => under(base, prefix, "queue/join")
export const loginCheck = (base: BaseUrl, prefix: string): string => under(base, prefix, "login_check")
export const events = (base: BaseUrl, prefix: string, sessionHash: string): string =>
  under(base, prefix, `queue/data?session_hash=${encode(sessionHash)}`)
export const moreInput = (base: BaseUrl, prefix: string, eventId: string): string =>
  under(base, prefix, `stream/${encode(eventId)}`)
export const endOfInput = (base: BaseUrl, prefix: string, eventId: string): string =>
  `${moreInput(base, prefix, eventId)}/close`
export const data = (base: BaseUrl, prefix: string): string => under(base, prefix, "queue/data")
export const cancel = (base: BaseUrl, prefix: string): string => under(base, prefix, "cancel")
export const reset = (base: BaseUrl, prefix: string): string => under(base, prefix, "reset")
export const heartbeat = (base: BaseUrl, prefix: string, sessionHash: string): string =>
  under(base, prefix, `heartbeat/${encode(sessionHash)}`)
export const run = (base: BaseUrl, prefix: string, apiName: string | undefined): string =>
  under(base, prefix, `run/${apiName === undefined ? "predict" : encode(apiName)}`)
export const call = (base: BaseUrl, prefix: string, apiName: string): string =>
  under(base, prefix, `call/${encode(apiName)}`)
export const callEvents = (base: BaseUrl, prefix: string, apiName: string, eventId: string): string =>
  `${call(base, prefix, apiName)}/${encode(eventId)}`
export const upload = (base: BaseUrl, prefix: string): string => under(base, prefix, "upload")

/** Where a file of the app is served; the slashes of its path stay, all else is percent-encoded (servers before 6 do not do it themselves). */
export const file = (base: BaseUrl, prefix: string, path: string): string =>
  under(base, prefix, `file=${path.split("/").map(encode).join("/")}`)

/** Where a stream of media is served. */
export const stream = (base: BaseUrl, prefix: string, path: string): string =>
  under(base, prefix, `stream/${path.split("/").map(encode).join("/")}`)

/** A URL of the route by which an app hands out files of another that it loaded (`gr.load`), on the address of this app; undefined for any other URL. */
export const proxied = (base: BaseUrl, prefix: string, url: URL): string | undefined => {
  const [, target] = /^(?:(?!\/file=).)*?\/(proxy=.*)$/.exec(url.href) ?? []
  return target === undefined ? undefined : under(base, prefix, target)
}

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

// A name may end with the dot of the root, and an IPv6 address may stand for an IPv4 one (mapped, translated by RFC 6052, or 6to4): one way to say each.
const plainHost = (host: string): string => {
  const name = host.toLowerCase().replace(/\.+$/, "")
  const inV6 =
    /^\[(?:::(?:ffff:(?:0:)?)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(name) ??
    /^\[2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):.*\]$/.exec(name)
  if (inV6 === null) return name
  const bits = inV6.slice(1).map((half) => Number.parseInt(half, 16))
  return bits.flatMap((half) => [half >> 8, half & 255]).join(".")
}

const isV4 = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host)

const isPrivateV4 = (host: string): boolean =>
  isV4(host) &&
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host)

/** Hosts that only this machine or its network can mean: names and IPv4 addresses for that, and every IPv6 address. */
export const isPrivateHost = (host: string): boolean => {
  const plain = plainHost(host)
  return (
    plain === "localhost" ||
    plain.endsWith(".localhost") ||
    plain.endsWith(".local") ||
    host.startsWith("[") ||
    isPrivateV4(plain)
  )
}

// Where clouds hand out the credentials of a machine.
const isMetadataHost = (host: string): boolean => {
  const plain = plainHost(host)
  return (
    (isV4(plain) && plain.startsWith("169.254.")) ||
    plain === "100.100.100.200" ||
    plain === "metadata.google.internal" ||
    plain === "metadata.goog" ||
    plain.startsWith("[fd00:ec2:") ||
    plain.startsWith("[fe80:")
  )
}

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

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The `user:password` that an address names, as its server is to get them; none for an address without. */
export const userInfoOf = (source: string | URL): Redacted.Redacted<string> | undefined => {
  const text = String(source).trim()
  if (!URL.canParse(text)) return undefined
  const { password, username } = new URL(text)
  return username === "" && password === "" ? undefined : Redacted.make(`${decoded(username)}:${decoded(password)}`)
}

/** The deep link that an address names. */
export const deepLinkOf = (source: string | URL): string | undefined => {
  const text = String(source).trim()
  return (URL.canParse(text) ? new URL(text).searchParams.get("deep_link") : null) ?? undefined
}

/** What may be shown of an address that is none: its passwords are not, however it is written, so nothing before the last `@`. */
export const shownSource = (source: string | URL): string => {
  const text = String(source).trim()
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ""
  const at = text.lastIndexOf("@")
  return (at < 0 ? text : scheme + text.slice(at + 1)).replace(/[?#].*$/s, "")
}
