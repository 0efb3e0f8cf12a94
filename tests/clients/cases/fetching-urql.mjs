/** urql on its own: subscriptions by fetch, beside queries and mutations. */
import { Client, fetchExchange } from "@urql/core";
import { CUSTOMER, CUSTOMER_CHANGED, RENAME } from "./operations.mjs";
import { Arrivals, end, given, tell, untilToldToGoOn, url } from "./stage.mjs";

const { id } = given;
const client = new Client({ url, fetchSubscriptions: true, exchanges: [fetchExchange] });
const results = new Arrivals();

client.subscription(CUSTOMER_CHANGED, { id }).subscribe(results.add);
const first = await results.next();
await client.mutation(RENAME, { input: { customerId: id, name: "Berta" } }).toPromise();
const second = await results.next();
const { data: read } = await client.query(CUSTOMER, { id }).toPromise();
tell({ first: first.data.customerChanged, second: second.data.customerChanged, read: read.customer });

await untilToldToGoOn();
const last = await results.next();
tell({ hasNext: [first.hasNext, second.hasNext, last.hasNext], last: last.data.customerChanged });
end();
