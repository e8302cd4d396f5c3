/** The schemas of the components of an app, as its configuration asks for them. */
import type { Schema } from "effect"

import { Component } from "../../src/index.ts"

/** Every component by its name. */
export const byName: Readonly<Record<Component.ComponentName, Component.Component<unknown>>> = { ...Component }

const refined = (refinement: Component.Refinement): Schema.Codec<unknown, unknown> => {
  switch (refinement.name) {
    case "number":
      return Component.number(refinement)
    case "slider":
      return Component.slider(refinement)
    case "choice":
      return Component.choice(refinement.choices)
    case "choices":
      return Component.choices(refinement.choices)
    case "suggestion":
      return Component.suggestion(refinement.choices)
    case "suggestions":
      return Component.suggestions(refinement.choices)
    case "file":
      return Component.file(refinement)
    case "files":
      return Component.files(refinement)
    case "gallery":
      return Component.gallery(refinement)
    case "multimodal":
      return Component.multimodal(refinement)
    case "dateTime":
      return Component.dateTime(refinement)
  }
}

/** What a component of an app takes or gives, with all that its configuration says. */
export const schemaFor = (
  component: Component.ConfiguredComponent,
  version: string,
  side: "input" | "output"
): Schema.Codec<unknown, unknown> => {
  const name = Component.forComponent(component, version)
  if (name === undefined) throw new Error(`no schema for ${component.type}`)
  const refinement = Component.refinementFor(component, version, side)
  return refinement === undefined ? byName[name][side] : refined(refinement)
}
