import { Client, createRequest, fetchExchange, makeOperation, subscriptionExchange } from "@urql/core";
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

/** Else a query is answered as an equal one is that was sent before the page wrote: by their keys, they are equal no more. */
export function keyedByPosition(latest, client) {
  const create = client.createRequestOperation;
  client.createRequestOperation = (kind, request, context) => {
    if (kind !== "query" || !latest.value) return create(kind, request, context);
    const { key } = createRequest(request.query, { ...request.variables, position: latest.value });
    return create(kind, { ...request, key }, context);
  };
  return client;
}

export function urqlClient(url, latest, socket) {
  const forwardSubscription = (request) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
  });
  const exchanges = [readYourWrites(latest), fetchExchange, subscriptionExchange({ forwardSubscription })];
  return keyedByPosition(latest, new Client({ url, exchanges }));
}
