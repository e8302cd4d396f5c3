/** What people see at a terminal, against the stand-in: each session is held against a file of `sessions`, which the documentation shows too. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"

import { NodeHttpClient } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Result, Scope, Stream } from "effect"

import { bundle } from "../../build/cli.ts"
import { Module } from "../../src/codegen/index.ts"
import { GradioClient } from "../../src/index.ts"
import { freePort } from "../gradio/ports.ts"
import { makeCertificate } from "../networks/certificates.ts"
import { startForwardProxy } from "../networks/forwardProxy.ts"
import { serveAll } from "./apps.ts"
import { matches, record, type Session } from "./terminal.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "effect-gradio-cli-"))
const bin = path.join(directory, "cli", "bin.js")
const work = path.join(directory, "work")
const scope = Scope.makeUnsafe()
let apps: Effect.Success<typeof serveAll>

beforeAll(async () => {
  fs.mkdirSync(work)
  fs.writeFileSync(path.join(work, "note.txt"), "Hello, app!")
  fs.writeFileSync(path.join(work, "token.txt"), "hf_alice\n")
  await bundle(path.join(directory, "cli"))
  // Without Effect's log, in which the apps tell what failed.
  apps = await Effect.runPromise(Scope.provide(serveAll, scope))
}, 120_000)

afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  fs.rmSync(directory, { recursive: true, force: true })
})

/** Hashes in the paths of uploaded files. */
const names = (): NonNullable<Session["names"]> => [
  [apps.demo, "http://127.0.0.1:7860"],
  [apps.login, "http://127.0.0.1:7861"],
  [apps.stuck, "http://127.0.0.1:7860"],
  [apps.failing, "http://127.0.0.1:7862"],
  [apps.full, "http://127.0.0.1:7863"],
  [apps.forgetful, "http://127.0.0.1:7862"],
  [apps.slow, "http://127.0.0.1:7862"],
  [/\/stream\/\w+\/\w+\//g, "/stream/<call>/"],
  [apps.hub, "https://huggingface.co"],
  [/\b[0-9a-f]{64}\b/g, "<hash>"],
  [/, about [0-9a-z .]*?(?=$|…)/gm, ""]
]

const session = async (name: string, exit: number, args: ReadonlyArray<string>, more: Partial<Session> = {}) => {
  const recorded = await record(bin, {
    args,
    directory: work,
    secrets: ["lovelace", "babbage"],
    ...more,
    names: [...names(), ...(more.names ?? [])]
  })
  matches(name, recorded.text)
  assert.strictEqual(recorded.exit, exit)
}

describe("at a terminal", () => {
  it("info shows the endpoints", () => session("info", 0, ["info", apps.demo]))

  it("info shows one endpoint", () => session("info-endpoint", 0, ["info", apps.demo, "/add"]))

  it("info prints a program", () => session("info-code", 0, ["info", apps.demo, "--code", "/add"]))

  it("info keeps what the app is", async () => {
    await session("info-save", 0, ["info", apps.demo, "--save", "app.json"])
    const saved: unknown = JSON.parse(fs.readFileSync(path.join(work, "app.json"), "utf8"))
    assert.sameMembers(Object.keys(Object(saved)), ["config", "info"])
  })

  it("generate writes a module, and check finds that nothing has changed", async () => {
    await session("generate", 0, ["generate", "app.json", "-o", "app.ts"])
    await session("check", 0, ["check", apps.demo, "app.ts"])
    // A path is a file whatever its name.
    fs.copyFileSync(path.join(work, "app.json"), path.join(work, "description"))
    for (const described of ["./description", path.join(work, "description")]) {
      assert.strictEqual((await piped(["check", described, "app.ts"])).code, 0, described)
    }
    const { stdout } = await piped(["generate", apps.demo])
    assert.strictEqual(`${stdout.join("\n")}\n`, fs.readFileSync(path.join(work, "app.ts"), "utf8"))
  })

  it("check lists what has changed", async () => {
    const module = fs.readFileSync(path.join(work, "app.ts"), "utf8")
    const older = module
      .replace('"choices":["add","subtract"]', '"choices":["add","subtract","divide"]')
      .replace('"name":"n","label":""', '"name":"steps","label":""')
      .replace('"default":4', '"default":3')
    fs.writeFileSync(path.join(work, "edited.ts"), older)
    await session("check-edited", 9, ["check", apps.demo, "edited.ts"])
    const contract = Result.getOrThrow(Module.read(older))
    const digest = await Effect.runPromise(Module.hash(contract))
    fs.writeFileSync(path.join(work, "older.ts"), older.replace(/sha256: \w+/, `sha256: ${digest}`))
    await session("check-changed", 10, ["check", apps.demo, "older.ts"])
    const { code, stdout } = await piped(["check", apps.demo, "older.ts", "--json"])
    assert.deepStrictEqual([code, JSON.parse(stdout.join("\n")).verdict], [10, "breaking"])
  })

  it("a file that is no module", () => session("no-module", 9, ["check", "app.json", "note.txt"]))

  it("predict prints the result", () => session("predict", 0, ["predict", apps.demo, "/add", "a=4", "op=add", "b=5"]))

  it("predict sends a file and saves the one that comes back", async () => {
    await session("predict-file", 0, ["predict", apps.demo, "/file_io", "value=@note.txt", "--output", "out"])
    assert.strictEqual(fs.readFileSync(path.join(work, "out", "note.txt"), "utf8"), "Hello, app!")
  })

  it("a result is not lost with a file of it that cannot be kept", () =>
    session("predict-file-gone", 9, ["predict", apps.forgetful, "/pictures", "--output", "pictures"]))

  it("Ctrl-C at a file of the result shows the result", () =>
    session("predict-file-ctrl-c", 130, ["predict", apps.slow, "/pictures", "-o", "few-pictures"], {
      answers: [["downloading held.txt", "\u0003"]]
    }))

  it("a sound that is streamed is kept once, when it is whole", async () => {
    await session("stream-sound", 0, ["stream", apps.failing, "/sound", "--output", "sounds"], {
      // How many of its parts are shown depends on the time between them.
      names: [[/^~ downloading .*\n/gm, ""]]
    })
    assert.deepStrictEqual(fs.readdirSync(path.join(work, "sounds")), ["audio-stream.mp3"])
    assert.strictEqual(fs.readFileSync(path.join(work, "sounds", "audio-stream.mp3"), "utf8"), "part 1;part 2;part 3;")
  })

  it("predict names several outputs", () => session("predict-two", 0, ["predict", apps.failing, "/two", "text=ab"]))

  it("stream shows the progress and prints each output", () =>
    session("stream", 0, ["stream", apps.demo, "/progress_generator", "n=3"]))

  it("Ctrl-C stops a generator", () =>
    session("ctrl-c", 130, ["predict", apps.demo, "/endless"], { answers: [["running", "\u0003"]] }))

  it("Ctrl-C says that a plain function runs on", () =>
    session("ctrl-c-plain", 130, ["predict", apps.failing, "/slow"], { answers: [["running", "\u0003"]] }))

  it("a password is asked for and not shown", () =>
    session("password", 0, ["predict", apps.login, "/two", "text=ab", "--user", "ada"], {
      answers: [["Password of ada", "lovelace\r"]]
    }))

  it("Ctrl-C at the password ends it", () =>
    session("password-ctrl-c", 130, ["info", apps.login, "--user", "ada"], {
      answers: [["Password of ada", "\u0003"]]
    }))

  it("a second Ctrl-C does not wait for the server", () =>
    session("ctrl-c-twice", 130, ["predict", apps.stuck, "/endless"], {
      answers: [
        ["running", "\u0003"],
        ["cancelling", "\u0003"]
      ]
    }))

  it("Ctrl-C takes a call that waits out of the queue", () =>
    Effect.gen(function* () {
      const client = yield* GradioClient.connect(apps.failing)
      const first = yield* client.submit("/slow")
      yield* Stream.runHead(Stream.filter(first.events, ({ _tag }) => _tag === "Started"))
      yield* Effect.promise(() =>
        session("ctrl-c-queued", 130, ["predict", apps.failing, "/slow"], { answers: [["queued", "\u0003"]] })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici), Effect.runPromise))

  it("what the app says on the way stays, and has no power over the terminal", () =>
    session("logs", 0, ["predict", apps.failing, "/talkative", "text=it"]))

  it("serve serves until Ctrl-C", () =>
    session("serve", 130, ["serve", "--port", "0"], {
      answers: [["Serves until", "\u0003"]],
      names: [[/127\.0\.0\.1:\d+/g, "127.0.0.1:7860"]]
    }))

  it("space says how a Space is doing", () =>
    session("space-status", 0, ["space", "status", "gradio/gpu"], { env: { HF_ENDPOINT: apps.hub } }))

  it("space waits for a Space", () =>
    session("space-wait", 0, ["space", "wait", "gradio/asleep"], { env: { HF_ENDPOINT: apps.hub } }))

  it("space duplicates a Space", () =>
    session("space-duplicate", 0, ["space", "duplicate", "gradio/demo", "--to", "mine", "--token-file", "token.txt"], {
      env: { HF_ENDPOINT: apps.hub },
      secrets: ["hf_alice"]
    }))

  it("Ctrl-C while a duplicate builds says that it is there", () =>
    session(
      "space-duplicate-ctrl-c",
      130,
      ["space", "duplicate", "gradio/demo", "--to", "left", "--token-file", "token.txt"],
      {
        env: { HF_ENDPOINT: apps.hub },
        secrets: ["hf_alice"],
        answers: [["BUILDING", "\u0003"]]
      }
    ))

  it("a time limit cancels the call", () =>
    session("timeout", 124, ["predict", apps.demo, "/endless", "--timeout", "1s"]))

  it("colours", () => session("colors", 2, ["predict", apps.demo, "/add", "b=five"], { colors: true }))

  it("what the app says on the way has no power over the terminal as JSON either", () =>
    session("logs-json", 0, ["predict", apps.failing, "/talkative", "text=\u009b2Jit", "--json"], {
      names: [
        ["\u009b", "<U+009B>"],
        [/,"eta":[\d.e-]+/g, ""]
      ]
    }))

  it("no line is longer than a narrow terminal", () =>
    session("narrow", 0, ["stream", apps.demo, "/progress_generator", "n=2"], { columns: 30 }))
})

describe("a failure at a terminal", () => {
  it("no such app", async () => {
    const port = await freePort()
    await session("no-app", 3, ["info", `:${port}`], { names: [[String(port), "7860"]] })
  })

  it("a wrong password", () =>
    session("wrong-password", 4, ["info", apps.login, "--user", "ada"], { env: { GRADIO_PASSWORD: "babbage" } }))

  it("a login that is missing", () => session("login", 4, ["info", apps.login]))

  it("an endpoint that is not there", () => session("unknown-endpoint", 2, ["predict", apps.demo, "/ad", "a=1"]))

  it("several endpoints and none named", () => session("no-endpoint", 2, ["predict", apps.demo, "a=1"]))

  it("parameters that are not there or do not fit", () =>
    session("wrong-parameter", 2, ["predict", apps.demo, "/add", "aa=1", "b=five"]))

  it("a parameter that is missing", () => session("missing-parameter", 2, ["predict", apps.demo, "/file_io"]))

  it("a path without its @", () => session("path-as-text", 2, ["predict", apps.demo, "/file_io", "value=note.txt"]))

  it("a file that is missing", () => session("no-file", 9, ["predict", apps.demo, "/file_io", "value=@nothing.txt"]))

  it("an error of the app", () => session("app-error", 5, ["predict", apps.failing, "/shown", "text=luck"]))

  it("an error that the app hides", () => session("app-error-hidden", 5, ["predict", apps.failing, "/hidden"]))

  it("a queue that is full", () =>
    Effect.gen(function* () {
      const client = yield* GradioClient.connect(apps.full)
      const first = yield* client.submit("/slow")
      yield* Stream.runHead(Stream.filter(first.events, ({ _tag }) => _tag === "Started"))
      const second = yield* client.submit("/slow")
      yield* Stream.runHead(Stream.filter(second.events, ({ _tag }) => _tag === "Queued"))
      yield* Effect.promise(() => session("queue-full", 6, ["predict", apps.full, "/two"]))
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerUndici), Effect.runPromise))

  it("a Space that is paused", () =>
    session("paused", 7, ["info", "gradio/paused"], { env: { HF_ENDPOINT: apps.hub } }))

  it("a Space that is not there", () =>
    session("no-space", 7, ["info", "gradio/nothing"], { env: { HF_ENDPOINT: apps.hub } }))

  it("a port that is taken", () => {
    const { port } = new URL(apps.demo)
    return session("port-taken", 2, ["serve", "--port", port], { names: [[port, "7860"]] })
  })

  it("a duplicate that nobody pays for", () =>
    session("space-payment", 7, ["space", "duplicate", "gradio/demo", "--hardware", "t4-small"], {
      env: { HF_ENDPOINT: apps.hub }
    }))

  it("a token that nobody knows", () =>
    session("unknown-token", 4, ["space", "status", "gradio/demo"], {
      env: { HF_ENDPOINT: apps.hub, HF_TOKEN: "hf_nobody" },
      secrets: ["hf_nobody"]
    }))

  it("a command that is not there", () => session("unknown-command", 2, ["predic", apps.demo]))

  it("an option that is not there", () => session("unknown-option", 2, ["predict", apps.demo, "/add", "--josn"]))

  it("a parameter that is written as an option", () =>
    session("parameter-as-option", 2, ["predict", apps.demo, "/add", "--a=1"]))

  it("a secret in a header that a list of processes would show", () =>
    session("secret-header", 2, ["info", apps.demo, "--header", "Authorization: Bearer hf_secret_token"], {
      names: [["Bearer hf_secret_token", "…"]]
    }))
})

/** The same without a terminal. */
const piped = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}, input = "") => {
  const running = promisify(execFile)(process.execPath, [bin, ...args], {
    cwd: work,
    env: { PATH: process.env["PATH"], HOME: work, ...env }
  })
  running.child.stdin?.end(input)
  const { code = 0, stderr, stdout } = Object(await running.catch((error: unknown) => error))
  return { code, stdout: stdout.split("\n").slice(0, -1), stderr: stderr.split("\n").slice(0, -1) }
}

