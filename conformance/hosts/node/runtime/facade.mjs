// @ts-check
/**
 * The World that the runtime is given: the World under test of whichever actor is running, with each of its
 * operations reported to the engine, and with a queue that delivers nothing by itself.
 *
 * The runtime keeps one World for a process, so this one object looks up the actor at each operation.
 */
import { answered, currentCall, isDead, submit } from '../calls.mjs';
import { errorToWire } from '../errors.mjs';
import { encode } from '../values.mjs';
import { translate } from './dialect.mjs';

/** @typedef {import('../calls.mjs').Call} Call */
/** @typedef {import('../calls.mjs').ActorState} ActorState */
/** @typedef {(message: any, metadata: any) => Promise<any>} Handler */
/** @typedef {(world: any, op: string) => import('../where.mjs').Origin | undefined} Definition */

/** The part of an argument that can be sent: 5.x also passes functions. @param {any} value */
function data(value) {
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each !== 'function'));
}

/** Pages with more behind them that one call may read. A run of the suite has a few hundred events. */
const MOST_PAGES = 200;

/**
 * Count a page. Not every release of the runtime stops when a World's pages never end: the read that goes too
 * far is refused here, as newer releases refuse it.
 * @param {WeakMap<Call, number>} read @param {Call} call @param {string} op @param {any} value
 */
function count(read, call, op, value) {
  if (!/\.list\w*$/.test(op) || value?.hasMore !== true) return;
  const pages = (read.get(call) ?? 0) + 1;
  read.set(call, pages);
  if (pages <= MOST_PAGES) return;
  const error = new Error(`${op} promised more after each of ${pages} pages`);
  throw Object.assign(error, { name: 'WorkflowWorldError', code: 'WORLD_CONTRACT_ERROR' });
}

/** The parts of a World whose operations are reported to the engine. */
const STORES = ['runs', 'steps', 'events', 'hooks'];

/**
 * @param {object} given
 * @param {() => ActorState} given.actor the first, as it is now: another takes the place of one that died
 * @param {(message: import('../wire.mjs').Message) => void} given.send
 * @param {boolean} given.holdCalls hold each operation as a whole
 * @param {Definition} [given.definition] where a method is written
 * @param {boolean} given.translated errors are said in the runtime's dialect
 * @param {() => import('./dialect.mjs').Dialect} given.dialect
 * @param {Record<string, Handler>} given.handlers filled in as the runtime makes them, by prefix of the queue
 * @param {(call: Call, op: string, args: any[], value: any) => Promise<never> | undefined} given.after called with each
 *   answer; waited for before the runtime learns of it
 * @param {() => Promise<never> | undefined} given.left waited for by what a dead delivery left behind
 */
export function makeFacade({ actor, send, holdCalls, definition, translated, dialect, handlers, after, left }) {
  const sample = actor().world;
  let numbers = 0;
  let messages = 0;
  /** @type {WeakMap<Call, number>} */
  const read = new WeakMap();

  const world = () => (currentCall()?.actor ?? actor()).world;

  /** @param {string} op @param {any[]} args @param {() => Promise<any>} perform */
  async function reported(op, args, perform) {
    if (isDead()) return new Promise(() => {}); // a delivery that ended with its World
    const call = currentCall();
    if (call === undefined) return left() ?? perform(); // nobody waits for what a delivery left behind
    const number = ++numbers;
    const about = { call: call.id, actor: call.actor.name, number };
    send({ type: 'operation_begun', ...about, op, args: encode(args.map(data)) });
    try {
      const value = await (holdCalls && call.gated ? whole(call, op, args, perform, definition) : perform());
      count(read, call, op, value);
      send({ type: 'operation_ended', ...about, value: encode(value) ?? null });
      return after(call, op, args, value) ?? value;
    } catch (error) {
      send({ type: 'operation_ended', ...about, error: errorToWire(error, call.stacks) });
      throw translated ? translate(error, dialect(), op) : error;
    }
  }

  /** @param {string} space @returns {any} */
  function store(space) {
    return new Proxy(sample[space] ?? {}, {
      get(target, name) {
        if (typeof target[name] !== 'function') return target[name];
        return (/** @type {any[]} */ ...args) => {
          const at = world()[space];
          return reported(`${space}.${String(name)}`, args, async () => at[name](...args));
        };
      },
    });
  }

  /** @param {string} name @param {any} payload @param {any} [options] */
  async function queue(name, payload, options) {
    if (isDead()) return new Promise(() => {});
    const call = currentCall();
    if (call === undefined) throw new Error(`a message for ${name} was queued outside a delivery`);
    const about = { call: call.id, actor: call.actor.name };
    const message = { ...about, queue: name, payload: encode(payload), options: encode(options ?? {}) };
    await held(call, () => send({ type: 'message_queued', ...message }));
    return { messageId: `msg_host_${++messages}` };
  }

  const own = /** @type {Record<string, any>} */ ({
    createQueueHandler(/** @type {string} */ prefix, /** @type {Handler} */ handler) {
      handlers[prefix] = handler;
      return async () => new Response();
    },
    queue,
    // Only where the World has it, for the runtime looks.
    queueBatch:
      typeof sample.queueBatch === 'function'
        ? async (/** @type {string} */ name, /** @type {{message: any, opts?: any}[]} */ sent) =>
            await Promise.all(sent.map((each) => queue(name, each.message, each.opts)))
        : undefined,
    ...Object.fromEntries(STORES.map((space) => [space, store(space)])),
  });

  return new Proxy(sample, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(own, name)) return own[name];
      const value = target[name];
      return typeof value === 'function' ? (/** @type {any[]} */ ...args) => world()[name](...args) : value;
    },
  });
}

/**
 * Do what queues a message; in a race when the engine says so: until then the World has answered, and nobody else
 * knows of the message.
 * @param {Call} call @param {() => void} queues @returns {Promise<void>}
 */
async function held(call, queues) {
  if (!call.gated) return queues();
  await new Promise((resolve) => {
    /** @type {import('../calls.mjs').Operation} */
    const operation = {
      call,
      first: true,
      describe: () => ({ label: 'queue a message', access: 'write', keys: ['@queue'] }),
      perform: () => {
        queues();
        answered(operation);
        resolve(undefined);
      },
    };
    submit(operation);
  });
}

/**
 * An operation held as one gate, for a World whose I/O is not seen.
 * @param {Call} call @param {string} op @param {any[]} args @param {() => Promise<any>} perform
 * @param {Definition} [definition]
 */
function whole(call, op, args, perform, definition) {
  return new Promise((resolve, reject) => {
    /** @type {import('../calls.mjs').Operation} */
    const operation = {
      call,
      origin: call.stacks ? definition?.(call.actor.world, op) : undefined,
      describe: () => ({ label: [op, args[1]?.eventType].filter(Boolean).join(' '), access: 'unknown', keys: [] }),
      perform: () => {
        answered(operation); // what it does from here on are operations of its own
        call.run(perform).then(resolve, reject);
      },
    };
    submit(operation);
  });
}
