/**
 * The cookies of one connection, for its app's own origin. Never shared between apps: a cookie that its app sets for a parent domain is refused. In
 * browsers the jar stays empty, because the browser keeps cookies to itself and sends them by its own rules.
 */
import * as Cookies from "effect/http/Cookies"

/** What is kept, and what goes into a request at a moment, in milliseconds. */
export interface Jar {
  readonly keep: (url: string, set: Cookies.Cookies, now: number) => void
  /** The `Cookie` header of a request; `own` is one that the request brings itself, whose cookies win over those of the same name. */
  readonly header: (url: string, own: string | undefined, now: number) => string | undefined
}

/** As clients keep them: those for another domain than the host's own, and secure ones that came without TLS, are none. */
const acceptable = (url: URL, cookie: Cookies.Cookie): boolean => {
  const { domain, secure } = cookie.options ?? {}
  return (
    (domain === undefined || domain.toLowerCase() === url.hostname) && (secure !== true || url.protocol === "https:")
  )
}

/** The cookies of a `Cookie` header, with their values as they stand there. */
export const inHeader = (header: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    header.split(";").flatMap((pair) => {
      const at = pair.indexOf("=")
      return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const]
    })
  )

const without = (cookies: ReadonlyArray<Cookies.Cookie>, header: string): ReadonlyArray<Cookies.Cookie> => {
  const own = inHeader(header)
  return cookies.filter(({ name }) => !Object.hasOwn(own, name))
}

/** A server that was started anew gives its logins other names, so that the old ones would stay for ever. */
const isLogin = (name: string): boolean => name.startsWith("access-token")

/** As it was given, since servers do not agree on an encoding, unless it would end the cookie or the header. */
const written = (value: string): string => (/^[\x20-\x3a\x3c-\x7e]*$/.test(value) ? value : encodeURIComponent(value))

const givenCookie = ([name, value]: readonly [string, string]): Cookies.Cookies => {
  const cookies = Cookies.fromSetCookie(`${name}=${written(value)}; Path=/`)
  if (Cookies.isEmpty(cookies)) throw new RangeError(`${JSON.stringify(name)} is no name of a cookie`)
  return cookies
}

const none: ReadonlyArray<Cookies.Cookie> = []

/** Begins with cookies that were given, which hold for the whole host. */
export const make = (host: string, given: Readonly<Record<string, string>>): Jar => {
  let cookies: ReadonlyArray<Cookies.Cookie> = Object.entries(given)
    .map(givenCookie)
    .reduce((jar, one) => Cookies.mergeIntoArray(jar, `https://${host}/`, one, 0), none)
  return {
    keep: (url, set, now) => {
      if (Cookies.isEmpty(set)) return
      const from = new URL(url)
      if (Object.keys(set.cookies).some(isLogin)) cookies = cookies.filter(({ name }) => !isLogin(name))
      const accepted = Object.values(set.cookies).filter((cookie) => acceptable(from, cookie))
      cookies = Cookies.mergeIntoArray(cookies, url, Cookies.fromIterable(accepted), now)
    },
    header: (url, own, now) => {
      if (cookies.length === 0) return own
      const header = Cookies.toRequestCookieHeader(own === undefined ? cookies : without(cookies, own), url, now)
      return header === undefined || own === undefined ? (own ?? header) : `${header}; ${own}`
    }
  }
}
