/** The suite in a page of a browser: `start(url, only)`; each report goes to `report`, which the test has put into the page. */
import { Effect, FileSystem, Layer, Path } from "effect"
import { FetchHttpClient } from "effect/http"

import { connectRefused } from "./forBrowsers.ts"
import { type Report, runSuite } from "./suite.ts"

declare global {
  var report: (report: Report) => void
}

export const start = (url: string, only: string): Promise<void> =>
  Effect.runPromise(
    runSuite({ url, only, isBrowser: true, tell: (report) => globalThis.report(report) }).pipe(
      Effect.provide(Layer.merge(FileSystem.layerNoop({}), Path.layer))
    )
  )

export const refused = (url: string): Promise<{ readonly _tag: string; readonly message: string }> =>
  Effect.runPromise(connectRefused(url).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer)))
