import { assert, describe, it } from "@effect/vitest"

import * as routes from "../../../src/internal/wire/routes.ts"

const base = (source: string): URL => {
  const found = routes.baseUrl(source)
  assert(found !== undefined)
  return found
}

describe("the address of an app", () => {
  it.each([
    ["http://127.0.0.1:7860", "http://127.0.0.1:7860/"],
    ["http://127.0.0.1:7860/", "http://127.0.0.1:7860/"],
    ["  https://app.example \n", "https://app.example/"],
    ["HTTPS://App.Example/Path", "https://app.example/Path/"],
    ["https://app.example:443/", "https://app.example/"],
    ["https://app.example/a/b", "https://app.example/a/b/"],
    ["https://app.example/a/b///", "https://app.example/a/b/"],
    ["https://app.example/?__theme=dark", "https://app.example/"],
    ["https://app.example/a?view=api#part", "https://app.example/a/"],
    ["https://app.example#/a", "https://app.example/"],
    ["https://user:secret@app.example/a", "https://app.example/a/"],
    ["https://app.example/config", "https://app.example/"],
    ["https://app.example/a/config/", "https://app.example/a/"],
    ["https://app.example/configs", "https://app.example/configs/"],
    ["https://app.example/a b/ü", "https://app.example/a%20b/%C3%BC/"],
    ["https://app.example/a/../b", "https://app.example/b/"],
    ["https://bücher.example", "https://xn--bcher-kva.example/"],
    ["http://[::1]:7860/x", "http://[::1]:7860/x/"],
    ["https://0123456789abcdef.gradio.live", "https://0123456789abcdef.gradio.live/"]
  ])("of %j is %s", (source, expected) => {
    assert.strictEqual(base(source).href, expected)
  })

  it.each([
    "",
    "app.example",
    "user/space",
    "/a",
    "ftp://app.example",
    "file:///etc",
    "javascript:1",
    "http://",
    "http://["
  ])("is not %j", (source) => {
    assert.isUndefined(routes.baseUrl(source))
  })

  it("is read from a URL, which stays as it is", () => {
    const url = new URL("https://user:secret@app.example/a?b#c")
    assert.strictEqual(routes.baseUrl(url)?.href, "https://app.example/a/")
    assert.strictEqual(url.href, "https://user:secret@app.example/a?b#c")
  })
})

describe("the routes of an app", () => {
  const all = (at: URL, prefix: string) => [
    routes.page(at),
    routes.config(at),
    routes.info(at, prefix),
    routes.join(at, prefix),
    routes.events(at, prefix, "h ü&"),
    routes.cancel(at, prefix),
    routes.heartbeat(at, prefix, "h/ü"),
    routes.run(at, prefix, "grüße/x"),
    routes.run(at, prefix, undefined),
    routes.upload(at, prefix),
    routes.file(at, prefix, "/tmp/a b#1%?ü.txt")
  ]

  it("have a prefix from Gradio 5 on, save the page and the configuration", () => {
    assert.deepStrictEqual(all(base("http://app.test"), "/gradio_api"), [
      "http://app.test/",
      "http://app.test/config",
      "http://app.test/gradio_api/info?serialize=False",
      "http://app.test/gradio_api/queue/join",
      "http://app.test/gradio_api/queue/data?session_hash=h%20%C3%BC%26",
      "http://app.test/gradio_api/cancel",
      "http://app.test/gradio_api/heartbeat/h%2F%C3%BC",
      "http://app.test/gradio_api/run/gr%C3%BC%C3%9Fe%2Fx",
      "http://app.test/gradio_api/run/predict",
      "http://app.test/gradio_api/upload",
      "http://app.test/gradio_api/file=/tmp/a%20b%231%25%3F%C3%BC.txt"
    ])
  })

  it("are below the path of the app", () => {
    assert.deepStrictEqual(all(base("http://app.test/sub"), ""), [
      "http://app.test/sub/",
      "http://app.test/sub/config",
      "http://app.test/sub/info?serialize=False",
      "http://app.test/sub/queue/join",
      "http://app.test/sub/queue/data?session_hash=h%20%C3%BC%26",
      "http://app.test/sub/cancel",
      "http://app.test/sub/heartbeat/h%2F%C3%BC",
      "http://app.test/sub/run/gr%C3%BC%C3%9Fe%2Fx",
      "http://app.test/sub/run/predict",
      "http://app.test/sub/upload",
      "http://app.test/sub/file=/tmp/a%20b%231%25%3F%C3%BC.txt"
    ])
  })

  it("take a prefix however its slashes are written", () => {
    for (const prefix of ["gradio_api", "/gradio_api", "gradio_api/", "//gradio_api//"]) {
      assert.strictEqual(routes.join(base("http://app.test/sub"), prefix), "http://app.test/sub/gradio_api/queue/join")
    }
  })
})

