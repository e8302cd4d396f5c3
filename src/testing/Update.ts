/** What a function may put in an output slot instead of a value: a change of the component, or nothing at all. */

/** A change to an output component, optionally with a new value; see {@link update}. */
export class Update<out Value> {
  readonly value: { readonly some: Value } | undefined
  readonly props: Readonly<Record<string, unknown>>
  constructor(value: { readonly some: Value } | undefined, props: Readonly<Record<string, unknown>>) {
    this.value = value
    this.props = props
  }
}

/** Changes properties of an output component, as `gr.update` does. Its value stays when `value` is left out. */
export const update = <Value = never>(change: {
  readonly value?: Value | undefined
  readonly [prop: string]: unknown
}): Update<Value> => {
  const { value, ...props } = change
  return new Update(value === undefined ? undefined : { some: value }, props)
}

/** Leaves an output component as it is, as `gr.skip` does. */
export const skip: Update<never> = new Update<never>(undefined, {})
