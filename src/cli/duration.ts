/** Times as people write them: `90`, `90s`, `1.5m`, `2h`, `500ms`. Pure. */
import * as Duration from "effect/Duration"

const units: Readonly<Record<string, number>> = { ms: 1, "": 1000, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** The time that a text means, seconds without a unit; undefined where it means none. */
export const durationOf = (text: string): Duration.Duration | undefined => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?$/.exec(text.trim()) ?? []
  const millis = units[unit]
  return number === undefined || millis === undefined ? undefined : Duration.millis(Number(number) * millis)
}
