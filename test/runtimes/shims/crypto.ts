/** What the cases use of `node:crypto`, for browsers, whose own digest gives a Promise: SHA-256 as FIPS 180-4 has it. */

const primes: Array<number> = []
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32)
const constants = primes.map((prime) => fraction(Math.cbrt(prime)))

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

const sha256 = (data: Uint8Array): string => {
  const padded = new DataView(new ArrayBuffer(Math.ceil((data.length + 9) / 64) * 64))
  data.forEach((byte, i) => padded.setUint8(i, byte))
  padded.setUint8(data.length, 0x80)
  padded.setBigUint64(padded.byteLength - 8, BigInt(data.length) * 8n)
  const state = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
  const words = new Int32Array(64)
  for (let block = 0; block < padded.byteLength; block += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) words[i] = padded.getInt32(block + i * 4)
      else {
        const [w2 = 0, w7 = 0, w15 = 0, w16 = 0] = [2, 7, 15, 16].map((back) => words[i - back])
        const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3)
        const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10)
        words[i] = w16 + s0 + w7 + s1
      }
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (words[i] ?? 0)) | 0
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g]
    }
    ;[a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = (state[i] ?? 0) + value
    })
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

export const createHash = (_algorithm: "sha256") => ({
  update: (data: Uint8Array) => ({ digest: (_encoding: "hex") => sha256(data) })
})
