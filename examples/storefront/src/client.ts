import { createClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { retryExchange } from "@urql/exchange-retry";
import { keyedByPosition, readYourWrites } from "./positions";
import { resuming } from "./socket";

const plain = createClient({
  url: "/graphql",
  preferGetMethod: false,
  exchanges: [
    // Mutations too: each carries the id of its command, which makes the second try harmless.
    retryExchange({ maxNumberAttempts: 3, initialDelayMs: 400, retryIf: (error) => error.networkError != null }),
    readYourWrites,
    fetchExchange,
    subscriptionExchange({ forwardSubscription: resuming }),
  ],
});

export const client = keyedByPosition(plain);
