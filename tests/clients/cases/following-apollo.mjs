import { gql } from "@apollo/client";
import WebSocket from "ws";
import { apolloClient } from "../recipes/apollo.mjs";
import { LatestPosition } from "../recipes/latest-position.mjs";
import { connect } from "../recipes/socket.mjs";
import { follow } from "./following.mjs";
import { socketUrl, url } from "./stage.mjs";

const client = apolloClient(url, new LatestPosition(), connect(socketUrl, { webSocketImpl: WebSocket }));

await follow(({ query, variables }, sink) => client.subscribe({ query: gql(query), variables }).subscribe(sink));
