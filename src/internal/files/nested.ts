/**
 * Walks through values that came from a server or a caller: arrays and objects as `JSON.stringify` sees them (own enumerable keys, also of class
 * instances, or what `toJSON` gives), as deep as JSON of real apps goes. Deeper ones are refused, so that no stack of calls overflows on a hostile
 * answer.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

import { get, isRecord, setUnsafe } from "../record.ts"

/** The deepest nesting that is read or sent. Gradio's own writer of JSON stops at 254. */
export const maxDepth = 500

/** What a walk found out of place: its path, as `[0].name`, and what is wrong. */
export interface Misfit {
  readonly path: string
  readonly problem: string
}

/** What JSON makes of an object that says so itself: dates, URLs, dates of Effect. */
const inJson = (one: object): unknown => {
  const toJSON: unknown = Reflect.get(one, "toJSON")
  return typeof toJSON === "function" ? Reflect.apply(toJSON, one, [""]) : one
}

/** The objects of a caller, or what stands for them in JSON, may throw when they are looked at. */
const attempt = <A>(read: () => A): { readonly value: A } | undefined => {
  try {
    return { value: read() }
  } catch {
    return undefined
  }
}

/** Every part of a value that is meant, in order; what is below such a part, or too deep, is not looked at. */
export const nested = <A>(value: unknown, isMeant: (u: unknown) => u is A): ReadonlyArray<A> => {
  const found: Array<A> = []
  const around = new Set<object>()
  const walk = (one: unknown, depth: number): void => {
    if (isMeant(one)) return void found.push(one)
    if (typeof one !== "object" || one === null || depth > maxDepth || around.has(one)) return
    around.add(one)
    const json = Array.isArray(one) ? one : attempt(() => inJson(one))?.value
    if (Array.isArray(json)) for (const item of json) walk(item, depth + 1)
    else if (isMeant(json)) found.push(json)
    else if (typeof json === "object" && json !== null) {
      for (const key of Object.keys(json)) walk(attempt(() => Reflect.get(json, key))?.value, depth + 1)
    }
    around.delete(one)
  }
  walk(value, 0)
  return found
}

/**
 * The value with some of its parts replaced; the rest is shared with the original, which is not changed: an object with a replaced part becomes a
 * plain one with the same keys. `replace` gives the part for those it knows, and `undefined` for all others. Fails where the nesting is too deep.
 */
export const replaced = (value: unknown, replace: (part: unknown) => unknown): unknown => {
  const walk = (one: unknown, depth: number): unknown => {
    if (typeof one !== "object" || one === null) return one
    const replacement = replace(one)
    if (replacement !== undefined) return replacement
    if (depth > maxDepth) throw new TooDeep()
    const json = Array.isArray(one) ? one : inJson(one)
    if (typeof json !== "object" || json === null) return one
    const after = json === one ? below(json, depth) : (replace(json) ?? below(json, depth))
    return after === json ? one : after
  }
  const below = (one: object, depth: number): unknown => {
    if (Array.isArray(one)) {
      let changed = false
      const items = one.map((item: unknown) => {
        const next = walk(item, depth + 1)
        changed ||= next !== item
        return next
      })
      return changed ? items : one
    }
    let copy: object | undefined
    for (const key of Object.keys(one)) {
      const part: unknown = Reflect.get(one, key)
      const next = walk(part, depth + 1)
      if (next === part) continue
      copy ??= { ...one }
      setUnsafe(copy, key, next)
    }
    return copy ?? one
  }
  return walk(value, 0)
}

/** Thrown by `replaced`, caught by its callers. */
export class TooDeep extends Error {
  override readonly message = `nested deeper than ${maxDepth} levels`
}

/** What to do with values of Effect, where it is not just to give what is in them. */
const instead = new Map([
  ["Option", "give its value, or leave the parameter out"],
  ["Duration", "give a number, such as Duration.toSeconds(…)"],
  ["BigDecimal", "give a number or a text, such as BigDecimal.format(…)"]
])

/** What `toJSON` gives of a value of Effect is for people to look at, under the name of its kind; a document of a database has its `_id` itself. */
const inspected = (one: object, json: unknown): string | undefined => {
  const kind = isRecord(json) && !("_id" in one) ? get(json, "_id") : undefined
  if (typeof kind !== "string") return undefined
  return `${an(kind)} cannot be sent as JSON; ${instead.get(kind) ?? "give what is in it, as plain values"}`
}

