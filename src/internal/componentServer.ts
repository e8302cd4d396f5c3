/** Functions of components (`@gr.server` in Python), which the page calls beside the listeners: the files of a folder, the rows of a table. */
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

import {
  circumstances,
  EndpointInputError,
  type GradioFileError,
  type RequestError,
  type Where
} from "../GradioError.ts"
import type { Caller } from "./calls.ts"
import { filesIn, isFileLike, toGradioFile, unsendable } from "./files/outgoing.ts"
import { isRecord } from "./record.ts"
import { ask, askWithJson, jsonOf } from "./transport/answer.ts"
import type { About } from "./transport/link.ts"
import * as routes from "./wire/routes.ts"

const problems = (data: unknown): ReadonlyArray<{ readonly parameter: string; readonly problem: string }> => {
  const misfits = unsendable(data).map(({ path, problem }) => ({
    parameter: "data",
    problem: `data${path}: ${problem}`
  }))
  const isForm =
    isRecord(data) && Object.values(data).every((value) => isFileLike(value) || filesIn([value]).length === 0)
  return isForm || filesIn([data]).length === 0
    ? misfits
    : [...misfits, { parameter: "data", problem: "files are sent as fields of an object: { field: file }" }]
}

/** One form of fields and files; what is neither text nor a file goes as JSON, as the page sends it. */
const formOf = (fields: Readonly<Record<string, unknown>>): Effect.Effect<FormData, GradioFileError | RequestError> =>
  Effect.gen(function* () {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) {
      if (isFileLike(value)) {
        const file = toGradioFile(value)
        const bytes = yield* file.bytes
        form.append(name, new Blob([Uint8Array.from(bytes)], { type: file.mimeType ?? "" }), file.name)
      } else form.append(name, typeof value === "string" ? value : JSON.stringify(value))
    }
    return form
  })

export const call = (
  caller: Caller,
  component: number,
  fn: string,
  data: unknown
): Effect.Effect<unknown, EndpointInputError | GradioFileError | RequestError> =>
  Effect.gen(function* () {
    const { link, sessionHash } = caller
    const where: Where = { url: link.base.href, endpoint: `${fn} of component ${component}`, sessionHash }
    const wrong = problems(data)
    if (wrong.length > 0) return yield* new EndpointInputError({ ...circumstances({ where }), problems: wrong })
    yield* caller.onShared
    const about: About = { where, reached: "sent" }
    const url = routes.componentServer(link.base, link.prefix)
    const limits = { timeout: link.limits.directTimeout, maxBytes: link.limits.maxMessageBytes }
    const target = { component_id: component, fn_name: fn, session_hash: sessionHash }
    const hasFiles = isRecord(data) && filesIn([data]).length > 0
    const answer = hasFiles
      ? yield* Effect.flatMap(formOf({ ...data, ...target }), (form) =>
          ask(link, HttpClientRequest.bodyFormData(HttpClientRequest.post(url), form), about, limits)
        )
      : yield* askWithJson(link, url, { data: data ?? null, ...target }, about, limits)
    return yield* jsonOf(answer, about, "what a component answered")
  })
