/**
 * The stand-in twin of the Python app of the tests against real servers (`test/gradio/app.py`): the same endpoints, parameters and labels,
 * and the same behaviour as far as a client can see it.
 */
import { createHash } from "node:crypto"
import { createServer } from "node:http"

import { NodeHttpServer } from "@effect/platform-node"
import { Clock, Effect, Layer, Stream } from "effect"

import {
  AppFailure,
  batch,
  type Call,
  Component,
  type Endpoint,
  endpoint,
  generator,
  GradioServer,
  inputStream,
  listener,
  render,
  type ServerFile,
  skip,
  update
} from "../../src/testing/index.ts"
import { pythonRepr, pythonType } from "../../src/testing/pythonText.ts"
import { components } from "./components.ts"

const text = (name: string, label: string = "text", value?: string) =>
  Component.textbox({ name, label, ...(value === undefined ? {} : { value }) })
const number = (name: string, label: string = "n", value?: number) =>
  Component.number({ name, label, ...(value === undefined ? {} : { value }) })
const out = (label: string = "text") => Component.textbox({ label })
const outNumber = (label: string = "n") => Component.number({ label })
const outJson = (label: string) => Component.json({ label })

const range = (n: number) => Array.from({ length: Math.max(Math.trunc(n), 0) }, (_, i) => i)

/** Whether the app stands in for this Gradio or a later one. */
type Since = (version: string) => boolean

/** The Gradio with which an endpoint's kind came. */
const firstOf: Readonly<Record<string, string>> = {
  apply: "4.31",
  browser_state_io: "5.6",
  cached: "6.12",
  cached_count: "6.12",
  cached_part: "6.12",
  chatbot_io: "4.38",
  chunks_of: "5.0",
  dataset_io: "4.22",
  date_io: "4.38",
  datetime_io: "4.38",
  datetime_zoned_io: "4.38",
  dialogue_io: "5.40",
  download_button_io: "4.20",
  fallback_io: "4.0",
  image_editor_io: "4.5",
  image_slider_io: "5.27",
  line_plot_io: "4.39",
  make_download: "4.20",
  multimodal_io: "4.22",
  navbar_io: "5.45",
  nested_files: "4.22",
  nested_files_out: "4.22",
  param_viewer_io: "4.15",
  plot_io: "4.0",
  properties: "6.0",
  stream_audio: "4.0",
  stream_journal: "5.0",
  stream_short: "5.0",
  stream_video: "5.0",
  timer_io: "4.38",
  typed: "5.0",
  typed_steps: "5.0",
  undocumented: "4.12",
  validated: "5.45"
}

/** The Gradio with which an endpoint's kind went. */
const goneWith: Readonly<Record<string, string>> = {
  button_io: "4.0",
  chatbot_tuples_io: "6.0",
  sketch_io: "4.0",
  timeseries_io: "4.0"
}

/** A generator of these values with a pause before each. */
const paced = <A>(values: ReadonlyArray<A>, pause: number): Stream.Stream<A> =>
  Stream.fromIterable(values).pipe(Stream.mapEffect((value) => Effect.delay(Effect.succeed(value), pause)))

const digest = (file: ServerFile) =>
  Stream.runFold(
    file.stream(),
    () => createHash("sha256"),
    (hash, chunk) => hash.update(chunk)
  ).pipe(Effect.map((hash) => `${file.name}:${file.size}:${hash.digest("hex")}`))

/** What the functions wrote down while they ran. */
interface Journal {
  readonly finished: Array<string>
  readonly interrupted: Array<string>
  readonly steps: Map<string, number>
  readonly slow: Array<{ readonly tag: string; readonly at: "start" | "end"; readonly time: number }>
  readonly unloaded: Array<string>
  readonly chunks: Array<{ readonly tag: string; readonly sound: string | null; readonly time: number }>
}

