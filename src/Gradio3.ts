/**
 * Gradio 3. Its queue is reached over WebSockets, which programs for later versions do not load: those that want it provide this layer.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Socket from "effect/socket/Socket"

import { gradio3Values } from "./internal/files/gradio3Values.ts"
import * as ws from "./internal/protocol/ws.ts"
import { Protocols } from "./Protocol.ts"

/**
 * Lets `connect` take apps of Gradio 3, beside all others. The constructor of WebSockets is that of the platform: `NodeSocket.layerWebSocketConstructor`
 * of `@effect/platform-node`, or `Socket.layerWebSocketConstructorGlobal` in browsers, Deno and Bun.
 *
 * The handshake carries the headers and cookies of the connection and of the call, so that logins and tokens hold for it too. A browser lets no program
 * say them: there a call of a connection with headers of its own fails, and the page's own cookies for the app go along instead.
 *
 * What Gradio 3 does differently stays below the API: programs give and get values in the form of Gradio 4 and later. A few things it cannot do:
 * calls have no event id; calls of one function in one shared session run one after the other, because the server would mix them up; a reader that is
 * slower than the app fails with `JobOverflowError` at `buffer` on every session, because the server gives up a client that does not read at once.
 *
 * @example
 * const program = GradioClient.connect("http://127.0.0.1:7860").pipe(
 *   Effect.flatMap((app) => app.predict("/predict", ["Hello"])),
 *   Effect.scoped,
 *   Effect.provide([NodeHttpClient.layerUndici, Layer.provide(Gradio3.layer, NodeSocket.layerWebSocketConstructor)])
 * )
 */
export const layer: Layer.Layer<never, never, Socket.WebSocketConstructor> = Layer.effect(Protocols)(
  Effect.zipWith(Protocols, Socket.WebSocketConstructor, (protocols, constructor) => [
    ...protocols,
    { ...ws.make(constructor), values: gradio3Values }
  ])
)
