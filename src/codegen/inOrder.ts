/** JSON values with the keys of each object in order, so that the same value is written in the same way. */
import { fromEntries, isRecord } from "../internal/record.ts"

export const inOrder = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(inOrder)
    : isRecord(value)
      ? fromEntries(
          Object.keys(value)
            .sort()
            .map((key) => [key, inOrder(value[key])] as const)
        )
      : value
