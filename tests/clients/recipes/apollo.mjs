import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { tap } from "rxjs";
import { isOfAnotherLog } from "./latest-position.mjs";

export function readYourWrites(latest) {
  return new ApolloLink((operation, forward) => {
    if (latest.value)
      operation.setContext(({ headers }) => ({ headers: { ...headers, "Oneread-At-Least": latest.value } }));
    return forward(operation).pipe(
      tap(({ errors }) => {
        latest.note(operation.getContext().response?.headers.get("Oneread-Position"));
        if (isOfAnotherLog(errors)) latest.forget();
      }),
    );
  });
}

/** Queries and mutations go over HTTP, where the headers are, and subscriptions over the socket. */
export function apolloClient(url, latest, socket) {
  const http = readYourWrites(latest).concat(new HttpLink({ uri: url }));
  return new ApolloClient({
    cache: new InMemoryCache(),
    // Else a query is answered as an equal one is that was sent before the page wrote.
    queryDeduplication: false,
    link: ApolloLink.split(({ operationType }) => operationType === "subscription", new GraphQLWsLink(socket), http),
  });
}
