import { EventSource } from "eventsource";
import { subscribe } from "../recipes/event-source.mjs";
import { follow } from "./following.mjs";
import { url } from "./stage.mjs";

await follow((payload, sink) => subscribe(url, payload, sink, EventSource));
