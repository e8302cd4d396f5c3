/** What concerns an app as a whole: functions of its components, functions that calls make, and reading it anew. */
import { Effect, Stream } from "effect"

import { type AppConfig, GradioClient, GradioError, GradioFile, Job } from "../../src/index.ts"
import { before, type Case, type Group, type World } from "./Case.ts"
import { failureOf, same } from "./look.ts"

const componentNear = (config: AppConfig.AppConfig, endpoint: string): number => {
  const dependency = config.dependencies.find((one) => one.api_name === endpoint)
  return dependency?.inputs?.[0] ?? -1
}

const png = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (char) => char.charCodeAt(0)
)

/** The functions that a run of the render block makes. */
const render = ({ app }: World, words: string) =>
  Effect.gen(function* () {
    const block = app.config.dependencies.find((one) => one.api_name === "apply" || one["api_name"] === "rendered")
    const events = yield* Stream.runCollect(app.events(block?.id ?? -1, [words]))
    return events.flatMap((event) => (event._tag === "Rendered" ? event.endpoints : []))
  })

const noRender = before("4.31", "render blocks came with 4.31")

const isSelection: Case["run"] = ({ app }) =>
  Effect.gen(function* () {
    const selection = { index: [1, 2], value: "chosen", selected: false }
    // The name of 4.0 to 4.12 for it.
    const eventData = { ...selection, _selected: false }
    same(yield* app.predict("/selected", [], { eventData }), [selection])
    const target = app.config.components.find(({ type }) => type === "textbox")
    same(
      yield* app.predict("/selected", [], { eventData, ...(target === undefined ? {} : { triggerId: target.id }) }),
      [selection]
    )
  })

export const wholeApp: Group = {
  concept: "the app as a whole",
  cases: [
    {
      title: "a function of a component is called with JSON",
      endpoints: ["/file_explorer_io"],
      run: ({ app, since }) =>
        Effect.gen(function* () {
          const explorer = componentNear(app.config, "file_explorer_io")
          const listing = yield* GradioClient.componentServer(app, explorer, "ls", [])
          if (!since("4.19")) {
            const leaf = (path: string) => ({ path, type: "file", children: null })
            const paths = Array.isArray(listing) ? listing.map((one): unknown => Object(one).path) : []
            return same(
              listing,
              paths.toSorted().join() === "one.txt,two.txt" ? paths.map((path) => leaf(String(path))) : []
            )
          }
          same(listing, [
            { name: "one.txt", type: "file", valid: true },
            { name: "two.txt", type: "file", valid: true }
          ])
          same(yield* GradioClient.componentServer(app, explorer, "ls", ["no folder"]), [])
        })
    },
    {
      title: "a function of a component is called with a form of files",
      endpoints: ["/image_editor_io"],
      notOffered: {
        ...before("4.27", "functions of components take files from 4.27 on"),
        "stand-in": "it has no editor of images"
      },
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          const editor = componentNear(app.config, "image_editor_io")
          const file = GradioFile.fromBytes(png, { name: "background.png", mimeType: "image/png" })
          const fields = { file, type: "background", index: null, id: tag }
          same(yield* GradioClient.componentServer(app, editor, "accept_blobs", fields), null)
          const [edited] = yield* app.predict("/image_editor_io", [
            { background: null, layers: [], composite: null, id: tag }
          ])
          same(GradioFile.all(edited).length > 0, true)
        })
    },
    {
      title: "a function that a component does not have is refused by the app",
      endpoints: ["/file_explorer_io"],
      notOffered: before("4.13", "it runs any method of a component"),
      run: ({ app }) =>
        Effect.gen(function* () {
          const explorer = componentNear(app.config, "file_explorer_io")
          const error = yield* failureOf(GradioClient.componentServer(app, explorer, "postprocess", []))
          same([Reflect.get(error, "_tag"), Reflect.get(error, "status")], ["AppResponseError", 404])
        })
    },
    {
      title: "data of a component's function that cannot be sent is refused before it is",
      endpoints: ["/file_explorer_io"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(GradioClient.componentServer(app, 1, "ls", { deep: [png] }))
          same(GradioError.isGradioError(error) && error._tag, "EndpointInputError")
        })
    },
    {
      title: "what a block renders anew replaces what it made before",
      endpoints: ["/apply"],
      notOffered: noRender,
      run: (world) =>
        Effect.gen(function* () {
          const { app, tag } = world
          const [first = -1] = yield* render(world, `${tag}a`)
          same(yield* app.predict(first, ["hi"]), [`${tag}a: hi`])
          const [second = -1, third = -1] = yield* render(world, `${tag}b ${tag}c`)
          same(yield* app.predict(second, ["hi"]), [`${tag}b: hi`])
          same(yield* app.predict(third, ["hi"]), [`${tag}c: hi`])
          const error = yield* Effect.flip(app.predict(first, ["hi"]))
          same(error._tag, "EndpointNotFoundError")
        })
    },
    {
      title: "event data of a selection reaches its function, with and without the component that triggered it",
      endpoints: ["/selected"],
      run: isSelection
    },
    {
      title: "functions without components are called like others",
      endpoints: ["/typed", "/typed_steps"],
      notOffered: before("5.0", "gr.api came with 5"),
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/typed", { first: "a" }), [{ first: "a", second: 2, third: null }])
          same(yield* app.predict("/typed", { first: "a", third: ["b"] }), [{ first: "a", second: 2, third: ["b"] }])
          same(yield* Stream.runCollect(app.stream("/typed_steps", [3])), [["step 0"], ["step 1"], ["step 2"]])
        })
    },
    {
      title: "an app is the same until it starts again",
      endpoints: [],
      run: ({ app }) => Effect.map(GradioClient.isSameApp(app), (isSame) => same(isSame, true))
    },
    {
      title: "reading the app anew keeps the session, its calls and its state",
      endpoints: ["/ticks", "/counter"],
      run: ({ app, tag }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/counter", ["a"]), [0])
          const job = yield* app.submit("/ticks", [4, 0.1, tag])
          yield* Stream.runDrain(Stream.take(Job.outputs(job), 1))
          const fresh = yield* GradioClient.refresh(app)
          same(fresh.config.version, app.config.version)
          same(yield* fresh.predict("/counter", ["a"]), [1])
          same(yield* job.result, [`${tag} 3`])
          same(yield* app.predict("/counter", ["a"]), [2])
        })
    },
    {
      title: "reading the app anew keeps what calls rendered",
      endpoints: ["/apply"],
      notOffered: noRender,
      run: (world) =>
        Effect.gen(function* () {
          const [made = -1] = yield* render(world, world.tag)
          const fresh = yield* GradioClient.refresh(world.app)
          same(yield* fresh.predict(made, ["hi"]), [`${world.tag}: hi`])
        })
    }
  ]
}
