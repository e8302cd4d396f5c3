/** What a conformance case is: a sentence about what a client sees, and the program that shows it. */
import type { Effect, FileSystem, Path, Scope } from "effect"
import type { HttpClient } from "effect/http"

import type { GradioClient, GradioError } from "../../src/index.ts"
import { type GradioVersion, gradioVersions } from "../gradio/versions.ts"

/** The columns of the table: real servers, the stand-in over a socket and in memory, and as older versions, in memory. */
export const columns: ReadonlyArray<Column> = [
  "4.8.0",
  "4.16.0",
  "4.19.2",
  "4.21.0",
  "6.31.0",
  "5.49.1",
  "4.44.1",
  "3.50.2",
  "stand-in, socket",
  "stand-in, memory",
  "stand-in 5.49.1",
  "stand-in 4.44.1",
  "stand-in 4.21.0",
  "stand-in 4.19.2",
  "stand-in 4.16.0",
  "stand-in 4.8.0",
  "stand-in 3.50.2"
]

/** Where cases run: on a real server, or on the stand-in as some version. */
export type Column =
  | GradioVersion
  | "stand-in, socket"
  | "stand-in, memory"
  | `stand-in ${Exclude<GradioVersion, "6.31.0">}`

/** Those that every run of the tests has; `main.ts` runs all. */
export const always: ReadonlyArray<Column> = columns.filter(
  (column) =>
    !["4.8.0", "4.19.2", "4.21.0"].includes(column) &&
    !["stand-in 4.8.0", "stand-in 4.16.0", "stand-in 4.19.2", "stand-in 4.21.0"].includes(column)
)

/** Why a server cannot do what a case shows; `stand-in` is for all of its columns, and a version for the stand-in as this version too. */
export type NotOffered = Partial<Record<GradioVersion | "stand-in", string>>

const numbersOf = (version: string): ReadonlyArray<number> => version.split(".").map(Number)

const isSince = (version: string, wanted: string): boolean => {
  const [major = 0, minor = 0] = numbersOf(version)
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(wanted)
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor
}

/** Not offered by any version before the one that brought it. */
export const before = (version: string, reason: string): NotOffered =>
  Object.fromEntries(gradioVersions.filter((one) => !isSince(one, version)).map((one) => [one, reason]))

/** Not offered by the versions from one up to another, which has it. */
export const between = (from: string, to: string, reason: string): NotOffered =>
  Object.fromEntries(
    gradioVersions.filter((one) => isSince(one, from) && !isSince(one, to)).map((one) => [one, reason])
  )

/** A defect of 4.0 to 4.8. */
export const stopsQueue = between("4.0", "4.9", "a call of a batched function stops its queue, for all calls")

/** The server that a case runs against. */
export interface World {
  /** The version that the server announces; the stand-in is a 6.31.0 where its column does not say otherwise. */
  readonly version: GradioVersion
  /** Whether the server is of this version or a later one, named by its first two numbers. */
  readonly since: (version: string) => boolean
  readonly isStandin: boolean
  readonly url: string
  /** A session of its own on the connection of the column. */
  readonly app: GradioClient.GradioClient
  /** Connects anew; `at` goes behind the address. */
  readonly connect: (
    options?: GradioClient.ConnectOptions & { readonly at?: string }
  ) => Effect.Effect<GradioClient.GradioClient, GradioError.ConnectError, Scope.Scope>
  /** Told apart from every other run on the same server, for the records that the app keeps. */
  readonly tag: string
}

export type Needs = Scope.Scope | HttpClient.HttpClient | FileSystem.FileSystem | Path.Path

export interface Case {
  readonly title: string
  readonly endpoints: ReadonlyArray<string>
  readonly notOffered?: NotOffered
  /** Needs the server that is started under a path, with a small queue, small files and `show_error`. */
  readonly onStrictServer?: true
  /** Looks at the queue or takes a while of the server, so that no other case may run beside it. */
  readonly alone?: true
  readonly run: (world: World) => Effect.Effect<void, unknown, Needs>
}

/** A concept and its cases. */
export interface Group {
  readonly concept: string
  readonly cases: ReadonlyArray<Case>
}

export const versionOf = (column: Column): GradioVersion =>
  gradioVersions.find((one) => column.endsWith(one)) ?? "6.31.0"

export const isStandin = (column: Column): boolean => column.startsWith("stand-in")

export const sinceIn =
  (column: Column) =>
  (version: string): boolean =>
    isSince(versionOf(column), version)

/** The reason why a case does not apply to a column. */
export const explanation = (one: Case, column: Column): string | undefined =>
  (isStandin(column) ? one.notOffered?.["stand-in"] : undefined) ?? one.notOffered?.[versionOf(column)]
