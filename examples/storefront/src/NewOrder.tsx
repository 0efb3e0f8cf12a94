import { useState, useTransition, type ReactNode } from "react";
import { useQuery } from "urql";
import { newId, problemsAt, useCommand } from "./command";
import { count, money, sum, units } from "./format";
import {
  CustomersDocument,
  PlaceOrderDocument,
  ProductsDocument,
  type CustomersQuery,
  type ProductsQuery,
} from "./generated";
import { Notice, Problems, Search, Title } from "./parts";
import { go, link } from "./router";

type Customer = CustomersQuery["customers"]["nodes"][number];
type Product = ProductsQuery["products"]["nodes"][number];
type Line = { product: Product; quantity: number };

export function NewOrder() {
  // Chosen here, so that the way to the order is known whatever becomes of the answer.
  const [id] = useState(() => `ord_${newId()}`);
  const [customer, setCustomer] = useState<Customer>();
  const [lines, setLines] = useState<Line[]>([]);
  const { send, problems, forget } = useCommand(PlaceOrderDocument);
  const [isSending, start] = useTransition();

  function become(next: Line[]) {
    setLines(next);
    forget();
  }
  const add = (product: Product) => become([...lines, { product, quantity: 1 }]);
  const remove = (id: string) => become(lines.filter(({ product }) => product.id !== id));
  const change = (id: string, quantity: number) =>
    become(lines.map((line) => (line.product.id === id ? { ...line, quantity } : line)));

  function place() {
    if (!customer) return;
    const items = lines.map(({ product, quantity }) => ({ productId: product.id, quantity }));
    start(async () => {
      const payload = await send({ id, customerId: customer.id, items });
      if (payload) go(link(`orders/${id}`));
    });
  }

  const counted = lines.map(({ product, quantity }) => ({
    price: product.price,
    quantity: Number.isInteger(quantity) ? quantity : 0,
  }));
  const total = sum(counted);
  const ofCustomer = problemsAt(problems, "customerId");
  const ofLines = lines.map((_, index) => problemsAt(problems, "items", String(index)));
  const elsewhere = problems.filter((problem) => ![ofCustomer, ...ofLines].flat().includes(problem));
  return (
    <>
      <Title>New order</Title>
      <div className="placing">
        <Customers chosen={customer} choose={setCustomer}>
          <Problems problems={ofCustomer} />
        </Customers>
        <Products taken={new Set(lines.map(({ product }) => product.id))} add={add} />
        <form
          className="card basket"
          aria-labelledby="basket"
          onSubmit={(event) => {
            event.preventDefault();
            place();
          }}
        >
          <h2 id="basket">Basket</h2>
          <p>{customer ? `For ${customer.name}` : <small>Choose a customer.</small>}</p>
          {lines.length === 0 && <small>Nothing in it yet.</small>}
          <ul>
            {lines.map(({ product, quantity }, index) => (
              <li key={product.id}>
                <label>
                  <span>{product.name}</span>
                  <input
                    type="number"
                    min={1}
                    max={10_000}
                    required
                    value={Number.isNaN(quantity) ? "" : quantity}
                    onChange={(event) => change(product.id, event.target.valueAsNumber)}
                    aria-label={`Quantity of ${product.name}`}
                    aria-invalid={Boolean(ofLines[index]?.length)}
                  />
                </label>
                <button type="button" onClick={() => remove(product.id)} aria-label={`Remove ${product.name}`}>
                  ✕
                </button>
                <Problems problems={ofLines[index] ?? []} />
              </li>
            ))}
          </ul>
          {total && (
            <p className="sum">
              <span>{units(counted.reduce((all, { quantity }) => all + quantity, 0))}</span>
              <strong>{money(total)}</strong>
            </p>
          )}
          <Problems problems={elsewhere} />
          <button type="submit" className="primary" disabled={isSending || !customer || lines.length === 0}>
            Place order
          </button>
        </form>
      </div>
    </>
  );
}

interface CustomersProps {
  chosen: Customer | undefined;
  choose: (customer: Customer) => void;
  children: ReactNode;
}

function Customers({ chosen, choose, children }: CustomersProps) {
  const [search, setSearch] = useState("");
  const [{ data }] = useQuery({ query: CustomersDocument, variables: { search: search || null } });
  return (
    <section className="card" aria-labelledby="customer">
      <h2 id="customer">Customer</h2>
      <Search value={search} change={setSearch} placeholder="Name or e-mail" label="Find a customer" />
      <fieldset className="choices">
        <legend className="unseen">Customer</legend>
        {data?.customers.nodes.map((customer) => (
          <label key={customer.id}>
            <input
              type="radio"
              name="customer"
              checked={customer.id === chosen?.id}
              onChange={() => choose(customer)}
            />
            <span>
              {customer.name}
              <small>{[customer.email, customer.address?.city].filter(Boolean).join(" · ")}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {data?.customers.nodes.length === 0 && <Notice>Nobody of that name.</Notice>}
      {children}
    </section>
  );
}

function Products({ taken, add }: { taken: Set<string>; add: (product: Product) => void }) {
  const [search, setSearch] = useState("");
  const [{ data }] = useQuery({ query: ProductsDocument, variables: { search: search || null } });
  return (
    <section className="card" aria-labelledby="products">
      <h2 id="products">Products</h2>
      <Search value={search} change={setSearch} placeholder="Name, SKU or tag" label="Find a product" />
      <ul className="choices">
        {data?.products.nodes.map((product) => (
          <li key={product.id}>
            <span>
              {product.name}
              <small>
                {money(product.price)} · {count(product.stock.available)} available
              </small>
            </span>
            <button
              type="button"
              disabled={taken.has(product.id)}
              onClick={() => add(product)}
              aria-label={`Add ${product.name}`}
            >
              Add
            </button>
          </li>
        ))}
      </ul>
      {data?.products.nodes.length === 0 && <Notice>No such product.</Notice>}
    </section>
  );
}
