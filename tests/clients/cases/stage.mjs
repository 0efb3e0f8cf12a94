/** What every program here has: where the API is, what it was given, and its line to the test. */
import { createInterface } from "node:readline";

export const url = process.argv[2];
export const socketUrl = url.replace("http", "ws");
export const given = JSON.parse(process.argv[3]);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

export async function untilToldToGoOn() {
  await lines.next();
}

/** Ends the program: clients may keep sockets that would keep it. */
export function end() {
  process.exit(0);
}

/** Things that come one by one, for who wants to wait for the next. */
export class Arrivals {
  #come = [];
  #waiting = [];

  add = (what) => {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(what);
    else this.#come.push(what);
  };

  next() {
    return this.#come.length ? Promise.resolve(this.#come.shift()) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
