import WebSocket from "ws";
import { connect } from "../recipes/socket.mjs";
import { urqlClient } from "../recipes/urql.mjs";
import { overtake } from "./overtaking.mjs";
import { end, socketUrl } from "./stage.mjs";

const make = (url, latest) => urqlClient(url, latest, connect(socketUrl, { webSocketImpl: WebSocket }));

async function ask(client, text, variables) {
  const sent = text.includes("mutation") ? client.mutation(text, variables) : client.query(text, variables);
  const { data, error } = await sent.toPromise();
  if (error) throw error;
  return data;
}

await overtake(make, ask);
end();
