/**
 * What may be wrong with a server, and the cases that must notice. Each fault is planted in a stand-in that is right otherwise; a fault that no
 * case notices is a hole in the suite.
 */
import { Stream } from "effect"
import { HttpServerResponse } from "effect/http"

import { Fault } from "../../src/testing/index.ts"
import type { GradioVersion } from "../gradio/environments.ts"

type Message = Parameters<Parameters<typeof Fault.mapMessages>[0]>[0]

/** A fault in a stand-in. */
export interface Planted {
  readonly what: string
  /** The Gradio that the server stands in for. Default: the newest. */
  readonly version?: Exclude<GradioVersion, "6.31.0">
  readonly fault: Fault.Fault
  /** Titles of cases that should notice; at least one must. */
  readonly noticedBy: ReadonlyArray<string>
}

const is =
  (...kinds: ReadonlyArray<string>) =>
  (message: Message): boolean =>
    kinds.includes(message.msg)

/** The nth message of a kind in each stream, changed or replaced. */
const nth = (kind: string, n: number, change: (message: Message) => ReadonlyArray<Message>): Fault.Fault => ({
  frames: (frames) =>
    Stream.mapAccum(
      frames,
      () => 0,
      (seen, frame) => {
        if (frame._tag === "Text" || frame.message.msg !== kind) return [seen, [frame]] as const
        const next = seen + 1
        return [
          next,
          next === n ? change(frame.message).map((message): Fault.Frame => ({ _tag: "Message", message })) : [frame]
        ] as const
      }
    )
})

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** Messages of these kinds with a changed output. */
const outputs = (
  kinds: ReadonlyArray<string>,
  change: (output: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
): Fault.Fault =>
  Fault.mapMessages((message) => {
    const { output } = message
    return [kinds.includes(message.msg) && isRecord(output) ? { ...message, output: change(output) } : message]
  })

const fields = (kind: string, change: Readonly<Record<string, unknown>>): Fault.Fault =>
  Fault.mapMessages((message) => [message.msg === kind ? { ...message, ...change } : message])

const errors = (change: (output: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) =>
  outputs(["process_completed"], (output) => ("error" in output ? change(output) : output))

const without = (output: Readonly<Record<string, unknown>>, key: string) =>
  Object.fromEntries(Object.entries(output).filter(([name]) => name !== key))

/** The text of an answer, changed. */
const bodies = (match: Fault.Match, change: (text: string) => string): Fault.Fault =>
  Fault.on(
    match,
    Fault.mapAnswer((answer) =>
      answer.body._tag === "Uint8Array"
        ? HttpServerResponse.text(change(new TextDecoder().decode(answer.body.body)), {
            status: answer.status,
            contentType: answer.headers["content-type"] ?? answer.body.contentType
          })
        : answer
    )
  )

/** Every request under the session of the first one. */
const mixedSessions = (): Fault.Fault => {
  let first: string | undefined
  return Fault.mapMessages((message) => {
    const { output } = message
    const data = isRecord(output) ? output["data"] : undefined
    if (message.msg !== "process_completed" || !Array.isArray(data)) return [message]
    const text = JSON.stringify(data)
    first ??= text
    return [{ ...message, output: JSON.parse(JSON.stringify(output).replace(text, first)) }]
  })
}

/** The ids of two events, each in place of the other. */
const swappedIds = (): Fault.Fault => {
  const ids: Array<string> = []
  return Fault.mapMessages((message) => {
    const id = message["event_id"]
    if (typeof id !== "string") return [message]
    if (!ids.includes(id)) ids.push(id)
    const at = ids.indexOf(id)
    return [{ ...message, event_id: ids[at % 2 === 0 ? at + 1 : at - 1] ?? id }]
  })
}

/** Outputs that are meant for one event, sent to another that is pending. */
const leakingOutputs = (): Fault.Fault => {
  let last: unknown
  return Fault.mapMessages((message) => {
    if (message.msg !== "process_generating") return [message]
    const before = last
    last = message["output"]
    return [message, ...(before === undefined ? [] : [{ ...message, output: before }])]
  })
}

/** A value in the form of the edits of later versions. */
const edited = (message: Message): Message => {
  const { output } = message
  return isRecord(output) && Array.isArray(output["data"])
    ? { ...message, output: { ...output, data: output["data"].map((value) => [["replace", [], value]]) } }
    : message
}

const waits = "a call waits, starts, gives one output and completes"
const values = "each value of a generator is one output"
const fifty = "fifty calls at once get each its own answer"

export const faults: ReadonlyArray<Planted> = [
  {
    what: "an edit of a generator is dropped",
    fault: nth("process_generating", 2, () => []),
    noticedBy: ["a growing text comes whole each time", "a list that grows and shrinks"]
  },
  {
    what: "the edits of two outputs are exchanged",
    fault: Fault.swap(is("process_generating")),
    noticedBy: ["a growing text comes whole each time", "each value of a generator is one output"]
  },
  {
    what: "an output comes twice",
    fault: Fault.duplicate(is("process_generating")),
    noticedBy: ["a growing text comes whole each time", "a list that grows and shrinks"]
  },
  {
    what: "edits are lost, so that values seem unchanged",
    fault: nth("process_generating", 3, (message) => {
      const { output } = message
      return isRecord(output) && Array.isArray(output["data"])
        ? [{ ...message, output: { ...output, data: output["data"].map(() => []) } }]
        : [message]
    }),
    noticedBy: ["a list that grows and shrinks", "rows and columns that vanish at once"]
  },
  {
    what: "a generator completes with another value than its last",
    fault: outputs(["process_completed"], (output) => ("data" in output ? { ...output, data: ["another"] } : output)),
    noticedBy: ["each value of a generator is one output"]
  },
  {
    what: "the ids of two events are exchanged",
    fault: swappedIds(),
    noticedBy: ["fifty calls at once get each its own answer", "generators side by side get each their own values"]
  },
  {
    what: "outputs of one call reach another",
    fault: leakingOutputs(),
    noticedBy: ["generators side by side get each their own values", "each value of a generator is one output"]
  },
  { what: "logs are lost", fault: Fault.loseLogs, noticedBy: ["logs of each level"] },
  {
    what: "one of many logs is lost",
    fault: nth("log", 57, () => []),
    noticedBy: ["none of many logs is lost, and their order is kept"]
  },
  {
    what: "two logs are exchanged",
    fault: Fault.swap(is("log")),
    noticedBy: ["none of many logs is lost, and their order is kept"]
  },
  {
    what: "the title of logs is lost",
    fault: fields("log", { title: null }),
    noticedBy: ["logs with title, duration and visibility"]
  },
  { what: "logs are all of one level", fault: fields("log", { level: "info" }), noticedBy: ["logs of each level"] },
  { what: "progress is lost", fault: Fault.drop(is("progress")), noticedBy: ["progress that a function tells itself"] },
  {
    what: "of nested progress only the outer bar is told",
    fault: Fault.mapMessages((message) => {
      const units = message["progress_data"]
      return [Array.isArray(units) ? { ...message, progress_data: units.slice(0, 1) } : message]
    }),
    noticedBy: ["progress of a loop in a loop: two bars"]
  },
  {
    what: "cancels are ignored",
    fault: Fault.ignoreCancels,
    noticedBy: ["a generator is stopped while other calls of its session go on"]
  },
  {
    what: "a call completes without data",
    fault: outputs(["process_completed"], () => ({})),
    noticedBy: ["a call waits, starts, gives one output and completes"]
  },
  {
    what: "the completion is lost",
    fault: Fault.drop(is("process_completed")),
    noticedBy: ["a call waits, starts, gives one output and completes"]
  },
  {
    what: "the position in the queue is one too many",
    fault: Fault.mapMessages((message) => [
      message.msg === "estimation" ? { ...message, rank: Number(message["rank"]) + 1 } : message
    ]),
    noticedBy: ["calls that wait are told their position, and each step forward"]
  },
  {
    what: "the size of the queue is always one",
    fault: fields("estimation", { queue_size: 1 }),
    noticedBy: ["calls that wait are told their position, and each step forward"]
  },
  {
    what: "the wait is never guessed",
    fault: fields("estimation", { rank_eta: null }),
    noticedBy: ["a server that has timed a function guesses the wait"]
  },
  {
    what: "the start of a call is not told",
    fault: Fault.drop(is("process_starts")),
    noticedBy: ["a call waits, starts, gives one output and completes"]
  },
  {
    what: "sessions see each other's state",
    fault: mixedSessions(),
    noticedBy: ["sessions do not see each other's state", "a state goes on from call to call"]
  },
  {
    what: "files are cut short",
    fault: Fault.on({ method: "GET", path: /file=/ }, Fault.cutAfterBytes(3)),
    noticedBy: ["a file of three mebibytes comes whole, at once and in pieces", "bytes with a name"]
  },
  {
    what: "uploads get the path of another file",
    fault: bodies({ path: "/upload" }, (text) => text.replace(/gradio\//, "gradio/0")),
    noticedBy: ["bytes with a name"]
  },
  {
    what: "the path of an upload is that of its directory",
    fault: bodies({ path: "/upload" }, (text) => text.replace(/\/[^/"]+"/g, '"')),
    noticedBy: ["several files in one list"]
  },
  {
    what: "the names of output files are lost",
    fault: outputs(["process_completed"], (output) =>
      JSON.parse(JSON.stringify(output).replace(/"orig_name":"[^"]*"/g, '"orig_name":"other"'))
    ),
    noticedBy: ["an output as an input", "files at any depth of the output, in order"]
  },
  {
    what: "errors are quoted, as before 5.2",
    fault: errors((output) => ({
      ...output,
      error: typeof output["error"] === "string" ? `'${output["error"]}'` : null
    })),
    noticedBy: ["an error of the app has its text"]
  },
  {
    what: "the title of errors is lost",
    fault: Fault.mapMessages((message) => {
      const { output } = message
      // It is in two places of the message.
      return [
        isRecord(output) && "error" in output ? { ...message, title: null, output: without(output, "title") } : message
      ]
    }),
    noticedBy: ["an error of the app has its options"]
  },
  {
    what: "the duration of errors is lost",
    fault: errors((output) => without(output, "duration")),
    noticedBy: ["an error of the app has its options", "an error of the app that stays has no duration"]
  },
  {
    what: "exceptions are shown",
    fault: errors((output) => (output["error"] === null ? { ...output, error: "secret detail" } : output)),
    noticedBy: ["an exception is hidden"]
  },
  {
    what: "errors count as success",
    fault: Fault.mapMessages((message) => {
      const { output } = message
      return [isRecord(output) && "error" in output ? { ...message, success: true, output: { data: [null] } } : message]
    }),
    noticedBy: ["an error of the app has its text"]
  },
  {
    what: "the stream is closed too early",
    fault: Fault.endAfterMessages(2),
    noticedBy: ["a call waits, starts, gives one output and completes", "each value of a generator is one output"]
  },
  {
    what: "the stream breaks off after three messages",
    fault: Fault.cutAfterMessages(3),
    noticedBy: ["each value of a generator is one output"]
  },
  {
    what: "the stream stands still after two messages",
    fault: Fault.stallAfterMessages(2),
    noticedBy: ["a call waits, starts, gives one output and completes"]
  },
  {
    what: "a validator's answer has another status",
    fault: Fault.on(
      { path: "/queue/join" },
      Fault.mapAnswer((answer) => (answer.status === 422 ? HttpServerResponse.setStatus(answer, 400) : answer))
    ),
    noticedBy: ["a validator refuses one argument"]
  },
  {
    what: "the heartbeat of sessions is refused",
    fault: Fault.on({ path: /\/heartbeat\// }, Fault.refuse({ status: 404 })),
    noticedBy: ["the end of a session is told to the app"]
  },
  {
    what: "parameters lose their names",
    fault: bodies({ path: "/info" }, (text) => text.replace(/"parameter_name":"[^"]*"/g, '"parameter_name":"x"')),
    noticedBy: ["arguments by name, in any order"]
  },
  {
    what: "defaults are lost",
    fault: bodies({ path: "/info" }, (text) =>
      text.replaceAll('"parameter_has_default":true', '"parameter_has_default":false')
    ),
    noticedBy: ["defaults stand for what is left out"]
  },
  {
    what: "private endpoints are announced as public",
    fault: bodies({ path: "/config" }, (text) =>
      text.replaceAll('"api_visibility":"private"', '"api_visibility":"public"')
    ),
    noticedBy: ["a private endpoint is refused by its name"]
  },
  {
    what: "updates lose their mark",
    fault: outputs(["process_completed", "process_generating"], (output) =>
      JSON.parse(JSON.stringify(output).replaceAll('"__type__":"update"', '"type":"update"'))
    ),
    noticedBy: ["an update beside a value, and one without"]
  },
  {
    what: "direct calls answer with the values of the first",
    fault: (() => {
      let first: string | undefined
      return bodies({ path: /\/run\// }, (text) => (first ??= text))
    })(),
    noticedBy: ["fifty direct calls at once get each its own answer"]
  },
  {
    what: "4.16: close_stream, which nobody says there, after the first message",
    version: "4.16.0",
    fault: nth("estimation", 1, (message) => [message, { msg: "close_stream" }]),
    noticedBy: [waits, values, fifty]
  },
  {
    what: "4.16: an edit where a whole value belongs",
    version: "4.16.0",
    fault: nth("process_generating", 2, (message) => [edited(message)]),
    noticedBy: [values, "a growing text comes whole each time"]
  },
  {
    what: "4.19: a whole value where an edit belongs",
    version: "4.19.2",
    fault: nth("process_generating", 2, (message) => {
      const { output } = message
      return isRecord(output) ? [{ ...message, output: { ...output, data: ["whole"] } }] : [message]
    }),
    noticedBy: [values, "a growing text comes whole each time"]
  },
  {
    what: "4.21: errors lose their quotes and get other ones",
    version: "4.21.0",
    fault: errors((output) => ({ ...output, error: `«${String(output["error"])}»` })),
    noticedBy: ["an error of the app has its text"]
  },
  {
    what: "4.8: the data is asked for under another event's id",
    version: "4.8.0",
    fault: fields("send_data", { event_id: "0123456789abcdef0123456789abcdef" }),
    noticedBy: [waits, values]
  },
  {
    what: "4.8: the data is never asked for",
    version: "4.8.0",
    fault: Fault.drop(is("send_data")),
    noticedBy: [waits, values]
  },
  {
    what: "3.50: the socket is closed without a completion",
    version: "3.50.2",
    fault: Fault.drop(is("process_completed")),
    noticedBy: [waits, values]
  },
  {
    what: "3.50: the data is never asked for",
    version: "3.50.2",
    fault: Fault.drop(is("send_data")),
    noticedBy: [waits, values]
  },
  {
    what: "3.50: the socket is dropped after three messages",
    version: "3.50.2",
    fault: Fault.cutAfterMessages(3),
    noticedBy: [waits, values]
  }
]
