import WebSocket from "ws";
import { LatestPosition } from "../recipes/latest-position.mjs";
import { liveOrders } from "../recipes/live-list.mjs";
import { connect } from "../recipes/socket.mjs";
import { urqlClient } from "../recipes/urql.mjs";
import { end, given, socketUrl, tell, untilToldToGoOn, url } from "./stage.mjs";

const client = urqlClient(url, new LatestPosition(), connect(socketUrl, { webSocketImpl: WebSocket }));

const stop = liveOrders(client, given.filter, (orders) =>
  tell(Object.fromEntries(orders.map(({ id, total }) => [id, total.amount]))),
);
await untilToldToGoOn();
stop();
end();
