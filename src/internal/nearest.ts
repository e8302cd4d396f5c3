/** Names that someone may have meant: by edit distance, without regard to case. */

/** Longer names are compared by their beginning: a distance costs the product of both lengths, and the names come from the server and the caller. */
const longest = 200

/** The number of letters to insert, remove or change to get from one text to the other. */
export const editDistance = (from: string, to: string): number => {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    let last = i + 1
    const row = [last]
    for (let j = 0; j < to.length; j++) {
      const changed = (previous[j] ?? 0) + (from[i] === to[j] ? 0 : 1)
      last = Math.min(changed, (previous[j + 1] ?? 0) + 1, last + 1)
      row.push(last)
    }
    previous = row
  }
  return previous[to.length] ?? 0
}

const comparable = (name: string) => name.replace(/^\/+/, "").toLowerCase().slice(0, longest)

/** The candidates nearest to what was asked, best first, three at most; none where everything is too different to be meant. */
export const nearest = (asked: string, candidates: Iterable<string>): ReadonlyArray<string> => {
  const wanted = comparable(asked)
  const near: Array<{ readonly name: string; readonly distance: number }> = []
  for (const name of candidates) {
    const distance = editDistance(wanted, comparable(name))
    if (distance <= 1 + Math.floor(wanted.length / 3)) near.push({ name, distance })
  }
  return near
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.name)
}
