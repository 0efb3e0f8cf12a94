import { GraphQLClient } from "graphql-request";
import { requestOptions } from "../recipes/fetch.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

const make = (latest) => new GraphQLClient(url, { headers: HASTE, ...(latest && requestOptions(latest)) });

const ask = async (client, text, variables) => {
  const { data, extensions } = await client.rawRequest(text, variables);
  return { data, extensions };
};

await writeAndRead(make, ask, (error) => error.response.errors[0].extensions.code);
end();
