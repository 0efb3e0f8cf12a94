/** What stands between a client and the API, as a proxy does. */
import { createServer, request as send } from "node:http";
import { pipeline } from "node:stream";
import { url } from "./stage.mjs";

/** Serves by `handle(request, response)`. Tells where the API is to be found there. */
export async function served(handle) {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(new URL(url).pathname, `http://127.0.0.1:${server.address().port}`).href;
}

/** Hands a request on, with some headers more. The answer goes back when what `answered()` promises is done. */
export function relay(request, response, headers = {}, answered = () => {}) {
  const options = { method: request.method, headers: { ...request.headers, ...headers } };
  const sent = send(new URL(request.url, url), options, async (answer) => {
    await answered();
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => {});
  });
  pipeline(request, sent, (error) => error && response.destroy());
}
