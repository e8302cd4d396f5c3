/**
 * The conformance suite in any JavaScript runtime: over `fetch`, against a real server that runs already. It is told which cases the runtime cannot run;
 * those for the server with narrow limits are left to the conformance table.
 */
import { Cause, Context, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"

import { explanation } from "../conformance/Case.ts"
import { groups } from "../conformance/cases.ts"
import { runColumn } from "../conformance/matrix.ts"
import { forBrowsers } from "./forBrowsers.ts"

/** What became of one case; as JSON it goes from the runtime to the test. */
export interface Report {
  readonly title: string
  readonly outcome: "pass" | "explained" | "FAIL"
  /** Of a failure its cause, of an explanation the reason. */
  readonly text: string
  readonly millis: number
}

export interface Setting {
  readonly url: string
  readonly isBrowser: boolean
  /** Only cases with this text in their concept or title. */
  readonly only: string
  readonly tell: (report: Report) => void
}

const server = "6.31.0"

export const runSuite = ({ isBrowser, only, tell, url }: Setting) =>
  Effect.gen(function* () {
    const http = Context.get(yield* Layer.build(FetchHttpClient.layer), HttpClient.HttpClient)
    const address = { url, http }
    const all = isBrowser ? [...groups, forBrowsers] : groups
    const cases = all.flatMap((group) =>
      group.cases.filter((one) => one.onStrictServer !== true && `${group.concept} ${one.title}`.includes(only))
    )
    const withoutReason = cases.filter((one) => {
      const reason = explanation(one, server) ?? (isBrowser ? forBrowsers.cannot[one.title] : undefined)
      if (reason !== undefined) tell({ title: one.title, outcome: "explained", text: reason, millis: 0 })
      return reason === undefined
    })
    yield* runColumn(
      server,
      { plain: address, strict: address },
      withoutReason,
      (one, outcome) =>
        Effect.sync(() =>
          tell(
            outcome._tag === "Fail"
              ? { title: one.title, outcome: "FAIL", text: Cause.pretty(outcome.cause), millis: 0 }
              : { title: one.title, outcome: "pass", text: "", millis: outcome._tag === "Pass" ? outcome.millis : 0 }
          )
        ),
      isBrowser ? 1 : undefined
    )
  }).pipe(Effect.scoped)
