import { GraphQLClient } from "graphql-request";
import { freshFetch } from "../recipes/fetch.mjs";
import { isOfAnotherLog } from "../recipes/latest-position.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

const make = (latest) =>
  new GraphQLClient(url, {
    headers: HASTE,
    fetch: latest && freshFetch(latest),
    responseMiddleware: (response) => {
      if (latest && isOfAnotherLog(response.response?.errors)) latest.forget();
    },
  });

const ask = async (client, text, variables) => {
  const { data, extensions } = await client.rawRequest(text, variables);
  return { data, extensions };
};

await writeAndRead(make, ask, (error) => error.response.errors[0].extensions.code);
end();