const an = (noun: string): string => (/^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`)

/** The tags of objects that JSON knows what to do with: plain ones and those of most classes, dates, and boxed values. */
const jsonTags = new Set(["Object", "Date", "Boolean", "Number", "String"])

/** The kind of an object of the language or the platform (`RegExp`, `WeakMap`, `Array Iterator`, `FormData`) of which JSON would see nothing. */
const unseen = (one: object): string | undefined => {
  const tag = Object.prototype.toString.call(one).slice("[object ".length, -1)
  return jsonTags.has(tag) || typeof Reflect.get(one, "toJSON") === "function" || Object.keys(one).length > 0
    ? undefined
    : tag
}

/** Why an object of a known kind cannot be sent as JSON, or would arrive as something else; none for all other objects. */
export const refusal = (one: object): string | undefined => {
  // Those of Effect are Effects as well.
  if (one instanceof Error) return `an error (${one.name}) cannot be sent as JSON; give its message`
  if (Redacted.isRedacted(one)) return "a Redacted cannot be sent; give Redacted.value(…)"
  if (Effect.isEffect(one)) return "an Effect was given, not its value"
  if (Stream.isStream(one)) return "a Stream was given, not its values; for a file, give GradioFile.fromStream"
  if (typeof Reflect.get(one, "then") === "function") return "a promise was given, not its value"
  if (one instanceof Map) return "a Map cannot be sent as JSON; give an object or an array"
  if (one instanceof Set) return "a Set cannot be sent as JSON; give an object or an array"
  if (one instanceof DataView) return "a DataView cannot be sent; give a Uint8Array"
  if (ArrayBuffer.isView(one) && !(one instanceof Uint8Array)) {
    return "a typed array of numbers cannot be sent; give Array.from(…), or a Uint8Array for a file"
  }
  if (one instanceof ArrayBuffer) return "an ArrayBuffer cannot be sent; give a Uint8Array"
  // Browsers have it on some pages only.
  if (typeof SharedArrayBuffer !== "undefined" && one instanceof SharedArrayBuffer) {
    return "a SharedArrayBuffer cannot be sent; give a Uint8Array"
  }
  if (typeof ReadableStream !== "undefined" && one instanceof ReadableStream) {
    return "a ReadableStream cannot be sent; give GradioFile.fromStream"
  }
  if (one instanceof Date && Number.isNaN(one.getTime())) return "an invalid Date cannot be sent"
  const kind = unseen(one)
  return kind === undefined ? undefined : `${an(kind)} cannot be sent as JSON; give what is in it, as plain values`
}

/** What cannot be sent as JSON without a loss, each with its path; `isSendable` names parts that are taken care of elsewhere. */
export const misfits = (value: unknown, isSendable: (part: unknown) => boolean): ReadonlyArray<Misfit> => {
  const found: Array<Misfit> = []
  const refuse = (path: string, problem: string) => found.push({ path, problem })
  const around = new Set<object>()
  const walk = (one: unknown, path: string, depth: number): void => {
    switch (typeof one) {
      case "bigint":
        return void refuse(path, "a bigint cannot be sent as JSON; give a number or a string")
      case "function":
      case "symbol":
        return void refuse(path, `a ${typeof one} cannot be sent`)
      case "number":
        if (!Number.isFinite(one)) refuse(path, `${one} cannot be sent as JSON`)
        return
      case "object":
        break
      default:
        return
    }
    if (one === null || isSendable(one)) return
    if (depth > maxDepth) return void refuse(path.slice(0, 60) + "…", `nested deeper than ${maxDepth} levels`)
    if (around.has(one)) return void refuse(path, "contains itself: a cycle cannot be sent as JSON")
    around.add(one)
    look(one, path, depth)
    around.delete(one)
  }
  const look = (one: object, path: string, depth: number): void => {
    if (Array.isArray(one)) return below(one, path, depth)
    const looked = attempt(() => {
      const problem = refusal(one)
      if (problem !== undefined) return { problem }
      const json = inJson(one)
      return { json, problem: inspected(one, json) }
    })
    if (looked === undefined) return void refuse(path, "cannot be read: its toJSON or a getter throws")
    if (looked.value.problem !== undefined) return void refuse(path, looked.value.problem)
    const { json } = looked.value
    if (json === one) below(one, path, depth)
    // `JSON.stringify` asks what `toJSON` gave for no other `toJSON`.
    else if (typeof json === "object" && json !== null && !isSendable(json)) below(json, path, depth)
    else walk(json, path, depth)
  }
  const below = (one: object, path: string, depth: number): void => {
    if (Array.isArray(one)) return void one.forEach((item, index) => walk(item, `${path}[${index}]`, depth + 1))
    for (const key of Object.keys(one)) {
      const part = attempt<unknown>(() => Reflect.get(one, key))
      if (part === undefined) refuse(`${path}.${key}`, "cannot be read: its getter throws")
      else walk(part.value, `${path}.${key}`, depth + 1)
    }
  }
  walk(value, "", 0)
  return found
}
