/** What a component is: what the app tells about it, and how a value of the wire becomes a value for the function and back. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"

import type { Endpoint } from "./Endpoint.ts"
import type { Run } from "./Media.ts"
import type { ServerFiles } from "./ServerFile.ts"

/** What a component may use while it converts a value: the session, the files, and the address under which the client sees the app. */
export interface Conversion {
  readonly session: object
  readonly files: ServerFiles
  readonly root: string
  /** Where the pieces of streamed outputs go; none in direct calls. */
  readonly media?: Run | undefined
  /** Takes the endpoints that a render block made, with the services that they need. */
  readonly render?: (<R>(endpoints: ReadonlyArray<Endpoint<R>>, services: Context.Context<R>) => void) | undefined
}

/** A form that was sent to a function of a component: its texts, and its files with their names. */
export interface Form {
  readonly data: Readonly<Record<string, string>>
  readonly files: ReadonlyArray<readonly [name: string, bytes: Uint8Array]>
}

/** A function of a component: JSON in, or a {@link Form}, and JSON out. */
export type ServerFunction = (data: unknown, conversion: Conversion) => Effect.Effect<unknown, unknown>

/** A component whose function side takes `In` and gives `Out`. */
export interface Component<In, Out> {
  /** Lower-case kind, such as `textbox`. */
  readonly type: string
  /** The parameter's name in `/info`; `param_<position>` when there is none. */
  readonly name: string | undefined
  /** Whether the function's parameter defaults to `None`, which makes an argument optional even without a value. */
  readonly defaultsToNone: boolean
  readonly props: Readonly<Record<string, unknown>>
  /** The initial value where the author gives none (Gradio 5.2); none when `undefined`. */
  readonly impliedValue: unknown
  /** Whether the slot is missing in `/info`. It is still there in `data`. */
  readonly skipApi: boolean
  /** Its JSON schema; none for a {@link state}. */
  readonly schema: Readonly<Record<string, unknown>> | undefined
  readonly pythonType: string
  readonly example: unknown
  /** Functions that the page calls beside those of the app (`@gr.server`), by name. */
  readonly functions?: Readonly<Record<string, ServerFunction>> | undefined
  preprocess(value: unknown, conversion: Conversion): Effect.Effect<In, unknown>
  postprocess(value: Out, conversion: Conversion): Effect.Effect<unknown, unknown>
}

/** Any component, for lists of them. */
export type Any = Component<unknown, unknown>

/** What every component can be given. `label` shows in `/info`; `name` is the function's name for the parameter. */
export interface Options<Value> {
  readonly name?: string | undefined
  readonly label?: string | undefined
  /** The initial value, which is also the default of the argument. */
  readonly value?: Value | undefined
  readonly visible?: boolean | undefined
}

const common = { show_label: true, container: true, min_width: 160, elem_classes: [], preserved_by_key: ["value"] }

/** A component of any kind, for those that are not here. */
export const make = <In, Out>(description: {
  readonly type: string
  readonly options: Options<unknown>
  readonly props?: Readonly<Record<string, unknown>> | undefined
  readonly impliedValue?: unknown
  readonly skipApi?: boolean | undefined
  readonly schema?: Readonly<Record<string, unknown>> | undefined
  readonly pythonType?: string | undefined
  readonly example?: unknown
  readonly preprocess: (value: unknown, conversion: Conversion) => Effect.Effect<In, unknown>
  readonly postprocess: (value: Out, conversion: Conversion) => Effect.Effect<unknown, unknown>
}): Component<In, Out> => {
  const { label, name, value, visible } = description.options
  return {
    type: description.type,
    name,
    defaultsToNone: false,
    skipApi: description.skipApi ?? false,
    props: {
      ...description.props,
      ...(value === undefined ? {} : { value }),
      ...(label === undefined ? {} : { label }),
      ...common,
      visible: visible ?? true,
      name: description.type,
      _selectable: false
    },
    impliedValue: description.impliedValue,
    schema: description.schema,
    pythonType: description.pythonType ?? "Any",
    example: description.example ?? null,
    preprocess: description.preprocess,
    postprocess: description.postprocess
  }
}

/** A conversion that changes nothing. */
export const asIs = <A>(value: A): Effect.Effect<A> => Effect.succeed(value)

/** The same component for a function that also takes `None`. */
export const nullable = <In, Out>(component: Component<In, Out>): Component<In | null, Out | null> => ({
  ...component,
  preprocess: (value, conversion) => (value === null ? Effect.succeed(null) : component.preprocess(value, conversion)),
  postprocess: (value, conversion) => (value === null ? Effect.succeed(null) : component.postprocess(value, conversion))
})

/** The same component for a parameter whose default is `None`: it may be left out and is then `null`. */
export const optional = <In, Out>(component: Component<In, Out>): Component<In | null, Out | null> => ({
  ...nullable(component),
  defaultsToNone: true
})

/** The same component with functions that clients call by its id (`/component_server`); one that fails is an error of the server. */
export const withFunctions = <In, Out>(
  component: Component<In, Out>,
  functions: Readonly<Record<string, ServerFunction>>
): Component<In, Out> => ({ ...component, functions })
