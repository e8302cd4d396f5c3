/** The query parameters of a connection, which reach the `gr.Request` of a function. */
export const withQuery = (url: string, query: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(query)
  return entries.length === 0 ? url : `${url}?${new URLSearchParams(entries).toString()}`
}
