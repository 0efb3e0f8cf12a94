import { createClient } from "graphql-sse";
import { pause, resuming } from "./resuming.mjs";

/** Each subscription is a request of its own, which is sent again for as long as it is wanted. */
export function connectByEvents(url, options) {
  const client = createClient({
    url,
    retryAttempts: Infinity,
    retry: pause,
    ...options,
  });
  return resuming(client);
}
