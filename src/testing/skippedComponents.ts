/** Components that have a slot in `data` and none in `/info`. */
import * as Effect from "effect/Effect"

import { asIs, type Component, make, type Options } from "./ComponentKind.ts"
import { pythonText } from "./pythonText.ts"

/** A button. Its slot is in `data` but not in `/info`, and a client has to send its text. */
export const button = (options: Options<string> = {}): Component<string | null, string | null> =>
  make<string | null, string | null>({
    type: "button",
    options: { ...options, value: options.value ?? "Run" },
    props: { variant: "secondary", size: "lg", interactive: true },
    skipApi: true,
    preprocess: (value) => Effect.succeed(value === null ? null : pythonText(value)),
    postprocess: asIs
  })

/** What a render block fills. */
export const column = (): Component<null, null> =>
  make<null, null>({
    type: "column",
    options: {},
    skipApi: true,
    preprocess: () => Effect.succeed(null),
    postprocess: asIs
  })

/** A value that stays on the server, one for each session. */
export interface State<S> extends Component<S, S> {
  /** The value of a session. */
  readonly get: (session: object) => S
  /** Replaces the value of a session. */
  readonly set: (session: object, value: S) => void
}

/**
 * A value per session: whatever a client sends in its slot is ignored, and it is sent `null`. A call without a session hash starts from
 * `initial` each time. The value must not be changed in place, for all sessions start from the same one.
 */
export const state = <S>(initial: S): State<S> => {
  const values = new WeakMap<object, { readonly current: S }>()
  const get = (session: object) => (values.get(session) ?? { current: initial }).current
  const set = (session: object, value: S) => void values.set(session, { current: value })
  const component = make<S, S>({
    type: "state",
    options: {},
    props: { time_to_live: null },
    skipApi: true,
    preprocess: (_, { session }) => Effect.sync(() => get(session)),
    postprocess: (value, { session }) =>
      Effect.sync(() => {
        set(session, value)
        return null
      })
  })
  return { ...component, props: { time_to_live: null, name: "state", _selectable: false }, get, set }
}
