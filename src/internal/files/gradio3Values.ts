/**
 * The values of components as Gradio 3 writes them, and as Gradio 4 and later do, in whose form programs give and get them: files are references
 * there, and pairs are objects. Pictures are no files on the wire of Gradio 3 but data URLs.
 */
import * as Effect from "effect/Effect"

import type { ValueForm } from "../../Protocol.ts"
import { get, isRecord } from "../record.ts"
import { fromDataUrl, isDataUrl, mimeTypeOf, nameByType, toDataUrl } from "./dataUrl.ts"
import { replaced } from "./nested.ts"
import { baseName, type FileData, isFileData } from "./source.ts"

type Convert = (value: unknown) => unknown

const meta = { _type: "gradio.FileData" } as const

const embeddedReference = (url: string, name: string | undefined): FileData => {
  const mimeType = mimeTypeOf(url)
  const given = name === undefined || name === "" ? nameByType(mimeType) : baseName(name)
  return { path: given, url, orig_name: given, mime_type: mimeType ?? null, is_stream: false, meta }
}

const textIn = (value: Readonly<Record<string, unknown>>, key: string): string | undefined => {
  const text = get(value, key)
  return typeof text === "string" ? text : undefined
}

const numberIn = (value: Readonly<Record<string, unknown>>, key: string): number | null => {
  const number = get(value, key)
  return typeof number === "number" ? number : null
}

/** The reference for a file object of Gradio 3; none for any other value. */
const referenceFor = (value: unknown): FileData | undefined => {
  if (!isRecord(value)) return undefined
  const name = textIn(value, "name")
  const data = get(value, "data")
  if (isDataUrl(data)) return embeddedReference(data, textIn(value, "orig_name") ?? name)
  const isStream = get(value, "is_stream") === true
  if (name === undefined || !(isStream || get(value, "is_file") === true)) return undefined
  return pathReference(name, {
    orig_name: textIn(value, "orig_name") ?? baseName(name),
    size: numberIn(value, "size"),
    mime_type: textIn(value, "mime_type") ?? null,
    is_stream: isStream
  })
}

const pathReference = (path: string, more: Partial<FileData> = {}): FileData => ({
  path,
  url: null,
  size: null,
  orig_name: baseName(path),
  mime_type: null,
  is_stream: false,
  ...more,
  meta
})

const isList = (u: unknown): u is ReadonlyArray<unknown> => Array.isArray(u)

const eachOf =
  (convert: Convert): Convert =>
  (value) =>
    isList(value) ? value.map(convert) : value

const files: Convert = (value) => replaced(value, referenceFor)

/** A picture, or what a sketch is made of. */
const pictures: Convert = (value) =>
  isDataUrl(value)
    ? embeddedReference(value, undefined)
    : isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pictures(part)]))
      : files(value)

/** A file alone, or with what goes beside it. */
const pairOf = (value: unknown): readonly [unknown, unknown] => {
  if (!isList(value)) return [files(value), null]
  const [file, beside = null] = value
  return [files(file), beside]
}

const message: Convert = (value) => {
  const file = referenceFor(value)
  return file === undefined || !isRecord(value) ? value : { file, alt_text: textIn(value, "alt_text") ?? null }
}

/** By the type of the component, from the wire; files at any depth for all that are not named. */
const fromWire: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ["json", (value) => value],
  ["image", pictures],
  ["uploadbutton", (value) => replacedTexts(value)],
  [
    "video",
    (value) => {
      if (value === null || value === undefined) return value
      const [video, subtitles] = pairOf(value)
      return { video, subtitles: files(subtitles) }
    }
  ],
  [
    "gallery",
    eachOf((item) => {
      const [image, caption] = pairOf(item)
      return { image, caption }
    })
  ],
  [
    "annotatedimage",
    (value) => {
      if (!isList(value)) return value
      const [image, annotations] = pairOf(value)
      return {
        image,
        annotations: eachOf((annotation) => {
          const [mask, label] = pairOf(annotation)
          return { image: mask, label }
        })(annotations)
      }
    }
  ],
  ["chatbot", eachOf(eachOf(message))],
  [
    "highlightedtext",
    eachOf((item) => (isList(item) ? { token: item[0], class_or_confidence: item[1] ?? null } : item))
  ],
  [
    "dataframe",
    (value) => {
      const headers = isRecord(value) ? get(value, "headers") : undefined
      return isRecord(value) && isList(headers)
        ? { ...value, headers: headers.map((header) => (isList(header) ? header : String(header))) }
        : value
    }
  ]
])

