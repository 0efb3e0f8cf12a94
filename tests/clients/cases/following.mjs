/** Tells each change of a customer as `subscribe(payload, sink)` brings it, until it is told to stop. */
import { CUSTOMER_CHANGED } from "./operations.mjs";
import { end, given, tell, untilToldToGoOn } from "./stage.mjs";

export async function follow(subscribe) {
  subscribe(
    { query: CUSTOMER_CHANGED, variables: { id: given.id } },
    { next: ({ data }) => tell(data.customerChanged), error: fail, complete: () => fail("complete") },
  );
  await untilToldToGoOn();
  end();
}

function fail(problem) {
  console.error("the subscription ended:", problem);
  process.exit(1);
}
