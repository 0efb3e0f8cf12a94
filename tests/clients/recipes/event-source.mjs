/** Subscribes without any library. An EventSource connects again by itself, and tells the position last seen. */
export function subscribe(url, { query, variables }, sink, Source = EventSource) {
  const source = new Source(`${url}?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`);
  source.addEventListener("next", ({ data }) => sink.next(JSON.parse(data)));
  source.addEventListener("complete", () => {
    // Else it would begin again.
    source.close();
    sink.complete();
  });
  return () => source.close();
}
