/**
 * References to files as Gradio sent them before 4.21: without the mark (`meta`) that tells them from other data, but with all of their fields, also
 * those that are null.
 */
import * as Effect from "effect/Effect"

import type { ValueForm } from "../../Protocol.ts"
import { isRecord } from "../record.ts"
import { replaced } from "./nested.ts"

const fields = ["path", "url", "size", "orig_name", "mime_type"]

const marked = (part: unknown): unknown =>
  isRecord(part) && !Object.hasOwn(part, "meta") && fields.every((field) => Object.hasOwn(part, field))
    ? { ...part, meta: { _type: "gradio.FileData" } }
    : undefined

/** Marks them. The mark does not disturb a server that gets it back. */
export const unmarkedFiles: ValueForm = {
  toWire: (_, value) => value,
  // What a JSON component shows is data.
  fromWire: (componentType, value) => (componentType === "json" ? value : replaced(value, marked)),
  embeds: () => false,
  embed: () => Effect.die(new Error("files of these versions are uploaded")),
  embedded: () => undefined
}
