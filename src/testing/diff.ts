/**
 * The edits that turn one JSON value into another, as Gradio 6 makes them for the outputs of a generator.
 *
 * It is faithful to a fault: where two levels of arrays shrink in one step, the indices of the inner deletes are shifted once more for
 * every array around them, so that they are wrong and can be negative. Clients have to live with that.
 */

/** One edit: the operation, the path to the place and the value. */
export type Edit = readonly ["replace" | "append" | "add" | "delete", ReadonlyArray<string | number>, unknown]

/** Whether the index of a delete counts what earlier deletes of the same step took away. */
type Deletes = "shifted" | "old indices"

type Path = ReadonlyArray<string | number>

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const kind = (u: unknown): string => (u === null ? "null" : Array.isArray(u) ? "array" : typeof u)

/** Equality as the server's language has it: `true == 1` and `false == 0`, at any depth. */
const same = (a: unknown, b: unknown): boolean => {
  const left = typeof a === "boolean" ? Number(a) : a
  const right = typeof b === "boolean" ? Number(b) : b
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, i) => same(item, right[i]))
  }
  if (isObject(left)) {
    if (!isObject(right)) return false
    const keys = Object.keys(left)
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
    )
  }
  return left === right
}

const compareArrays = (
  before: ReadonlyArray<unknown>,
  after: ReadonlyArray<unknown>,
  path: Path,
  deletes: Deletes
): ReadonlyArray<Edit> => {
  const common = Math.min(before.length, after.length)
  const edits: Array<Edit> = []
  for (let i = 0; i < common; i++) edits.push(...compare(before[i], after[i], [...path, i], deletes))
  for (let i = common; i < before.length; i++) edits.push(["delete", [...path, i], null])
  for (let i = common; i < after.length; i++) edits.push(["add", [...path, i], after[i]])
  if (deletes === "old indices") return edits
  let count = 0
  return edits.map((edit): Edit => {
    const last = edit[1].at(-1)
    return edit[0] === "delete" && typeof last === "number"
      ? ["delete", [...edit[1].slice(0, -1), last - count++], null]
      : edit
  })
}

const compareObjects = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: Path,
  deletes: Deletes
): ReadonlyArray<Edit> => [
  ...Object.keys(before).flatMap((key): ReadonlyArray<Edit> =>
    Object.hasOwn(after, key)
      ? compare(before[key], after[key], [...path, key], deletes)
      : [["delete", [...path, key], null]]
  ),
  ...Object.keys(after)
    .filter((key) => !Object.hasOwn(before, key))
    .map((key): Edit => ["add", [...path, key], after[key]])
]

const compare = (before: unknown, after: unknown, path: Path, deletes: Deletes): ReadonlyArray<Edit> => {
  if (same(before, after)) return []
  if (kind(before) !== kind(after)) return [["replace", path, after]]
  if (typeof before === "string" && typeof after === "string" && after.startsWith(before)) {
    return [["append", path, after.slice(before.length)]]
  }
  if (Array.isArray(before) && Array.isArray(after)) return compareArrays(before, after, path, deletes)
  if (isObject(before) && isObject(after)) return compareObjects(before, after, path, deletes)
  return [["replace", path, after]]
}

/** The edits from `before` to `after`; none when they are equal. `deletes` is `shifted` from Gradio 5.29.1 on. */
export const diff = (before: unknown, after: unknown, deletes: Deletes = "shifted"): ReadonlyArray<Edit> =>
  compare(before, after, [], deletes)
