/** The routes of the stand-in of Hugging Face's API: what its clients ask about Spaces, and the changes they ask for. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import * as Answer from "./Answer.ts"
import { isRecord } from "./FileData.ts"
import * as HubAnswer from "./HubAnswer.ts"
import * as HubSpace from "./HubSpace.ts"

/** Somebody with a token. */
export interface Account {
  readonly name: string
  readonly token: string
  /** What the token may do. `oauth` is one of a browser's login: it may not restart Spaces or change their hardware. Default `"write"`. */
  readonly role?: "write" | "read" | "oauth" | undefined
  /** Organizations that the account may make Spaces in. */
  readonly orgs?: ReadonlyArray<string> | undefined
  /** Has a paid plan, without which no app is hosted on free hardware. Default `true`. */
  readonly pro?: boolean | undefined
  /** Has a payment method, without which no hardware is upgraded. Default `true`. */
  readonly canPay?: boolean | undefined
}

/** What the routes work on. */
export interface Hub {
  readonly endpoint: () => string
  readonly accounts: ReadonlyArray<Account>
  /** By id in lower case. */
  readonly spaces: Map<string, HubSpace.HubSpace>
  /** The address of a Space's own host. */
  readonly hostOf: (space: HubSpace.HubSpace) => Effect.Effect<string>
  /** A token that opens a private Space's host for a while. */
  readonly sign: (space: HubSpace.HubSpace) => Effect.Effect<string>
}

type Reply = Effect.Effect<Answer.Answer, Answer.Answer>
type Fields = Readonly<Record<string, unknown>>

interface Visit {
  readonly request: HttpServerRequest
  readonly query: URLSearchParams
  readonly account: Account | undefined
  readonly now: number
}

/** The account of a request. A token that is none is refused everywhere, on what is public too. */
export const accountOf = (
  hub: Pick<Hub, "accounts">,
  header: string | undefined
): Effect.Effect<Account | undefined, Answer.Answer> => {
  const token = /^Bearer (.+)$/i.exec(header ?? "")?.[1]
  if (token === undefined) return Effect.undefined
  const account = hub.accounts.find((one) => one.token === token)
  return account === undefined ? Effect.fail(HubAnswer.badToken) : Effect.succeed(account)
}

const isoTime = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const owns = (account: Account | undefined, namespace: string): boolean =>
  account !== undefined && [account.name, ...(account.orgs ?? [])].some((one) => one === namespace)

const namespaceOf = (id: string): string => id.split("/")[0] ?? ""

/** Whether an account may know of a Space. */
export const maySee = (account: Account | undefined, space: HubSpace.HubSpace): boolean =>
  !space.private || owns(account, namespaceOf(space.id))

const body = (request: HttpServerRequest): Effect.Effect<Fields, Answer.Answer> =>
  Effect.flatMap(
    Effect.mapError(request.text, () => Answer.crashed),
    (text) => {
      try {
        const fields: unknown = JSON.parse(text === "" ? "{}" : text)
        return isRecord(fields) ? Effect.succeed(fields) : Effect.fail(HubAnswer.invalid("Invalid JSON body"))
      } catch {
        return Effect.fail(HubAnswer.invalid("Invalid JSON body"))
      }
    }
  )

const textOf = (fields: Fields, name: string): Effect.Effect<string, Answer.Answer> => {
  const value = fields[name]
  return typeof value === "string"
    ? Effect.succeed(value)
    : Effect.fail(HubAnswer.invalid(`✖ Invalid input: expected string, received ${typeof value}\n  → at ${name}`))
}

const numberOf = (fields: Fields, name: string): number | null | undefined => {
  const value = fields[name]
  return typeof value === "number" || value === null ? value : undefined
}

