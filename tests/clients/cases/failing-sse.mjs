import { createClient } from "graphql-sse";
import { fail, notingFetch } from "./failing.mjs";
import { end, url } from "./stage.mjs";

const client = createClient({ url, fetchFn: notingFetch });

async function ask(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw errors;
    return data;
  }
}

await fail(ask, (errors) => errors.map(({ extensions }) => extensions.code));
end();
