import { gql } from "@urql/core";

const PAGE = gql`
  query ($filter: OrderFilter) {
    page: orders(filter: $filter, orderBy: PLACED_AT_DESC, first: 20) {
      position
      nodes { id position status total { amount currencyCode } }
    }
  }
`;

const CHANGES = gql`
  subscription ($filter: OrderFilter, $after: Position) {
    change: ordersChanged(filter: $filter, after: $after) {
      kind
      position
      id
      order { id position status total { amount currencyCode } }
    }
  }
`;

const PAUSE_MS = 500;

/** Shows the first page of some orders, and shows it again whenever it has changed. Returns what stops it. */
export function liveOrders(client, filter, show) {
  let orders = [];
  let changes, timer;
  let stopped = false;

  async function open() {
    timer = undefined;
    const { data } = await client.query(PAGE, { filter }, { requestPolicy: "network-only" }).toPromise();
    if (stopped) return;
    if (!data) return openSoon();
    changes?.unsubscribe();
    show((orders = data.page.nodes));
    changes = client.subscription(CHANGES, { filter, after: data.page.position }).subscribe(({ data, error }) => {
      if (error) openSoon();
      else apply(data.change);
    });
  }

  function apply({ kind, id, order }) {
    const held = orders.find((one) => one.id === id);
    if (kind === "UPDATED" && held) {
      if (order.position > held.position) show((orders = orders.map((one) => (one === held ? order : one))));
    } else if (held || kind === "UPDATED" || kind === "RESYNC") {
      // One that goes makes room, one that comes has its place: the page knows. A burst is one read more.
      openSoon();
    }
  }

  function openSoon() {
    timer ??= setTimeout(open, PAUSE_MS);
  }

  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    changes?.unsubscribe();
  };
}
