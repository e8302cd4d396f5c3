/**
 * The inputs and outputs of a stand-in app.
 *
 * A component that several endpoints name is one component of the page, with one id. Components hold no values, except that a
 * {@link state} finds its value in the session of the call.
 */
export {
  type Any,
  type Component,
  type Conversion,
  type Form,
  make,
  nullable,
  optional,
  type Options,
  type ServerFunction,
  withFunctions
} from "./ComponentKind.ts"
export { audio, file, files, type FileTypes, image, streamedAudio, streamedVideo, video } from "./fileComponents.ts"
export { button, type State, state } from "./skippedComponents.ts"
export {
  chatbot,
  type ChatMessage,
  dataframe,
  highlightedText,
  type Table,
  type Token
} from "./structuredComponents.ts"
export {
  api,
  checkbox,
  checkboxGroup,
  type Choices,
  dropdown,
  json,
  type Limits,
  markdown,
  number,
  radio,
  slider,
  textbox
} from "./valueComponents.ts"
