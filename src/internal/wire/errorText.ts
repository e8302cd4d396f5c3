/** What a failed function said, as the versions write it. */
import { atLeast } from "../../AppConfig.ts"
import { excerpt } from "./json.ts"
import { unquote } from "./unquote.ts"

/** The text of the `error` of an output; `hidden` where the app does not show its exceptions. */
export const errorText = (version: string, error: unknown): { readonly text: string; readonly hidden: boolean } => {
  // Up to 4.30 an exception after some output is `str(None)` where it is hidden; what an app says itself is in quotes there.
  if (error === null || error === undefined || (error === "None" && !atLeast({ version }, "4.31.0"))) {
    return { text: "", hidden: true }
  }
  const sent = typeof error === "string" ? error : excerpt(error, 100_000)
  // gr.Error sent its text as a Python literal before 5.2.
  return { text: atLeast({ version }, "5.2.0") ? sent : unquote(sent), hidden: false }
}
