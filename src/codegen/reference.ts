/** References within a JSON schema: `#/$defs/Point`. */
import { get, isRecord } from "../internal/record.ts"

/** What a reference means in the schema at the root; nothing for one that leads elsewhere. */
export const resolve = (root: unknown, reference: string): unknown =>
  reference
    .split("/")
    .slice(1)
    .reduce<unknown>((inner, step) => (isRecord(inner) ? get(inner, step) : undefined), root)
