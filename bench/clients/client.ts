/** What the bench asks of each client, and where the clients are. Amounts and checks are the same for all. */

export interface Session {
  /** `/echo`, each call after the answer of the one before. */
  readonly predictInTurn: (calls: number) => Promise<void>
  /** `/work`, always `inFlight` calls at once. */
  readonly predictTogether: (calls: number, inFlight: number) => Promise<void>
  /** `/count`: each output must be seen. */
  readonly generator: (steps: number) => Promise<void>
  /** `/write`: the length of each output must be seen, and the last one in full. */
  readonly longText: (pieces: number) => Promise<void>
  /** `/gather`: all jobs run at once. */
  readonly jobsAtOnce: (jobs: number) => Promise<void>
  /** Sends the file to `/inspect` and gives its answer. */
  readonly upload: (path: string) => Promise<string>
  /** Saves the output of `/large_file` in the directory and gives the path. */
  readonly download: (directory: string) => Promise<string>
  readonly close: () => Promise<void>
}

export interface BenchClient {
  readonly connect: (url: string) => Promise<Session>
}

export const clientNames = ["floor", "gradio", "effect"] as const
export type ClientName = (typeof clientNames)[number]

export const isClientName = (name: string): name is ClientName => clientNames.some((known) => known === name)

interface ClientEntry {
  readonly title: string
  /** What a program imports, as the client's own documentation shows it. */
  readonly imports: ReadonlyArray<string>
  readonly load: () => Promise<{ readonly client: BenchClient }>
}

export const clients: { readonly [Name in ClientName]: ClientEntry } = {
  floor: { title: "floor (undici, by hand)", imports: ["undici"], load: () => import("./floor.ts") },
  gradio: { title: "@gradio/client", imports: ["@gradio/client"], load: () => import("./gradioClient.ts") },
  effect: {
    title: "effect-gradio",
    imports: ["effect", "@effect/platform-node", "effect-gradio"],
    load: () => import("./effectGradio.ts")
  }
}
