/** Hugging Face's hosts, the tokens that a program's configuration has, and what a token looks like for each host. */
import * as Config from "effect/Config"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** A token that was found, by no word of the program's own for this app. */
export interface Found {
  readonly "~effect-gradio/FoundToken": "~effect-gradio/FoundToken"
  readonly value: Redacted.Redacted<string>
}

/** A token that was given is a `Redacted`; one that was found says so. */
export type Token = Redacted.Redacted<string> | Found

export const found = (value: Redacted.Redacted<string>): Found => ({
  "~effect-gradio/FoundToken": "~effect-gradio/FoundToken",
  value
})

/** The token that a text holds, if there is any. */
export const foundIn = (text: string | undefined): Option.Option<Found> => {
  const token = text?.trim() ?? ""
  return token === "" ? Option.none() : Option.some(found(Redacted.make(token)))
}

const isNotBlank = (text: string): boolean => text.trim() !== ""

/** A variable of the environment; Hugging Face's own tools take an empty one for none. */
export const variable = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.String(name)), (value) => Option.getOrUndefined(Option.filter(value, isNotBlank)))

export const tokenFromConfig: Config.Config<Option.Option<Found>> = Config.map(
  Config.all([variable("HF_TOKEN"), variable("HUGGING_FACE_HUB_TOKEN")]),
  ([token, old]) => foundIn(token ?? old)
)

export const defaultHub = new URL("https://huggingface.co")

/** The address of the hub, `HF_ENDPOINT` as Hugging Face's own tools read it. */
export const hub: Config.Config<URL> = Config.withDefault(Config.URL("HF_ENDPOINT"), defaultHub)

/** Whether the proxy of Hugging Face's Spaces answers there. */
export const isSpaceHost = (url: URL): boolean => url.protocol === "https:" && url.hostname.endsWith(".hf.space")

/** What stands for a Space in the address of its host. */
export const subdomainOf = (url: URL): string | undefined =>
  isSpaceHost(url) ? url.hostname.slice(0, -".hf.space".length) : undefined

/** What is known of the address that a token is for. */
export interface Place {
  readonly hub: URL
  /** The hub named this address as that of a Space. */
  readonly isSpace: boolean
  /** The name of the Space, where it is known. */
  readonly space?: string | undefined
}

/**
 * The headers that take a token to an address; none where it must not go. The hub reads `Authorization`. The proxy of Spaces reads
 * `x-hf-authorization` as well, which leaves `Authorization` to the app behind it. Other hosts know `Authorization` only, and get a token that was
 * given; one that was found goes to Hugging Face alone.
 */
export const headersOf = (
  token: Token | undefined,
  to: URL,
  { hub, isSpace }: Place
): Readonly<Record<string, string>> => {
  if (token === undefined) return {}
  const given = Redacted.isRedacted(token)
  const bearer = `Bearer ${Redacted.value(given ? token : token.value)}`
  if (to.origin === hub.origin) return { authorization: bearer }
  if (isSpace || isSpaceHost(to)) return { "x-hf-authorization": bearer }
  return given ? { authorization: bearer } : {}
}
