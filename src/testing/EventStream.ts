/**
 * The event stream of a session: takes its messages one by one until nothing is pending.
 *
 * Nothing is taken that is not sent, so two streams of one session share its messages between them, as they do at a real server.
 */
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

import { Broken } from "./Broken.ts"
import type { Frame } from "./Fault.ts"
import * as Message from "./Message.ts"
import { pythonJson, pythonRepr } from "./pythonText.ts"
import type { Release } from "./Release.ts"
import type { Session } from "./Session.ts"

/** The messages of a session. `onDrop` runs when the reader leaves before the server closed the stream, if the server notices that. */
export const open = (
  session: Session | undefined,
  options: {
    readonly release: Release
    readonly heartbeatInterval: Duration.Input
    readonly onDrop: (session: Session) => Effect.Effect<void>
    /** Whether the stream is one call's own, and ends when nothing more comes. */
    readonly own?: true
  }
): Stream.Stream<Frame, Broken> => {
  const { release } = options
  const frame = (message: Message.Message): Frame => ({ _tag: "Message", message: release.tell(message) })
  const unknownSession: Stream.Stream<Frame, Broken> = Stream.concat(
    Stream.succeed(frame(Message.unexpectedError(release.unknownSession, true))),
    Stream.fail(new Broken())
  )
  const messages = session?.messages()
  if (session === undefined || messages === undefined) return unknownSession
  let isOver = false
  let isBroken = false
  const take = Effect.gen(function* () {
    if (isOver) return yield* Cause.done()
    if (isBroken) return yield* new Broken()
    const message = yield* Queue.take(messages)
    const frames: [Frame, ...Array<Frame>] = [frame(message)]
    const { event_id: eventId } = message
    if (message.msg === "process_completed" && typeof eventId === "string") {
      if (!session.pending.delete(eventId) && release.breaksOnSecondEnd) {
        isBroken = true
        frames.push(frame(Message.unexpectedError(pythonRepr(eventId), false)))
      } else if (session.pending.size === 0) {
        isOver = true
        if (release.saysClose) frames.push(frame(Message.closeStream))
      }
    }
    return frames
  })
  return Stream.unwrap(
    Effect.sync(() => session.send(Message.heartbeat)).pipe(
      Effect.delay(options.heartbeatInterval),
      Effect.forever,
      Effect.forkScoped,
      Effect.as(Stream.fromPull(Effect.succeed(take)))
    )
  ).pipe(
    // The messages end under a stream when another one of the session was dropped.
    Stream.concat(Stream.suspend(() => (isOver || options.own === true ? Stream.empty : unknownSession))),
    Stream.onExit(() => (isOver || !release.noticesLeaving ? Effect.void : options.onDrop(session)))
  )
}

const utf8 = new TextEncoder()

/** Writes frames as Server-Sent Events; `render` gives the text of a message, or nothing. */
export const encode = (
  frames: Stream.Stream<Frame, Broken>,
  render: (message: Message.Message) => string | undefined
): Stream.Stream<Uint8Array, Broken> =>
  frames.pipe(
    Stream.map((one) => (one._tag === "Text" ? one.text : (render(one.message) ?? ""))),
    Stream.filter((text) => text !== ""),
    Stream.map((text) => utf8.encode(text))
  )

/** The form of `/queue/data`. */
export const renderMessage =
  (release: Release) =>
  (message: Message.Message): string =>
    `data: ${release.json(message)}\n\n`

/** The form of `/call`, which tells of outputs, failures and heartbeats only. */
export const renderCall =
  (release: Release) =>
  (message: Message.Message): string | undefined => {
    const event = (name: string, data: unknown) => `event: ${name}\ndata: ${pythonJson(data ?? null)}\n\n`
    const { output } = message
    const data = typeof output === "object" && output !== null && "data" in output ? output.data : null
    switch (message.msg) {
      case "process_completed":
        return message["success"] === true
          ? event("complete", data)
          : event("error", release.tellsFailures ? output : null)
      case "process_generating":
        return event("generating", data)
      case "heartbeat":
        return event("heartbeat", null)
      case "unexpected_error":
        return event("error", message["message"])
      default:
        return undefined
    }
  }
