import { pause } from "./resuming.mjs";

const CLOSED = 2;

/**
 * Subscribes without any library. An EventSource connects again by itself, and tells the position last seen, until it is
 * answered anything but 200, as by a proxy while the server restarts: then it has closed for good, and another goes on.
 */
export function subscribe(url, { query, variables }, sink, Source = EventSource) {
  let after = variables?.after;
  let attempts = 0;
  let stopped = false;
  let source;

  function open() {
    if (stopped) return;
    source = new Source(`${url}?${new URLSearchParams({ query, variables: JSON.stringify({ ...variables, after }) })}`);
    source.addEventListener("next", ({ data, lastEventId }) => {
      attempts = 0;
      after = lastEventId || after;
      sink.next(JSON.parse(data));
    });
    source.addEventListener("complete", () => {
      // Else it would begin again.
      stop();
      sink.complete();
    });
    source.addEventListener("error", ({ target }) => {
      if (target.readyState === CLOSED) pause(attempts++).then(open);
    });
  }

  function stop() {
    stopped = true;
    source.close();
  }

  open();
  return stop;
}
