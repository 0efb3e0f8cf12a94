import { createClient } from "graphql-sse";
import { eventsOptions } from "../recipes/fetch.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

const make = (latest) => createClient({ url, headers: HASTE, ...(latest && eventsOptions(latest)) });

async function ask(events, query, variables) {
  for await (const result of events.iterate({ query, variables })) {
    if (result.errors) throw result.errors;
    return result;
  }
}

await writeAndRead(make, ask, ([error]) => error.extensions.code);
end();
