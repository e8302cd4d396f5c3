/** The whole suite. */
import { api } from "./api.ts"
import { callRoutes } from "./callRoutes.ts"
import { cancellation } from "./cancellation.ts"
import type { Group } from "./Case.ts"
import { components } from "./components.ts"
import { connect } from "./connect.ts"
import { failures } from "./failures.ts"
import { files } from "./files.ts"
import { generators } from "./generators.ts"
import { input } from "./input.ts"
import { inputStreams, streamedOutputs } from "./inputStreams.ts"
import { jobs } from "./jobs.ts"
import { plainCalls } from "./plainCalls.ts"
import { queue } from "./queue.ts"
import { reportsOfFunctions } from "./reports.ts"
import { requests } from "./requests.ts"
import { sessions } from "./sessions.ts"
import { typed } from "./typed.ts"
import { wholeApp } from "./wholeApp.ts"

export const groups: ReadonlyArray<Group> = [
  connect,
  api,
  input,
  plainCalls,
  generators,
  reportsOfFunctions,
  failures,
  queue,
  sessions,
  requests,
  inputStreams,
  streamedOutputs,
  typed,
  wholeApp,
  callRoutes,
  files,
  components,
  jobs,
  cancellation
]
