import { createClient } from "graphql-sse";
import { resuming } from "./resuming.mjs";

/** Each subscription is a request of its own, which is sent again for as long as it is wanted. */
export function connectByEvents(url, options) {
  const client = createClient({
    url,
    retryAttempts: Infinity,
    retry: (attempt) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempt, 5_000) * (0.75 + Math.random() / 2))),
    ...options,
  });
  return resuming(client);
}
