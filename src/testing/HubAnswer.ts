/** Answers of the stand-in of Hugging Face, in its words as far as they are known: a JSON body, and the same text in headers that its clients read. */
import * as HttpServerResponse from "effect/http/HttpServerResponse"

import * as Answer from "./Answer.ts"

/** As a header can carry it. */
const plain = (text: string): string => text.replace(/[^\x21-\x7e]+/g, " ").trim()

const refusal = (status: number, error: string, code?: string, more: object = {}): Answer.Answer =>
  Answer.json({ error, ...more }, status).pipe(
    HttpServerResponse.setHeader("x-error-message", plain(error)),
    (answer) => (code === undefined ? answer : HttpServerResponse.setHeader(answer, "x-error-code", code))
  )

/** Whoever gives no token hears the same of a private Space and of one that is not there. */
export const anonymous: Answer.Answer = HttpServerResponse.setHeader(
  refusal(401, "Invalid username or password."),
  "www-authenticate",
  'Bearer realm="Authentication required", charset="UTF-8"'
)

/** The token is none of Hugging Face's. */
export const badToken: Answer.Answer = refusal(401, "Invalid credentials in Authorization header")

/** Not there, or not for this account to see. */
export const noRepository: Answer.Answer = refusal(404, "Repository not found", "RepoNotFound")

/** No such route. */
export const noPage: Answer.Answer = refusal(404, "Sorry, we can't find the page you are looking for.")

/** The account has no right to change this Space. */
export const notOwner: Answer.Answer = refusal(403, "You must have write access to this Space to do that.")

/** The account has no right to make Spaces there. */
export const notNamespace = (namespace: string): Answer.Answer =>
  refusal(403, `You don't have the rights to create a space under the namespace "${namespace}".`)

/** There is a repository of that name. */
export const taken = (url: string): Answer.Answer =>
  refusal(409, "You already created this space repo", undefined, { url })

/** Free accounts may not host apps on free hardware. */
export const needsPlan: Answer.Answer = refusal(
  402,
  "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription."
)

/** The account has no payment method. */
export const needsPayment: Answer.Answer = refusal(
  403,
  "You must add a payment method to your account to upgrade your space's hardware. Visit your billing settings to add one: https://huggingface.co/settings/billing"
)

/** A body or a name that cannot be read. */
export const invalid = (problem: string): Answer.Answer => refusal(400, problem)

/** Discussions of this Space are switched off. */
export const discussionsOff: Answer.Answer = refusal(403, "Discussions are disabled for this repo")
