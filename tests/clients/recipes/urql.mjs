import { Client, fetchExchange, makeOperation, subscriptionExchange } from "@urql/core";
import { map, pipe, tap } from "wonka";
import { freshFetch } from "./fetch.mjs";
import { isOfAnotherLog } from "./latest-position.mjs";

/** Stands behind the cache, and in front of fetchExchange. */
export function readYourWrites(latest) {
  return ({ forward }) =>
    (operations) =>
      pipe(
        operations,
        map((operation) => {
          const { context } = operation;
          return makeOperation(operation.kind, operation, { ...context, fetch: freshFetch(latest, context.fetch) });
        }),
        forward,
        tap(({ error }) => {
          if (isOfAnotherLog(error?.graphQLErrors)) latest.forget();
        }),
      );
}

export function urqlClient(url, latest, socket) {
  const forwardSubscription = (request) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
  });
  return new Client({
    url,
    exchanges: [readYourWrites(latest), fetchExchange, subscriptionExchange({ forwardSubscription })],
  });
}
