/**
 * Calls with a connection of their own, as before `sse_v1`: the client names a function and waits; when it is the call's turn it is asked for the
 * data, and it hears of this call alone until the connection ends.
 */
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Socket from "effect/socket/Socket"
import * as Stream from "effect/Stream"

import type { AppFunction } from "./AppFunction.ts"
import { Broken } from "./Broken.ts"
import type { Frame } from "./Fault.ts"
import { isRecord } from "./FileData.ts"
import type { JobQueue, Opened } from "./JobQueue.ts"
import * as Message from "./Message.ts"
import type { Release } from "./Release.ts"
import * as RequestBody from "./RequestBody.ts"
import * as Session from "./Session.ts"

/** A call that waits, or runs. */
export interface Conversation {
  /** What only this call's client hears. */
  readonly session: Session.Session
  /** Gives the data that was asked for. */
  readonly tell: (body: RequestBody.CallBody) => Effect.Effect<void>
}

/** Puts a call in the queue. It is given up when its client says nothing for as long as `patience` when asked for the data. */
export const start = Effect.fnUntraced(function* (options: {
  readonly id: string
  readonly fn: AppFunction
  readonly sessionHash: string
  readonly queue: JobQueue
  readonly isFull: boolean
  /** The data, where it came with the request. */
  readonly body: RequestBody.CallBody | undefined
  readonly patience: Duration.Input
  readonly open: (body: RequestBody.CallBody, session: Session.Session) => Opened
}) {
  const { body, fn, id, isFull, open, patience, queue, sessionHash } = options
  const session = Session.alone(sessionHash)
  const told = yield* Deferred.make<RequestBody.CallBody>()
  if (body !== undefined) yield* Deferred.succeed(told, body)
  const ask = Effect.gen(function* () {
    if (body === undefined) session.send(Message.sendData(id))
    const answer = yield* Effect.timeoutOption(Deferred.await(told), patience)
    if (Option.isNone(answer)) session.end()
    return Option.getOrUndefined(Option.map(answer, (one) => open(one, session)))
  })
  if (isFull) {
    yield* session.add(id)
    session.send(Message.queueFull)
    session.end()
  } else yield* queue.push({ id, fn, session, open: ask })
  const conversation: Conversation = { session, tell: (answer) => Deferred.succeed(told, answer) }
  return conversation
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Objects that a client sends over a socket, one by one; whoever sends anything else is left. */
const reader = (socket: Socket.Socket) =>
  Effect.map(Socket.readerString(socket), (pull) => {
    const waiting: Array<string> = []
    return Effect.gen(function* () {
      while (waiting.length === 0) waiting.push(...(yield* pull))
      const fields = parsed(waiting.shift() ?? "")
      if (!isRecord(fields)) return yield* new Broken()
      return fields
    })
  })

/** How long a client may take to say which function it wants. */
const forHash = "5 seconds"

/** Holds the conversation of one call over a socket. Fails when the connection breaks, or is to be broken off. */
export const overSocket = Effect.fnUntraced(function* (
  socket: Socket.Socket,
  release: Release,
  begin: (first: {
    readonly sessionHash: string
    readonly fnIndex: number
  }) => Effect.Effect<Conversation & { readonly frames: Stream.Stream<Frame, Broken> }, Broken>
) {
  const next = yield* reader(socket)
  const { write } = yield* socket.writer
  const say = (message: Message.Message) => write(release.json(message))
  yield* say(Message.sendHash)
  const first = yield* Effect.timeoutOrElse(next, { duration: forHash, orElse: () => Effect.fail(new Broken()) })
  const { fn_index: fnIndex, session_hash: sessionHash } = first
  if (typeof fnIndex !== "number" || typeof sessionHash !== "string") return yield* new Broken()
  const { frames, tell } = yield* begin({ fnIndex, sessionHash })
  const listen = Effect.flatMap(next, (fields) => tell(RequestBody.read(fields)))
  yield* Effect.raceFirst(
    Stream.runForEach(frames, (frame) => (frame._tag === "Text" ? write(frame.text) : say(frame.message))),
    // Ends by failing, when the client closes.
    Effect.forever(listen)
  )
  yield* write(new Socket.CloseEvent(1000))
})
