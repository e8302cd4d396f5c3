/** Nothing is sent to a host that is not on a list, whatever apps, files and redirects name. */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { GradioClient, GradioFile } from "effect-gradio"
import { HttpClient, HttpClientError } from "effect/http"

const onlyTo = (hosts: ReadonlyArray<string>) => (client: HttpClient.HttpClient) =>
  HttpClient.transform(client, (send, request) => {
    const { host } = new URL(request.url)
    if (hosts.includes(host)) return send
    const cause = new Error(`${host} is not on the list of hosts`)
    return Effect.fail(
      new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
    )
  })

const program = Effect.gen(function* () {
  const url = yield* Config.String("GRADIO_URL")
  const app = yield* GradioClient.connect(url, { transformClient: onlyTo([new URL(url).host]) })
  yield* Console.log(yield* app.predict("/add", [4, "add", 5]))

  const elsewhere = GradioFile.fromUrl("https://files.example/speech.wav", { via: "client" })
  yield* app
    .predict("/file_io", [elsewhere])
    .pipe(Effect.catchTag("AppUnreachableError", (error) => Console.log(error.message)))
}).pipe(Effect.scoped)

NodeRuntime.runMain(Effect.provide(program, NodeHttpClient.layerUndici))
