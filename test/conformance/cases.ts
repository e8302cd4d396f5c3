/** The whole suite. */
import type { Group } from "./Case.ts"
import { generators } from "./generators.ts"
import { input } from "./input.ts"
import { plainCalls } from "./plainCalls.ts"

export const groups: ReadonlyArray<Group> = [input, plainCalls, generators]
