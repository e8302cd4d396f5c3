/** From an app to a TypeScript module that calls it with types, and from such a module to what has changed in the app since. */
export * as AppDescription from "./AppDescription.ts"
export { type Change, type Kind, type Verdict, compare, verdictOf } from "./compare.ts"
export * as Contract from "./Contract.ts"
export * as Module from "./Module.ts"
