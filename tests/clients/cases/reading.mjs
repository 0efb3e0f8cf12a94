/** What every client is asked to do where read models stand still: write, and read it. */
import { LatestPosition } from "../recipes/latest-position.mjs";
import { CUSTOMER, CUSTOMERS, REGISTER, someone } from "./operations.mjs";
import { given, tell } from "./stage.mjs";

/** No client here waits for freshness as long as the server would. */
export const HASTE = { "Oneread-Wait": "20ms" };

/**
 * `make(latest)` makes a client that remembers positions there, and `make()` one that does not. `ask(client, query,
 * variables)` answers `{ data, extensions }`, or throws what the client makes of errors; `code(error)` finds the code there.
 */
export async function writeAndRead(make, ask, code) {
  const latest = new LatestPosition();
  const remembering = make(latest);
  const forgetful = make();

  const written = await ask(remembering, REGISTER, someone(given.name));
  const { id } = written.data.registerCustomer.customer;
  const seen = await ask(remembering, CUSTOMER, { id });
  const page = await ask(remembering, CUSTOMERS);
  const missed = await ask(forgetful, CUSTOMER, { id });
  const noted = latest.value;

  latest.value = (noted[0] === "0" ? "1" : "0") + noted.slice(1);
  const refused = await ask(remembering, CUSTOMER, { id }).then(() => undefined, code);
  tell({ written, seen, page, missed, noted, refused, forgotten: latest.value });
}
