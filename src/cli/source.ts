/** What people write for an app, as `GradioClient.connect` takes it. Pure. */

/**
 * `:7860` and `localhost:7860` mean this machine, as no Space can be called so; all else is as it was written: a URL, or `user/space`. A name without a
 * dot and with no port may be a Space, and a host that is not this machine may speak TLS or not, so neither is guessed.
 */
export const sourceOf = (text: string): string => {
  const app = text.trim()
  if (/^:\d+(\/|$)/.test(app)) return `http://127.0.0.1${app}`
  return /^(localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])(:\d+(\/|$)|$)/i.test(app) ? `http://${app}` : app
}
