/** The one failure of an app's function whose text a client always sees. */
import * as Data from "effect/Data"

/**
 * Fails a function as `gr.Error` does: the client is shown the message, whatever `showError` says.
 *
 * Every other failure, and every defect, is a plain exception: clients get `null` in place of its text unless `showError` is set.
 *
 * `duration` is in seconds (default 10, `null` means until dismissed), `title` defaults to `"Error"`, `visible` to `true`.
 */
export class AppFailure extends Data.TaggedError("AppFailure")<{
  readonly message: string
  readonly title?: string | undefined
  readonly duration?: number | null | undefined
  readonly visible?: boolean | undefined
}> {}

/** The `output` of a failed call, as the wire has it. */
export const toOutput = (failure: unknown, showError: boolean): Readonly<Record<string, unknown>> => {
  if (failure instanceof AppFailure) {
    return {
      error: failure.message,
      duration: failure.duration === undefined ? 10 : failure.duration,
      visible: failure.visible ?? true,
      title: failure.title ?? "Error"
    }
  }
  return showError
    ? { error: failure instanceof Error ? failure.message : String(failure), visible: true }
    : { error: null }
}
