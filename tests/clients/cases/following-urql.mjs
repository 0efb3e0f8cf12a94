import WebSocket from "ws";
import { LatestPosition } from "../recipes/latest-position.mjs";
import { connect } from "../recipes/socket.mjs";
import { urqlClient } from "../recipes/urql.mjs";
import { follow } from "./following.mjs";
import { socketUrl, url } from "./stage.mjs";

const client = urqlClient(url, new LatestPosition(), connect(socketUrl, { webSocketImpl: WebSocket }));

await follow(({ query, variables }, sink) =>
  client.subscription(query, variables).subscribe((result) => (result.error ? sink.error(result.error) : sink.next(result))),
);
