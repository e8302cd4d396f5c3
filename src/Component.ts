/**
 * The components of Gradio as schemas: what each takes and gives, as a program wants to hold it. `Component.Image.input` is the schema of a parameter,
 * `Component.Image.output` that of an output; both are for the fields of an `Endpoint`. Outputs are read in the form of any version of Gradio from 3 to 6.
 * A function may say nothing of the value of an output (`gr.skip()`, `gr.update(visible=True)`), and then it is the last one of the call, or `null`: every
 * output reads that, as an empty list, as `false` or as it is.
 * Lower-case functions (`choice`, `number`, `file`, …) add what an app demands of an input, so that what its server would refuse is refused before
 * anything is sent.
 */
export {
  ChatbotMessages,
  ChatbotTuples,
  Chatbot,
  type ChatComponent,
  type ChatFile,
  type ChatInput,
  type ChatMessage,
  type ChatMetadata,
  type ChatOption,
  type ChatPart,
  type ChatRole,
  type ChatText,
  type Multimodal,
  multimodal,
  MultimodalTextbox
} from "./internal/component/chat.ts"
export {
  CheckboxGroup,
  CheckChoices,
  choice,
  choices,
  type ChoiceValue,
  Dropdown,
  MultiselectDropdown,
  Radio,
  type Suggested,
  suggestion,
  suggestions
} from "./internal/component/choice.ts"
export { DateTime, dateTime, type DateTimeOptions } from "./internal/component/dateTime.ts"
export {
  Audio,
  DownloadButton,
  File,
  file,
  FileExplorer,
  type FileOptions,
  Files,
  files,
  Image,
  Model3D,
  UploadButton,
  UploadButtons
} from "./internal/component/file.ts"
export {
  type ComponentName,
  type ConfiguredComponent,
  forComponent,
  type Refinement,
  refinementFor
} from "./internal/component/forComponent.ts"
export {
  BrowserState,
  Dataset,
  Fallback,
  JSON,
  Navbar,
  type Parameter,
  ParamViewer
} from "./internal/component/json.ts"
export {
  type Classification,
  Dialogue,
  HighlightedText,
  Label,
  type Line,
  type Token
} from "./internal/component/label.ts"
export {
  AnnotatedImage,
  type AnnotatedPicture,
  type EditedImage,
  Gallery,
  gallery,
  type GalleryInput,
  type GalleryItem,
  ImageEditor,
  ImageSlider,
  type Sketch,
  SketchedImage,
  type SubtitledFilm,
  SubtitledVideo,
  Video
} from "./internal/component/media.ts"
export { type Bounds, Checkbox, Number, number, Slider, slider, Timer } from "./internal/component/number.ts"
export type { Component, FileLike } from "./internal/component/payload.ts"
export {
  NativePlot,
  type NativePlotValue,
  Plot,
  type PlotImage,
  type PlotSpecification,
  type PlotValue
} from "./internal/component/plot.ts"
export { type Cell, Dataframe, type Table, Timeseries } from "./internal/component/table.ts"
export { Button, Code, ColorPicker, HTML, Markdown, Textbox } from "./internal/component/text.ts"