/** The output of an upload button is the bare path. */
const replacedTexts: Convert = (value) =>
  isList(value) ? value.map(replacedTexts) : typeof value === "string" ? pathReference(value) : files(value)

const embeddedUrl = ({ url }: FileData): string | undefined => (isDataUrl(url) ? url : undefined)

/** The file object of Gradio 3 for a reference. */
const fileObject = (data: FileData): Readonly<Record<string, unknown>> => {
  const inside = embeddedUrl(data)
  const name = data.orig_name ?? baseName(data.path)
  return inside === undefined
    ? {
        name: data.path,
        data: null,
        is_file: true,
        orig_name: name,
        ...(typeof data.size === "number" ? { size: data.size } : {})
      }
    : { name, data: inside, is_file: false }
}

const fileObjects: Convert = (value) => replaced(value, (part) => (isFileData(part) ? fileObject(part) : undefined))

const dataUrls: Convert = (value) =>
  replaced(value, (part) => (isFileData(part) ? (embeddedUrl(part) ?? fileObject(part)) : undefined))

/** An object whose keys stand for the places of a list. */
const listOf = (value: unknown, first: ReadonlyArray<string>, second: string): ReadonlyArray<unknown> | undefined => {
  if (!isRecord(value) || isFileData(value)) return undefined
  const key = first.find((one) => Object.hasOwn(value, one))
  return key === undefined ? undefined : [get(value, key), get(value, second) ?? null]
}

/** The same, to the wire. */
const toWire: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ["json", (value) => value],
  ["image", dataUrls],
  ["video", (value) => fileObjects(listOf(value, ["video"], "subtitles") ?? value)],
  ["gallery", eachOf((item) => fileObjects(listOf(item, ["image", "video"], "caption") ?? item))],
  [
    "annotatedimage",
    (value) => {
      const [image, annotations] = listOf(value, ["image"], "annotations") ?? []
      return annotations === undefined
        ? fileObjects(value)
        : [fileObjects(image), eachOf((one) => fileObjects(listOf(one, ["image"], "label") ?? one))(annotations)]
    }
  ],
  [
    "chatbot",
    eachOf(
      eachOf((said) => {
        const file = isRecord(said) ? get(said, "file") : undefined
        return isRecord(said) && isFileData(file)
          ? { ...fileObject(file), mime_type: file.mime_type ?? null, alt_text: get(said, "alt_text") ?? null }
          : fileObjects(said)
      })
    )
  ],
  ["highlightedtext", eachOf((item) => listOf(item, ["token"], "class_or_confidence") ?? item)]
])

export const gradio3Values: ValueForm = {
  embeds: (componentType) => componentType === "image",
  toWire: (componentType, value) => (toWire.get(componentType) ?? fileObjects)(value),
  fromWire: (componentType, value) => (fromWire.get(componentType) ?? files)(value),
  embed: (file) =>
    Effect.map(file.bytes, (bytes) => ({
      ...embeddedReference(toDataUrl(bytes, file.mimeType), file.name),
      size: bytes.byteLength
    })),
  embedded: (data) => {
    const url = embeddedUrl(data)
    return url === undefined
      ? undefined
      : fromDataUrl(url, { name: data.orig_name ?? data.path, mimeType: data.mime_type ?? undefined })
  }
}
