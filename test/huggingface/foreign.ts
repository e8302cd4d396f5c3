/** What the foreign clients are asked to do, as data that each of them can read: one call, and whose token it carries. */
import type { tokens } from "./app.ts"

export interface ForeignCall {
  /** A function of the client, and its arguments. */
  readonly call: string
  readonly args: ReadonlyArray<unknown>
  /** Named arguments, in the client's own spelling. */
  readonly named?: Readonly<Record<string, unknown>>
  readonly as?: keyof typeof tokens | "nobody" | "stranger"
}

export const call = (
  name: string,
  args: ReadonlyArray<unknown>,
  as: ForeignCall["as"] = "alice",
  named: Readonly<Record<string, unknown>> = {}
): ForeignCall => ({ call: name, args, as, named })

/** As the table shows it. */
export const shown = ({ args, as, call: name, named }: ForeignCall): string =>
  `${as}: ${name}(${[
    ...args.map((arg) => JSON.stringify(arg)),
    ...Object.entries(named ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  ].join(", ")})`
