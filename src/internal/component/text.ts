/** Components whose value is a text. */
import * as Schema from "effect/Schema"

import { type Component, nullableSame } from "./payload.ts"

const text: Component<string | null> = nullableSame(Schema.String)

/** A text: `"hello"`. `null` where the function gave `None`. */
export const Textbox: Component<string | null> = text

/** A text that is shown as Markdown: `"# Title"`. Gradio takes away its common indentation. */
export const Markdown: Component<string | null> = text

/** A text that is shown as a page: `"<b>bold</b>"`. */
export const HTML: Component<string | null> = text

/** A program or other source text: `"x = 1"`. Gradio takes away blanks around it. */
export const Code: Component<string | null> = text

/** A colour as the function gave it, most often in hexadecimal: `"#ff8800"`. */
export const ColorPicker: Component<string | null> = text

/** The text of a button: `"Run"`. A parameter in Gradio 3 alone; the later ones leave buttons out of what a call takes and gives. */
export const Button: Component<string | null> = text
