/** The files in the input of a call: found at any depth, uploaded once each, and put back as references. */
import * as GradioFile from "../../GradioFile.ts"
import { misfits, type Misfit, nested, replaced } from "./nested.ts"
import { type FileData, isFileData } from "./source.ts"

/** What counts as a file wherever it stands in an input. */
export type FileLike = GradioFile.GradioFile | Blob | Uint8Array

export const isFileLike = (u: unknown): u is FileLike =>
  GradioFile.isGradioFile(u) || u instanceof Uint8Array || (typeof Blob !== "undefined" && u instanceof Blob)

/** Each file of the data once, in order. */
export const filesIn = (data: ReadonlyArray<unknown>): ReadonlyArray<FileLike> => [...new Set(nested(data, isFileLike))]

/** The same with the references among them, which stand for files too. */
export const referencesAndFilesIn = (data: ReadonlyArray<unknown>): ReadonlyArray<FileLike | FileData> => [
  ...new Set(nested(data, (part): part is FileLike | FileData => isFileLike(part) || isFileData(part)))
]

/** As a `GradioFile`; bytes without a name are called as the official clients call them. */
export const toGradioFile = (file: FileLike): GradioFile.GradioFile => {
  if (GradioFile.isGradioFile(file)) return file
  return file instanceof Uint8Array ? GradioFile.fromBytes(file, { name: "blob" }) : GradioFile.fromBlob(file)
}

/** The data with each file replaced by its reference. */
export const withReferences = (data: unknown, references: ReadonlyMap<unknown, unknown>): unknown =>
  replaced(data, (part) => references.get(part))

/** What of the data cannot be sent. */
export const unsendable = (data: unknown): ReadonlyArray<Misfit> => misfits(data, isFileLike)
