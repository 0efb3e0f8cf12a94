/** A `fetch` that knows of `latest`: for graphql-request, graphql-sse, and whatever else lets you bring one. */
export function freshFetch(latest, send = fetch) {
  return async (url, options) => {
    const headers = new Headers(options?.headers);
    if (latest.value) headers.set("Oneread-At-Least", latest.value);
    const response = await send(url, { ...options, headers });
    latest.note(response.headers.get("Oneread-Position"));
    return response;
  };
}