it("a path that is no well-formed text has a route too", () => {
  const at = base("http://app.test")
  assert.strictEqual(routes.file(at, "", "/tmp/\ud800.txt"), "http://app.test/file=/tmp/%EF%BF%BD.txt")
  assert.strictEqual(routes.run(at, "", "\udfff"), "http://app.test/run/%EF%BF%BD")
  assert.strictEqual(routes.heartbeat(at, "", "\udfff"), "http://app.test/heartbeat/%EF%BF%BD")
  assert.include(routes.events(at, "", "\udfff"), "session_hash=%EF%BF%BD")
})

it.each([
  ["app.example", "app.example"],
  ["user/space", "user/space"],
  ["ann:s3cret@app.example/a?token=s3cret#s3cret", "app.example/a"],
  ["http://ann:s3cret@[", "http://["],
  ["http://ann:s3/cr#e?t@:s3cret@app example/x", "http://app example/x"],
  ["ftp://ann:s3cret@app.example", "ftp://app.example"],
  ["//ann:s3cret@app.example", "app.example"],
  ["app.example?next=ann:s3cret@other", "other"]
])("of %j nothing secret is shown", (source, expected) => {
  assert.strictEqual(routes.shownSource(source), expected)
})

describe("the path behind a URL of the file route", () => {
  it.each([
    ["http://app.test/sub/gradio_api/file=/tmp/a.txt", "/tmp/a.txt"],
    ["http://app.test/sub/gradio_api/file=C:%5Cdir%5Ca.txt", "C:\\dir\\a.txt"],
    ["http://app.test/sub/gradio_api/file=/tmp/a%20b%231%25%3F%C3%BC.txt", "/tmp/a b#1%?ü.txt"],
    ["http://app.test/sub/gradio_api/file=/tmp/a b.txt", "/tmp/a b.txt"],
    ["http://app.test/sub/gradio_api/file=/tmp/a.txt?x=1#y", "/tmp/a.txt"],
    ["http://app.test/sub/gradio_api/file/tmp/a.txt", "tmp/a.txt"],
    ["http://app.test/sub/file=/tmp/a.txt", "/tmp/a.txt"],
    ["http://app.test/gradio_api/file=/tmp/a.txt", undefined],
    ["http://app.test/sub/gradio_api/upload", undefined],
    ["http://app.test:81/sub/gradio_api/file=/tmp/a.txt", undefined],
    ["https://app.test/sub/gradio_api/file=/tmp/a.txt", undefined],
    ["http://app.test.evil.test/sub/gradio_api/file=/tmp/a.txt", undefined],
    ["http://other.test/?u=http://app.test/sub/gradio_api/file=/tmp/a.txt", undefined],
    ["http://app.test/sub/gradio_api/file=/tmp/%FF.txt", undefined]
  ])("%s is %s", (url, path) => {
    assert.strictEqual(routes.pathOfFile(base("http://app.test/sub"), "/gradio_api", new URL(url)), path)
  })

  it("is the one that the route was made of", () => {
    for (const path of ["/tmp/gradio/0a/x.txt", "/tmp/ü 漢🎈/%41#?&=+.txt", "/tmp/file=/x", "C:\\a\\b.txt"]) {
      for (const [at, prefix] of [
        [base("http://app.test"), ""],
        [base("https://app.example/a%20b/ü"), "/gradio_api"]
      ] as const) {
        assert.strictEqual(routes.pathOfFile(at, prefix, new URL(routes.file(at, prefix, path))), path)
      }
    }
  })
})

