/**
 * Tokens of Hugging Face, for Spaces that are private and for quotas. One that was given (a `Redacted`) goes to the app that it was given for; one that
 * was found goes to Hugging Face's hosts only: the hub (`HF_ENDPOINT`) and Spaces. So a program may hand over what it finds without looking at the
 * address that it connects to.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"

import * as HuggingFace from "./internal/wire/huggingFace.ts"

/** A token that was found: it goes to Hugging Face's hosts only. */
export type FoundToken = HuggingFace.Found

/** A token as options take it. */
export type HuggingFaceToken = HuggingFace.Token

/** A token that the program came by without the user's word for the app: it goes to Hugging Face's hosts only. */
export const found: (value: Redacted.Redacted<string>) => FoundToken = HuggingFace.found

/** The token of the program's configuration: `HF_TOKEN`, or `HUGGING_FACE_HUB_TOKEN` where that is missing or empty. */
export const fromConfig: Config.Config<Option.Option<FoundToken>> = HuggingFace.tokenFromConfig

/** Where the command line keeps it, by the variables that it reads itself. */
const tokenPath: Effect.Effect<string | undefined, Config.ConfigError, Path.Path> = Effect.gen(function* () {
  const path = yield* Path.Path
  const home = (yield* HuggingFace.variable("HOME")) ?? (yield* HuggingFace.variable("USERPROFILE"))
  const expanded = (text: string) => (home === undefined ? text : text.replace(/^~(?=$|[/\\])/, home))
  const file = yield* HuggingFace.variable("HF_TOKEN_PATH")
  if (file !== undefined) return expanded(file)
  const directory = yield* HuggingFace.variable("HF_HOME")
  if (directory !== undefined) return path.join(expanded(directory), "token")
  const cache = yield* HuggingFace.variable("XDG_CACHE_HOME")
  if (cache !== undefined) return path.join(expanded(cache), "huggingface", "token")
  return home === undefined ? undefined : path.join(home, ".cache", "huggingface", "token")
})

/**
 * The token that `hf auth login` left behind: in the file of `HF_TOKEN_PATH`, or as `token` in `HF_HOME`, `$XDG_CACHE_HOME/huggingface` or
 * `~/.cache/huggingface`. None where there is no such file, or an empty one; one that cannot be read is logged as a warning.
 */
export const fromHuggingFaceCli: Effect.Effect<
  Option.Option<FoundToken>,
  Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const file = yield* tokenPath
  if (file === undefined) return Option.none()
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.map(fs.readFileString(file), HuggingFace.foundIn).pipe(
    Effect.catch((error) =>
      error.reason._tag === "NotFound"
        ? Effect.succeedNone
        : Effect.as(
            Effect.logWarning(`The Hugging Face token in ${file} cannot be read: ${error.message}`),
            Option.none()
          )
    )
  )
})

/**
 * The token that Hugging Face's own tools would use: that of the configuration, or else the one that the command line left behind.
 *
 * @example
 * const app = Effect.gen(function* () {
 *   const token = Option.getOrUndefined(yield* HuggingFaceToken.find)
 *   return yield* GradioClient.connect("https://owner-name.hf.space", { token })
 * })
 */
export const find: Effect.Effect<
  Option.Option<FoundToken>,
  Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> = Effect.flatMap(fromConfig, (token) => (Option.isSome(token) ? Effect.succeed(token) : fromHuggingFaceCli))

const forwardedNames = new Set(["x-ip-token", "x-zerogpu-token", "x-zerogpu-uuid"])

/**
 * For a program that runs on Hugging Face and serves users: what of the headers of a user's request makes another Space count its GPU time on that user,
 * and not on the program. As `headers` of a call or a connection to a Space.
 *
 * @example
 * app.predict("/generate", { prompt }, { headers: HuggingFaceToken.forwarded(request.headers) })
 */
export const forwarded = (
  headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
): Readonly<Record<string, Redacted.Redacted<string>>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const one = typeof value === "string" ? value : value?.[0]
      return one !== undefined && forwardedNames.has(name.toLowerCase())
        ? [[name.toLowerCase(), Redacted.make(one)] as const]
        : []
    })
  )
