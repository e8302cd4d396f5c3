/** `sse_v2.1`, Gradio 4.21: as `sse_v2`, but references to files are marked as such. */
import * as sseV1 from "./sseV1.ts"
import * as sseV2 from "./sseV2.ts"

export const version: sseV1.Version = {
  ...sseV2.version,
  name: "sse_v2.1",
  speaks: (announced) => announced === "sse_v2.1",
  values: undefined
}

export const protocol = sseV1.make(version)
