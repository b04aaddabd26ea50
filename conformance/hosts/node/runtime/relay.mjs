// @ts-check
/**
 * A World that is somewhere else. The host sends each operation of the runtime to the engine (`relay_call`). The
 * engine has it done by a World in another language, holds that World's gates, and sends the answer
 * (`relay_result`). An actor has one operation in progress at a time.
 *
 * `relay_resumed` says that the code that waited for an answer has run. The engine then knows what that code did,
 * before anything else goes ahead.
 */
import { currentCall } from '../calls.mjs';
import { encode } from '../values.mjs';

/** @typedef {import('../calls.mjs').Call} Call */
/** @typedef {import('../wire.mjs').Message} Message */
/** @typedef {{call: Call, resolve: (value: any) => void, reject: (error: any) => void}} Waiting */

/** @type {(message: Message) => void} */
let send = () => {};
/** @type {Map<number, Waiting>} */
const pending = new Map();
let numbers = 0;

/** @param {(message: Message) => void} given */
export function connect(given) {
  send = given;
}

/** @param {string} op @param {any[]} args @returns {Promise<any>} */
function relayCall(op, args) {
  const call = currentCall();
  if (call === undefined) return Promise.reject(new Error(`${op} was called outside a delivery`));
  const number = ++numbers;
  call.open++;
  call.arisen++;
  return new Promise((resolve, reject) => {
    pending.set(number, { call, resolve, reject });
    send({ type: 'relay_call', call: call.id, actor: call.actor.name, number, op, args: encode(args) });
  });
}

/** The engine has the answer. @param {Message} message */
export function relayResult({ number, value, error }) {
  const waiting = pending.get(number);
  if (waiting === undefined) return;
  pending.delete(number);
  const { call, resolve, reject } = waiting;
  if (error === undefined) resolve(value);
  else reject(Object.assign(new Error(error.message), error));
  setImmediate(() => {
    call.close();
    send({ type: 'relay_resumed', call: call.id, actor: call.actor.name, number });
    call.check();
  });
}

/**
 * What the Worlds of other languages do (`conformance/world.py`), and no more.
 * @param {{specVersion?: number, batches?: boolean}} [options] the spec version that the World declares, if it does, and
 *   whether it has events.createBatch: the runtime looks for that
 */
export function createWorld({ specVersion, batches } = {}) {
  // From spec version 6 on the third argument of events.create counts: a resumption has its id there.
  const creation = (specVersion ?? 0) >= 6 ? 3 : 2;
  const operation = (/** @type {string} */ op, count = 1) => (/** @type {any[]} */ ...args) => relayCall(op, args.slice(0, count));
  return {
    ...(specVersion === undefined ? {} : { specVersion, mintedSpecVersion: () => specVersion }),
    getDeploymentId: async () => 'conformance',
    events: {
      create: operation('events.create', creation),
      ...(batches === true ? { createBatch: operation('events.createBatch', 2) } : {}),
      list: operation('events.list'),
    },
    runs: { get: operation('runs.get') },
    steps: { get: operation('steps.get', 2), list: operation('steps.list') },
    hooks: { get: operation('hooks.get'), getByToken: operation('hooks.getByToken'), list: operation('hooks.list') },
  };
}
