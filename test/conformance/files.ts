/** Files to an app and from it. */
import { createHash } from "node:crypto"

import { Effect, FileSystem, Path, type Scope, Stream } from "effect"
import { HttpClient } from "effect/http"

import { GradioFile } from "../../src/index.ts"
import { before, type Case, type Group, type World } from "./Case.ts"
import { circumstances, failureOf, plain, plainFile, same } from "./look.ts"

const utf8 = new TextEncoder()
const content = "hello wörld"
const bytes = utf8.encode(content)
const sha = (data: Uint8Array) => createHash("sha256").update(data).digest("hex")
/** What `/file_info` says of the content under a name that the server keeps. */
const info = (name: string, data = bytes) => `${name}:${data.length}:${sha(data)}`

const sends = (
  title: string,
  name: string,
  make: (world: World) => Effect.Effect<unknown, unknown, FileSystem.FileSystem | Path.Path | Scope.Scope>
): Case => ({
  title,
  endpoints: ["/file_info", "/file_io"],
  run: (world) =>
    Effect.gen(function* () {
      const file = yield* make(world)
      same(yield* world.app.predict("/file_info", [file]), [info(name)])
      const [back] = yield* world.app.predict("/file_io", [file])
      if (!GradioFile.isGradioFile(back)) return yield* Effect.die("an output file is a GradioFile")
      same([back.name, back.size], [name, bytes.length])
      same(yield* back.bytes, bytes)
    })
})

const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** Names as they leave, and how they come back; `seen` is what the server's own file is called, where it matters. */
const oddNames: ReadonlyArray<readonly [what: string, name: string]> = [
  ["spaces and signs", "a b #1%?&=+.txt"],
  ["Unicode", "ü漢字🎈.txt"],
  ["no extension", "Makefile"],
  ["two extensions", "archive.tar.gz"],
  ["a leading dot", ".hidden.txt"],
  ["a path upwards", "../../up.txt"],
  ["two dots together", "up..down.txt"],
  ["a path of Windows", "C:\\dir\\file.txt"],
  ["a reserved name of Windows", "CON.txt"],
  ["a trailing dot", "dot."],
  ["quotes and line ends", 'a"b\r\nc.txt'],
  ["300 bytes", `${"n".repeat(296)}.txt`],
  ["300 bytes of two-byte letters", `${"ü".repeat(148)}.txt`],
  ["nothing at all", ""],
  ["a null character", "a\u0000b.txt"]
]

const downloaded = Effect.fnUntraced(function* (app: World["app"], name: string, text = "content") {
  const [file] = yield* app.predict("/file_of", [text, name])
  if (!GradioFile.isGradioFile(file)) return yield* Effect.die("an output file is a GradioFile")
  return file
})

