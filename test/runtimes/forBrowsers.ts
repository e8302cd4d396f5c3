/** What is different in a browser: the cases that it cannot run, each with the reason, and those that only it has. */
import { Effect, Stream } from "effect"
import { HttpClient } from "effect/http"

import { GradioClient, GradioFile } from "../../src/index.ts"
import type { Group } from "../conformance/Case.ts"
import { same } from "../conformance/look.ts"

const noDisk = "a page has no disk"

export const forBrowsers: Group & { readonly cannot: Readonly<Record<string, string>> } = {
  concept: "browsers",
  cannot: {
    "a file of the disk": noDisk,
    "all files of an output are saved to a directory": noDisk,
    "files of odd names come, and are saved inside the directory": noDisk,
    "cookies to begin with reach the function, those of a Cookie header too":
      "a browser keeps the cookies; no page sets those of another origin",
    "many sessions at once keep their states apart":
      "a browser opens six connections to an app over HTTP/1.1, and each session holds one or two"
  },
  cases: [
    {
      title: "no request of a page sets a cookie",
      endpoints: ["/count", "/file_io"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          const seen: Array<readonly [path: string, cookie: string | undefined]> = []
          const app = yield* connect({
            transformClient: HttpClient.tapRequest(({ headers, url }) =>
              Effect.sync(() => void seen.push([new URL(url).pathname, headers["cookie"]]))
            )
          })
          yield* Stream.runDrain(app.stream("/count", [3]))
          const [back] = yield* app.predict("/file_io", [new File(["content"], "picked.txt")])
          if (!GradioFile.isGradioFile(back)) return yield* Effect.die("an output file is a GradioFile")
          same(new TextDecoder().decode(yield* back.bytes), "content")
          same(
            seen.filter(([, cookie]) => cookie !== undefined),
            []
          )
          const asked = (route: string) => seen.some(([path]) => path.includes(route))
          same(["/config", "/info", "/queue/join", "/queue/data", "/upload", "/file="].filter(asked).length, 6)
        })
    }
  ]
}

/** What a page hears of an app that does not allow its origin. */
export const connectRefused = (url: string) =>
  Effect.map(Effect.flip(GradioClient.connect(url, { retry: "none" })), ({ _tag, message }) => ({ _tag, message }))
