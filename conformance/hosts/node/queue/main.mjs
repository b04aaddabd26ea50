// @ts-check
/**
 * The Node host of real queues: holds one World, serves what the World's own queue delivers over HTTP, and tells
 * the engine of each delivery. No gates, no logical clock: everything happens when it happens.
 * Protocol: `docs/host-protocol.md`, "Real queues". Start: `WORLD_HOST_IN=3 WORLD_HOST_OUT=4 node main.mjs`.
 */
import { errorToWire } from '../errors.mjs';
import * as logs from '../logs.mjs';
import { isByDesign } from '../runtime/logs.mjs';
import { encode } from '../values.mjs';
import { Wire, handleMessages } from '../wire.mjs';
import { closeWorld, findPackage, makeWorld, perform, said } from '../world.mjs';
import { counting } from './counting.mjs';
import { openRuntime } from './runtime.mjs';
import { PREFIXES, serve } from './server.mjs';

/** @typedef {import('../wire.mjs').Message} Message */

const wire = new Wire(Number(process.env.WORLD_HOST_IN ?? 3), Number(process.env.WORLD_HOST_OUT ?? 4));
delete process.env.WORLD_HOST_IN;
delete process.env.WORLD_HOST_OUT;

/** @type {logs.Sink} */
const sink = (level, origin, text) => {
  wire.send({ type: 'log', level, origin, text, byDesign: isByDesign(level, origin, text) || undefined });
};
logs.patch(sink);

/** @type {any} */
let world;
const counter = counting((message) => wire.send(message));
/** @type {import('./runtime.mjs').Runtime | undefined} */
let runtime;

/** @type {() => void} */
let setOpened = () => {};
/** @type {Promise<void>} */
const opened = new Promise((resolve) => (setOpened = resolve));

/** @param {Message} message */
async function open({ id, world: wanted }) {
  try {
    /** @type {Record<string, import('./server.mjs').Handler>} */
    const handlers = {};
    // A queue that has messages already may deliver before the World is ready: deliveries wait until `opened` is sent.
    const port = await serve(handlers, opened, (message) => wire.send(message));
    // Before the World is made: it may look only once where deliveries go.
    process.env[wanted.queue?.port ?? 'PORT'] = String(port);
    const found = findPackage(wanted.module, wanted.root);
    world = await makeWorld(found, wanted, '', () => wire.send({ type: 'opening', id, doing: 'world' }));
    if (typeof world.queue !== 'function' || typeof world.createQueueHandler !== 'function') {
      throw new Error(`${found.name} makes a World without queue() and createQueueHandler()`);
    }
    wire.send({ type: 'opening', id, doing: 'host' });
    if (wanted.runtime) {
      runtime = await openRuntime(wanted.runtime, world, { send: (message) => wire.send(message), sink });
      Object.assign(handlers, runtime.handlers);
    } else {
      for (const [path, prefix] of Object.entries(PREFIXES)) {
        handlers[path] = world.createQueueHandler(prefix, counter.handler(path));
      }
    }
    wire.send({ type: 'opening', id, doing: 'world' });
    await world.start?.();
    const specVersion = said(world, 'specVersion');
    wire.send({
      type: 'opened',
      id,
      name: found.name,
      version: found.version,
      specVersion: Number.isSafeInteger(specVersion) ? specVersion : undefined,
      platform: `node ${process.versions.node}`,
      runtime: runtime && { version: runtime.version, dialect: runtime.dialect },
    });
    setOpened();
  } catch (error) {
    wire.send({ type: 'failed', id, error: errorToWire(error, true) });
  }
}

/** @param {Message} message */
async function call({ id, op, args }) {
  try {
    const value = await (op.startsWith('runtime.') && runtime ? runtime.perform(op, args) : perform(world, op, args));
    wire.send({ type: 'result', id, value: encode(value) ?? null });
  } catch (error) {
    wire.send({ type: 'error', id, error: errorToWire(error, false) });
  }
}

/** @param {number} id */
async function close(id) {
  await closeWorld(world);
  wire.send({ type: 'done', id });
  process.exit(0);
}

/** @param {Message} message */
function handle(message) {
  switch (message.type) {
    case 'open':
      return void open(message);
    case 'call':
      return void call(message);
    case 'delivery_result':
      return counter.answer(message);
    case 'close':
      return void close(message.id);
    default:
      console.warn(`the host does not know the message ${message.type}`);
  }
}

handleMessages(wire, handle);
