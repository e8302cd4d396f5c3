/**
 * The components are those of the installed packages: each that carries a value has its schema, and takes and gives nothing (`None`) and the package's
 * own examples as the package does.
 */
import { execFile } from "node:child_process"
import * as path from "node:path"
import { promisify } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"

import { Component, GradioFile } from "../../src/index.ts"
import { gradio3Values } from "../../src/internal/files/gradio3Values.ts"
import { type GradioVersion, prepareEnvironment } from "../gradio/environments.ts"
import { byName } from "./schemas.ts"

const versions = ["3.50.2", "4.44.1", "5.49.1", "6.31.0"] as const satisfies ReadonlyArray<GradioVersion>

const Listed = Schema.Struct({
  name: Schema.String,
  type: Schema.NullOr(Schema.String),
  /** Why it has no value. */
  why: Schema.NullOr(Schema.String),
  props: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  none_out: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  takes_none: Schema.optionalKey(Schema.Boolean),
  example_in: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  example_out: Schema.optionalKey(Schema.Array(Schema.Unknown))
})
type Listed = typeof Listed.Type
const decodeLine = Schema.decodeUnknownSync(Schema.fromJsonString(Listed))

const listOf = async (version: GradioVersion): Promise<ReadonlyArray<Listed>> => {
  const { python } = await prepareEnvironment(version)
  const { stdout } = await promisify(execFile)(python, [path.join(import.meta.dirname, "packages.py")], {
    maxBuffer: 1 << 26
  })
  return stdout
    .trim()
    .split("\n")
    .map((line) => decodeLine(line))
}

/** What the server takes files for, by the ends of their names. */
const mimeTypes = `
import json, mimetypes
from gradio_client.utils import get_mimetype
mimetypes.init()
endings = {**mimetypes.types_map, **mimetypes.common_types, ".vtt": ""}
print(json.dumps({ending: get_mimetype("file" + ending) for ending in endings}))`
const decodeTypes = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.NullOr(Schema.String)))
)

const isRecord = (u: unknown): u is Record<string, unknown> => typeof u === "object" && u !== null && !Array.isArray(u)

/** What the client makes of references. */
const withFiles = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withFiles)
  if (!isRecord(value)) return value
  if (typeof value["path"] === "string" && isRecord(value["meta"])) {
    return GradioFile.fromBytes(new Uint8Array(1), { name: String(value["orig_name"] ?? value["path"]) })
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withFiles(one)]))
}

/** Without fields that are null, which a server fills in for those that are not there. */
const settled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(settled)
  if (GradioFile.isGradioFile(value) || !isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null && one !== undefined)
      .map(([key, one]) => [key, settled(one)])
  )
}

const succeeds = <A, E>(effect: Effect.Effect<A, E>) => Effect.map(Effect.result(effect), Result.isSuccess)

for (const version of versions) {
  describe(`Gradio ${version}`, () => {
    const listed = listOf(version)
    const valued = listed.then((all) => all.filter(({ why }) => why === null))
    const named = ({ props, type }: Listed) =>
      Component.forComponent({ type: String(type), props: props ?? {} }, version)

    it("every component that carries a value has its schema", async () => {
      const all = await listed
      const uncovered = (await valued).filter((one) => named(one) === undefined).map(({ name }) => name)
      assert.deepStrictEqual(uncovered, [])
      const kinds = new Set((await valued).map(({ type }) => type))
      const used = new Set((await valued).map(named))
      const without = all.filter(({ why }) => why !== null)
      const reasons = Array.from(new Set(without.map(({ why }) => why)), (why) => {
        const names = without.filter((one) => one.why === why).map(({ name }) => name)
        return `${names.length} ${why} (${names.join(", ")})`
      })
      process.stdout.write(
        `Gradio ${version}: ${all.length} classes, ${(await valued).length} of them with a value, of ${kinds.size} kinds, ${used.size} schemas, uncovered: none. Without a value: ${reasons.join("; ")}\n`
      )
      assert.isAtLeast(kinds.size, 28)
    }, 120_000)

    it("gives nothing as the schema of the output has it, and takes nothing where that of the input does", async () => {
      const wrong: Array<string> = []
      for (const one of await valued) {
        const name = named(one)
        if (name === undefined) continue
        const { input, output } = byName[name]
        for (const none of one.none_out ?? []) {
          const value = version === "3.50.2" ? gradio3Values.fromWire(String(one.type), none) : none
          const decoded = await Effect.runPromise(succeeds(Schema.decodeUnknownEffect(output)(value)))
          if (!decoded) wrong.push(`${one.name} gives ${JSON.stringify(none)}`)
        }
        const sends = await Effect.runPromise(succeeds(Schema.encodeUnknownEffect(input)(null)))
        if (sends && one.takes_none !== true) wrong.push(`${one.name} does not take null`)
      }
      assert.deepStrictEqual(wrong, [])
    })

    it("takes and gives its own examples", async () => {
      let count = 0
      for (const one of await valued) {
        const name = named(one)
        if (name === undefined) continue
        const { input, output } = byName[name]
        for (const example of one.example_in ?? []) {
          const wire = withFiles(example)
          const held = await Effect.runPromise(Schema.decodeUnknownEffect(input)(wire))
          const again = await Effect.runPromise(Schema.encodeUnknownEffect(input)(held))
          assert.deepStrictEqual(settled(again), settled(wire), `${one.name} takes its example`)
          count++
        }
        for (const example of one.example_out ?? []) {
          const wire = withFiles(example)
          const held = await Effect.runPromise(Schema.decodeUnknownEffect(output)(wire))
          const again = await Effect.runPromise(
            Schema.decodeUnknownEffect(output)(await Effect.runPromise(Schema.encodeUnknownEffect(output)(held)))
          )
          assert.deepStrictEqual(again, held, `${one.name} gives its example`)
          count++
        }
      }
      // Gradio 3 has examples of another kind.
      if (version !== "3.50.2") assert.isAbove(count, 50)
    })

    if (version === "3.50.2" || version === "4.44.1") return

    it("knows no file as one of a kind that is refused here", async () => {
      const { python } = await prepareEnvironment(version)
      const { stdout } = await promisify(execFile)(python, ["-c", mimeTypes], { maxBuffer: 1 << 24 })
      const types = decodeTypes(stdout)
      const refused: Array<string> = []
      for (const [ending, type] of Object.entries(types)) {
        const kind = type?.split("/")[0]
        if (type === null || kind === undefined) continue
        const file = GradioFile.fromBytes(new Uint8Array(1), { name: `file${ending}` })
        const taken = Schema.encodeUnknownEffect(Component.file({ types: [kind] }))(file)
        if (!(await Effect.runPromise(succeeds(taken)))) refused.push(`${ending} ${type}, here ${file.mimeType}`)
      }
      assert.deepStrictEqual(refused, [])
      assert.isAbove(Object.keys(types).length, 100)
    })
  })
}