const plain = (journal: Journal, since: Since): ReadonlyArray<Endpoint<never>> => {
  const first = text("first", "first")
  const last = text("last", "last")
  const middle = Component.state(0)
  return [
    endpoint("/echo", {
      inputs: [Component.nullable(text("text"))],
      outputs: [out("echoed")],
      description: "Gives the text back.",
      run: ([value]) => Effect.succeed([value])
    }),
    endpoint("/add", {
      inputs: [
        number("a", "a"),
        Component.radio({ name: "op", choices: ["add", "subtract"], value: "add", label: "op" }),
        Component.slider({ name: "b", minimum: 0, maximum: 10, value: 5, step: 1, label: "b" })
      ],
      outputs: [outNumber("result")],
      run: ([a, op, b]) => Effect.succeed([op === "add" ? a + b : a - b])
    }),
    endpoint("/two", {
      inputs: [Component.nullable(text("text"))],
      outputs: [out("same"), outNumber("length")],
      run: ([value]) => Effect.succeed([value, value?.length ?? 0])
    }),
    endpoint("/defaults", {
      inputs: [
        text("text", "text", "ab"),
        number("times", "times", 2),
        Component.checkbox({ name: "upper", value: true, label: "upper" }),
        Component.optional(text("suffix", "suffix"))
      ],
      outputs: [out("result")],
      run: ([value, times, upper, suffix]) =>
        Effect.succeed([(upper ? value.toUpperCase() : value).repeat(times) + (suffix ?? "")])
    }),
    endpoint("/describe", {
      inputs: [Component.nullable(text("value", "anything"))],
      outputs: [out("description")],
      run: ([value]) => Effect.succeed([`${pythonType(value)}:${pythonRepr(value)}`])
    }),
    endpoint("/describe_number", {
      inputs: [Component.nullable(number("value", "anything"))],
      outputs: [out("description")],
      // Before 4.11 every number is a float.
      run: ([value]) =>
        Effect.succeed([
          since("4.11") || value === null || !Number.isInteger(value)
            ? `${pythonType(value)}:${pythonRepr(value)}`
            : `float:${value}.0`
        ])
    }),
    endpoint("/several", {
      inputs: [
        text("text", "a text"),
        number("number", "a number"),
        Component.checkbox({ name: "flag", label: "a flag" }),
        Component.dropdown({ name: "choice", choices: ["x", "y"], label: "a choice" }),
        Component.checkboxGroup({ name: "choices", choices: ["p", "q", "r"], label: "some choices" }),
        Component.slider({ name: "whole", minimum: 0, maximum: 100, value: 7, step: 1, label: "a whole number" })
      ],
      outputs: [outJson("all")],
      run: ([value, n, flag, choice, choices, whole]) =>
        Effect.succeed([{ text: value, number: n, flag, choice, choices, whole }])
    }),
    endpoint("/no_inputs", { inputs: [], outputs: [out("result")], run: () => Effect.succeed(["nothing came in"]) }),
    endpoint("/no_outputs", {
      inputs: [text("text")],
      outputs: [],
      run: ([value]) =>
        Effect.sync(() => {
          journal.finished.push(`no_outputs ${value}`)
          return []
        })
    }),
    endpoint("/long_text", {
      inputs: [number("kib", "kib", 64)],
      outputs: [out("long")],
      run: ([kib]) => Effect.succeed(["x".repeat(kib * 1024)])
    }),
    endpoint("/not_finite", {
      inputs: [],
      outputs: [outJson("numbers")],
      run: () => Effect.succeed([{ nan: Number.NaN, infinity: Number.POSITIVE_INFINITY, finite: 1.5 }])
    }),
    endpoint("/unicode", {
      inputs: [
        Component.slider({ name: "größe", label: "Größe → 大きさ 🎈", minimum: 0, maximum: 10, value: 3, step: 1 }),
        text("wort", "单词", "日本 🗾")
      ],
      outputs: [out("Ergebnis ✓")],
      description: "Grüßt mit Umlauten, 漢字 und einem Ballon 🎈.",
      run: ([size, word]) => Effect.succeed([`${word} · ${size} · “ü漢🎈”`])
    }),
    endpoint("/odd_characters", {
      inputs: [],
      outputs: [out()],
      run: () => Effect.succeed(["a\u2028b\u2029c\u0085d\u000be\u000cf\u001cg\ufeffh\r\ni\u0000j"])
    }),
    endpoint("/middle_button", {
      inputs: [first, Component.button({ value: "the button" }), last],
      outputs: [out("joined")],
      run: ([a, button, b]) => Effect.succeed([`${a}|${button ?? "None"}|${b}`])
    }),
    endpoint("/middle_state", {
      inputs: [text("first", "first"), middle, text("last", "last")],
      outputs: [out("joined"), middle],
      run: ([a, count, b]) => Effect.succeed([`${a}|${count}|${b}`, count + 1])
    })
  ]
}

