/** What every client is asked to do that fails. `ask` and `code` are as in reading.mjs; `code` tells all codes here. */
import { CUSTOMER, REGISTER, someone } from "./operations.mjs";
import { given, tell } from "./stage.mjs";

const answers = [];

/** A `fetch` that notes what it was answered as. */
export const notingFetch = async (address, options) => {
  const response = await fetch(address, options);
  answers.push([options?.method ?? "GET", response.status, response.headers.get("content-type").split(";")[0]]);
  return response;
};

export async function fail(ask, codes) {
  const taken = someone(given.name);
  await ask(REGISTER, taken);
  const { registerCustomer } = await ask(REGISTER, taken);
  const executed = await ask(CUSTOMER, { id: "nonsense" }).then(() => [], codes);
  const invalid = await ask("{ customers { nobody } }").then(() => [], codes);
  const tooMany = await ask("{ customers(first: 1000) { totalCount } }").then(() => [], codes);
  const missing = await ask(CUSTOMER, { id: `cus_${"0".repeat(32)}` });
  tell({ userErrors: registerCustomer.userErrors, executed, invalid, tooMany, missing, answers });
}
