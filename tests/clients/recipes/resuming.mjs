/**
 * A client of graphql-ws or graphql-sse whose subscriptions go on where they were. Both send the payload of a subscription
 * again when they connect again, and make JSON of it anew: by then, `variables` has the position last seen as `after`.
 */
export function resuming(client) {
  return {
    subscribe(payload, sink) {
      let after = payload.variables?.after;
      const resumable = {
        ...payload,
        get variables() {
          return { ...payload.variables, after };
        },
      };
      return client.subscribe(resumable, {
        next(result) {
          after = positionOf(result) ?? after;
          sink.next(result);
        },
        error: (problem) => sink.error(problem),
        complete: () => sink.complete(),
      });
    },
  };
}

/** A subscription has one root field. */
export function positionOf({ data }) {
  return Object.values(data ?? {})[0]?.position;
}

/** Between attempts to connect: longer each time, and not the same for all who were there when a server stopped. */
export function pause(attempt) {
  return new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempt, 5_000) * (0.75 + Math.random() / 2)));
}
