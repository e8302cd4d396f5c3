/** What went wrong below HTTP, read from the errors of the transports: their codes, in words that a person understands. */
import type * as HttpClientError from "effect/http/HttpClientError"
import * as Predicate from "effect/Predicate"

const words: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "the host name could not be looked up"],
  ["ETIMEDOUT", "connecting took too long"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting took too long"],
  ["EHOSTUNREACH", "no route to the host"],
  ["ENETUNREACH", "no route to the network"],
  ["ECONNRESET", "the connection was reset"],
  ["EPIPE", "the connection was closed"],
  ["UND_ERR_SOCKET", "the connection was closed"],
  ["UND_ERR_HEADERS_OVERFLOW", "the answer's headers are too large"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is self-signed"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "a certificate of its chain is self-signed"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate cannot be verified"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another host"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "it does not speak TLS; try http://"]
])

/** What makes a server forget what it has just said: another one of the same address answers. */
export const severalServers =
  "where several servers answer at this address, each client has to stay with one of them (sticky sessions)"

const beforeSending = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "EHOSTUNREACH",
  "ENETUNREACH"
])

// fetch wraps the cause once more, and a host with several addresses gives an AggregateError.
const links = (error: unknown): ReadonlyArray<unknown> => {
  const chain: Array<unknown> = []
  let next: unknown = error
  while (Predicate.isObject(next) && chain.length < 8) {
    chain.push(next)
    const errors: unknown = Reflect.get(next, "errors")
    next = Array.isArray(errors) ? errors[0] : Reflect.get(next, "cause")
  }
  return chain
}

const codeOf = (error: unknown): string | undefined => {
  for (const one of links(error)) {
    if (Predicate.hasProperty(one, "code") && typeof one.code === "string") return one.code
  }
  return undefined
}

/** Browsers keep to themselves what became of a request, so that pages learn nothing of other sites: these texts of `fetch` are all they say. */
export const isUntold = (cause: unknown): boolean =>
  cause instanceof TypeError &&
  /^(Failed to fetch|NetworkError when attempting to fetch|Load failed)/.test(cause.message)

const untold =
  "the browser refused to send or to show it and does not say why. Where the address is right, the app most likely does not allow pages of this origin (CORS): a Gradio app on localhost allows only pages of localhost"

/** One line for a person: what became of the connection. */
export const transportProblem = (error: HttpClientError.HttpClientError): string => {
  if (isUntold(error.reason.cause)) return untold
  if (isProxyRefusal(error)) return "the proxy before it wants a user name and a password, or others (407)"
  const code = codeOf(error.reason)
  if (code !== undefined) {
    const known = words.get(code)
    return known === undefined ? code : `${known} (${code})`
  }
  const last = links(error.reason.cause).at(-1)
  return last instanceof Error && last.message !== "" ? last.message : error.reason._tag
}

/** undici says it in the text alone, of requests and of tunnels. */
const isProxyRefusal = (error: HttpClientError.HttpClientError): boolean =>
  links(error.reason).some((one) => one instanceof Error && /^Proxy .*\(407\)/.test(one.message))

/** Whether no byte of the request can have reached the server. */
export const isSentNothing = (error: HttpClientError.HttpClientError): boolean => {
  if (isProxyRefusal(error)) return true
  if (error.reason._tag === "InvalidUrlError" || error.reason._tag === "EncodeError") return true
  const code = codeOf(error.reason)
  return (
    code !== undefined &&
    (beforeSending.has(code) || code.includes("CERT") || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS"))
  )
}

/**
 * Whether a pooled connection, used before, was closed before a byte of the answer came. Gradio's server closes connections after a 500, and a pool
 * may send the next request on one that is just going away; but a server that dies while a function runs looks the same.
 */
export const isResetOfUsedConnection = (error: HttpClientError.HttpClientError): boolean =>
  error.reason._tag === "TransportError" &&
  links(error.reason).some(
    (one) =>
      Predicate.hasProperty(one, "code") &&
      one.code === "UND_ERR_SOCKET" &&
      Predicate.hasProperty(one, "message") &&
      one.message === "other side closed" &&
      Predicate.hasProperty(one, "socket") &&
      Predicate.hasProperty(one.socket, "bytesRead") &&
      typeof one.socket.bytesRead === "number" &&
      one.socket.bytesRead > 0
  )
