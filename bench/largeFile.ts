/** A large file whose every 4 KiB differ, and the checksum that tells whether all of it arrived in order. */
import { randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { open } from "node:fs/promises"
import { crc32 } from "node:zlib"

const blockBytes = 1024 * 1024
const stampEvery = 4096

export const writeLargeFile = async (path: string, size: number): Promise<number> => {
  const block = randomBytes(blockBytes)
  const file = await open(path, "w")
  let crc = 0
  let stamp = 0
  try {
    for (let written = 0; written < size; written += blockBytes) {
      for (let at = 0; at < blockBytes; at += stampEvery) block.writeUInt32LE(stamp++, at)
      const part = block.subarray(0, Math.min(blockBytes, size - written))
      await file.write(part)
      crc = crc32(part, crc)
    }
  } finally {
    await file.close()
  }
  return crc
}

export const checksum = async (path: string): Promise<number> => {
  let crc = 0
  for await (const chunk of createReadStream(path, { highWaterMark: blockBytes })) crc = crc32(chunk as Buffer, crc)
  return crc
}