/** A generator that writes down how far it came, and whether it came to its end. */
const journalled = <A>(journal: Journal, tag: string, values: Stream.Stream<A>): Stream.Stream<readonly [A]> =>
  Stream.suspend(() => {
    let isDone = false
    let step = 0
    return values.pipe(
      Stream.map((value): readonly [A] => {
        journal.steps.set(tag, ++step)
        return [value]
      }),
      Stream.concat(
        Stream.suspend(() => {
          isDone = true
          return Stream.empty
        })
      ),
      Stream.ensuring(
        Effect.sync(() => {
          journal.finished.push(isDone ? `${tag} done` : `${tag} closed`)
          if (!isDone) journal.interrupted.push(tag)
        })
      )
    )
  })

const endless = (journal: Journal, name: string) =>
  generator(name, {
    inputs: [text("tag", "text", name.slice(1))],
    outputs: [out("number")],
    concurrencyLimit: 10,
    run: ([tag]) =>
      journalled(
        journal,
        tag,
        Stream.iterate(1, (i) => i + 1).pipe(
          Stream.mapEffect((i) => Effect.delay(Effect.succeed(String(i)), "100 millis"))
        )
      )
  })

const dictionaries = (n: number): ReadonlyArray<unknown> => {
  let value: { readonly items: ReadonlyArray<unknown>; readonly meta: { readonly n: number }; readonly last?: number } =
    {
      items: [],
      meta: { n: 0 }
    }
  return range(n).map((i) => {
    const items = [...value.items, { i, text: "x".repeat(i) }]
    value = i % 2 === 1 ? { items: items.slice(1), meta: { n: i } } : { items, meta: { n: i }, last: i }
    return value
  })
}

const generators = (journal: Journal): ReadonlyArray<Endpoint<never>> => [
  generator("/count", {
    inputs: [number("n", "n", 3)],
    outputs: [out("number")],
    run: ([n]) => Stream.fromIterable(range(n).map((i) => [String(i)]))
  }),
  generator("/ticks", {
    inputs: [number("n", "n", 3), number("seconds", "seconds", 0.2), text("tag", "tag", "ticks")],
    outputs: [out("tick")],
    run: ([n, seconds, tag]) =>
      journalled(
        journal,
        tag,
        paced(
          range(n).map((i) => `${tag} ${i}`),
          seconds * 1000
        )
      )
  }),
  endless(journal, "/endless"),
  endless(journal, "/endless_async"),
  generator("/two_gen", {
    inputs: [number("n", "n", 3)],
    outputs: [out("number"), Component.dataframe({ label: "rows" })],
    run: ([n]) => paced(range(n), 20).pipe(Stream.map((i) => [String(i), { headers: ["1", "2"], data: [[i, i * 2]] }]))
  }),
  generator("/lists", {
    inputs: [number("n", "n", 3)],
    outputs: [Component.highlightedText({ label: "words" })],
    run: ([n]) => {
      const sizes = [...range(n).map((i) => i + 1), ...range(n - 1).map((i) => n - 1 - i)]
      return paced(sizes, 20).pipe(
        Stream.map((size) => [range(size).map((i): Component.Token => [`word${i} `, i % 2 === 0 ? "even" : "odd"])])
      )
    }
  }),
  generator("/dictionaries", {
    inputs: [number("n", "n", 5)],
    outputs: [outJson("dictionary")],
    run: ([n]) => paced(dictionaries(n), 20).pipe(Stream.map((value) => [value]))
  }),
  generator("/shrinking_rows", {
    inputs: [number("n", "n", 4)],
    outputs: [Component.dataframe({ label: "rows" })],
    run: ([n]) =>
      paced(
        range(n).map((i) => n - i),
        20
      ).pipe(
        Stream.map((size) => [
          {
            headers: range(size).map((i) => `c${i}`),
            data: range(size).map((row) => range(size).map((column) => row * 10 + column))
          }
        ])
      )
  }),
  generator("/grow", {
    inputs: [number("n", "n", 4)],
    outputs: [out("growing")],
    run: ([n]) =>
      paced(range(n), 20).pipe(
        Stream.map((i) => [
          range(i + 1)
            .map((j) => `token${j} `)
            .join("")
        ])
      )
  }),
  generator("/chat_tokens", {
    inputs: [number("n", "n", 4)],
    outputs: [Component.chatbot({ label: "chat" })],
    run: ([n]) =>
      paced(range(n), 20).pipe(
        Stream.map((i) => [
          [
            { role: "user", content: "hi" },
            {
              role: "assistant",
              content: range(i + 1)
                .map((j) => `t${j} `)
                .join("")
            }
          ]
        ])
      )
  }),
  generator("/file_steps", {
    inputs: [number("n", "n", 3)],
    outputs: [Component.file({ label: "file" })],
    run: ([n], { files }) =>
      paced(range(n), 20).pipe(
        Stream.mapEffect((i) => files.make(`step${i}.txt`, `step ${i}`)),
        Stream.map((file) => [file])
      )
  }),
  generator("/skips", {
    inputs: [],
    outputs: [out("skipped")],
    run: () =>
      Stream.make(
        ["first"],
        [skip],
        [update({ value: "second", label: "new label" })],
        [update({ visible: false })],
        ["last"]
      )
  }),
  generator("/skips_two", {
    inputs: [],
    outputs: [out("letter"), outNumber("number")],
    run: () => Stream.make(["a", 1], [skip, 2], ["b", skip], [update({ value: "c" }), update({ interactive: false })])
  }),
  generator("/fails_midway", {
    inputs: [number("n", "n", 2)],
    outputs: [out("number")],
    run: ([n]) =>
      Stream.concat(
        paced(range(n), 20).pipe(Stream.map((i) => [String(i)])),
        Stream.fail(new AppFailure({ message: "after some output" }))
      )
  }),
  generator("/crashes_midway", {
    inputs: [number("n", "n", 2)],
    outputs: [out("number")],
    run: ([n]) =>
      Stream.concat(
        paced(range(n), 20).pipe(Stream.map((i) => [String(i)])),
        Stream.fail(new Error("secret detail after some output"))
      )
  }),
  generator("/empty_generator", { inputs: [], outputs: [out("nothing")], run: () => Stream.empty })
]

