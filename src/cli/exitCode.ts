/** The exit codes of the command line, by kind of failure, for scripts that look at them. Pure. */
import type { GradioError } from "../GradioError.ts"

/** What each code means, in the words of `--help` and of the documentation. */
export const exitCodes = [
  { code: 0, name: "ok", meaning: "It worked." },
  { code: 1, name: "unexpected", meaning: "Something nobody thought of: a mistake of this program." },
  { code: 2, name: "usage", meaning: "What was asked does not fit: an option, the endpoint, a parameter." },
  { code: 3, name: "unreachable", meaning: "No answer from the app, or none of a Gradio app." },
  { code: 4, name: "login", meaning: "The app wants a login, or refused the user, the password or the token." },
  { code: 5, name: "app", meaning: "The app's function failed, or the app refused the values." },
  {
    code: 6,
    name: "busy",
    meaning: "Not now: the queue is full, too many requests, no GPU time left. Try again later."
  },
  { code: 7, name: "space", meaning: "The Space is missing, paused or broken, or it may not be changed so." },
  { code: 8, name: "lost", meaning: "The call was lost or cancelled on the way; its function may have run." },
  { code: 9, name: "file", meaning: "A file could not be read, sent, fetched or written." },
  { code: 10, name: "changed", meaning: "`check`: the app has changed in a way that breaks the module." },
  { code: 124, name: "timeout", meaning: "The time of --timeout is over." },
  { code: 130, name: "interrupted", meaning: "Ctrl-C." }
] as const

/** The codes with their meanings, a line each. */
export const exitCodeLines: ReadonlyArray<string> = exitCodes.map(
  ({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`
)

/** A kind of ending. */
export type Ending = (typeof exitCodes)[number]["name"]

/** The code of an ending. */
export const codeOf = (ending: Ending): number => exitCodes.find(({ name }) => name === ending)?.code ?? 1

const endings: Readonly<Record<GradioError["_tag"], Ending>> = {
  EndpointNotFoundError: "usage",
  EndpointInputError: "usage",
  EndpointOutputError: "unreachable",
  AppUnreachableError: "unreachable",
  AppResponseError: "unreachable",
  AppProtocolError: "unreachable",
  AuthenticationError: "login",
  AppError: "app",
  AppValidationError: "app",
  AppRateLimitError: "busy",
  QueueFullError: "busy",
  ZeroGpuQuotaError: "busy",
  SpaceError: "space",
  JobDisconnectedError: "lost",
  JobCancelledError: "lost",
  JobOverflowError: "lost",
  GradioFileError: "file"
}

/** How a failure of the library ends the program. */
export const endingOf = (error: GradioError): Ending => endings[error._tag]
