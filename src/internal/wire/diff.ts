/**
 * The client's side of Gradio's output diffs (`sse_v2` and later): a kept value and a list of edits give the next value.
 *
 * Old values are never changed, and whatever an edit does not touch is shared between old and new. Edits come from the network, so anything may be in
 * them: a bad edit is a failure, and nothing outside the values given is ever reached.
 */
import * as Result from "effect/Result"

import { isRecord, setUnsafe } from "../record.ts"

/** Longest path followed. JSON this deep does not occur in outputs, and whoever reads them walks them recursively. */
const maxDepth = 512

type Path = ReadonlyArray<string | number>
type Container = Array<unknown> | Record<string, unknown>
type Operation = "replace" | "append" | "add" | "delete"

interface Edit {
  readonly operation: Operation
  readonly path: Path
  readonly value: unknown
}

/** What is built by one message: the root, and the containers that were copied for it and may be written to. */
interface Draft {
  readonly holder: Record<string, unknown>
  readonly owned: WeakSet<object>
}

type Done = Result.Result<void, string>
const done: Done = Result.succeed(undefined)

const isOperation = (u: unknown): u is Operation => u === "replace" || u === "append" || u === "add" || u === "delete"

const isPath = (u: unknown): u is Path =>
  Array.isArray(u) &&
  u.length <= maxDepth &&
  u.every((segment) => typeof segment === "string" || typeof segment === "number")

const isList = (u: unknown): u is Array<unknown> => Array.isArray(u)

const isContainer = (u: unknown): u is Container => isList(u) || isRecord(u)

const show = (path: Path): string =>
  `[${path
    .slice(0, 20)
    .map((segment) => JSON.stringify(segment))
    .join(",")}]`

const readEdit = (u: unknown): Result.Result<Edit, string> => {
  if (!isList(u)) return Result.fail("an edit is not a list")
  const [operation, path, value] = u
  if (!isOperation(operation)) {
    return Result.fail(
      typeof operation === "string" ? `unknown operation "${operation.slice(0, 40)}"` : "an edit without operation"
    )
  }
  if (!isPath(path)) return Result.fail(`the path of a ${operation} is no list of keys and indices, or too long`)
  if (u.length < 3 && operation !== "delete") return Result.fail(`the ${operation} at ${show(path)} has no value`)
  return Result.succeed({ operation, path, value })
}

/** The index that a path segment means, where it is one of the `length` places from 0. */
const indexIn = (length: number, segment: string | number): number | undefined =>
  typeof segment === "number" && Number.isInteger(segment) && segment >= 0 && segment < length ? segment : undefined

const has = (container: Container, segment: string | number): boolean =>
  isList(container) ? indexIn(container.length, segment) !== undefined : Object.hasOwn(container, String(segment))

const read = (container: Container, segment: string | number): unknown =>
  isList(container) ? container[Number(segment)] : container[String(segment)]

/** Into a place that {@link has} says is there, or a new key of an object. */
const write = (container: Container, segment: string | number, value: unknown): void => {
  if (isList(container)) container[Number(segment)] = value
  else setUnsafe(container, String(segment), value)
}

const copyOf = (container: Container): Container => (isList(container) ? [...container] : { ...container })

/** The container at a path as a copy that may be written to; each is copied once for a message. */
const own = (draft: Draft, path: Path): Result.Result<Container, string> => {
  let parent: Container = draft.holder
  let key: string | number = "value"
  for (let depth = 0; ; depth++) {
    const found = read(parent, key)
    if (!isContainer(found)) return Result.fail(`there is no list or object at ${show(path.slice(0, depth))}`)
    const container = draft.owned.has(found) ? found : copyOf(found)
    if (container !== found) {
      draft.owned.add(container)
      write(parent, key, container)
    }
    const segment = path[depth]
    if (segment === undefined) return Result.succeed(container)
    if (!has(container, segment)) return Result.fail(`there is nothing at ${show(path.slice(0, depth + 1))}`)
    parent = container
    key = segment
  }
}

