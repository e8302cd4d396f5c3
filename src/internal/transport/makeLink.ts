/** Makes the way to an address: the client that the program provides, and what this connection is known by there. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"

import { AppUnreachableError, circumstances } from "../../GradioError.ts"
import * as Limits from "../../Limits.ts"
import * as HuggingFace from "../wire/huggingFace.ts"
import { type BaseUrl, baseUrl } from "../wire/routes.ts"
import * as Credentials from "./credentials.ts"
import { type Link, quiet } from "./link.ts"
import type { Login } from "./login.ts"
import { defaultSchedule } from "./retrySafe.ts"

/** What a program may say about the way; `ConnectOptions` tells what each member is for. */
export interface LinkOptions extends Limits.LimitOptions {
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly auth?: Login | undefined
  readonly token?: HuggingFace.Token | undefined
  readonly signedLinks?: boolean | undefined
  readonly cookies?: Readonly<Record<string, Redacted.Redacted<string>>> | undefined
  readonly retry?: Schedule.Schedule<unknown> | "none" | undefined
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/** The hub of the program's configuration. */
export const hub: Effect.Effect<BaseUrl, AppUnreachableError> = Effect.option(HuggingFace.hub).pipe(
  Effect.flatMap((url) => {
    const base = Option.isSome(url) ? baseUrl(url.value) : undefined
    return base === undefined
      ? Effect.fail(
          new AppUnreachableError({
            ...circumstances({ where: { url: "HF_ENDPOINT", service: "Hugging Face" } }),
            tried: [{ url: "HF_ENDPOINT", answer: "the variable HF_ENDPOINT is no http or https address" }]
          })
        )
      : Effect.succeed(base)
  })
)

/** The way to `base`. `space`: Hugging Face named this address as that of a Space, by its name where that is known. */
export const makeLink = (
  base: BaseUrl,
  options: LinkOptions,
  space?: { readonly id: string | undefined }
): Effect.Effect<Link, AppUnreachableError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { retry, token } = options
    const credentials = yield* Credentials.make(base, {
      headers: options.headers ?? {},
      cookies: options.cookies ?? {},
      login: options.auth,
      token,
      signedLinks: options.signedLinks,
      place: {
        hub: yield* token === undefined ? Effect.orElseSucceed(hub, () => HuggingFace.defaultHub) : hub,
        isSpace: space !== undefined,
        space: space?.id
      }
    })
    const init = Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit))
    const client = (options.transformClient ?? ((same) => same))(yield* HttpClient.HttpClient)
    return {
      base,
      prefix: "",
      version: "",
      client: quiet(client, init, credentials.secretHeaders),
      credentials,
      query: options.query ?? {},
      limits: Limits.make(options),
      retry: retry === "none" ? undefined : (retry ?? defaultSchedule)
    }
  })
