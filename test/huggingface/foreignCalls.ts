/** The calls of the foreign clients, and the answers that they understood. */
import { call, type ForeignCall } from "./foreign.ts"

/** A call, and the answer as the client understood it. */
export type Row = readonly [call: ForeignCall, answer: unknown]

/** `huggingface_hub` and `gradio_client`. */
export const pythonCalls: ReadonlyArray<Row> = [
  [call("whoami", []), { type: "user", name: "alice", canPay: true, isPro: true, orgs: ["acme"] }],
  [call("whoami", [], "bob"), { type: "user", name: "bob", canPay: false, isPro: true, orgs: [] }],
  [call("whoami", [], "stranger"), { error: "HfHubHTTPError", status: 401, said: null }],
  [
    call("space_info", ["gradio/demo"], "nobody"),
    {
      id: "gradio/demo",
      private: false,
      sdk: "gradio",
      host: "http://127.0.0.1:0",
      subdomain: "gradio-demo",
      stage: "RUNNING"
    }
  ],
  [
    call("space_info", ["alice/secret"]),
    {
      id: "alice/secret",
      private: true,
      sdk: "gradio",
      host: "http://127.0.0.1:0",
      subdomain: "alice-secret",
      stage: "RUNNING"
    }
  ],
  [
    call("space_info", ["alice/secret"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("space_info", ["alice/secret"], "bob"),
    { error: "RepositoryNotFoundError", status: 404, said: "Repository not found" }
  ],
  [
    call("space_info", ["gradio/demo"], "stranger"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid credentials in Authorization header" }
  ],
  [
    call("get_space_runtime", ["gradio/demo"], "nobody"),
    { stage: "RUNNING", hardware: "cpu-basic", requested: "cpu-basic", sleep: 172800 }
  ],
  [
    call("get_space_runtime", ["gradio/gpu"], "nobody"),
    { stage: "RUNNING", hardware: "t4-small", requested: "t4-small", sleep: 3600 }
  ],
  [
    call("get_space_runtime", ["gradio/missing"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("get_space_runtime", ["gradio/missing"]),
    { error: "RepositoryNotFoundError", status: 404, said: "Repository not found" }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "nobody", {
      repo_type: "space",
      to_id: "alice/copy",
      space_hardware: "cpu-basic"
    }),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "reader", { repo_type: "space", space_hardware: "cpu-basic" }),
    {
      error: "HfHubHTTPError",
      status: 403,
      said: 'You don\'t have the rights to create a space under the namespace "alice".'
    }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "carol", { repo_type: "space", space_hardware: "cpu-basic" }),
    {
      error: "HfHubHTTPError",
      status: 402,
      said: "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription."
    }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "bob", { repo_type: "space", space_hardware: "t4-small" }),
    {
      error: "HfHubHTTPError",
      status: 403,
      said: "You must add a payment method to your account to upgrade your space's hardware. Visit your billing settings to add one: https://huggingface.co/settings/billing"
    }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "bob", {
      repo_type: "space",
      to_id: "alice/copy",
      space_hardware: "cpu-basic"
    }),
    {
      error: "HfHubHTTPError",
      status: 403,
      said: 'You don\'t have the rights to create a space under the namespace "alice".'
    }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "alice", {
      repo_type: "space",
      to_id: "alice/copy",
      private: true,
      space_hardware: "t4-small",
      space_sleep_time: 300,
      space_secrets: [{ key: "API_KEY", value: "s3cret", description: "of the app" }],
      space_variables: [{ key: "MODE", value: "test" }]
    }),
    { repo_id: "alice/copy", repo_type: "space" }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "alice", {
      repo_type: "space",
      to_id: "alice/copy",
      space_hardware: "cpu-basic"
    }),
    { error: "HfHubHTTPError", status: 409, said: "You already created this space repo" }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "alice", {
      repo_type: "space",
      to_id: "alice/copy",
      space_hardware: "cpu-basic",
      exist_ok: true
    }),
    { repo_id: "alice/copy", repo_type: "space" }
  ],
  [
    call("duplicate_repo", ["gradio/demo"], "alice", {
      repo_type: "space",
      to_id: "acme/copy",
      space_hardware: "cpu-basic"
    }),
    { repo_id: "acme/copy", repo_type: "space" }
  ],
  [
    call("wait_for_space", ["alice/copy"], "alice", { poll_interval: 0.1, timeout: 10 }),
    { stage: "RUNNING", hardware: "t4-small", requested: "t4-small", sleep: 300 }
  ],
  [
    call("get_space_runtime", ["alice/copy"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [call("get_space_secrets", ["alice/copy"]), { API_KEY: { key: "API_KEY", description: "of the app" } }],
  [call("get_space_variables", ["alice/copy"]), { MODE: { key: "MODE", value: "test" } }],
  [call("add_space_secret", ["alice/copy", "OTHER", "more"], "alice", { description: "later" }), null],
  [call("add_space_variable", ["alice/copy", "MODE", "live"]), { MODE: { key: "MODE", value: "live" } }],
  [call("delete_space_secret", ["alice/copy", "OTHER"]), null],
  [
    call("add_space_secret", ["gradio/demo", "X", "y"], "alice"),
    { error: "HfHubHTTPError", status: 403, said: "You must have write access to this Space to do that." }
  ],
  [
    call("request_space_hardware", ["alice/copy", "cpu-upgrade"], "alice", { sleep_time: 600 }),
    { stage: "BUILDING", hardware: null, requested: "cpu-upgrade", sleep: 600 }
  ],
  [
    call("request_space_hardware", ["alice/copy", "cpu-upgrade"], "login"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("wait_for_space", ["alice/copy"], "alice", { poll_interval: 0.1, timeout: 10 }),
    { stage: "RUNNING", hardware: "cpu-upgrade", requested: "cpu-upgrade", sleep: 600 }
  ],
  [
    call("set_space_sleep_time", ["alice/copy", 1200]),
    { stage: "RUNNING", hardware: "cpu-upgrade", requested: "cpu-upgrade", sleep: 1200 }
  ],
  [
    call("set_space_sleep_time", ["alice/copy", -1]),
    { stage: "RUNNING", hardware: "cpu-upgrade", requested: "cpu-upgrade", sleep: null }
  ],
  [
    call("set_space_sleep_time", ["acme/copy", 300]),
    { stage: "RUNNING", hardware: "cpu-basic", requested: "cpu-basic", sleep: 172800 }
  ],
  [
    call("pause_space", ["alice/copy"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("pause_space", ["gradio/demo"]),
    { error: "HfHubHTTPError", status: 403, said: "You must have write access to this Space to do that." }
  ],
  [call("pause_space", ["alice/copy"]), { stage: "PAUSED", hardware: null, requested: "cpu-upgrade", sleep: null }],
  [
    call("restart_space", ["alice/copy"], "login"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("restart_space", ["alice/copy"], "alice", { factory_reboot: true }),
    { stage: "BUILDING", hardware: null, requested: "cpu-upgrade", sleep: null }
  ],
  [
    call("wait_for_space", ["alice/copy"], "alice", { poll_interval: 0.1, timeout: 10 }),
    { stage: "RUNNING", hardware: "cpu-upgrade", requested: "cpu-upgrade", sleep: null }
  ],
  [
    call("wait_for_space", ["gradio/never-builds"], "nobody", { poll_interval: 0.1, timeout: 10 }),
    { stage: "BUILD_ERROR", hardware: null, requested: "cpu-basic", sleep: 172800 }
  ],
  [call("gradio_client.Client", ["gradio/demo"], "nobody"), { space: "gradio/demo", result: "Hello, client!" }],
  [call("gradio_client.Client", ["alice/secret"]), { space: "alice/secret", result: "Hello, client!" }],
  [
    call("gradio_client.Client", ["alice/secret"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [
    call("gradio_client.Client", ["gradio/paused"], "nobody"),
    {
      error: "ValueError",
      said: "The current space is in the invalid state: PAUSED. Please contact the owner to fix this."
    }
  ],
  [
    call("gradio_client.Client", ["gradio/broken"], "nobody"),
    {
      error: "ValueError",
      said: "The current space is in the invalid state: BUILD_ERROR. Please contact the owner to fix this."
    }
  ],
  [
    call("gradio_client.Client", ["gradio/missing"], "nobody"),
    { error: "HfHubHTTPError", status: 401, said: "Invalid username or password." }
  ],
  [call("gradio_client.Client", ["alice/copy"]), { space: "alice/copy", result: "Hello, client!" }],
  [
    call("gradio_client.Client.duplicate", ["gradio/demo"], "alice", { to_id: "alice/mine", secrets: { KEY: "v" } }),
    { space: "alice/mine", result: "Hello, duplicate!" }
  ],
  [
    call("gradio_client.Client.duplicate", ["gradio/demo"], "alice", { to_id: "alice/copy", hardware: "cpu-upgrade" }),
    { space: "alice/copy", result: "Hello, duplicate!" }
  ]
]

/** `@huggingface/hub` and `@gradio/client`. */
export const javascriptCalls: ReadonlyArray<Row> = [
  [call("whoAmI", []), { type: "user", name: "alice", canPay: true, isPro: true }],
  [
    call("whoAmI", [], "stranger"),
    { error: "HubApiError", status: 401, said: "Invalid credentials in Authorization header" }
  ],
  [
    call("spaceInfo", ["gradio/demo"], "nobody"),
    { name: "gradio/demo", sdk: "gradio", private: false, subdomain: "gradio-demo", stage: "RUNNING" }
  ],
  [
    call("spaceInfo", ["alice/secret"]),
    { name: "alice/secret", sdk: "gradio", private: true, subdomain: "alice-secret", stage: "RUNNING" }
  ],
  [
    call("spaceInfo", ["alice/secret"], "nobody"),
    { error: "HubApiError", status: 401, said: "Invalid username or password." }
  ],
  [call("repoExists", ["gradio/demo"], "nobody"), true],
  [call("repoExists", ["gradio/missing"]), false],
  [
    call("checkRepoAccess", ["alice/secret"], "bob"),
    { error: "HubApiError", status: 404, said: "Repository not found" }
  ],
  [call("checkRepoAccess", ["alice/secret"]), "allowed"],
  [call("listSpaces", ["alice"]), ["alice/secret", "alice/secret-asleep"]],
  [call("listSpaces", ["alice"], "nobody"), []],
  [call("createRepo", ["alice/site"]), "id-of-alice-site"],
  [
    call("createRepo", ["alice/site"]),
    { error: "HubApiError", status: 409, said: "You already created this space repo" }
  ],
  [
    call("createRepo", ["gradio/site"]),
    {
      error: "HubApiError",
      status: 403,
      said: 'You don\'t have the rights to create a space under the namespace "gradio".'
    }
  ],
  [
    call("createRepo", ["carol/app"], "carol", { sdk: "gradio" }),
    {
      error: "HubApiError",
      status: 402,
      said: "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription."
    }
  ],
  [call("deleteRepo", ["alice/site"]), "deleted"],
  [call("deleteRepo", ["alice/site"]), { error: "HubApiError", status: 404, said: "Repository not found" }],
  [call("Client.connect", ["gradio/demo"], "nobody"), { result: ["Hello, client!"] }],
  [
    call("Client.connect", ["gradio/demo"], "nobody", { follow: true }),
    { statuses: ["running RUNNING"], result: ["Hello, client!"] }
  ],
  [call("Client.connect", ["alice/secret"]), { result: ["Hello, client!"] }],
  [
    call("Client.connect", ["alice/secret"], "nobody"),
    {
      error:
        'Space "alice/secret" could not be accessed (received a 401 response from the Hugging Face API). Check that the Space name is spelled correctly and that the Space exists. If the Space is private, pass a valid Hugging Face token to the `token` option of `Client.connect`. You can generate a token at https://huggingface.co/settings/tokens.'
    }
  ],
  [
    call("Client.connect", ["gradio/missing"]),
    {
      error:
        'Space "gradio/missing" could not be accessed (received a 404 response from the Hugging Face API). Check that the Space name is spelled correctly and that the Space exists. If the Space is private, pass a valid Hugging Face token to the `token` option of `Client.connect`. You can generate a token at https://huggingface.co/settings/tokens.'
    }
  ],
  [
    call("Client.connect", ["gradio/paused"], "nobody", { follow: true }),
    { statuses: ["paused PAUSED true"], result: "Error: Could not resolve app config" }
  ],
  [
    call("Client.connect", ["gradio/quiet"], "nobody", { follow: true }),
    { statuses: ["paused PAUSED false"], result: "Error: Could not resolve app config" }
  ],
  [
    call("Client.connect", ["gradio/crashed"], "nobody", { follow: true }),
    { statuses: ["space_error RUNTIME_ERROR false"], result: "Error: Could not resolve app config" }
  ],
  [
    call("Client.duplicate", ["gradio/demo"], "alice", { private: true }),
    { error: "Error: Could not resolve app config. (received status 503 when fetching the app config)" }
  ],
  [
    call("Client.duplicate", ["gradio/gpu"], "alice", { hardware: "t4-small", timeout: 600, follow: true }),
    { statuses: ["building BUILDING", "running RUNNING"], result: ["Hello, client!"] }
  ],
  [
    call("Client.duplicate", ["gradio/gpu"], "alice", { follow: true }),
    { statuses: ["running RUNNING"], result: ["Hello, client!"] }
  ],
  [call("Client.duplicate", ["gradio/demo"], "carol"), { error: "Error: Payment Required" }]
]
