/** The types of files by the ends of their names, and which of them a browser may show. */

const types: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  bin: "application/octet-stream",
  css: "text/css",
  csv: "text/csv",
  flac: "audio/flac",
  gif: "image/gif",
  htm: "text/html",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  xml: "text/xml",
  zip: "application/zip"
}

const safe = /^(?:image\/(?:jpeg|png|gif|webp)|audio\/.+|video\/.+|text\/plain|application\/json)$/

const byName = (name: string): string | undefined => types[name.slice(name.lastIndexOf(".") + 1).toLowerCase()]

/** Whether a file is one of these: endings with their dot, and kinds such as `image`. */
export const isOneOf = (name: string, wanted: ReadonlyArray<string>): boolean =>
  wanted.some((type) =>
    type.startsWith(".")
      ? name.length > type.length && name.toLowerCase().endsWith(type.toLowerCase())
      : type === "file" || byName(name)?.startsWith(`${type}/`) === true
  )

/** How a file is served: anything that might run scripts is a download of bytes. */
export const ofFile = (name: string): { readonly type: string; readonly disposition: "inline" | "attachment" } => {
  const type = byName(name)
  if (type === undefined || !safe.test(type)) return { type: "application/octet-stream", disposition: "attachment" }
  return { type: type.startsWith("text/") ? `${type}; charset=utf-8` : type, disposition: "inline" }
}
