import { createRequest, makeOperation, type Client, type Exchange, type TypedDocumentNode } from "@urql/core";
import { map, pipe, tap } from "wonka";

/** Positions of one log sort as strings: the greater one is the later one. */
export function positionIn(data: unknown): string | undefined {
  const fields = Object.values((data ?? {}) as Record<string, { position?: string | null } | null>);
  return later(...fields.map((field) => field?.position));
}

function later(...positions: (string | null | undefined)[]): string | undefined {
  return positions.filter((position) => position != null).sort().at(-1);
}

/** The latest position that a mutation or a subscription has answered. */
let latest: string | undefined;

/**
 * You see your own writes, and what was pushed to you: every query demands to be at least as fresh as the latest
 * position. Components need not know of it.
 */
export const readYourWrites: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      operations,
      map((operation) => {
        if (operation.kind !== "query" || latest === undefined) return operation;
        const given = operation.context.fetchOptions;
        const options = typeof given === "function" ? given() : given;
        const headers = { ...(options?.headers as Record<string, string> | undefined), "Oneread-At-Least": latest };
        return makeOperation(operation.kind, operation, {
          ...operation.context,
          fetchOptions: { ...options, headers },
        });
      }),
      forward,
      tap(({ operation, data, error }) => {
        if (operation.kind !== "query") latest = later(latest, positionIn(data));
        // Positions of a log that was replaced mean nothing any more.
        if (error?.graphQLErrors.some(({ extensions }) => extensions["code"] === "POSITION_UNKNOWN")) latest = undefined;
      }),
    );

/**
 * urql answers a query as an equal one that is under way, which may have been sent before the latest position was known.
 * With the position in its key it is another one.
 */
export function keyedByPosition(client: Client): Client {
  const create = client.createRequestOperation;
  client.createRequestOperation = (kind, request, context) => {
    if (kind !== "query" || latest === undefined) return create(kind, request, context);
    const variables = { ...request.variables, position: latest };
    const { key } = createRequest(request.query as TypedDocumentNode, variables);
    return create(kind, { ...request, key }, context);
  };
  return client;
}
