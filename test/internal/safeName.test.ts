import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

import { safeName } from "../../src/internal/safeName.ts"

const bytes = (text: string) => new TextEncoder().encode(text).length

describe("safeName", () => {
  it.each([
    ["photo.png", "photo.png"],
    ["a b ü漢 #1%.txt", "a b ü漢 #1%.txt"],
    ["Gro\u0308\u00dfe.txt", "Größe.txt"],
    ["👩‍👩‍👧.png", "👩‍👩‍👧.png"],
    [".bashrc", ".bashrc"],
    ["archive.tar.gz", "archive.tar.gz"],
    ["", "file"],
    [".", "file"],
    ["..", "file"],
    ["...", "file"],
    [" . ", "file"],
    ["/", "file"],
    ["\0", "file"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["..\\..\\boot.ini", ".._.._boot.ini"],
    ["/etc/passwd", "_etc_passwd"],
    ["C:\\x.txt", "C__x.txt"],
    ["file.txt:stream", "file.txt_stream"],
    ['a<b>c"d|e?f*g', "a_b_c_d_e_f_g"],
    ["line\nbreak\ttab\u007f\u0085.txt", "line_break_tab__.txt"],
    ["nul\0byte.txt", "nul_byte.txt"],
    ["photo\u202Egpj.exe", "photo_gpj.exe"],
    ["zero\u200Bwidth\uFEFF", "zero_width_"],
    ["half\uD83D.txt", "half_.txt"],
    ["trailing. . .", "trailing"],
    ["  leading.txt", "leading.txt"],
    ["CON", "_CON"],
    ["con", "_con"],
    ["aux.txt", "_aux.txt"],
    ["Nul.tar.gz", "_Nul.tar.gz"],
    ["com1", "_com1"],
    ["LPT9.log", "_LPT9.log"],
    ["com²", "_com²"],
    ["CONIN$", "_CONIN$"],
    ["prn .txt", "_prn .txt"],
    ["CON.", "_CON"],
    ["console.txt", "console.txt"],
    ["com10", "com10"],
    ["auxiliary", "auxiliary"],
    ["__proto__", "__proto__"],
    [`${"a".repeat(300)}.txt`, `${"a".repeat(251)}.txt`],
    [`${"漢".repeat(100)}.png`, `${"漢".repeat(83)}.png`],
    [`x.${"y".repeat(300)}`, `x.${"y".repeat(253)}`],
    ["😀".repeat(100), "😀".repeat(63)],
    [`${"a".repeat(250)}. . .txt`, `${"a".repeat(250)}.txt`]
  ])("%j becomes %j", (name, expected) => {
    assert.strictEqual(safeName(name), expected)
  })

  it("takes time in proportion to the name, also for a hostile one", () => {
    const started = performance.now()
    for (const piece of [".", " ", ". ", "../", "a.", "con ", "\u0301", "😀", "\uD83D"]) {
      const safe = safeName(`x${piece.repeat(1_000_000)}x`)
      assert.isAtMost(bytes(safe), 255)
    }
    assert.isBelow(performance.now() - started, 5000)
  })

  const Nasty = Schema.Array(
    Schema.Union([
      Schema.String,
      Schema.Literals([
        "..",
        "/",
        "\\",
        ".",
        " ",
        "con",
        "aux",
        "\0",
        "\u202E",
        "e\u0301",
        "\uD83D",
        "\uDE00",
        "漢",
        "<\u0338",
        "x".repeat(120),
        "😀".repeat(40)
      ])
    ])
  ).check(Schema.isMaxLength(8))

  it.prop(
    "every name becomes one that any system takes, and is left alone the second time",
    [Nasty],
    ([parts]) => {
      const safe = safeName(parts.join(""))
      assert.isAbove(safe.length, 0)
      assert.isAtMost(bytes(safe), 255)
      assert.isTrue(safe.isWellFormed())
      assert.strictEqual(safe, safe.normalize("NFC"))
      assert.notMatch(safe, /[/\\:*?"<>|\p{Cc}\u202E]|[. ]$|^\.*$|^(con|aux|prn|nul|com\d|lpt\d)(\.|$)/iu)
      assert.strictEqual(safeName(safe), safe)
    },
    { arbitrary: { runs: 5000 } }
  )
})
