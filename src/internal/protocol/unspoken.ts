/** What a program lacks that does not speak the protocol of an app. */

/** The layer that brings a protocol which is not there by itself. Without it nothing of such an app works, which is known when it is found. */
export const layerFor = (announced: string): string | undefined =>
  announced === "ws"
    ? "that of Gradio 3: provide Gradio3.layer from effect-gradio/Gradio3, with the WebSockets of the platform"
    : undefined
