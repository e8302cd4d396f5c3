/** Functions that fail, and input that the app refuses. */
import { Effect } from "effect"

import { GradioError } from "../../src/index.ts"
import { before, type Case, type Group, stopsQueue, type World } from "./Case.ts"
import { asKnown, circumstances, eventsAndFailure, output, plainError, queued, same, started } from "./look.ts"

const appError = (endpoint: string, text: string, fields: object = {}) => ({
  _tag: "AppError",
  ...circumstances(endpoint, "started"),
  text,
  message: text,
  title: "Error",
  duration: 10,
  visible: true,
  printException: true,
  hidden: false,
  ...fields
})

/** Direct calls have no event id. */
const direct = (error: ReturnType<typeof appError>) => ({
  ...error,
  where: { url: error.where.url, endpoint: error.where.endpoint, sessionHash: "<hash>" }
})

const hidden = (endpoint: string) =>
  appError(endpoint, "", {
    hidden: true,
    message: `${endpoint} of the app at <app> failed without saying why. Its owner can show the reason with gr.Error(…) or launch(show_error=True).`
  })

const fails = (
  title: string,
  endpoint: string,
  args: ReadonlyArray<unknown>,
  expected: (world: World) => { readonly events: ReadonlyArray<unknown>; readonly error: { readonly where: object } },
  more: Partial<Case> = {}
): Case => ({
  title,
  endpoints: [endpoint],
  alone: true,
  run: (world) =>
    Effect.gen(function* () {
      const { error: whole, events } = expected(world)
      const error = asKnown(world, whole)
      const seen = yield* eventsAndFailure(world.app.events(endpoint, args))
      same(seen.events, events)
      same(seen.error, error)
      same(plainError(yield* Effect.flip(world.app.predict(endpoint, args))), error)
      // A call that failed leaves the session usable.
      same(yield* world.app.predict("/echo", ["still here"]), ["still here"])
    }),
  ...more
})

const odd = 'it\'s "odd":\n\ttab, back\\slash, ünïcödé 漢 🎈 <b>html</b>'
const begun = [queued(), started]

const laterValidators = {
  notOffered: before("5.45", "validators came with 5.45")
} as const

const invalid = (problems: ReadonlyArray<{ readonly parameter: string; readonly message: string }>) => ({
  _tag: "AppValidationError",
  ...circumstances("/validated", "sent"),
  // It was sent, and the answer says that nothing ran.
  mayHaveRun: false,
  problems,
  message: `/validated of the app at <app> refused the input: ${problems.map((one) => `${one.parameter}: ${one.message}`).join("; ")}.`
})

