/** Small parts of what real servers sent, and builders for more of the same shape. */
import { Result } from "effect"

import * as ApiInfo from "../../src/ApiInfo.ts"
import * as AppConfig from "../../src/AppConfig.ts"
import { makeEndpoints, type ResolvedEndpoint } from "../../src/internal/endpoints.ts"

/** Gradio 3.50.2: no protocol, no ids, no `skip_api`, `queue: null`, an unnamed function and one whose author said `api_name=False`. */
export const config3 = {
  version: "3.50.2",
  mode: "blocks",
  app_id: 1234567890123456789n.toString(),
  components: [
    {
      id: 1,
      type: "textbox",
      props: { lines: 1, value: "", label: "text", name: "textbox" },
      serializer: "StringSerializable",
      api_info: { info: { type: "string" }, serialized_info: false },
      example_inputs: { raw: "Howdy!", serialized: "Howdy!" }
    },
    { id: 4, type: "number", props: { label: "len", name: "number" }, serializer: "NumberSerializable" },
    { id: 10, type: "state", props: { value: [], name: "state" }, serializer: "SimpleSerializable" },
    { id: 15, type: "button", props: { value: "b", name: "button" }, serializer: "StringSerializable" }
  ],
  enable_queue: true,
  dependencies: [
    {
      targets: [[15, "click"]],
      inputs: [1, 10],
      outputs: [4, 10],
      backend_fn: true,
      js: null,
      queue: null,
      api_name: "counter",
      types: { continuous: false, generator: false },
      cancels: []
    },
    { inputs: [], outputs: [], backend_fn: false, queue: false, api_name: null, cancels: [] },
    { inputs: [], outputs: [], backend_fn: true, queue: false, api_name: null, cancels: [0] },
    { inputs: [1], outputs: [4], backend_fn: true, queue: null, api_name: false, cancels: [] }
  ],
  root: ""
}

export const info3 = {
  named_endpoints: {
    "/counter": {
      parameters: [
        {
          label: "text",
          type: { type: "string" },
          python_type: { type: "str", description: "" },
          component: "Textbox",
          example_input: "Howdy!",
          serializer: "StringSerializable"
        }
      ],
      returns: [
        {
          label: "len",
          type: { type: "number" },
          python_type: { type: "int | float", description: "" },
          component: "Number",
          serializer: "NumberSerializable"
        }
      ]
    }
  },
  unnamed_endpoints: { "2": { parameters: [], returns: [] } }
}

const component6 = (id: number, type: string, props: object, skip = false) => ({
  id,
  type,
  props: { ...props, name: type },
  skip_api: skip,
  api_info: { type: type === "number" || type === "slider" ? "number" : "string" },
  example_inputs: "Hello!!"
})

const dependency6 = (
  id: number,
  api_name: string,
  inputs: Array<number>,
  outputs: Array<number>,
  more: object = {}
) => ({
  id,
  targets: [[90, "click"]],
  inputs,
  outputs,
  backend_fn: true,
  queue: true,
  api_name,
  api_description: null,
  cancels: [],
  types: { generator: false, cancel: false },
  api_visibility: "public",
  rendered_in: null,
  render_id: null,
  connection: "sse",
  streamEvery: 0.5,
  timeLimit: undefined,
  component_prop_inputs: [],
  ...more
})

/** Gradio 6.31.0; ids are not positions. */
export const config6 = {
  version: "6.31.0",
  api_prefix: "/gradio_api",
  protocol: "sse_v3",
  root: "http://127.0.0.1:7860",
  app_id: 17,
  space_id: null,
  enable_queue: true,
  connect_heartbeat: true,
  max_file_size: null,
  username: null,
  footer_links: ["api"],
  components: [
    component6(1, "textbox", { label: "text" }),
    component6(2, "textbox", { label: "out" }),
    component6(5, "number", { label: "a" }),
    component6(6, "radio", { label: "op", value: "add" }),
    component6(7, "slider", { label: "size", value: 4, minimum: 0, maximum: 10 }),
    component6(10, "state", { value: [] }, true),
    component6(15, "button", { value: "press" }, true)
  ],
  dependencies: [
    dependency6(3, "add", [5, 6, 7], [5]),
    dependency6(4, "mixed", [15, 1, 10, 7], [10, 2, 15, 5], { types: { generator: true, cancel: false } }),
    dependency6(5, "unnamed", [], [], { backend_fn: false, queue: false, api_visibility: "private", cancels: [3] }),
    dependency6(6, "unnamed_1", [1], [2], { backend_fn: false, queue: false }),
    dependency6(7, "hidden", [1], [2], { api_visibility: "undocumented", queue: false }),
    dependency6(8, "secret", [1], [2], { api_visibility: "private" }),
    dependency6(9, "properties", [1, 10, 7, 15], [2], { component_prop_inputs: [1, 2, 3] }),
    dependency6(11, "inrender", [999], [2]),
    dependency6(12, "apply", [1], [], { api_visibility: "undocumented", render_id: 0 })
  ]
}

const parameter6 = (name: string, component: string, python: string, more: object = {}) => ({
  label: name.toUpperCase(),
  parameter_name: name,
  parameter_has_default: false,
  parameter_default: null,
  type: { type: "string" },
  python_type: { type: python, description: "" },
  component,
  example_input: "Hello!!",
  ...more
})

const return6 = (label: string, component: string, python: string) => ({
  label,
  type: { type: "string" },
  python_type: { type: python, description: "" },
  component
})

export const info6 = {
  named_endpoints: {
    "/add": {
      parameters: [
        parameter6("num1", "Number", "float"),
        parameter6("operation", "Radio", "str", { parameter_has_default: true, parameter_default: "add" }),
        parameter6("num2", "Slider", "float", { parameter_has_default: true, parameter_default: 4 })
      ],
      returns: [return6("sum", "Number", "float")],
      api_visibility: "public",
      description: "Adds two numbers.",
      code_snippets: { python: "..." },
      oauth_token: "optional"
    },
    "/mixed": {
      parameters: [parameter6("word", "Textbox", "str"), parameter6("size", "Slider", "float")],
      returns: [return6("out", "Textbox", "str"), return6("a", "Number", "float")],
      api_visibility: "public",
      description: ""
    },
    "/properties": {
      parameters: [parameter6("plain", "Textbox", "str"), parameter6("size", "Slider", "float")],
      returns: [return6("out", "Textbox", "str")],
      api_visibility: "public",
      description: ""
    }
  },
  unnamed_endpoints: {}
}

export const tableOf = (config: unknown, info?: unknown): ReadonlyArray<ResolvedEndpoint> =>
  makeEndpoints(
    Result.getOrThrow(AppConfig.decodeAppConfig(config)),
    info === undefined ? undefined : Result.getOrThrow(ApiInfo.decodeWireInfo(info))
  )
