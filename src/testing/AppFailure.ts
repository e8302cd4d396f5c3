/** The one failure of an app's function whose text a client always sees. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/**
 * Fails a function as `gr.Error` does: the client is shown the message, whatever `showError` says.
 *
 * Every other failure, and every defect, is a plain exception: clients get `null` in place of its text unless `showError` is set, and it is
 * logged here with its cause.
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

/** Logs what a client is not told: every failure of a function but an {@link AppFailure}. */
export const log = (name: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Cause.hasInterruptsOnly(cause) || Cause.squash(cause) instanceof AppFailure
    ? Effect.void
    : Effect.logError(`/${name} of the stand-in app failed`, cause)
