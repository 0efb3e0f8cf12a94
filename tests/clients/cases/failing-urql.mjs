import { Client, fetchExchange } from "@urql/core";
import { fail, notingFetch } from "./failing.mjs";
import { end, url } from "./stage.mjs";

const client = new Client({ url, fetch: notingFetch, exchanges: [fetchExchange] });

async function ask(text, variables) {
  const sent = text.includes("mutation") ? client.mutation(text, variables) : client.query(text, variables);
  const { data, error } = await sent.toPromise();
  if (error) throw error;
  return data;
}

await fail(ask, (error) => !error.networkError && error.graphQLErrors.map(({ extensions }) => extensions.code));
end();
