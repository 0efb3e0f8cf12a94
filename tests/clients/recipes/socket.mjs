import { createClient } from "graphql-ws";
import { pause, resuming } from "./resuming.mjs";

const FORBIDDEN = 4403;

/** One socket for all subscriptions of a page, which is connected again for as long as it is wanted. */
export function connect(url, { keepAlive = 10_000, pongWithin = 4_000, ...options } = {}) {
  let overdue;
  const client = createClient({
    url,
    retryAttempts: Infinity,
    // By default it gives up where nobody answers, as for a moment when the server restarts.
    shouldRetry: ({ code }) => code !== FORBIDDEN,
    retryWait: pause,
    // A network that is gone says nothing of it.
    keepAlive,
    on: {
      ping: (received) => {
        if (!received) overdue = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: () => clearTimeout(overdue),
      closed: () => clearTimeout(overdue),
    },
    ...options,
  });
  return resuming(client);
}
