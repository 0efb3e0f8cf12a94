import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { fail, notingFetch } from "./failing.mjs";
import { end, url } from "./stage.mjs";

const client = new ApolloClient({ link: new HttpLink({ uri: url, fetch: notingFetch }), cache: new InMemoryCache() });

async function ask(text, variables) {
  const document = gql(text);
  const { data } = text.includes("mutation")
    ? await client.mutate({ mutation: document, variables })
    : await client.query({ query: document, variables });
  return data;
}

await fail(ask, (error) => CombinedGraphQLErrors.is(error) && error.errors.map(({ extensions }) => extensions.code));
end();
