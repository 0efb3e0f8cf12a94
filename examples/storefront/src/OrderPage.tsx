import { useOptimistic, type ReactNode } from "react";
import { useQuery } from "urql";
import { CommandForm, PARCEL } from "./CommandForm";
import { METHOD_NAMES, money, said, shortId } from "./format";
import {
  CancelOrderDocument,
  ConfirmDeliveryDocument,
  OrderChangedDocument,
  OrderDocument,
  OrderHistoryDocument,
  PayOrderDocument,
  RefundOrderDocument,
  ShipOrderDocument,
  type OrderDetailsFragment,
  type PaymentMethod,
} from "./generated";
import { useLiveDocument } from "./live";
import { Moment, Notice, PostalAddress, Problems, Status, Title } from "./parts";

const METHODS = Object.entries(METHOD_NAMES) as [PaymentMethod, string][];

export function OrderPage({ id }: { id: string }) {
  const { document: order, error, offer } = useLiveDocument(OrderDocument, OrderChangedDocument, { id });
  return (
    <>
      <Title>{`Order ${shortId(id)}`}</Title>
      {error && <Problems problems={[{ message: said(error), path: null }]} />}
      {order === null && <Notice>There is no such order.</Notice>}
      {order && <Details order={order} offer={offer} />}
    </>
  );
}