/** The same with a standard output that takes nothing. */
const writingTo = async (stdout: number | "closed", args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: work,
    env: { PATH: process.env["PATH"], HOME: work },
    stdio: ["ignore", stdout === "closed" ? "pipe" : stdout, "pipe"]
  })
  child.stdout?.destroy()
  const [stderr, [code]] = await Promise.all([child.stderr === null ? "" : text(child.stderr), once(child, "close")])
  return { code, stderr }
}

describe("in a pipe", () => {
  it("results go to the standard output, and what happens on the way to the other", async () => {
    assert.deepStrictEqual(await piped(["stream", apps.demo, "/progress_generator", "n=2"]), {
      code: 0,
      stdout: ["0", "1"],
      stderr: [
        "queued: next",
        "running…",
        "[░░░░░░░░░░░░░░░░░░░░] 0 %  before 0",
        "[██████████░░░░░░░░░░] 50 %  before 1"
      ]
    })
  })

  it("both are lines of JSON where that is asked for", async () => {
    const { code, stderr, stdout } = await piped(["stream", apps.demo, "/progress_generator", "n=2", "--json"])
    assert.deepStrictEqual([code, stdout], [0, ['["0"]', '["1"]']])
    assert.deepStrictEqual(
      stderr.map((line: string) => JSON.parse(line).event),
      ["queued", "started", "progress", "progress"]
    )
  })

  it("a failure is a line of JSON as well", async () => {
    const { code, stderr, stdout } = await piped(["predict", apps.failing, "/shown", "text=luck", "--json"])
    assert.deepStrictEqual([code, stdout], [5, []])
    assert.deepStrictEqual(JSON.parse(stderr.at(-1)), {
      event: "error",
      code: 5,
      message: "/shown failed (Sorry): no such luck"
    })
  })

  it("a failure is a line of JSON in every command, with words alone in it", async () => {
    fs.writeFileSync(path.join(work, "no-module.ts"), "export {}\n")
    for (const [args, expected, message] of [
      [["info", apps.demo, "/ad", "--json"], 2, /^The app at \S+ has no endpoint "\/ad"/],
      [["check", apps.demo, "no-module.ts", "--json"], 9, /^File "no-module.ts": /],
      [["space", "status", "gradio/nothing", "--json"], 7, /^There is no Space gradio\/nothing/],
      [["space", "wait", "gradio/nothing", "--json"], 7, /^There is no Space gradio\/nothing/],
      [["predict", apps.demo, "/add", "--josn", "--json"], 2, /^Unrecognized flag: --josn/],
      [["predict", apps.demo, "/add", "b=five", "--json"], 2, /^b takes a number, not "five"\.$/],
      [["predict", apps.demo, "/add", "b=five", "--json", "--quiet"], 2, /^b takes a number, not "five"\.$/]
    ] as const) {
      const { code, stderr, stdout } = await piped(args, { HF_ENDPOINT: apps.hub })
      assert.deepStrictEqual([code, stdout], [expected, []], args.join(" "))
      const { message: told, ...told1 } = JSON.parse(stderr.at(-1))
      assert.deepStrictEqual(told1, { event: "error", code })
      assert.match(told, message)
    }
  })

  it("an app or a Space that cannot be one is a mistake of the command", async () => {
    const app =
      "APP is a URL such as https://my-app.example, a Space as user/space, or :7860 for an app on this machine."
    const space = "SPACE is written user/space, or as the address of its page or its app."
    for (const [args, message] of [
      [["info", "file:///etc/passwd"], `"file:///etc/passwd" is no app: ${app}`],
      [["info", ":99999"], `":99999" is no app: ${app}`],
      [["predict", "", "/add"], `"" is no app: ${app}`],
      [
        ["info", "my-app.example:7860"],
        `"my-app.example:7860" is no app; did you mean http://my-app.example:7860? ${app}`
      ],
      [["generate", "a b"], `"a b" is no app: ${app}`],
      [["space", "status", "a b"], `"a b" is no Space: ${space}`],
      [["space", "wait", "https://my-app.example"], `"https://my-app.example" is no Space: ${space}`],
      [
        ["space", "duplicate", "gradio/demo", "--to", "a b"],
        '--to takes a name, or user/name, of letters, digits, "-", "_" and ".", not "a b".'
      ]
    ] as const) {
      assert.deepStrictEqual(await piped(args, { HF_TOKEN: "hf_alice" }), {
        code: 2,
        stdout: [],
        stderr: [`effect-gradio: ${message}`]
      })
    }
  })

  it("what the demo app tells goes to the standard error, and has no power over a terminal", async () => {
    const child = spawn(process.execPath, [bin, "serve", "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] })
    const told = [text(child.stdout), text(child.stderr)]
    const [first] = await once(child.stdout, "data")
    const url = String(first).trim()
    const call = ["predict", url, "/endless", "tag=\u001b]0;mine\u0007", "--timeout", "2s", "--quiet"]
    assert.strictEqual((await piped(call)).code, 124)
    child.kill("SIGINT")
    const [stdout, stderr] = await Promise.all(told)
    assert.strictEqual(stdout, `${url}\n`)
    assert.include(stderr, "[app] ]0;mine has ended\n")
    // eslint-disable-next-line no-control-regex -- it is these characters that may not come.
    assert.notMatch(stderr ?? "", /[\u001b\u0007]/)
  })

  it("a file that may not be read is said so in a sentence", async () => {
    assert.deepStrictEqual(await piped(["predict", apps.demo, "/file_io", "value=@note.txt/below", "--quiet"]), {
      code: 9,
      stdout: [],
      stderr: ['effect-gradio: File "note.txt/below" cannot be read: a file stands where a directory is wanted.']
    })
  })

  it("nothing is told where quiet is asked for", async () => {
    assert.deepStrictEqual(await piped(["predict", apps.demo, "/progress_generator", "n=1", "--quiet"]), {
      code: 0,
      stdout: ["0"],
      stderr: []
    })
  })

  it("the input comes as JSON from the standard input", async () => {
    const { code, stdout } = await piped(["predict", apps.demo, "/add", "-"], {}, '{"a": 4, "b": 5}')
    assert.deepStrictEqual([code, stdout], [0, ["9"]])
    assert.deepStrictEqual((await piped(["predict", apps.demo, "/add", "-"])).code, 2)
  })

  it("files that are not saved are shown by their addresses, in JSON with all that is known", async () => {
    const { stdout } = await piped(["predict", apps.demo, "/make_files", "n=2", "--json"])
    const [files] = JSON.parse(stdout.join(""))
    assert.deepStrictEqual(
      files.map((file: Record<string, unknown>) => [
        file["name"],
        file["size"],
        String(file["url"]).slice(0, apps.demo.length)
      ]),
      [
        ["file 0.txt", 9, apps.demo],
        ["file 1.txt", 9, apps.demo]
      ]
    )
  })

  it("no password is asked for where nobody can answer", async () => {
    const { code, stderr } = await piped(["info", apps.login, "--user", "ada"])
    assert.deepStrictEqual(
      [code, stderr],
      [2, ["effect-gradio: There is no terminal to ask on: set the password as GRADIO_PASSWORD in the environment."]]
    )
  })

  it("a reader that has enough ends the call without a word, and the app is told", async () => {
    const { code, stderr, stdout } = Object(
      await promisify(execFile)("bash", [
        "-o",
        "pipefail",
        "-c",
        `"$0" "$1" stream "$2" /endless --quiet | head -2`,
        process.execPath,
        bin,
        apps.demo
      ]).then(
        (done) => ({ ...done, code: 0 }),
        (error: unknown) => error
      )
    )
    assert.deepStrictEqual([code, stdout, stderr], [0, "0\n1\n", ""])
  })

  it("a result that cannot be written is a failure", async () => {
    fs.writeFileSync(path.join(work, "full.json"), (await piped(["info", apps.demo, "--save", "-"])).stdout.join("\n"))
    const full = fs.openSync("/dev/full", "w")
    for (const args of [
      ["predict", apps.demo, "/add", "a=4", "b=5", "--quiet"],
      ["info", apps.demo],
      ["info", apps.demo, "--save", "-"],
      ["generate", "full.json"],
      ["--help"],
      ["--version"]
    ]) {
      assert.deepStrictEqual(
        await writingTo(full, args),
        { code: 9, stderr: "effect-gradio: The standard output cannot be written: no space is left.\n" },
        args.join(" ")
      )
    }
    fs.closeSync(full)
  })

  it("a reader that has left changes nothing in the verdict of check, nor does a full device", async () => {
    // The module of another app.
    assert.strictEqual((await piped(["generate", apps.failing, "-o", "broken.ts"])).code, 0)
    const args = ["check", apps.demo, "broken.ts"]
    const { code, stderr } = await piped(args)
    assert.strictEqual(code, 10)
    assert.deepStrictEqual(await writingTo("closed", args), { code, stderr: `${stderr.join("\n")}\n` })
    const full = fs.openSync("/dev/full", "w")
    assert.deepStrictEqual(await writingTo(full, args), {
      code,
      stderr: `${stderr.join("\n")} The standard output cannot be written: no space is left.\n`
    })
    fs.closeSync(full)
    assert.deepStrictEqual(await writingTo("closed", ["info", apps.demo]), { code: 0, stderr: "" })
  })

  it("a time limit is for connecting too, and for cancelling", async () => {
    const held = new Set<net.Socket>()
    const silent = net.createServer((socket) => void held.add(socket)).listen(0, "127.0.0.1")
    await once(silent, "listening")
    const app = `http://127.0.0.1:${Object(silent.address()).port}`
    const late = "effect-gradio: No result after 1 s."
    for (const command of ["predict", "stream"]) {
      assert.deepStrictEqual(await piped([command, app, "/add", "--timeout", "1s", "--quiet"]), {
        code: 124,
        stdout: [],
        stderr: [late]
      })
    }
    for (const socket of held) socket.destroy()
    silent.close()
    assert.deepStrictEqual(await piped(["predict", apps.stuckToo, "/endless", "--timeout", "1s", "--quiet"]), {
      code: 124,
      stdout: [],
      stderr: [`${late} The app did not answer that the call is cancelled; its function may run on.`]
    })
  })

  it("no option takes a secret, and no message repeats one", async () => {
    const secretNames = ["X-Password", "X-Passwd", "X-Auth", "App-Secret", "X-Token", "X-Key", "Cookie", "X-Session"]
    for (const name of [...secretNames, "X-Credential", "X-Amz-Signature"]) {
      assert.deepStrictEqual(await piped(["info", apps.demo, "--header", `${name}: hidden`]), {
        code: 2,
        stdout: [],
        stderr: [`effect-gradio: Header ${name} is secret: write it into a file, and give --header @FILE.`]
      })
    }
    for (const app of ["http://alice:hidden@127.0.0.1:7860", "alice:hidden@localhost:7860"]) {
      const { code, stderr } = await piped(["info", app])
      assert.strictEqual(code, 2)
      assert.match(stderr.join("\n"), /--user NAME.* --header @FILE/)
      assert.notInclude(stderr.join("\n"), "hidden")
    }
    assert.strictEqual((await piped(["info", apps.demo, "--header", "X-Trace: 1"])).code, 0)
  })

  it("a secret that no header can hold is a mistake of the user, and not shown", async () => {
    const cannot = "cannot be sent: it holds a line break, or a character that headers cannot have."
    for (const bad of ["hid\nden", "hidden\u0001", "hidden€"]) {
      fs.writeFileSync(path.join(work, "bad-token.txt"), bad)
      assert.deepStrictEqual(await piped(["info", apps.demo, "--token-file", "bad-token.txt"]), {
        code: 2,
        stdout: [],
        stderr: [`effect-gradio: The token in file "bad-token.txt" ${cannot}`]
      })
      assert.deepStrictEqual(await piped(["info", apps.demo], { HF_TOKEN: bad }), {
        code: 2,
        stdout: [],
        stderr: [`effect-gradio: The Hugging Face token of HF_TOKEN or \`hf auth login\` ${cannot}`]
      })
    }
    for (const bad of ["hid\rden", "hidden\u0001", "hidden€"]) {
      fs.writeFileSync(path.join(work, "bad-header.txt"), `X-Trace: 1\nX-Token: ${bad}\n`)
      assert.deepStrictEqual(await piped(["info", apps.demo, "--header", "@bad-header.txt"]), {
        code: 2,
        stdout: [],
        stderr: [`effect-gradio: Header X-Token ${cannot}`]
      })
    }
    assert.strictEqual((await piped(["info", apps.demo, "--header", "X-Trace: a\nb"])).code, 2)
  })

  it("a port that nobody has", async () => {
    assert.deepStrictEqual(await piped(["serve", "--port", "99999"]), {
      code: 2,
      stdout: [],
      stderr: ["effect-gradio: There is no port 99999: they go from 0 to 65535."]
    })
  })

  it("a list goes by position, also to parameters of one name", async () => {
    assert.deepStrictEqual(await piped(["predict", apps.failing, "/twice", '["p", "q"]', "--quiet"]), {
      code: 0,
      stdout: ["p and q"],
      stderr: []
    })
  })

  it("a text that is not UTF-8 is refused, and not damaged", async () => {
    fs.writeFileSync(path.join(work, "latin1.txt"), Buffer.from("größer", "latin1"))
    assert.deepStrictEqual(await piped(["predict", apps.failing, "/two", "text=@latin1.txt"]), {
      code: 9,
      stdout: [],
      stderr: ['effect-gradio: File "latin1.txt" is no text in UTF-8.']
    })
  })

  it("a pipe is read whole, as a file and for its text", async () => {
    const inBash = (script: string) =>
      promisify(execFile)("bash", ["-c", script, process.execPath, bin, apps.demo, apps.failing], { cwd: work })
    const cat = `"$0" "$1" predict "$2" /file_io value=@`
    for (const [name, script] of [
      ["substituted", `${cat}<(printf 'Hello, %s' pipe) -q -o piped-1`],
      ["fifo", `mkfifo fifo; (printf 'Hello, %s' pipe > fifo) & ${cat}fifo -q -o piped-2`],
      ["stdin", `printf 'Hello, %s' pipe | ${cat}/dev/stdin -q -o piped-3`]
    ] as const) {
      const { stdout } = await inBash(script)
      assert.strictEqual(fs.readFileSync(path.join(work, stdout.trim()), "utf8"), "Hello, pipe", name)
    }
    const { stdout } = await inBash(`"$0" "$1" predict "$3" /two text=@<(printf größer) times=1 -q`)
    assert.strictEqual(stdout, "text: größer\nlength: 6\n")
    // Here the standard input is a socket.
    const { stdout: saved } = await piped(
      ["predict", apps.demo, "/file_io", "value=@/dev/stdin", "-q", "-o", "piped-4"],
      {},
      "Hello"
    )
    assert.strictEqual(fs.readFileSync(path.join(work, saved.join("")), "utf8"), "Hello")
  })

  it("no file is overwritten that somebody else wrote", async () => {
    const mine = path.join(work, "mine.ts")
    fs.writeFileSync(mine, "export const mine = 1\n")
    for (const args of [
      ["generate", apps.demo, "-o", "mine.ts"],
      ["info", apps.demo, "--save", "mine.ts"]
    ]) {
      assert.deepStrictEqual(await piped(args), {
        code: 9,
        stdout: [],
        stderr: [
          'effect-gradio: File "mine.ts" was not written by effect-gradio: choose another, or overwrite it with --force.'
        ]
      })
    }
    assert.strictEqual(fs.readFileSync(mine, "utf8"), "export const mine = 1\n")
    for (const args of [
      ["generate", apps.demo, "-o", "mine.ts", "--force"],
      ["generate", apps.demo, "-o", "mine.ts"],
      ["info", apps.demo, "--save", "mine.ts", "--force"],
      ["info", apps.demo, "--save", "mine.ts"]
    ]) {
      assert.strictEqual((await piped(args)).code, 0, args.join(" "))
    }
  })

  it("info writes a program and the description at once", async () => {
    const { code, stdout } = await piped(["info", apps.demo, "--code", "/add", "--save", "both.json"])
    assert.deepStrictEqual([code, stdout.at(-1)], [0, "NodeRuntime.runMain(program)"])
    assert.isTrue(fs.existsSync(path.join(work, "both.json")))
    assert.strictEqual((await piped(["info", apps.demo, "--code", "/add", "--save", "-"])).code, 2)
  })

  it("a time limit at a file of the result shows the result, and so does JSON", async () => {
    const args = ["predict", apps.slow, "/pictures", "-o", "late-pictures", "--timeout", "8s", "--json"]
    const { code, stderr, stdout } = await piped(args)
    assert.deepStrictEqual(
      [code, JSON.parse(stderr.at(-1))],
      [124, { event: "error", code: 124, message: "No result after 8 s." }]
    )
    const [text, files] = JSON.parse(stdout.join(""))
    assert.deepStrictEqual(
      [text, files.map(({ name, path }: Record<string, unknown>) => [name, path])],
      [
        "What was asked for.",
        [
          ["first.txt", "late-pictures/first.txt"],
          ["held.txt", undefined],
          ["gone.txt", undefined],
          ["last.txt", undefined]
        ]
      ]
    )
  })

  it("a directory that cannot be written is refused before the call", async () => {
    const call = ["predict", apps.failing, "/hidden", "--quiet", "--output"]
    const wrong = "a file stands where a directory is wanted, or a directory where a file is"
    for (const [directory, expected, message] of [
      ["", 2, "--output takes a directory, and an empty text names none."],
      ["note.txt", 9, `--output cannot write to "note.txt": ${wrong}.`],
      ["note.txt/below", 9, `--output cannot write to "note.txt/below": ${wrong}.`],
      ["/sys/below", 9, '--output cannot write to "/sys/below": that is not permitted.'],
      ["/sys", 9, '--output cannot write to "/sys": that is not permitted.']
    ] as const) {
      assert.deepStrictEqual(await piped([...call, directory]), {
        code: expected,
        stdout: [],
        stderr: [`effect-gradio: ${message}`]
      })
    }
  })

  it("what cannot be written is said in a sentence", async () => {
    for (const [args, message] of [
      [
        ["info", apps.demo, "--save", "nowhere/app.json"],
        'File "nowhere/app.json" cannot be written: its directory does not exist.'
      ],
      [["info", apps.demo, "--save", "/dev/full"], 'File "/dev/full" cannot be written: no space is left.']
    ] as const) {
      assert.deepStrictEqual(await piped(args), { code: 9, stdout: [], stderr: [`effect-gradio: ${message}`] })
    }
  })

  it("a proxy of the environment is used", async () => {
    const { hostname, port } = new URL(apps.demo)
    const proxy = await startForwardProxy("user:pass", () => ({ host: hostname, port: Number(port) }))
    try {
      const { code, stderr, stdout } = await piped(["predict", "http://app.example", "/add", "a=4", "b=5", "--quiet"], {
        HTTP_PROXY: `http://user:pass@127.0.0.1:${proxy.port}`
      })
      assert.deepStrictEqual([code, stdout, stderr], [0, ["9"], []])
      assert.include(await proxy.log(), "GET http://app.example/config 200")
    } finally {
      await proxy.stop()
    }
  })

  it("a proxy is used for https too, with a certificate that the environment names", async () => {
    const { certFile, keyFile } = await makeCertificate(directory, "proxied")
    const secure = https.createServer(
      { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) },
      (request, response) => {
        const { headers, method } = request
        request.pipe(
          http.request(new URL(request.url ?? "", apps.demo), { headers, method }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
            answer.pipe(response)
          })
        )
      }
    )
    await once(secure.listen(0, "127.0.0.1"), "listening")
    const proxy = await startForwardProxy("user:pass", () => ({
      host: "127.0.0.1",
      port: Object(secure.address()).port
    }))
    const call = ["predict", "https://app.test", "/add", "a=4", "b=5", "--quiet"]
    const env = { HTTPS_PROXY: `http://user:pass@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: certFile }
    try {
      assert.deepStrictEqual(await piped(call, env), { code: 0, stdout: ["9"], stderr: [] })
      assert.include(await proxy.log(), "CONNECT app.test:443 200")
    } finally {
      await proxy.stop()
      secure.closeAllConnections()
      secure.close()
    }
  })

  it("every command has help with an example", async () => {
    for (const command of [
      ["info"],
      ["predict"],
      ["stream"],
      ["space", "status"],
      ["space", "wait"],
      ["space", "duplicate"],
      ["serve"]
    ]) {
      const { code, stderr, stdout } = await piped([...command, "--help"])
      assert.deepStrictEqual([code, stderr], [0, []])
      assert.include(stdout, "EXAMPLES", command.join(" "))
    }
  })
})
