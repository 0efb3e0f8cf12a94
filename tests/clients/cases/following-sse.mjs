import { connectByEvents } from "../recipes/events.mjs";
import { follow } from "./following.mjs";
import { url } from "./stage.mjs";

await follow(connectByEvents(url).subscribe);