function Details({ order, offer }: { order: OrderDetailsFragment; offer: (order: OrderDetailsFragment) => void }) {
  const [shown, foresee] = useOptimistic(order, (known, foreseen: Partial<OrderDetailsFragment>) => ({
    ...known,
    ...foreseen,
  }));
  return (
    <div className="order">
      <section className="card" aria-label="Order">
        <p className="standing" role="status">
          <Status status={shown.status} />
          {shown !== order && <small>Saving…</small>}
        </p>
        <dl>
          <Fact name="Customer">
            {shown.customer.name}
            <small>{shown.customer.email}</small>
          </Fact>
          <Fact name="Ships to">
            <PostalAddress address={shown.shippingAddress} />
          </Fact>
          <Fact name="Placed">
            <Moment at={shown.placedAt} />
          </Fact>
          {shown.payment && (
            <Fact name="Paid">
              <Moment at={shown.payment.paidAt} />
              <small>{[METHOD_NAMES[shown.payment.method], shown.payment.reference].filter(Boolean).join(", ")}</small>
            </Fact>
          )}
          {shown.shipment && (
            <Fact name="Shipped">
              <Moment at={shown.shipment.shippedAt} />
              <small>{`${shown.shipment.carrier}, ${shown.shipment.trackingNumber}`}</small>
            </Fact>
          )}
          {shown.shipment?.deliveredAt && (
            <Fact name="Delivered">
              <Moment at={shown.shipment.deliveredAt} />
            </Fact>
          )}
          {shown.cancellation && (
            <Fact name="Cancelled">
              <Moment at={shown.cancellation.cancelledAt} />
              <small>{shown.cancellation.reason}</small>
            </Fact>
          )}
          {shown.payment?.refundedAt && (
            <Fact name="Refunded">
              <Moment at={shown.payment.refundedAt} />
              <small>{shown.payment.refundReason}</small>
            </Fact>
          )}
        </dl>
      </section>
      <Actions order={order} foresee={foresee} offer={offer} />
      <Items order={shown} />
      <History id={order.id} version={order.version} />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface Acting {
  order: OrderDetailsFragment;
  foresee: (foreseen: Partial<OrderDetailsFragment>) => void;
  offer: (order: OrderDetailsFragment) => void;
}

/** What can be done with an order as it stands. The forms go by what the shop has confirmed, not by what is foreseen. */
function Actions({ order, foresee, offer }: Acting) {
  const now = () => new Date().toISOString();
  const orderId = order.id;
  const accepted = (payload: { order?: OrderDetailsFragment | null }) => {
    if (payload.order) offer(payload.order);
  };
  const { status } = order;
  const canRefund = status === "PAID" || status === "SHIPPED" || status === "DELIVERED";
  if (status !== "PLACED" && !canRefund) return null;
  return (
    <section className="card actions" aria-labelledby="next">
      <h2 id="next">Next step</h2>
      {status === "PLACED" && (
        <CommandForm
          action="Mark as paid"
          mutation={PayOrderDocument}
          fields={[
            { name: "method", label: "Paid by", choices: METHODS },
            { name: "reference", label: "Reference", optional: true },
          ]}
          input={({ method, reference }) => ({ orderId, method: method as PaymentMethod, reference: reference || null })}
          foresee={({ method, reference = null }) =>
            foresee({
              status: "PAID",
              payment: { method, reference, paidAt: now(), refundedAt: null, refundReason: null },
            })
          }
          accepted={accepted}
        />
      )}
      {status === "PAID" && (
        <CommandForm
          action="Ship"
          mutation={ShipOrderDocument}
          fields={PARCEL}
          input={({ carrier = "", trackingNumber = "" }) => ({ orderId, carrier, trackingNumber })}
          foresee={({ carrier, trackingNumber }) =>
            foresee({ status: "SHIPPED", shipment: { carrier, trackingNumber, shippedAt: now(), deliveredAt: null } })
          }
          accepted={accepted}
        />
      )}
      {status === "SHIPPED" && (
        <CommandForm
          action="Confirm delivery"
          mutation={ConfirmDeliveryDocument}
          fields={[]}
          input={() => ({ orderId })}
          foresee={() =>
            foresee({ status: "DELIVERED", shipment: order.shipment && { ...order.shipment, deliveredAt: now() } })
          }
          accepted={accepted}
        />
      )}
      {status === "PLACED" && (
        <details>
          <summary>Cancel this order</summary>
          <CommandForm
            action="Cancel order"
            mutation={CancelOrderDocument}
            fields={[{ name: "reason", label: "Reason" }]}
            input={({ reason = "" }) => ({ orderId, reason })}
            foresee={({ reason }) => foresee({ status: "CANCELLED", cancellation: { reason, cancelledAt: now() } })}
            accepted={accepted}
            grave
          />
        </details>
      )}
      {canRefund && (
        <details>
          <summary>Give the money back</summary>
          <CommandForm
            action="Refund"
            mutation={RefundOrderDocument}
            fields={[{ name: "reason", label: "Reason" }]}
            input={({ reason = "" }) => ({ orderId, reason })}
            foresee={({ reason }) =>
              foresee({
                status: "REFUNDED",
                payment: order.payment && { ...order.payment, refundedAt: now(), refundReason: reason },
              })
            }
            accepted={accepted}
            grave
          />
        </details>
      )}
    </section>
  );
}

function Items({ order }: { order: OrderDetailsFragment }) {
  return (
    <section className="card wide-card" aria-labelledby="items">
      <h2 id="items">Items</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col" className="number">
              Quantity
            </th>
            <th scope="col" className="number wide">
              Each
            </th>
            <th scope="col" className="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {order.items.map(({ product, quantity, unitPrice, lineTotal }) => (
            <tr key={product.productId}>
              <th scope="row">
                {product.name}
                <small>{product.sku}</small>
              </th>
              <td className="number">{quantity}</td>
              <td className="number wide">{money(unitPrice)}</td>
              <td className="number">{money(lineTotal)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td colSpan={3} className="number">
              {money(order.total)}
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

/** The audit trail, read again when the order has a new version, and at least as fresh as that. */
function History({ id, version }: { id: string; version: number }) {
  const [{ data }] = useQuery({ query: OrderHistoryDocument, variables: { id, minVersion: version } });
  return (
    <section className="card wide-card" aria-labelledby="history">
      <h2 id="history">History</h2>
      <ol className="history">
        {data?.orderHistory?.entries.map(({ version, summary, occurredAt }) => (
          <li key={version}>
            <Moment at={occurredAt} />
            <span>{summary}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
