/** Functions that the runs of render blocks have made (`gr.render`): those of the last run of each block, in its session alone. */
import type * as Context from "effect/Context"

import type { AppFunction } from "./AppFunction.ts"
import type * as Component from "./Component.ts"
import * as Description from "./Description.ts"
import type { Endpoint } from "./Endpoint.ts"
import type { Fields } from "./fields.ts"

/** All that was rendered. */
export interface Rendered {
  /** The function with this number in a session. */
  readonly find: (sessionHash: string | null, fnIndex: number) => AppFunction | undefined
  /** Puts functions in the place of those that the block made before in the session; gives what its client is told of them. */
  readonly replace: <R>(
    sessionHash: string,
    block: AppFunction,
    endpoints: ReadonlyArray<Endpoint<R>>,
    services: Context.Context<R>
  ) => Fields
}

/** What blocks have made in one session. */
interface Made {
  /** Functions are numbered anew in each session, and never twice in one. */
  nextFunction: number
  readonly byBlock: Map<AppFunction, ReadonlyArray<AppFunction>>
}

/** Nothing is rendered yet. */
export const make = (
  app: Description.Description,
  makeFunction: <R>(id: number, endpoint: Endpoint<R>, services: Context.Context<R>) => AppFunction
): Rendered => {
  const bySession = new Map<string, Made>()
  let nextComponent = app.components.size + app.functions.length + 1

  const madeIn = (sessionHash: string): Made => {
    const known = bySession.get(sessionHash)
    if (known !== undefined) return known
    const made: Made = { nextFunction: app.functions.length, byBlock: new Map() }
    bySession.set(sessionHash, made)
    return made
  }

  return {
    find: (sessionHash, fnIndex) => {
      for (const functions of bySession.get(sessionHash ?? "")?.byBlock.values() ?? []) {
        const found = functions.find(({ id }) => id === fnIndex)
        if (found !== undefined) return found
      }
      return undefined
    },
    replace: (sessionHash, block, endpoints, services) => {
      const made = madeIn(sessionHash)
      const functions = endpoints.map((endpoint) => {
        const id = made.nextFunction++
        const concurrencyId = endpoint.concurrencyId ?? `fn ${id} of ${sessionHash}`
        return makeFunction(id, { ...endpoint, concurrencyId }, services)
      })
      made.byBlock.set(block, functions)
      const fresh = new Map<Component.Any, number>()
      for (const { inputs, outputs } of endpoints) {
        for (const component of [...inputs, ...outputs]) {
          if (!app.components.has(component) && !fresh.has(component)) fresh.set(component, nextComponent++)
        }
      }
      const triggers = new Map(functions.map((fn) => [fn, nextComponent++]))
      return Description.renderConfig(app, block, { components: fresh, triggers, functions })
    }
  }
}