/** Longer than the newest report waits, so that each is sent. */
const told = Effect.sleep("100 millis")

const reports = (since: Since): ReadonlyArray<Endpoint<never>> => [
  endpoint("/progress", {
    inputs: [number("n", "n", 3)],
    outputs: [out("result")],
    run: Effect.fnUntraced(function* ([n], { progress }) {
      yield* progress(0, "start")
      yield* told
      for (const i of range(n)) {
        yield* progress({ index: i + 1, length: n, unit: "items" }, `step ${i + 1}`)
        yield* told
      }
      return ["done"]
    })
  }),
  endpoint("/progress_tqdm", {
    inputs: [number("n", "n", 3)],
    outputs: [out("result")],
    run: Effect.fnUntraced(function* ([n], { progress }) {
      for (const i of range(n + 1)) {
        yield* progress({ index: i, length: n, unit: "it" }, "loop")
        yield* told
      }
      return ["done"]
    })
  }),
  endpoint("/progress_nested", {
    inputs: [number("n", "n", 2)],
    outputs: [out("result")],
    run: Effect.fnUntraced(function* ([n], { progress }) {
      const bar = (index: number, length: number, desc: string) => ({ index, length, desc })
      yield* progress([bar(0, 2, "outer")])
      yield* told
      for (const outer of range(2)) {
        for (const inner of range(n + 1)) {
          yield* progress([bar(outer + 1, 2, "outer"), bar(inner, n, "inner")])
          yield* told
        }
        yield* progress([bar(outer + 1, 2, "outer")])
        yield* told
      }
      return ["done"]
    })
  }),
  generator("/progress_generator", {
    inputs: [number("n", "n", 3)],
    outputs: [out("number")],
    run: ([n], { progress }) =>
      Stream.fromIterable(range(n)).pipe(
        Stream.mapEffect((i) => Effect.as(Effect.andThen(progress(i / n, `before ${i}`), told), [String(i)]))
      )
  }),
  endpoint("/logs", {
    inputs: [text("text")],
    outputs: [out("same")],
    run: Effect.fnUntraced(function* ([value], call) {
      yield* call.info(`info ${value}`)
      yield* call.warning(`warning ${value}`)
      if (since("5.2")) yield* call.success(`success ${value}`)
      return [value]
    })
  }),
  endpoint("/logs_full", {
    inputs: [text("text")],
    outputs: [out("same")],
    run: Effect.fnUntraced(function* ([value], call) {
      yield* call.info(`info ${value}`, { duration: 3, visible: false, title: "Info title" })
      yield* call.warning(`warning ${value}`, { duration: null, visible: true, title: "Warning title" })
      if (since("5.2")) yield* call.success(`success ${value}`, { duration: 1.5, title: "Success title" })
      return [value]
    })
  }),
  endpoint("/many_logs", {
    inputs: [number("n", "n", 10)],
    outputs: [out("result")],
    run: ([n], { info }) =>
      Effect.as(
        Effect.forEach(range(n), (i) => info(`log ${i}`)),
        ["done"]
      )
  })
]

