/** Rows of values between the newest form of each component and the form of a version. */
import * as Effect from "effect/Effect"

import type * as Component from "./ComponentKind.ts"
import * as FileData from "./FileData.ts"
import { BadInput, isRecord } from "./FileData.ts"
import type { Recode, Release } from "./Release.ts"

/** A change of values that needs nothing but the value. */
export const pure =
  (change: (value: unknown) => unknown): Recode =>
  (value) =>
    Effect.succeed(change(value))

/** Types whose values are nobody's but the function's. */
const isPlain = (type: string) => type === "json" || type === "state"

/** Changes every object, the innermost first. */
const each = <E>(
  value: unknown,
  change: (fields: Readonly<Record<string, unknown>>) => Effect.Effect<unknown, E>
): Effect.Effect<unknown, E> => {
  if (Array.isArray(value)) return Effect.forEach(value, (one: unknown) => each(one, change))
  if (!isRecord(value)) return Effect.succeed(value)
  return Effect.forEach(Object.entries(value), ([name, inner]) =>
    Effect.map(each(inner, change), (changed) => [name, changed] as const)
  ).pipe(Effect.flatMap((entries) => change(Object.fromEntries(entries))))
}

/** The steps of a value, one after the other. */
const through = (
  steps: ReadonlyArray<(value: unknown, conversion: Component.Conversion) => Effect.Effect<unknown, unknown>>,
  value: unknown,
  conversion: Component.Conversion
): Effect.Effect<unknown, unknown> =>
  steps.reduce(
    (done: Effect.Effect<unknown, unknown>, step) => Effect.flatMap(done, (one) => step(one, conversion)),
    Effect.succeed(value)
  )

const isFile = (fields: Readonly<Record<string, unknown>>) =>
  isRecord(fields["meta"]) && fields["meta"]["_type"] === "gradio.FileData"

/** Values as a client sent them, in the newest form. What is missing at the end stays missing. */
export const fromWire = (
  release: Release,
  components: ReadonlyArray<Component.Any>,
  row: ReadonlyArray<unknown>,
  conversion: Component.Conversion
): Effect.Effect<ReadonlyArray<unknown>, unknown> =>
  Effect.forEach(row, (value, i) => {
    const type = components[i]?.type ?? "state"
    if (isPlain(type)) return Effect.succeed(value)
    const { readFile } = release
    const steps = release
      .forms(type)
      .flatMap(({ fromWire: step }) => step ?? [])
      .toReversed()
    return Effect.flatMap(through(steps, value, conversion), (one) =>
      readFile === undefined ? Effect.succeed(one) : each(one, (fields) => readFile(fields, conversion))
    )
  })

/** What has a path is the file that is there. */
const withFiles = (release: Release, value: unknown, { files, root }: Component.Conversion) =>
  each(value, (fields) => {
    const { orig_name: name, path } = fields
    if (typeof path !== "string") return Effect.succeed(fields)
    const file = files.get(path)
    return file === undefined
      ? Effect.fail(new BadInput({ message: `[Errno 2] No such file or directory: '${path}'` }))
      : Effect.succeed(release.file({ ...FileData.encode(file, root), size: null, orig_name: name ?? null }))
  })

const slot = (
  release: Release,
  type: string,
  value: unknown,
  conversion: Component.Conversion
): Effect.Effect<unknown, unknown> => {
  const steps = release.forms(type).flatMap(({ toWire: step }) => step ?? [])
  return Effect.flatMap(through(steps, value, conversion), (one) =>
    each(one, (fields) => Effect.succeed(isFile(fields) ? release.file(fields) : fields))
  )
}

/** Values in the newest form, as the version sends them. */
export const toWire = (
  release: Release,
  components: ReadonlyArray<Component.Any>,
  row: ReadonlyArray<unknown>,
  conversion: Component.Conversion
): Effect.Effect<ReadonlyArray<unknown>, unknown> =>
  Effect.forEach(row, (value, i) => {
    const type = components[i]?.type ?? "state"
    if (type === "json" && release.findsFilesInJson) return withFiles(release, value, conversion)
    if (isPlain(type)) return Effect.succeed(value)
    if (!isRecord(value) || value["__type__"] !== "update") return slot(release, type, value, conversion)
    return "value" in value
      ? Effect.map(slot(release, type, value["value"], conversion), (inner) =>
          release.update({ ...value, value: inner })
        )
      : Effect.succeed(release.update(value))
  })
