/** Which schema of this library belongs to a component of an app. */
import { atLeast } from "../../AppConfig.ts"
import { get, isRecord } from "../record.ts"

/** A component as the configuration of an app describes it. */
export interface ConfiguredComponent {
  /** Its kind: `textbox`, `checkboxgroup`, `nativeplot`. */
  readonly type: string
  readonly props?: Readonly<Record<string, unknown>> | null | undefined
}

type Props = Readonly<Record<string, unknown>>
type Since = (version: string) => boolean

/** By kind, where the kind alone decides. */
const byType = {
  textbox: "Textbox",
  markdown: "Markdown",
  code: "Code",
  colorpicker: "ColorPicker",
  button: "Button",
  number: "Number",
  slider: "Slider",
  timer: "Timer",
  checkbox: "Checkbox",
  checkboxgroup: "CheckboxGroup",
  radio: "Radio",
  json: "JSON",
  browserstate: "BrowserState",
  fallback: "Fallback",
  dataset: "Dataset",
  paramviewer: "ParamViewer",
  navbar: "Navbar",
  downloadbutton: "DownloadButton",
  model3d: "Model3D",
  audio: "Audio",
  fileexplorer: "FileExplorer",
  imageslider: "ImageSlider",
  imageeditor: "ImageEditor",
  annotatedimage: "AnnotatedImage",
  gallery: "Gallery",
  dataframe: "Dataframe",
  timeseries: "Timeseries",
  label: "Label",
  highlightedtext: "HighlightedText",
  dialogue: "Dialogue",
  multimodaltextbox: "MultimodalTextbox",
  plot: "Plot",
  nativeplot: "NativePlot",
  datetime: "DateTime"
} as const

/** By kind, where its properties or the version decide between several. */
const byProps = {
  dropdown: (props) => (props["multiselect"] === true ? "MultiselectDropdown" : "Dropdown"),
  file: (props) => (isSingle(props) ? "File" : "Files"),
  uploadbutton: (props) => (isSingle(props) ? "UploadButton" : "UploadButtons"),
  image: (props) =>
    props["tool"] === "sketch" && (props["source"] === "upload" || props["source"] === "webcam")
      ? "SketchedImage"
      : "Image",
  video: (_, since) => (since("6.0.0") ? "Video" : "SubtitledVideo"),
  chatbot: (props, since) =>
    since("6.0.0") ? "Chatbot" : props["type"] === "messages" ? "ChatbotMessages" : "ChatbotTuples",
  // A component of the app's own, with a value of its own, is one of these too.
  html: (props) =>
    (props["component_class_name"] ?? "HTML") === "HTML" && (props["html_template"] ?? "${value}") === "${value}"
      ? "HTML"
      : "JSON"
} as const satisfies Record<string, (props: Props, since: Since) => string>

const isSingle = (props: Props): boolean => props["file_count"] !== "multiple" && props["file_count"] !== "directory"

/** The name of a component of this module. */
export type ComponentName = (typeof byType)[keyof typeof byType] | ReturnType<(typeof byProps)[keyof typeof byProps]>

const simple = new Map<string, ComponentName>(Object.entries(byType))
const chosen = new Map<string, (props: Props, since: Since) => ComponentName>(Object.entries(byProps))

/**
 * The name of the export of this module for a component of an app: `forComponent({ type: "file", props: { file_count: "multiple" } }, "6.31.0")` is
 * `"Files"`. None for components that carry no value to or from a call (`state`, layout), and for those that are not Gradio's own.
 */
export const forComponent = (component: ConfiguredComponent, version: string): ComponentName | undefined =>
  simple.get(component.type) ??
  chosen.get(component.type)?.(component.props ?? {}, (since) => atLeast({ version }, since))

/** What the server of an app holds a value against, and the lower-case function of this module that does the same before anything is sent. */
export type Refinement =
  | { readonly name: "number" | "slider"; readonly minimum: number | undefined; readonly maximum: number | undefined }
  | {
      readonly name: "choice" | "choices" | "suggestion" | "suggestions"
      readonly choices: ReadonlyArray<string | number | boolean>
    }
  | { readonly name: "file" | "files" | "gallery" | "multimodal"; readonly types: ReadonlyArray<string> }
  | { readonly name: "dateTime"; readonly timeZone: string | undefined; readonly includeTime: boolean }

const numberIn = (props: Props, key: string): number | undefined => {
  const value = get(props, key)
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** The values of choices, each of which is sent as a pair of what is shown and what it stands for, or alone. */
const choicesIn = (props: Props): ReadonlyArray<string | number | boolean> => {
  const list = get(props, "choices")
  if (!Array.isArray(list)) return []
  return list
    .map((one: unknown): unknown => (Array.isArray(one) ? one[1] : one))
    .filter((one) => typeof one === "string" || typeof one === "number" || typeof one === "boolean")
}

/** None where any will do. */
const typesIn = (props: Props): ReadonlyArray<string> | undefined => {
  const types = get(props, "file_types")
  return Array.isArray(types) && types.length > 0 ? types.filter((one) => typeof one === "string") : undefined
}

/**
 * What more the configuration says of a component, as the arguments of a lower-case function of this module: bounds, choices, types of files, the time
 * zone. For inputs no stricter than the server: before Gradio 5 only the bounds of a `Number` are looked at, and those of a `Slider` from 5.39 on; choices that are not looked at are suggestions. For outputs
 * choices are always suggestions. None where there is nothing to add to {@link forComponent}.
 */
export const refinementFor = (
  component: ConfiguredComponent,
  version: string,
  side: "input" | "output"
): Refinement | undefined => {
  const props = isRecord(component.props) ? component.props : {}
  const isChecked = side === "input" && atLeast({ version }, "5.0.0")
  switch (component.type) {
    case "number":
    case "slider": {
      const minimum = numberIn(props, "minimum")
      const maximum = numberIn(props, "maximum")
      const hasBounds = minimum !== undefined || maximum !== undefined
      const isBound = side === "input" && (component.type === "number" || atLeast({ version }, "5.39.0"))
      return hasBounds && isBound ? { name: component.type, minimum, maximum } : undefined
    }
    case "radio":
    case "checkboxgroup":
    case "dropdown": {
      const choices = choicesIn(props)
      if (choices.length === 0) return undefined
      const isSeveral = component.type === "checkboxgroup" || get(props, "multiselect") === true
      return isChecked && get(props, "allow_custom_value") !== true
        ? { name: isSeveral ? "choices" : "choice", choices }
        : { name: isSeveral ? "suggestions" : "suggestion", choices }
    }
    case "gallery":
    case "multimodaltextbox": {
      const types = typesIn(props)
      if (!isChecked || types === undefined) return undefined
      return { name: component.type === "gallery" ? "gallery" : "multimodal", types }
    }
    case "file":
    case "uploadbutton": {
      const types = typesIn(props)
      // The types of a folder are not looked at, nor those of files that the function gets as bytes.
      if (!isChecked || types === undefined) return undefined
      if (get(props, "file_count") === "directory" || get(props, "type") === "binary") return undefined
      return { name: isSingle(props) ? "file" : "files", types }
    }
    case "datetime": {
      const timeZone = get(props, "timezone")
      const includeTime = get(props, "include_time") !== false
      return typeof timeZone === "string" || !includeTime
        ? { name: "dateTime", timeZone: typeof timeZone === "string" ? timeZone : undefined, includeTime }
        : undefined
    }
    default:
      return undefined
  }
}