const fails = (name: string, failure: (text: string) => AppFailure | Error, queue = true) =>
  endpoint(name, {
    inputs: [text("text", "text", name.endsWith("crash") ? "x" : "bad thing")],
    outputs: [out("never")],
    queue,
    run: ([value]) => Effect.fail(failure(value))
  })

const secret = (value: string) => new Error(`secret detail ${value}`)

const errors: ReadonlyArray<Endpoint<never>> = [
  fails("/error", (message) => new AppFailure({ message })),
  fails("/error_full", (message) => new AppFailure({ message, duration: 3, visible: false, title: "My title" })),
  fails("/error_lasting", (message) => new AppFailure({ message, duration: null })),
  fails("/error_odd", () => new AppFailure({ message: 'it\'s "odd":\n\ttab, back\\slash, ünïcödé 漢 🎈 <b>html</b>' })),
  fails("/crash", secret),
  endpoint("/crash_silent", { inputs: [], outputs: [out("never")], run: () => Effect.fail(new Error("")) }),
  endpoint("/validated", {
    inputs: [text("text"), number("number", "number")],
    outputs: [out("result")],
    validator: ([value, n]) =>
      Effect.succeed([
        { valid: value.length >= 3, message: "too short" },
        { valid: n >= 0, message: "must not be negative" }
      ]),
    run: ([value, n]) => Effect.succeed([`${value} ${n}`])
  })
]

const sleepy = (
  journal: Journal,
  name: string,
  options: { readonly concurrencyLimit?: number | null; readonly queue?: boolean }
) =>
  endpoint(name, {
    ...options,
    inputs: [number("seconds", "seconds", 1), text("tag", "tag", name.slice(1))],
    outputs: [out("result")],
    run: Effect.fnUntraced(function* ([seconds, tag]) {
      const mark = (at: "start" | "end") =>
        Effect.map(Clock.currentTimeMillis, (now) => void journal.slow.push({ tag, at, time: now / 1000 }))
      yield* mark("start")
      const isOver = () => journal.slow.some((one) => one.tag === `${tag} over`)
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: isOver }).pipe(Effect.timeoutOption(seconds * 1000))
      yield* mark("end")
      return [`slept ${tag}`]
    })
  })

const sessionsAndTime = (journal: Journal): ReadonlyArray<Endpoint<never>> => {
  const words = Component.state<ReadonlyArray<string>>([])
  const total = Component.state({ calls: 0, total: 0 })
  return [
    endpoint("/counter", {
      inputs: [text("word", "word"), words],
      outputs: [outNumber("how often"), words],
      run: ([word, all]) => Effect.succeed([all.filter((one) => one === word).length, [...all, word]])
    }),
    endpoint("/session_total", {
      inputs: [number("number", "number"), total],
      outputs: [outJson("so far"), total],
      run: ([n, before]) => {
        const after = { calls: before.calls + 1, total: before.total + n }
        return Effect.succeed([after, after])
      }
    }),
    batch("/batch", {
      inputs: [text("words", "word"), number("lengths", "times", 1)],
      outputs: [out("upper"), outNumber("size")],
      maxBatchSize: 4,
      // As long as a thread of Python's pool takes to start; those who come meanwhile make a batch.
      run: (rows) =>
        Effect.delay(
          Effect.succeed(rows.map(([word, times]) => [word.toUpperCase().repeat(times), rows.length])),
          "50 millis"
        )
    }),
    batch("/batch_fails", {
      inputs: [text("words", "word")],
      outputs: [out("never")],
      maxBatchSize: 4,
      run: (rows) => Effect.fail(new AppFailure({ message: `batch of ${rows.length} failed` }))
    }),
    endpoint("/direct", {
      inputs: [text("text")],
      outputs: [out("same")],
      queue: false,
      run: ([value]) => Effect.succeed([value])
    }),
    fails("/direct_error", (message) => new AppFailure({ message }), false),
    fails("/direct_crash", secret, false),
    sleepy(journal, "/slow", { concurrencyLimit: 1 }),
    sleepy(journal, "/slow_many", { concurrencyLimit: null }),
    sleepy(journal, "/direct_slow", { queue: false }),
    endpoint("/finished", {
      inputs: [],
      outputs: [outJson("lines")],
      queue: false,
      run: () => Effect.sync(() => [journal.finished])
    }),
    endpoint("/interrupted_jobs", {
      inputs: [],
      outputs: [outJson("tags")],
      queue: false,
      run: () => Effect.sync(() => [journal.interrupted])
    }),
    endpoint("/steps", {
      inputs: [],
      outputs: [outJson("steps by tag")],
      queue: false,
      run: () => Effect.sync(() => [Object.fromEntries(journal.steps)])
    }),
    endpoint("/slow_runs", {
      inputs: [],
      outputs: [outJson("marks")],
      queue: false,
      run: () => Effect.sync(() => [journal.slow])
    }),
    endpoint("/unloaded", {
      inputs: [],
      outputs: [outJson("session hashes")],
      queue: false,
      run: () => Effect.sync(() => [journal.unloaded])
    })
  ]
}

