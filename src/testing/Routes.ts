/** The routes of a stand-in server: from a request to the answer, by the app that they are made for. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type HttpServerRequest, searchParamsFromURL } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Random from "effect/Random"
import type * as Socket from "effect/socket/Socket"
import * as Stream from "effect/Stream"

import * as Answer from "./Answer.ts"
import * as AppFailure from "./AppFailure.ts"
import { type AppFunction, type Output, snapshot, toWire } from "./AppFunction.ts"
import { Broken } from "./Broken.ts"
import type { Call } from "./Call.ts"
import type { Conversion } from "./Component.ts"
import * as Conversation from "./Conversation.ts"
import * as Description from "./Description.ts"
import * as Download from "./Download.ts"
import type { Verdict } from "./Endpoint.ts"
import * as EventStream from "./EventStream.ts"
import type { Frame } from "./Fault.ts"
import type { Fields } from "./fields.ts"
import type { JobQueue } from "./JobQueue.ts"
import type { Logins } from "./Login.ts"
import * as Media from "./Media.ts"
import * as Message from "./Message.ts"
import * as Recode from "./recode.ts"
import type { Rendered } from "./Rendered.ts"
import * as Reports from "./Reports.ts"
import * as RequestBody from "./RequestBody.ts"
import type { ServerFiles } from "./ServerFile.ts"
import type { Session, Sessions } from "./Session.ts"
import type { Uploads } from "./Upload.ts"

/** Everything that the routes work on. */
export interface App {
  readonly description: Description.Description
  readonly rendered: Rendered
  readonly rootPath: string
  readonly maxSize: number | null
  readonly heartbeatInterval: Duration.Input
  readonly logins: Logins
  /** Told when the client of a session is gone. */
  readonly unload: (sessionHash: string) => Effect.Effect<void>
  readonly isStopped: () => boolean
  readonly queue: JobQueue
  readonly sessions: Sessions
  readonly files: ServerFiles
  readonly uploads: Uploads
  /** Counts what goes on as open. */
  readonly counted: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Puts the faults of the moment between an event stream and its reader. */
  readonly tamper: (frames: Stream.Stream<Frame, Broken>, sessionHash: string) => Stream.Stream<Frame, Broken>
}

/** A request as the routes see it. */
interface Visit {
  readonly request: HttpServerRequest
  readonly query: Readonly<Record<string, string>>
  readonly root: string
  /** Takes the connection over as a WebSocket. */
  readonly upgrade: Effect.Effect<Socket.Socket, unknown>
}

type Reply = Effect.Effect<Answer.Answer, Answer.Answer>

const hex = (digits: number) =>
  Effect.map(
    Effect.forEach(Array.from({ length: digits / 8 }), () => Random.nextIntBetween(0, 2 ** 32, { halfOpen: true })),
    (words) => words.map((word) => word.toString(16).padStart(8, "0")).join("")
  )

