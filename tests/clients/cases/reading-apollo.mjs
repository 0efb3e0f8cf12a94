import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { tap } from "rxjs";
import { readYourWrites } from "../recipes/apollo.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

let extensions;
const noting = new ApolloLink((operation, forward) =>
  forward(operation).pipe(tap((result) => (extensions = result.extensions))),
);

function make(latest) {
  const http = new HttpLink({ uri: url, headers: HASTE });
  const link = ApolloLink.from(latest ? [noting, readYourWrites(latest), http] : [noting, http]);
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

async function ask(client, text, variables) {
  const document = gql(text);
  const { data } = text.includes("mutation")
    ? await client.mutate({ mutation: document, variables })
    : await client.query({ query: document, variables, fetchPolicy: "network-only" });
  return { data, extensions };
}

await writeAndRead(make, ask, (error) => error.errors[0].extensions.code);
end();
