/** What runs in browsers, Deno, Bun and workers: `fetch` as the transport, and nothing of Node. */
import { Effect } from "effect"
import { GradioClient, GradioFile } from "effect-gradio"
import { FetchHttpClient } from "effect/http"

// #region browser
export const describe = (url: string, picked: File) =>
  Effect.gen(function* () {
    const app = yield* GradioClient.connect(url)
    const output = yield* app.predict("/file_io", [picked]) // a File or Blob is a file as it is
    return GradioFile.all(output).map((file) => file.url?.href)
  }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
// #endregion