/** Makes the routes of an app. */
export const make = (app: App) => {
  const { description, files, logins, queue, sessions } = app
  const { release } = description
  const media = Media.make(release)
  const byId = new Map(description.functions.map((fn) => [fn.id, fn]))

  const callOf = (
    visit: Visit,
    body: RequestBody.CallBody,
    session: object,
    reports: Reports.Reports,
    eventId: string | null,
    cache: Call["cache"]
  ): Call => ({
    eventId,
    sessionHash: body.sessionHash,
    session,
    // Plain, for the headers of a request hide some of their values when they are shown.
    request: { headers: { ...visit.request.headers }, query: visit.query, cookies: visit.request.cookies },
    eventData: body.eventData,
    triggerId: body.triggerId,
    root: visit.root,
    files,
    cache,
    ...reports
  })

  /** Takes the endpoints that a call of a render block makes in a session; `config` is what its client is told of them. */
  const rendering = (fn: AppFunction, sessionHash: string | null) => {
    let config: Fields | null = null
    const render: Conversion["render"] = (endpoints, services) => {
      config = app.rendered.replace(sessionHash ?? "", fn, endpoints, services)
    }
    return { render, config: () => config }
  }

  const lookUp = (
    name: string | undefined,
    fnIndex: number | null,
    sessionHash: string | null = null
  ): Effect.Effect<AppFunction, Answer.Answer> => {
    const fn =
      fnIndex === null
        ? description.functions.find(({ endpoint }) => endpoint.name === name)
        : (byId.get(fnIndex) ?? app.rendered.find(sessionHash, fnIndex))
    return fn === undefined ? Effect.fail(Answer.crashed) : Effect.succeed(fn)
  }

  const validate = Effect.fnUntraced(function* (fn: AppFunction, body: RequestBody.CallBody, conversion: Call) {
    const { inputs, validate: check } = fn.endpoint
    if (check === undefined || !release.validates) return
    const verdicts = yield* Recode.fromWire(release, inputs, body.data, conversion).pipe(
      Effect.flatMap((row) => check(row, conversion)),
      Effect.tapDefect((defect) => AppFailure.log(fn.endpoint.name, Cause.die(defect))),
      Effect.mapError((error) => Answer.detail(400, AppFailure.toOutput(error, true)["error"]))
    )
    if (verdicts.every((verdict) => verdict === true || (typeof verdict === "object" && verdict.valid))) return
    const told = (verdict: Verdict, i: number) => {
      if (verdict === true) return { is_valid: true, message: "" }
      const { message, valid } = typeof verdict === "string" ? { valid: false, message: verdict } : verdict
      return { __type__: "validate", is_valid: valid, message, parameter_name: inputs[i]?.name ?? `parameter_${i}` }
    }
    return yield* Effect.fail(Answer.detail(422, verdicts.map(told)))
  })

  const push = Effect.fnUntraced(function* (visit: Visit, body: RequestBody.CallBody) {
    if (app.isStopped()) return yield* Effect.fail(Answer.detail(503, "Queue is stopped."))
    if (body.fnIndex === null) return yield* Effect.fail(Answer.detail(400, "No function index provided."))
    if (app.maxSize !== null && queue.size() >= app.maxSize) {
      return yield* Effect.fail(
        Answer.detail(503, `Queue is full. Max size is ${app.maxSize} and size is ${queue.size()}.`)
      )
    }
    const fn = yield* lookUp(undefined, body.fnIndex, body.sessionHash)
    const id = yield* hex(32)
    const session = sessions.get(body.sessionHash ?? id)
    const reports = fn.endpoint.kind === "batch" ? Reports.silent : Reports.make(id, session)
    const { cache, isUsed } = fn.stored.open()
    const call = callOf(visit, { ...body, sessionHash: session.hash }, session, reports, id, cache)
    yield* validate(fn, body, call)
    const { config, render } = rendering(fn, session.hash)
    yield* queue.push({
      id,
      fn,
      session,
      open: Effect.succeed({
        data: body.data,
        simpleFormat: body.simpleFormat,
        call,
        conversion: { session, files, root: visit.root, media: media.run(session.hash, id), render },
        usesCache: isUsed,
        rendered: config
      })
    })
    return Answer.json({ event_id: id })
  })

  const framesOf = (session: Session | undefined, hash: string, more: { readonly own?: true } = {}) =>
    app.tamper(
      EventStream.open(session, {
        release,
        heartbeatInterval: app.heartbeatInterval,
        onDrop: queue.drop,
        ...more
      }),
      hash
    )

  const eventStream = (
    frames: Stream.Stream<Frame, Broken>,
    render: Parameters<typeof EventStream.encode>[1]
  ): Answer.Answer =>
    HttpServerResponse.stream(EventStream.encode(frames, render), { contentType: "text/event-stream; charset=utf-8" })

  const events = (
    session: Session | undefined,
    hash: string,
    render: Parameters<typeof EventStream.encode>[1]
  ): Answer.Answer => eventStream(framesOf(session, hash), render)

  /** Calls of which the data is awaited. */
  const awaited = new Map<string, Conversation.Conversation>()

  /** Begins a call with a connection of its own. */
  const converse = Effect.fnUntraced(function* (
    visit: Visit,
    named: { readonly fnIndex: number | null; readonly sessionHash: string },
    body: RequestBody.CallBody | undefined,
    patience: Duration.Input
  ) {
    const fn = yield* lookUp(undefined, named.fnIndex ?? -1)
    const id = yield* hex(32)
    const conversation = yield* Conversation.start({
      id,
      fn,
      sessionHash: named.sessionHash,
      queue,
      isFull: app.maxSize !== null && queue.size() >= app.maxSize,
      body,
      patience,
      open: (told, own) => {
        const reports = fn.endpoint.kind === "batch" ? Reports.silent : Reports.make(id, own)
        const state = sessions.get(named.sessionHash)
        const { cache, isUsed } = fn.stored.open()
        const call = callOf(visit, { ...told, sessionHash: named.sessionHash }, state, reports, id, cache)
        const conversion = { session: state, files, root: visit.root, media: media.run(named.sessionHash, id) }
        return { data: told.data, simpleFormat: false, call, conversion, usesCache: isUsed }
      }
    })
    awaited.set(id, conversation)
    const frames = framesOf(conversation.session, named.sessionHash, { own: true }).pipe(
      Stream.ensuring(Effect.sync(() => awaited.delete(id)))
    )
    return { ...conversation, frames }
  })

  const joinByStream = Effect.fnUntraced(function* (visit: Visit) {
    const { call, hasData } = yield* RequestBody.query(visit.query)
    const named = { fnIndex: call.fnIndex, sessionHash: call.sessionHash ?? "" }
    const { frames } = yield* converse(visit, named, hasData ? call : undefined, "5 seconds")
    return eventStream(frames, EventStream.renderMessage(release))
  })

  const giveData = Effect.fnUntraced(function* (visit: Visit) {
    const { body, eventId } = yield* RequestBody.answer(visit.request)
    const conversation = awaited.get(eventId)
    if (conversation === undefined) return yield* Effect.fail(Answer.crashed)
    yield* conversation.tell(body)
    return Answer.json(null)
  })

  const joinBySocket = (visit: Visit): Reply =>
    Effect.flatMap(
      Effect.mapError(visit.upgrade, () => Answer.notFound),
      (socket) =>
        Conversation.overSocket(socket, release, (named) =>
          Effect.mapError(converse(visit, named, undefined, "60 seconds"), () => new Broken())
        ).pipe(
          Effect.scoped,
          app.counted,
          // Whatever ended the connection is over with it.
          Effect.ignore,
          Effect.as(HttpServerResponse.empty())
        )
    )

  const run = Effect.fnUntraced(function* (visit: Visit, name: string) {
    const body = yield* RequestBody.call(visit.request)
    const fn = yield* lookUp(name, body.fnIndex, body.sessionHash)
    if (fn.endpoint.cancels.length > 0 && release.cancelsByCall) {
      yield* queue.abort(body.sessionHash ?? "", Description.cancelled(description.functions, fn))
      return Answer.json(toWire(release, [], false, { duration: 0, average: 0 }))
    }
    const call = callOf(
      visit,
      body,
      body.sessionHash === null ? {} : sessions.get(body.sessionHash),
      Reports.silent,
      null,
      fn.stored.open().cache
    )
    const first = yield* Deferred.make<Output>()
    const { config, render } = rendering(fn, body.sessionHash)
    const { kind } = fn.endpoint
    // Gradio takes each value of a direct call of a batched function for a row of its own: with more than one input it fails.
    const rows = kind === "batch" ? body.data.map((value) => [value]) : [body.data]
    // A generator is left after its first value.
    const exit = yield* Effect.exit(
      Effect.raceFirst(
        Effect.andThen(
          fn.run(rows, call, { ...call, render }, (output) => Deferred.succeed(first, output)),
          Deferred.await(first)
        ),
        Deferred.await(first)
      )
    )
    if (exit._tag === "Failure") {
      yield* AppFailure.log(fn.endpoint.name, exit.cause)
      return Answer.json(release.failure(AppFailure.toOutput(Cause.squash(exit.cause), description.showError)), 500)
    }
    const answers = exit.value.rows.map(snapshot)
    const data = kind === "batch" ? answers.map(([value]) => value) : answers[0]
    const isGenerating = kind === "batch" ? null : kind === "generator"
    return Answer.json(toWire(release, data, isGenerating, exit.value, null, config()))
  })

  /** Puts `null` into the slots that are not in `/info`, when that is all that is missing. */
  const padded = (fn: AppFunction, data: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
    const { inputs } = fn.endpoint
    if (!release.pads) return data
    if (data.length === inputs.length || data.length !== inputs.filter(({ skipApi }) => !skipApi).length) return data
    let next = 0
    return inputs.map(({ skipApi }) => (skipApi ? null : data[next++]))
  }

  const callSimply = Effect.fnUntraced(function* (visit: Visit, name: string) {
    const body = yield* RequestBody.call(visit.request)
    const fn = yield* lookUp(name, null)
    return yield* push(visit, { ...body, fnIndex: fn.id, data: padded(fn, body.data), simpleFormat: true })
  })

  const callByNames = Effect.fnUntraced(function* (visit: Visit, name: string) {
    const body = yield* RequestBody.fields(visit.request)
    const fn = yield* lookUp(name, null)
    const known = Description.parameters(description, fn)
    const isComplete = known.every((one) => one.parameter_has_default || Object.hasOwn(body, one.parameter_name))
    const isKnown = Object.keys(body).every((key) => known.some((one) => one.parameter_name === key))
    if (fn.endpoint.visibility !== "public" || !isComplete || !isKnown) return yield* Effect.fail(Answer.crashed)
    const data = known.map((one) =>
      Object.hasOwn(body, one.parameter_name) ? body[one.parameter_name] : one.parameter_default
    )
    return yield* push(visit, {
      data: padded(fn, data),
      fnIndex: fn.id,
      sessionHash: null,
      eventData: null,
      triggerId: null,
      simpleFormat: true
    })
  })

  const readCall = (eventId: string): Answer.Answer => {
    const session = Array.from(sessions.all()).find(({ pending }) => pending.has(eventId)) ?? sessions.find(eventId)
    return events(session, session?.hash ?? eventId, EventStream.renderCall(release))
  }

  const heartbeat = (sessionHash: string): Answer.Answer =>
    HttpServerResponse.stream(
      Stream.concat(
        Stream.succeed("data: ALIVE\n\n"),
        Stream.fromEffectRepeat(Effect.delay(Effect.succeed("data: ALIVE\n\n"), app.heartbeatInterval))
      ).pipe(Stream.encodeText, Stream.ensuring(app.unload(sessionHash))),
      { contentType: "text/event-stream; charset=utf-8" }
    )

  const join = Effect.fnUntraced(function* (visit: Visit) {
    const body = yield* RequestBody.call(visit.request)
    if (body.sessionHash === null) return yield* Effect.fail(Answer.detail(400, release.noSession))
    return yield* push(visit, body)
  })

  /** More input for an event, or the end of it. */
  const feed = Effect.fnUntraced(function* (visit: Visit, eventId: string, isEnd: boolean) {
    const input = isEnd ? undefined : (yield* RequestBody.call(visit.request)).data
    const { endedEvent } = release
    if (queue.feed(eventId, input)) return Answer.json({ msg: "success" })
    return yield* Effect.fail(endedEvent === 404 ? HttpServerResponse.empty({ status: 404 }) : Answer.crashed)
  })

  /** Runs a function of a component. */
  const runOfComponent = Effect.fnUntraced(function* (visit: Visit) {
    const { data, target } = yield* RequestBody.componentCall(visit.request)
    const { component: id, name, sessionHash } = RequestBody.componentOf(target)
    const component = Array.from(description.components).find(([, known]) => known === id)?.[0]
    if (component === undefined) return yield* Effect.fail(Answer.crashed)
    const { functions = {} } = component
    const fn = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (fn === undefined) return yield* Effect.fail(Answer.detail(404, "Function not found."))
    const exit = yield* Effect.exit(fn(data, { session: sessions.get(sessionHash), files, root: visit.root }))
    if (Exit.isSuccess(exit)) return Answer.json(exit.value ?? null)
    yield* AppFailure.log(`${name} of component ${id}`, exit.cause)
    return yield* Effect.fail(Answer.crashed)
  })

  const cancel = Effect.fnUntraced(function* (visit: Visit) {
    const { eventId, fnIndex, sessionHash } = yield* RequestBody.cancel(visit.request)
    yield* queue.cancel(sessionHash, fnIndex, sessions.find(sessionHash), eventId)
    return Answer.json({ success: true })
  })

  const reset = (visit: Visit): Reply =>
    Effect.map(RequestBody.reset(visit.request, release.resets), (eventId) =>
      Answer.json({ success: !release.cancelsByCall || (eventId !== undefined && queue.reset(eventId)) })
    )

  const jsonText = (text: string): Answer.Answer => HttpServerResponse.text(text, { contentType: "application/json" })

  /** `segments` is the path below the prefix, still percent-encoded. */
  const api = (visit: Visit, path: string): Reply => {
    const { query, request } = visit
    const [first = "", second = "", third = "", fourth] = path.split("/")
    const isPost = request.method === "POST"
    if (release.isMissing(first) || release.isMissing(`${first}/${second}`)) return Effect.succeed(Answer.notFound)
    const refusal = openRoutes.has(first) ? undefined : logins.refusal(request)
    if (refusal !== undefined) return Effect.succeed(refusal)
    if (path.startsWith("file=") || first === "file") {
      return Effect.sync(() => Download.answer(request, files, path.slice("file=".length), release))
    }
    const name = decodeURIComponent(third === "" ? second : third)
    switch (first) {
      case "info":
        return Effect.succeed(Answer.json(Description.info(description, query["all_endpoints"] === "true")))
      case "app_id":
        return Effect.succeed(jsonText(`{"app_id":${description.appId}}`))
      case "token":
        return Effect.succeed(Answer.json({ token: null, user: logins.user(request) }))
      case "user":
        return Effect.succeed(Answer.json(logins.user(request)))
      case "login_check":
        return Effect.succeed(Answer.json(null))
      case "startup-events":
        return Effect.succeed(Answer.json(false))
      case "heartbeat":
        return Effect.sync(() => heartbeat(decodeURIComponent(second)))
      case "upload":
        return isPost ? app.uploads.accept(request, query["upload_id"]) : Effect.succeed(methodNotAllowed)
      case "upload_progress":
        return query["upload_id"] === undefined
          ? Effect.succeed(RequestBody.missingQuery("upload_id"))
          : app.uploads.watch(query["upload_id"])
      case "cancel":
        return isPost ? cancel(visit) : Effect.succeed(methodNotAllowed)
      case "reset":
        return isPost ? reset(visit) : Effect.succeed(methodNotAllowed)
      case "run":
      case "api":
        return isPost ? run(visit, decodeURIComponent(second)) : Effect.succeed(methodNotAllowed)
      case "call":
        if (second === "v2") return isPost ? callByNames(visit, name) : Effect.sync(() => readCall(fourth ?? ""))
        return isPost ? callSimply(visit, decodeURIComponent(second)) : Effect.sync(() => readCall(third))
      case "component_server":
        return isPost ? runOfComponent(visit) : Effect.succeed(methodNotAllowed)
      case "stream":
        return isPost
          ? feed(visit, decodeURIComponent(second), third === "close")
          : Effect.sync(() => media.answer(path.slice("stream/".length)))
      case "queue":
        return queueRoute(visit, second, isPost)
      default:
        return Effect.succeed(Answer.notFound)
    }
  }

  const queueRoute = (visit: Visit, name: string, isPost: boolean): Reply => {
    const hash = visit.query["session_hash"]
    switch (`${release.joins} ${name}`) {
      case "socket join":
        return isPost ? Effect.succeed(Answer.notFound) : joinBySocket(visit)
      case "stream join":
        return isPost ? Effect.succeed(methodNotAllowed) : joinByStream(visit)
      case "stream data":
        return isPost ? giveData(visit) : Effect.succeed(methodNotAllowed)
      case "post join":
        return isPost ? join(visit) : Effect.succeed(methodNotAllowed)
      case "post data":
        return hash === undefined
          ? Effect.succeed(RequestBody.missingQuery("session_hash"))
          : Effect.sync(() => events(sessions.find(hash), hash, EventStream.renderMessage(release)))
      default:
        return name === "status" ? Effect.sync(status) : Effect.succeed(Answer.notFound)
    }
  }

  const status = () =>
    Answer.json(release.status(release.estimation(Message.estimation(null, null, queue.size(), null), queue.history())))

  const mount = /^https?:\/\//.test(app.rootPath) ? new URL(app.rootPath).pathname : app.rootPath
  /** The app answers under the path where it is mounted and without it. */
  const unmounted = (pathname: string) => {
    const path = mount.replace(/^\/|\/$/g, "")
    return path !== "" && pathname.startsWith(`/${path}/`) ? pathname.slice(path.length + 1) : pathname
  }

  const route = (visit: Visit, pathname: string): Reply => {
    const prefix = `${release.prefix}/`
    const { query, request, root } = visit
    switch (pathname) {
      case "/":
        return Effect.sync(() =>
          HttpServerResponse.html(Description.page(description, root, logins.stub(request, root)))
        )
      case "/config":
      case "/config/":
        return Effect.sync(
          () =>
            logins.refusal(request) ??
            jsonText(Description.toJson(description, Description.config(description, root, logins.user(request))))
        )
      case "/login":
      case "/login/":
        return request.method === "POST" ? logins.logIn(request, root) : Effect.succeed(methodNotAllowed)
      case "/logout":
        if (release.isMissing("logout")) return Effect.succeed(Answer.notFound)
        return Effect.sync(() => logins.logOut(request, root, !/^(false|0|no|off)$/i.test(query["all_session"] ?? "")))
      case "/robots.txt":
        return Effect.succeed(Answer.text("User-agent: *\nDisallow: "))
      default:
        return pathname.startsWith(prefix) ? api(visit, pathname.slice(prefix.length)) : Effect.succeed(Answer.notFound)
    }
  }

  /** Answers a request; `upgrade` is how a WebSocket is made of it. */
  return (request: HttpServerRequest, upgrade: Visit["upgrade"] = request.upgrade): Effect.Effect<Answer.Answer> => {
    const url = new URL(request.url, "http://localhost")
    const query: Record<string, string> = {}
    for (const [key, value] of Object.entries(searchParamsFromURL(url))) {
      const last = typeof value === "string" ? value : value.at(-1)
      if (last !== undefined) query[key] = last
    }
    // Not `url.pathname`: it resolves dots, and a path of a file may have some.
    const pathname = request.url.split("?", 1)[0] ?? "/"
    const visit: Visit = { request, query, root: release.root(request, app.rootPath), upgrade }
    const reply = Effect.suspend(() => route(visit, unmounted(pathname))).pipe(
      Effect.catch((early) => Effect.succeed(early)),
      Effect.map((answer) => (request.method === "HEAD" ? withoutBody(answer) : answer))
    )
    return release.cors(request, reply)
  }
}

/** What strangers may ask of an app with a login. */
const openRoutes = new Set(["app_id", "user", "token", "reset", "cancel", "heartbeat", "startup-events"])

const methodNotAllowed = HttpServerResponse.setHeader(Answer.detail(405, "Method Not Allowed"), "allow", "POST")

const withoutBody = (answer: Answer.Answer): Answer.Answer =>
  HttpServerResponse.empty({ status: answer.status, headers: answer.headers })
