/**
 * A whole app as a service: one method for each of its endpoints. Programs depend on what the app does for them, and tests give another implementation of
 * it.
 */
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Record from "effect/Record"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

import type * as Endpoint from "./Endpoint.ts"
import * as GradioClient from "./GradioClient.ts"
import type { CallError, ConnectError, EndpointOutputError } from "./GradioError.ts"

/** The endpoints of an app, each under the name of its method. */
export type Endpoints = Readonly<Record<string, Endpoint.Any>>

/** The call of an endpoint: a stream of its outputs for a generator, the effect of its last output for all others. */
export type Method<E extends Endpoint.Any> =
  E extends Endpoint.Generator<infer I, infer O, infer RI, infer RO>
    ? (input: I, options?: GradioClient.TypedCallOptions) => Stream.Stream<O, CallError | EndpointOutputError, RI | RO>
    : E extends Endpoint.Endpoint<infer I, infer O, infer RI, infer RO>
      ? (
          input: I,
          options?: GradioClient.TypedCallOptions
        ) => Effect.Effect<O, CallError | EndpointOutputError, RI | RO>
      : never

/**
 * An app by its endpoints.
 *
 * @example
 * const endpoints = { transcribe, translate }
 * class Whisper extends Context.Service<Whisper, App.App<typeof endpoints>>()("my-app/Whisper") {
 *   static readonly layer = Layer.effect(Whisper)(App.connect("someone/whisper", endpoints))
 * }
 * // In a test, without any app:
 * const silent = Layer.succeed(Whisper)({ transcribe: () => Effect.succeed([""]), translate: () => Effect.succeed([""]) })
 */
export type App<E extends Endpoints> = { readonly [Name in keyof E]: Method<E[Name]> }

/** The app of a client. */
export function make<const E extends Endpoints>(client: GradioClient.GradioClient, endpoints: E): App<E>
export function make(
  client: GradioClient.GradioClient,
  endpoints: Readonly<Record<string, Endpoint.Endpoint<unknown, unknown, unknown, unknown>>>
): Readonly<Record<string, (input: unknown, options?: GradioClient.TypedCallOptions) => unknown>> {
  return Record.map(
    endpoints,
    (endpoint) => (input: unknown, options?: GradioClient.TypedCallOptions) =>
      endpoint.isGenerator ? client.stream(endpoint, input, options) : client.predict(endpoint, input, options)
  )
}

/** Connects to an app; fails as `GradioClient.connect` does, and belongs to the scope as its client does. */
export const connect = <const E extends Endpoints>(
  source: string | URL,
  endpoints: E,
  options?: GradioClient.ConnectOptions
): Effect.Effect<App<E>, ConnectError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.map(GradioClient.connect(source, options), (client) => make(client, endpoints))
