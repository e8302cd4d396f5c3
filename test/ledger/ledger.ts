/**
 * Every public name of both official clients, with what this library has for it. `ledger.test.ts` holds it against the installed clients, against
 * the types of this library, and against the tests.
 *
 * `js` and `py` are names of `@gradio/client` and `gradio_client` as `javascript.ts` and `python.py` write them, with `{a,b}` for alternatives.
 * `ours` are TypeScript types over this library's modules: they compile only where the member is there. `command` is one of the command line.
 */

export type Row = {
  readonly js?: string
  readonly py?: string
} & (
  | { readonly ours: ReadonlyArray<string>; readonly tests: ReadonlyArray<keyof typeof tests> }
  | { readonly command: string; readonly tests: ReadonlyArray<keyof typeof tests> }
  | { readonly leftOut: string }
)

const covered = (title: string) => ({ file: "test/ledger/covered.test.ts", title })

const space = (title: string) => ({ file: "test/Space.test.ts", title })

/** The tests that rows name, by a short word. */
export const tests = {
  connects: covered("connects, and tells the address, the configuration and the API"),
  text: covered("tells the API as text, hidden endpoints on request"),
  request: covered("sends headers, query parameters, cookies and the session hash that were given"),
  http: covered("hands every request to the given HttpClient"),
  input: covered("takes input by position, by name and both, and fills in defaults"),
  generator: covered("gives every value of a generator, then its completion"),
  queue: covered("tells the place in the queue and the start, each with its guess"),
  progress: covered("tells progress with every field of a bar"),
  logs: covered("tells logs with level, title, duration and visibility"),
  completed: covered("tells how long the function took and whether a cache was used"),
  rendered: covered("makes functions that a call rendered callable"),
  unknown: covered("keeps messages that nobody knows yet"),
  updates: covered("separates changed properties from values"),
  job: covered("runs a call in the background: events, status, result"),
  cancel: covered("cancels a call, which the server hears"),
  timeout: covered("ends a call that takes too long, by interruption"),
  session: covered("keeps the state of a session, and begins another"),
  eventData: covered("passes event data, the trigger and a token for functions that ask for one"),
  upload: covered("sends files, tells how far they are, and uploads one for several calls"),
  program: { file: "test/cli/sessions.test.ts", title: "info prints a program" },
  generated: {
    file: "test/codegen/hostile.test.ts",
    title: "gives modules for any apps that compile, always the same, with types that hold the defaults"
  },
  gradio3File: {
    file: "test/internal/files/gradio3Values.test.ts",
    title: "has the same bytes after it went and came, whatever they are"
  },
  download: covered("receives files as values, or as the references that came"),
  appError: covered("fails with what the app said: text, title, duration, visibility"),
  validation: covered("fails with each problem that the app's validators found"),
  notFound: covered("refuses endpoints that are not there, before anything is sent"),
  refusals: covered("tells a full queue and a rate limit apart"),
  inputStream: covered(
    "sends a stream of inputs, an output for each, in as many events as the app's time limit makes of it"
  ),
  component: covered("calls functions of components with JSON and with files"),
  refresh: covered("notices that the app started again, and reads it anew"),
  pages: covered("takes one page of an app, and a deep link"),
  concurrency: covered("limits the calls in flight"),
  scope: covered("is a service of a program, closed with its scope"),
  spaceStatus: space("tells each stage of a Space as it comes, and ends when it stays"),
  spaceStages: space(
    "tells every stage that Hugging Face reports, with what it says of failures and whether discussions are open"
  ),
  spaceConnects: space("works by its name, its page, its host, and a private one by a token that was given or found"),
  spaceWakes: space("waits for one that is being built, and tells each stage once"),
  spaceChanges: space("hardware, sleep time, restart and pause are asked for, and tell how the Space is doing then"),
  duplicate: space("makes a private copy with all that was asked for, waits until it runs, and finds it the next time"),
  duplicateConnects: space("GradioClient.duplicate makes it and connects, over sockets, the first time and again"),
  duplicateFails: space(
    "fails by what is in the way: a plan, a payment method, a right, a name, the original, the token"
  ),
  config: { file: "test/AppConfig.test.ts", title: "decodeAppConfig" },
  info: { file: "test/ApiInfo.test.ts", title: "decodeWireInfo" },
  diff: { file: "test/internal/wire/diff.test.ts", title: "applyEdits" },
  safeName: { file: "test/internal/safeName.test.ts", title: "safeName" },
  login: covered("logs in by user and password, and says what the login page says where it may not"),
  token: covered("takes a Hugging Face token, and sends it where it may go"),
  foundToken: {
    file: "test/HuggingFaceToken.test.ts",
    title: "is that of the configuration before that of the command line"
  },
  signedLinks: {
    file: "test/internal/transport/signature.test.ts",
    title: "take the place of the header in everything that is sent to the Space"
  },
  visitor: covered("passes on what makes GPU time count on a visitor"),
  failures: { file: "test/failures/failures.test.ts", title: "the table of failures" }
} as const

