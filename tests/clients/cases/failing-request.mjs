import { ClientError, GraphQLClient } from "graphql-request";
import { fail, notingFetch } from "./failing.mjs";
import { end, url } from "./stage.mjs";

const client = new GraphQLClient(url, { fetch: notingFetch });
const codes = (error) => error instanceof ClientError && error.response.errors.map(({ extensions }) => extensions.code);

await fail((text, variables) => client.request(text, variables), codes);
end();
