/** A Gradio server in TypeScript, and the Hugging Face that Spaces live on, for tests: functions in, the real wire protocol out, over a socket or in memory. */
export { AppFailure } from "./AppFailure.ts"
export { Broken } from "./Broken.ts"
export type { Call, CallRequest, LogOptions } from "./Call.ts"
export * as Component from "./Component.ts"
export { type Edit, diff } from "./diff.ts"
export {
  type Endpoint,
  type Inputs,
  type Output,
  type Outputs,
  type Settings,
  type Verdict,
  batch,
  endpoint,
  generator,
  inputStream,
  listener,
  render
} from "./Endpoint.ts"
export * as Fault from "./Fault.ts"
export * as GradioServer from "./GradioServer.ts"
export * as HuggingFace from "./HuggingFace.ts"
export type { LogLevel, Message, ProgressUnit } from "./Message.ts"
export type { ServerFile, ServerFiles } from "./ServerFile.ts"
export { type Update, skip, update } from "./Update.ts"
