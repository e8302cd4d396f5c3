/** What the `spaces` package of Hugging Face says where an account or a visitor has no GPU time left. Pure. */
import * as Duration from "effect/Duration"

/** How much was asked for, how much is left, and when there is more; as far as the text tells it. */
export interface Quota {
  readonly requested: Duration.Duration | undefined
  readonly left: Duration.Duration | undefined
  readonly retryAfter: Duration.Duration | undefined
}

const secondsIn = (pattern: RegExp, text: string): Duration.Duration | undefined => {
  const seconds = pattern.exec(text)?.[1]
  return seconds === undefined ? undefined : Duration.seconds(Number(seconds))
}

// A Python timedelta: `1 day, 2:03:04`.
const waitIn = (text: string): Duration.Duration | undefined => {
  const parts = /\b(?:try again|retry) in (?:(\d+) days?, )?(\d+):(\d\d):(\d\d)/i.exec(text)
  if (parts === null) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return Duration.seconds(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/** Titles of their own are sent from Gradio 5.2 on; the texts have always begun like this. */
const titles = new Set(["ZeroGPU quota exceeded", "ZeroGPU pending credits exceeded"])
const texts =
  /\bYou have exceeded your (?:\w+ )*(?:Zero)?GPU (?:quota|runs limit)\b|\bYou have too many ZeroGPU credits allocated\b/

/** Undefined for every other error of an app. */
export const quotaOf = (title: string, text: string): Quota | undefined =>
  titles.has(title) || texts.test(text)
    ? {
        requested: secondsIn(/\b(\d+)s requested\b/, text),
        left: secondsIn(/(-?\d+)s left\b/, text),
        retryAfter: waitIn(text)
      }
    : undefined
