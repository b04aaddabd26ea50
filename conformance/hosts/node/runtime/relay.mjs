// @ts-check
/**
 * A World that is somewhere else: the runtime's operations are asked of the engine (`ask`), which has them done in
 * a World of another language, holds its gates, and says what came of it (`told`). One at a time for an actor.
 *
 * `heard` tells the engine that the code that waited for an answer has run, so that what it did is known before
 * anything else goes ahead.
 */
import { currentCall } from '../calls.mjs';
import { encode } from '../wire.mjs';

/** @typedef {import('../calls.mjs').Call} Call */
/** @typedef {import('../wire.mjs').Message} Message */
/** @typedef {{call: Call, resolve: (value: any) => void, reject: (error: any) => void}} Waiting */

/** @type {(message: Message) => void} */
let send = () => {};
/** @type {Map<number, Waiting>} */
const asked = new Map();
let numbers = 0;

/** @param {(message: Message) => void} given */
export function connect(given) {
  send = given;
}

/** @param {string} op @param {any[]} args @returns {Promise<any>} */
function ask(op, args) {
  const call = currentCall();
  if (call === undefined) return Promise.reject(new Error(`${op} was asked for by no delivery`));
  const number = ++numbers;
  call.open++;
  call.arisen++;
  return new Promise((resolve, reject) => {
    asked.set(number, { call, resolve, reject });
    send({ type: 'ask', call: call.id, actor: call.lane.name, number, op, args: encode(args) });
  });
}

/** The engine has the answer. @param {Message} message */
export function told({ number, value, error }) {
  const waiting = asked.get(number);
  if (waiting === undefined) return;
  asked.delete(number);
  const { call, resolve, reject } = waiting;
  if (error === undefined) resolve(value);
  else reject(Object.assign(new Error(error.message), error));
  setImmediate(() => {
    call.close();
    send({ type: 'heard', call: call.id, actor: call.lane.name, number });
    call.check();
  });
}

/** What the Worlds of other languages do (`conformance/world.py`), and no more. */
export function createWorld() {
  const operation = (/** @type {string} */ op, count = 1) => (/** @type {any[]} */ ...args) => ask(op, args.slice(0, count));
  return {
    getDeploymentId: async () => 'conformance',
    events: { create: operation('events.create', 2), list: operation('events.list') },
    runs: { get: operation('runs.get') },
    steps: { get: operation('steps.get', 2), list: operation('steps.list') },
    hooks: { get: operation('hooks.get'), getByToken: operation('hooks.getByToken'), list: operation('hooks.list') },
  };
}
