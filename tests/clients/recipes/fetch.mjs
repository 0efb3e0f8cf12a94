import { isOfAnotherLog } from "./latest-position.mjs";

/** A `fetch` that knows of `latest`. Errors are in what the client makes of the answer: who brings this forgets by them. */
export function freshFetch(latest, send = fetch) {
  return async (url, options) => {
    const headers = new Headers(options?.headers);
    if (latest.value) headers.set("Oneread-At-Least", latest.value);
    const response = await send(url, { ...options, headers });
    latest.note(response.headers.get("Oneread-Position"));
    return response;
  };
}

/** Options of graphql-request. */
export function requestOptions(latest) {
  return {
    fetch: freshFetch(latest),
    responseMiddleware: (answer) => {
      if (isOfAnotherLog((answer.response ?? answer).errors)) latest.forget();
    },
  };
}

/** Options of graphql-sse. */
export function eventsOptions(latest) {
  return {
    fetchFn: freshFetch(latest),
    on: {
      message: ({ data }) => {
        if (isOfAnotherLog(data?.errors)) latest.forget();
      },
    },
  };
}
