/**
 * A hash of bytes that come in pieces, for naming a file by its content.
 *
 * Equal bytes give equal names and that is all: it is no defence against anybody. Platforms offer cryptographic digests only for bytes
 * that are all in memory, and an upload may be larger than that.
 */

const lanes = 8
const prime = 0x01000193

/** Takes bytes in any number of pieces; `digest` gives 64 hexadecimal digits. */
export const make = (): { readonly write: (bytes: Uint8Array) => void; readonly digest: () => string } => {
  const state = Uint32Array.from({ length: lanes }, (_, lane) => Math.imul(0x811c9dc5 ^ lane, prime))
  let length = 0
  const write = (bytes: Uint8Array) => {
    // Not `for of`: an iterator for each byte takes five times as long.
    for (let i = 0; i < bytes.length; i++) {
      const lane = (length + i) & (lanes - 1)
      state[lane] = Math.imul((state[lane] ?? 0) ^ (bytes[i] ?? 0), prime)
    }
    length += bytes.length
  }
  const digest = () => {
    const mixed = Uint32Array.from(state)
    // Two rounds carry every lane into all others, so that a change of one byte shows in the whole name.
    let carry = length >>> 0
    for (let i = 0; i < lanes * 2; i++) {
      const lane = i % lanes
      carry = Math.imul(carry ^ (mixed[lane] ?? 0), 0x85ebca6b)
      carry ^= carry >>> 15
      mixed[lane] = carry
    }
    return Array.from(mixed, (word) => word.toString(16).padStart(8, "0")).join("")
  }
  return { write, digest }
}
