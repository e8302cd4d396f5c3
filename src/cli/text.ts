/** Texts for terminals: what a server sent never moves a cursor, and a line fits the width. Pure. */
import { displayWidth } from "effect/cli/CliOutput"

/** Without control characters, which a terminal would take for commands; line breaks and tabs stay. */
export const printable = (text: string): string =>
  text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "")

/** As JSON, which may stand on a terminal: what would have power over it is escaped, so that nothing is lost. */
export const jsonText = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? "null").replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** The same on one line. */
export const oneLine = (text: string): string =>
  text.replace(/[\s\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ").trim()

/** As much of a line as fits, with a sign where some is left out. */
export const fit = (line: string, width: number): string => {
  if (displayWidth(line) <= width) return line
  let kept = ""
  let taken = 0
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    const wide = displayWidth(segment)
    if (taken + wide > width - 1) break
    kept += segment
    taken += wide
  }
  return width < 1 ? "" : `${kept}…`
}

/** Filled up with spaces to a width. */
export const padded = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - displayWidth(text)))

/** The rows of a table as lines: columns as wide as what they hold, two spaces between them, none at the end. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, displayWidth(cell))
  }
  return rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join("  ")
      .trimEnd()
  )
}

const units = ["B", "kB", "MB", "GB", "TB"]

/** A number of bytes for people, with decimal units: `1.2 MB`. */
export const size = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? "B"}`
}

/** A time for people: `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export const time = (seconds: number): string => {
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${Math.max(0, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Paragraphs of a help, broken into lines of 78 columns and indented as its first line is. A paragraph of several lines stays as it is. */
export const prose = (...paragraphs: ReadonlyArray<string>): string =>
  paragraphs
    .map((paragraph) => {
      if (paragraph.includes("\n")) return paragraph.split("\n").join("\n  ")
      const lines = [""]
      for (const word of paragraph.split(" ")) {
        const line = lines.at(-1) ?? ""
        if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > 76) lines.push(word)
        else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
      }
      return lines.join("\n  ")
    })
    .join("\n\n  ")
