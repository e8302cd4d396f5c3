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
import { type FileLike, filesIn, isFileLike, toGradioFile, unsendable } from "./files/outgoing.ts"
import { isRecord } from "./record.ts"
import { ask, askWithJson, jsonOf } from "./transport/answer.ts"
import type { About } from "./transport/link.ts"
import * as routes from "./wire/routes.ts"

/** What of the data goes as fields of a form. As in JSON, what is undefined is left out. */
const fieldsOf = (data: unknown): ReadonlyArray<readonly [string, unknown]> =>
  isRecord(data) && !isFileLike(data) ? Object.entries(data).filter(([, value]) => value !== undefined) : []

const problems = (
  data: unknown,
  files: ReadonlyArray<FileLike>,
  target: object
): ReadonlyArray<{ readonly parameter: string; readonly problem: string }> => {
  const wrong = unsendable(data).map(({ path, problem }) => `data${path}: ${problem}`)
  const fields = files.length === 0 ? [] : fieldsOf(data)
  const isForm =
    fields.some(([, value]) => isFileLike(value)) &&
    fields.every(([, value]) => isFileLike(value) || filesIn([value]).length === 0)
  if (files.length > 0 && !isForm) wrong.push("files are sent as fields of an object: { field: file }")
  for (const [name] of fields) {
    if (Object.hasOwn(target, name))
      wrong.push(`data.${name}: beside files this name says what is called; give the field another`)
  }
  return wrong.map((problem) => ({ parameter: "data", problem }))
}

/** One form of fields and files; what is neither text nor a file goes as JSON, as the page sends it. */
const formOf = (
  fields: ReadonlyArray<readonly [string, unknown]>
): Effect.Effect<FormData, GradioFileError | RequestError> =>
  Effect.gen(function* () {
    const form = new FormData()
    for (const [name, value] of fields) {
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
    const target = { component_id: component, fn_name: fn, session_hash: sessionHash }
    const files = filesIn([data])
    const wrong = problems(data, files, target)
    if (wrong.length > 0) return yield* new EndpointInputError({ ...circumstances({ where }), problems: wrong })
    yield* caller.onShared
    const about: About = { where, reached: "sent" }
    const url = routes.componentServer(link.base, link.prefix)
    const limits = { timeout: link.limits.directTimeout, maxBytes: link.limits.maxMessageBytes }
    const answer =
      files.length > 0
        ? yield* Effect.flatMap(formOf([...fieldsOf(data), ...Object.entries(target)]), (form) =>
            ask(link, HttpClientRequest.bodyFormData(HttpClientRequest.post(url), form), about, limits)
          )
        : yield* askWithJson(link, url, { data: data ?? null, ...target }, about, limits)
    return yield* jsonOf(answer, about, "what a component answered")
  })
