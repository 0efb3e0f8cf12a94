import { count, day, money, said, shortId, STATUS_NAMES } from "./format";
import { OrdersChangedDocument, OrdersDocument, type OrderRowFragment, type OrderStatus } from "./generated";
import { useLivePage } from "./live";
import { Notice, Pager, Problems, Search, span, Status, Title, useFlash } from "./parts";
import { adjust, link } from "./router";

const STATUSES: OrderStatus[] = ["PLACED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"];
const PAID: OrderStatus[] = ["PAID", "SHIPPED", "DELIVERED"];

export function OrderList({ parameters }: { parameters: URLSearchParams }) {
  const status = STATUSES.find((known) => known === parameters.get("status"));
  const paid = parameters.get("paid");
  const search = parameters.get("search") ?? "";
  const { page, error, since } = useLivePage(OrdersDocument, OrdersChangedDocument, {
    filter: status || paid ? { status: { in: chosen(status, paid) } } : null,
    search: search || null,
    ...span(parameters),
  });
  const to = (changed: Record<string, string | null>) => link("orders", { status, paid, search, ...changed });
  return (
    <>
      <Title
        aside={
          <a className="button primary" href={link("new")}>
            New order
          </a>
        }
      >
        Orders
      </Title>
      <search>
        <form className="filters" onSubmit={(event) => event.preventDefault()}>
          <Search
            label="Search"
            placeholder="Customer, e-mail, product, SKU"
            value={search}
            change={(value) => adjust(to({ search: value }))}
          />
          <label>
            Status
            <select value={status ?? ""} onChange={(event) => adjust(to({ status: event.target.value }))}>
              <option value="">Any</option>
              {STATUSES.map((value) => (
                <option key={value} value={value}>
                  {STATUS_NAMES[value]}
                </option>
              ))}
            </select>
          </label>
          <label>
            Payment
            <select value={paid ?? ""} onChange={(event) => adjust(to({ paid: event.target.value }))}>
              <option value="">Any</option>
              <option value="yes">Paid</option>
              <option value="no">Not paid</option>
            </select>
          </label>
        </form>
      </search>
      {error && <Problems problems={[{ message: said(error), path: null }]} />}
      {page && page.nodes.length === 0 && <Notice>No orders like that.</Notice>}
      {page && page.nodes.length > 0 && (
        <table className="orders">
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col" className="wide">
                Customer
              </th>
              <th scope="col" className="wide">
                Placed
              </th>
              <th scope="col" className="wide number">
                Items
              </th>
              <th scope="col">Status</th>
              <th scope="col" className="number">
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {page.nodes.map((order) => (
              <Row key={order.id} order={order} since={since} />
            ))}
          </tbody>
        </table>
      )}
      {page && <Pager page={page} to={to} />}
    </>
  );
}

function Row({ order, since }: { order: OrderRowFragment; since: string | undefined }) {
  const row = useFlash<HTMLTableRowElement>(order.position, since);
  return (
    <tr ref={row} data-order={order.id}>
      <th scope="row">
        <a href={link(`orders/${order.id}`)}>{shortId(order.id)}</a>
        <small className="narrow">{order.customer.name}</small>
      </th>
      <td className="wide">
        {order.customer.name}
        <small>{order.customer.email}</small>
      </td>
      <td className="wide">
        <time dateTime={order.placedAt}>{day(order.placedAt)}</time>
      </td>
      <td className="wide number">{count(order.itemCount)}</td>
      <td>
        <Status status={order.status} />
      </td>
      <td className="number">{money(order.total)}</td>
    </tr>
  );
}

function chosen(status: OrderStatus | undefined, paid: string | null): OrderStatus[] {
  return STATUSES.filter((known) => !status || known === status).filter(
    (known) => !paid || PAID.includes(known) === (paid === "yes"),
  );
}