const settingsOf = (value: unknown, at: number): ReadonlyArray<readonly [string, HubSpace.Setting]> =>
  (Array.isArray(value) ? value : []).flatMap((one: unknown) =>
    isRecord(one) && typeof one["key"] === "string" && typeof one["value"] === "string"
      ? [[one["key"], settingOf(one, one["value"], at)] as const]
      : []
  )

const settingOf = (fields: Fields, value: string, at: number): HubSpace.Setting => ({
  value,
  description: typeof fields["description"] === "string" ? fields["description"] : undefined,
  at
})

const isPrivate = (fields: Fields): boolean | undefined => {
  if (typeof fields["visibility"] === "string") return fields["visibility"] !== "public"
  return typeof fields["private"] === "boolean" ? fields["private"] : undefined
}

/** Makes the routes. */
export const make = (hub: Hub) => {
  const pageOf = (id: string): string => `${hub.endpoint()}/spaces/${id}`

  const put = (space: HubSpace.HubSpace): Effect.Effect<HubSpace.HubSpace> =>
    Effect.sync(() => {
      hub.spaces.set(space.id.toLowerCase(), space)
      return space
    })

  const find = ({ account }: Visit, id: string): Effect.Effect<HubSpace.HubSpace, Answer.Answer> =>
    Effect.suspend(() => {
      const space = hub.spaces.get(id.toLowerCase())
      if (space !== undefined && maySee(account, space)) return Effect.succeed(space)
      return Effect.fail(account === undefined ? HubAnswer.anonymous : HubAnswer.noRepository)
    })

  /** A Space that the account may change. */
  const findOwn = Effect.fnUntraced(function* (visit: Visit, id: string) {
    const space = yield* find(visit, id)
    if (visit.account === undefined) return yield* Effect.fail(HubAnswer.anonymous)
    const isAllowed = visit.account.role !== "read" && owns(visit.account, namespaceOf(space.id))
    return isAllowed ? space : yield* Effect.fail(HubAnswer.notOwner)
  })

  const runtimeAnswer = ({ now }: Visit, space: HubSpace.HubSpace): Answer.Answer =>
    Answer.json(HubSpace.runtime(space, now))

  const info = Effect.fnUntraced(function* ({ now }: Visit, space: HubSpace.HubSpace) {
    const created = isoTime(space.createdAt)
    return {
      _id: `id-of-${HubSpace.subdomain(space)}`,
      id: space.id,
      author: namespaceOf(space.id),
      sha: "0".repeat(40),
      createdAt: created,
      lastModified: created,
      private: space.private,
      gated: false,
      disabled: false,
      host: yield* hub.hostOf(space),
      subdomain: HubSpace.subdomain(space),
      tags: [space.sdk, "region:us"],
      likes: 0,
      sdk: space.sdk,
      runtime: HubSpace.runtime(space, now),
      cardData: {
        title: space.id.split("/")[1],
        sdk: space.sdk,
        ...(space.duplicatedFrom === undefined ? {} : { duplicated_from: space.duplicatedFrom })
      },
      siblings: [{ rfilename: "README.md" }, { rfilename: "app.py" }],
      models: [],
      datasets: []
    }
  })

  /** What it costs, and who pays. */
  const pays = (account: Account, sdk: string, hardware: string): Effect.Effect<void, Answer.Answer> => {
    if (sdk === "static") return Effect.void
    if (hardware === "cpu-basic" || hardware === "zero-a10g") {
      return account.pro === false ? Effect.fail(HubAnswer.needsPlan) : Effect.void
    }
    return account.canPay === false ? Effect.fail(HubAnswer.needsPayment) : Effect.void
  }

  const mayCreate = Effect.fnUntraced(function* (visit: Visit, id: string) {
    const { account } = visit
    if (account === undefined) return yield* Effect.fail(HubAnswer.anonymous)
    if (!/^[\w-]+\/[\w.-]+$/.test(id)) return yield* Effect.fail(HubAnswer.invalid(`Invalid repo name: ${id}`))
    if (account.role === "read" || !owns(account, namespaceOf(id))) {
      return yield* Effect.fail(HubAnswer.notNamespace(namespaceOf(id)))
    }
    if (hub.spaces.has(id.toLowerCase())) return yield* Effect.fail(HubAnswer.taken(pageOf(id)))
    return account
  })

  const duplicate = Effect.fnUntraced(function* (visit: Visit, id: string) {
    const source = yield* find(visit, id)
    const fields = yield* body(visit.request)
    const to = yield* textOf(fields, "repository")
    const account = yield* mayCreate(visit, to)
    const hardware = "hardware" in fields ? yield* textOf(fields, "hardware") : "cpu-basic"
    yield* pays(account, source.sdk, hardware)
    const { now } = visit
    const stage = HubSpace.stageAt(source, now)
    const fresh: HubSpace.HubSpace = {
      ...source,
      id: to,
      private: isPrivate(fields) ?? source.private,
      hardware,
      requestedHardware: hardware,
      sleepTime: HubSpace.sleepTimeOn(hardware, numberOf(fields, "sleepTimeSeconds") ?? null),
      secrets: new Map(settingsOf(fields["secrets"], now)),
      variables: new Map([...source.variables, ...settingsOf(fields["variables"], now)]),
      duplicatedFrom: source.id,
      createdAt: now
    }
    // A duplicate of a paused Space is paused.
    yield* put(stage === "PAUSED" ? HubSpace.paused(fresh, now) : HubSpace.restarted(fresh, now))
    return Answer.json({ url: pageOf(to) })
  })

  const create = Effect.fnUntraced(function* (visit: Visit) {
    const fields = yield* body(visit.request)
    const name = yield* textOf(fields, "name")
    const sdk = yield* textOf(fields, "sdk")
    const organization = fields["organization"]
    const namespace = typeof organization === "string" ? organization : (visit.account?.name ?? "")
    const id = `${namespace}/${name}`
    const account = yield* mayCreate(visit, id)
    if (sdk !== "gradio" && sdk !== "docker" && sdk !== "static" && sdk !== "streamlit") {
      return yield* Effect.fail(HubAnswer.invalid(`✖ Invalid option\n  → at sdk`))
    }
    yield* pays(account, sdk, "cpu-basic")
    const space = HubSpace.make({ id, sdk, private: isPrivate(fields), stage: "NO_APP_FILE" }, visit.now)
    yield* put(space)
    return Answer.json({ url: pageOf(id), name: id, id: `id-of-${HubSpace.subdomain(space)}` })
  })

  const remove = Effect.fnUntraced(function* (visit: Visit) {
    const fields = yield* body(visit.request)
    const name = yield* textOf(fields, "name")
    const organization = fields["organization"]
    const namespace = typeof organization === "string" ? organization : (visit.account?.name ?? "")
    const space = yield* findOwn(visit, `${namespace}/${name}`)
    hub.spaces.delete(space.id.toLowerCase())
    return Answer.text("OK")
  })

  const hardware = Effect.fnUntraced(function* (visit: Visit, account: Account, space: HubSpace.HubSpace) {
    const fields = yield* body(visit.request)
    const flavor = yield* textOf(fields, "flavor")
    yield* pays(account, space.sdk, flavor)
    const seconds = numberOf(fields, "sleepTimeSeconds")
    const asked = {
      ...space,
      requestedHardware: flavor,
      sleepTime: HubSpace.sleepTimeOn(flavor, seconds === undefined ? space.sleepTime : seconds)
    }
    const isPaused = HubSpace.stageAt(space, visit.now) === "PAUSED"
    return runtimeAnswer(visit, yield* put(isPaused ? asked : HubSpace.restarted(asked, visit.now)))
  })

  const sleepTime = Effect.fnUntraced(function* (visit: Visit, space: HubSpace.HubSpace) {
    const seconds = numberOf(yield* body(visit.request), "seconds")
    if (seconds === undefined) return HubAnswer.invalid("✖ Invalid input: expected number\n  → at seconds")
    const changed = { ...space, sleepTime: HubSpace.sleepTimeOn(space.requestedHardware, seconds) }
    return runtimeAnswer(visit, yield* put(changed))
  })

  const settings = Effect.fnUntraced(function* (visit: Visit, space: HubSpace.HubSpace) {
    const hidden = isPrivate(yield* body(visit.request))
    yield* put({ ...space, private: hidden ?? space.private })
    return Answer.json({ private: hidden ?? space.private })
  })

  /** Secrets or variables: the running app is restarted with the new ones. */
  const environment = Effect.fnUntraced(function* (
    visit: Visit,
    space: HubSpace.HubSpace,
    kind: "secrets" | "variables"
  ) {
    const { method } = visit.request
    const kept = new Map(space[kind])
    if (method !== "GET") {
      const fields = yield* body(visit.request)
      const key = yield* textOf(fields, "key")
      if (method === "DELETE") kept.delete(key)
      else kept.set(key, settingOf(fields, yield* textOf(fields, "value"), visit.now))
      const isServing = HubSpace.isServing(HubSpace.stageAt(space, visit.now))
      const changed = { ...space, [kind]: kept }
      yield* put(isServing ? HubSpace.restarted(changed, visit.now) : changed)
    }
    return Answer.json(
      Object.fromEntries(
        Array.from(kept, ([key, { at, description, value }]) => [
          key,
          {
            key,
            // Secrets never come back.
            ...(kind === "variables" ? { value } : {}),
            ...(description === undefined ? {} : { description }),
            updatedAt: isoTime(at)
          }
        ])
      )
    )
  })

  const whoami = ({ account, now }: Visit): Answer.Answer =>
    account === undefined
      ? HubAnswer.anonymous
      : Answer.json({
          type: "user",
          id: `id-of-${account.name}`,
          name: account.name,
          fullname: account.name,
          email: `${account.name}@users.test`,
          emailVerified: true,
          canPay: account.canPay ?? true,
          isPro: account.pro ?? true,
          periodEnd: null,
          avatarUrl: `${hub.endpoint()}/avatars/${account.name}.svg`,
          orgs: (account.orgs ?? []).map((name) => ({
            type: "org",
            id: `id-of-${name}`,
            name,
            fullname: name,
            canPay: false,
            periodEnd: null,
            avatarUrl: `${hub.endpoint()}/avatars/${name}.svg`,
            roleInOrg: "admin"
          })),
          auth:
            account.role === "oauth"
              ? { type: "oauth", expiresAt: isoTime(now + 3_600_000) }
              : {
                  type: "access_token",
                  accessToken: {
                    displayName: "stand-in",
                    role: account.role ?? "write",
                    createdAt: isoTime(0)
                  }
                }
        })

  const list = Effect.fnUntraced(function* (visit: Visit) {
    const author = visit.query.get("author")
    const search = visit.query.get("search")
    const seen = [...hub.spaces.values()].filter(
      (space) =>
        maySee(visit.account, space) &&
        (author === null || namespaceOf(space.id) === author) &&
        (search === null || space.id.includes(search))
    )
    return Answer.json(yield* Effect.forEach(seen, (space) => info(visit, space)))
  })

  const reads = (visit: Visit, id: string, what: string): Reply | undefined => {
    const of = (give: (space: HubSpace.HubSpace) => Reply) => Effect.flatMap(find(visit, id), give)
    switch (what) {
      case "":
      case "revision/HEAD":
      case "revision/main":
        return of((space) => Effect.map(info(visit, space), (found) => Answer.json(found)))
      case "runtime":
        return of((space) => Effect.succeed(runtimeAnswer(visit, space)))
      case "host":
        return of((space) =>
          Effect.map(hub.hostOf(space), (host) => Answer.json({ subdomain: HubSpace.subdomain(space), host }))
        )
      case "jwt":
        return of((space) => Effect.map(hub.sign(space), (token) => Answer.json({ token })))
      case "discussions":
        return of(({ discussions }) =>
          Effect.succeed(discussions ? Answer.json({ discussions: [], count: 0 }) : HubAnswer.discussionsOff)
        )
      case "secrets":
      case "variables":
        return Effect.flatMap(findOwn(visit, id), (space) => environment(visit, space, what))
      default:
        return undefined
    }
  }

  const writes = (visit: Visit, id: string, what: string): Reply | undefined => {
    const { account, now } = visit
    const own = (give: (space: HubSpace.HubSpace, account: Account) => Reply) =>
      Effect.flatMap(findOwn(visit, id), (space) =>
        account === undefined ? Effect.fail(HubAnswer.anonymous) : give(space, account)
      )
    // The answer to a token of a browser's login, whatever the Space.
    const guarded = (give: (space: HubSpace.HubSpace, account: Account) => Reply): Reply =>
      account?.role === "oauth" ? Effect.fail(HubAnswer.anonymous) : own(give)
    switch (what) {
      case "duplicate":
        return duplicate(visit, id)
      case "secrets":
      case "variables":
        return own((space) => environment(visit, space, what))
      case "pause":
        return own((space) => Effect.map(put(HubSpace.paused(space, now)), (next) => runtimeAnswer(visit, next)))
      case "restart":
        return guarded((space) => Effect.map(put(HubSpace.restarted(space, now)), (next) => runtimeAnswer(visit, next)))
      case "hardware":
        return guarded((space, by) => hardware(visit, by, space))
      case "sleeptime":
        return guarded((space) => sleepTime(visit, space))
      default:
        return undefined
    }
  }

  const route = (visit: Visit, path: string): Reply => {
    const { method } = visit.request
    if (path === "/api/whoami-v2") return Effect.succeed(whoami(visit))
    if (path === "/api/repos/create" && method === "POST") return create(visit)
    if (path === "/api/repos/delete" && method === "DELETE") return remove(visit)
    if (path === "/api/spaces") return list(visit)
    const bySubdomain = /^\/api\/spaces\/by-subdomain\/([^/]+)$/.exec(path)?.[1]
    if (bySubdomain !== undefined) {
      const space = [...hub.spaces.values()].find((one) => HubSpace.subdomain(one) === bySubdomain)
      return reads(visit, space?.id ?? "", "") ?? Effect.succeed(HubAnswer.noPage)
    }
    const [, id, what = ""] = /^\/api\/spaces\/([^/]+\/[^/]+)\/?(.*)$/.exec(path) ?? []
    if (id === undefined) return Effect.succeed(HubAnswer.noPage)
    if (method === "PUT" && what === "settings") {
      return Effect.flatMap(findOwn(visit, id), (space) => settings(visit, space))
    }
    const reply =
      method === "GET" || method === "HEAD"
        ? reads(visit, id, what)
        : method === "POST" || (method === "DELETE" && (what === "secrets" || what === "variables"))
          ? writes(visit, id, what)
          : undefined
    return reply ?? Effect.succeed(HubAnswer.noPage)
  }

  /** Answers a request. */
  return Effect.fnUntraced(
    function* (request: HttpServerRequest) {
      const url = new URL(request.url, "http://localhost")
      const account = yield* accountOf(hub, request.headers["authorization"])
      const visit: Visit = { request, query: url.searchParams, account, now: yield* Clock.currentTimeMillis }
      return yield* route(visit, decodeURI(url.pathname))
    },
    (answer, request) =>
      answer.pipe(
        Effect.catch((early) => Effect.succeed(early)),
        Effect.map((reply) =>
          request.method === "HEAD" ? HttpServerResponse.empty({ status: reply.status, headers: reply.headers }) : reply
        )
      )
  )
}