const history =
  "runs kept in a browser or in a Hugging Face bucket are a feature of Gradio's own page, not of calls to an app"
const page = "what the page of the app needs to draw itself; kept in `config` as it came"
const inner = "inner machinery that happens to be public; nothing for users to call"

const call = `GradioClient.GradioClient["predict"]`
const callOptions = "GradioClient.CallOptions"
const connectOptions = "GradioClient.ConnectOptions"
const parameter = "ApiInfo.ParameterInfo"
const result = "ApiInfo.ReturnInfo"
const bar = "JobEvent.ProgressBar"

export const ledger: ReadonlyArray<Row> = [
  // ---- connecting
  {
    js: "Client Client.connect Client.connect(app_reference) Client.constructor(app_reference) Client.app_reference client client(app_reference)",
    py: "Client Client(src) Client.src",
    ours: ["typeof GradioClient.connect", `GradioClient.GradioClient["url"]`],
    tests: ["connects"]
  },
  {
    js: "ClientOptions Client.options Client.connect(options) Client.constructor(options) client(options)",
    ours: [connectOptions],
    tests: ["request"]
  },
  {
    js: "ClientOptions.headers Client.post_data(additional_headers) {SubmitFunction,submit}(additional_headers)",
    py: "Client(headers) Client.headers Client.{predict,submit}(headers) Communicator.request_headers",
    ours: [`${connectOptions}["headers"]`, `${callOptions}["headers"]`],
    tests: ["request"]
  },
  { js: "ClientOptions.query_params", ours: [`${connectOptions}["query"]`], tests: ["request"] },
  {
    js: "ClientOptions.cookies Client.set_cookies Client.set_cookies(raw_cookies)",
    py: "Client.cookies",
    ours: [`${connectOptions}["cookies"]`],
    tests: ["request"]
  },
  {
    js: "ClientOptions.session_hash Client.session_hash",
    py: "Client.session_hash",
    ours: [`${connectOptions}["sessionHash"]`, `GradioError.Where["sessionHash"]`],
    tests: ["request"]
  },
  {
    js: "ClientOptions.credentials Client.fetch Client.fetch({input,init})",
    py: "Client(httpx_kwargs) Client.httpx_kwargs Client(ssl_verify) Client.ssl_verify",
    ours: [`${connectOptions}["transformClient"]`],
    tests: ["http"]
  },
  {
    py: "Client(max_workers) Client.{executor,helper_executor,stream_executor,streaming_future}",
    ours: [`${connectOptions}["concurrency"]`],
    tests: ["concurrency"]
  },
  { js: "Client.close Client.closed", py: "Client.close", ours: ["typeof GradioClient.layer"], tests: ["scope"] },
  {
    js: "ClientOptions.auth Config.{auth_required,auth_message} MISSING_CREDENTIALS_MSG",
    py: "Client(auth)",
    ours: [
      `${connectOptions}["auth"]`,
      "typeof AppConfig.loginRequired",
      `GradioError.AuthenticationError["authMessage"]`
    ],
    tests: ["login"]
  },
  {
    js: "ClientOptions.{token,hf_token}",
    py: "Client(token) Client.token",
    ours: [
      `${connectOptions}["token"]`,
      "typeof HuggingFaceToken.fromConfig",
      "typeof HuggingFaceToken.fromHuggingFaceCli",
      "typeof HuggingFaceToken.find"
    ],
    tests: ["token", "foundToken"]
  },
  {
    js: "Client.jwt",
    ours: [`${connectOptions}["signedLinks"]`, "typeof GradioClient.signedUrl"],
    tests: ["signedLinks"]
  },
  {
    py: "Client.add_zero_gpu_headers Client.add_zero_gpu_headers(headers)",
    ours: ["typeof HuggingFaceToken.forwarded"],
    tests: ["visitor"]
  },
  {
    py: "AuthenticationError",
    ours: ["GradioError.AuthenticationError"],
    tests: ["failures"]
  },
  {
    js: "ClientOptions.oauth_token Payload.oauth_token",
    py: "Client(oauth_token) Client.oauth_token",
    ours: [`${callOptions}["oauthToken"]`],
    tests: ["eventData"]
  },
  { js: "EndpointInfo.oauth_token", ours: [`ApiInfo.EndpointInfo["actsForUser"]`], tests: ["info"] },
  {
    js: "ClientOptions.events Client.submit(all_events) {SubmitFunction,submit}(all_events) EventType EventMap EventMap.{data,status,log,render} GradioEvent",
    ours: ["JobEvent.JobEvent<unknown>", `GradioClient.GradioClient["events"]`],
    tests: ["generator", "logs"]
  },
  {
    js: "ClientOptions.with_null_state",
    leftOut: "slots without a value are filled and dropped by the library in both directions, so callers never see them"
  },
  { js: "ClientOptions.record_history Config.run_history", leftOut: history },
  {
    py: "Client(analytics_enabled) Client.analytics_enabled",
    leftOut: "this library sends no telemetry of any kind"
  },
  {
    py: "Client(verbose) Client.verbose Job(verbose) Job.verbose",
    leftOut: "nothing is printed; what happens is in the events, the logs and the spans of Effect"
  },
  {
    py: "Client(download_files) Client.download_files Client.output_dir",
    ours: [`${callOptions}["raw"]`, "typeof GradioFile.saveAll", "typeof GradioFile.save"],
    tests: ["download"]
  },

  // ---- the app
  {
    js: "Config Client.config client_return.config",
    py: "Client.config",
    ours: [`GradioClient.GradioClient["config"]`],
    tests: ["connects", "config"]
  },
  {
    js: "Config.version",
    py: "Client.app_version",
    ours: [`AppConfig.AppConfig["version"]`],
    tests: ["connects", "config"]
  },
  {
    js: "Config.protocol",
    py: "Client.protocol",
    ours: [`AppConfig.AppConfig["protocol"]`, "typeof AppConfig.protocolName"],
    tests: ["connects", "config"]
  },
  {
    js: "Config.api_prefix Client.api_prefix",
    py: "Client.api_prefix",
    ours: [`AppConfig.AppConfig["api_prefix"]`, "typeof AppConfig.apiPrefix"],
    tests: ["config"]
  },
  {
    js: "Config.{app_id,root,space_id,title,enable_queue,show_error,username,connect_heartbeat,max_file_size,components,dependencies}",
    py: "Client.space_id",
    ours: [
      `AppConfig.AppConfig["app_id" | "root" | "space_id" | "title" | "enable_queue" | "show_error" | "username"]`,
      `AppConfig.AppConfig["connect_heartbeat" | "max_file_size" | "components" | "dependencies"]`
    ],
    tests: ["config"]
  },
  {
    js: "Config.{analytics_enabled,dev_mode,vibe_mode,css,js,head,layout,mode,theme,theme_hash,footer_links,stylesheets,fill_height,fill_width,pwa,i18n_translations,mcp_server,is_space,is_colab,root_url}",
    leftOut: page
  },
  {
    js: "Config.{page,pages,current_page,deep_link_state} Config.page.{components,dependencies,layout} Client.{page,deep_link} Client.get_page_config Client.get_page_config(page)",
    ours: [`${connectOptions}["page" | "deepLink"]`, "AppConfig.AppConfig"],
    tests: ["pages"]
  },
  {
    js: "Client.get_url_config Client.get_url_config(url) Client.current_payload Client.set_current_payload Client.set_current_payload(payload)",
    leftOut: "for the page of the app, which finds its part of the configuration by the address in the browser"
  },
  {
    js: "ComponentMeta ComponentMeta.{id,type,props,rendered_in}",
    ours: ["AppConfig.Component", `AppConfig.Component["id" | "type" | "props" | "rendered_in"]`],
    tests: ["config"]
  },
  {
    js: "ComponentMeta.{has_modes,instance,component,documentation,children,parent,value,component_class_id,key} SharedProps SharedProps.{elem_id,elem_classes,components,interactive,visible,root_url} Documentation Documentation.{type,description,example_data} TypeDescription TypeDescription.{input_payload,response_object,payload}",
    leftOut: page
  },
  { js: "SharedProps.server_fns", ours: ["typeof GradioClient.componentServer"], tests: ["component"] },
  {
    js: "Dependency Dependency.{id,inputs,outputs,api_name,api_visibility,backend_fn,queue,types,cancels,connection,rendered_in,render_id,time_limit,stream_every,component_prop_inputs} DependencyTypes DependencyTypes.{generator,cancel} EndpointInfo.type",
    ours: [
      `AppConfig.Dependency["id" | "inputs" | "outputs" | "api_name" | "api_visibility" | "backend_fn" | "queue" | "types"]`,
      `AppConfig.Dependency["cancels" | "connection" | "rendered_in" | "render_id" | "time_limit" | "stream_every" | "component_prop_inputs"]`
    ],
    tests: ["config"]
  },
  {
    js: "Dependency.{targets,js,scroll_to_output,trigger,show_progress,show_progress_on,frontend_fn,status,every,pending_request,trigger_after,trigger_only_on_success,trigger_only_on_failure,trigger_mode,final_event,like_user_message,event_specific_args,js_implementation,collects_event_data,batch,max_batch_size}",
    leftOut: page
  },

  // ---- its API
  {
    js: "Client.view_api client_return.view_api Client.api_info ApiInfo ApiInfo.{named_endpoints,unnamed_endpoints} Client.api_map EndpointInfo EndpointInfo.{parameters,returns} ApiData JsApiData",
    py: "Client.view_api Client.endpoints Client.view_api(all_endpoints) ParameterInfo",
    ours: [
      `GradioClient.GradioClient["api"]`,
      `ApiInfo.ApiInfo["named" | "unnamed"]`,
      `ApiInfo.EndpointInfo["parameters" | "returns" | "visibility"]`
    ],
    tests: ["connects", "info"]
  },
  { py: "Client.view_api({print_info,return_format})", ours: ["typeof GradioClient.describe"], tests: ["text"] },
  {
    js: "{ApiData,JsApiData}.{label,parameter_name,parameter_default,parameter_has_default,type,component,example_input} JsApiData.description ApiData.type.{type,description} {ApiData,JsApiData}.python_type {ApiData,JsApiData}.python_type.{type,description}",
    py: "ParameterInfo.{label,parameter_name,parameter_default,parameter_has_default,type,python_type,component,example_input}",
    ours: [
      `${parameter}["label" | "name" | "default" | "hasDefault" | "type" | "component" | "example" | "pythonType" | "description"]`,
      `${result}["label" | "component" | "type" | "pythonType" | "description"]`
    ],
    tests: ["connects", "info"]
  },
  {
    js: "{ApiData,JsApiData}.serializer",
    leftOut:
      "what its serializer makes of a value of Gradio 3 has the form of Gradio 4 here, so that programs need not know it"
  },

  // ---- calling
  {
    js: "Client.predict client_return.predict PredictFunction predict PredictReturn PredictReturn.{type,data}",
    py: "Client.predict",
    ours: [call, "GradioClient.Outputs"],
    tests: ["input"]
  },
  {
    js: "{Client.predict,Client.submit,PredictFunction,SubmitFunction,predict,submit}(endpoint) {PredictReturn,StatusMessage,PayloadMessage,LogMessage,RenderMessage}.{endpoint,fn_index} Payload.fn_index",
    py: "Client.{predict,submit}({api_name,fn_index})",
    ours: [
      `Parameters<${call}>[0]`,
      `GradioError.Where["endpoint"]`,
      `ApiInfo.EndpointInfo["name" | "fnIndex"]`,
      "typeof GradioClient.single"
    ],
    tests: ["input"]
  },
  {
    js: "{Client.predict,Client.submit,PredictFunction,SubmitFunction,predict,submit}(data)",
    ours: ["Input.Input", "typeof Input.make"],
    tests: ["input"]
  },
  {
    js: "{Client.predict,Client.submit,PredictFunction,SubmitFunction,submit}(event_data) Payload.event_data",
    ours: [`${callOptions}["eventData"]`],
    tests: ["eventData"]
  },
  {
    js: "{Client.submit,SubmitFunction,submit}(trigger_id) Payload.trigger_id",
    ours: [`${callOptions}["triggerId"]`],
    tests: ["eventData"]
  },
  {
    js: "Client.submit client_return.submit SubmitFunction submit SubmitIterable SubmitIterable.{[Symbol.asyncIterator],next}",
    py: "Client.submit Job Job.{__iter__,__aiter__,__next__}",
    ours: [
      `GradioClient.GradioClient["submit" | "stream" | "events"]`,
      "Job.Job<unknown>",
      `Job.Job<unknown>["events"]`,
      "typeof Job.outputs"
    ],
    tests: ["job", "generator"]
  },
  {
    py: "Client.submit(result_callbacks) Job.add_done_callback Job.add_done_callback(fn)",
    ours: [`Job.Job<unknown>["result"]`],
    tests: ["job"]
  },
  {
    py: "Job.{result,outputs,exception} Job.{result,exception}(timeout)",
    ours: [`Job.Job<unknown>["result"]`, "typeof Job.outputs"],
    tests: ["job", "timeout"]
  },
  {
    py: "Job.{status,done,running,cancelled} JobStatus JobStatus.{latest_status,outputs}",
    ours: [`Job.Job<unknown>["status"]`, `JobEvent.JobStatus<unknown>["phase" | "outputs" | "last"]`],
    tests: ["job", "cancel"]
  },
  {
    js: "SubmitIterable.{cancel,return,throw} SubmitIterable.throw(value)",
    py: "Job.{cancel,cancel_fn}",
    ours: [`Job.Job<unknown>["cancel"]`, "GradioError.JobCancelledError"],
    tests: ["cancel", "timeout"]
  },
  {
    js: "SubmitIterable.{event_id,wait_for_id}",
    py: "Communicator.event_id",
    ours: [`Job.Job<unknown>["eventId"]`, `GradioError.Where["eventId"]`],
    tests: ["job"]
  },
  {
    js: "SubmitIterable.{send_chunk,close_stream} SubmitIterable.send_chunk(payload) Status.time_limit",
    ours: ["typeof GradioClient.streamInput", `JobEvent.Reopened["limit"]`],
    tests: ["inputStream"]
  },
  { py: "Client.reset_session", ours: [`GradioClient.GradioClient["withSession"]`], tests: ["session"] },
  {
    js: "Client.component_server client_return.component_server {Client,client_return}.component_server({component_id,fn_name,data})",
    ours: ["typeof GradioClient.componentServer"],
    tests: ["component"]
  },
  {
    js: "Client.{reconnect,refresh}",
    ours: ["typeof GradioClient.isSameApp", "typeof GradioClient.refresh"],
    tests: ["refresh"]
  },
  {
    py: "Job({future,communicator,space_id}) Job.{future,communicator,space_id,set_exception,set_result,set_running_or_notify_cancel} Job.set_exception(exception) Job.set_result(result)",
    leftOut: "parts of Python's Future; a job here is made by `submit` alone"
  },

  // ---- events
  {
    js: "Status StatusMessage StatusMessage.{type,original_msg} Status.{stage,queue,code,success,broken}",
    py: "Status Status.{STARTING,JOINING_QUEUE,IN_QUEUE,SENDING_DATA,PROCESSING,ITERATING,PROGRESS,FINISHED,CANCELLED,LOG,QUEUE_FULL} StatusUpdate StatusUpdate.{code,success,type}",
    ours: [`JobEvent.JobEvent<unknown>["_tag"]`, `JobEvent.JobStatus<unknown>["phase"]`, "GradioError.JobError"],
    tests: ["job", "queue", "cancel", "failures"]
  },
  {
    js: "Status.{position,size,eta}",
    py: "StatusUpdate.{rank,queue_size,eta}",
    ours: [`JobEvent.Queued["position" | "size" | "eta"]`, `JobEvent.Started["eta"]`],
    tests: ["queue"]
  },
  {
    js: "Status.time PredictReturn.time Payload.time",
    py: "StatusUpdate.time",
    ours: [`JobEvent.Queued["at"]`, `JobEvent.Output<unknown>["at"]`],
    tests: ["generator"]
  },
  {
    js: "Status.progress_data Status.progress_data.{progress,index,length,unit,desc}",
    py: "StatusUpdate.progress_data ProgressUnit ProgressUnit.{progress,index,length,unit,desc}",
    ours: [`JobEvent.Progress["bars"]`, `${bar}["fraction" | "index" | "length" | "unit" | "description"]`],
    tests: ["progress"]
  },
  {
    js: "Log Log.{log,title,level} LogMessage LogMessage.{type,duration,visible}",
    py: "StatusUpdate.log",
    ours: [`JobEvent.Log["message" | "title" | "level" | "duration" | "visible"]`],
    tests: ["logs"]
  },
  {
    js: "Payload Payload.data PayloadMessage PayloadMessage.type",
    py: "OutputUpdate OutputUpdate.{outputs,success,type,final}",
    ours: [`JobEvent.Output<unknown>["output" | "index" | "updates"]`, `JobEvent.Completed<unknown>["output"]`],
    tests: ["generator", "updates"]
  },
  {
    js: "Render Render.data Render.data.{components,layout,dependencies,render_id} RenderMessage RenderMessage.type",
    ours: [`JobEvent.Rendered["endpoints"]`, "AppConfig.RenderConfig"],
    tests: ["rendered", "config"]
  },
  { js: "Status.used_cache", ours: [`JobEvent.Completed<unknown>["usedCache"]`], tests: ["completed"] },
  {
    js: "Status.{cache_duration,avg_time}",
    leftOut: "set whether a cache was used or not, and of use to the page's own note alone"
  },
  {
    js: "Status.changed_state_ids",
    leftOut: "tells the page which listeners of a state to run; calls do not trigger each other"
  },
  { js: "Status.session_not_found", ours: [`GradioError.JobDisconnectedError["reason"]`], tests: ["failures"] },

  // ---- failures
  {
    js: "Status.{message,title,duration,visible}",
    py: "AppError AppError({message,title,duration,visible,print_exception}) AppError.{message,title,duration,visible,print_exception}",
    ours: [`GradioError.AppError["message" | "title" | "duration" | "visible" | "printException"]`],
    tests: ["appError", "failures"]
  },
  {
    js: "ValidationError ValidationError.{is_valid,message}",
    py: "ValidationError",
    ours: [`GradioError.AppValidationError["problems"]`],
    tests: ["validation", "failures"]
  },
  { py: "TooManyRequestsError", ours: ["GradioError.AppRateLimitError"], tests: ["refusals"] },
  { py: "QueueError", ours: ["GradioError.QueueFullError"], tests: ["refusals", "failures"] },
  { py: "InvalidAPIEndpointError", ours: ["GradioError.EndpointNotFoundError"], tests: ["notFound", "failures"] },
  { py: "SerializationSetupError", leftOut: "raised by nothing since Gradio 4" },
  { py: "APIInfoParseError", leftOut: "types that cannot be told are shown as `Any`; a call needs none" },
  { py: "SpaceDuplicationError", ours: [`GradioError.SpaceError["reason"]`], tests: ["duplicateFails"] },

  // ---- files
  {
    js: "handle_file handle_file(file_or_url) Command Command.{type,command,meta,fileData} Command.meta.{path,name,orig_path} Command.constructor({command,meta})",
    py: "handle_file handle_file(filepath_or_url) file file(filepath_or_url)",
    ours: [
      "typeof GradioFile.fromPath",
      "typeof GradioFile.fromUrl",
      "typeof GradioFile.fromBytes",
      "typeof GradioFile.fromStream",
      "typeof GradioFile.fromBlob"
    ],
    tests: ["upload"]
  },
  {
    js: "FileData FileData.{path,url,orig_name,size,blob,is_stream,mime_type} FileData.constructor().{path,url,orig_name,size,blob,is_stream,mime_type} prepare_files prepare_files({files,is_stream})",
    py: "FileData FileData.{orig_name,size,mime_type,is_stream}",
    ours: [`GradioFile.GradioFile["name" | "mimeType" | "size" | "url" | "isStream" | "stream" | "bytes"]`],
    tests: ["download", "upload"]
  },
  {
    js: "FileData.{alt_text,b64,meta} FileData.meta._type FileData.constructor().{alt_text,b64}",
    leftOut:
      "`raw` shows a reference as it came, and a hand-written one passes as it is; no server since Gradio 4 reads `b64`"
  },
  {
    js: "FileData.{data,is_file,name}",
    py: "FileData.{data,is_file,name}",
    ours: [`GradioFile.GradioFile["name" | "bytes" | "stream"]`],
    tests: ["gradio3File"]
  },
  {
    js: "Client.upload Client.upload_files upload upload_files {Client.upload,upload}({file_data,root_url,upload_id,max_file_size}) {Client.upload_files,upload_files}({files,root_url,upload_id}) UploadResponse UploadResponse.{error,files} Client.handle_blob Client.handle_blob({endpoint,data,endpoint_info})",
    ours: [`GradioClient.GradioClient["upload"]`, `JobEvent.Uploading["file" | "sent" | "size"]`],
    tests: ["upload"]
  },

  // ---- Spaces
  {
    js: "ClientOptions.status_callback SpaceStatusCallback SpaceStatusCallback(a) SpaceStatus SpaceStatusNormal SpaceStatusNormal.{status,detail,load_status,message} SpaceStatusError SpaceStatusError.{status,detail,load_status,message,discussions_enabled} Client.handle_space_success Client.handle_space_success(status)",
    ours: [
      "typeof Space.status",
      `Space.SpaceStatus["kind" | "stage" | "message" | "discussionsOpen"]`,
      `GradioClient.ConnectOptions["wait"]`,
      `GradioError.SpaceError["stage" | "discussionsOpen"]`
    ],
    tests: ["spaceStatus", "spaceStages", "spaceConnects", "spaceWakes"]
  },
  {
    js: "Client.duplicate Client.duplicate({app_reference,options}) duplicate_space duplicate_space({app_reference,options}) DuplicateOptions DuplicateOptions.{private,hardware,timeout}",
    py: "Client.duplicate Client.duplicate({from_id,to_id,token,private,hardware,secrets,sleep_timeout,max_workers,verbose}) utils.set_space_timeout",
    ours: [
      "typeof GradioClient.duplicate",
      "typeof Space.duplicate",
      `Space.DuplicateOptions["to" | "token" | "private" | "hardware" | "secrets" | "variables" | "sleepTimeout" | "update"]`,
      "typeof Space.setSleepTimeout",
      "typeof Space.requestHardware"
    ],
    tests: ["duplicate", "duplicateConnects", "spaceChanges"]
  },

  // ---- machinery
  {
    js: "Client.{_resolve_heartbeat,heartbeat_event,last_status,stream_status,stream_status.open,pending_stream_messages,pending_diff_streams,event_callbacks,unclosed_events,abort_controller,stream_instance,open_stream,stream,post_data} Client._resolve_heartbeat(_config) Client.stream(url) Client.post_data({url,body}) client_return",
    py: "Client.{api_url,heartbeat,heartbeat_url,new_helper,pending_event_epoch,pending_event_ids,pending_lock,pending_messages_per_event,reset_url,send_data,src_prefixed,sse_data_url,sse_url,stream_epoch,stream_messages,stream_open,upload_url,ws_url} Client.new_helper({fn_index,headers}) Client.send_data({data,hash_data,protocol,request_headers}) Client.stream_messages({protocol,session_hash}) Communicator Communicator.{job,lock,prediction_processor,reset_url,should_cancel,thread_complete,updates} client.{ComponentApiType,Endpoint,ReplaceMe}",
    leftOut: inner
  },
  {
    py: "Message Message.{msg,output,event_id,rank,rank_eta,queue_size,success,progress_data,log,level} ServerMessage ServerMessage.{send_hash,queue_full,estimation,send_data,process_starts,process_generating,process_completed,log,progress,heartbeat,server_stopped,unexpected_error,close_stream,process_streaming}",
    ours: ["ServerMessage.ServerMessage", `JobEvent.Other["message"]`],
    tests: ["unknown"]
  },
  { py: "utils.apply_diff", ours: ["JobEvent.Output<unknown>"], tests: ["diff"] },
  { py: "utils.strip_invalid_filename_characters", ours: ["typeof GradioFile.save"], tests: ["safeName"] },
  {
    py: "utils.{get_mimetype,is_filepath,is_file_obj,is_file_obj_with_meta,is_file_obj_with_url}",
    ours: ["typeof GradioFile.isGradioFile", `GradioFile.GradioFile["mimeType"]`],
    tests: ["upload", "download"]
  },
  {
    py: "utils.{json_schema_to_python_type,python_type_to_json_schema,get_type}",
    command: "effect-gradio generate",
    tests: ["generated"]
  },
  {
    py: "snippet.{generate_bash_snippet,generate_code_snippets,generate_js_snippet,generate_python_snippet}",
    command: "effect-gradio info --code",
    tests: ["program"]
  },
  { py: "__version__ utils.get_package_version", leftOut: "the version is in package.json, which the package exports" },
  {
    py: "utils.{async_traverse,check_for_cancel,construct_args,create_initial_status_update,create_tmp_copy_of_file,decode_base64_to_binary,decode_base64_to_file,dict_or_str_to_json_file,download_byte_stream,download_tmp_copy_of_file,encode_file_path,encode_file_to_base64,encode_url_or_file_to_base64,encode_url_to_base64,extract_validation_message,file_to_json,get_extension,get_pred_from_sse_v0,get_pred_from_sse_v1plus,is_http_url_like,is_valid_file,is_valid_url,probe_url,sanitize_parameter_names,stream_sse_v0,stream_sse_v1plus,synchronize_async,traverse,value_is_file}",
    leftOut: inner
  },
  {
    py: "documentation.{document,document_cls,document_fn,extract_instance_attr_doc,generate_documentation,set_documentation_group}",
    leftOut: "makes the website of the Python client"
  },
  {
    py: "templates.discord_chat.{chat,continue_chat,get_client,on_message,on_ready,run_bot,truncate_response,wait}",
    leftOut: "a template for hosting a Discord bot, which the Python client no longer deploys"
  },

  // ---- the history of runs
  {
    js: "AppId RunHistoryScope RunHistoryScope.{app_id,username} RunHistoryStorage RunHistoryStorage.{type,bucket_id} RunStatus StoredRunComponent StoredRunComponent.{type,component_class_id,props} StoredRun StoredRun.{id,endpoint,api_name,fn_index,page,inputs,outputs,input_components,output_components,status,error,started_at,process_started_at,completed_at,duration_ms,queued_ms,streamed} ReplayTarget ReplayTarget.{components,dependencies} ReplayTarget.components.{id,type,props} ReplayTarget.dependencies.{id,api_name,inputs,outputs} run_history_url run_history_url({root,api_prefix}) {read_run_history,read_run_history_storage,set_run_history_storage,clear_run_history,delete_run_history,stage_run_history_replay,consume_run_history_replay} {read_run_history,read_run_history_storage,set_run_history_storage,clear_run_history,delete_run_history,stage_run_history_replay,consume_run_history_replay}(scope) set_run_history_storage(storage) delete_run_history(id) stage_run_history_replay(run) apply_run_history_replay apply_run_history_replay(config) on_run_history_change on_run_history_change(listener)",
    leftOut: history
  },
  {
    js: "is_valid_bucket_id is_valid_bucket_id(id) HistoryRecord HistoryRecord.{record_id,endpoint,inputs,outputs,started_at,schema_version} HistoryResult HistoryResult.{ok,status,data,detail} connect_bucket connect_bucket({root,bucket_id}) list_user_buckets list_user_buckets(root) list_bucket_records list_bucket_records({root,bucket}) asset_url asset_url({root,bucket,endpoint,record_id,filename})",
    leftOut: history
  }
]