export const failures: Group = {
  concept: "failures",
  cases: [
    fails("an error of the app has its text", "/error", ["bad thing"], () => ({
      events: begun,
      error: appError("/error", "bad thing")
    })),
    fails("an error of the app has its options", "/error_full", ["bad thing"], ({ since }) => ({
      events: begun,
      error: appError("/error_full", "bad thing", {
        // Titles came with 5.2; before, every error has the same. The others came with 4.37.
        title: since("5.2") ? "My title" : "Error",
        ...(since("4.37") ? { duration: 3, visible: false } : {})
      })
    })),
    fails("an error of the app that stays has no duration", "/error_lasting", ["bad thing"], ({ since }) => ({
      events: begun,
      error: appError("/error_lasting", "bad thing", since("4.37") ? { duration: undefined } : {})
    })),
    fails("the text of an error has every character", "/error_odd", ["any"], () => ({
      events: begun,
      error: appError("/error_odd", odd)
    })),
    fails("a text in quotes keeps them", "/error", ["'quoted'"], () => ({
      events: begun,
      error: appError("/error", "'quoted'")
    })),
    fails("an exception is hidden", "/crash", ["x"], () => ({ events: begun, error: hidden("/crash") })),
    fails("an exception without a text is hidden too", "/crash_silent", [], () => ({
      events: begun,
      error: hidden("/crash_silent")
    })),
    fails("an error after some outputs", "/fails_midway", [2], () => ({
      events: [...begun, output(["0"]), output(["1"], 1)],
      error: appError("/fails_midway", "after some output")
    })),
    fails("an exception after some outputs", "/crashes_midway", [2], () => ({
      events: [...begun, output(["0"]), output(["1"], 1)],
      error: hidden("/crashes_midway")
    })),
    fails("a direct call with an error of the app", "/direct_error", ["bad thing"], () => ({
      events: [],
      error: direct(appError("/direct_error", "bad thing"))
    })),
    fails("a direct call with an exception", "/direct_crash", ["x"], () => ({
      events: [],
      error: direct(hidden("/direct_crash"))
    })),
    fails(
      "a batch that fails",
      "/batch_fails",
      ["x"],
      () => ({
        events: begun,
        error: appError("/batch_fails", "batch of 1 failed")
      }),
      { notOffered: stopsQueue }
    ),
    fails(
      "a validator refuses one argument",
      "/validated",
      ["ab", 1],
      () => ({ events: [], error: invalid([{ parameter: "text", message: "too short" }]) }),
      laterValidators
    ),
    fails(
      "a validator refuses several arguments",
      "/validated",
      ["ab", -1],
      () => ({
        events: [],
        error: invalid([
          { parameter: "text", message: "too short" },
          { parameter: "number", message: "must not be negative" }
        ])
      }),
      laterValidators
    ),
    {
      title: "a validator lets good arguments pass",
      endpoints: ["/validated"],
      ...laterValidators,
      run: ({ app }) => Effect.map(app.predict("/validated", ["abc", 1]), (answer) => same(answer, ["abc 1"]))
    },
    {
      title: "no failure of an app's function is safe to repeat, a refusal neither",
      endpoints: ["/error"],
      run: ({ app }) =>
        Effect.map(Effect.flip(app.predict("/error", ["bad"])), (error) => {
          same(GradioError.isGradioError(error), true)
          same(GradioError.isSafeToRetry(error), false)
        })
    },
    {
      title: "an app that shows its errors shows those of exceptions",
      endpoints: ["/crash", "/direct_crash", "/crashes_midway"],
      onStrictServer: true,
      run: (world) =>
        Effect.gen(function* () {
          const { app } = world
          const one = yield* Effect.flip(app.predict("/crash", ["x"]))
          same(plainError(one), asKnown(world, appError("/crash", "secret detail x")))
          const straight = yield* Effect.flip(app.predict("/direct_crash", ["x"]))
          same(plainError(straight), direct(appError("/direct_crash", "secret detail x")))
          const late = yield* eventsAndFailure(app.events("/crashes_midway", [1]))
          same(late, {
            events: [...begun, output(["0"])],
            error: asKnown(world, appError("/crashes_midway", "secret detail after some output"))
          })
        })
    },
    {
      title: "a message above the limit of the connection fails its call, and that alone",
      endpoints: ["/long_text", "/echo"],
      run: (world) =>
        Effect.gen(function* () {
          const app = yield* world.connect({ maxMessageBytes: 20_000 })
          same(plainError(yield* Effect.flip(app.predict("/long_text", [512]))), {
            _tag: "AppProtocolError",
            ...asKnown(world, circumstances("/long_text", "started")),
            part: "a message of the event stream",
            problem: "has more bytes than maxMessageBytes allows",
            received: "",
            message:
              "Cannot read what came from /long_text of the app at <app>: a message of the event stream, has more bytes than maxMessageBytes allows."
          })
          same(yield* app.predict("/long_text", [1]), ["x".repeat(1024)])
          same(yield* app.predict("/echo", ["still here"]), ["still here"])
        })
    },
    {
      title: "an answer to a direct call above the limit of the connection fails that call",
      endpoints: ["/direct"],
      run: ({ connect }) =>
        Effect.gen(function* () {
          const app = yield* connect({ maxMessageBytes: 20_000 })
          same(plainError(yield* Effect.flip(app.predict("/direct", ["x".repeat(20_000)]))), {
            _tag: "AppResponseError",
            ...circumstances("/direct", "sent"),
            status: 200,
            body: "",
            problem: "an answer of more than 20000 bytes",
            message:
              "Unexpected answer from /direct of the app at <app>: an answer of more than 20000 bytes. The app's function may have run."
          })
          same(yield* app.predict("/direct", ["x"]), ["x"])
        })
    }
  ]
}
