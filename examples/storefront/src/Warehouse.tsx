import { useOptimistic } from "react";
import { CommandForm, PARCEL } from "./CommandForm";
import { count, said, shortId, STATUS_NAMES } from "./format";
import {
  ShipOrderDocument,
  ShippingTasksChangedDocument,
  ShippingTasksDocument,
  type ShippingStatus,
  type TaskFragment,
} from "./generated";
import { useLivePage } from "./live";
import { Moment, Notice, Pager, PostalAddress, Problems, span, Status, Title, useFlash } from "./parts";
import { link } from "./router";

const STATUSES: ShippingStatus[] = ["READY", "SHIPPED", "CANCELLED"];

export function Warehouse({ parameters }: { parameters: URLSearchParams }) {
  const status = STATUSES.find((known) => known === parameters.get("status")) ?? "READY";
  const { page, error, since, reread } = useLivePage(ShippingTasksDocument, ShippingTasksChangedDocument, {
    filter: { status: { eq: status } },
    // What has waited longest goes first; of what is done, the latest is looked for.
    orderBy: status === "READY" ? "PAID_AT_ASC" : "PAID_AT_DESC",
    ...span(parameters),
  });
  return (
    <>
      <Title>Warehouse</Title>
      <nav className="tabs" aria-label="Tasks by status">
        {STATUSES.map((value) => (
          <a key={value} href={link("warehouse", { status: value })} aria-current={value === status ? "page" : undefined}>
            {STATUS_NAMES[value]}
          </a>
        ))}
      </nav>
      {error && <Problems problems={[{ message: said(error), path: null }]} />}
      {page && page.nodes.length === 0 && <Notice>Nothing here.</Notice>}
      <ul className="tasks">
        {page?.nodes.map((task) => (
          <Task key={task.id} task={task} since={since} reread={reread} />
        ))}
      </ul>
      {page && <Pager page={page} to={(cursors) => link("warehouse", { status, ...cursors })} />}
    </>
  );
}

function Task({ task, since, reread }: { task: TaskFragment; since: string | undefined; reread: () => Promise<void> }) {
  const [status, foresee] = useOptimistic<ShippingStatus>(task.status);
  const card = useFlash<HTMLLIElement>(task.position, since);
  return (
    <li ref={card} className="card task" data-order={task.orderId}>
      <header>
        <h2>
          <a href={link(`orders/${task.orderId}`)}>{shortId(task.orderId)}</a>
        </h2>
        <Status status={status} />
      </header>
      <div>
        <strong>{task.recipient}</strong>
        <PostalAddress address={task.address} />
      </div>
      <ul className="lines">
        {task.lines.map(({ sku, name, quantity }) => (
          <li key={sku}>
            <b>{count(quantity)}×</b> <span>{name}</span> <small>{sku}</small>
          </li>
        ))}
      </ul>
      <p>
        <small>
          Paid <Moment at={task.paidAt} />
          {task.shippedAt && (
            <>
              , shipped <Moment at={task.shippedAt} />
            </>
          )}
        </small>
      </p>
      {task.status === "READY" && (
        <CommandForm
          action="Ship"
          mutation={ShipOrderDocument}
          fields={PARCEL}
          input={({ carrier = "", trackingNumber = "" }) => ({ orderId: task.orderId, carrier, trackingNumber })}
          foresee={() => foresee("SHIPPED")}
          accepted={reread}
        />
      )}
    </li>
  );
}
