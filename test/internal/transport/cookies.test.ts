import { assert, describe, it } from "@effect/vitest"
import { Cookies } from "effect/http"

import { type Jar, make } from "../../../src/internal/transport/cookies.ts"

const from = (jar: Jar, url: string, ...set: ReadonlyArray<string>): void => {
  jar.keep(url, Cookies.fromSetCookie(set), 0)
}

const page = "https://app.test/sub/page"

describe("a cookie jar", () => {
  it("sends what was given and what was set, the later of the same name", () => {
    const jar = make("app.test", { taste: "sweet", size: "small" })
    assert.strictEqual(jar.header(page, undefined, 0), "taste=sweet; size=small")
    from(jar, page, "taste=salty; Path=/", "a=1")
    assert.strictEqual(jar.header(page, undefined, 0), "a=1; taste=salty; size=small")
    assert.strictEqual(jar.header("https://app.test/", undefined, 0), "taste=salty; size=small")
  })

  it("sends a value as it came, quoted and encoded or not", () => {
    const jar = make("app.test", {})
    from(jar, page, "a=x%20y=; Path=/", 'b="q"; Path=/')
    assert.strictEqual(jar.header(page, undefined, 0), 'a=x%20y=; b="q"')
  })

  it("sends given values as they were given, unless they would end the cookie", () => {
    const given = {
      session: "eyJ1Ijoi.aGk=.x+/y==",
      quoted: '"q q"',
      encoded: "a%20b",
      evil: "1; other=2\r\nx: y",
      ü: ""
    }
    const { ü: _, ...names } = given
    assert.strictEqual(
      make("app.test", names).header(page, undefined, 0),
      'session=eyJ1Ijoi.aGk=.x+/y==; quoted="q q"; encoded=a%20b; evil=1%3B%20other%3D2%0D%0Ax%3A%20y'
    )
    assert.throws(() => make("app.test", given), '"ü" is no name of a cookie')
  })

  it("honours paths", () => {
    const jar = make("app.test", {})
    from(jar, page, "here=1", "there=1; Path=/other", "sub=1; Path=/sub/page/x")
    const at = (url: string) => jar.header(url, undefined, 0)
    assert.deepStrictEqual(
      [page, "https://app.test/other/x", "https://app.test/otherwise", "https://app.test/sub/page/x/y"].map(at),
      ["here=1", "there=1", undefined, "sub=1; here=1"]
    )
  })

  it("keeps no cookie of another domain, of a parent or of a child", () => {
    const jar = make("a.hf.space", {})
    const host = "https://a.hf.space/"
    from(jar, host, "parent=1; Domain=hf.space", "dot=1; Domain=.hf.space", "top=1; Domain=space")
    from(jar, host, "other=1; Domain=b.hf.space", "child=1; Domain=x.a.hf.space", "foreign=1; Domain=evil.test")
    assert.strictEqual(jar.header(host, undefined, 0), undefined)
    from(jar, host, "own=1; Domain=A.hf.space")
    assert.strictEqual(jar.header(host, undefined, 0), "own=1")
    assert.strictEqual(jar.header("https://b.hf.space/", undefined, 0), undefined)
  })

  it("neither takes nor sends secure cookies without TLS", () => {
    const jar = make("app.test", {})
    from(jar, "http://app.test/", "access-token-x=1; Path=/; Secure", "access-token-unsecure-x=2; Path=/")
    assert.strictEqual(jar.header("http://app.test/", undefined, 0), "access-token-unsecure-x=2")
    assert.strictEqual(jar.header("https://app.test/", undefined, 0), "access-token-unsecure-x=2")
    from(jar, "https://app.test/", "access-token-x=1; Path=/; Secure", "access-token-unsecure-x=2; Path=/")
    assert.strictEqual(jar.header("https://app.test/", undefined, 0), "access-token-x=1; access-token-unsecure-x=2")
    assert.strictEqual(jar.header("http://app.test/", undefined, 0), "access-token-unsecure-x=2")
  })

  it("forgets cookies that end or are deleted", () => {
    const jar = make("app.test", { kept: "1" })
    from(jar, page, "soon=1; Path=/; Max-Age=10", "date=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:20 GMT")
    assert.strictEqual(jar.header(page, undefined, 9_999), "kept=1; soon=1; date=1")
    assert.strictEqual(jar.header(page, undefined, 10_000), "kept=1; date=1")
    assert.strictEqual(jar.header(page, undefined, 20_000), "kept=1")
    from(jar, page, "date=; Path=/; Max-Age=0", 'soon=""; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    assert.strictEqual(jar.header(page, undefined, 1), "kept=1")
  })

  it("forgets the login of a server that gives another", () => {
    const jar = make("app.test", { kept: "1" })
    from(jar, page, "access-token-old=1; Path=/; Secure", "access-token-unsecure-old=1; Path=/")
    from(jar, page, "access-token-new=2; Path=/; Secure", "access-token-unsecure-new=2; Path=/")
    assert.strictEqual(jar.header(page, undefined, 0), "kept=1; access-token-new=2; access-token-unsecure-new=2")
  })

  it("adds to the cookies that a request brings itself, which win", () => {
    const jar = make("app.test", { taste: "sweet", size: "small" })
    assert.strictEqual(jar.header(page, "taste=bitter; x=1", 0), "size=small; taste=bitter; x=1")
    assert.strictEqual(make("app.test", {}).header(page, "x=1", 0), "x=1")
  })
})
