/**
 * A form body with one file, read while it is sent: constant memory, and a length where the file has one. Only browsers need it otherwise: they read
 * a Blob themselves, and streams they send over HTTP/2 or not at all.
 */
import * as HttpBody from "effect/http/HttpBody"
import * as Stream from "effect/Stream"

const encoder = new TextEncoder()

// As browsers write it (HTML Standard, multipart/form-data encoding algorithm).
const quoted = (text: string): string => text.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22")

export interface FormFile<E> {
  readonly field: string
  readonly name: string
  readonly mimeType: string
  /** Bytes, where known; without it the body is sent in chunks of unknown number. */
  readonly size: number | undefined
  readonly content: Uint8Array | Blob | Stream.Stream<Uint8Array, E>
}

/** Whether `fetch` of this runtime knows bodies that are streams; where it does not, it would send their name. */
export const knowsStreams = (): boolean => {
  const init = { method: "POST", body: new ReadableStream(), duplex: "half" }
  return !new Request("http://localhost", init).headers.has("content-type")
}

/** The body; `boundary` must not be in the content, which a random one of 128 bits is not. */
export const body = <E>(file: FormFile<E>, boundary: string): HttpBody.HttpBody => {
  const head = encoder.encode(
    `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(file.field)}"; filename="${quoted(file.name)}"\r\nContent-Type: ${file.mimeType.replace(/[\r\n]/g, " ")}\r\n\r\n`
  )
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  const type = `multipart/form-data; boundary=${boundary}`
  if (file.content instanceof Uint8Array) {
    const whole = new Uint8Array(head.byteLength + file.content.byteLength + tail.byteLength)
    whole.set(head)
    whole.set(file.content, head.byteLength)
    whole.set(tail, head.byteLength + file.content.byteLength)
    return HttpBody.uint8Array(whole, type)
  }
  if (!Stream.isStream(file.content)) {
    return HttpBody.raw(new Blob([head, file.content, tail]), { contentType: type })
  }
  const stream = Stream.make(head).pipe(Stream.concat(file.content), Stream.concat(Stream.make(tail)))
  return HttpBody.stream(
    stream,
    type,
    file.size === undefined ? undefined : head.byteLength + file.size + tail.byteLength
  )
}
