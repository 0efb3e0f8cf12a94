import { createClient } from "graphql-sse";
import { freshFetch } from "../recipes/fetch.mjs";
import { isOfAnotherLog } from "../recipes/latest-position.mjs";
import { HASTE, writeAndRead } from "./reading.mjs";
import { end, url } from "./stage.mjs";

const make = (latest) => ({
  latest,
  events: createClient({ url, headers: HASTE, fetchFn: latest && freshFetch(latest) }),
});

async function ask({ latest, events }, query, variables) {
  for await (const result of events.iterate({ query, variables })) {
    if (latest && isOfAnotherLog(result.errors)) latest.forget();
    if (result.errors) throw result.errors;
    return result;
  }
}

await writeAndRead(make, ask, ([error]) => error.extensions.code);
end();
