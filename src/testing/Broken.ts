/** The end of a body that is no end: the connection is broken off. */
import * as Data from "effect/Data"
import * as ErrorReporter from "effect/ErrorReporter"

/** Fails the stream of a body, so that the client sees the connection break instead of a clean end. */
export class Broken extends Data.TaggedError("Broken") {
  override readonly message = "the connection was broken off"
  // It is meant to happen: nobody wants it in a log.
  override readonly [ErrorReporter.ignore] = true
}
