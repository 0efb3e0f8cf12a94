/** A network that is gone: what the server sends never arrives, and nobody says so. */
import WebSocket from "ws";
import { connect } from "../recipes/socket.mjs";
import { follow } from "./following.mjs";
import { socketUrl } from "./stage.mjs";

let sockets = 0;

class Silenced extends WebSocket {
  #isFirst = sockets++ === 0;
  #taken = 0;

  // The acknowledgement and the snapshot.
  emit(event, ...rest) {
    if (this.#isFirst && event === "message" && ++this.#taken > 2) return true;
    return super.emit(event, ...rest);
  }
}

await follow(connect(socketUrl, { webSocketImpl: Silenced, keepAlive: 100, pongWithin: 100 }).subscribe);
