import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer, Logger, Option, Path, PlatformError, Redacted } from "effect"

import * as HuggingFaceToken from "../src/HuggingFaceToken.ts"
import { headersOf } from "../src/internal/wire/huggingFace.ts"

const files = (contents: Readonly<Record<string, string>>) =>
  FileSystem.layerNoop({
    readFileString: (path) => {
      const text = contents[path]
      return text === undefined || text === "unreadable"
        ? Effect.fail(
            PlatformError.systemError({
              _tag: text === undefined ? "NotFound" : "PermissionDenied",
              module: "FileSystem",
              method: "readFileString",
              pathOrDescriptor: path
            })
          )
        : Effect.succeed(text)
    }
  })

const found = (
  effect: Effect.Effect<Option.Option<HuggingFaceToken.FoundToken>, unknown, FileSystem.FileSystem | Path.Path>,
  env: Record<string, string>,
  contents: Record<string, string> = {}
) =>
  effect.pipe(
    Effect.map((token) => Option.getOrUndefined(Option.map(token, ({ value }) => Redacted.value(value)))),
    Effect.provide(Layer.mergeAll(files(contents), Path.layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
  )

describe("a token that is found", () => {
  it.effect("is that of the configuration before that of the command line", () =>
    Effect.gen(function* () {
      const left = { "/home/me/.cache/huggingface/token": "hf_file\n" }
      const at = (env: Record<string, string>) => found(HuggingFaceToken.find, { HOME: "/home/me", ...env }, left)
      assert.strictEqual(yield* at({ HF_TOKEN: "hf_new", HUGGING_FACE_HUB_TOKEN: "hf_old" }), "hf_new")
      assert.strictEqual(yield* at({ HF_TOKEN: " ", HUGGING_FACE_HUB_TOKEN: " hf_old\r\n" }), "hf_old")
      assert.strictEqual(yield* at({}), "hf_file")
    })
  )

  it.effect("is read where the command line leaves it", () =>
    Effect.gen(function* () {
      const everywhere = {
        "/a/token.txt": "hf_path",
        "/b/token": "hf_home",
        "/c/huggingface/token": "hf_cache",
        "/home/me/token": "hf_tilde"
      }
      const at = (env: Record<string, string>) => found(HuggingFaceToken.fromHuggingFaceCli, env, everywhere)
      const cache = { XDG_CACHE_HOME: "/c" }
      const home = { ...cache, HF_HOME: "/b" }
      assert.strictEqual(yield* at({ ...home, HF_TOKEN_PATH: "/a/token.txt" }), "hf_path")
      assert.strictEqual(yield* at(home), "hf_home")
      assert.strictEqual(yield* at(cache), "hf_cache")
      assert.strictEqual(yield* at({ HF_HOME: "~", USERPROFILE: "/home/me" }), "hf_tilde")
      assert.strictEqual(yield* at({ HF_HOME: "/nowhere" }), undefined)
      assert.strictEqual(yield* at({}), undefined)
    })
  )

  it.effect("is none where its file cannot be read, which is logged", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => {
        logged.push(logLevel, message)
      })
      const token = yield* found(HuggingFaceToken.find, { HF_TOKEN_PATH: "/t" }, { "/t": "unreadable" }).pipe(
        Effect.provide(Logger.layer([logger]))
      )
      assert.strictEqual(token, undefined)
      assert.strictEqual(logged[0], "Warn")
    })
  )

  it("is not shown", () => {
    const token = HuggingFaceToken.found(Redacted.make("hf_secret"))
    assert.notInclude(JSON.stringify(token) + String(token.value), "hf_secret")
  })
})

describe("where a token goes", () => {
  const hub = new URL("https://huggingface.co")
  const given = Redacted.make("hf_t")
  const authorization = { authorization: "Bearer hf_t" }
  const own = { "x-hf-authorization": "Bearer hf_t" }
  it.each([
    ["https://huggingface.co/api/spaces/a/b", false, authorization, authorization],
    ["https://a-b.hf.space/config", false, own, own],
    ["http://127.0.0.1:1234/", true, own, own],
    ["http://a-b.hf.space/config", false, authorization, {}],
    ["https://a-b.hf.space.example.com/", false, authorization, {}],
    ["https://hf.space.example.com/", false, authorization, {}],
    ["https://huggingface.co.example.com/", false, authorization, {}],
    ["http://huggingface.co/", false, authorization, {}],
    ["http://127.0.0.1:7860/", false, authorization, {}]
  ] as const)("%s (named by the hub: %s)", (to, isSpace, whenGiven, whenFound) => {
    const place = { hub, isSpace }
    assert.deepStrictEqual(headersOf(given, new URL(to), place), whenGiven)
    assert.deepStrictEqual(headersOf(HuggingFaceToken.found(given), new URL(to), place), whenFound)
    assert.deepStrictEqual(headersOf(undefined, new URL(to), place), {})
  })
})
