import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { inspect } from "node:util"

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Formatter, type Scope, Stream } from "effect"
import { badArgument, systemError } from "effect/PlatformError"

import { GradioFileError } from "../src/GradioError.ts"
import * as GradioFile from "../src/GradioFile.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const directory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "gradio-file-"))),
  (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
)

const failure = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<GradioFileError, A, R> =>
  Effect.map(Effect.flip(effect), (error) => {
    assert(error instanceof GradioFileError, String(error))
    return error
  })

describe("the sources of a file", () => {
  it.effect("bytes keep their name and type, and are given as they are", () =>
    Effect.gen(function* () {
      const given = bytes("hello")
      const file = GradioFile.fromBytes(given, { name: "a.txt" })
      assert.deepStrictEqual([file.name, file.mimeType, file.size, file.url], ["a.txt", "text/plain", 5, undefined])
      assert.strictEqual(yield* file.bytes, given)
      assert.isTrue(GradioFile.isGradioFile(file))
      assert.isFalse(GradioFile.isGradioFile({ name: "a.txt" }))
      assert.strictEqual(GradioFile.fromBytes(given, { name: "a.unheard-of" }).mimeType, undefined)
      assert.strictEqual(GradioFile.fromBytes(given, { name: "a.txt", mimeType: "x/y" }).mimeType, "x/y")
    })
  )

  it.effect("a File keeps its name, a Blob without one is called blob", () =>
    Effect.gen(function* () {
      const file = GradioFile.fromBlob(new File(["grüße"], "ü.txt", { type: "text/x" }))
      assert.deepStrictEqual([file.name, file.mimeType, file.size], ["ü.txt", "text/x", 7])
      assert.deepStrictEqual(yield* file.bytes, bytes("grüße"))
      const blob = GradioFile.fromBlob(new Blob(["x"]))
      assert.deepStrictEqual([blob.name, blob.mimeType, blob.size], ["blob", undefined, 1])
      assert.strictEqual(GradioFile.fromBlob(new File(["x"], "a"), { name: "b" }).name, "b")
    })
  )

  it.effect("a stream is read again each time, and its failure is a GradioFileError", () =>
    Effect.gen(function* () {
      let runs = 0
      const stream = Stream.suspend(() => {
        runs++
        return Stream.make(bytes("ab"), bytes("c"))
      })
      const file = GradioFile.fromStream(stream, { name: "s.bin", size: 3 })
      assert.deepStrictEqual(yield* file.bytes, bytes("abc"))
      assert.deepStrictEqual(yield* file.bytes, bytes("abc"))
      assert.strictEqual(runs, 2)
      const error = yield* failure(GradioFile.fromStream(Stream.fail("broken"), { name: "s.bin" }).bytes)
      assert.deepStrictEqual([error.file, error.reason, error.cause], ["s.bin", "unreadable", "broken"])
    })
  )

  it.effect("a path is looked at now, and read when it is needed", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      const at = path.join(folder, "größe.wav")
      fs.writeFileSync(at, "one")
      const file = yield* GradioFile.fromPath(at)
      assert.deepStrictEqual([file.name, file.mimeType, file.size], ["größe.wav", "audio/wav", 3])
      fs.writeFileSync(at, "two!")
      assert.deepStrictEqual(yield* file.bytes, bytes("two!"))
      const other = yield* GradioFile.fromPath(at, { name: "n.png", mimeType: "x/y" })
      assert.deepStrictEqual([other.name, other.mimeType], ["n.png", "x/y"])
      const missing = yield* failure(GradioFile.fromPath(path.join(folder, "missing")))
      assert.strictEqual(missing.reason, "not-found")
      const isDirectory = yield* failure(GradioFile.fromPath(folder))
      assert.strictEqual(isDirectory.reason, "unreadable")
      fs.rmSync(at)
      assert.strictEqual((yield* failure(file.bytes)).reason, "not-found")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("a path that may not be read says so in words", () =>
    Effect.gen(function* () {
      const refused = systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "open" })
      const file = yield* GradioFile.fromPath("secret.txt").pipe(
        Effect.provideService(
          FileSystem.FileSystem,
          FileSystem.makeNoop({
            stat: () =>
              Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(import.meta.filename)).pipe(
                Effect.provide(NodeServices.layer)
              ),
            stream: () => Stream.fail(refused)
          })
        )
      )
      assert.strictEqual(
        (yield* failure(file.bytes)).message,
        'File "secret.txt" cannot be read: that is not permitted.'
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("a URL gives its name, is not read by itself, and does not show what is secret in it", () =>
    Effect.gen(function* () {
      const file = GradioFile.fromUrl("https://user:s3cret@files.test/a/gr%C3%BC%C3%9Fe.png?signature=s3cret#s3cret")
      assert.deepStrictEqual([file.name, file.mimeType], ["grüße.png", "image/png"])
      const error = yield* failure(file.bytes)
      assert.strictEqual(error.reason, "not-allowed")
      assert.notInclude(error.message + JSON.stringify(error), "s3cret")
      assert.strictEqual(GradioFile.fromUrl("https://files.test/").name, "file")
      assert.strictEqual(GradioFile.fromUrl("https://files.test/%E0%A4%A").name, "%E0%A4%A")
      const odd = yield* failure(GradioFile.fromUrl("no address, with ?token=s3cret").bytes)
      assert.notInclude(odd.message + JSON.stringify(odd), "s3cret")
    })
  )
})

describe("a file", () => {
  const given = bytes("s3cret")
  const file = GradioFile.fromBytes(given, { name: "a.txt" })
  const web = GradioFile.fromUrl("https://user:s3cret@files.test/a/b.png?signature=s3cret#s3cret")

  it("cannot be forged in JSON", () => {
    const forged: unknown = JSON.parse(
      `{"~effect-gradio/GradioFile":"~effect-gradio/GradioFile","name":"x","Symbol(effect-gradio/GradioFile/Source)":{"_tag":"Local"}}`
    )
    assert.isFalse(GradioFile.isGradioFile(forged))
    assert.deepStrictEqual(GradioFile.all([forged, { forged }, file]), [file])
    assert.isFalse(GradioFile.isGradioFile(JSON.parse(JSON.stringify(file))))
  })

  it.effect("may be copied with another name", () =>
    Effect.gen(function* () {
      const copy = { ...file, name: "b.txt" }
      assert.isTrue(GradioFile.isGradioFile(copy))
      assert.deepStrictEqual(GradioFile.all([copy]), [copy])
      assert.strictEqual(yield* copy.bytes, given)
    })
  )

  it("is shown by what it is, without its bytes and secrets", () => {
    assert.deepStrictEqual(JSON.parse(JSON.stringify(file)), {
      _id: "GradioFile",
      name: "a.txt",
      mimeType: "text/plain",
      size: 6
    })
    for (const show of [
      (u: unknown) => inspect(u, { depth: 10 }),
      (u: unknown) => JSON.stringify(u),
      Formatter.format,
      String
    ]) {
      assert.include(show(file), "a.txt")
      assert.notInclude(show(file), String(given))
      assert.isBelow(show(file).length, 150)
      assert.include(show(web), "https://files.test/a/b.png")
      assert.notInclude(show(web), "s3cret")
    }
  })
})

describe("bytes", () => {
  it.effect("of more than 256 MiB are refused without holding them", () =>
    Effect.gen(function* () {
      const mebibyte = new Uint8Array(1024 * 1024)
      let given = 0
      const endless = Stream.fromEffectRepeat(
        Effect.sync(() => {
          given++
          return mebibyte
        })
      )
      const error = yield* failure(GradioFile.fromStream(endless, { name: "huge" }).bytes)
      assert.strictEqual(error.reason, "too-large")
      assert.isBelow(given, 300)
    })
  )
})

describe("save", () => {
  const file = (name: string, text = "content") => GradioFile.fromBytes(bytes(text), { name })
  const list = (folder: string) => fs.readdirSync(folder).sort()

  it.effect("makes the directory and writes the file whole, under a safe name", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* directory, "new", "deeper")
      const saved = yield* GradioFile.save(file("../../evil/ü.txt"), folder)
      assert.strictEqual(path.dirname(saved), folder)
      assert.strictEqual(fs.readFileSync(saved, "utf8"), "content")
      assert.strictEqual(list(folder).length, 1)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("puts a number into the name of a second file, also where the name is as long as it may be", () =>
    Effect.gen(function* () {
      for (const name of ["a.txt", ".hidden", "none", `${"x".repeat(251)}.txt`, "ü".repeat(127)]) {
        const folder = yield* directory
        const paths: Array<string> = []
        for (const n of ["0", "1", "2"]) paths.push(yield* GradioFile.save(file(name, n), folder))
        assert.strictEqual(new Set(paths).size, 3)
        assert.deepStrictEqual(
          paths.map((one) => fs.readFileSync(one, "utf8")),
          ["0", "1", "2"]
        )
        for (const one of paths) assert.isAtMost(Buffer.byteLength(path.basename(one)), 255)
        assert.strictEqual(path.extname(paths[2] ?? ""), path.extname(name))
      }
      const folder = yield* directory
      assert.deepStrictEqual(
        [yield* GradioFile.save(file("a.txt"), folder), yield* GradioFile.save(file("a.txt"), folder)].map((one) =>
          path.basename(one)
        ),
        ["a.txt", "a-1.txt"]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("gives writers at the same time a name each", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      const texts = Array.from({ length: 20 }, (_, n) => `${n}`)
      const paths = yield* Effect.forEach(texts, (text) => GradioFile.save(file("a.txt", text), folder), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        paths.map((one) => fs.readFileSync(one, "utf8")),
        texts
      )
      assert.strictEqual(list(folder).length, 20)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("overwrites when it is told to, with another name when it is given one", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      yield* GradioFile.save(file("a.txt", "old"), folder)
      const saved = yield* GradioFile.save(file("b.txt", "new"), folder, { name: "a.txt", overwrite: true })
      assert.strictEqual(fs.readFileSync(saved, "utf8"), "new")
      assert.deepStrictEqual(list(folder), ["a.txt"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leaves nothing where the stream fails, and an old file as it was", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      yield* GradioFile.save(file("a.txt", "old"), folder)
      const broken = GradioFile.fromStream(Stream.concat(Stream.make(bytes("half")), Stream.fail("cut")), {
        name: "a.txt"
      })
      for (const overwrite of [true, false]) {
        assert.strictEqual((yield* failure(GradioFile.save(broken, folder, { overwrite }))).reason, "unreadable")
      }
      assert.deepStrictEqual(list(folder), ["a.txt"])
      assert.strictEqual(fs.readFileSync(path.join(folder, "a.txt"), "utf8"), "old")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leaves no part of a file when it is interrupted while the bytes come", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      const begun = yield* Deferred.make<void>()
      const slow = GradioFile.fromStream(
        Stream.concat(
          Stream.make(bytes("half")),
          Stream.unwrap(Effect.as(Deferred.succeed(begun, undefined), Stream.never))
        ),
        { name: "a.txt" }
      )
      const saving = yield* Effect.forkChild(GradioFile.save(slow, folder))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(saving)
      assert.deepStrictEqual(list(folder), [])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leaves no empty file when the last step fails or is interrupted", () =>
    Effect.gen(function* () {
      const real = yield* FileSystem.FileSystem
      const problem = badArgument({ module: "FileSystem", method: "rename", description: "no" })
      for (const rename of [Effect.fail(problem), Effect.never]) {
        const folder = yield* directory
        const reached = yield* Deferred.make<void>()
        const saving = yield* GradioFile.save(file("a.txt"), folder).pipe(
          Effect.provideService(FileSystem.FileSystem, {
            ...real,
            rename: () => Effect.andThen(Deferred.succeed(reached, undefined), rename)
          }),
          Effect.exit,
          Effect.forkChild
        )
        yield* Deferred.await(reached)
        if (rename === Effect.never) yield* Fiber.interrupt(saving)
        else assert.isTrue(Exit.isFailure(yield* Fiber.join(saving)))
        assert.deepStrictEqual(list(folder), [])
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says so where it cannot write", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      fs.writeFileSync(path.join(folder, "taken"), "")
      const error = yield* failure(GradioFile.save(file("a.txt"), path.join(folder, "taken", "below")))
      assert.deepStrictEqual([error.file, error.reason], ["a.txt", "unwritable"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("saves every file of an output, in order", () =>
    Effect.gen(function* () {
      const folder = yield* directory
      const output = [
        file("a.txt", "1"),
        { deep: [file("b.txt", "2"), "text", { __proto__: null, x: file("a.txt", "3") }] }
      ]
      const paths = yield* GradioFile.saveAll(output, folder)
      assert.deepStrictEqual(
        paths.map((one) => path.basename(one)),
        ["a.txt", "b.txt", "a-1.txt"]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
