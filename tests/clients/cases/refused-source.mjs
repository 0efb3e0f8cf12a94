/** A proxy cuts a stream, and answers for the server once: an EventSource gives up at that. */
import { EventSource } from "eventsource";
import { subscribe } from "../recipes/event-source.mjs";
import { CUSTOMER_CHANGED } from "./operations.mjs";
import { relay, served } from "./relay.mjs";
import { end, given, tell, untilToldToGoOn, url } from "./stage.mjs";

const asked = [];
let cut;

const between = await served((request, response) => {
  const { after = null } = JSON.parse(new URL(request.url, url).searchParams.get("variables"));
  asked.push(after);
  if (asked.length === 2) response.writeHead(502).end();
  else relay(request, response);
  cut = () => response.destroy();
});

const sink = { next: ({ data }) => tell(data.customerChanged), complete: () => process.exit(1) };
const stop = subscribe(between, { query: CUSTOMER_CHANGED, variables: { id: given.id } }, sink, EventSource);
await untilToldToGoOn();
cut();
tell("cut");
await untilToldToGoOn();
stop();
tell(asked);
end();
