/** Files up, with progress, and down, to memory or to a directory. */
import { NodeHttpClient, NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Layer, Stream } from "effect"
import { GradioClient, GradioFile } from "effect-gradio"

const program = Effect.gen(function* () {
  const app = yield* GradioClient.connect(process.env["GRADIO_URL"] ?? "http://127.0.0.1:7860")
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(`${directory}/speech.txt`, "spoken words")

  // #region upload
  const speech = yield* GradioFile.fromPath(`${directory}/speech.txt`)
  yield* app
    .events("/file_io", { value: speech })
    .pipe(
      Stream.runForEach((event) =>
        event._tag === "Uploading" ? Console.log(`${event.file}: ${event.sent} of ${event.size} bytes`) : Effect.void
      )
    )
  // #endregion

  // #region once
  // Sent once, used by several calls.
  const sent = yield* app.upload(speech)
  yield* app.predict("/file_io", [sent])
  yield* app.predict("/file_io", [sent])
  // #endregion

  // #region download
  const output = yield* app.predict("/make_files", { n: 2 })
  const [first] = GradioFile.all(output) // every file in an output, at any depth
  if (first !== undefined) yield* Console.log(first.name, (yield* first.bytes).length)
  const paths = yield* GradioFile.saveAll(output, `${directory}/downloads`)
  // #endregion
  yield* Console.log(paths.map((path) => path.slice(directory.length)))

  // #region chain
  // An output goes back in as it is, without a download.
  const [made] = yield* app.predict("/file_io", [sent])
  yield* app.predict("/file_io", [made])
  // #endregion
})

// #region services
const Live = Layer.mergeAll(NodeHttpClient.layerUndici, NodeServices.layer)

NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(Live)))
// #endregion