/** Walks to the parent of the last segment and does something there; the root is held by an object of ours, so it has a parent too. */
const at = (draft: Draft, path: Path, act: (container: Container, segment: string | number) => Done): Done => {
  const last = path.at(-1)
  if (last === undefined) return act(draft.holder, "value")
  return Result.flatMap(own(draft, path.slice(0, -1)), (container) => act(container, last))
}

const replace = (draft: Draft, { path, value }: Edit): Done =>
  at(draft, path, (container, segment) => {
    if (!has(container, segment)) return Result.fail(`there is nothing to replace at ${show(path)}`)
    write(container, segment, value)
    return done
  })

const append = (draft: Draft, { path, value }: Edit): Done =>
  at(draft, path, (container, segment) => {
    const old = has(container, segment) ? read(container, segment) : undefined
    if (typeof old !== "string" || typeof value !== "string")
      return Result.fail(`there is no text to append to at ${show(path)}`)
    write(container, segment, old + value)
    return done
  })

const add = (draft: Draft, { path, value }: Edit): Done => {
  if (path.length === 0) return Result.fail("nothing can be added beside the whole value")
  return at(draft, path, (container, segment) => {
    if (!isList(container)) {
      write(container, segment, value)
      return done
    }
    const index = indexIn(container.length + 1, segment)
    if (index === undefined) return Result.fail(`an item cannot be added at ${show(path)}`)
    container.splice(index, 0, value)
    return done
  })
}

/**
 * Deletes, all of one message by the container they concern. Servers delete list items at the end only, but say which in three ways: by old indices (4.17 to 5.29.0), by
 * shifted ones, and by indices shifted once for each list around them (from 5.29.1), which are wrong. Their number is right in every version.
 */
const deleteAll = (draft: Draft, deletes: ReadonlyArray<Edit>): Done => {
  const lists = new Map<Array<unknown>, number>()
  for (const { path } of deletes) {
    const deleted = at(draft, path, (container, segment) => {
      if (path.length === 0) return Result.fail("the whole value cannot be deleted")
      if (isList(container)) {
        const count = (lists.get(container) ?? 0) + 1
        if (typeof segment !== "number" || count > container.length)
          return Result.fail(`there is nothing to delete at ${show(path)}`)
        lists.set(container, count)
        return done
      }
      if (!has(container, segment)) return Result.fail(`there is nothing to delete at ${show(path)}`)
      delete container[String(segment)]
      return done
    })
    if (Result.isFailure(deleted)) return deleted
  }
  // Only now: until all paths were followed, every item must be where they say.
  for (const [list, count] of lists) list.length -= count
  return done
}

const apply = (draft: Draft, edit: Edit): Done => {
  if (edit.operation === "replace") return replace(draft, edit)
  return edit.operation === "append" ? append(draft, edit) : add(draft, edit)
}

/**
 * The value after the edits of one message. `[]` gives the previous value itself.
 *
 * **Gotchas** In Python 1 equals true and 0 equals false, so a server sends no edit for such a change; the complete values that end a call put it right.
 */
export const applyEdits = (previous: unknown, edits: unknown): Result.Result<unknown, string> => {
  if (!isList(edits)) return Result.fail("the edits are not a list")
  const draft: Draft = { holder: { value: previous }, owned: new WeakSet() }
  const deletes: Array<Edit> = []
  for (const sent of edits) {
    const edit = readEdit(sent)
    if (Result.isFailure(edit)) return Result.fail(edit.failure)
    if (edit.success.operation === "delete") deletes.push(edit.success)
    else {
      const applied = apply(draft, edit.success)
      if (Result.isFailure(applied)) return Result.fail(applied.failure)
    }
  }
  return Result.map(deleteAll(draft, deletes), () => draft.holder["value"])
}
