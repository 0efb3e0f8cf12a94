import { count, money, said } from "./format";
import { StoreOverviewChangedDocument, StoreOverviewDocument } from "./generated";
import { useLiveDocument } from "./live";
import { Moment, Problems, Title } from "./parts";

export function Overview() {
  const { document: shop, error } = useLiveDocument(StoreOverviewDocument, StoreOverviewChangedDocument, {});
  return (
    <>
      <Title>Overview</Title>
      {error && <Problems problems={[{ message: said(error), path: null }]} />}
      {shop && (
        <>
          <dl className="figures">
            {shop.revenue.map((revenue) => (
              <Figure key={revenue.currencyCode} name={`Revenue, ${revenue.currencyCode}`} value={money(revenue)} large />
            ))}
            <Figure name="Orders placed" value={count(shop.ordersPlaced)} />
            <Figure name="Paid" value={count(shop.ordersPaid)} />
            <Figure name="Shipped" value={count(shop.ordersShipped)} />
            <Figure name="Delivered" value={count(shop.ordersDelivered)} />
            <Figure name="Cancelled" value={count(shop.ordersCancelled)} />
            <Figure name="Refunded" value={count(shop.ordersRefunded)} />
            <Figure name="Customers" value={count(shop.customers)} />
            <Figure name="Products" value={count(shop.products)} />
          </dl>
          <p className="notice">
            Counts are of what has happened: an order that was paid and then refunded is in both. Last change:{" "}
            <Moment at={shop.updatedAt} />.
          </p>
        </>
      )}
    </>
  );
}

function Figure({ name, value, large }: { name: string; value: string; large?: boolean }) {
  return (
    <div className={large ? "card large" : "card"}>
      <dt>{name}</dt>
      <dd key={value}>{value}</dd>
    </div>
  );
}
