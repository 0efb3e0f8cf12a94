import { createClient } from "graphql-ws";
import { resuming } from "./resuming.mjs";

/** One socket for all subscriptions of a page, which is connected again for as long as it is wanted. */
export function connect(url, { keepAlive = 10_000, pongWithin = 4_000, ...options } = {}) {
  let overdue;
  const client = createClient({
    url,
    retryAttempts: Infinity,
    // By default what nobody answers is given up: a server that restarts answers nobody for a moment.
    shouldRetry: () => true,
    retryWait: (attempt) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempt, 5_000) * (0.75 + Math.random() / 2))),
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