export const files: Group = {
  concept: "files",
  cases: [
    sends("bytes with a name", "bytes.txt", () => Effect.succeed(GradioFile.fromBytes(bytes, { name: "bytes.txt" }))),
    sends("a file of the disk", "disk.txt", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = (yield* Path.Path).join(yield* temporary, "disk.txt")
        yield* fs.writeFile(path, bytes)
        return yield* GradioFile.fromPath(path)
      })
    ),
    sends("a stream of unknown size", "stream.txt", () =>
      Effect.succeed(
        GradioFile.fromStream(Stream.fromIterable([bytes.subarray(0, 3), bytes.subarray(3)]), { name: "stream.txt" })
      )
    ),
    sends("a stream of known size", "stream.txt", () =>
      Effect.succeed(GradioFile.fromStream(Stream.succeed(bytes), { name: "stream.txt", size: bytes.length }))
    ),
    sends("a Blob with a name beside it", "named.txt", () =>
      Effect.succeed(GradioFile.fromBlob(new Blob([bytes]), { name: "named.txt" }))
    ),
    sends("a bare File", "bare.txt", () => Effect.succeed(new File([bytes], "bare.txt", { type: "text/plain" }))),
    sends("a bare Blob", "blob", () => Effect.succeed(new Blob([bytes]))),
    sends("a bare Uint8Array", "blob", () => Effect.succeed(bytes)),
    sends("a file that was uploaded before", "early.txt", ({ app }) =>
      app.upload(GradioFile.fromBytes(bytes, { name: "early.txt" }))
    ),
    sends("a hand-written reference with a path of the server", "hand.txt", ({ app }) =>
      Effect.gen(function* () {
        const uploaded = yield* app.upload(GradioFile.fromBytes(bytes, { name: "hand.txt" }))
        const path = decodeURIComponent(uploaded.url?.pathname.split("file=").at(-1) ?? "")
        return { path, orig_name: "hand.txt", meta: { _type: "gradio.FileData" } }
      })
    ),
    sends("an output as an input", "output.txt", ({ app }) =>
      Effect.flatMap(downloaded(app, "output.txt", content), Effect.succeed)
    ),
    sends("a URL of the app's own file route", "again.txt", ({ app }) =>
      Effect.map(downloaded(app, "again.txt", content), (file) => GradioFile.fromUrl(file.url ?? ""))
    ),
    sends("a file of the web that is fetched here", "web.txt", ({ app, url }) =>
      Effect.map(downloaded(app, "web.txt", content), (file) =>
        // Another name of this machine: so the client cannot take it for the app's own route.
        GradioFile.fromUrl(
          String(file.url).replace(
            new URL(url).hostname,
            new URL(url).hostname === "127.0.0.1" ? "localhost" : "elsewhere.test"
          ),
          { via: "client", name: "web.txt" }
        )
      )
    ),
    {
      title: "a file is not fetched again when an output goes back in",
      endpoints: ["/file_of", "/file_info"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          const requests: Array<string> = []
          const app = yield* connect({
            transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          })
          const file = yield* downloaded(app, "output.txt", content)
          yield* app.predict("/file_info", [file])
          same(
            requests.filter((url) => url.includes("file=") || url.includes("/upload")),
            []
          )
        })
    },
    {
      title: "a URL of the app's own file route is neither fetched nor sent again, here or there",
      endpoints: ["/file_of", "/file_info"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          const requests: Array<string> = []
          const app = yield* connect({
            transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          })
          const { url } = yield* downloaded(app, "a b ü漢 #1%.txt", content)
          const file = GradioFile.fromUrl(url ?? "", { name: "other.txt" })
          const [said] = yield* app.predict("/file_info", [file])
          // The server's own name of the file, as far as it keeps one.
          same(String(said).endsWith(`:${bytes.length}:${sha(bytes)}`), true)
          same(
            requests.filter((one) => one.includes("file=") || one.includes("/upload")),
            []
          )
        })
    },
    {
      title: "several files in one list",
      endpoints: ["/files_info", "/files_io"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const list = [
            GradioFile.fromBytes(bytes, { name: "1.txt" }),
            new File(["two"], "2.txt"),
            GradioFile.fromBytes(utf8.encode("three"), { name: "3.bin" })
          ]
          same(yield* app.predict("/files_info", [list]), [
            [info("1.txt"), info("2.txt", utf8.encode("two")), info("3.bin", utf8.encode("three"))]
          ])
          same(plain(yield* app.predict("/files_io", [list])), [
            [
              { file: "1.txt", mimeType: "text/plain", size: bytes.length, isStream: false },
              { file: "2.txt", mimeType: "text/plain", size: 3, isStream: false },
              { file: "3.bin", mimeType: "application/octet-stream", size: 5, isStream: false }
            ]
          ])
        })
    },
    {
      title: "files at any depth of the input",
      endpoints: ["/nested_files"],
      notOffered: before("4.22", "gr.MultimodalTextbox came with 4.22"),
      run: ({ app }) =>
        Effect.gen(function* () {
          const one = GradioFile.fromBytes(utf8.encode("one"), { name: "one.txt" })
          const two = new File(["two"], "two.txt")
          const picture = GradioFile.fromBytes(png, { name: "p.png" })
          same(
            yield* app.predict("/nested_files", [{ text: "t", files: [one, two] }, [{ image: picture, caption: "c" }]]),
            [
              {
                text: "t",
                files: [info("one.txt", utf8.encode("one")), info("two.txt", utf8.encode("two"))],
                gallery: [{ file: info("p.png", png), caption: "c" }]
              }
            ]
          )
        })
    },
    {
      title: "a file that stands twice in the input is sent once",
      endpoints: ["/files_info"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          let uploads = 0
          const app = yield* connect({
            transformClient: HttpClient.tapRequest((request) =>
              Effect.sync(() => {
                if (request.url.includes("/upload")) uploads++
              })
            )
          })
          const one = GradioFile.fromBytes(bytes, { name: "once.txt" })
          same(yield* app.predict("/files_info", [[one, one, one]]), [
            [info("once.txt"), info("once.txt"), info("once.txt")]
          ])
          same(uploads, 1)
        })
    },
    {
      title: "uploads are events of the call",
      endpoints: ["/file_info"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const events = yield* Stream.runCollect(
            app.events("/file_info", [GradioFile.fromBytes(bytes, { name: "seen.txt" })])
          )
          const uploading = events.flatMap((event) => (event._tag === "Uploading" ? [event] : []))
          const last = uploading.at(-1)
          same([last?.file, last?.sent, last?.size], ["seen.txt", bytes.length, bytes.length])
          same(events.find((event) => event._tag !== "Uploading")?._tag, "Queued")
        })
    },
    {
      title: "files at any depth of the output, in order",
      endpoints: ["/nested_files_out"],
      notOffered: before("4.22", "gr.MultimodalTextbox came with 4.22"),
      run: ({ app }) =>
        Effect.gen(function* () {
          const outputs = yield* app.predict("/nested_files_out", ["in"])
          const all = GradioFile.all(outputs)
          same(
            all.map((file) => file.name),
            ["nested 0.txt", "nested 1.txt", "image.webp"]
          )
          const texts = yield* Effect.forEach(all.slice(0, 2), (file) => file.bytes)
          same(
            texts.map((text) => new TextDecoder().decode(text)),
            ["in 0", "in 1"]
          )
        })
    },
    {
      title: "all files of an output are saved to a directory",
      endpoints: ["/make_files"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const directory = yield* temporary
          const outputs = yield* app.predict("/make_files", [3])
          const paths = yield* GradioFile.saveAll(outputs, directory)
          same(
            paths,
            [0, 1, 2].map((i) => `${directory}/file ${i} ä.txt`)
          )
          same(yield* Effect.forEach(paths, (path) => fs.readFileString(path)), ["file 0", "file 1", "file 2"])
          // Saved again, none is overwritten.
          const again = yield* GradioFile.saveAll(outputs, directory)
          same(
            again,
            [0, 1, 2].map((i) => `${directory}/file ${i} ä-1.txt`)
          )
        })
    },
    {
      title: "a file of three mebibytes comes whole, at once and in pieces",
      endpoints: ["/big_file"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const [file] = yield* app.predict("/big_file", [3])
          if (!GradioFile.isGradioFile(file)) return yield* Effect.die("an output file is a GradioFile")
          same([file.name, file.size], ["big3.bin", 3 * 1024 * 1024])
          const all = yield* file.bytes
          const text = (part: Uint8Array) => new TextDecoder().decode(part)
          same([all.length, text(all.subarray(0, 5)), text(all.subarray(-3))], [3 * 1024 * 1024, "BEGIN", "END"])
          const pieces = yield* Stream.runCollect(file.stream)
          same(sha(Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)))), sha(all))
          // A reader may leave early.
          same((yield* file.stream.pipe(Stream.take(1), Stream.runCollect)).length, 1)
        })
    },
    {
      title: "a file of three mebibytes goes whole",
      endpoints: ["/file_info"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const large = new Uint8Array(3 * 1024 * 1024).map((_, i) => (i * 7) % 251)
          const name = "large.bin"
          same(yield* app.predict("/file_info", [GradioFile.fromBytes(large, { name })]), [info(name, large)])
          const pieces = Array.from({ length: 48 }, (_, i) => large.subarray(i * 65536, (i + 1) * 65536))
          const stream = GradioFile.fromStream(Stream.fromIterable(pieces), { name })
          same(yield* app.predict("/file_info", [stream]), [info(name, large)])
        })
    },
    {
      title: "an empty file goes and comes",
      endpoints: ["/file_info", "/file_of"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const none = new Uint8Array()
          same(yield* app.predict("/file_info", [GradioFile.fromBytes(none, { name: "empty.txt" })]), [
            info("empty.txt", none)
          ])
          same(yield* (yield* downloaded(app, "empty.txt", "")).bytes, none)
        })
    },
    {
      title: "no file is null",
      endpoints: ["/file_info", "/file_io"],
      run: ({ app }) =>
        Effect.gen(function* () {
          same(yield* app.predict("/file_info", [null]), ["none"])
          same(yield* app.predict("/file_io", [null]), [null])
        })
    },
    {
      title: "a plain text is never taken for a path",
      endpoints: ["/echo"],
      run: ({ app }) => Effect.map(app.predict("/echo", ["/etc/hostname"]), (answer) => same(answer, ["/etc/hostname"]))
    },
    {
      title: "references come raw on request",
      endpoints: ["/file_of"],
      run: ({ app, since }) =>
        Effect.gen(function* () {
          const [raw] = yield* app.predict("/file_of", ["content", "raw.txt"], { raw: true })
          const { is_stream: isStream, meta, orig_name: name, path, size } = Object(raw)
          same(
            { isStream, meta, name, size },
            {
              isStream: since("4.19") || !since("4.0") ? false : undefined,
              meta: { _type: "gradio.FileData" },
              name: "raw.txt",
              size: 7
            }
          )
          same(typeof path === "string" && path.endsWith("/raw.txt"), true)
          // What came raw goes back in as it is.
          same(yield* app.predict("/file_info", [raw]), [info("raw.txt", utf8.encode("content"))])
        })
    },
    {
      title: "what looks like a file inside JSON is data",
      endpoints: ["/json_files"],
      run: ({ app, since }) =>
        Effect.map(app.predict("/json_files", ["in"]), (outputs) => {
          same(GradioFile.all(outputs), [])
          const [first] = Object(outputs[0]).deep
          const { path, url, ...rest } = first
          const meta = { _type: "gradio.FileData" }
          const orig_name = "inside.txt"
          same(typeof path, "string")
          // Before 4.31.3 the server itself takes what has a path for a file, in JSON too.
          if (!since("4.0") || since("4.32")) return same({ url, ...rest }, { url: undefined, orig_name, meta })
          same(typeof url === "string" && url.endsWith(`/file=${path}`), since("4.19"))
          same(rest, {
            orig_name,
            size: null,
            mime_type: null,
            ...(since("4.18") ? { is_stream: false } : {}),
            ...(since("4.21") ? { meta } : {})
          })
        })
    },
    {
      title: "files of odd names are sent, and keep their names",
      endpoints: ["/file_info", "/file_io"],
      run: ({ app }) =>
        Effect.forEach(
          oddNames,
          ([what, name]) =>
            Effect.gen(function* () {
              const [said] = yield* app.predict("/file_info", [GradioFile.fromBytes(bytes, { name })])
              // The server's own file has a name that it can have; the content is that of the file.
              same([what, String(said).endsWith(`:${bytes.length}:${sha(bytes)}`)], [what, true])
            }).pipe(Effect.mapError((cause) => new Error(`a name with ${what}`, { cause }))),
          { concurrency: 2, discard: true }
        )
    },
    {
      title: "files of odd names come, and are saved inside the directory",
      endpoints: ["/file_of"],
      run: ({ app }) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          for (const name of [
            "a b ü漢 #1%.txt",
            "question?.txt",
            "percent%20.txt",
            "semi;colon.txt",
            "quote's.txt",
            "50% & more.txt"
          ]) {
            const file = yield* downloaded(app, name, name)
            same(file.name, name)
            same(new TextDecoder().decode(yield* file.bytes), name)
            const directory = yield* temporary
            const path = yield* GradioFile.save(file, directory)
            same(path.startsWith(`${directory}/`) && !path.slice(directory.length + 1).includes("/"), true)
            same(yield* fs.readFileString(path), name)
          }
        })
    },
    {
      title: "a file of another machine's path is refused by the app",
      endpoints: ["/file_info"],
      notOffered: before("4.19", "it takes any file of its machine"),
      run: ({ app }) =>
        Effect.map(
          failureOf(
            app.predict("/file_info", [
              { path: "/etc/passwd", orig_name: "passwd", meta: { _type: "gradio.FileData" } }
            ])
          ),
          ({ _tag, hidden }) => same({ _tag, hidden }, { _tag: "AppError", hidden: true })
        )
    },
    {
      title: "a stream that fails fails the call, which is not sent",
      endpoints: ["/file_info"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          const requests: Array<string> = []
          const app = yield* connect({
            transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          })
          const file = GradioFile.fromStream(
            Stream.concat(Stream.succeed(bytes), Stream.fail(new Error("disk full"))),
            {
              name: "broken.txt"
            }
          )
          const error = yield* failureOf(app.predict("/file_info", [file]))
          same(
            [error["_tag"], error["file"], error["reason"], error["reached"]],
            ["GradioFileError", "broken.txt", "unreadable", "nothing-sent"]
          )
          same(
            requests.filter((url) => url.includes("/queue/join")),
            []
          )
          same(yield* app.predict("/file_info", [bytes]), [info("blob")])
        })
    },
    {
      title: "a file above the app's limit is refused before it is sent",
      endpoints: ["/file_info"],
      notOffered: before("4.28", "max_file_size came with 4.28"),
      onStrictServer: true,
      run: ({ connect }) =>
        Effect.gen(function* () {
          const requests: Array<string> = []
          const app = yield* connect({
            transformClient: HttpClient.tapRequest((request) => Effect.sync(() => void requests.push(request.url)))
          })
          same(app.config.max_file_size, 1000)
          requests.length = 0
          const large = GradioFile.fromBytes(new Uint8Array(1001), { name: "large.bin" })
          same(yield* failureOf(app.predict("/file_info", [large])), {
            _tag: "GradioFileError",
            ...circumstances("/file_info", "nothing-sent"),
            where: { url: "<app>", endpoint: "/file_info", sessionHash: "<hash>" },
            file: "large.bin",
            reason: "too-large",
            problem: "is larger than the 1000 bytes that the app accepts",
            message:
              'File "large.bin" is larger than the 1000 bytes that the app accepts (/file_info of the app at <app>).'
          })
          // The heartbeat of the session is of no call.
          same(
            requests.filter((url) => !url.includes("/heartbeat/")),
            []
          )
          const small = GradioFile.fromBytes(new Uint8Array(1000), { name: "small.bin" })
          same(yield* app.predict("/file_info", [small]), [info("small.bin", new Uint8Array(1000))])
          // Of a stream the size is known when it has been read.
          const stream = GradioFile.fromStream(Stream.succeed(new Uint8Array(1001)), { name: "stream.bin" })
          const error = yield* failureOf(app.predict("/file_info", [stream]))
          same([error["_tag"], error["reason"]], ["GradioFileError", "too-large"])
        })
    },
    {
      title: "files of an app below a path come from below that path",
      endpoints: ["/file_of"],
      onStrictServer: true,
      run: ({ app, url }) =>
        Effect.gen(function* () {
          const file = yield* downloaded(app, "below.txt")
          same(String(file.url).startsWith(`${url}/`), true)
          same(new TextDecoder().decode(yield* file.bytes), "content")
          same(plainFile(file), { file: "below.txt", mimeType: "text/plain", size: 7, isStream: false })
        })
    }
  ]
}

export const png = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (c) => c.charCodeAt(0)
)
