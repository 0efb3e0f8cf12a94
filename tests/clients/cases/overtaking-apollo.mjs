import { gql } from "@apollo/client";
import WebSocket from "ws";
import { apolloClient } from "../recipes/apollo.mjs";
import { connect } from "../recipes/socket.mjs";
import { overtake } from "./overtaking.mjs";
import { end, socketUrl } from "./stage.mjs";

const make = (url, latest) => apolloClient(url, latest, connect(socketUrl, { webSocketImpl: WebSocket }));

async function ask(client, text, variables) {
  const document = gql(text);
  const { data } = text.includes("mutation")
    ? await client.mutate({ mutation: document, variables })
    : await client.query({ query: document, variables, fetchPolicy: "network-only" });
  return data;
}

await overtake(make, ask);
end();