const requestInfo = (name: string, queue: boolean) =>
  endpoint(name, {
    queue,
    inputs: [text("text", "text", "x")],
    outputs: [outJson("request")],
    run: ([value], { request, sessionHash }: Call) =>
      Effect.succeed([
        {
          text: value,
          headers: request.headers,
          query_params: request.query,
          cookies: request.cookies,
          session_hash: sessionHash,
          username: null
        }
      ])
  })

const requestsAndUpdates: ReadonlyArray<Endpoint<never>> = [
  requestInfo("/request_info", true),
  requestInfo("/direct_request_info", false),
  endpoint("/event_info", {
    inputs: [text("text", "text", "x")],
    outputs: [outJson("event")],
    run: ([value], { eventData, triggerId }) =>
      Effect.succeed([{ text: value, data: eventData, target: triggerId === null ? "NoneType" : "Button" }])
  }),
  endpoint("/upd", {
    inputs: [text("text")],
    outputs: [out("updated")],
    run: ([value]) => Effect.succeed([update({ value, label: "new label", visible: false })])
  }),
  endpoint("/upd_no_value", {
    inputs: [text("_text")],
    outputs: [out("updated")],
    run: () => Effect.succeed([update({ visible: false })])
  })
]

const media: ReadonlyArray<Endpoint<never>> = [
  endpoint("/image_io", {
    inputs: [Component.image({ name: "value", label: "image in" })],
    outputs: [Component.image({ label: "image out" })],
    run: ([value]) => Effect.succeed([value])
  }),
  endpoint("/file_io", {
    inputs: [Component.file({ name: "value", label: "file in" })],
    outputs: [Component.file({ label: "file out" })],
    run: ([value]) => Effect.succeed([value])
  }),
  endpoint("/files_io", {
    inputs: [Component.files({ name: "value", label: "files in" })],
    outputs: [Component.files({ label: "files out" })],
    run: ([value]) => Effect.succeed([value])
  }),
  endpoint("/json_io", {
    inputs: [Component.json({ name: "value", label: "json in" })],
    outputs: [outJson("json out")],
    run: ([value]) => Effect.succeed([value])
  }),
  endpoint("/make_files", {
    inputs: [number("n", "n", 2)],
    outputs: [Component.files({ label: "files" })],
    run: ([n], { files }) =>
      Effect.map(
        Effect.forEach(range(n), (i) => files.make(`file ${i} ä.txt`, `file ${i}`)),
        (all) => [all]
      )
  }),
  endpoint("/file_info", {
    inputs: [Component.file({ name: "file", label: "file" })],
    outputs: [out("info")],
    run: ([file]) => Effect.map(file === null ? Effect.succeed("none") : digest(file), (info) => [info])
  }),
  endpoint("/files_info", {
    inputs: [Component.files({ name: "files", label: "files" })],
    outputs: [outJson("infos")],
    run: ([files]) => Effect.map(Effect.forEach(files, digest), (infos) => [infos])
  }),
  endpoint("/file_of", {
    inputs: [text("text", "text", "content"), text("name", "name", "a b ü漢 #1%.txt")],
    outputs: [Component.file({ label: "file" })],
    run: ([content, name], { files }) =>
      Effect.map(files.make(name.split("/").at(-1) || "unnamed", content), (file) => [file])
  }),
  endpoint("/big_file", {
    inputs: [number("mib", "mib", 1)],
    outputs: [Component.file({ label: "file" })],
    run: ([mib], { files }) => {
      const size = 1024 * 1024
      const piece = (i: number) => {
        const bytes = new Uint8Array(size)
        if (i === 0) bytes.set(new TextEncoder().encode("BEGIN"))
        if (i === mib - 1) bytes.set(new TextEncoder().encode("END"), size - 3)
        return bytes
      }
      const content = Stream.map(Stream.fromIterable(range(mib)), piece)
      return Effect.map(files.make(`big${mib}.bin`, content), (file) => [file])
    }
  })
]

