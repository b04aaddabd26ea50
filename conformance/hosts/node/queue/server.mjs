// @ts-check
/** The HTTP server that the World's queue delivers to, on a free port of this machine. */
import http from 'node:http';

/** @typedef {(request: Request) => Promise<Response>} Handler what `createQueueHandler` makes */

/** Which messages come to which path. @type {Record<string, string>} */
export const PREFIXES = { flow: '__wkf_workflow_', step: '__wkf_step_' };

const BASE = '/.well-known/workflow/v1/';

/** @param {http.IncomingMessage} incoming */
async function bodyOf(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {http.IncomingMessage} incoming @param {Buffer} body */
function toRequest(incoming, body) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(`http://localhost${incoming.url}`, { method: 'POST', headers, body: new Uint8Array(body) });
}

/**
 * Serve until the process ends. A request that no handler takes, or that its handler refuses, is reported too.
 * @param {Record<string, Handler>} handlers by the last part of the path, filled in later
 * @param {Promise<void>} ready no request is looked at before
 * @param {(message: import('../wire.mjs').Message) => void} send
 * @returns {Promise<number>} the port
 */
export async function serve(handlers, ready, send) {
  const server = http.createServer(async (incoming, outgoing) => {
    await ready;
    const path = (incoming.url ?? '').startsWith(BASE) ? (incoming.url ?? '').slice(BASE.length) : '';
    const handler = handlers[path];
    if (handler === undefined || incoming.method !== 'POST') {
      outgoing.writeHead(404).end();
      return;
    }
    respond(incoming, handler).then(
      ([response, text, runId]) => {
        const header = (/** @type {string} */ name) => String(incoming.headers[name] ?? '');
        send({
          type: 'delivery_ended',
          path,
          queue: header('x-vqs-queue-name'),
          messageId: header('x-vqs-message-id'),
          attempt: Number(header('x-vqs-message-attempt')) || 0,
          runId,
          status: response.status,
          text: response.ok ? undefined : text.slice(0, 500),
        });
        outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(text);
      },
      (error) => {
        console.error('a delivery could not be handled:', error);
        outgoing.writeHead(500).end();
      },
    );
  });
  // A handler may work for as long as it likes, and a connection that waits for more is not a burden.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  // Only on this machine: what comes here runs code.
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', () => resolve(undefined)));
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @param {http.IncomingMessage} incoming @param {Handler} handler @returns {Promise<[Response, string, string | undefined]>} */
async function respond(incoming, handler) {
  const body = await bodyOf(incoming);
  const response = await handler(toRequest(incoming, body));
  return [response, await response.text(), /wrun_\w+/.exec(body.toString('latin1'))?.[0]];
}
