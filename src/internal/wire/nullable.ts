/** Servers leave a field out or send null for the same thing. */
import * as Schema from "effect/Schema"

/** A field that may be absent or null. */
export const nullable = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
