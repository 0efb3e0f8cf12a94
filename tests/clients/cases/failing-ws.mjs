import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { fail } from "./failing.mjs";
import { end, socketUrl } from "./stage.mjs";

const client = createClient({ url: socketUrl, webSocketImpl: WebSocket });

async function ask(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw errors;
    return data;
  }
}

await fail(ask, (errors) => errors.map(({ extensions }) => extensions.code));
end();
