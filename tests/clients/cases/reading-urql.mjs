import { Client, fetchExchange } from "@urql/core";
import { readYourWrites } from "../recipes/urql.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

// urql sends queries by GET unless it is told not to.
const make = (latest) =>
  new Client({
    url,
    fetchOptions: { headers: HASTE },
    exchanges: latest ? [readYourWrites(latest), fetchExchange] : [fetchExchange],
  });

async function ask(client, text, variables) {
  const sent = text.includes("mutation") ? client.mutation(text, variables) : client.query(text, variables);
  const { data, error, extensions } = await sent.toPromise();
  if (error) throw error;
  return { data, extensions };
}

await writeAndRead(make, ask, (error) => error.graphQLErrors[0].extensions.code);
end();
