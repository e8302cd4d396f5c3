/** The outputs of a call as text for people, or as JSON. Pure: files stand there as where they are. */
import type { ReturnInfo } from "../ApiInfo.ts"
import * as GradioFile from "../GradioFile.ts"
import { replaced } from "../internal/files/nested.ts"
import { jsonText } from "./text.ts"

/** Where the files of a result were written, by file. */
export type Saved = ReadonlyMap<GradioFile.GradioFile, string>

const placeOf = (file: GradioFile.GradioFile, saved: Saved): string => saved.get(file) ?? file.url?.href ?? file.name

const described = (file: GradioFile.GradioFile, saved: Saved): unknown => ({
  name: file.name,
  path: saved.get(file),
  url: file.url?.href,
  size: file.size,
  mimeType: file.mimeType
})

/** The outputs as JSON: a list, files as objects with their `name`, `url`, and `path` where they were written. */
export const jsonOf = (outputs: ReadonlyArray<unknown>, saved: Saved): string =>
  jsonText(replaced(outputs, (part) => (GradioFile.isGradioFile(part) ? described(part, saved) : undefined)))

const textOf = (value: unknown, saved: Saved): string => {
  if (typeof value === "string") return value
  if (GradioFile.isGradioFile(value)) return placeOf(value, saved)
  if (Array.isArray(value) && value.length > 0 && value.every(GradioFile.isGradioFile)) {
    return value.map((file) => placeOf(file, saved)).join("\n")
  }
  const shown = replaced(value, (part) => (GradioFile.isGradioFile(part) ? placeOf(part, saved) : undefined))
  return JSON.stringify(shown) ?? "null"
}

/** One output as it is; several with their labels. A text of several lines begins on a line of its own. */
export const linesOf = (outputs: ReadonlyArray<unknown>, returns: ReadonlyArray<ReturnInfo>, saved: Saved): string => {
  const texts = outputs.map((output) => textOf(output, saved))
  const [only, ...others] = texts
  if (only !== undefined && others.length === 0) return only
  return texts
    .map((text, at) => {
      const label = returns[at]?.label ?? `value_${at}`
      return text.includes("\n") ? `${label}:\n${text}` : `${label}: ${text}`
    })
    .join("\n")
}
