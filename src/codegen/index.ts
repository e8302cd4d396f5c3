/** From an app to a TypeScript module that calls it with types, and from such a module to what has changed in the app since. */
export * as AppDescription from "./AppDescription.ts"
