/**
 * File names that come from a server, made safe to write below a directory of the user's on any system.
 */

const maxBytes = 255
const encoder = new TextEncoder()
const bytesOf = (text: string): number => encoder.encode(text).length

// Device names of Windows, with any extension, also with the superscript digits that it takes for digits.
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(?:\.|$)/i

/**
 * Everything that separates, redirects or hides: separators and wildcards of all systems, control characters, marks that change the direction of
 * writing (`photo\u202Egpj.exe`) or are not seen at all, and halves of characters, which no file system can store.
 */
const unsafe = /[/\\:*?"<>|\u2028\u2029\u2066-\u2069\u202A-\u202E\u061C\u200E\u200F\u200B\u2060\uFEFF\p{Cc}\p{Cs}]/gu

/** Cut to a number of bytes of UTF-8, between characters. */
const cut = (text: string, limit: number): string => {
  if (text.length <= limit && bytesOf(text) <= limit) return text
  let kept = ""
  let bytes = 0
  for (const character of text) {
    bytes += bytesOf(character)
    if (bytes > limit) break
    kept += character
  }
  return kept
}

// Windows drops dots and spaces at the end by itself, which would make a new name of it. Not by a pattern: `[. ]+$` looks again at each dot of a long row.
const isDropped = (code: number): boolean => code === 0x2e || code === 0x20

const trimEnd = (name: string): string => {
  let end = name.length
  while (end > 0 && isDropped(name.charCodeAt(end - 1))) end--
  return name.slice(0, end)
}

const extensionOf = (name: string): string => {
  const dot = name.lastIndexOf(".")
  return dot > 0 && name.length - dot <= 32 ? name.slice(dot) : ""
}

/** Short enough, with the extension kept where it is one and not itself the long part. */
const shorten = (name: string): string => {
  if (name.length <= maxBytes && bytesOf(name) <= maxBytes) return name
  const extension = extensionOf(name)
  return cut(
    trimEnd(cut(name.slice(0, name.length - extension.length), maxBytes - bytesOf(extension))) + extension,
    maxBytes
  )
}

/**
 * A file name without a directory, at most 255 bytes of UTF-8, that every system takes. Letters of all scripts are kept, in their composed form (NFC).
 *
 * What is not allowed becomes `_`; of a path only `_` joined parts remain, so `../../x` cannot leave the directory; a name with nothing left is `file`.
 */
export const safeName = (name: string): string => {
  // A name that long is not a name; the end is kept, where the extension is.
  const given = name.length > 4096 ? name.slice(0, 2048) + name.slice(-2048) : name
  const plain = trimEnd(given.normalize("NFC").replace(unsafe, "_").trimStart())
  const named = /^[._\s]*$/u.test(plain) ? "file" : plain
  return shorten(reserved.test(named) ? `_${named}` : named)
}

/** A safe name with a number before its extension, for where the name itself is taken. */
export const numberedName = (name: string, number: number): string => {
  const extension = extensionOf(name)
  const end = `-${number}${extension}`
  // Cut here: `safeName` would cut the number off.
  return safeName(trimEnd(cut(name.slice(0, name.length - extension.length), maxBytes - bytesOf(end))) + end)
}
