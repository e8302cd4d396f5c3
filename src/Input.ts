/**
 * The arguments of a call: by position, by parameter name, or both.
 *
 * ```ts
 * app.predict("/calculate", [4, "add", 5])
 * app.predict("/calculate", { num1: 4, operation: "add", num2: 5 })
 * app.predict("/calculate", Input.make([4], { operation: "add", num2: 5 }))
 * ```
 *
 * A value of `undefined` counts as not given, so the parameter's default is used; `null` is a value.
 */

// A symbol, and not a text as elsewhere: the keys of a named input are parameter names, so any text may be one.
const MixedTypeId: unique symbol = Symbol.for("effect-gradio/Input/MixedInput")

/** The first arguments by position, others by name. Made by {@link make}. */
export interface MixedInput {
  readonly [MixedTypeId]: typeof MixedTypeId
  readonly positional: ReadonlyArray<unknown>
  readonly named: NamedInput
}

/**
 * Arguments by parameter name, in any order: any object with the names as its own keys, so that values of interfaces and of `Schema.Class` fit too.
 * What is an object in types only (a file, bytes, a Map, a function) fails the call with `EndpointInputError`.
 */
export type NamedInput = object

/** What the calling functions accept. */
export type Input = ReadonlyArray<unknown> | NamedInput | MixedInput

/** Arguments by position, followed by others by name; what Python writes as `predict(1, operation="add")`. */
export const make = (positional: ReadonlyArray<unknown>, named: NamedInput): MixedInput => ({
  [MixedTypeId]: MixedTypeId,
  positional,
  named
})

/** Was it made by {@link make}? */
export const isMixed = (u: unknown): u is MixedInput => typeof u === "object" && u !== null && MixedTypeId in u
