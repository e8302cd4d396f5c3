/** Components whose value is a text. */
import * as Schema from "effect/Schema"

import { type Component, nullableSame } from "./payload.ts"

const text: Component<string | null> = nullableSame(Schema.String)

/**
 * A text. `null` where the function gave `None`.
 *
 * @example
 * "hello"
 */
export const Textbox: Component<string | null> = text

/**
 * A text that is shown as Markdown. Gradio takes away its common indentation.
 *
 * @example
 * "# Title"
 */
export const Markdown: Component<string | null> = text

/**
 * A text that is shown as a page. What an app makes of its own of this component (6) is `JSON`.
 *
 * @example
 * "<b>bold</b>"
 */
export const HTML: Component<string | null> = text

/**
 * A program or other source text. Gradio takes away blanks around it.
 *
 * @example
 * "x = 1"
 */
export const Code: Component<string | null> = text

/**
 * A colour as the function gave it, most often in hexadecimal.
 *
 * @example
 * "#ff8800"
 */
export const ColorPicker: Component<string | null> = text

/**
 * The text of a button. A parameter in Gradio 3 alone; the later ones leave buttons out of what a call takes and gives.
 *
 * @example
 * "Run"
 */
export const Button: Component<string | null> = text
