/** A query is under way, read but not answered yet. What is written then is seen by an equal one. */
import { LatestPosition } from "../recipes/latest-position.mjs";
import { CUSTOMER, REGISTER, RENAME, someone } from "./operations.mjs";
import { HASTE } from "./reading.mjs";
import { relay, served } from "./relay.mjs";
import { given, tell, url } from "./stage.mjs";

/** `make(url, latest)` makes a client, and `ask(client, query, variables)` answers data that no cache has. */
export async function overtake(make, ask) {
  const { id } = await registered();
  const [read, noteRead] = awaited();
  const [released, release] = awaited();
  let requests = 0;
  const late = () => {
    noteRead();
    return released;
  };
  const between = await served((request, response) => relay(request, response, HASTE, requests++ ? undefined : late));

  const client = make(between, new LatestPosition());
  const first = ask(client, CUSTOMER, { id });
  await read;
  await ask(client, RENAME, { input: { customerId: id, name: "Berta" } });
  const next = ask(client, CUSTOMER, { id });
  release();
  tell({ first: (await first).customer, next: (await next).customer });
}

/** A customer of whose position the client does not know. */
async function registered() {
  const body = JSON.stringify({ query: REGISTER, variables: someone(given.name) });
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json", ...HASTE }, body });
  return (await answer.json()).data.registerCustomer.customer;
}

function awaited() {
  let done;
  return [new Promise((resolve) => (done = resolve)), done];
}
