/** What people write for an app or a Space. */
import * as Effect from "effect/Effect"

import * as HuggingFace from "../internal/wire/huggingFace.ts"
import { baseUrl } from "../internal/wire/routes.ts"
import { spaceSource } from "../internal/wire/space.ts"
import { Refusal } from "./failure.ts"

/**
 * `:7860` and `localhost:7860` mean this machine, as no Space can be called so; all else is as it was written: a URL, or `user/space`. A name without a
 * dot and with no port may be a Space, and a host that is not this machine may speak TLS or not, so neither is guessed.
 */
export const sourceOf = (text: string): string => {
  const app = text.trim()
  if (/^:\d+(\/|$)/.test(app)) return `http://127.0.0.1${app}`
  return /^(localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])(:\d+(\/|$)|$)/i.test(app) ? `http://${app}` : app
}

const refuse = (problem: string): Refusal => new Refusal({ ending: "usage", problem })

const isSpace = (text: string) =>
  Effect.map(
    Effect.orElseSucceed(HuggingFace.hub, () => HuggingFace.defaultHub),
    (hub) => spaceSource(text, hub) !== undefined
  )

/** The app as `GradioClient.connect` takes it; fails where no app can be called so. */
export const appOf = Effect.fn(function* (text: string) {
  const source = sourceOf(text)
  if (baseUrl(source) !== undefined || (yield* isSpace(source))) return source
  const meant = `http://${source}`
  const hint =
    /^[\w-]+[\w.-]*(:\d+)?(\/|$)/.test(source) && baseUrl(meant) !== undefined ? `; did you mean ${meant}?` : ":"
  return yield* refuse(
    `${JSON.stringify(text)} is no app${hint} APP is a URL such as https://my-app.example, a Space as user/space, or :7860 for an app on this machine.`
  )
})

/** The Space; fails where none can be called so. */
export const spaceOf = Effect.fn(function* (text: string) {
  if (yield* isSpace(text)) return text
  return yield* refuse(
    `${JSON.stringify(text)} is no Space: SPACE is written user/space, or as the address of its page or its app.`
  )
})

/** The name of a copy; fails where none can be called so. */
export const copyOf = (text: string): Effect.Effect<string, Refusal> =>
  /^([\w-]+\/)?[\w.-]+$/.test(text)
    ? Effect.succeed(text)
    : Effect.fail(
        refuse(`--to takes a name, or user/name, of letters, digits, "-", "_" and ".", not ${JSON.stringify(text)}.`)
      )
