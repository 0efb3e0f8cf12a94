import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { client } from "./client";
import { NewOrder } from "./NewOrder";
import { OrderList } from "./OrderList";
import { OrderPage } from "./OrderPage";
import { Overview } from "./Overview";
import { Notice, Title } from "./parts";
import { link, useRoute, type Route } from "./router";
import { useConnection } from "./socket";
import "./style.css";
import { Warehouse } from "./Warehouse";

const PLACES = [
  ["orders", "Orders"],
  ["warehouse", "Warehouse"],
  ["overview", "Overview"],
] as const;

function App() {
  const route = useRoute();
  const [place = "orders"] = route.path;
  return (
    <>
      <header className="top">
        <a className="brand" href={link("orders")}>
          Oneread
        </a>
        <nav aria-label="Main">
          {PLACES.map(([path, name]) => (
            <a key={path} href={link(path)} aria-current={path === place ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <ConnectionNote />
      </header>
      <main>
        <Place route={route} />
      </main>
    </>
  );
}

function Place({ route: { path, parameters } }: { route: Route }) {
  const [place = "orders", id] = path;
  if (place === "orders" && id) return <OrderPage key={id} id={id} />;
  switch (place) {
    case "orders":
      return <OrderList parameters={parameters} />;
    case "new":
      return <NewOrder />;
    case "warehouse":
      return <Warehouse parameters={parameters} />;
    case "overview":
      return <Overview />;
    default:
      return (
        <>
          <Title>Nothing here</Title>
          <Notice>
            There is no such page. <a href={link("orders")}>To the orders</a>
          </Notice>
        </>
      );
  }
}

const NOTES = { idle: "", live: "Live", lost: "Connection lost, trying again…", back: "Back, and up to date" };

function ConnectionNote() {
  const connection = useConnection();
  return (
    <p role="status" className={`connection ${connection}`}>
      {NOTES[connection]}
    </p>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("the page has no element #root");
createRoot(root).render(
  <StrictMode>
    <Provider value={client}>
      <App />
    </Provider>
  </StrictMode>,
);
