import WebSocket from "ws";
import { connect } from "../recipes/socket.mjs";
import { follow } from "./following.mjs";
import { socketUrl } from "./stage.mjs";

await follow(connect(socketUrl, { webSocketImpl: WebSocket }).subscribe);