const inputStreams = (journal: Journal): ReadonlyArray<Endpoint<never>> => {
  const chunksOf = (tag: string) => journal.chunks.filter((chunk) => chunk.tag === tag)
  const settings = {
    inputs: [Component.file({ name: "sound", label: "sound" }), text("tag", "tag")] as const,
    outputs: [out("seen")],
    run: ([sound, tag]: readonly [ServerFile | null, string]) =>
      Effect.gen(function* () {
        const time = (yield* Clock.currentTimeMillis) / 1000
        journal.chunks.push({ tag, sound: sound === null ? null : yield* digest(sound), time })
        const seen = chunksOf(tag).length
        if (tag.endsWith("fails") && seen === 2) return yield* new AppFailure({ message: "no more of these" })
        return [`${tag} ${seen}`]
      })
  }
  return [
    inputStream("/stream_journal", { ...settings, timeLimit: 60, streamEvery: 0.1 }),
    inputStream("/stream_short", { ...settings, timeLimit: 1, streamEvery: 0.05, concurrencyLimit: null }),
    endpoint("/chunks_of", {
      queue: false,
      inputs: [text("tag", "tag")],
      outputs: [outJson("chunks")],
      run: ([tag]) => Effect.sync(() => [chunksOf(tag)])
    })
  ]
}

const streamed: ReadonlyArray<Endpoint<never>> = (["audio", "video"] as const).map((kind) =>
  generator(`/stream_${kind}`, {
    inputs: [number("n", "n", 3), number("seconds", "seconds", 0.2)],
    outputs: [kind === "audio" ? Component.streamedAudio({ label: kind }) : Component.streamedVideo({ label: kind })],
    run: ([n, seconds]) =>
      paced(
        range(n).map((i) => [new TextEncoder().encode(`segment ${i};`)]),
        seconds * 1000
      )
  })
)

const hidden: ReadonlyArray<Endpoint<never>> = [
  ...(["undocumented", "private"] as const).map((visibility) =>
    endpoint(`/${visibility}`, {
      visibility,
      description: "Gives the text back.",
      inputs: [text("text")],
      outputs: [out("same")],
      run: ([value]) => Effect.succeed([value])
    })
  ),
  endpoint("/selected", {
    inputs: [],
    outputs: [outJson("selection")],
    run: (_, { eventData }) => {
      const { index, selected, value } = Object(eventData)
      return Effect.succeed([{ index, value, selected }])
    }
  }),
  endpoint("/lambda", { inputs: [text("value")], outputs: [out("same")], run: ([value]) => Effect.succeed([value]) }),
  endpoint("/twin", {
    inputs: [text("value")],
    outputs: [out("result")],
    run: ([value]) => Effect.succeed([`first ${value}`])
  }),
  endpoint("/twin_1", {
    inputs: [text("value")],
    outputs: [out("result")],
    run: ([value]) => Effect.succeed([`second ${value}`])
  }),
  listener({ cancels: ["/endless"] }),
  listener({ js: "(x) => x" })
]

const renderedOut = out("rendered out")

const rendered = render({
  inputs: [text("given", "words to render", "red green")],
  run: ([given]) =>
    Effect.succeed(
      given
        .split(/\s+/)
        .filter((word) => word !== "")
        .map((word) =>
          endpoint(`/rendered_${word}`, {
            inputs: [text("value", word, word)],
            outputs: [renderedOut],
            run: ([value]) => Effect.succeed([`${word}: ${value}`])
          })
        )
    )
})

const texts = { type: "array", items: { type: "string" } }