describe("where an app may send its clients", () => {
  it.each([
    ["localhost", true],
    ["app.localhost", true],
    ["printer.local", true],
    ["127.0.0.1", true],
    ["0.0.0.0", true],
    ["10.1.2.3", true],
    ["169.254.169.254", true],
    ["192.168.0.1", true],
    ["172.16.0.1", true],
    ["172.31.255.255", true],
    ["[::1]", true],
    ["172.15.0.1", false],
    ["172.32.0.1", false],
    ["11.0.0.1", false],
    ["192.169.0.1", false],
    ["localhost.", true],
    ["app.localhost.", true],
    ["printer.local.", true],
    ["100.64.0.1", true],
    ["100.127.255.255", true],
    ["100.63.0.1", false],
    ["100.128.0.1", false],
    ["10.gcdn.example", false],
    ["127.example", false],
    ["192.168.example", false],
    ["10.0.0.1.example", false],
    ["[::ffff:a00:1]", true],
    ["app.example", false],
    ["localhost.example", false],
    ["8.8.8.8", false]
  ])("%s is private: %j", (host, expected) => {
    assert.strictEqual(routes.isPrivateHost(host), expected)
  })

  it.each([
    ["https://app.example", "https://app.example/login", false],
    ["https://app.example", "https://cdn.example/x", false],
    ["https://app.example", "http://localhost:8080/", true],
    ["https://app.example", "http://192.168.0.1/", true],
    ["https://app.example", "http://2130706433/", true],
    ["https://app.example", "http://0x7f.1/", true],
    ["https://app.example", "http://[::ffff:127.0.0.1]/", true],
    ["https://app.example", "http://169.254.169.254/latest/meta-data/", true],
    ["http://localhost:7860", "http://metadata.google.internal./", true],
    ["http://localhost:7860", "http://METADATA.google.internal/", true],
    ["http://localhost:7860", "http://[::ffff:169.254.169.254]/", true],
    ["http://localhost:7860", "http://[::ffff:0:169.254.169.254]/", true],
    ["http://localhost:7860", "http://[64:ff9b::169.254.169.254]/", true],
    ["http://localhost:7860", "http://[2002:a9fe:a9fe::1]/", true],
    ["http://localhost:7860", "http://100.100.100.200/", true],
    ["http://localhost:7860", "http://[::ffff:10.0.0.1]/", false],
    ["http://localhost:7860", "http://169.254.example/", false],
    ["https://app.example", "http://localhost./", true],
    ["https://app.example", "http://100.64.1.1/", true],
    ["https://app.example", "https://10.gcdn.example/x.png", false],
    ["https://app.example", "http://metadata.google.internal/", true],
    ["http://127.0.0.1:7860", "http://192.168.0.1/", false],
    ["http://127.0.0.1:7860", "http://localhost:7861/", false],
    ["http://127.0.0.1:7860", "http://169.254.169.254/latest/meta-data/", true],
    ["http://127.0.0.1:7860", "http://metadata.google.internal/", true],
    ["http://127.0.0.1:7860", "http://[fd00:ec2::254]/", true],
    ["http://169.254.169.254", "http://169.254.169.254/x", false]
  ])("from %s to %s is forbidden: %j", (app, to, expected) => {
    assert.strictEqual(routes.isForbidden(base(app), new URL(to)), expected)
  })
})
