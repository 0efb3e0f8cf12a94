import { useMemo, useSyncExternalStore } from "react";

export interface Route {
  /** The parts of the path: ["orders", "ord_1"]. */
  path: string[];
  parameters: URLSearchParams;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

/** What is no page's path. */
const NOWHERE = [""];

function parts(path: string): string[] {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    // A "%" with no character's code behind it.
    return NOWHERE;
  }
}

/** Where the reader is, from what stands after the address's "#". */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => {
    const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
    return { path: parts(path), parameters: new URLSearchParams(query) };
  }, [hash]);
}

/** A link's address. Parameters that are empty are left out. */
export function link(path: string, parameters: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return query ? `#/${path}?${query}` : `#/${path}`;
}

export function go(to: string): void {
  location.hash = to;
}

/** Goes there without a step in the history: for filters, which change with every key. */
export function adjust(to: string): void {
  location.replace(to);
}