const typed: ReadonlyArray<Endpoint<never>> = [
  endpoint("/typed", {
    description: "Typed by Python alone.",
    inputs: [
      Component.api({ name: "first", label: "1st", schema: { type: "string" }, pythonType: "str" }),
      Component.api({ name: "second", label: "2nd", schema: { type: "integer" }, pythonType: "int", value: 2 }),
      Component.optional(
        Component.api({
          name: "third",
          label: "3rd",
          schema: { oneOf: [{ type: "null" }, texts] },
          pythonType: "None | list[str]"
        })
      )
    ],
    outputs: [
      Component.api({
        label: "1st",
        schema: { type: "object", additionalProperties: {} },
        pythonType: "dict(str, Any)"
      })
    ],
    run: ([first, second, third]) => Effect.succeed([{ first, second, third }])
  }),
  generator("/typed_steps", {
    inputs: [Component.api({ name: "n", label: "1st", schema: { type: "integer" }, pythonType: "int" })],
    outputs: [Component.api({ label: "1st", schema: { type: "string" }, pythonType: "str" })],
    run: ([n]) => Stream.fromIterable(range(Number(n)).map((i) => [`step ${i}`]))
  })
]

const cached = (): ReadonlyArray<Endpoint<never>> => {
  let computed = 0
  return [
    endpoint("/cached", {
      inputs: [text("value")],
      outputs: [out("result")],
      cache: true,
      run: ([value]) => Effect.sync(() => [`${value} computed as number ${++computed}`])
    }),
    generator("/cached_count", {
      inputs: [number("n", "n", 3), text("tag", "tag", "cached")],
      outputs: [out("number")],
      cache: true,
      run: ([n, tag]) =>
        paced(
          range(n).map((i) => `${tag} ${i}`),
          20
        ).pipe(Stream.map((value) => [value]))
    }),
    endpoint("/cached_part", {
      inputs: [text("value")],
      outputs: [out("result")],
      run: Effect.fnUntraced(function* ([value], { cache }) {
        const hit = yield* cache.get(value)
        if (hit !== undefined) return [`found ${String(hit)}`]
        yield* cache.set(value, value.toUpperCase())
        return [`stored ${value}`]
      })
    })
  ]
}

const makeJournal = (): Journal => ({
  finished: [],
  interrupted: [],
  steps: new Map(),
  slow: [],
  unloaded: [],
  chunks: []
})

const sinceOf = (version: string): Since => {
  const numbers = (text: string) => text.split(".").map(Number)
  const [major = 0, minor = 0] = numbers(version)
  return (other) => {
    const [otherMajor = 0, otherMinor = 0] = numbers(other)
    return major > otherMajor || (major === otherMajor && minor >= otherMinor)
  }
}

/** The app as a version can have it; each call makes one with a journal of its own. */
export const makeStandin = (
  journal: Journal = makeJournal(),
  version: string = "6.31.0"
): ReadonlyArray<Endpoint<never>> => {
  const since = sinceOf(version)
  return everything(journal, since).filter(
    ({ name }) => since(firstOf[name] ?? "3.0") && !(name in goneWith && since(goneWith[name] ?? ""))
  )
}

const everything = (journal: Journal, since: Since): ReadonlyArray<Endpoint<never>> => [
  ...plain(journal, since),
  ...generators(journal),
  ...reports(since),
  ...errors,
  ...sessionsAndTime(journal),
  ...requestsAndUpdates,
  ...media,
  ...inputStreams(journal),
  ...streamed,
  ...components(since),
  ...hidden,
  ...typed,
  rendered,
  ...cached()
]

/** Options of the app as a whole. */
export type StandinOptions = Omit<GradioServer.Options<never>, "endpoints">

/** A stand-in server with this app, reached in memory: see its `client`. */
export const standinMemory = (options: StandinOptions = {}) => {
  const journal = makeJournal()
  return GradioServer.make({
    title: "effect-gradio fixture",
    unload: (hash) => Effect.sync(() => void journal.unloaded.push(hash)),
    ...options,
    endpoints: makeStandin(journal, options.version)
  })
}

/** The same at a port of this machine; files go to the disk. */
export const standinSocket = Effect.fnUntraced(function* (options: StandinOptions = {}) {
  const node = createServer()
  const services = yield* Layer.build(NodeHttpServer.layer(() => node, { port: 0, host: "127.0.0.1" }))
  const server = yield* Effect.provideContext(standinMemory(options), services)
  const url = yield* Effect.provideContext(GradioServer.serve(server), services)
  // Clients keep connections for the next request. Without this the end would wait until they give them up.
  yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
  return { server, url }
})
