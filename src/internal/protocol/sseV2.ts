/** `sse_v2`, Gradio 4.17 to 4.20: as `sse_v1`, but a generator sends edits from its second value on. */
import * as sseV1 from "./sseV1.ts"

export const version: sseV1.Version = {
  ...sseV1.version,
  name: "sse_v2",
  speaks: (announced) => announced === "sse_v2",
  generates: "edits"
}

export const protocol = sseV1.make(version)
