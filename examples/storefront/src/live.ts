import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { Follower, type Change } from "./follower";

/** A document: of two states of it, the one with the greater position is the later one. */
export interface Held {
  id: string;
  position: string;
}

export interface Page<D> {
  nodes: D[];
  position: string;
  totalCount: number;
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

type Pushes<D, V> = TypedDocumentNode<{ change: Change<D> }, V>;
type After = { after?: string | null | undefined };

function newer<D extends Held>(held: D | null | undefined, offered: D): D {
  return held && held.position > offered.position ? held : offered;
}

export interface LiveDocument<D> {
  /** Undefined until it is read, null where there is none. */
  document: D | null | undefined;
  error: CombinedError | undefined;
  /** Hands in a state that was learned otherwise, from a mutation: the later one is kept. */
  offer: (document: D) => void;
}

/** A document, read and then kept up to date. */
export function useLiveDocument<D extends Held, V extends AnyVariables>(
  query: TypedDocumentNode<{ document: D | null }, V>,
  pushes: Pushes<D, V & After>,
  variables: V,
): LiveDocument<D> {
  const client = useClient();
  const [document, setDocument] = useState<D | null>();
  const [error, setError] = useState<CombinedError>();
  const offer = useCallback((offered: D) => setDocument((held) => newer(held, offered)), []);
  const key = JSON.stringify(variables);
  useEffect(() => {
    const given = JSON.parse(key) as V;
    const learn = (learned: D | null) => (learned ? offer(learned) : setDocument(null));
    const follower = new Follower<{ document: D | null }, D>({
      read: () => client.query(query, given).toPromise(),
      changesAfter: (read) => client.subscription(pushes, { ...given, after: read.document?.position }),
      show: (read) => {
        setError(undefined);
        learn(read.document);
      },
      apply: (change) => learn(change.document ?? null),
      fail: setError,
    });
    void follower.read();
    return () => {
      follower.stop();
      setDocument(undefined);
    };
  }, [client, query, pushes, key, offer]);
  return { document, error, offer };
}

export interface LivePage<D> {
  /** Undefined until it is read. While another page is on its way, the one before it. */
  page: Page<D> | undefined;
  error: CombinedError | undefined;
  /** The position at which the page was opened: documents with a later one have changed before the reader's eyes. */
  since: string | undefined;
  /** Resolves when the page, read again, is shown. */
  reread: () => Promise<void>;
}

/**
 * A page, read and then kept up to date. A row that changes does so in place; whatever else may concern the page, as a
 * document that it does not show, has it read again.
 */
export function useLivePage<D extends Held, F, V extends AnyVariables & { filter?: F | undefined }>(
  query: TypedDocumentNode<{ page: Page<D> }, V>,
  pushes: Pushes<D, { filter?: F | undefined } & After>,
  variables: V,
): LivePage<D> {
  const client = useClient();
  const [page, setPage] = useState<Page<D>>();
  const [since, setSince] = useState<string>();
  const [error, setError] = useState<CombinedError>();
  const follower = useRef<Follower<{ page: Page<D> }, D>>(undefined);
  const key = JSON.stringify(variables);
  useEffect(() => {
    const given = JSON.parse(key) as V;
    let shown: Page<D> | undefined;
    const show = (next: Page<D>) => {
      if (shown === undefined) setSince(next.position);
      shown = next;
      setPage(next);
      setError(undefined);
    };
    const current = new Follower<{ page: Page<D> }, D>({
      read: () => client.query(query, given).toPromise(),
      changesAfter: (read) => client.subscription(pushes, { filter: given.filter, after: read.page.position }),
      show: (read) => {
        const held = new Map(shown?.nodes.map((node) => [node.id, node]));
        show({ ...read.page, nodes: read.page.nodes.map((node) => newer(held.get(node.id), node)) });
      },
      apply: ({ kind, id, document }) => {
        if (!shown) return;
        const isShown = shown.nodes.some((node) => node.id === id);
        if (kind === "UPDATED" && isShown && document) {
          show({ ...shown, nodes: shown.nodes.map((node) => (node.id === id ? newer(node, document) : node)) });
          return;
        }
        if (isShown) show({ ...shown, nodes: shown.nodes.filter((node) => node.id !== id) });
        current.readSoon();
      },
      fail: setError,
    });
    follower.current = current;
    void current.read();
    return () => {
      current.stop();
      follower.current = undefined;
    };
  }, [client, query, pushes, key]);
  const reread = useCallback(async () => follower.current?.read(), []);
  return { page, error, since, reread };
}
