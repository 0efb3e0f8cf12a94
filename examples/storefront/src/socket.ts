import type { SubscriptionForwarder } from "@urql/core";
import { createClient } from "graphql-ws";
import { useSyncExternalStore } from "react";
import { positionIn } from "./positions";

export type Connection = "idle" | "live" | "lost" | "back";

const PING_MS = 10_000;
const PONG_MS = 4_000;
const BACK_SHOWN_MS = 4_000;

let connection: Connection = "idle";
const listeners = new Set<() => void>();

function note(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}

let overdue: ReturnType<typeof setTimeout> | undefined;

const socket = createClient({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
  // From one page to the next the connection stays.
  lazyCloseTimeout: 5_000,
  keepAlive: PING_MS,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: (attempt) =>
    new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempt, 5_000) * (0.75 + Math.random() / 2))),
  on: {
    connected: () => {
      const lost = connection === "lost";
      note(lost ? "back" : "live");
      if (lost) setTimeout(() => connection === "back" && note("live"), BACK_SHOWN_MS);
    },
    closed: (event) => {
      clearTimeout(overdue);
      note((event as CloseEvent).code === 1000 ? "idle" : "lost");
    },
    ping: (received) => {
      if (!received) overdue = setTimeout(() => socket.terminate(), PONG_MS);
    },
    pong: () => clearTimeout(overdue),
  },
});

/** How the connection that changes come over is doing; "back" for some seconds after it was lost. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/**
 * For urql's subscriptionExchange: subscriptions that go on where they were. graphql-ws sends its payload again after
 * every reconnect, and reads `variables` anew each time: with `after` at the last position seen, nothing is missed.
 */
export const resuming: SubscriptionForwarder = (request) => ({
  subscribe: (sink) => {
    let after = (request.variables as { after?: string } | undefined)?.after;
    const payload = {
      query: request.query ?? "",
      get variables() {
        return { ...request.variables, ...(after !== undefined && { after }) };
      },
    };
    const unsubscribe = socket.subscribe(payload, {
      next: (result) => {
        after = positionIn(result.data) ?? after;
        sink.next(result as Parameters<typeof sink.next>[0]);
      },
      error: (problem) => sink.error(Array.isArray(problem) ? { errors: problem } : problem),
      // Changes have no end: a server that ends them has stopped.
      complete: () => sink.error(new Error("The server ended the subscription")),
    });
    return { unsubscribe };
  },
});
